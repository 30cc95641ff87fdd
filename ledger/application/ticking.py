"""The clock: carries out what has fallen due in a book, or proposes it to somebody.

Which cases have anything due is read from a read model, never by looking at every case; what
exactly is due is worked out from each such case's own events. A step is one command with one id
for the case, the step and the date, so a tick may be run again, or by two programs at once, and
nothing is done twice.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final
from uuid import UUID, uuid5

import msgspec

from ledger.application.ledger import Ledger
from ledger.application.orders import Order, Outcome, Receipt
from ledger.domain.actions import SYSTEM
from ledger.domain.case import Case
from ledger.domain.commands import Command
from ledger.domain.due import Due, agenda, carried_out
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Rules

CASES_AT_ONCE: Final = 200
"""Cases whose steps are carried out in one transaction."""
MOST_ROUNDS: Final = 20
"""Steps of one case on one day, one after the other: a broken plan, its warning, a task."""

DueCases = Callable[[date, int, UUID | None], list[UUID]]
"""Asks the read model: up to a date, how many at most, after which case (by id)."""


class Proposed(msgspec.Struct, frozen=True):
    """A step that the clinic's policy leaves to somebody."""

    case: UUID
    reference: str | None
    name: str
    due_on: date


class Ticked(msgspec.Struct):
    """What a tick did."""

    as_of: date
    cases: int = 0
    """Cases that had something due."""
    done: dict[str, int] = {}
    """Steps that were carried out, by kind."""
    refused: dict[str, int] = {}
    """Steps that were refused after all, by code: something happened in between."""
    proposed: list[Proposed] = []
    events: int = 0


def tick(ledger: Ledger, as_of: date, due_cases: DueCases) -> Ticked:
    """Do all that is due up to a date. ``due_cases`` must be up to date with the log."""
    clock = _Clock(ledger, as_of)
    after: UUID | None = None
    while page := due_cases(as_of, CASES_AT_ONCE, after):
        after = page[-1]
        clock.run(page)
    return clock.found


class _Clock:
    def __init__(self, ledger: Ledger, as_of: date) -> None:
        self.ledger = ledger
        self.as_of = as_of
        self.found = Ticked(as_of)
        self._rules: dict[str | None, Rules] = {}
        self._tried: set[tuple[UUID, str]] = set()

    def run(self, ids: list[UUID]) -> None:
        """Everything that is due on these cases, and what falls due by that on the same day."""
        waiting = ids
        for _ in range(MOST_ROUNDS):
            cases = self.ledger.cases(waiting)
            steps = [(case, due) for case in cases.values() for due in self._due(case)]
            if waiting is ids:
                self.found.cases += len({case.id for case, _ in steps})
            if not steps:
                return
            outcomes = self._carried_out(steps)
            waiting = []
            for (case, due), outcome in zip(steps, outcomes, strict=True):
                self._tried.add((case.id, due.name))
                self._count(due, outcome)
                if isinstance(outcome, Receipt) and case.id not in waiting:
                    waiting.append(case.id)
            if not waiting:
                return

    def _carried_out(self, steps: list[tuple[Case, Due]]) -> list[Outcome]:
        """An outcome for each step, in their order; those that can be taken, in one transaction."""
        made = [due.make(self.as_of) for _, due in steps]
        orders = [
            self._order(case, due, command)
            for (case, due), command in zip(steps, made, strict=True)
            if not isinstance(command, Refusal)
        ]
        outcomes = iter(self.ledger.execute_many(orders))
        return [answer if isinstance(answer, Refusal) else next(outcomes) for answer in made]

    def _due(self, case: Case) -> Iterator[Due]:
        """One step of the ladder at most, and all tasks: what comes after is seen in the next
        round, on the case as it will be then."""
        rules = self._rules_of(case.creditor)
        for due in agenda(case, case.latest, rules):
            if due.due_on > self.as_of:
                return
            if (case.id, due.name) in self._tried:
                continue
            if not carried_out(due, rules):
                self._tried.add((case.id, due.name))
                self.found.proposed.append(Proposed(case.id, case.reference, due.name, due.due_on))
                continue
            yield due

    def _order(self, case: Case, due: Due, command: Command) -> Order:
        return Order(
            case=case.id,
            command=command,
            command_id=uuid5(case.id, f"tick/{due.name}/{self.as_of.isoformat()}"),
            actor=SYSTEM,
            channel="clock",
        )

    def _rules_of(self, creditor: str | None) -> Rules:
        rules = self._rules.get(creditor)
        if rules is None:
            rules = self._rules[creditor] = self.ledger.rules_of(creditor)
        return rules

    def _count(self, due: Due, outcome: Receipt | Refusal) -> None:
        if isinstance(outcome, Refusal):
            self.found.refused[outcome.code] = self.found.refused.get(outcome.code, 0) + 1
        elif not outcome.repeated:
            kind = due.name.removeprefix("step:").removeprefix("task:").partition(":")[0]
            self.found.done[kind] = self.found.done.get(kind, 0) + 1
            self.found.events += outcome.last_position - outcome.first_position + 1
