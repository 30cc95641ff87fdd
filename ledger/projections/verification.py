"""Is the log whole, and do the read models say what a replay of it says?

Reads everything in one snapshot, in a constant amount of memory, while the ledger is in use.
The log is held against its tree's nodes, which tell the very entry that is another one now; its
root against the head; and both against checkpoints, which the database's owner can't make.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Engine, text

from ledger.domain.accounts import postings
from ledger.domain.events import (
    CaseOpened,
    ClientFundsRemitted,
    ClinicRegistered,
    CommandRefused,
    Event,
    InvoiceIssued,
    ReceiptRegistered,
    SubjectErased,
)
from ledger.domain.identifiers import relation
from ledger.domain.recorded import Recorded
from ledger.log.codec import UndecodableEvent
from ledger.log.entries import StoredEntry
from ledger.log.errors import library_errors
from ledger.log.mapper import EventMapper, JsonTranscoder
from ledger.log.recorder import LIBRARY_CHANNEL, BookRecorder
from ledger.log.snapshot import AFTER, FETCH_ROWS, TOUCHED, Snapshot
from ledger.projections import (
    balances,
    client_funds,
    debtors,
    generations,
    receipts,
    refusals,
    worklist,
)
from ledger.projections.engine import Progress, Projector
from ledger.projections.journal import trial_balance
from ledger.projections.projection import CaseRows
from ledger.proof.checkpoints import Anchor
from ledger.proof.difference import Difference
from ledger.proof.keys import VerifierKey
from ledger.proof.log_check import LogCheck, own_checkpoints
from ledger.wording.events import lines

CASE_ROWS: Final = (
    balances.CASE_ROWS,
    client_funds.CASE_ROWS,
    debtors.CASE_ROWS,
    receipts.CASE_ROWS,
    worklist.CASE_ROWS,
    worklist.NUMBER_ROWS,
)
"""What the read models have for each case or other stream."""

KINDS: Final[dict[type[Event], str]] = {
    CaseOpened: "cases",
    ClinicRegistered: "clinics",
    ReceiptRegistered: "receipts",
    ClientFundsRemitted: "remittances",
    CommandRefused: "refusals",
    SubjectErased: "subjects",
}
"""What a stream is, by its first event."""

MOST_LISTED: Final = 100
"""Differences that are described one by one; all are counted."""


class Verification(msgspec.Struct):
    """What was compared, and what did not agree."""

    book: str
    position: int
    since: int = 0
    """Entries up to here were taken for what a checkpoint says they are."""
    cases: int = 0
    streams: dict[str, int] = {}
    """Streams by what they are: cases, clinics, receipts, remittances, refusals, subjects."""
    events: int = 0
    checkpoints: int = 0
    """Heads that somebody vouches for, and that were compared."""
    differences: int = 0
    first: Difference | None = None
    """The difference at the lowest position."""
    listed: list[Difference] = []

    @property
    def ok(self) -> bool:
        """Whether nothing differs."""
        return self.differences == 0

    def differs(self, difference: Difference) -> None:
        """Take note of a difference."""
        self.differences += 1
        if self.first is None or difference.comes_before(self.first):
            self.first = difference
        if len(self.listed) < MOST_LISTED:
            self.listed.append(difference)


def verify(
    engine: Engine,
    book: str,
    progress: Progress | None = None,
    *,
    anchors: Iterable[Anchor] = (),
    keys: Sequence[VerifierKey] = (),
    since: Anchor | None = None,
) -> Verification:
    """Compare the log with itself, its tree and checkpoints, and the read models with a replay.

    ``anchors`` are heads that are vouched for outside of the database, beside the checkpoints
    within it; these must be signed by one of ``keys``, if there are any. ``since`` leaves out
    what a checkpoint has covered: everything before it is taken for proved.

    ``progress`` is told entries done of twice the log's length: it is read once by position
    and once by case. Raises ``BookNotFound``.
    """
    snapshots = engine.execution_options(isolation_level="REPEATABLE READ")
    with library_errors(), generations.held(engine), snapshots.begin() as connection:
        connection.execute(text("SET TRANSACTION READ ONLY"))
        verifier = _Verifier(engine, connection, book, progress, since)
        return verifier.run(anchors, keys)


class _Verifier:
    def __init__(
        self,
        engine: Engine,
        connection: Connection,
        book: str,
        progress: Progress | None,
        since: Anchor | None,
    ) -> None:
        recorder = BookRecorder(engine, book)
        self.connection = connection
        self.book = book
        self.currency = recorder.currency(connection)
        self.head = recorder.head(connection)
        self.at = Projector(engine).positions(connection, book)
        # A log that ends before the checkpoint is read whole, and said to end before it.
        covered = since is not None and since.size <= self.head.position
        self.since = since.size if since is not None and covered else 0
        self.vouched = [] if since is None else [since]
        self.snapshot = Snapshot(connection, book, self.since)
        self.found = Verification(book, self.head.position, self.since)
        self.mapper = EventMapper(JsonTranscoder())
        self.progress = progress
        self.totals: dict[str, int] = {}

    def run(self, anchors: Iterable[Anchor], keys: Sequence[VerifierKey]) -> Verification:
        for name, at in self.at.items():
            if at > self.head.position:
                self._differs(f"{name} is ahead of the log", None, None, self.head.position, at)
        own = own_checkpoints(self.snapshot, keys, self.found.differs)
        self._by_position([*self.vouched, *anchors, *own])
        self._by_case()
        if not self.since:
            self._totals()
        self.found.listed.sort(key=lambda one: (one.position is None, one.position or 0))
        return self.found

    def _by_position(self, anchors: Sequence[Anchor]) -> None:
        """The log, postings, and the read models that have a row for each entry."""
        log = LogCheck(self.snapshot, self.head, anchors, self.found.differs)
        journal = self._rows(
            "position, stream::text, value_date::text, account, claim, amount",
            "journal", "position, line", AFTER,
        )  # fmt: skip
        trail = self._rows(
            "position, stream::text, version, recorded_at, value_date::text, actor, channel,"
            " event, line_nb, line_en",
            "audit_trail", "position", AFTER,
        )  # fmt: skip
        refused = _Groups(self._rows(refusals.COLUMNS, "refusals", "position", AFTER))
        paid_out = _Groups(
            self._rows(
                client_funds.PAID_OUT_COLUMNS,
                "client_funds",
                "position, 2",
                f"paid_out AND {AFTER}",
            )
        )
        posted, written = _Groups(journal), _Groups(trail)
        for entry in self.snapshot.entries("position", AFTER):
            log.look_at(entry)
            self.found.events += 1
            recorded = self._decoded(entry)
            if recorded is None:
                self._differs("event can't be read", entry.position, entry.stream)
                continue
            self._compare_journal(recorded, posted.at(entry.position))
            self._compare_trail(recorded, written.at(entry.position))
            self._compare_rows(
                "refusals", recorded, refusals.expected(recorded), refused.at(entry.position)
            )
            self._compare_rows(
                "client_funds",
                recorded,
                client_funds.expected_paid_out(recorded),
                paid_out.at(entry.position),
            )
            self._tell(self.found.events)
        log.end()
        self.found.checkpoints = log.anchors_compared
        for name, groups in (
            ("journal", posted),
            ("audit_trail", written),
            ("refusals", refused),
            ("client_funds", paid_out),
        ):
            if strays := groups.finish():
                self._differs(f"{name} has rows of no entry", found=strays)

    def _by_case(self) -> None:
        """Versions within each case, its names, and the read models that have rows for a case."""
        # Of a log that is another one, cases are too: that tells no place of its own.
        whole, seen = self.found.ok, 0
        names = _Groups(
            self.snapshot.rows("stream::text, kind, name", "ledger.names", "stream", TOUCHED)
        )
        kept = {rows: _Groups(self._case_rows(rows)) for rows in CASE_ROWS}
        entries = self.snapshot.entries("stream, version", TOUCHED)
        for stream, group in groupby(entries, attrgetter("stream")):
            known: list[Recorded] = []
            stored = list(group)
            for version, entry in enumerate(stored, start=1):
                if entry.version != version:
                    self._differs("version", entry.position, stream, version, entry.version)
                recorded = self._decoded(entry)
                if recorded is not None:
                    known.append(recorded)
            kind = KINDS.get(type(known[0].event), "others") if known else "others"
            self.found.streams[kind] = self.found.streams.get(kind, 0) + 1
            seen += len(stored)
            self._tell(self.head.position - self.since + seen)
            self._compare_names(stream, known, names.at(stream), len(known) < len(stored))
            for rows, groups in kept.items():
                until = self.at.get(rows.projection, 0)
                held = [entry for entry in known if entry.position <= until]
                expected = rows.expected(stream, held)
                found = [row[1:] for row in groups.at(stream)]
                if found != expected:
                    place = held[-1].position if whole and held else None
                    self._differs(rows.table, place, stream, expected, found)
        self.found.cases = self.found.streams.get("cases", 0)
        for rows, groups in kept.items():
            if strays := groups.finish():
                self._differs(f"{rows.table} has rows of no case", found=strays)
        if strays := names.finish():
            self._differs("names belong to no case", found=strays)

    def _compare_names(
        self,
        stream: str,
        entries: Sequence[Recorded],
        rows: list[Any],
        unreadable: bool,
    ) -> None:
        """A name stands for what the case's own events say, and a case has its number.

        An imported history claims its case's number only, so that not every KID is a name.
        """
        claimed = {name for entry in entries for name in _names_of(entry)}
        found = {(kind, name) for _, kind, name in rows if kind in _CLAIMS}
        missing = {name for name in claimed if name[0] != "kid"} - found
        false = set() if unreadable else found - claimed
        if missing or false:
            self._differs("names", None, stream, sorted(missing), sorted(false))

    def _totals(self) -> None:
        kept = {a: n for a, n in trial_balance(self.connection, self.book).items() if n}
        expected = {account: amount for account, amount in self.totals.items() if amount}
        if kept != expected:
            self._differs("account totals", None, None, expected, kept)

    def _compare_journal(self, recorded: Recorded, rows: list[Any]) -> None:
        moved = postings(recorded.event)
        if sum(posting.amount for posting in moved) != 0:
            self._differs("postings don't sum to zero", recorded.position, recorded.stream)
        if recorded.position > self.at.get("journal", 0):
            return
        for account, amount, _ in moved:
            self.totals[account] = self.totals.get(account, 0) + amount
        if not moved and not rows:
            return
        place = (recorded.position, recorded.stream, recorded.event.value_date.isoformat())
        expected = [(*place, account, claim, amount) for account, amount, claim in moved]
        if rows != expected:
            self._differs("journal", recorded.position, recorded.stream, expected, rows)

    def _compare_rows(
        self, projection: str, recorded: Recorded, expected: list[Any], rows: list[Any]
    ) -> None:
        if recorded.position <= self.at.get(projection, 0) and rows != expected:
            self._differs(projection, recorded.position, recorded.stream, expected, rows)

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
            self._differs("audit trail", recorded.position, recorded.stream, expected, rows)

    def _differs(
        self,
        what: str,
        position: int | None = None,
        case: str | None = None,
        expected: Any = None,
        found: Any = None,
    ) -> None:
        self.found.differs(Difference(what, position, case, expected, found))

    def _case_rows(self, rows: CaseRows) -> Iterator[tuple[Any, ...]]:
        if rows.projection not in self.at:
            return iter(())
        columns = f"stream::text, {rows.columns}"
        only = f"({rows.only}) AND {TOUCHED if self.since else 'true'}"
        order = f"stream, {rows.columns}"
        return self.snapshot.rows(columns, f"projections.{rows.table}", order, only)

    def _rows(
        self, columns: str, projection: str, order: str, only: str
    ) -> Iterator[tuple[Any, ...]]:
        """Rows of a read model; none where it was never built."""
        if projection not in self.at:
            return iter(())
        return self.snapshot.rows(columns, f"projections.{projection}", order, only)

    def _decoded(self, entry: StoredEntry) -> Recorded | None:
        try:
            return self.mapper.recorded(entry)
        except UndecodableEvent:
            return None

    def _tell(self, done: int) -> None:
        if self.progress is not None and done % FETCH_ROWS == 0:
            total = 2 * (self.head.position - self.since)
            self.progress(min(done, total), total)


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


_CLAIMS: Final = frozenset({"bank_line", "case", "clinic", "kid", "receipt", "relation"})


def _names_of(recorded: Recorded) -> set[tuple[str, str]]:
    if recorded.channel == LIBRARY_CHANNEL:
        return set()
    match recorded.event:
        case CaseOpened(reference=reference, creditor=creditor, debtor=str() as debtor):
            relation_name = f"{relation(creditor, debtor)}{recorded.stream}"
            return {("case", reference), ("relation", relation_name)}
        case CaseOpened(reference=reference):
            return {("case", reference)}
        case InvoiceIssued(kid=str() as kid):
            return {("kid", kid)}
        case ClinicRegistered(clinic=clinic):
            return {("clinic", clinic)}
        case ReceiptRegistered(receipt=receipt, source_line=line):
            return {("receipt", receipt), ("bank_line", line)}
        case _:
            return set()
