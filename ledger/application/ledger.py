"""The application: executes commands on a book, and answers what a case was at any moment."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from time import sleep
from typing import Final, NamedTuple, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from eventsourcing.application import Application
from eventsourcing.persistence import InfrastructureFactory, InterfaceError, OperationalError
from eventsourcing.utils import Environment
from sqlalchemy import Engine

from ledger.application.batch import Batch, CasesHeld, held_nowhere
from ledger.application.group_commit import GroupCommit
from ledger.application.kept import REFERENCE, KeptStates
from ledger.application.lately_read import LatelyRead
from ledger.application.note_texts import NoteTexts, keeping_texts
from ledger.application.orders import Order, Outcome, Receipt
from ledger.domain.case import Case
from ledger.domain.clinic import Clinic
from ledger.domain.commands import TakeNote
from ledger.domain.decisions import COMMANDS, decide
from ledger.domain.recorded import Recorded
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Rules
from ledger.log.append import Append
from ledger.log.errors import BookNotFound
from ledger.log.factory import BOOK, LogFactory
from ledger.log.mapper import EventMapper
from ledger.log.recorder import BookRecorder
from ledger.rules import load

OSLO: Final = ZoneInfo("Europe/Oslo")
ATTEMPTS: Final = 5
"""How often a batch is tried when the database goes away: a restart takes a few seconds."""
FIRST_PAUSE_SECONDS: Final = 0.2


@lru_cache(maxsize=1)
def shipped_rules() -> Rules:
    """The rules that ship with the program, read once."""
    return Rules(rates=load())


def oslo_today() -> date:
    """Today's business date."""
    return datetime.now(OSLO).date()


class CaseNotFound(Exception):
    """The book has no such case."""

    def __init__(self, case: object, book: str) -> None:
        super().__init__(f"book {book!r} has no case {case}")


class ClinicNotFound(Exception):
    """The book has no such clinic."""

    def __init__(self, clinic: str, book: str) -> None:
        super().__init__(f"book {book!r} has no clinic {clinic!r}")


class NotKnown(Exception):
    """The question is about a moment of which the log can't tell: there is no answer, and
    an empty one would be wrong."""


class Reading(NamedTuple):
    """A case that was read, and where the log ended at that moment."""

    case: Case
    position: int


