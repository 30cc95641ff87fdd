"""Is the log whole, and do the read models say what a replay of it says?

Reads everything in one snapshot, in a constant amount of memory, while the ledger is in use.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Engine, text

from ledger.domain.accounts import postings
from ledger.domain.case import Case
from ledger.domain.recorded import Recorded
from ledger.log.codec import UndecodableEvent
from ledger.log.entries import READ_COLUMNS, StoredEntry
from ledger.log.errors import library_errors
from ledger.log.leaf import envelope, microseconds
from ledger.log.mapper import EventMapper, JsonTranscoder
from ledger.log.merkle import Frontier, leaf_hash
from ledger.log.recorder import BookRecorder
from ledger.projections import balances, generations
from ledger.projections.engine import Progress, Projector
from ledger.projections.journal import trial_balance
from ledger.wording.events import lines

FETCH_ROWS: Final = 5_000
MOST_LISTED: Final = 100
"""Differences that are described one by one; all are counted."""


class Difference(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that is not as it must be."""

    what: str
    position: int | None = None
    case: str | None = None
    expected: Any = None
    found: Any = None


class Verification(msgspec.Struct):
    """What was compared, and what did not agree."""

    book: str
    position: int
    cases: int = 0
    events: int = 0
    differences: int = 0
    listed: list[Difference] = []

    @property
    def ok(self) -> bool:
        """Whether nothing differs."""
        return self.differences == 0

    def differs(self, difference: Difference) -> None:
        """Take note of a difference."""
        self.differences += 1
        if len(self.listed) < MOST_LISTED:
            self.listed.append(difference)


def verify(engine: Engine, book: str, progress: Progress | None = None) -> Verification:
    """Compare the log with itself and its tree, and the read models with a replay of it.

    ``progress`` is told entries done of twice the log's length: it is read once by position
    and once by case. Raises ``BookNotFound``.
    """
    snapshots = engine.execution_options(isolation_level="REPEATABLE READ")
    with library_errors(), generations.held(engine), snapshots.begin() as connection:
        connection.execute(text("SET TRANSACTION READ ONLY"))
        return _Verifier(engine, connection, book, progress).run()


