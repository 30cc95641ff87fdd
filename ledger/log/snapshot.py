"""One book as it is at one moment, read row by row, whatever its size."""

import re
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection

from ledger.log.entries import READ_COLUMNS, StoredEntry

FETCH_ROWS: Final = 5_000

AFTER: Final = "position > %(since)s"
"""Rows of the entries behind where reading begins."""
TOUCHED: Final = (
    "stream IN (SELECT stream FROM ledger.events WHERE book = %(book)s AND position > %(since)s)"
)
"""Rows of the cases that have entries behind where reading begins."""


class Snapshot:
    """Reads through a transaction that sees one state of the database (REPEATABLE READ)."""

    def __init__(self, connection: Connection, book: str, since: int = 0) -> None:
        self.connection = connection
        self.book = book
        self.since = since
        """The last position that is left out."""
        self._cursors = 0

    def entries(self, order: str, only: str) -> Iterator[StoredEntry]:
        """The book's entries."""
        return map(StoredEntry._make, self.rows(READ_COLUMNS, "ledger.events", order, only))

    def rows(self, columns: str, table: str, order: str, only: str) -> Iterator[tuple[Any, ...]]:
        """Rows of the book by a server-side cursor, which fetches them page by page.

        ``only`` is a condition, which may use ``%(book)s`` and ``%(since)s``.
        """
        if not self.since and only in {AFTER, TOUCHED}:
            only = "true"
        self._cursors += 1
        dbapi: Any = self.connection.connection
        cursor = dbapi.cursor(re.sub(r"\W+", "_", f"read_{self._cursors} {table}"))
        cursor.itersize = FETCH_ROWS
        cursor.execute(
            f"SELECT {columns} FROM {table} WHERE book = %(book)s AND ({only}) ORDER BY {order}",
            {"book": self.book, "since": self.since},
        )
        found: Iterator[tuple[Any, ...]] = iter(cursor)
        return found
