"""Durable commands: a payment on a case, with state, decision, idempotency, tree and commit.

In-process with several numbers of callers that each wait for their answer, pipelined (many orders
in flight, handed over in batches), and pipelined on cases of which no state is kept. Beside them:
pgbench inserting one row in each transaction, the `eventsourcing` library as it comes, and
django-hordak posting the same payment. All on one server.
"""

from collections.abc import Sequence
from threading import Thread
from typing import Final

from sqlalchemy import text

from benchmarks.cases import open_book, opened, payments
from benchmarks.harness import Bench, Contestant, rate
from ledger.application.ledger import Ledger
from ledger.application.orders import Order, Receipt
from ledger.log.engine import connect
from ledger.log.schema import APPLICATION_ROLE
from tests.orders import TODAY

CALLERS: Final = (1, 16, 64, 256)
PIPELINED: Final = 1_000
"""Orders in one batch of whoever does not wait for each answer."""
INSERT: Final = (
    "INSERT INTO bench_rows (id, payload) VALUES (gen_random_uuid(), repeat('x', 250));\n"
)


def run(bench: Bench) -> None:
    """Commands a second, and ratios."""
    make_table(bench)
    ledger = open_book(bench.engine, "commands")
    seconds = bench.size(4, 1)
    contestants = {
        f"{callers} callers": _callers(bench, ledger, callers, bench.size(6_000, 100))
        for callers in CALLERS
    }
    contestants["1 callers"] = _callers(bench, ledger, 1, bench.size(1_500, 50))
    contestants |= {
        "pipelined": _pipelined(bench, ledger),
        "pipelined, no states kept": _pipelined(bench, ledger, kept=False),
        "pgbench 1": lambda: bench.pgbench(INSERT, 1, seconds),
        "pgbench 32": lambda: bench.pgbench(INSERT, 32, seconds),
        "stock": lambda: bench.peer("stock.py", "commands", bench.size(600, 20)),
        "django-hordak": lambda: bench.peer("hordak_payments.py", bench.size(600, 20)),
    }
    bench.compare("commands", "commands/s", contestants)
    for name, of, to, aim in (
        ("commands: 64 callers to pgbench with 32", "64 callers", "pgbench 32", 1.0),
        ("commands: pipelined to pgbench with 32", "pipelined", "pgbench 32", 2.0),
        ("commands: 64 callers to stock", "64 callers", "stock", 30.0),
        ("commands: 1 caller to pgbench with 1", "1 callers", "pgbench 1", 0.5),
        ("commands: 1 caller to stock", "1 callers", "stock", None),
        ("commands: 64 callers to django-hordak", "64 callers", "django-hordak", None),
        ("commands: 1 caller to django-hordak", "1 callers", "django-hordak", None),
        ("commands: states kept or not", "pipelined", "pipelined, no states kept", None),
    ):
        bench.ratio(name, f"commands/{of}", f"commands/{to}", aim)


def make_table(bench: Bench) -> None:
    """What pgbench inserts into: an identity, a UUID and a payload of an event's size."""
    owner = connect(bench.url, role=None)
    with owner.begin() as connection:
        connection.execute(
            text(
                "CREATE TABLE IF NOT EXISTS bench_rows (position bigint GENERATED ALWAYS AS"
                " IDENTITY PRIMARY KEY, id uuid NOT NULL, payload text NOT NULL)"
            )
        )
        connection.execute(text(f"GRANT SELECT ON bench_rows TO {APPLICATION_ROLE}"))
    owner.dispose()


def in_threads(ledger: Ledger, orders: Sequence[Order], callers: int) -> None:
    """Each caller gives one order, waits for its receipt, and gives the next."""
    coming = iter(orders)
    failed: list[object] = []

    def call() -> None:
        for order in coming:  # one list's iterator: each order is taken once
            outcome = ledger.execute(order)
            if not isinstance(outcome, Receipt):
                failed.append(outcome)

    threads = [Thread(target=call) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed[0]


def in_batches(ledger: Ledger, orders: Sequence[Order], size: int = PIPELINED) -> None:
    """Handed over by the thousand."""
    for first in range(0, len(orders), size):
        for outcome in ledger.execute_many(orders[first : first + size]):
            assert isinstance(outcome, Receipt), outcome


def _callers(bench: Bench, ledger: Ledger, callers: int, count: int) -> Contestant:
    def turn() -> float:
        orders = payments(opened(ledger, max(1, count // 3)), count)
        return rate(count, lambda: in_threads(ledger, orders, callers))

    return turn


def _pipelined(bench: Bench, ledger: Ledger, *, kept: bool = True) -> Contestant:
    count = bench.size(9_000, 200)

    def turn() -> float:
        orders = payments(opened(ledger, count // 3), count)
        book = ledger if kept else Ledger(bench.engine, ledger.book, today=lambda: TODAY)
        if kept:
            return rate(count, lambda: in_batches(book, orders))
        # Each case once, so that none is kept from the batch before.
        once = orders[: count // 3]
        return rate(len(once), lambda: in_batches(book, once))

    return turn