class Ledger(Application[UUID]):
    """One book."""

    recorder: BookRecorder
    mapper: EventMapper

    def __init__(
        self,
        engine: Engine,
        book: str,
        *,
        rules: Rules | None = None,
        today: Callable[[], date] = oslo_today,
        cases_held: CasesHeld = held_nowhere,
        texts: NoteTexts | None = None,
    ) -> None:
        """``texts`` keeps what notes say; without it, that a note was taken is all that stays."""
        self.engine = engine
        self.book = book
        self.rules = rules or shipped_rules()
        self._today = today
        self._cases_held = cases_held
        self._texts = texts
        self._group = GroupCommit(self._carry_out)
        self._kept = KeptStates()
        super().__init__({BOOK: book})
        self._read = LatelyRead(self.recorder, self.mapper)

    def construct_factory(self, env: Environment) -> InfrastructureFactory:
        """Our recorders on the engine that this application was given."""
        return cast(InfrastructureFactory, LogFactory(env, self.engine))

    def execute(self, order: Order) -> Outcome:
        """Carry out one command, in one transaction with whatever else is waiting.

        When it returns a receipt, the events are durable. May be called from many threads.
        """
        if isinstance(order.command, TakeNote):
            submit = self._group.submit
            return self._with_texts([order], lambda orders: [submit(one) for one in orders])[0]
        return self._group.submit(order)

    async def execute_soon(self, order: Order) -> Outcome:
        """What ``execute`` does, for a task of an event loop."""
        if isinstance(order.command, TakeNote):
            return await asyncio.to_thread(self.execute, order)
        return await self._group.submit_soon(order)

    def execute_many(self, orders: Sequence[Order]) -> list[Outcome]:
        """Carry out many commands in one transaction; an outcome for each, in their order.

        Refused commands harm no other. Raises the first exception that deciding one of them
        met, after the others were recorded.
        """
        return self._with_texts(orders, lambda asked: _raised(self._carry_out(asked)))

    def _with_texts(
        self, orders: Sequence[Order], carry_out: Callable[[Sequence[Order]], list[Outcome]]
    ) -> list[Outcome]:
        if self._texts is None:
            return carry_out(orders)

        def opened(case: UUID) -> Case:
            return self._read.case(case)[0] or Case(case)

        def done_before(command: UUID) -> bool:
            return self.recorder.command(command) is not None

        return keeping_texts(self._texts, opened, done_before, orders, carry_out)

    def dry_run(self, orders: Sequence[Order]) -> list[Outcome]:
        """What ``execute_many`` would answer now; nothing is recorded.

        The positions in its receipts are those that the events would get if nobody else came
        first. A book that is not there yet is taken for an empty one.
        """
        try:
            with self.recorder.append(_ids(orders)) as append:
                outcomes = self._batch(append).carry_out(orders)
                append.discard()
        except BookNotFound:
            return [self._in_an_empty_book(order) for order in orders]
        return _raised(outcomes)

    def preview(self, order: Order) -> list[Recorded] | Refusal:
        """The events that ``execute`` would record now, or why it would refuse.

        Those of a command that has been carried out are the ones that it recorded.
        """
        with self.recorder.append([order.command_id]) as append:
            batch = self._batch(append)
            outcome = batch.carry_out([order])[0]
            pending = append.pending(order.command_id)
            append.discard()
        if isinstance(outcome, Exception):
            raise outcome
        if isinstance(outcome, Refusal):
            return outcome
        return (
            self.entries(outcome) if outcome.repeated else list(map(self.mapper.recorded, pending))
        )

    def _in_an_empty_book(self, order: Order) -> Outcome:
        if type(order.command) not in COMMANDS:
            raise BookNotFound(self.book)
        decision = decide(Case(order.case), order.command, self.rules, self._today())
        if isinstance(decision, Refusal):
            return decision
        return Receipt(
            command_id=order.command_id,
            case=order.case,
            first_position=1,
            last_position=len(decision),
            repeated=False,
        )

    def entries(self, receipt: Receipt) -> list[Recorded]:
        """What a command recorded, whether just now or long ago."""
        first, last = receipt.first_position, receipt.last_position
        stored = self.recorder.read_log(first - 1, last - first + 1)
        return [self.mapper.recorded(entry) for entry in stored]

    def find(self, reference: str) -> UUID:
        """The case with an id or case number. Raises ``CaseNotFound``."""
        found = self.found_before(reference) or self.find_many([reference]).get(reference)
        if found is None:
            raise CaseNotFound(reference, self.book)
        return found

    def found_before(self, reference: str) -> UUID | None:
        """What ``find`` has said of a reference, if that is still at hand: no query is made."""
        return self._kept.names.get((REFERENCE, reference))

    def find_many(self, references: Sequence[str]) -> dict[str, UUID]:
        """What ``find`` says of many; those that it would not find are left out.

        What is a case's id is never taken for the number of another, whatever that one is called.
        """
        names = self._kept.names
        found = {r: case for r in references if (case := names.get((REFERENCE, r))) is not None}
        ids = {r: id for r in references if r not in found and (id := _id(r)) is not None}
        there = self.recorder.that_exist(list(ids.values())) if ids else set()
        new = {reference: id for reference, id in ids.items() if id in there}
        others = [r for r in references if r not in found and r not in new]
        new |= self.recorder.streams_named("case", others) if others else {}
        for reference, case in new.items():
            self._kept.keep_name(REFERENCE, reference, case)
        return ids | found | new

    def history(self, case: UUID, *, known_at: int | datetime | None = None) -> list[Recorded]:
        """A case's entries in order: all, or those known at a position or an instant.

        Raises ``CaseNotFound``, and ``NotKnown`` for a moment that has not come yet or at
        which the case was not known.
        """
        return self._history(case, known_at)[0]

    def _history(self, case: UUID, known_at: int | datetime | None) -> tuple[list[Recorded], int]:
        position = known_at if isinstance(known_at, int) else None
        instant = known_at if isinstance(known_at, datetime) else None
        if instant is not None and not self.recorder.settled(instant):
            raise NotKnown(f"{instant.isoformat()} has not come yet")
        found, last = self.recorder.read_stream_and_position(
            case, until_position=position, until_time=instant
        )
        if position is not None and not 0 <= position <= last:
            raise NotKnown(f"the log of book {self.book!r} ends at position {last}")
        if found:
            return list(map(self.mapper.recorded, found)), last
        if known_at is not None and self.recorder.read_stream(case):
            raise NotKnown(f"case {case} was not known at {known_at}")
        raise CaseNotFound(case, self.book)

    def case(
        self,
        case: UUID,
        *,
        known_at: int | datetime | None = None,
        effective_on: date | None = None,
    ) -> Case:
        """A case as it is now; as it was known at a position or instant; as it is in effect on
        a date (only what counts by then); or both at once. The case is not to be changed.

        Raises as ``history`` does.
        """
        return self.read(case, known_at=known_at, effective_on=effective_on).case

    def read(
        self,
        case: UUID,
        *,
        known_at: int | datetime | None = None,
        effective_on: date | None = None,
    ) -> Reading:
        """What ``case`` returns, and where the log ended when it was read."""
        if known_at is None and effective_on is None:
            found, position = self._read.case(case)
            if found is None:
                raise CaseNotFound(case, self.book)
            return Reading(found, position)
        entries, position = self._history(case, known_at)
        counted: Iterable[Recorded] = entries
        if effective_on is not None:
            counted = (e for e in entries if e.event.value_date <= effective_on)
        return Reading(Case.fold(case, counted), position)

    def cases(self, ids: Sequence[UUID]) -> dict[UUID, Case]:
        """Many cases as they are now, in one query; those that are not there are left out."""
        recorded = map(self.mapper.recorded, self.recorder.read_streams(ids))
        return {
            UUID(stream): Case.fold(UUID(stream), entries)
            for stream, entries in groupby(recorded, attrgetter("stream"))
        }

    def clinic(self, name: str) -> Clinic:
        """A clinic as it is now. Raises ``ClinicNotFound``."""
        stream = self.recorder.stream_named("clinic", name)
        if stream is None:
            raise ClinicNotFound(name, self.book)
        return Clinic.fold(stream, map(self.mapper.recorded, self.recorder.read_stream(stream)))

    def rules_of(self, creditor: str | None) -> Rules:
        """The rules with the policy of a clinic; the default policy for one that is not known."""
        if creditor is None:
            return self.rules
        try:
            policy = self.clinic(creditor).policy
        except ClinicNotFound:
            return self.rules
        return msgspec.structs.replace(self.rules, policy=policy)

    def today(self) -> date:
        """The business date on which commands are decided."""
        return self._today()

    def _batch(self, append: Append, kept: KeptStates | None = None) -> Batch:
        return Batch(append, self.mapper, self.rules, self._today(), self._cases_held, kept)

    def _carry_out(self, orders: Sequence[Order]) -> list[Outcome | Exception]:
        """One transaction, tried again when the connection breaks.

        A connection that is lost at commit leaves the outcome unknown. Trying again first
        waits for the book's head, hence for the end of the lost transaction, and then reads
        which of the command ids were carried out: those are answered and not repeated.
        """
        pause = FIRST_PAUSE_SECONDS
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self._kept.turn():
                    with self.recorder.append(_ids(orders)) as append:
                        batch = self._batch(append, self._kept)
                        outcomes = batch.carry_out(orders)
                    self._kept.keep(batch.states(), append)
                return outcomes
            except (OperationalError, InterfaceError):
                if attempt == ATTEMPTS:
                    raise
                sleep(pause)
                pause *= 2
        raise AssertionError("unreachable")


def _ids(orders: Sequence[Order]) -> list[UUID]:
    return [order.command_id for order in orders]


def _id(reference: str) -> UUID | None:
    try:
        return UUID(reference)
    except ValueError:
        return None


def _raised(outcomes: list[Outcome | Exception]) -> list[Outcome]:
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
    return cast(list[Outcome], outcomes)
