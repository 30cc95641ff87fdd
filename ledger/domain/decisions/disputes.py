"""Objections of the debtor: raised, passed on, answered."""

from ledger.domain.allocation import all_of
from ledger.domain.case import Case
from ledger.domain.commands import AnswerDispute, RaiseDispute, ReferDispute
from ledger.domain.decisions.closing import closed_if_settled
from ledger.domain.events import Credited, DisputeAnswered, DisputeRaised, DisputeReferred, Event
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Rules


def raise_dispute(case: Case, command: RaiseDispute, rules: Rules) -> list[Event] | Refusal:
    """An objection can be raised as long as the case is open."""
    if command.dispute in case.disputes:
        return Refusal("duplicate_dispute", {"dispute": command.dispute})
    return [
        DisputeRaised(
            value_date=command.on, dispute=command.dispute, category=command.category, code=None
        )
    ]


def refer_dispute(case: Case, command: ReferDispute, rules: Rules) -> list[Event] | Refusal:
    """An open objection goes to whoever decides it."""
    refusal = _not_open(case, command.dispute)
    if refusal is not None:
        return refusal
    return [
        DisputeReferred(
            value_date=command.on,
            dispute=command.dispute,
            referred_to=command.referred_to,
            code=None,
        )
    ]


def answer_dispute(case: Case, command: AnswerDispute, rules: Rules) -> list[Event] | Refusal:
    """Upheld, all that is still owed is credited; rejected, the claim stands."""
    refusal = _not_open(case, command.dispute)
    if refusal is not None:
        return refusal
    answered = DisputeAnswered(
        value_date=command.on,
        dispute=command.dispute,
        outcome=command.outcome,
        decided_by=command.decided_by,
        code=None,
    )
    parts = all_of(case.owed)
    if command.outcome == "rejected" or not parts:
        return [answered]
    credited = Credited(
        value_date=command.on, credit_note=command.dispute, reason="dispute_upheld", parts=parts
    )
    return closed_if_settled(case, [answered, credited], "credited")


def _not_open(case: Case, name: str) -> Refusal | None:
    dispute = case.disputes.get(name)
    if dispute is None:
        return Refusal("unknown_dispute", {"dispute": name})
    if dispute.answered_on is not None:
        return Refusal("already_answered", {"dispute": name, "on": dispute.answered_on.isoformat()})
    return None
