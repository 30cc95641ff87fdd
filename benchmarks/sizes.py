"""How what is measured grows with the book: 10,000 to 10,000,000 events in one.

The log is filled past the decisions, with copies of a case that was decided: entries like all
others, in a tree like any other, under ids and numbers of their own. To decide as many would only
take longer, and is measured elsewhere. The read models are built by a rebuild.

What takes minutes is run once at each size. What is put beside another size is first put beside
something that does not know of books and was measured in the same minute.
"""

import math
import statistics
from collections.abc import Iterator, Sequence
from functools import partial
from hashlib import sha256
from itertools import count, islice
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import text

from benchmarks.cases import CLINIC, open_book, opened, payments
from benchmarks.client import Ask, Served, asked, serving
from benchmarks.commands import INSERT, in_batches, make_table
from benchmarks.harness import Bench, Contestant, rate
from benchmarks.replay import whole_log
from ledger.application.ledger import Ledger
from ledger.log.entries import NewEntry, StoredEntry, Write
from tests.orders import OPENED

BOOK: Final = "sizes"
SIZES: Final = (10_000, 100_000, 1_000_000, 10_000_000)
QUICK_SIZES: Final = (500, 1_500)
CASES_AT_ONCE: Final = 700
"""Copies in one transaction, as an import has them: some 5,000 entries."""
CONNECTIONS: Final = 8
_COPIES: Final = count(1)


def run(bench: Bench) -> None:
    """Rates at each size, how they change with it, and bytes an event."""
    sizes = bench.size_of(SIZES, QUICK_SIZES)
    make_table(bench)
    bench.pgbench(INSERT, 4, 1)
    ledger = open_book(bench.engine, BOOK)
    [case] = opened(ledger, 1)
    ledger.execute_many(payments([case], 7))
    sample = ledger.recorder.read_stream(case)
    with serving(bench.url, "api") as api, serving(bench.url, "bare") as bare:
        for size in sizes:
            name = f"sizes, {size:,} events"
            missing = size - ledger.recorder.position()
            bench.once(name, "events/s", {"append": partial(_filled, ledger, sample, missing)})
            bench.once(name, "events/s", whole_log(bench, ledger))
            bench.report.notes[f"{name}: bytes an event"] = _bytes_an_event(bench, ledger)
            rounds = 5 if size < 10**6 else 3
            bench.compare(name, "commands/s", _writing(bench, ledger), rounds=rounds)
            bench.compare(name, "reads/s", _reading(bench, ledger, case, api, bare), rounds=rounds)
    _compare_sizes(bench, sizes)


def _filled(ledger: Ledger, sample: Sequence[StoredEntry], events: int) -> float:
    """Copies of a case, until there are so many events more."""
    writes = _copies(sample)
    cases = max(events // len(sample), 1)

    def fill() -> None:
        left = cases
        while left > 0:
            some = min(left, CASES_AT_ONCE)
            with ledger.recorder.append() as append:
                for write in islice(writes, some * len(sample)):
                    append.add(write)
            left -= some

    return rate(cases * len(sample), fill)


def _copies(sample: Sequence[StoredEntry]) -> Iterator[Write]:
    """The commands of one case after the other."""
    opening = sample[0].payload
    reference = opening.partition('"reference":"')[2].partition('"')[0]
    before = [
        (entry.version, entry.type, entry.payload.encode().split(f'"{reference}"'.encode()))
        for entry in sample
    ]
    for number in _COPIES:
        stream, name = uuid4(), f"copy-{number}"
        written = f'"{name}"'.encode()
        for version, type, parts in before:
            entries = [NewEntry(stream, version, type, written.join(parts))]
            names = [("case", name)] if version == 1 else []
            command = uuid4()
            content = sha256(command.bytes).digest()
            yield Write(command, content, "agent:bench", "bench", stream, entries, names)


def _writing(bench: Bench, ledger: Ledger) -> dict[str, Contestant]:
    number = bench.size(3_000, 60)

    def pipelined() -> float:
        orders = payments(opened(ledger, number // 3), number)
        return rate(number, lambda: in_batches(ledger, orders))

    return {
        "pipelined": pipelined,
        "pgbench 32": lambda: bench.pgbench(INSERT, 32, bench.size(3, 1)),
    }


def _reading(
    bench: Bench, ledger: Ledger, case: UUID, api: Served, bare: Served
) -> dict[str, Contestant]:
    number = bench.size(400, 16)
    middle = ledger.history(case)[4].position
    path = f"/v1/books/{BOOK}"
    paths = {
        "case now": f"{path}/cases/{case}",
        "case as known": f"{path}/cases/{case}?position={middle}",
        "case in effect": f"{path}/cases/{case}?effective_on={OPENED}",
        "page of open cases": f"{path}/cases?state=open&limit=50",
        "page of a clinic": f"{path}/cases?clinic={CLINIC}&stage=invoiced&limit=50",
        "case by its number": f"{path}/cases?reference=copy-7",
    }

    def read(served: Served, asks: list[Ask]) -> float:
        return asked(served, asks, CONNECTIONS)

    ours: dict[str, Any] = {
        name: lambda path=path: read(api, [Ask("GET", path, None, api.headers)] * number)
        for name, path in paths.items()
    }
    rows = [Ask("GET", f"/row/{1 + n}", None, {}) for n in range(number)]
    return {"one row by its key": lambda: read(bare, rows), **ours}


def _bytes_an_event(bench: Bench, ledger: Ledger) -> dict[str, int]:
    """Of the log with all that belongs to it, and of the read models; their indexes included."""
    events = ledger.recorder.position()
    query = text(
        "SELECT schemaname, sum(pg_total_relation_size(format('%I.%I', schemaname, tablename)))"
        " FROM pg_tables WHERE schemaname IN ('ledger', 'projections') GROUP BY 1"
    )
    with bench.engine.connect() as connection:
        return {schema: int(size // events) for schema, size in connection.execute(query)}


def _compare_sizes(bench: Bench, sizes: Sequence[int]) -> None:
    rates, smallest, largest = bench.report.rates, sizes[0], sizes[-1]

    def key(size: int, what: str) -> str:
        return f"sizes, {size:,} events/{what}"

    for what, beside, aim in (
        ("pipelined", "pgbench 32", None),
        *(
            (name, "one row by its key", 1 / 1.2)
            for name in ("case now", "case as known", "case in effect", "page of open cases",
                         "page of a clinic", "case by its number")
        ),
    ):  # fmt: skip
        bench.drift(
            f"sizes: {what}, {largest:,} events to {smallest:,}",
            (key(largest, what), key(largest, beside)),
            (key(smallest, what), key(smallest, beside)),
            aim,
        )
    for what in ("append", "COPY", "replay with fold", "rebuild of all read models", "verify"):
        taken = [(size, size / rates[key(size, what)]["median"]) for size in sizes]
        slope = statistics.linear_regression(
            [math.log(size) for size, _ in taken], [math.log(seconds) for _, seconds in taken]
        ).slope
        bench.report.notes[f"sizes: time of {what} grows with the size to the power of"] = {
            "exponent": round(slope, 3),
            "seconds at the largest": round(taken[-1][1], 1),
        }
        print(f"  {what}: time ~ size ^ {slope:.2f}", flush=True)
