"""Which money came in on the client account, what is it for, and what waits to be found out?"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.domain.events import (
    Event,
    ReceiptMatched,
    ReceiptQueued,
    ReceiptRegistered,
    ReceiptReturned,
    ReceiptUnmatched,
)
from ledger.domain.receipt import Receipt
from ledger.domain.recorded import Recorded
from ledger.projections.projection import NULL, CaseRows, Posted, Projection, copy_lines, escaped
from ledger.projections.streams import read_whole

RECEIPT_EVENTS: Final[frozenset[type[Event]]] = frozenset(
    {ReceiptRegistered, ReceiptQueued, ReceiptMatched, ReceiptUnmatched, ReceiptReturned}
)


class ReceiptRow(NamedTuple):
    """A bank receipt and where it stands."""

    stream: UUID
    receipt: str
    account: str
    amount: int
    booked_on: date
    kid: str | None
    state: str
    """``queued``, ``matched`` or ``returned``."""
    reason: str | None
    """Why it waits."""
    paid_case: UUID | None
    since: date
    """From when on it stands there, by value date."""
    taken_off: int
    """How often it was taken off a case."""


class Receipts(Projection):
    """A row for each receipt."""

    name = "receipts"
    version = 1
    tables: ClassVar[Mapping[str, str]] = {
        "receipts": """
            book text COLLATE "C" NOT NULL,
            stream uuid NOT NULL,
            receipt text NOT NULL,
            account text NOT NULL,
            amount bigint NOT NULL,
            booked_on date NOT NULL,
            kid text,
            state text COLLATE "C" NOT NULL,
            reason text COLLATE "C",
            paid_case uuid,
            since date NOT NULL,
            taken_off integer NOT NULL,
            PRIMARY KEY (book, stream)
        """
    }
    indexes: ClassVar[Mapping[str, Sequence[str]]] = {"receipts": ["(book, state, booked_on)"]}

    def apply(
        self,
        cursor: Any,
        table: Mapping[str, str],
        book: str,
        currency: str,
        entries: Sequence[Posted],
    ) -> None:
        """Write each receipt as it stands after these entries."""
        found: dict[str, list[Recorded]] = {}
        for entry, _ in entries:
            if type(entry.event) in RECEIPT_EVENTS:
                found.setdefault(entry.stream, []).append(entry)
        if not found:
            return
        last = entries[-1][0].position
        old = [stream for stream, known in found.items() if known[0].version > 1]
        if old:
            found.update(read_whole(cursor, book, old, last))
            cursor.execute(
                f"DELETE FROM {table['receipts']} WHERE book = %s AND stream = ANY(%s::uuid[])",
                (book, old),
            )
        rows = [
            "\t".join((book, *map(_field, row_of(Receipt.fold(UUID(stream), known))))) + "\n"
            for stream, known in found.items()
        ]
        columns = ", ".join(("book", *ReceiptRow._fields))
        copy_lines(cursor, table["receipts"], columns, rows)


def row_of(receipt: Receipt) -> ReceiptRow:
    """The row that a receipt should have."""
    registered = receipt.registered
    assert registered is not None, "a receipt begins with being registered"
    return ReceiptRow(
        receipt.id,
        registered.receipt,
        registered.account,
        registered.amount,
        registered.booked_on,
        registered.kid,
        receipt.state,
        receipt.queued_for,
        receipt.case,
        receipt.since or registered.booked_on,
        receipt.taken_off,
    )


def _expected(stream: str, entries: Sequence[Recorded]) -> list[tuple[Any, ...]]:
    receipt = Receipt.fold(UUID(stream), entries)
    return [] if receipt.registered is None else [tuple(row_of(receipt))[1:]]


CASE_ROWS: Final = CaseRows("receipts", "receipts", ", ".join(ReceiptRow._fields[1:]), _expected)


def _field(value: object) -> str:
    return NULL if value is None else escaped(str(value))


def receipts_in(
    connection: Connection,
    book: str,
    *,
    state: str | None = "queued",
    limit: int = 1000,
) -> list[ReceiptRow]:
    """Receipts in a state, or all, oldest first: by the day on which the bank booked them."""
    rows = connection.execute(
        text(
            f"SELECT {', '.join(ReceiptRow._fields)} FROM projections.receipts"
            " WHERE book = :book AND (CAST(:state AS text) IS NULL OR state = :state)"
            " ORDER BY booked_on, stream LIMIT :limit"
        ),
        {"book": book, "state": state, "limit": limit},
    )
    return [ReceiptRow._make(row) for row in rows]


def unidentified(connection: Connection, book: str, until: date) -> list[ReceiptRow]:
    """The receipts that belonged to nobody yet at the end of a day, oldest first."""
    rows = connection.execute(
        text(
            f"SELECT {', '.join(ReceiptRow._fields)} FROM projections.receipts"
            " WHERE book = :book AND booked_on <= :until"
            " AND ((state = 'queued' AND since <= :until)"
            "   OR (state = 'returned' AND since > :until))"
            " ORDER BY booked_on, stream"
        ),
        {"book": book, "until": until},
    )
    return [ReceiptRow._make(row) for row in rows]
