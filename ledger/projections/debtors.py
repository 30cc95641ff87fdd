"""Which cases does a subject owe on?"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.domain.events import CaseOpened
from ledger.projections.histories import History
from ledger.projections.projection import (
    BY_STREAM,
    CaseRows,
    Row,
    StreamProjection,
    copy_lines,
    escaped,
)


class Debtors(StreamProjection):
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

    def write(
        self,
        cursor: Any,
        table: Mapping[str, str],
        book: str,
        histories: Sequence[History],
        until: int,
    ) -> None:
        """Note who owes on the cases that were opened."""
        rows = [
            f"{book}\t{escaped(debtor)}\t{history.stream}\n"
            for history in histories
            if history.begins_here
            for (debtor,) in rows_of(history)
        ]
        if rows:
            copy_lines(cursor, table["debtors"], "book, debtor, stream", rows)


def rows_of(history: History) -> list[Row]:
    """The debtor of each row that a stream should have."""
    opened = history.entries[0].event
    if isinstance(opened, CaseOpened) and opened.debtor is not None:
        return [(opened.debtor,)]
    return []


CASE_ROWS: Final = CaseRows("debtors", "debtors", "debtor", rows_of)


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
