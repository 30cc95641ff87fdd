"""Objections of the debtor: raised, passed on, answered."""

from datetime import date
from typing import Final

from ledger.domain import accrual
from ledger.domain.allocation import all_of, by_line
from ledger.domain.case import Case
from ledger.domain.commands import (
    AnswerDispute,
    NotifyDisputeAnswer,
    RaiseDispute,
    ReferDispute,
)
from ledger.domain.decisions.closing import closed_if_settled
from ledger.domain.decisions.credits import credited_events
from ledger.domain.decisions.fees import given_back, more_than_owed, waived
from ledger.domain.decisions.standing import DAY, not_before, one_person_only
from ledger.domain.events import (
    Credited,
    DisputeAnswered,
    DisputeAnswerNotified,
    DisputeRaised,
    DisputeReferred,
    Event,
    InterestPaused,
)
from ledger.domain.refusals import Refusal
from ledger.domain.rules import (
    MISUNDERSTANDING_HOLD_DAYS,
    TIME_FOR_ANSWER_DAYS,
    Setting,
)

MISUNDERSTANDINGS: Final = frozenset(
    {"misunderstanding_frikort", "terminal_showed_zero", "terminal_split"}
)
"""What the founding document calls patients in good faith: explained, not decided."""


def raise_dispute(case: Case, command: RaiseDispute, setting: Setting) -> list[Event] | Refusal:
    """An objection can be raised as long as the case is open, and holds it until it is answered.

    A plain misunderstanding holds it no longer than its answer may take.
    """
    if command.dispute in case.disputes:
        return Refusal("duplicate_dispute", {"dispute": command.dispute})
    until = None
    if command.category in MISUNDERSTANDINGS:
        until = command.on + MISUNDERSTANDING_HOLD_DAYS * DAY
    return [
        DisputeRaised(
            value_date=command.on,
            dispute=command.dispute,
            category=command.category,
            code=None,
            hold_until=until,
        )
    ]


def refer_dispute(case: Case, command: ReferDispute, setting: Setting) -> list[Event] | Refusal:
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


def answer_dispute(case: Case, command: AnswerDispute, setting: Setting) -> list[Event] | Refusal:
    """Upheld, all that is still owed is credited; in part, the named parts. Rejected, it stands.

    Costs fall away wherever there was reason to object, also those from before, and what was paid
    of them goes to the claim or back to the debtor (§ 17 (2)). What was referred to the clinic is
    for the clinic to reject: in its silence, two others must agree.
    """
    refusal = _not_open(case, command.dispute)
    if refusal is not None:
        return refusal
    dispute = case.disputes[command.dispute]
    if command.on < dispute.raised_on:
        return not_before(dispute.raised_on, command.on)
    if (
        command.outcome == "rejected"
        and dispute.referred_on is not None
        and setting.role not in {"clinic", "system"}
        and command.decided_by != dispute.referred_to
    ):
        refusal = one_person_only(setting)
        if refusal is not None:
            return refusal
    answered = DisputeAnswered(
        value_date=command.on,
        dispute=command.dispute,
        outcome=command.outcome,
        decided_by=command.decided_by,
        code=None,
        obviously_groundless=command.obviously_groundless,
    )
    if command.outcome == "rejected":
        rejected = [answered, *_slow_answer(case, command.dispute, command.on, setting)]
        return closed_if_settled(case, rejected, "paid")
    parts = command.credit
    if command.outcome == "upheld":
        parts = tuple(p for p in all_of(case.owed) if p.component in {"principal", "charge"})
    elif not any(part.amount for part in parts):
        return Refusal("amount_missing")
    else:
        refusal = more_than_owed(case, parts)
        if refusal is not None:
            return refusal
    events: list[Event] = [answered]
    if parts:
        credited = Credited(
            value_date=command.on,
            credit_note=command.dispute,
            reason="dispute_upheld",
            parts=by_line(case, parts),
            never_owed=True,
        )
        events += credited_events(case, credited, setting)
    now = case.after(events)
    events += given_back(now, command.on, (None, *now.letters), "dispute_upheld")
    now = case.after(events)
    costs = [p for p in all_of(now.owed) if p.component not in {"principal", "charge", "interest"}]
    events += waived(now, command.on, costs, "dispute_upheld")
    return closed_if_settled(case, events, "credited")


def _slow_answer(case: Case, name: str, on: date, setting: Setting) -> list[Event]:
    """No interest for the days of a dispute that the clinic let lie (policy, domain.md 3)."""
    dispute = case.disputes[name]
    since = dispute.referred_on or dispute.raised_on
    late = on > since + TIME_FOR_ANSWER_DAYS * DAY
    if not late or not setting.rules.policy.waives_interest_when_slow:
        return []
    paused = InterestPaused(
        value_date=on,
        first_day=dispute.raised_on,
        last_day=on,
        reason="clinic_answered_late",
    )
    return [paused, *accrual.lowered(case.after([paused]), on, setting.rules)]


def notify_answer(
    case: Case, command: NotifyDisputeAnswer, setting: Setting
) -> list[Event] | Refusal:
    """The debtor is told how his objection was decided."""
    dispute = case.disputes.get(command.dispute)
    if dispute is None:
        return Refusal("unknown_dispute", {"dispute": command.dispute})
    if dispute.answered_on is None:
        return Refusal("no_decision_pending", {"dispute": command.dispute})
    return [DisputeAnswerNotified(value_date=command.on, dispute=command.dispute, code=None)]


def _not_open(case: Case, name: str) -> Refusal | None:
    dispute = case.disputes.get(name)
    if dispute is None:
        return Refusal("unknown_dispute", {"dispute": name})
    if dispute.answered_on is not None:
        return Refusal("already_answered", {"dispute": name, "on": dispute.answered_on.isoformat()})
    return None
