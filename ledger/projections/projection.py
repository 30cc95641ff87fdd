"""What a read model is made of."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from io import StringIO
from typing import Any, ClassVar, Final, NamedTuple

from ledger.domain.accounts import Postings
from ledger.domain.recorded import Recorded
from ledger.projections.histories import History, touched

SCHEMA: Final = "projections"
BY_STREAM: Final = "ledger.clinic_of(book, stream)"
"""The clinic of a row that has a case's stream."""


Posted = tuple[Recorded, Postings]
"""An entry and what it moves, worked out once for all projections."""


class Projection(ABC):
    """A read model: tables of its own, and a fold of the log into them.

    Each table exists once for each generation of the projection, under the name
    ``<table>_<generation>``; a view of the plain name shows the live one, and is what
    queries use.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    """Raise it when the tables or the fold change: the projection is then built anew."""
    tables: ClassVar[Mapping[str, str]]
    """Table name to the column definitions of its CREATE TABLE."""
    indexes: ClassVar[Mapping[str, Sequence[str]]] = {}
    """Table name to what is indexed beside its primary key: ``(columns)``, or some rows' of them.
    A page of a list must not cost more in a large book than in a small one."""

    clinic: ClassVar[Mapping[str, str]] = {}
    """Table name to an SQL expression of its columns that gives the clinic whose row it is: its
    row-level security. A table that is not named here can't be read on behalf of a clinic."""

    @abstractmethod
    def apply(
        self,
        cursor: Any,
        table: Mapping[str, str],
        book: str,
        currency: str,
        entries: Sequence[Posted],
    ) -> None:
        """Write what these entries change, set-wise.

        ``table`` gives the full name of each of the projection's tables. The engine calls
        this once for each entry, in order of position, within the transaction that moves
        the projection's position; so nothing is applied twice or left out.
        """


class StreamProjection(Projection):
    """A read model whose rows for a stream follow from all of the stream's entries.

    The engine reads and folds a stream once for all of them; and once, whatever its length, when
    they are built anew.
    """

    @abstractmethod
    def write(
        self,
        cursor: Any,
        table: Mapping[str, str],
        book: str,
        histories: Sequence[History],
        until: int,
    ) -> None:
        """Write the rows of these streams as they are at a position, in place of those before."""

    def apply(
        self,
        cursor: Any,
        table: Mapping[str, str],
        book: str,
        currency: str,
        entries: Sequence[Posted],
    ) -> None:
        """Write the rows of the streams that these entries belong to."""
        fresh = [entry for entry, _ in entries]
        self.write(cursor, table, book, touched(cursor, book, fresh), fresh[-1].position)


Row = tuple[Any, ...]


class CaseRows(NamedTuple):
    """Rows that a read model has for each case, and what they should be: for verification."""

    projection: str
    """Whose position tells how much of the log the rows hold."""
    table: str
    columns: str
    """As SQL; the rows of a case are compared in this order."""
    expected: Callable[[History], list[Row]]
    """The rows of a case, as far as the read model holds its stream, in that order."""
    only: str = "true"
    """A condition for rows that mean anything."""


def copy_lines(cursor: Any, table: str, columns: str, lines: Iterable[str]) -> None:
    """Insert many rows with COPY. A line is a row in its text format, with a line feed at the
    end; texts that may hold anything go through ``escaped``.
    """
    cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", StringIO("".join(lines)))


def forget(cursor: Any, table: str, book: str, streams: Sequence[str]) -> None:
    """Take out the rows of streams, whose new ones come in their place."""
    if streams:
        cursor.execute(
            f"DELETE FROM {table} WHERE book = %s AND stream = ANY(%s::uuid[])",
            (book, list(streams)),
        )


NULL: Final = "\\N"

_special: Final = re.compile(r"[\\\n\r\t]").search
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def escaped(value: str) -> str:
    """A text as COPY reads it."""
    return value if _special(value) is None else value.translate(_ESCAPES)
