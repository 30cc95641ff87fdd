"""Which cases are there, of whom, in what state; and which case has this number?"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.domain.events import CaseOpened, InvoiceIssued
from ledger.domain.recorded import Recorded
from ledger.projections.histories import History
from ledger.projections.projection import (
    BY_STREAM,
    NULL,
    CaseRows,
    Row,
    StreamProjection,
    copy_lines,
    escaped,
    forget,
)

COLUMNS: Final = (
    "stream, reference, creditor, debtor, currency, state, stage, holds, outstanding, overpaid,"
    " opened_on, due_date, opened_at, changed_at, version"
)


class CaseRow(NamedTuple):
    """One case, as a list shows it. Amounts are minor units."""

    stream: UUID
    reference: str
    creditor: str
    debtor: str | None
    currency: str
    state: str
    stage: str
    holds: list[str]
    outstanding: int
    overpaid: int
    opened_on: date
    due_date: date | None
    """When the first invoice that has a due date falls due."""
    opened_at: int
    """The position at which it was opened: the order of lists."""
    changed_at: int
    """The position of its last entry."""
    version: int


class Worklist(StreamProjection):
    """A row for each case, and one for each number under which it can be found."""

    name = "worklist"
    version = 3
    tables: ClassVar[Mapping[str, str]] = {
        "worklist": """
            book text COLLATE "C" NOT NULL,
            stream uuid NOT NULL,
            reference text COLLATE "C" NOT NULL,
            creditor text COLLATE "C" NOT NULL,
            debtor text COLLATE "C",
            currency text COLLATE "C" NOT NULL,
            state text COLLATE "C" NOT NULL,
            stage text COLLATE "C" NOT NULL,
            holds text[] NOT NULL,
            outstanding bigint NOT NULL,
            overpaid bigint NOT NULL,
            opened_on date NOT NULL,
            due_date date,
            opened_at bigint NOT NULL,
            changed_at bigint NOT NULL,
            version integer NOT NULL,
            PRIMARY KEY (book, stream)
        """,
        "case_numbers": """
            book text COLLATE "C" NOT NULL,
            kind text COLLATE "C" NOT NULL,
            number text COLLATE "C" NOT NULL,
            stream uuid NOT NULL,
            PRIMARY KEY (book, kind, number, stream)
        """,
    }
    indexes: ClassVar[Mapping[str, Sequence[str]]] = {
        "worklist": [
            "(book, opened_at)",
            "(book, creditor, opened_at)",
            "(book, state, opened_at)",
            "(book, stage, opened_at)",
            "(book, opened_at) WHERE holds <> '{}'",
        ]
    }
    clinic: ClassVar[Mapping[str, str]] = {"worklist": "creditor", "case_numbers": BY_STREAM}

    def write(
        self,
        cursor: Any,
        table: Mapping[str, str],
        book: str,
        histories: Sequence[History],
        until: int,
    ) -> None:
        """Write the row of each case that changed, and its new numbers."""
        stale = [history.stream for history in histories if not history.begins_here]
        forget(cursor, table["worklist"], book, stale)
        rows = [row for history in histories if (row := row_of(history)) is not None]
        copy_lines(
            cursor,
            table["worklist"],
            f"book, {COLUMNS}",
            (f"{book}\t" + "\t".join(map(_column, row)) + "\n" for row in rows),
        )
        numbers = [
            (*number, history.stream)
            for history in histories
            for entry in history.new
            for number in numbers_of(entry)
        ]
        if not numbers:
            return
        kinds, texts, streams = zip(*numbers, strict=True)
        cursor.execute(
            f"INSERT INTO {table['case_numbers']} (book, kind, number, stream)"
            " SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::uuid[]) ON CONFLICT DO NOTHING",
            (book, list(kinds), list(texts), list(streams)),
        )


def row_of(history: History) -> CaseRow | None:
    """The row of a stream; ``None`` for what is no case."""
    case = history.case
    if case is None:
        return None
    assert case.reference is not None and case.creditor is not None and case.opened_on is not None
    due = [invoice.due_date for invoice in case.invoices.values() if invoice.due_date is not None]
    return CaseRow(
        stream=case.id,
        reference=case.reference,
        creditor=case.creditor,
        debtor=case.debtor,
        currency=case.currency or "NOK",
        state=case.state,
        stage=case.stage,
        holds=sorted(case.holds),
        outstanding=case.outstanding,
        overpaid=case.overpaid,
        opened_on=case.opened_on,
        due_date=min(due, default=None),
        opened_at=history.entries[0].position,
        changed_at=history.entries[-1].position,
        version=case.version,
    )


def _expected(history: History) -> list[Row]:
    row = row_of(history)
    return [] if row is None else [row[1:]]


def _expected_numbers(history: History) -> list[Row]:
    return sorted({number for entry in history.entries for number in numbers_of(entry)})


CASE_ROWS: Final = CaseRows("worklist", "worklist", COLUMNS.removeprefix("stream, "), _expected)
NUMBER_ROWS: Final = CaseRows("worklist", "case_numbers", "kind, number", _expected_numbers)


def numbers_of(entry: Recorded) -> list[tuple[str, str]]:
    """The numbers, each of a kind, by which the entry lets its case be found."""
    match entry.event:
        case CaseOpened(reference=reference):
            return [("reference", reference)]
        case InvoiceIssued(invoice=invoice, kid=None):
            return [("invoice", invoice)]
        case InvoiceIssued(invoice=invoice, kid=str() as kid):
            return [("invoice", invoice), ("kid", kid)]
        case _:
            return []


class Filter(NamedTuple):
    """Which cases are asked for; ``None`` asks for all."""

    reference: str | None = None
    kid: str | None = None
    invoice: str | None = None
    clinic: str | None = None
    state: str | None = None
    stage: str | None = None
    hold: str | None = None
    due_before: date | None = None
    debtors: tuple[str, ...] | None = None
    """Subjects, by their ids: cases on which any of them owes."""


def cases(
    connection: Connection, book: str, wanted: Filter, *, after: int, limit: int
) -> list[CaseRow]:
    """Cases in the order in which they were opened, from those opened after a position."""
    conditions = ["book = :book", "opened_at > :after"]
    given: dict[str, Any] = {"book": book, "after": after, "limit": limit}
    for name, condition in _CONDITIONS.items():
        value = getattr(wanted, name)
        if value is not None:
            conditions.append(condition)
            given[name] = list(value) if isinstance(value, tuple) else value
    rows = connection.execute(
        text(
            f"SELECT {COLUMNS} FROM projections.worklist WHERE {' AND '.join(conditions)}"
            " ORDER BY opened_at LIMIT :limit"
        ),
        given,
    )
    return [CaseRow._make(row) for row in rows]


def _by_number(kind: str) -> str:
    return (
        "stream IN (SELECT stream FROM projections.case_numbers"
        f" WHERE book = :book AND kind = '{kind}' AND number = :{kind})"
    )


_CONDITIONS: Final[dict[str, str]] = {
    "reference": _by_number("reference"),
    "kid": _by_number("kid"),
    "invoice": _by_number("invoice"),
    "clinic": "creditor = :clinic",
    "state": "state = :state",
    "stage": "stage = :stage",
    "hold": "holds <> '{}' AND :hold = ANY(holds)",
    "due_before": "due_date < :due_before",
    "debtors": (
        "stream IN (SELECT stream FROM projections.debtors"
        " WHERE book = :book AND debtor = ANY(:debtors))"
    ),
}


def _column(value: Any) -> str:
    """A value in the text format of COPY."""
    if value is None:
        return NULL
    if isinstance(value, list):
        return "{" + ",".join(value) + "}"  # of our own words, which need no quotes
    return escaped(str(value))
