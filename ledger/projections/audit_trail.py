"""Who did what to a case, when, through what and by which command, in words?"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.projections.projection import BY_STREAM, Posted, Projection, copy_lines, escaped
from ledger.wording.events import lines


class TrailLine(NamedTuple):
    """One event, readable."""

    position: int
    version: int
    recorded_at: datetime
    value_date: date
    actor: str
    channel: str
    event: str
    line_nb: str
    line_en: str


class AuditTrail(Projection):
    """A row for each event."""

    name = "audit_trail"
    version = 2
    tables: ClassVar[Mapping[str, str]] = {
        "audit_trail": """
            book text COLLATE "C" NOT NULL,
            position bigint NOT NULL,
            stream uuid NOT NULL,
            version integer NOT NULL,
            recorded_at timestamptz NOT NULL,
            value_date date NOT NULL,
            actor text COLLATE "C" NOT NULL,
            channel text COLLATE "C" NOT NULL,
            event text COLLATE "C" NOT NULL,
            line_nb text NOT NULL,
            line_en text NOT NULL,
            PRIMARY KEY (book, position)
        """
    }
    indexes: ClassVar[Mapping[str, Sequence[str]]] = {"audit_trail": ["(book, stream, version)"]}

    clinic: ClassVar[Mapping[str, str]] = {"audit_trail": BY_STREAM}

    def apply(
        self,
        cursor: Any,
        table: Mapping[str, str],
        book: str,
        currency: str,
        entries: Sequence[Posted],
    ) -> None:
        """Write each entry down in words."""
        rows: list[str] = []
        for entry, _ in entries:
            event = entry.event
            nb, en = lines(event, currency)
            rows.append(
                f"{book}\t{entry.position}\t{entry.stream}\t{entry.version}\t{entry.recorded_at}\t"
                f"{event.value_date}\t{entry.actor}\t{entry.channel}\t{event.name}\t"
                f"{escaped(nb)}\t{escaped(en)}\n"
            )
        columns = (
            "book, position, stream, version, recorded_at, value_date, actor, channel, event,"
            " line_nb, line_en"
        )
        copy_lines(cursor, table["audit_trail"], columns, rows)


def trail_of(connection: Connection, book: str, stream: UUID) -> list[TrailLine]:
    """A case's trail, oldest first."""
    rows = connection.execute(
        text(
            f"SELECT {', '.join(TrailLine._fields)} FROM projections.audit_trail"
            " WHERE book = :book AND stream = :stream ORDER BY version"
        ),
        {"book": book, "stream": stream},
    )
    return [TrailLine._make(row) for row in rows]
