"""One transaction at the head of a book: the only way in which the log grows.

Whoever holds the head row's lock knows that nobody else is appending: what he reads is
current, the next positions are his, and they become visible in order when he commits.
"""

import re
from collections.abc import Iterable, Sequence, Sized
from datetime import datetime
from functools import lru_cache
from io import StringIO
from itertools import groupby
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection

from ledger.log import statements
from ledger.log.entries import READ_COLUMNS, Head, StoredCommand, StoredEntry, Write
from ledger.log.errors import BookNotFound
from ledger.log.leaf import envelope, microseconds
from ledger.log.merkle import Frontier, Growth, leaf_hash

COPY_FROM_ROWS: Final = 50
"""From this many entries COPY is quicker than to send all tables' rows in one statement, which
costs a single round trip under the head's lock."""

_LABEL: Final = re.compile(r"[!-\[\]-~]{1,200}")

NAME_BYTES_MAX: Final = 1000
"""An index row holds 2,700; the longest name that a command may claim has 100 characters."""

Row = tuple[Any, ...]


class Append:
    """What can be read and added while the head of a book is held. Use ``BookRecorder.append``."""

    def __init__(self, connection: Connection, book: str, commands: Sequence[UUID] = ()) -> None:
        self.book = book
        self.connection = connection
        statements.prepare(connection)
        self._cursor: Any = connection.connection.cursor()
        self._cursor.execute(statements.LOCK_HEAD, (book, book, _array(commands)))
        row = self._cursor.fetchone()
        if row is None:
            raise BookNotFound(book)
        position, recorded_at, frontier, root, clock, row_security, done = row
        self.done: dict[UUID, StoredCommand] = {
            UUID(id): StoredCommand(bytes.fromhex(content), UUID(stream), first, last)
            for id, content, stream, first, last in done or ()
        }
        """Those of the commands asked for that have been carried out before."""
        self.head = Head(position, recorded_at, bytes(frontier), bytes(root))
        self.position: int = position
        self.recorded_at: datetime = max(clock, recorded_at)
        """The time that the entries of this transaction get: the database's, and never back."""
        self.root: bytes = self.head.root
        """The tree's, with all that ``finish`` has written."""
        self._writes: list[Write] = []
        # COPY is refused to a role that is not exempt from row-level security.
        self._may_copy: bool = not row_security

    def streams(self, ids: Sequence[UUID]) -> dict[UUID, list[StoredEntry]]:
        """The entries of these streams, in order; streams without any are left out."""
        self._cursor.execute(
            f"SELECT {READ_COLUMNS} FROM ledger.events"
            " WHERE book = %s AND stream = ANY(%s::uuid[]) ORDER BY stream, version",
            (self.book, [str(id) for id in ids]),
        )
        found = map(StoredEntry._make, self._cursor)
        grouped = groupby(found, attrgetter("stream"))
        return {UUID(stream): list(entries) for stream, entries in grouped}

    def names(self, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
        """Those of the (kind, name) pairs that belong to a stream already.

        What is no name belongs to none: ``add`` will say so.
        """
        possible = [(kind, name) for kind, name in names if is_name(name)]
        if not possible:
            return {}
        kinds, texts = zip(*possible, strict=True)
        self._cursor.execute(
            "SELECT kind, name, stream FROM ledger.names JOIN unnest(%s::text[], %s::text[])"
            " AS asked(kind, name) USING (kind, name) WHERE book = %s",
            (list(kinds), list(texts), self.book),
        )
        return {(kind, name): stream for kind, name, stream in self._cursor}

    def names_like(self, prefixes: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[UUID]]:
        """The streams of all names of a kind that begin with a prefix, by (kind, prefix).

        A prefix ends with a character below U+007F: its successor is where they end, in bytes.
        """
        found: dict[tuple[str, str], list[UUID]] = {prefix: [] for prefix in prefixes}
        possible = [(kind, prefix) for kind, prefix in found if is_name(prefix)]
        if not possible:
            return found
        kinds, firsts = zip(*possible, strict=True)
        ends = [prefix[:-1] + chr(ord(prefix[-1]) + 1) for prefix in firsts]
        self._cursor.execute(
            "SELECT asked.kind, first, stream FROM unnest(%s::text[], %s::text[], %s::text[])"
            " AS asked(kind, first, beyond) JOIN ledger.names ON names.book = %s"
            " AND names.kind = asked.kind AND names.name >= first AND names.name < beyond"
            " ORDER BY name",
            (list(kinds), list(firsts), ends, self.book),
        )
        for kind, prefix, stream in self._cursor:
            found[kind, prefix].append(stream)
        return found

    def streams_with(self, types: Sequence[str], *, after: int) -> list[UUID]:
        """The streams that got an event of one of these types after a position."""
        self._cursor.execute(
            "SELECT DISTINCT stream FROM ledger.events"
            " WHERE book = %s AND position > %s AND type = ANY(%s)",
            (self.book, after, list(types)),
        )
        return [stream for (stream,) in self._cursor]

    def streams_after(self, position: int) -> list[UUID]:
        """The streams that got an entry after a position, before this transaction."""
        self._cursor.execute(
            "SELECT DISTINCT stream FROM ledger.events WHERE book = %s AND position > %s",
            (self.book, position),
        )
        return [stream for (stream,) in self._cursor]

    def last_version(self, stream: UUID) -> int:
        """How many entries a stream has, those added in this transaction included."""
        added = sum(entry.stream == stream for write in self._writes for entry in write.entries)
        self._cursor.execute(
            "SELECT coalesce(max(version), 0) FROM ledger.events WHERE book = %s AND stream = %s",
            (self.book, str(stream)),
        )
        return int(self._cursor.fetchone()[0]) + added

    def add(self, write: Write) -> tuple[int, int]:
        """Take a command's entries in; returns their first and last position.

        Raises ``ValueError`` for an actor, channel or type that is no plain label, for what is
        no name, and for a command without events: what the tables would refuse must not fail
        the others in this transaction.
        """
        if not write.entries:
            raise ValueError("a command that changes nothing has no events to record")
        for label in (write.actor, write.channel, *(entry.type for entry in write.entries)):
            _check_label(label)
        for _, name in write.names:
            if not is_name(name):
                raise ValueError(f"{name[:50]!r} is no name: it is empty, too long or no text")
        first = self.position + 1
        self.position += len(write.entries)
        self._writes.append(write)
        return first, self.position

    def pending(self, command_id: UUID) -> list[StoredEntry]:
        """What a command of this transaction would add, as it would be read."""
        position = self.head.position
        found: list[StoredEntry] = []
        for write in self._writes:
            for entry in write.entries:
                position += 1
                if write.command_id == command_id:
                    place = (position, str(entry.stream), entry.version, entry.type)
                    who = (write.actor, write.channel, str(write.command_id))
                    text = entry.payload.decode()
                    found.append(StoredEntry(*place, self.recorded_at, *who, text))
        return found

    def discard(self) -> None:
        """Forget all that was added: nothing will be written."""
        self._writes.clear()
        self.position = self.head.position

    def finish(self) -> None:
        """Write all that was added and move the head; the caller commits."""
        if not self._writes:
            return
        frontier = Growth.from_bytes(self.head.position, self.head.frontier)
        rows = {
            "events": self._event_rows(frontier),
            "commands": self._command_rows(),
            "names": self._name_rows(),
            "tree": [
                (level, tile, first, _bytea(hashes))
                for level, tile, first, hashes in frontier.take()
            ],
        }
        self.root = frontier.root()
        copied: Sequence[str] = ()
        if self._may_copy and len(rows["events"]) >= COPY_FROM_ROWS:
            copied = ("events", "commands", "names")
            for table in copied:
                self._copy(table, rows[table])
        arrays = [
            array
            for table, columns in statements.COLUMNS.items()
            for array in _arrays(columns, () if table in copied else rows[table])
        ]
        head = (self.position, _bytea(frontier.to_bytes()), _bytea(self.root))
        recorded_at = self.recorded_at.isoformat()
        self._cursor.execute(statements.WRITE, (self.book, recorded_at, *head, *arrays))

    def _event_rows(self, frontier: Frontier) -> list[Row]:
        book, at_us = self.book, microseconds(self.recorded_at)
        position = self.head.position
        rows: list[Row] = []
        for write in self._writes:
            actor, channel, command = write.actor, write.channel, str(write.command_id)
            last_stream, stream = None, ""
            for entry in write.entries:
                position += 1
                if entry.stream is not last_stream:
                    last_stream, stream = entry.stream, str(entry.stream)
                version, type, payload = entry.version, entry.type, entry.payload
                leaf = envelope(
                    book, position, stream, version, type, at_us, actor, channel, command, payload
                )
                frontier.append(leaf_hash(leaf))
                place = (position, stream, version, type)
                rows.append((*place, actor, channel, command, payload.decode()))
        return rows

    def _command_rows(self) -> list[Row]:
        last = self.head.position
        rows: list[Row] = []
        for write in self._writes:
            first, last = last + 1, last + len(write.entries)
            if write.content_hash is not None:
                where = (str(write.stream), first, last)
                rows.append((str(write.command_id), *where, _bytea(write.content_hash)))
        return rows

    def _name_rows(self) -> list[Row]:
        return [
            (kind, str(write.stream), name) for write in self._writes for kind, name in write.names
        ]

    def _copy(self, table: str, rows: list[Row]) -> None:
        if not rows:
            return
        same = {"book": self.book, "recorded_at": self.recorded_at.isoformat()}
        alike = statements.ALIKE[table]
        columns = ", ".join([*alike, *statements.COLUMNS[table]])
        start = "\t".join(same[column] for column in alike)
        lines = StringIO("".join(f"{start}\t{_copy_line(row)}" for row in rows))
        self._cursor.copy_expert(f"COPY ledger.{table} ({columns}) FROM STDIN", lines)


def _arrays(columns: Sized, rows: Sequence[Row]) -> list[str]:
    """An array for each column of these rows."""
    values = zip(*rows, strict=True) if rows else ((),) * len(columns)
    return [_array(column) for column in values]


def _bytea(value: bytes) -> str:
    """Bytes as PostgreSQL reads them."""
    return "\\x" + value.hex()


def _array(values: Iterable[Any]) -> str:
    """An array as PostgreSQL reads it, with every element in quotes."""
    escaped = [str(value).replace("\\", "\\\\").replace('"', '\\"') for value in values]
    return '{"' + '","'.join(escaped) + '"}' if escaped else "{}"


def is_name(name: str) -> bool:
    """Whether the table of names can hold it."""
    try:
        return 0 < len(name.encode()) <= NAME_BYTES_MAX and "\x00" not in name
    except UnicodeEncodeError:
        return False


@lru_cache(maxsize=10_000)
def _check_label(label: str) -> None:
    """Labels are printable ASCII without spaces and backslashes: they stand between the line
    feeds of a leaf and the tabs of COPY, and must read the same in both.
    """
    if _LABEL.fullmatch(label) is None:
        raise ValueError(f"{label[:50]!r} is no label: use printable ASCII without spaces")


def _copy_line(row: Row) -> str:
    """One row in the text format of COPY.

    Only the last column can hold characters that COPY treats specially: the others are
    numbers, times, UUIDs and labels.
    """
    *labels, text = row
    escaped = (
        str(text)
        .replace("\\", "\\\\")
        .replace("\n", "\\n")
        .replace("\r", "\\r")
        .replace("\t", "\\t")
    )
    return "\t".join(map(str, labels)) + f"\t{escaped}\n"
