"""What falls due on a case, and when: the clock's list of things to do.

An item is a command with the first day on which it is to be given. Letters and fees are the next
step on the ladder (``ledger.domain.actions``); the rest are ends of agreements that were not kept,
and tasks for people: an answer that is late, a hold to look at, limitation that comes near.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Final

import msgspec

from ledger.domain import commands as c
from ledger.domain.actions import step_ahead
from ledger.domain.case import Case
from ledger.domain.commands import Command
from ledger.domain.decisions.standing import limitation_date
from ledger.domain.decisions.tasks import egenandel_paid
from ledger.domain.events import TaskKind
from ledger.domain.rate_missing import RateMissing
from ledger.domain.refusals import Refusal
from ledger.domain.rules import MISUNDERSTANDING_HOLD_DAYS, TIME_FOR_ANSWER_DAYS, Rules, Setting

LIMITATION_WARNINGS_DAYS: Final = (90, 60, 30)
"""How long before a claim is time-barred somebody is warned (domain.md 7.4)."""

_DAY: Final = timedelta(days=1)


class Due(msgspec.Struct, frozen=True):
    """Something to do, from a day on."""

    name: str
    """Unique in the case: what it is, and of what."""
    due_on: date
    make: Callable[[date], Command | Refusal]
    """The command as it is given on a day, not before ``due_on``; or why it can't be any more."""
    for_people: bool = False
    """Whether it only asks somebody to look."""


def on(make: Callable[..., Command]) -> Callable[[date], Command]:
    """A command that differs by nothing but its day."""
    return lambda day: make(on=day)


def agenda(case: Case, since: date, rules: Rules) -> list[Due]:
    """All that will fall due as the case stands now, soonest first.

    ``since`` is the day from which on things can be done: usually the last value date.
    """
    if case.state == "unknown":
        return []
    found = list(_for_everybody(case, since))
    if case.state == "open":
        found += _agreements(case, since, rules)
        found += _disputes(case)
        found += _limitation(case, rules)
        step = step_ahead(case, since, rules)
        first = None if step is None else step.on or step.asked_again_from
        if step is not None and first is not None:
            found.append(Due(f"step:{step.name}", first, step.make))
    return sorted(found, key=lambda due: (due.due_on, due.name))


def _task(
    case: Case, kind: TaskKind, due_on: date, subject: str | None = None, mark: str = ""
) -> Iterator[Due]:
    """A task that has not been raised yet."""
    name = ":".join(filter(None, (kind, subject, mark or due_on.isoformat())))
    if name not in case.tasks:
        make = partial(c.RaiseTask, task=name, kind=kind, due_on=due_on, subject=subject)
        yield Due(f"task:{name}", due_on, on(make), for_people=True)


def _for_everybody(case: Case, since: date) -> Iterator[Due]:
    """What is due whether or not the case is closed."""
    for name, hold in case.placed_holds.items():
        yield from _task(case, "hold_review", hold.review_on, name)
    for name, at in case.callbacks.items():
        yield from _task(case, "callback_due", at.date(), name)
    if case.overpaid > 0:
        paid = [p.value_date for p in case.payments.values() if p.overpaid and not p.reversed]
        yield from _task(case, "refund_due", max(paid, default=since), str(case.overpaid))
    for name, invoice in case.invoices.items():
        share = None if invoice.egenandel_reported else egenandel_paid(case, name)
        if share is not None:
            report = partial(c.ReportEgenandelPayment, invoice=name)
            yield Due(f"egenandel:{name}", share[1], on(report))


def _agreements(case: Case, since: date, rules: Rules) -> Iterator[Due]:
    grace = (rules.policy.grace_days + 1) * _DAY
    for name, plan in case.plans.items():
        missed = plan.next_unpaid()
        if plan.active and missed is not None:
            day = missed.due + grace
            yield Due(f"plan_broken:{name}", day, on(partial(c.BreakInstalmentPlan, plan=name)))
        if plan.broken_on is not None:
            yield from _task(case, "plan_broken", plan.broken_on, name)
    settlement = case.settlement
    for name, known in case.settlements.items():
        if known is settlement:
            day = known.pay_by + grace
            yield Due(f"settlement:{name}", day, on(partial(c.LapseSettlement, settlement=name)))
        if known.lapsed:
            yield from _task(case, "settlement_missed", known.pay_by + grace, name)
    if case.deferred_until is not None and case.outstanding > 0:
        yield from _task(case, "deferral_ended", case.deferred_until + _DAY)


def _disputes(case: Case) -> Iterator[Due]:
    for name, dispute in case.disputes.items():
        if dispute.answered_on is not None:
            continue
        if dispute.referred_on is None:
            day = dispute.raised_on + (MISUNDERSTANDING_HOLD_DAYS + 1) * _DAY
            yield from _task(case, "answer_overdue", day, name)
        else:
            day = dispute.referred_on + (TIME_FOR_ANSWER_DAYS + 1) * _DAY
            yield from _task(case, "clinic_answer_overdue", day, name)
    for name, asked in case.questions.items():
        day = asked + (TIME_FOR_ANSWER_DAYS + 1) * _DAY
        yield from _task(case, "clinic_answer_overdue", day, name)


def _limitation(case: Case, rules: Rules) -> Iterator[Due]:
    setting = Setting(rules=rules, today=date.max, actor="system:clock")
    for name in case.invoices:
        if not case.owed.get(("principal", name)):
            continue
        try:
            limit = limitation_date(case, name, setting)
        except RateMissing:
            continue
        if limit is None:
            continue
        for days in LIMITATION_WARNINGS_DAYS:
            mark = f"{limit.isoformat()}-{days}"
            yield from _task(case, "limitation_warning", limit - days * _DAY, name, mark)


def carried_out(due: Due, rules: Rules) -> bool:
    """Whether the clock does it, or proposes it to somebody: the clinic's policy on its letters."""
    return rules.policy.letters == "automatic" or not due.name.startswith("step:")
