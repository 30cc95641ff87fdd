"""Given what has happened, when something is asked, then this happens, or it is refused.

The scenarios are the specification of the domain, written in these words. They need no database
and no clock. Whatever a scenario is about, each step also checks what holds in all of them: a
decision changes nothing by itself, every event's postings sum to zero, every event is read from
the log as it was written there, every refusal has its words in both languages.
"""

from datetime import date
from typing import Any, Self
from uuid import UUID

from ledger.domain.accounts import postings
from ledger.domain.case import Case, Stage
from ledger.domain.commands import Command
from ledger.domain.decisions import Decision, decide
from ledger.domain.events import CloseReason, Event
from ledger.domain.refusals import Code, Refusal
from ledger.domain.rules import Rules
from ledger.log.codec import Codec
from ledger.wording.refusals import refusal_text
from tests.domain.snapshots import snapshot

CODEC = Codec()


class Story:
    """A case, what was asked of it last, and the answer."""

    def __init__(self, today: date, rules: Rules) -> None:
        self.case = Case(UUID("01890a5d-ac96-774b-bcce-b302099a8057"))
        self.today = today
        self.rules = rules
        self._answer: Decision | None = None

    def happened(self, *facts: Event) -> Self:
        """Take facts into account."""
        for fact in facts:
            assert sum(posting.amount for posting in postings(fact)) == 0, fact
            assert CODEC.decode(*CODEC.encode(fact)) == fact
            self.case.apply(fact)
        return self

    def when(self, command: Command) -> Self:
        """Ask something of the case."""
        assert self._answer is None, "the scenario does not say what came of what was asked before"
        before = snapshot(self.case)
        self._answer = decide(self.case, command, self.rules, self.today)
        assert snapshot(self.case) == before, "the decision changed the case"
        return self

    def then(self, *events: Event) -> Self:
        """These are recorded, and nothing else."""
        answer, self._answer = self._answer, None
        assert answer == list(events)
        return self.happened(*events)

    def refused(self, code: Code, *, earliest: str | None = None, **facts: Any) -> Self:
        """Nothing is recorded, for this reason."""
        refusal = self.refusal()
        assert refusal == Refusal(
            code, facts, None if earliest is None else date.fromisoformat(earliest)
        )
        return self

    def refusal(self) -> Refusal:
        """The refusal as it was given; it can be told in both languages."""
        answer, self._answer = self._answer, None
        assert isinstance(answer, Refusal), answer
        for text in (refusal_text(answer, "nb"), refusal_text(answer, "en")):
            assert "?" not in text, text
            assert "{" not in text, text
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

    def disputed(self, disputed: bool) -> Self:
        """Whether an objection is being looked at."""
        assert self.case.holds == ({"dispute"} if disputed else set())
        return self

    def closed(self, reason: CloseReason) -> Self:
        """The case has ended, for this reason."""
        assert (self.case.state, self.case.stage) == ("closed", "closed")
        assert self.case.close_reason == reason
        return self


def given(*facts: Event, today: str = "2026-12-31", rules: Rules | None = None) -> Story:
    """A case on which this has happened, on the last day of 2026 unless said otherwise."""
    return Story(date.fromisoformat(today), rules or Rules()).happened(*facts)
