"""What may be done with a case on a day, what may not yet and from when, and what comes next.

Nothing here knows a rule: each action is a command that is put to ``decide``, whose answer is
shown. So what is offered is what will be carried out, and what is refused says why.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Final, get_args

import msgspec

from ledger.domain import commands as c
from ledger.domain.accrual import CURRENCY
from ledger.domain.allocation import all_of
from ledger.domain.calendar import add_months
from ledger.domain.case import Case, Stage
from ledger.domain.commands import Command
from ledger.domain.decisions import decide
from ledger.domain.decisions.letters import demand_fee_most
from ledger.domain.events import (
    ClinicChoice,
    DeliveryChannel,
    Event,
    Instalment,
    LegalStep,
    LetterKind,
)
from ledger.domain.rate_missing import RateMissing
from ledger.domain.refusals import Refusal, missing_rate
from ledger.domain.rules import Rules, Setting

MOST_TRIES: Final = 24
"""How many dates are tried to find the one from which an action is allowed: each reason that time
takes away gives the next one, and there are fewer reasons than this."""

SYSTEM: Final = "system:clock"
_DAY: Final = timedelta(days=1)

Make = Callable[[date], Command | None]
"""The command as it would be given on a day; ``None`` where it would make no sense. Raises
``RateMissing`` for a day on which nobody knows what it may cost."""


class Action(msgspec.Struct, frozen=True):
    """Something that can be asked of a case, and the answer it would get on a day."""

    name: str
    command: Command
    allowed: bool
    refusal: Refusal | None = None
    earliest: date | None = None
    """The first day on which it is no longer refused, where time alone changes that."""
    events: tuple[Event, ...] = ()
    """What it would record."""


class Step(msgspec.Struct, frozen=True):
    """What the clock will do next with a case, and when; or why nothing."""

    name: str
    on: date | None
    make: Callable[[date], Command | Refusal]
    """The command that it is on a day, not before ``on``; or why it may be taken no longer."""
    waits_for: Refusal | None = None
    """Why not now."""
    asked_again_from: date | None = None
    """Where it waits for a rate: the day from which on the clock asks, since a table may come or a
    later day have one."""


def allowed_actions(
    case: Case, on: date, rules: Rules, *, actor: str = "agent:unknown"
) -> list[Action]:
    """Every action that makes sense for the case, each with its answer on the day."""
    found = []
    for name, command in candidates(case, on, rules).items():
        answer = decide(case, command, rules, on, actor=actor)
        if not isinstance(answer, Refusal):
            found.append(Action(name, command, allowed=True, events=tuple(answer)))
            continue
        earliest = None
        if answer.earliest is not None:
            make = partial(_candidate, case, name, rules)
            first = first_allowed(case, make, on, rules, actor=actor)
            earliest = first if isinstance(first, date) else None
        found.append(Action(name, command, allowed=False, refusal=answer, earliest=earliest))
    return found


def _candidate(case: Case, name: str, rules: Rules, day: date) -> Command | None:
    return candidates(case, day, rules).get(name)


def first_allowed(
    case: Case, make: Make, since: date, rules: Rules, *, actor: str = SYSTEM
) -> date | Refusal:
    """The first day, not before ``since``, on which a command is not refused; else the refusal."""
    day, refusal = _tried(case, make, since, rules, actor)
    return day if refusal is None else refusal


def _tried(
    case: Case, make: Make, since: date, rules: Rules, actor: str
) -> tuple[date, Refusal | None]:
    """The last day that was tried, and why a command is refused on it; ``None`` where it is not.

    Each refusal names the day on which its own reason ends, and there the next is asked for.
    """
    day = since
    refusal = Refusal("nothing_owed")
    for _ in range(MOST_TRIES):
        try:
            command = make(day)
        except RateMissing as missing:
            return day, missing_rate(missing)
        if command is None:
            break
        answer = decide(case, command, rules, day, actor=actor)
        if not isinstance(answer, Refusal):
            return day, None
        refusal = answer
        if refusal.earliest is None or refusal.earliest <= day:
            break
        day = refusal.earliest
    return day, refusal


def next_step(case: Case, since: date, rules: Rules) -> Step | None:
    """The next step on the ladder, by the clinic's policy; ``None`` when there is none to come.

    After the collection fee has doubled, the clinic is asked; from there on people decide.
    """
    found = _climbed(case, since, rules)
    if found is None:
        return None
    step, make = found
    if step.on is None:
        return step
    return msgspec.structs.replace(step, waits_for=_why_not(case, make, since, rules))


def step_ahead(case: Case, since: date, rules: Rules) -> Step | None:
    """The next step for the clock, which does not ask why it is not to be taken now."""
    found = _climbed(case, since, rules)
    return None if found is None else found[0]


def _climbed(case: Case, since: date, rules: Rules) -> tuple[Step, Make] | None:
    """The next step, and what it was found by."""
    if case.state != "open" or case.outstanding <= 0 or not case.invoices:
        return None
    for name, make, start in _ladder(case, since, rules):
        day, refusal = _tried(case, make, max(start, since), rules, SYSTEM)
        step = partial(_on_the_day, case, rules)
        if refusal is None:
            return Step(name, day, step), make
        if refusal.code == "rates_missing" and case.currency == CURRENCY:
            return Step(name, None, step, refusal, asked_again_from=day), make
        if refusal.code not in _PASSED_OVER:
            return Step(name, None, step, refusal), make
    return None


def _on_the_day(case: Case, rules: Rules, day: date) -> Command | Refusal:
    """The step as it is on the day on which it is taken.

    Rates and deadlines are another day's than when it was found, so the ladder is asked again:
    the step may cost something else, be free, or not be possible any more.
    """
    refusal = Refusal("nothing_owed")
    for _, make, start in _ladder(case, day, rules):
        found = first_allowed(case, make, max(start, day), rules)
        command = make(day) if found == day else None
        if command is not None:
            return command
        if isinstance(found, date):
            return _why_not(case, make, day, rules) or refusal
        if found.code not in _PASSED_OVER:
            return found
        refusal = found
    return refusal


_PASSED_OVER: Final = frozenset(
    {
        "minor_no_costs",
        "late_first_invoice_fee",
        "not_delivered",
        "fee_count_exceeded",
        "second_fee_no_deadline",
        "heavy_and_light",
        "no_valid_demand",
        "nothing_owed",
        "fee_above_max",
        "estate",
    }
)
"""Reasons for which a step that costs something is never allowed: the same step without its fee,
or the one after it, is tried instead."""


def _why_not(case: Case, make: Make, since: date, rules: Rules) -> Refusal | None:
    try:
        command = make(since)
    except RateMissing as missing:
        return missing_rate(missing)
    answer = None if command is None else decide(case, command, rules, since, actor=SYSTEM)
    return answer if isinstance(answer, Refusal) else None


def _ladder(case: Case, since: date, rules: Rules) -> Iterator[tuple[str, Make, date]]:
    """The steps to try, with the first day on which policy wants each."""
    policy = rules.policy
    broken = [plan.broken_on for plan in case.plans.values() if plan.broken_on is not None]
    warned = [w for w in case.letters_of("plan_warning") if broken and w.sent_on >= max(broken)]
    if broken and case.plan is None and not warned:
        yield "plan_warning", letter(case, "plan_warning", rules, fee=False), since
    unpaid = {
        name: invoice.due_date
        for name, invoice in case.invoices.items()
        if invoice.due_date is not None and case.owed.get(("principal", name))
    }
    if not unpaid:
        return
    due = list(unpaid.values())
    rung = _reached(case, set(unpaid))
    if rung in {"charged", "invoiced", "new"}:
        start = min(due) + policy.reminder_after_days * _DAY
        yield from _with_and_without(case, "reminder", rules, max(start, min(due) + _DAY))
    elif rung == "reminded":
        last = case.letters_of("reminder")
        deadline = last[-1].deadline if last else None
        start = since if deadline is None else deadline + (policy.grace_days + 1) * _DAY
        yield from _with_and_without(case, "collection_notice", rules, start)
    elif rung == "noticed":
        yield from _with_and_without(case, "payment_demand", rules, since)
    elif rung in {"demanded", "demanded_heavy"} and case.legal_reason is None:
        if rung == "demanded":
            yield "claim_heavy_fee", lambda day: c.ClaimHeavyFee(on=day), since
        if case.clinic_choice is None:
            yield "request_legal_decision", _legal, _legal_start(case, rules, since)


def _reached(case: Case, unpaid: set[str]) -> Stage:
    """Where the ladder goes on: as far as letters that stand have gone with what is unpaid. A claim
    that came later, or whose letter fell away, has its letters still before it."""
    if case.rung not in {"reminded", "noticed", "demanded", "demanded_heavy"}:
        return case.rung
    sent = {
        letter.kind
        for letter in case.letters.values()
        if not letter.void and (not letter.invoices or not unpaid.isdisjoint(letter.invoices))
    }
    if "payment_demand" in sent:
        return case.rung
    if "collection_notice" in sent:
        return "noticed"
    return "reminded" if "reminder" in sent else "invoiced"


def _legal(day: date) -> Command:
    return c.RequestLegalDecision(on=day, reason="unpaid")


def _legal_start(case: Case, rules: Rules, since: date) -> date:
    demands = case.letters_of("payment_demand")
    deadline = demands[-1].deadline if demands else None
    if deadline is None:
        return since
    try:
        days = rules.rates.regime(deadline).heavy_after_days
    except RateMissing:
        return since
    return deadline + (days + 1 + rules.policy.legal_decision_after_days) * _DAY


def _with_and_without(
    case: Case, kind: LetterKind, rules: Rules, start: date
) -> Iterator[tuple[str, Make, date]]:
    """The letter with its fee; where it can't bear one, without."""
    if kind == "payment_demand" or rules.policy.charges_reminder_fees:
        yield kind, letter(case, kind, rules, fee=True), start
    yield kind, letter(case, kind, rules, fee=False), start


