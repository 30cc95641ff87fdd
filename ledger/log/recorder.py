"""The recorder of one book: `eventsourcing`'s interface over our tables, and a wider one.

``insert_events``, ``select_events`` and ``select_notifications`` are what the library asks
for, and its own test suite is run against them. ``append`` and the ``read`` methods are what
the application uses: they carry who did what when, by which command.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Event as Signal
from typing import Any, Final, cast
from uuid import UUID, uuid4

import psycopg2
from eventsourcing.persistence import (
    ApplicationRecorder,
    Notification,
    ProcessRecorder,
    StoredEvent,
    Subscription,
    Tracking,
)
from sqlalchemy import Connection, Engine, Select, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from ledger.log.append import Append, is_name
from ledger.log.engine import read_rows
from ledger.log.entries import READ_COLUMNS, Head, NewEntry, StoredCommand, StoredEntry, Write
from ledger.log.errors import BookMismatch, BookNotFound, library_errors
from ledger.log.merkle import EMPTY_ROOT
from ledger.log.schema import book_head, books, commands, events, names
from ledger.log.tracking import Tracker

UNKNOWN_ACTOR: Final = "system:unknown"
LIBRARY_CHANNEL: Final = "library"
"""Of entries that `eventsourcing` appends itself: they answer no command of ours."""
POLL_SECONDS: Final = 0.2
"""How soon a subscriber sees a new entry. Writers don't notify: a NOTIFY inside the
transaction takes a lock on the whole database at commit."""

_BOOK_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)

_READ_LOG: Final = f"""
    SELECT {READ_COLUMNS} FROM ledger.events
    WHERE book = %s AND position > %s ORDER BY position LIMIT %s
"""
_READ_STREAM: Final = f"""
    SELECT {READ_COLUMNS} FROM ledger.events
    WHERE book = %s AND stream = %s::uuid
      AND position <= coalesce(%s, position) AND recorded_at <= coalesce(%s, recorded_at)
      AND version >= %s
    ORDER BY version
"""
_AND_POSITION: Final = ", (SELECT position FROM ledger.book_head WHERE book = %s) FROM"
_READ_STREAM_AND_POSITION: Final = _READ_STREAM.replace(" FROM", _AND_POSITION, 1)
_READ_STREAMS: Final = f"""
    SELECT {READ_COLUMNS} FROM ledger.events
    WHERE book = %s AND stream = ANY(%s::uuid[]) ORDER BY stream, version
