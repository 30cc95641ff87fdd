"""Keeps the read models up with the log, and builds them anew beside the live ones."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Final

from eventsourcing.persistence import Tracking
from sqlalchemy import Connection, Engine, text

from ledger.domain.accounts import postings
from ledger.log.engine import connect
from ledger.log.errors import library_errors
from ledger.log.mapper import EventMapper, JsonTranscoder
from ledger.log.recorder import BookRecorder
from ledger.log.tracking import Tracker
from ledger.processes import WORTH_A_CHILD, Steps, together
from ledger.projections import PROJECTIONS, generations
from ledger.projections.generations import Generation
from ledger.projections.histories import History, every, touched
from ledger.projections.projection import Posted, Projection, StreamProjection

BATCH_ENTRIES: Final = 5_000
"""Entries in one transaction: large enough that its fixed costs vanish, small enough that it
holds no old row version for more than a moment."""

WORTH_STATISTICS: Final = 20_000
"""From this many entries at once on, read models are another size than the planner thinks."""
_REBUILD_LOCK: Final = 7_364_524
"""Advisory lock of a rebuild as a whole."""

Progress = Callable[[int, int], None]
"""Called with entries done and entries in all."""

Targets = list[tuple[Projection, Generation]]


class RebuildRunning(Exception):
    """Another program is rebuilding read models. Wait for it to end."""


class Behind(Exception):
    """The read models have not reached a position in time."""


class Projector:
    """Reads the log by position and folds it into the projections."""

    def __init__(self, engine: Engine, projections: Sequence[Projection] = PROJECTIONS) -> None:
        self._engine = engine
        self._projections = {projection.name: projection for projection in projections}
        self._mapper = EventMapper(JsonTranscoder())

    def catch_up(self, book: str, progress: Progress | None = None) -> int:
        """Bring all read models of a book up to the log's end; returns the position reached.

        May be called by several programs at once: each entry is applied once. Read models
        that are missing, or were built by another version, are built first.
        """
        self._build_outdated(progress)
        recorder = BookRecorder(self._engine, book)
        end = recorder.head().position
        behind = self.position(book)
        for batch in self._batches(recorder, behind, end):
            with self._writing() as connection:
                connection.execute(text("SET LOCAL lock_timeout = '30s'"))
                generations.lock_shared(connection)
                self._apply(connection, book, self._targets(connection), batch)
            if progress is not None:
                progress(batch[-1][0].position, end)
        if end - behind >= WORTH_STATISTICS:
            with self._writing() as connection:
                generations.lock_shared(connection)
                for projection, generation in self._targets(connection):
                    generations.analyze(connection, projection, generation)
        return end

    def behind(self) -> list[str]:
        """The books of which some read model does not hold all of the log yet."""
        with self._transaction() as connection:
            if self._outdated(connection):
                return list(_heads(connection))
            return generations.books_behind(connection)

    def position(self, book: str) -> int:
        """The position up to which every read model of a book holds the log."""
        with self._transaction() as connection:
            return min(self.positions(connection, book).values(), default=0)

    def positions(self, connection: Connection, book: str) -> dict[str, int]:
        """The position of each read model of a book."""
        targets = self._targets(connection)
        at = Tracker.positions(connection, book, [g.consumer for _, g in targets])
        return {projection.name: at[generation.consumer] for projection, generation in targets}

    def wait_for(self, book: str, position: int, timeout_seconds: float) -> None:
        """Return when the read models hold a position; somebody else must be catching up.

        Raises ``Behind`` when they don't in time.
        """
        deadline = monotonic() + timeout_seconds
        while self.position(book) < position:
            if monotonic() > deadline:
                raise Behind(f"the read models of {book!r} have not reached position {position}")
            sleep(0.02)

    def rebuild(
        self, names: Sequence[str] | None = None, progress: Progress | None = None
    ) -> dict[str, int]:
        """Build read models anew beside the live ones, and switch when they have caught up.

        Queries are answered by the live ones until then. Returns the entries that were
        applied, by projection. Raises ``KeyError`` for an unknown projection and
        ``RebuildRunning`` if another rebuild is under way.
        """
        with self._exclusively(wait=False):
            return self._rebuild(list(names or self._projections), progress)

    def _rebuild(self, names: Sequence[str], progress: Progress | None) -> dict[str, int]:
        chosen = [self._projections[name] for name in names]
        with self._transaction() as connection:
            generations.lock(connection)
            generations.prepare(connection)
            targets = [(p, generations.create(connection, p)) for p in chosen]
            heads = _heads(connection)
        by_stream = [t for t in targets if isinstance(t[0], StreamProjection)]
        by_entry = [t for t in targets if t not in by_stream]
        ways = [way for way in (by_entry, by_stream) if way]
        total, done = len(ways) * sum(heads.values()), 0
        for book, end in heads.items():
            for entries in self._build(book, by_entry, by_stream, end):
                done += entries
                if progress is not None:
                    progress(done, total)
        done //= max(len(ways), 1)
        with self._transaction() as connection:
            for projection, generation in targets:
                generations.index(connection, projection, generation)
                generations.analyze(connection, projection, generation)
        done += self._switch(targets)
        return {projection.name: done for projection in chosen}

    def _build(self, book: str, by_entry: Targets, by_stream: Targets, end: int) -> Steps:
        """Both ways of building; at the same time, where there is much to build."""
        if by_entry and by_stream and end >= WORTH_A_CHILD:
            here = self._build_entries(book, by_entry, end)
            url = self._engine.url.render_as_string(hide_password=False)
            yield from together(here, _build_streams_elsewhere, url, book, by_stream, end)
            return
        if by_entry:
            yield from self._build_entries(book, by_entry, end)
        if by_stream:
            yield from self._build_streams(book, by_stream, end)

    def _build_entries(self, book: str, targets: Targets, end: int) -> Steps:
        """Apply the log in its order; yields how many entries were applied at a time."""
        for batch in self._batches(BookRecorder(self._engine, book), 0, end):
            with self._writing() as connection:
                self._apply(connection, book, targets, batch)
            yield len(batch)

    def _build_streams(self, book: str, targets: Targets, end: int) -> Steps:
        """Write each stream once, as it is at the end; yields how many entries that took in."""
        with library_errors(), self._engine.connect() as reading:
            try:
                for histories in _in_parts(every(reading, book, end)):
                    with self._writing() as connection:
                        cursor = connection.connection.cursor()
                        for projection, generation in targets:
                            assert isinstance(projection, StreamProjection)
                            tables = generation.tables(projection)
                            projection.write(cursor, tables, book, histories, end)
                    yield sum(len(history.entries) for history in histories)
            except BaseException:
                reading.invalidate()  # in the middle of reading, and perhaps of a server that died
                raise
        with self._transaction() as connection:
            for _, generation in targets:
                tracker = Tracker(self._engine, generation.consumer)
                tracker.begin(connection, book)
                if end:
                    tracker.advance(connection, Tracking(book, end))

    def _switch(self, targets: Targets) -> int:
        """While nothing else moves, let the new generations pass the live ones and replace them."""
        applied = 0
        with self._transaction() as connection:
            generations.lock(connection)
            for book, end in _heads(connection).items():
                recorder = BookRecorder(self._engine, book)
                consumers = [generation.consumer for _, generation in targets]
                after = min(Tracker.positions(connection, book, consumers).values())
                for batch in self._batches(recorder, after, end):
                    self._apply(connection, book, targets, batch)
                    applied += len(batch)
            for projection, generation in targets:
                generations.switch(connection, projection, generation)
                for consumer in generations.drop_others(connection, projection, generation):
                    Tracker(self._engine, consumer).forget(connection)
        return applied

    def _build_outdated(self, progress: Progress | None) -> None:
        with self._transaction() as connection:
            outdated = self._outdated(connection)
        if not outdated:
            return
        with self._exclusively(wait=True):
            with self._transaction() as connection:
                outdated = self._outdated(connection)
            if outdated:
                self._rebuild(outdated, progress)

    def _outdated(self, connection: Connection) -> list[str]:
        live = generations.live(connection)
        return [
            name
            for name, projection in self._projections.items()
            if name not in live or live[name].version != projection.version
        ]

    def _targets(self, connection: Connection) -> Targets:
        live = generations.live(connection)
        return [(p, live[name]) for name, p in self._projections.items() if name in live]

    def _apply(
        self, connection: Connection, book: str, targets: Targets, batch: Sequence[Posted]
    ) -> None:
        currency = BookRecorder(self._engine, book).currency(connection)
        cursor = connection.connection.cursor()
        whole: dict[int, list[History]] = {}
        for projection, generation in targets:
            tracker = Tracker(self._engine, generation.consumer)
            tracker.begin(connection, book)
            at = tracker.position(connection, book, lock=True) or 0
            fresh = batch[max(0, at + 1 - batch[0][0].position) :]
            if not fresh:
                continue
            if fresh[0][0].position != at + 1:
                raise AssertionError(f"{generation.consumer} would skip from {at} of {book}")
            tables = generation.tables(projection)
            if isinstance(projection, StreamProjection):
                if at not in whole:
                    whole[at] = touched(cursor, book, [entry for entry, _ in fresh])
                projection.write(cursor, tables, book, whole[at], fresh[-1][0].position)
            else:
                projection.apply(cursor, tables, book, currency, fresh)
            tracker.advance(connection, Tracking(book, fresh[-1][0].position))

    def _batches(self, recorder: BookRecorder, after: int, end: int) -> Iterator[list[Posted]]:
        """The log from a position to another. The next batch is read while one is being used."""
        if after >= end:
            return

        def read(start: int) -> list[Posted]:
            entries = recorder.read_log(start, min(BATCH_ENTRIES, end - start))
            recorded = map(self._mapper.recorded, entries)
            return [(entry, postings(entry.event)) for entry in recorded]

        with ThreadPoolExecutor(1) as reader:
            coming: Future[list[Posted]] | None = reader.submit(read, after)
            while coming is not None:
                batch = coming.result()
                if not batch:  # the head says that there is more: verify tells where it ends
                    return
                after += len(batch)
                coming = reader.submit(read, after) if after < end else None
                yield batch

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with library_errors(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction whose commit does not wait for the disk.

        A crash may lose the last of them, each with the position that it moved: they are applied
        again. A rebuild's are durable when it switches, which waits.
        """
        with self._transaction() as connection:
            connection.execute(text("SET LOCAL synchronous_commit = off"))
            yield connection

    @contextmanager
    def _exclusively(self, *, wait: bool) -> Iterator[None]:
        """Hold a session's lock for as long as a rebuild takes, outside of any transaction."""
        with library_errors(), self._engine.connect() as connection:
            key = {"key": _REBUILD_LOCK}
            if wait:
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(text("SELECT pg_advisory_lock(:key)"), key)
                taken = True
            else:
                query = text("SELECT pg_try_advisory_lock(:key)")
                taken = connection.execute(query, key).scalar_one()
            connection.commit()
            if not taken:
                raise RebuildRunning("another program is rebuilding read models; wait for it")
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)
                connection.commit()


def _build_streams_elsewhere(url: str, book: str, targets: Targets, end: int) -> Steps:
    """In a child: a part of a rebuild, which its parent holds the lock of."""
    engine = connect(url)
    projector = Projector(engine, [projection for projection, _ in targets])
    yield from projector._build_streams(book, targets, end)
    engine.dispose()


def _in_parts(histories: Iterable[History]) -> Iterator[list[History]]:
    """So many streams at a time that they have a batch's entries."""
    part: list[History] = []
    entries = 0
    for history in histories:
        part.append(history)
        entries += len(history.entries)
        if entries >= BATCH_ENTRIES:
            yield part
            part, entries = [], 0
    if part:
        yield part


def _heads(connection: Connection) -> dict[str, int]:
    rows = connection.execute(text("SELECT book, position FROM ledger.book_head ORDER BY book"))
    return {book: position for book, position in rows}