def letter(case: Case, kind: LetterKind, rules: Rules, *, fee: bool) -> Make:
    """A letter as policy would send it: with the most that it may cost, and a deadline on a day on
    which banks are open."""

    def make(day: date) -> Command | None:
        amount = _fee_of(case, kind, day, rules) if fee else 0
        if fee and not amount:
            return None
        shortest = day + rules.policy.letter_deadline_days * _DAY
        deadline = rules.rates.next_bank_day(shortest)
        number = sum(sent.kind == kind for sent in case.letters.values()) + 1
        return c.SendReminder(
            on=day,
            letter=f"{case.reference}-{_SHORT[kind]}{number}",
            kind=kind,
            channel=_channel(case, rules),
            deadline=deadline,
            fee=amount,
            statements=_statements(kind, day, rules),
        )

    return make


_SHORT: Final[dict[LetterKind, str]] = {
    "reminder": "R",
    "collection_notice": "N",
    "payment_demand": "D",
    "plan_warning": "W",
}


def _channel(case: Case, rules: Rules) -> DeliveryChannel:
    if "protected_address" in case.circumstances:
        return "digital_mailbox"
    return rules.policy.letter_channel


def _statements(kind: LetterKind, day: date, rules: Rules) -> tuple[str, ...]:
    """Our own letters say all that the act wants them to say."""
    return rules.rates.regime(day).notice_states if kind == "collection_notice" else ()


