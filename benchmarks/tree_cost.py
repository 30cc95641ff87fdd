"""What the stored tree costs when appending, and what proofs and verification take.

    .venv/bin/python -m benchmarks.tree_cost [--batches N] [--leaves N …] [--cases N]

Runs on an embedded server of its own, in a temporary folder on disk, with fsync on. Appending is
measured in turns, with the tree's nodes and without them, on two books in one run.
"""

import argparse
import os
import random
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from time import perf_counter
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Engine, text

import ledger.log.append as append_module
import ledger.log.recorder as recorder_module
from ledger.application.ledger import Ledger
from ledger.application.orders import Order
from ledger.domain.commands import ConfirmDelivery, IssueInvoice, OpenCase, ReceivePayment
from ledger.domain.events import InvoiceLine
from ledger.log.append import Append
from ledger.log.engine import connect
from ledger.log.merkle import Frontier, Growth, Piece, leaf_hash
from ledger.log.migrate import upgrade
from ledger.postgres.embedded import ROOT_FOLDER_VARIABLE, EmbeddedPostgres
from ledger.projections.engine import Projector
from ledger.projections.verification import verify
from ledger.proof.tree import BookTree
from tests.orders import OPENED, TODAY

BATCH_ORDERS: Final = 1_000


class Bare(Frontier):
    """The frontier as it was before nodes were stored."""

    def take(self) -> list[Piece]:
        """Nothing is kept."""
        return []


class BareAppend(Append):
    """Moves the head, and stores no nodes."""

    def _growth(self, frontier: Any) -> tuple[str, tuple[Any, ...]]:
        self.root = frontier.root()
        head = (self.position, self.recorded_at, frontier.to_bytes(), self.root, self.book)
        statement = (
            "UPDATE ledger.book_head SET position = %s, recorded_at = %s, frontier = %s,"
            " root = %s WHERE book = %s"
        )
        return statement, head


@contextmanager
def without_nodes() -> Iterator[None]:
    """Append as it was before nodes were stored."""
    append_module.__dict__["Growth"] = Bare
    recorder_module.__dict__["Append"] = BareAppend
    try:
        yield
    finally:
        append_module.__dict__["Growth"] = Growth
        recorder_module.__dict__["Append"] = Append


def orders(first: int, count: int) -> list[Order]:
    """Cases of four commands each."""
    found: list[Order] = []
    for number in range(first, first + count // 4):
        case, name = uuid4(), f"case-{number}"
        line = InvoiceLine(line=1, category="consultation", amount=300_00)
        for command in (
            OpenCase(on=OPENED, reference=name, creditor="clinic-1"),
            IssueInvoice(on=OPENED, invoice=name, lines=(line,), due_date=OPENED, kid=None),
            ConfirmDelivery(on=OPENED, invoice=name, channel="post"),
            ReceivePayment(on=OPENED, payment=name, amount=100_00),
        ):
            found.append(
                Order(
                    case=case, command=command, command_id=uuid4(), actor="agent:bench",
                    channel="bench",
                )
            )  # fmt: skip
    return found


def append_rates(engine: Engine, batches: int) -> None:
    """Events a second with and without nodes: medians of turns that alternate."""
    books = {}
    for name in ("with-nodes", "without-nodes"):
        books[name] = Ledger(engine, name, today=lambda: TODAY)
        books[name].recorder.create_book("NOK")

    def turn(name: str, given: list[Order]) -> float:
        with nullcontext() if name == "with-nodes" else without_nodes():
            started = perf_counter()
            books[name].execute_many(given)
            return perf_counter() - started

    for label, size, turns in (
        (f"{BATCH_ORDERS} commands in a transaction", BATCH_ORDERS, batches),
        ("one command in a transaction", 1, batches * 40),
    ):
        seconds: dict[str, list[float]] = {name: [] for name in books}
        for number in range(turns):
            given = orders(10_000_000 * (size == 1) + number * BATCH_ORDERS, max(size, 4))[:size]
            names = list(books) if number % 2 else list(books)[::-1]
            for name in names:
                seconds[name].append(turn(name, given))
        rates = {name: size / statistics.median(taken) for name, taken in seconds.items()}
        cost = 1 - rates["with-nodes"] / rates["without-nodes"]
        print(
            f"append, {label}: {rates['with-nodes']:,.0f} events/s with nodes,"
            f" {rates['without-nodes']:,.0f} without: {cost:+.1%}"
        )


def proof_times(engine: Engine, leaves: int) -> None:
    """Milliseconds for a proof of a tree of so many leaves, each read anew from the database."""
    book = f"tree-{leaves}"
    Ledger(engine, book).recorder.create_book("NOK")
    growth = Growth()
    with engine.begin() as connection:
        for number in range(leaves):
            growth.append(leaf_hash(b"%d" % number))
            if not growth.size % 65_536 or growth.size == leaves:
                connection.execute(
                    text("INSERT INTO ledger.tree VALUES (:book,:level,:tile,:first,:hashes)"),
                    [{"book": book, **piece._asdict()} for piece in growth.take()],
                )
    rng = random.Random(1)
    inclusion, consistency = [], []
    with engine.connect() as connection:
        for _ in range(300):
            tree = BookTree(connection, book)
            started = perf_counter()
            proof = tree.inclusion(rng.randrange(leaves), leaves)
            inclusion.append(perf_counter() - started)
            tree = BookTree(connection, book)
            started = perf_counter()
            tree.consistency(rng.randrange(1, leaves), leaves)
            consistency.append(perf_counter() - started)
        stored = connection.execute(
            text("SELECT sum(length(hashes)) FROM ledger.tree WHERE book = :book"), {"book": book}
        ).scalar_one()
    print(
        f"proof, {leaves:,} leaves: inclusion {_ms(inclusion)}, consistency {_ms(consistency)}"
        f" ({len(proof)} hashes; {stored / leaves:.1f} bytes stored for a leaf)"
    )


def verify_rate(engine: Engine, cases: int) -> None:
    """Entries a second of a whole verification."""
    ledger = Ledger(engine, "verified", today=lambda: TODAY)
    ledger.recorder.create_book("NOK")
    for first in range(0, cases, BATCH_ORDERS):
        ledger.execute_many(orders(first, 4 * min(BATCH_ORDERS, cases - first)))
    Projector(engine).catch_up(ledger.book)
    started = perf_counter()
    found = verify(engine, ledger.book)
    seconds = perf_counter() - started
    assert found.ok, found.listed
    print(f"verify: {found.events:,} events in {seconds:.1f} s, {found.events / seconds:,.0f}/s")


def _ms(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return f"{ordered[len(ordered) // 2] * 1e3:.2f} ms (p99 {ordered[-3] * 1e3:.2f})"


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=30)
    parser.add_argument("--leaves", type=int, nargs="*", default=[10_000, 1_000_000])
    parser.add_argument("--cases", type=int, default=25_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        os.environ[ROOT_FOLDER_VARIABLE] = folder
        with EmbeddedPostgres(Path(folder) / "home").in_use() as server:
            owner = connect(server.url, role=None)
            upgrade(owner)
            owner.dispose()
            engine = connect(server.url)
            append_rates(engine, asked.batches)
            for leaves in asked.leaves:
                proof_times(engine, leaves)
            verify_rate(engine, asked.cases)
            engine.dispose()


if __name__ == "__main__":
    main()
