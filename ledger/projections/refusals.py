"""What was asked of cases and refused, why, and by whom was it asked?"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Final, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Connection, text

from ledger.domain.events import CommandRefused
from ledger.domain.recorded import Recorded
from ledger.projections.projection import NULL, Posted, Projection, copy_lines, escaped


class RefusedRow(NamedTuple):
    """A command that was refused."""

    position: int
    stream: UUID
    """The case."""
    recorded_at: datetime
    value_date: date
    actor: str
    channel: str
    command: str
    """What was asked for: the name of the command."""
    code: str
    facts: dict[str, Any]
    earliest: date | None
    source: str | None


class Refusals(Projection):
    """A row for each refusal, under the case that it is about."""

    name = "refusals"
    version = 1
    tables: ClassVar[Mapping[str, str]] = {
        "refusals": """
            book text COLLATE "C" NOT NULL,
            position bigint NOT NULL,
            stream uuid NOT NULL,
            recorded_at timestamptz NOT NULL,
            value_date date NOT NULL,
            actor text COLLATE "C" NOT NULL,
            channel text COLLATE "C" NOT NULL,
            command text COLLATE "C" NOT NULL,
            code text COLLATE "C" NOT NULL,
            facts jsonb NOT NULL,
            earliest date,
            source text,
            PRIMARY KEY (book, position)
        """
    }
    indexes: ClassVar[Mapping[str, Sequence[str]]] = {"refusals": ["(book, stream, position)"]}

    def apply(
        self,
        cursor: Any,
        table: Mapping[str, str],
        book: str,
        currency: str,
        entries: Sequence[Posted],
    ) -> None:
        """Write each refusal down."""
        rows = [
            "\t".join(map(_field, (book, *row_of(entry, entry.event)))) + "\n"
            for entry, _ in entries
            if isinstance(entry.event, CommandRefused)
        ]
        if rows:
            columns = ", ".join(("book", *RefusedRow._fields))
            copy_lines(cursor, table["refusals"], columns, rows)


def row_of(entry: Recorded, event: CommandRefused) -> RefusedRow:
    """The row that an entry should have."""
    return RefusedRow(
        entry.position,
        UUID(event.case),
        entry.recorded_at,
        event.value_date,
        entry.actor,
        entry.channel,
        event.command,
        event.code,
        event.facts,
        event.earliest,
        event.source,
    )


COLUMNS: Final = ", ".join(RefusedRow._fields)


def expected(entry: Recorded) -> list[tuple[Any, ...]]:
    """The rows that an entry should have: for verification."""
    event = entry.event
    return [tuple(row_of(entry, event))] if isinstance(event, CommandRefused) else []


def _field(value: object) -> str:
    if value is None:
        return NULL
    return escaped(msgspec.json.encode(value).decode() if isinstance(value, dict) else str(value))


def refusals_in(
    connection: Connection,
    book: str,
    *,
    case: UUID | None = None,
    code: str | None = None,
    after: int = 0,
    limit: int = 1000,
) -> list[RefusedRow]:
    """Refusals of a book, oldest first: all, those of a case, or those of a code."""
    rows = connection.execute(
        text(
            f"SELECT {', '.join(RefusedRow._fields)} FROM projections.refusals"
            " WHERE book = :book AND position > :after"
            " AND (CAST(:case AS uuid) IS NULL OR stream = :case)"
            " AND (CAST(:code AS text) IS NULL OR code = :code)"
            " ORDER BY position LIMIT :limit"
        ),
        {"book": book, "after": after, "case": case, "code": code, "limit": limit},
    )
    return [RefusedRow._make(row) for row in rows]
