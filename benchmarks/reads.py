"""Reading one case, a page of the worklist, a clinic's accounts: against one row by its key.

The bare read stands in an application of the same framework with the same server settings. Cases
have 10, 100 and 10,000 events; they are read as they are now, as they were known in the middle of
their history, and as they are in effect on a date in it. The book is measured small and large, so
that what grows with the book shows.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from benchmarks.cases import CLINIC, open_book, opened, order, payments
from benchmarks.client import Ask, Served, asked, serving
from benchmarks.commands import INSERT, in_batches, make_table
from benchmarks.harness import Bench
from ledger.application.ledger import Ledger
from ledger.domain.commands import RegisterCharge
from ledger.projections.engine import Projector
from tests.orders import OPENED

EVENTS: Final = (10, 100, 10_000)
CONNECTIONS: Final = 8
BOOK: Final = "reads"


def run(bench: Bench) -> None:
    """Reads a second, and ratios to the bare one."""
    make_table(bench)
    bench.pgbench(INSERT, 4, 1)
    ledger = open_book(bench.engine, BOOK)
    cases = {events: _case_with(ledger, bench, events) for events in EVENTS}
    grow(ledger, bench.size(10_000, 200))
    with serving(bench.url, "api") as api, serving(bench.url, "bare") as bare:
        _compare(bench, ledger, api, bare, cases, "small")
        grow(ledger, bench.size(1_000_000, 400))
        _compare(bench, ledger, api, bare, cases, "large")
    for events in EVENTS:
        for way in ("now", "as known", "in effect"):
            bench.ratio(
                f"reads: case of {events:,} events, {way}, to one row by its key",
                f"reads, large book/{events} events, {way}",
                "reads, large book/one row by its key",
                0.6,
            )
    for name in ("10 events, now", "10 events, as known", "worklist page"):
        bench.drift(
            f"reads: {name}, large book to small",
            (f"reads, large book/{name}", "reads, large book/one row by its key"),
            (f"reads, small book/{name}", "reads, small book/one row by its key"),
            1 / 1.2,
        )


def _case_with(ledger: Ledger, bench: Bench, events: int) -> UUID:
    """A case with so many events: charges and some payments."""
    events = min(events, bench.size(events, 200))
    case = opened(ledger, 1)[0]
    paid = payments([case], min(6, events - 3))
    ledger.execute_many(paid)
    day = OPENED + timedelta(days=21)
    orders = [
        order(RegisterCharge(on=day, charge=f"visit-{number}", category="other", amount=1,
                             at=datetime(2026, 3, 23, 10, tzinfo=UTC)), case)
        for number in range(events - 3 - len(paid))
    ]  # fmt: skip
    in_batches(ledger, orders)
    return case


def grow(ledger: Ledger, events: int) -> None:
    """Fill the book up to so many events, and have its read models follow."""
    missing = events - ledger.recorder.position()
    while missing > 0:
        cases = opened(ledger, min(2_000, missing // 7 + 1))
        in_batches(ledger, payments(cases, 4 * len(cases)))
        missing = events - ledger.recorder.position()
    Projector(ledger.engine).catch_up(ledger.book)


def _compare(
    bench: Bench, ledger: Ledger, api: Served, bare: Served, cases: dict[int, UUID], size: str
) -> None:
    number = bench.size(800, 24)
    contestants: dict[str, Any] = {
        "one row by its key": lambda: asked(
            bare, [Ask("GET", f"/row/{1 + n}", None, {}) for n in range(number)], CONNECTIONS
        )
    }
    day = (OPENED + timedelta(days=20)).isoformat()
    for events, case in cases.items():
        history = ledger.history(case)
        middle = history[len(history) // 2].position
        for way, query in (
            ("now", ""),
            ("as known", f"?position={middle}"),
            ("in effect", f"?effective_on={day}"),
        ):
            path = f"/v1/books/{BOOK}/cases/{case}{query}"
            few = max(number // 20, 8) if events > 100 and query else number

            def read(path: str = path, few: int = few) -> float:
                return asked(api, [Ask("GET", path, None, api.headers)] * few, CONNECTIONS)

            contestants[f"{events} events, {way}"] = read
    for name, path in (
        ("worklist page", f"/v1/books/{BOOK}/cases?state=open&limit=50"),
        ("clinic", f"/v1/books/{BOOK}/clinics/{CLINIC}"),
    ):

        def listed(path: str = path) -> float:
            asks = [Ask("GET", path, None, api.headers)] * (number // 4)
            return asked(api, asks, CONNECTIONS)

        contestants[name] = listed
    bench.compare(f"reads, {size} book", "reads/s", contestants, rounds=5)
