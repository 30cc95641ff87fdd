"""A book's log up to one position, read in constant memory while the ledger is in use.

What stands at a position never changes, so that pages of positions need no transaction that stays
open: they show one state of the book, that of the last position.
"""

from collections.abc import Callable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

from sqlalchemy import Engine, text

from ledger.application.ledger import ClinicNotFound
from ledger.domain.events import CaseOpened
from ledger.domain.recorded import Recorded
from ledger.log.entries import StoredEntry
from ledger.log.errors import LogError, library_errors
from ledger.log.mapper import EventMapper, JsonTranscoder
from ledger.log.recorder import BookRecorder
from ledger.log.snapshot import Snapshot

PAGE_ENTRIES: Final = 5_000

Progress = Callable[[int, int], None]
"""Told entries done, and entries in all."""

_STREAMS: Final = """
    SELECT asked.stream::text, ledger.clinic_of(%(book)s, asked.stream), (
        SELECT payload::json ->> 'reference' FROM ledger.events
        WHERE book = %(book)s AND stream = asked.stream AND version = 1
    )
    FROM unnest(%(streams)s::uuid[]) AS asked(stream)
"""


class NoSuchPosition(LogError):
    """The log can't be told from or up to there; the message says what it can."""


class Stream(NamedTuple):
    """Whose entries they are."""

    clinic: str | None
    """``None`` for what belongs to no clinic, such as money on the client account."""
    case: str | None
    """The case's number; ``None`` for clinics, receipts, remittances and refusals."""


class Owned(NamedTuple):
    """An entry, and whose it is."""

    recorded: Recorded
    of: Stream


class Reading:
    """Entries of a book from one position to another, both included.

    ``progress`` is called by each of the ways in which they are read. These raise
    ``ClinicNotFound`` at the end, if there is no entry of the clinic.
    """

    def __init__(
        self,
        engine: Engine,
        book: str,
        *,
        first: int = 1,
        last: int,
        clinic: str | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.engine = engine
        self.book = book
        self.first = first
        self.last = last
        self.clinic = clinic
        """Whose entries are told; ``None`` for all."""
        self._progress = progress
        self._recorder = BookRecorder(engine, book)
        self._mapper = EventMapper(JsonTranscoder())
        self.currency = self._recorder.currency()
        end = self._recorder.head().position
        if not 1 <= first <= max(last, 1) or last > end:
            raise NoSuchPosition(
                f"there are no positions {first:,} to {last:,}: the log of book {book!r} has"
                f" 1 to {end:,}"
            )

    def stored(self) -> Iterator[tuple[StoredEntry, bool]]:
        """By position, as they are stored: every one, and whether it is to be told."""
        found = self.clinic is None
        for page in self._pages():
            if self.clinic is None:
                for entry in page:
                    yield entry, True
                continue
            streams = self._streams(page)
            for entry in page:
                own = streams[entry.stream].clinic == self.clinic
                found |= own
                yield entry, own
        self._check_any(found)

    def by_position(self) -> Iterator[Owned]:
        """By position, those that are to be told, with whose they are."""
        found = self.clinic is None
        for page in self._pages():
            streams = self._streams(page)
            for entry in page:
                of = streams[entry.stream]
                if self.clinic is None or of.clinic == self.clinic:
                    found = True
                    yield Owned(self._mapper.recorded(entry), of)
        self._check_any(found)

    def cases(self) -> Iterator[list[Recorded]]:
        """By case, all entries of each up to the last position; whatever the first is."""
        snapshots = self.engine.execution_options(isolation_level="REPEATABLE READ")
        with library_errors(), snapshots.begin() as connection:
            connection.execute(text("SET TRANSACTION READ ONLY"))
            snapshot = Snapshot(connection, self.book)
            entries = snapshot.entries("stream, version", f"position <= {self.last:d}")
            done, found = 0, self.clinic is None
            for _, stream in groupby(entries, attrgetter("stream")):
                stored = list(stream)
                opened = self._mapper.recorded(stored[0]).event
                if isinstance(opened, CaseOpened) and self.clinic in {None, opened.creditor}:
                    found = True
                    yield list(map(self._mapper.recorded, stored))
                done += len(stored)
                self._tell(done, self.last)
            self._check_any(found)

    def _pages(self) -> Iterator[list[StoredEntry]]:
        at = self.first - 1
        while at < self.last:
            page = self._recorder.read_log(at, min(PAGE_ENTRIES, self.last - at))
            if not page:
                return
            yield page
            at = page[-1].position
            self._tell(at - self.first + 1, self.last - self.first + 1)

    def _streams(self, page: list[StoredEntry]) -> dict[str, Stream]:
        given = {"book": self.book, "streams": list({entry.stream for entry in page})}
        with library_errors(), self.engine.connect() as connection:
            rows = connection.exec_driver_sql(_STREAMS, given).all()
        return {stream: Stream(clinic, case) for stream, clinic, case in rows}

    def _check_any(self, found: bool) -> None:
        """A name that was mistyped must not make an empty file."""
        if not found and self.clinic is not None:
            raise ClinicNotFound(self.clinic, self.book)

    def _tell(self, done: int, total: int) -> None:
        if self._progress is not None:
            self._progress(done, total)
