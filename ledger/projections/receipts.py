"""Which money came in on the client account, what is it for, and what waits to be found out?"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.domain.events import ReceiptRegistered
from ledger.domain.receipt import Receipt
from ledger.projections.histories import History
from ledger.projections.projection import (
    NULL,
    CaseRows,
    Row,
    StreamProjection,
    copy_lines,
    escaped,
    forget,
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


class Receipts(StreamProjection):
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

    def write(
        self,
        cursor: Any,
        table: Mapping[str, str],
        book: str,
        histories: Sequence[History],
        until: int,
    ) -> None:
        """Write each receipt as it stands now, in place of how it stood."""
        found = [(history, row) for history in histories if (row := _row(history)) is not None]
        stale = [history.stream for history, _ in found if not history.begins_here]
        forget(cursor, table["receipts"], book, stale)
        rows = ["\t".join((book, *map(_field, row))) + "\n" for _, row in found]
        if rows:
            copy_lines(cursor, table["receipts"], ", ".join(("book", *ReceiptRow._fields)), rows)


def _row(history: History) -> ReceiptRow | None:
    """The row of a stream; ``None`` for what is no receipt."""
    if not isinstance(history.entries[0].event, ReceiptRegistered):
        return None
    return row_of(Receipt.fold(UUID(history.stream), history.entries))


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


def _expected(history: History) -> list[Row]:
    row = _row(history)
    return [] if row is None else [row[1:]]


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
