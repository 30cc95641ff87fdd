"""Lets a book live day by day: who comes, who asks for what, and what the clock does."""

import heapq
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date, timedelta
from itertools import groupby, islice
from operator import attrgetter
from typing import Final
from uuid import UUID, uuid5

import msgspec
from sqlalchemy import Engine

from ledger.application.ledger import Ledger, shipped_rules
from ledger.application.orders import Order
from ledger.application.ticking import tick
from ledger.domain import commands as c
from ledger.domain.calendar import add_months
from ledger.domain.case import Case
from ledger.domain.policy import ClinicPolicy
from ledger.domain.refusals import Refusal
from ledger.domain.remittance import remittances_of
from ledger.domain.rules import Rules
from ledger.projections.client_funds import ClientFunds, cases_held
from ledger.projections.due_work import DueWork, due_until, first_due
from ledger.projections.engine import Projector
from ledger.simulation.life import Life, People
from ledger.simulation.stories import STORIES

START: Final = date(2025, 1, 15)
"""The first day: two years from it is where the tables of rates end, so that a long simulation
also meets days that nobody has read the law for."""
NEW_ACT_FROM: Final = date(2027, 1, 1)
"""The day from which the simulated world has the act of 2026 (Finans Norge expects it)."""
ORDERS_AT_ONCE: Final = 500

CLINICS: Final[tuple[tuple[str, str, str, ClinicPolicy], ...]] = (
    ("clinic-fjord", "999000002", "15032080119", ClinicPolicy()),
    ("clinic-skog", "999000010", "15032080208", ClinicPolicy(grace_days=5)),
    (
        "clinic-by",
        "999000029",
        "15032080216",
        ClinicPolicy(allocation_order="principal_interest_costs", smallest_letter=75_00),
    ),
    ("clinic-hud", "999000037", "15032080224", ClinicPolicy(vat_deductible=True)),
    ("clinic-dal", "999000045", "15032080232", ClinicPolicy(letters="proposed")),
    ("clinic-ny", "999000053", "15032080240", ClinicPolicy(charges_reminder_fees=False)),
)

Progress = Callable[[int, int], None]


class Simulated(msgspec.Struct):
    """What came of it."""

    book: str
    cases: int
    days: int
    events: int = 0
    commands: int = 0
    refused: dict[str, int] = {}
    """Refusals of people's wishes, by code."""
    steps: dict[str, int] = {}
    """What the clock did, by kind."""
    stages: dict[str, int] = {}
    """How many cases ever stood there."""
    holds: dict[str, int] = {}
    """How many cases were ever held for it."""
    closed: dict[str, int] = {}
    """How many cases were closed for each reason."""


