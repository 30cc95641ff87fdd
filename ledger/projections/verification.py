"""Is the log whole, and do the read models say what a replay of it says?

Reads everything in one snapshot, in a constant amount of memory, while the ledger is in use.
The log is held against its tree's nodes, which tell the very entry that is another one now; its
root against the head; and both against checkpoints, which the database's owner can't make.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any, Final, NamedTuple

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
from ledger.log.engine import connect
from ledger.log.entries import StoredEntry
from ledger.log.errors import library_errors
from ledger.log.mapper import EventMapper, JsonTranscoder
from ledger.log.recorder import LIBRARY_CHANNEL, BookRecorder
from ledger.log.snapshot import AFTER, FETCH_ROWS, TOUCHED, Snapshot
from ledger.processes import WORTH_A_CHILD, Steps, together
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
from ledger.projections.histories import History
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

    def takes(self, part: "Verification", *, places: bool) -> None:
        """Take note of all that a part of the work has found, with its places or without: then
        there is a difference that has one already."""
        self.differences += part.differences
        listed = part.listed
        if not places:
            listed = [msgspec.structs.replace(one, position=None) for one in listed]
        elif part.first and (self.first is None or part.first.comes_before(self.first)):
            self.first = part.first
        self.listed += listed[: MOST_LISTED - len(self.listed)]


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
    and once by case, at the same time where it is long. Raises ``BookNotFound``.
    """
    snapshots = engine.execution_options(isolation_level="REPEATABLE READ")
    with (
        library_errors(),
        generations.held(engine),
        snapshots.begin() as connection,
    ):
        connection.execute(text("SET TRANSACTION READ ONLY"))
        # It is idle while a child has not come to the end; it holds nothing that a writer needs.
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        verifier = _Verifier(engine, connection, book, since)
        done, total = 0, 2 * (verifier.head.position - verifier.since)
        for entries in verifier.steps(anchors, keys):
            done += entries
            if progress is not None:
                progress(min(done, total), total)
        return verifier.found


def _by_case_elsewhere(url: str, snapshot: str, book: str, since: Anchor | None) -> Steps:
    """In a child: the reading by case, in the snapshot of its parent."""
    engine = connect(url)
    snapshots = engine.execution_options(isolation_level="REPEATABLE READ")
    with library_errors(), snapshots.begin() as connection:
        connection.execute(text(f"SET TRANSACTION SNAPSHOT '{snapshot}'"))
        connection.execute(text("SET TRANSACTION READ ONLY"))
        found = yield from _Verifier(engine, connection, book, since).by_case()
    engine.dispose()
    return found


class _OfCases(NamedTuple):
    """What the reading by case has found."""

    streams: Verification
    """What a stream's own entries and names say."""
    rows: Verification
    """What read models say of a stream."""


class _Verifier:
    def __init__(
        self,
        engine: Engine,
        connection: Connection,
        book: str,
        since: Anchor | None,
    ) -> None:
        recorder = BookRecorder(engine, book)
        self.url = engine.url.render_as_string(hide_password=False)
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
        self.totals: dict[str, int] = {}

    def steps(self, anchors: Iterable[Anchor], keys: Sequence[VerifierKey]) -> Steps:
        """Compare everything; yields how many entries were looked at, of each reading."""
        for name, at in self.at.items():
            if at > self.head.position:
                self._differs(f"{name} is ahead of the log", None, None, self.head.position, at)
        own = own_checkpoints(self.snapshot, keys, self.found.differs)
        by_position = self._by_position([*self.vouched, *anchors, *own])
        if self.head.position - self.since >= WORTH_A_CHILD:
            shared = self.connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            since = next(iter(self.vouched), None)
            of_cases = yield from together(
                by_position, _by_case_elsewhere, self.url, shared, self.book, since
            )
        else:
            yield from by_position
            of_cases = yield from self.by_case()
        self._take(of_cases)
        if not self.since:
            self._totals()
        self.found.listed.sort(key=lambda one: (one.position is None, one.position or 0))

    def _take(self, of_cases: _OfCases) -> None:
        # Of a log that is another one, cases are too: that tells no place of its own.
        whole = self.found.ok
        self.found.takes(of_cases.streams, places=True)
        self.found.takes(of_cases.rows, places=whole)
        self.found.streams = of_cases.streams.streams
        self.found.cases = self.found.streams.get("cases", 0)

    def _by_position(self, anchors: Sequence[Anchor]) -> Steps:
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
            if self.found.events % FETCH_ROWS == 0:
                yield FETCH_ROWS
        yield self.found.events % FETCH_ROWS
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

    def by_case(self) -> Generator[int, None, _OfCases]:
        """Versions within each case, its names, and the read models that have rows for a case."""
        nothing = (self.book, self.head.position, self.since)
        found, of_rows, seen = Verification(*nothing), Verification(*nothing), 0
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
                    found.differs(
                        Difference("version", entry.position, stream, version, entry.version)
                    )
                recorded = self._decoded(entry)
                if recorded is not None:
                    known.append(recorded)
            kind = KINDS.get(type(known[0].event), "others") if known else "others"
            found.streams[kind] = found.streams.get(kind, 0) + 1
            seen += len(stored)
            if seen >= FETCH_ROWS:
                yield seen
                seen = 0
            unreadable = len(known) < len(stored)
            self._compare_names(found, stream, known, names.at(stream), unreadable)
            held: dict[int, History | None] = {}
            for rows, groups in kept.items():
                until = self.at.get(rows.projection, 0)
                if until not in held:
                    held[until] = _up_to(until, stream, known)
                history = held[until]
                expected = [] if history is None else rows.expected(history)
                kept_rows = [row[1:] for row in groups.at(stream)]
                if kept_rows != expected:
                    place = None if history is None else history.entries[-1].position
                    of_rows.differs(Difference(rows.table, place, stream, expected, kept_rows))
        yield seen
        for rows, groups in kept.items():
            if strays := groups.finish():
                of_rows.differs(Difference(f"{rows.table} has rows of no case", found=strays))
        if strays := names.finish():
            found.differs(Difference("names belong to no case", found=strays))
        return _OfCases(found, of_rows)

    def _compare_names(
        self,
        of_streams: Verification,
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
            of_streams.differs(Difference("names", None, stream, sorted(missing), sorted(false)))

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


def _up_to(until: int, stream: str, known: Sequence[Recorded]) -> History | None:
    """A stream as far as a read model holds it; ``None`` where that is nothing of it."""
    entries = [entry for entry in known if entry.position <= until]
    return History(stream, entries, 0) if entries else None


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