def _fee_of(case: Case, kind: LetterKind, day: date, rules: Rules) -> int:
    """The most that a letter about all that is unpaid may cost; 0 for claims that no table reaches
    back to. Raises ``RateMissing`` for a day that none reaches yet."""
    unpaid = [
        (due, owed)
        for name in case.oldest_first()
        if (due := case.invoices[name].due_date) is not None
        and (owed := case.owed.get(("principal", name)))
    ]
    if not unpaid or case.currency != CURRENCY:
        return 0
    due = unpaid[0][0]
    try:
        if kind != "payment_demand":
            return rules.rates.small_fee_max(day, due).amount
        setting = Setting(rules=rules, today=day, actor=SYSTEM)
        if most := demand_fee_most(case, day, setting):
            return most
        claim = sum(owed for _, owed in unpaid)
        deductible = rules.policy.vat_deductible
        return rules.rates.collection_fee_cap(
            claim, due, day, heavy=False, vat_deductible=deductible
        ).net
    except RateMissing as missing:
        if missing.on >= day:
            raise
        return 0


def candidates(case: Case, day: date, rules: Rules) -> dict[str, Command]:
    """The commands that the state of the case gives a meaning to, by the name of the action.

    Where an action concerns one of several (a dispute, a hold), its name ends with ``:`` and that.
    """
    found: dict[str, Command] = {}
    new = f"{case.reference}-{case.version + 1}"
    if case.state == "closed":
        found["reopen_case"] = c.ReopenCase(on=day, reason="other")
    elif case.state == "open":
        found |= _letters(case, day, rules)
        found |= _agreements(case, day, new)
        found |= _endings(case, day, new)
        found |= _legal_steps(case, day, new)
        found["raise_dispute"] = c.RaiseDispute(on=day, dispute=f"{new}-dispute", category="other")
        found["place_hold"] = c.PlaceHold(
            on=day, hold=f"{new}-hold", kind="payment_claimed", review_on=day + 7 * _DAY
        )
    found |= _answers(case, day)
    if case.outstanding > 0:
        found["receive_payment"] = c.ReceivePayment(
            on=day, payment=f"{new}-payment", amount=case.outstanding
        )
    if case.overpaid > 0:
        found["refund_overpayment"] = c.RefundOverpayment(
            on=day, refund=f"{new}-refund", amount=case.overpaid
        )
    found["ask_clinic"] = c.AskClinic(on=day, question=f"{new}-question", topic="basis")
    return found


