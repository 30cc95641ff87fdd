"""The application: executes commands on a book, and answers what a case was at any moment."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from time import sleep
from typing import Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from eventsourcing.application import Application
from eventsourcing.persistence import InfrastructureFactory, InterfaceError, OperationalError
from eventsourcing.utils import Environment
from sqlalchemy import Engine

from ledger.application.batch import Batch
from ledger.application.group_commit import GroupCommit
from ledger.application.orders import Order, Outcome, Receipt
from ledger.domain.case import Case
from ledger.domain.decisions import decide
from ledger.domain.recorded import Recorded
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Rules
from ledger.log.errors import BookNotFound
from ledger.log.factory import BOOK, LogFactory
from ledger.log.mapper import CaseStore, EventMapper
from ledger.log.recorder import BookRecorder

OSLO: Final = ZoneInfo("Europe/Oslo")
ATTEMPTS: Final = 5
"""How often a batch is tried when the database goes away: a restart takes a few seconds."""
FIRST_PAUSE_SECONDS: Final = 0.2


def oslo_today() -> date:
    """Today's business date."""
    return datetime.now(OSLO).date()


class CaseNotFound(Exception):
    """The book has no such case."""

    def __init__(self, case: object, book: str) -> None:
        super().__init__(f"book {book!r} has no case {case}")


class NotKnown(Exception):
    """The question is about a moment of which the log can't tell: there is no answer, and
    an empty one would be wrong."""


class Ledger(Application[UUID]):
    """One book."""

    recorder: BookRecorder
    mapper: EventMapper
    events: CaseStore

    def __init__(
        self,
        engine: Engine,
        book: str,
        *,
        rules: Rules | None = None,
        today: Callable[[], date] = oslo_today,
    ) -> None:
        self.engine = engine
        self.book = book
        self._rules = rules or Rules()
        self._today = today
        self._group = GroupCommit(self._carry_out)
        super().__init__({BOOK: book})

    def construct_factory(self, env: Environment) -> InfrastructureFactory:
        """Our recorders on the engine that this application was given."""
        return cast(InfrastructureFactory, LogFactory(env, self.engine))

    def execute(self, order: Order) -> Outcome:
        """Carry out one command, in one transaction with whatever else is waiting.

        When it returns a receipt, the events are durable. May be called from many threads.
        """
        return self._group.submit(order)

    def execute_many(self, orders: Sequence[Order]) -> list[Outcome]:
        """Carry out many commands in one transaction; an outcome for each, in their order.

        Refused commands harm no other. Raises the first exception that deciding one of them
        met, after the others were recorded.
        """
        return _raised(self._carry_out(orders))

    def dry_run(self, orders: Sequence[Order]) -> list[Outcome]:
        """What ``execute_many`` would answer now; nothing is recorded.

        The positions in its receipts are those that the events would get if nobody else came
        first. A book that is not there yet is taken for an empty one.
        """
        try:
            with self.recorder.append() as append:
                batch = Batch(append, self.mapper, self._rules, self._today())
                outcomes = batch.carry_out(orders)
                append.discard()
        except BookNotFound:
            return [self._in_an_empty_book(order) for order in orders]
        return _raised(outcomes)

    def _in_an_empty_book(self, order: Order) -> Outcome:
        decision = decide(Case(order.case), order.command, self._rules, self._today())
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
        found = self.recorder.stream_named("case", reference)
        if found is not None:
            return found
        try:
            return UUID(reference)
        except ValueError:
            raise CaseNotFound(reference, self.book) from None

    def history(self, case: UUID, *, known_at: int | datetime | None = None) -> list[Recorded]:
        """A case's entries in order: all, or those known at a position or an instant.

        Raises ``CaseNotFound``, and ``NotKnown`` for a moment that has not come yet or at
        which the case was not known.
        """
        position = known_at if isinstance(known_at, int) else None
        instant = known_at if isinstance(known_at, datetime) else None
        if position is not None:
            last = self.recorder.head().position
            if not 0 <= position <= last:
                raise NotKnown(f"the log of book {self.book!r} ends at position {last}")
        if instant is not None and not self.recorder.settled(instant):
            raise NotKnown(f"{instant.isoformat()} has not come yet")
        found = list(self.events.history(case, until_position=position, until_time=instant))
        if found:
            return found
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
        a date (only what counts by then); or both at once.
        """
        entries = self.history(case, known_at=known_at)
        if effective_on is None:
            return Case.fold(case, entries)
        return Case.fold(case, (e for e in entries if e.event.value_date <= effective_on))

    def _carry_out(self, orders: Sequence[Order]) -> list[Outcome | Exception]:
        """One transaction, tried again when the connection breaks.

        A connection that is lost at commit leaves the outcome unknown. Trying again first
        waits for the book's head, hence for the end of the lost transaction, and then reads
        which of the command ids were carried out: those are answered and not repeated.
        """
        pause = FIRST_PAUSE_SECONDS
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self.recorder.append() as append:
                    batch = Batch(append, self.mapper, self._rules, self._today())
                    return batch.carry_out(orders)
            except (OperationalError, InterfaceError):
                if attempt == ATTEMPTS:
                    raise
                sleep(pause)
                pause *= 2
        raise AssertionError("unreachable")


def _raised(outcomes: list[Outcome | Exception]) -> list[Outcome]:
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
    return cast(list[Outcome], outcomes)