class Simulation:
    """One book over some months. The same seed makes the same book."""

    def __init__(self, engine: Engine, book: str, *, cases: int, months: int, seed: int) -> None:
        self._day = START
        rates = msgspec.structs.replace(shipped_rules().rates, second_regime_from=NEW_ACT_FROM)
        self.ledger = Ledger(
            engine, book, rules=Rules(rates=rates), today=lambda: self._day, cases_held=cases_held
        )
        self._projector = Projector(engine, (DueWork(), ClientFunds()))
        """What the clock and remittances ask. The others are made at the end, all at once."""
        self._end = add_months(START, months)
        self._rng = random.Random(seed)  # noqa: S311  (made-up lives, not secrets)
        self._cases = cases
        self._seed = seed
        self._waiting: list[tuple[date, int, People, Life]] = []
        self.found = Simulated(book, cases, (self._end - START).days)
        self._paid_out = ""
        self._refused: Counter[str] = Counter()
        self._steps: Counter[str] = Counter()

    def run(self, progress: Progress | None = None) -> Simulated:
        """Live through all days. Fails on a book that holds anything already."""
        self.ledger.recorder.create_book("NOK")
        if self.ledger.recorder.head().position:
            raise BookNotEmpty(f"book {self.ledger.book!r} holds something already; name a new one")
        self._ask(list(self._clinics()))
        arrivals = self._arrivals()
        while self._day <= self._end:
            self._live(arrivals.pop(self._day, []))
            self._tick()
            self._pay_out()
            if progress is not None:
                progress((self._day - START).days, self.found.days)
            self._day = self._next_day(min(arrivals, default=self._end + timedelta(days=1)))
        self._day = self._end
        Projector(self.ledger.engine).catch_up(self.ledger.book)
        self.found.events = self.ledger.recorder.head().position
        self.found.refused = dict(self._refused)
        self.found.steps = dict(self._steps)
        self._look_back()
        return self.found

    def _look_back(self) -> None:
        """Replay every case, and note where it ever stood."""
        stages: Counter[str] = Counter()
        holds: Counter[str] = Counter()
        closed: Counter[str] = Counter()
        ids = [uuid5(UUID(int=self._seed), f"case/{n}") for n in range(1, self._cases + 1)]
        recorder, recorded = self.ledger.recorder, self.ledger.mapper.recorded
        for start in range(0, len(ids), ORDERS_AT_ONCE):
            entries = map(recorded, recorder.read_streams(ids[start : start + ORDERS_AT_ONCE]))
            for stream, history in groupby(entries, attrgetter("stream")):
                case = Case(UUID(stream))
                stood: set[str] = set()
                held: set[str] = set()
                for entry in history:
                    case.apply(entry.event)
                    stood |= {case.stage, case.stage_on(entry.event.value_date)}
                    held |= case.holds
                stages.update(stood)
                holds.update(held)
                closed.update([case.close_reason] if case.close_reason else [])
        self.found.stages = dict(stages)
        self.found.holds = dict(holds)
        self.found.closed = dict(closed)

    def _clinics(self) -> Iterator[Order]:
        for name, number, account, policy in CLINICS:
            clinic = uuid5(UUID(int=self._seed), f"clinic/{name}")
            for step, command in enumerate(
                (
                    c.RegisterClinic(
                        on=START,
                        clinic=name,
                        organisation_number=number,
                        trade_name=name,
                        account=account,
                    ),
                    c.SetClinicPolicy(on=START, policy=policy),
                )
            ):
                yield Order(
                    case=clinic,
                    command=command,
                    command_id=uuid5(clinic, str(step)),
                    actor="operator:o1",
                    channel="cli",
                )

    def _arrivals(self) -> dict[date, list[tuple[People, Life]]]:
        """Who comes on which day: on weekdays, evenly over the time, each with a story."""
        stories = [story for story, _ in STORIES]
        weights = [weight for _, weight in STORIES]
        found: dict[date, list[tuple[People, Life]]] = {}
        for serial in range(1, self._cases + 1):
            # A small book has each story once before any comes twice, and early enough that it
            # can be lived to its end.
            few = serial <= len(stories)
            within = self.found.days // 2 if few else self.found.days
            day = START + timedelta(days=self._rng.randrange(max(1, within)))
            while day.weekday() > 4:
                day -= timedelta(days=1)
            clinic = self._rng.choice(CLINICS)[0]
            rng = random.Random(self._rng.random())  # noqa: S311
            people = People(serial, self._seed, clinic, rng)
            story = stories[serial - 1] if few else self._rng.choices(stories, weights)[0]
            found.setdefault(max(day, START), []).append((people, story(people)))
        return found

    def _live(self, new: Sequence[tuple[People, Life]]) -> None:
        """Everybody whose day it is does what he does, on the case as it was this morning."""
        awake: list[tuple[People, Life]] = []
        while self._waiting and self._waiting[0][0] <= self._day:
            _, _, people, life = heapq.heappop(self._waiting)
            awake.append((people, life))
        cases = self.ledger.cases([people.case for people, _ in awake]) if awake else {}
        orders: list[Order] = []
        for people, life in new:
            people.day = self._day
            self._sleep(people, life, next(life, None))
            orders += people.orders
        for people, life in awake:
            people.day = self._day
            people.orders = []
            case = cases.get(people.case)
            if case is None:  # its opening was refused: it belongs to another case
                continue
            with suppress(StopIteration):  # the story has ended
                self._sleep(people, life, life.send(case))
            orders += people.orders
        self._ask(orders)

    def _pay_out(self) -> None:
        """Once a month, each clinic gets what was received for it."""
        month = f"{self._day:%Y-%m}"
        if month == self._paid_out:
            return
        self._paid_out = month
        orders = []
        for name, *_ in CLINICS:
            remittances = remittances_of(uuid5(UUID(int=self._seed), f"clinic/{name}"))
            command = c.Remit(
                on=self._day, remittance=f"{name}-{month}", clinic=name, until=self._day
            )
            orders.append(
                Order(
                    case=remittances,
                    command=command,
                    command_id=uuid5(remittances, month),
                    actor="system:clock",
                    channel="clock",
                )
            )
        self._ask(orders)

    def _next_day(self, arrival: date) -> date:
        """The next day on which anybody comes, does something, or something falls due."""
        days = [arrival]
        if self._waiting:
            days.append(self._waiting[0][0])
        with self.ledger.engine.connect() as connection:
            due = first_due(connection, self.ledger.book, self._day)
        if due is not None:
            days.append(due)
        return max(self._day + timedelta(days=1), min(days))

    def _sleep(self, people: People, life: Life, days: int | None) -> None:
        if days is not None:
            until = self._day + timedelta(days=max(1, days))
            heapq.heappush(self._waiting, (until, people.serial, people, life))

    def _ask(self, orders: list[Order]) -> None:
        rest = iter(orders)
        while batch := list(islice(rest, ORDERS_AT_ONCE)):
            for outcome in self.ledger.execute_many(batch):
                self.found.commands += 1
                if isinstance(outcome, Refusal):
                    self._refused[outcome.code] += 1

    def _tick(self) -> None:
        self._projector.catch_up(self.ledger.book)

        def due_cases(until: date, limit: int, after: UUID | None) -> list[UUID]:
            with self.ledger.engine.connect() as connection:
                rows = due_until(connection, self.ledger.book, until, limit, after)
            return [row.case for row in rows]

        done = tick(self.ledger, self._day, due_cases)
        self._steps.update(done.done)
        self._refused.update(done.refused)


class BookNotEmpty(Exception):
    """A simulation fills a book of its own."""