"""
_POSITION: Final = "SELECT position FROM ledger.book_head WHERE book = %s"
_NAMED: Final = "SELECT stream::text FROM ledger.names WHERE book = %s AND kind = %s AND name = %s"
_THAT_EXIST: Final = (
    "SELECT stream::text FROM ledger.events"
    " WHERE book = %s AND stream = ANY(%s::uuid[]) AND version = 1"
)
_ALL_NAMED: Final = (
    "SELECT name, stream::text FROM ledger.names WHERE book = %s AND kind = %s AND name = ANY(%s)"
)
# The lock is that of a reader who wants no writer at the head; the clock is read after it is held.
_SETTLE: Final = "SELECT recorded_at, clock FROM ledger.settled(%s)"
_STORED: Final = (events.c.stream, events.c.version, events.c.type, events.c.payload)


class BookRecorder(ProcessRecorder):
    """Appends to and reads from the log of one book."""

    def __init__(self, engine: Engine, book: str) -> None:
        self.engine = engine
        self.book = book
        self._tracker = Tracker(engine, consumer=f"process:{book}")
        self._currency: str | None = None

    def create_book(self, currency: str) -> None:
        """Make the book if it is not there.

        Raises ``BookMismatch`` if it is there in another currency, or can't have that name.
        """
        if _BOOK_NAME.fullmatch(self.book) is None:
            raise BookMismatch(
                f"{self.book!r} can't be a book's name: use lower-case letters, digits and dashes,"
                " 63 at most"
            )
        with library_errors(), self.engine.begin() as connection:
            made = connection.execute(
                upsert(books)
                .values(book=self.book, currency=currency)
                .on_conflict_do_nothing()
                .returning(books.c.created_at)
            ).scalar_one_or_none()
            if made is not None:
                connection.execute(
                    insert(book_head).values(
                        book=self.book,
                        position=0,
                        recorded_at=made,
                        frontier=b"",
                        root=EMPTY_ROOT,
                    )
                )
        kept_in = self.currency()
        if kept_in != currency:
            raise BookMismatch(f"book {self.book!r} is kept in {kept_in}, not in {currency}")

    def currency(self, connection: Connection | None = None) -> str:
        """The currency that the book is kept in. Raises ``BookNotFound``."""
        if self._currency is None:  # it never changes
            query = select(books.c.currency).where(books.c.book == self.book)
            self._currency = cast(str, self._one(query, connection)[0])
        return self._currency

    def head(self, connection: Connection | None = None) -> Head:
        """The end of the log as it is now. Raises ``BookNotFound``."""
        columns = [book_head.c[name] for name in Head._fields]
        query = select(*columns).where(book_head.c.book == self.book)
        return Head._make(self._one(query, connection))

    def position(self) -> int:
        """Where the log ends now. Raises ``BookNotFound``."""
        found = self._read(_POSITION, (self.book,))
        if not found:
            raise BookNotFound(self.book)
        return cast(int, found[0][0])

    @contextmanager
    def append(self, commands: Sequence[UUID] = ()) -> Iterator[Append]:
        """One transaction at the head of the book; commits on leaving, unless by an error.

        ``commands`` are those of which it is to be known whether they were carried out before.
        """
        with library_errors(), self.engine.connect() as connection, connection.begin():
            try:
                appending = Append(connection, self.book, commands)
                yield appending
                appending.finish()
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                connection.invalidate()
                self.engine.dispose()  # where one was lost, those that lie idle are lost too
                raise

    def read_stream(
        self,
        stream: UUID,
        *,
        until_position: int | None = None,
        until_time: datetime | None = None,
        from_version: int = 1,
    ) -> list[StoredEntry]:
        """A stream's entries in order, all or those known at a position or time."""
        until = (until_position, until_time)
        return self._entries(_READ_STREAM, (self.book, str(stream), *until, from_version))

    def read_stream_and_position(
        self,
        stream: UUID,
        *,
        until_position: int | None = None,
        until_time: datetime | None = None,
        from_version: int = 1,
    ) -> tuple[list[StoredEntry], int]:
        """What ``read_stream`` returns, and where the log ended when it was read.

        Raises ``BookNotFound``.
        """
        until = (until_position, until_time)
        rows = self._read(
            _READ_STREAM_AND_POSITION, (self.book, self.book, str(stream), *until, from_version)
        )
        if not rows:
            return [], self.position()
        return [StoredEntry._make(row[:-1]) for row in rows], rows[-1][-1]

    def read_streams(self, streams: Sequence[UUID]) -> Iterator[StoredEntry]:
        """The entries of many streams, stream by stream, each in order."""
        ids = [str(stream) for stream in streams]
        yield from self._entries(_READ_STREAMS, (self.book, ids))

    def read_log(self, after: int, limit: int) -> list[StoredEntry]:
        """The next entries of the book after a position, in order of position."""
        return self._entries(_READ_LOG, (self.book, after, limit))

    def settled(self, instant: datetime) -> bool:
        """Whether all that will ever be recorded up to an instant can be read now.

        Waits for a transaction that is under way, since its entries may carry an earlier time
        than this moment. False for instants that have not come yet.
        """
        with library_errors(), self.engine.begin() as connection:
            row = connection.exec_driver_sql(_SETTLE, (self.book,)).one_or_none()
            if row is None:
                raise BookNotFound(self.book)
            recorded_at, clock = row
            return bool(instant <= max(recorded_at, clock))

    def stream_named(self, kind: str, name: str) -> UUID | None:
        """The stream that a name of this kind belongs to."""
        if not is_name(name):
            return None
        found = self._read(_NAMED, (self.book, kind, name))
        return UUID(found[0][0]) if found else None

    def streams_named(self, kind: str, asked: Sequence[str]) -> dict[str, UUID]:
        """The streams that names of this kind belong to, in one query; others are left out."""
        possible = [name for name in asked if is_name(name)]
        found = self._read(_ALL_NAMED, (self.book, kind, possible))
        return {name: UUID(stream) for name, stream in found}

    def that_exist(self, streams: Sequence[UUID]) -> set[UUID]:
        """Those of the streams that have entries."""
        found = self._read(_THAT_EXIST, (self.book, [str(stream) for stream in streams]))
        return {UUID(stream) for (stream,) in found}

    def named(self, kind: str) -> list[str]:
        """All names of a kind."""
        query = (
            select(names.c.name)
            .where(names.c.book == self.book, names.c.kind == kind)
            .order_by(names.c.name)
        )
        return [name for (name,) in self._all(query)]

    def command(self, command_id: UUID) -> StoredCommand | None:
        """What became of a command, if it was carried out."""
        columns = [commands.c[name] for name in StoredCommand._fields]
        query = select(*columns).where(
            commands.c.book == self.book, commands.c.command_id == command_id
        )
        found = self._all(query)
        return StoredCommand._make(found[0]) if found else None

    # What `eventsourcing` asks for.

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Append events that come from the library; returns their positions."""
        tracking: Tracking | None = kwargs.get("tracking")
        if not stored_events and tracking is None:
            return None
        entries = [
            NewEntry(cast(UUID, e.originator_id), e.originator_version, e.topic, e.state)
            for e in stored_events
        ]
        with self.append() as appending:
            if tracking is not None:
                self._tracker.advance(appending.connection, tracking)
            if not entries:
                return None
            stream = entries[0].stream
            write = Write(uuid4(), None, UNKNOWN_ACTOR, LIBRARY_CHANNEL, stream, entries, [])
            first, last = appending.add(write)
        return list(range(first, last + 1))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """A stream's events, by version."""
        by_version = events.c.version.desc() if desc else events.c.version
        query = (
            self._select(_STORED)
            .where(events.c.stream == originator_id)
            .order_by(by_version)
            .limit(limit)
        )
        if gt is not None:
            query = query.where(events.c.version > gt)
        if lte is not None:
            query = query.where(events.c.version <= lte)
        return [StoredEvent(s, v, t, p.encode()) for s, v, t, p in self._all(query)]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """The book's events, by position."""
        query = self._select((*_STORED, events.c.position)).order_by(events.c.position).limit(limit)
        if start is not None:
            after = events.c.position >= start if inclusive_of_start else events.c.position > start
            query = query.where(after)
        if stop is not None:
            query = query.where(events.c.position <= stop)
        if topics:
            query = query.where(events.c.type.in_(topics))
        return [Notification(s, v, t, p.encode(), id=at) for s, v, t, p, at in self._all(query)]

    def max_notification_id(self) -> int | None:
        """The last position, or ``None`` in an empty book."""
        return self.head().position or None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """The book's events from a position on, as they come."""
        return PollingSubscription(self, gt=gt, topics=topics)

    def insert_tracking(self, tracking: Tracking) -> None:
        """Record how far this process has read another's log."""
        self._tracker.insert_tracking(tracking)

    def max_tracking_id(self, application_name: str) -> int | None:
        """How far this process has read another's log."""
        return self._tracker.max_tracking_id(application_name)

    def _entries(self, query: str, parameters: tuple[Any, ...]) -> list[StoredEntry]:
        return list(map(StoredEntry._make, self._read(query, parameters)))

    def _read(self, query: str, parameters: tuple[Any, ...]) -> list[Any]:
        with library_errors():
            return read_rows(self.engine, query, parameters)

    def _select(self, columns: Sequence[Any]) -> Select[Any]:
        return select(*columns).where(events.c.book == self.book)

    def _all(self, query: Select[Any]) -> Sequence[Any]:
        with library_errors(), self.engine.connect() as connection:
            return connection.execute(query).all()

    def _one(self, query: Select[Any], connection: Connection | None = None) -> Any:
        found = self._all(query) if connection is None else connection.execute(query).all()
        if not found:
            raise BookNotFound(self.book)
        return found[0]


class PollingSubscription(Subscription[ApplicationRecorder]):
    """Reads on by position, and looks again after a moment when there is nothing new.

    It can't miss an entry and can't stall: positions have no gaps, and it waits for nobody.
    """

    def __init__(self, recorder: BookRecorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder, gt=gt, topics=topics)
        self._after = gt or 0
        self._ready: list[Notification] = []
        self._stopped = Signal()

    def stop(self) -> None:
        """End the iteration, also from another thread."""
        super().stop()
        self._stopped.set()

    def __next__(self) -> Notification:
        while not self._stopped.is_set():
            if self._ready:
                found = self._ready.pop()
                self._after = found.id
                return found
            self._ready = list(
                self._recorder.select_notifications(
                    self._after, 500, topics=self._topics, inclusive_of_start=False
                )
            )[::-1]
            if not self._ready:
                self._stopped.wait(POLL_SECONDS)
        raise StopIteration


def book_names(engine: Engine) -> list[str]:
    """All books that there are."""
    with library_errors(), engine.connect() as connection:
        return list(connection.execute(select(books.c.book).order_by(books.c.book)).scalars())
