"""Given what has happened, when something is asked, then this happens, or it is refused.

The scenarios are the specification of the domain, written in these words. They need no database
and no clock. Whatever a scenario is about, each step also checks what holds in all of them: a
decision changes nothing by itself, every event's postings sum to zero, every event is read from
the log as it was written there, every refusal has its words in both languages,
and the facts and a source of its code.
"""

from datetime import date
from typing import Any, Self, get_args
from uuid import UUID

import msgspec

from ledger.domain.accounts import postings
from ledger.domain.accrual import run_until, running
from ledger.domain.case import Case, Hold, Stage
from ledger.domain.commands import Command
from ledger.domain.decisions import Decision, decide
from ledger.domain.events import CloseReason, Event
from ledger.domain.policy import ClinicPolicy
from ledger.domain.refusals import Code, Refusal
from ledger.domain.rules import Rules
from ledger.log.codec import Codec
from ledger.rules import load
from ledger.wording.amounts import Language
from ledger.wording.refusals import refusal_text
from tests.domain.snapshots import snapshot
from tests.scenarios.grounds import grounded

CODEC = Codec()
RULES = Rules(rates=load())


class Story:
    """A case, what was asked of it last, and the answer."""

    def __init__(self, today: date, rules: Rules, actor: str) -> None:
        self.case = Case(UUID("01890a5d-ac96-774b-bcce-b302099a8057"))
        self.today = today
        self.rules = rules
        self.actor = actor
        self._answer: Decision | None = None
        self.last: list[Event] = []

    def happened(self, *facts: Event) -> Self:
        """Take facts into account."""
        for fact in facts:
            assert sum(posting.amount for posting in postings(fact)) == 0, fact
            assert CODEC.decode(*CODEC.encode(fact)) == fact
            self.case.apply(fact)
        nothing_below_zero(self.case)
        return self

    def _goes_on(self, decided: list[Event]) -> None:
        """What the decision has worked out is what the facts come to, one after the other."""
        before = self.case.copy()
        goes_on = self.case.gone_on(decided)
        self.case = before
        self.happened(*decided)
        assert snapshot(goes_on) == snapshot(self.case)
        self.case = goes_on

    def when(self, command: Command, *, by: str | None = None) -> Self:
        """Ask something of the case, as whoever is named."""
        assert self._answer is None, "the scenario does not say what came of what was asked before"
        before = snapshot(self.case)
        self._answer = decide(self.case, command, self.rules, self.today, actor=by or self.actor)
        assert snapshot(self.case) == before, "the decision changed the case"
        return self

    def on(self, today: str) -> Self:
        """It is another day."""
        self.today = date.fromisoformat(today)
        return self

    def then(self, *events: Event) -> Self:
        """These are recorded, and nothing else."""
        answer, self._answer = self._answer, None
        assert answer == list(events)
        self.last = answer
        self._goes_on(answer)
        return self

    def done(self) -> Self:
        """It is carried out; what that records is looked at by what follows."""
        answer, self._answer = self._answer, None
        assert isinstance(answer, list), answer
        assert answer, "neither events nor a refusal"
        self.last = answer
        self._goes_on(answer)
        return self

    def recorded(self, kind: type[Event], /, **fields: Any) -> Self:
        """Among what was recorded last is one such event, with these fields."""
        found = [event for event in self.last if type(event) is kind]
        assert any(
            all(getattr(event, name) == value for name, value in fields.items()) for event in found
        ), found or self.last
        return self

    def recorded_as(self, *kinds: type[Event]) -> Self:
        """What was recorded last begins with these, in this order."""
        assert tuple(type(event) for event in self.last[: len(kinds)]) == kinds, self.last
        return self

    def not_recorded(self, *kinds: type[Event]) -> Self:
        """Among what was recorded last is no such event."""
        assert not [event for event in self.last if isinstance(event, kinds)], self.last
        return self

    def allowed(self, command: Command, *, by: str | None = None) -> Self:
        """It would be carried out; the case goes on without it."""
        before = snapshot(self.case)
        answer = decide(self.case, command, self.rules, self.today, actor=by or self.actor)
        assert isinstance(answer, list), answer
        assert snapshot(self.case) == before
        return self

    def refused(self, code: Code, *, earliest: str | None = None, **facts: Any) -> Self:
        """Nothing is recorded, for this reason."""
        refusal = self.refusal()
        expected = None if earliest is None else date.fromisoformat(earliest)
        assert (refusal.code, refusal.earliest) == (code, expected), refusal
        assert facts.items() <= refusal.facts.items(), refusal
        return self

    def refusal(self) -> Refusal:
        """The refusal as it was given; it can be told in both languages."""
        answer, self._answer = self._answer, None
        assert isinstance(answer, Refusal), answer
        told(answer)
        return answer

    def owed(self, **components: int) -> Self:
        """This is owed now, in øre, and nothing else."""
        assert self.case.balance == components
        assert self.case.outstanding == sum(components.values())
        return self

    def overpaid(self, amount: int) -> Self:
        """This is the debtor's money now."""
        assert self.case.overpaid == amount
        return self

    def at_stage(self, stage: Stage) -> Self:
        """The case is open and stands there on the ladder."""
        assert (self.case.state, self.case.stage) == ("open", stage)
        return self

    def held(self, *kinds: Hold, on: str) -> Self:
        """These, and no other, are the reasons why nothing may go out on a day."""
        assert set(self.case.holds_on(date.fromisoformat(on))) == set(kinds)
        return self

    def disputed(self, disputed: bool) -> Self:
        """Whether an objection is being looked at."""
        assert self.case.holds == ({"dispute"} if disputed else set())
        return self

    def lines_owed(self, invoice: str, *amounts: int) -> Self:
        """This is owed of each line of an invoice."""
        assert tuple(self.case.invoices[invoice].lines_owed.values()) == amounts
        return self

    def interest(self, invoice: str, amount: int, *, on: str) -> Self:
        """All the interest that has run on an invoice up to a day, paid or not."""
        until = date.fromisoformat(on)
        assert run_until(self.case, invoice, until, self.rules).amount == amount
        return self

    def running(self, amount: int, *, on: str) -> Self:
        """The interest that has run by a day and that no event has claimed yet."""
        assert sum(running(self.case, date.fromisoformat(on), self.rules).values()) == amount
        return self

    def closed(self, reason: CloseReason) -> Self:
        """The case has ended, for this reason."""
        assert (self.case.state, self.case.stage) == ("closed", "closed")
        assert self.case.close_reason == reason
        return self