class _Verifier:
    def __init__(
        self, engine: Engine, connection: Connection, book: str, progress: Progress | None
    ) -> None:
        recorder = BookRecorder(engine, book)
        self.connection = connection
        self.book = book
        self.currency = recorder.currency(connection)
        self.head = recorder.head(connection)
        self.at = Projector(engine).positions(connection, book)
        self.found = Verification(book, self.head.position)
        self.mapper = EventMapper(JsonTranscoder())
        self.progress = progress
        self.totals: dict[str, int] = {}

    def run(self) -> Verification:
        for name, at in self.at.items():
            if at > self.head.position:
                self.found.differs(
                    Difference(f"{name} is ahead of the log", expected=self.head.position, found=at)
                )
        self._by_position()
        self._by_case()
        self._totals()
        return self.found

    def _by_position(self) -> None:
        """Positions, times, tree, postings; and the read models that have a row for each entry."""
        frontier = Frontier()
        last_time = None
        journal = self._rows(
            "position, stream::text, value_date::text, account, claim, amount",
            "projections.journal", "position, line", "journal",
        )  # fmt: skip
        trail = self._rows(
            "position, stream::text, version, recorded_at, value_date::text, actor, channel,"
            " event, line_nb, line_en",
            "projections.audit_trail", "position", "audit_trail",
        )  # fmt: skip
        posted = _Groups(journal)
        written = _Groups(trail)
        for number, entry in enumerate(self._entries("position"), start=1):
            if entry.position != number:
                self.found.differs(
                    Difference("position", entry.position, expected=number, found=entry.position)
                )
                break
            if last_time is not None and entry.recorded_at < last_time:
                self.found.differs(Difference("time runs back", entry.position))
            last_time = entry.recorded_at
            frontier.append(leaf_hash(self._leaf(entry)))
            self.found.events = number
            recorded = self._decoded(entry)
            if recorded is None:
                self.found.differs(Difference("event can't be read", number, entry.stream))
                continue
            self._compare_journal(recorded, posted.at(number))
            self._compare_trail(recorded, written.at(number))
            self._tell(number)
        if frontier.size != self.head.position:
            self.found.differs(
                Difference("entries", expected=self.head.position, found=frontier.size)
            )
        elif frontier.root() != self.head.root or frontier.to_bytes() != self.head.frontier:
            self.found.differs(
                Difference(
                    "root of the tree", expected=self.head.root.hex(), found=frontier.root().hex()
                )
            )
        for name, groups in (("journal", posted), ("audit_trail", written)):
            if strays := groups.finish():
                self.found.differs(Difference(f"{name} has rows of no entry", found=strays))

    def _by_case(self) -> None:
        """Versions within each case, and its balance."""
        rows = self._rows(
            "stream::text, component, amount", "projections.balances", "stream", "balances"
        )
        kept = _Groups(row for row in rows if row[2])
        entries = self._entries("stream, version")
        until = self.at.get("balances", 0)
        seen = 0
        for stream, group in groupby(entries, attrgetter("stream")):
            self.found.cases += 1
            case = Case(UUID(stream))
            for version, entry in enumerate(group, start=1):
                if entry.version != version:
                    self.found.differs(
                        Difference("version", entry.position, stream, version, entry.version)
                    )
                recorded = self._decoded(entry) if entry.position <= until else None
                if recorded is not None:
                    case.apply(recorded.event)
                seen += 1
            self._tell(self.head.position + seen)
            expected = balances.expected(case)
            found = {component: amount for _, component, amount in kept.at(stream)}
            if found != expected:
                self.found.differs(
                    Difference("balance", case=stream, expected=expected, found=found)
                )
        if strays := kept.finish():
            self.found.differs(Difference("balances has rows of no case", found=strays))

    def _totals(self) -> None:
        kept = {a: n for a, n in trial_balance(self.connection, self.book).items() if n}
        expected = {account: amount for account, amount in self.totals.items() if amount}
        if kept != expected:
            self.found.differs(Difference("account totals", expected=expected, found=kept))

    def _compare_journal(self, recorded: Recorded, rows: list[Any]) -> None:
        moved = postings(recorded.event)
        if sum(posting.amount for posting in moved) != 0:
            self.found.differs(Difference("postings don't sum to zero", recorded.position))
        if recorded.position > self.at.get("journal", 0):
            return
        for account, amount, _ in moved:
            self.totals[account] = self.totals.get(account, 0) + amount
        if not moved and not rows:
            return
        place = (recorded.position, recorded.stream, recorded.event.value_date.isoformat())
        expected = [(*place, account, claim, amount) for account, amount, claim in moved]
        if rows != expected:
            self.found.differs(
                Difference("journal", recorded.position, recorded.stream, expected, rows)
            )

    def _compare_trail(self, recorded: Recorded, rows: list[Any]) -> None:
        if recorded.position > self.at.get("audit_trail", 0):
            return
        event = recorded.event
        expected = (
            recorded.position,
            recorded.stream,
            recorded.version,
            recorded.recorded_at,
            event.value_date.isoformat(),
            recorded.actor,
            recorded.channel,
            event.name,
            *lines(event, self.currency),
        )
        if rows != [expected]:
            self.found.differs(
                Difference("audit trail", recorded.position, recorded.stream, expected, rows)
            )

    def _decoded(self, entry: StoredEntry) -> Recorded | None:
        try:
            return self.mapper.recorded(entry)
        except UndecodableEvent:
            return None

    def _leaf(self, entry: StoredEntry) -> bytes:
        return envelope(
            self.book,
            entry.position,
            entry.stream,
            entry.version,
            entry.type,
            microseconds(entry.recorded_at),
            entry.actor,
            entry.channel,
            entry.command_id,
            entry.payload.encode(),
        )

    def _entries(self, order: str) -> Iterator[StoredEntry]:
        return map(StoredEntry._make, self._rows(READ_COLUMNS, "ledger.events", order, None))

    def _rows(
        self, columns: str, table: str, order: str, projection: str | None
    ) -> Iterator[tuple[Any, ...]]:
        """A server-side cursor: rows come in pages, whatever the table's size."""
        if projection is not None and projection not in self.at:
            return iter(())
        dbapi: Any = self.connection.connection
        cursor = dbapi.cursor(re.sub(r"\W+", "_", f"verify {table} by {order}"))
        cursor.itersize = FETCH_ROWS
        cursor.execute(
            f"SELECT {columns} FROM {table} WHERE book = %s ORDER BY {order}",
            (self.book,),
        )
        found: Iterator[tuple[Any, ...]] = iter(cursor)
        return found

    def _tell(self, done: int) -> None:
        if self.progress is not None and done % FETCH_ROWS == 0:
            self.progress(done, 2 * self.head.position)


class _Groups:
    """Rows that come ordered by their first column, taken group by group in that order."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._groups = groupby(rows, itemgetter(0))
        self._next: tuple[Any, list[Any]] | None = None
        self.strays = 0
        """Groups that nobody asked for."""
        self._advance()

    def at(self, key: Any) -> list[Any]:
        """The rows of this key, which comes after all keys that were asked for before."""
        while self._next is not None and self._next[0] < key:
            self.strays += 1
            self._advance()
        if self._next is None or self._next[0] != key:
            return []
        rows = self._next[1]
        self._advance()
        return rows

    def finish(self) -> int:
        """The number of groups that nobody asked for, those that are left included."""
        while self._next is not None:
            self.strays += 1
            self._advance()
        return self.strays

    def _advance(self) -> None:
        group = next(self._groups, None)
        self._next = None if group is None else (group[0], list(group[1]))