def _letters(case: Case, day: date, rules: Rules) -> dict[str, Command]:
    kinds: list[LetterKind] = ["reminder", "collection_notice", "payment_demand"]
    found: dict[str, Command] = {}
    if case.plans:
        kinds.append("plan_warning")
    for kind in kinds:
        for fee in (False, True):
            try:
                command = letter(case, kind, rules, fee=fee)(day)
            except RateMissing:
                continue
            if command is not None and not (fee and kind == "plan_warning"):
                found[f"{kind}_with_fee" if fee else kind] = command
    if case.letters_of("payment_demand"):
        found["claim_heavy_fee"] = c.ClaimHeavyFee(on=day)
    return found


def _agreements(case: Case, day: date, new: str) -> dict[str, Command]:
    found: dict[str, Command] = {
        "grant_deferral": c.GrantDeferral(on=day, until=day + 14 * _DAY),
        "acknowledge_debt": c.AcknowledgeDebt(on=day, how="by_phone"),
    }
    if case.outstanding > 0:
        found["agree_instalment_plan"] = c.AgreeInstalmentPlan(
            on=day, plan=f"{new}-plan", instalments=equal_instalments(case.outstanding, day)
        )
        if case.outstanding > 1:
            found["agree_settlement"] = c.AgreeSettlement(
                on=day,
                settlement=f"{new}-settlement",
                amount=case.outstanding // 2,
                pay_by=day + 14 * _DAY,
                agreed_by=case.creditor or "clinic",
            )
    return found


def equal_instalments(amount: int, day: date, number: int = 4) -> tuple[Instalment, ...]:
    """An amount in equal parts, a month apart from a month after a day; the last has the rest."""
    number = max(1, min(number, amount))
    each, rest = divmod(amount, number)
    return tuple(
        Instalment(add_months(day, month), each + (rest if month == number else 0))
        for month in range(1, number + 1)
    )


def _endings(case: Case, day: date, new: str) -> dict[str, Command]:
    owed = all_of(case.owed)
    found: dict[str, Command] = {"close_case": c.CloseCase(on=day, reason="recalled")}
    if owed:
        found["write_off"] = c.WriteOff(on=day, reason="uncollectable")
        found["credit"] = c.Credit(
            on=day, credit_note=f"{new}-credit", reason="clinic_decision", parts=owed
        )
    costs = tuple(part for part in owed if part.component not in {"principal", "charge"})
    if costs:
        found["waive_fees"] = c.WaiveFees(on=day, parts=costs, reason="goodwill")
    return found


def _legal_steps(case: Case, day: date, new: str) -> dict[str, Command]:
    found: dict[str, Command] = {
        f"file_{step}": c.FileLegalStep(on=day, filing=f"{new}-{step}", step=step)
        for step in get_args(LegalStep)
    }
    if case.legal_reason is not None:
        for choice in get_args(ClinicChoice):
            found[f"decide_as_clinic:{choice}"] = c.DecideAsClinic(
                on=day, choice=choice, decided_by=case.creditor or "clinic"
            )
    elif "dispute" in case.holds:
        found["request_legal_decision"] = c.RequestLegalDecision(on=day, reason="disputed")
    else:
        found["request_legal_decision"] = c.RequestLegalDecision(on=day, reason="unpaid")
    return found


def _answers(case: Case, day: date) -> dict[str, Command]:
    found: dict[str, Command] = {}
    clinic = case.creditor or "clinic"
    for name, dispute in case.disputes.items():
        if dispute.answered_on is not None:
            continue
        if dispute.referred_on is None:
            found[f"refer_dispute:{name}"] = c.ReferDispute(
                on=day, dispute=name, referred_to=clinic
            )
        found[f"answer_dispute:{name}"] = c.AnswerDispute(
            on=day, dispute=name, outcome="rejected", decided_by=clinic
        )
    for hold in case.placed_holds:
        found[f"release_hold:{hold}"] = c.ReleaseHold(on=day, hold=hold)
    for question in case.questions:
        found[f"reply_from_clinic:{question}"] = c.ReplyFromClinic(
            on=day, question=question, answer="claim_stands"
        )
    return found