def told(refusal: Refusal) -> None:
    """The refusal has its words in both languages, its facts and its source."""
    grounded(refusal)
    for language in get_args(Language):
        text = refusal_text(refusal, language)
        assert "?" not in text, text
        assert "{" not in text, text


def nothing_below_zero(case: Case) -> None:
    """What no fact may bring about: a debt, a line or the debtor's own money below zero."""
    assert all(amount >= 0 for amount in case.owed.values()), case.owed
    assert case.overpaid >= 0
    for name, invoice in case.invoices.items():
        lines = invoice.lines_owed.values()
        assert all(amount >= 0 for amount in lines), invoice.lines_owed
        assert sum(lines) == case.owed.get(("principal", name), 0), (name, invoice.lines_owed)
    assert case.state != "closed" or not case.outstanding


def given(
    *facts: Event,
    today: str = "2026-12-31",
    rules: Rules | None = None,
    actor: str = "agent:a1",
) -> Story:
    """A case on which this has happened, on the last day of 2026 unless said otherwise."""
    return Story(date.fromisoformat(today), rules or RULES, actor).happened(*facts)


def by_policy(policy: ClinicPolicy) -> Rules:
    """The law as it is, and what a clinic has chosen within it."""
    return Rules(rates=RULES.rates, policy=policy)


def under_the_new_act() -> Rules:
    """The act of 2026 in force from the first day of 2027, and read for that year."""
    rates = msgspec.structs.replace(
        RULES.rates, second_regime_from=date(2027, 1, 1), reviewed_through=date(2027, 12, 31)
    )
    return Rules(rates=rates)
