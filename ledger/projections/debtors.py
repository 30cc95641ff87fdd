"""Which cases does a subject owe on?"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.domain.events import CaseOpened
from ledger.domain.recorded import Recorded
from ledger.projections.projection import (
    BY_STREAM,
    CaseRows,
    Posted,
    Projection,
    Row,
    copy_lines,
    escaped,
)


class Debtors(Projection):
    """A row for each case whose debtor is known. What the case is, its own events tell."""

    name = "debtors"
    version = 2
    tables: ClassVar[Mapping[str, str]] = {
        "debtors": """
            book text COLLATE "C" NOT NULL,
            debtor text COLLATE "C" NOT NULL,
            stream uuid NOT NULL,
            PRIMARY KEY (book, debtor, stream)
        """
    }
    clinic: ClassVar[Mapping[str, str]] = {"debtors": BY_STREAM}

    def apply(
        self,
        cursor: Any,
        table: Mapping[str, str],
        book: str,
        currency: str,
        entries: Sequence[Posted],
    ) -> None:
        """Note who owes on the cases that were opened."""
        rows = [
            f"{book}\t{escaped(entry.event.debtor)}\t{entry.stream}\n"
            for entry, _ in entries
            if isinstance(entry.event, CaseOpened) and entry.event.debtor is not None
        ]
        if rows:
            copy_lines(cursor, table["debtors"], "book, debtor, stream", rows)


def _expected(stream: str, entries: Sequence[Recorded]) -> list[Row]:
    opened = entries[0].event if entries else None
    if isinstance(opened, CaseOpened) and opened.debtor is not None:
        return [(opened.debtor,)]
    return []


CASE_ROWS: Final = CaseRows("debtors", "debtors", "debtor", _expected)


def owing_in_sight(connection: Connection, book: str, debtors: Collection[str]) -> set[str]:
    """Those of these debtors who owe on a case that the connection's role may see."""
    rows = connection.execute(
        text(
            "SELECT DISTINCT debtor FROM projections.debtors"
            " WHERE book = :book AND debtor = ANY(:debtors)"
        ),
        {"book": book, "debtors": list(debtors)},
    )
    return set(rows.scalars())


def cases_of(connection: Connection, book: str, debtor: str) -> list[UUID]:
    """A subject's cases."""
    rows = connection.execute(
        text(
            "SELECT stream FROM projections.debtors WHERE book = :book AND debtor = :debtor"
            " ORDER BY stream"
        ),
        {"book": book, "debtor": debtor},
    )
    return list(rows.scalars())
