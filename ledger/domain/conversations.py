"""The conversations that patients call about, as guides: which fit a case, and where each may lead.

The founding document knows them: the frikort that does not cover material, the record copy of
someone who never visited, the screen that showed zero, the charge that never reached the terminal,
whoever can't pay in time, the caller without authorisation, the question about the basis, and the
disagreement that the clinic has to end. A guide begins with who is calling. It holds what may be
said, which commands may follow, and what must not be said; the words are in ``ledger.wording``.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final, Literal

import msgspec

from ledger.domain import accrual
from ledger.domain import commands as c
from ledger.domain.case import Case
from ledger.domain.decisions import decide
from ledger.domain.decisions.agreements import LONGEST_DEFERRAL_DAYS
from ledger.domain.events import LineCategory
from ledger.domain.plans import simulate_plan
from ledger.domain.rate_missing import RateMissing
from ledger.domain.refusals import Refusal
from ledger.domain.rules import MISUNDERSTANDING_HOLD_DAYS, TIME_FOR_ANSWER_DAYS, Rules
from ledger.domain.visits import split, visited

Topic = Literal[
    "third_party",
    "frikort",
    "record_copy",
    "terminal_zero",
    "terminal_split",
    "cannot_pay",
    "basis",
    "cannot_agree",
]

Check = Literal[
    "who_is_calling",
    "name_and_birth_date",
    "one_more_fact",
    "guardian",
    "estate_contact",
    "authorisation",
    "patient_present",
]
"""What is made sure before anything is said, in this order."""

Say = Literal[
    "neither_confirm_nor_deny",
    "authorisation_needed",
    "authorisation_held",
    "patient_may_join",
    "frikort_covers_egenandel",
    "frikort_not_this",
    "frikort_egenandel_credited",
    "frikort_egenandel_refunded",
    "record_copy_costs",
    "record_copy_clinic_answers",
    "zero_before_charge",
    "charged_afterwards",
    "paid_this_at_terminal",
    "missed_by_terminal",
    "invoice_for_missing_only",
    "fees_may_be_waived",
    "to_pay_today",
    "to_pay_without_interest",
    "deferral_possible",
    "deferral_runs",
    "plan_possible",
    "plan_runs",
    "plan_costs_more",
    "other_agreement_possible",
    "clinic_answers_basis",
    "we_can_ask_the_clinic",
    "objection_holds_case",
    "misunderstanding_hold",
    "clinic_decides",
    "conciliation_costs",
    "credit_recommended",
    "conciliation_recommended",
]

MustNot = Literal[
    "confirm_the_case",
    "say_what_lines_are",
    "say_why_treated",
    "ask_why_treated",
    "write_health_down",
    "read_address",
    "promise_credit",
    "threaten_costs",
    "decide_the_basis",
    "blame_the_patient",
    "hide_plan_costs",
    "claim_costs_from_minor",
]

Fact = int | date | datetime | str
"""Amounts in minor units, dates, UTC times, and categories of lines."""

FRIKORT_COVERS_NOT: Final[frozenset[LineCategory]] = frozenset(
    {
        "material",
        "certificate",
        "record_copy",
        "no_show",
        "expedition",
        "vaccine_generic",
        "dental_work",
    }
)
"""What a patient pays himself, frikort or not (helsenorge.no; domain.md section 4)."""


class Spoken(msgspec.Struct, frozen=True):
    """Something that may be said, with the facts that its words need."""

    say: Say
    facts: dict[str, Fact] = {}


class Guide(msgspec.Struct, frozen=True):
    """One conversation, as it may go on this case."""

    topic: Topic
    check: tuple[Check, ...]
    say: tuple[Spoken, ...]
    commands: tuple[str, ...]
    """What may follow, by the names of the commands."""
    must_not: tuple[MustNot, ...]


def conversations(case: Case, on: date, rules: Rules) -> tuple[Guide, ...]:
    """The guides that fit a case on a day, the most particular first.

    The third party's comes first of all: whoever calls may be one, even about a case that is not
    there. A case that was not opened has no other.
    """
    if case.state == "unknown":
        return (_third_party(case, on),)
    found = [_third_party(case, on)]
    found += [guide for make in _GUIDES if (guide := make(case, on, rules)) is not None]
    return tuple(found)


def identification(case: Case) -> tuple[Check, ...]:
    """What is asked before anything of the case is told to the one who calls."""
    checks: list[Check] = ["who_is_calling", "name_and_birth_date", "one_more_fact"]
    if case.debtor_role == "guardian" or _minor(case):
        checks.append("guardian")
    if "estate" in case.circumstances:
        checks.append("estate_contact")
    return tuple(checks)


def _third_party(case: Case, on: date) -> Guide:
    say = [
        Spoken("neither_confirm_nor_deny"),
        Spoken("authorisation_needed"),
        Spoken("patient_may_join"),
    ]
    held = [a for a in case.authorisations.values() if a.holds_on(on)]
    for authorisation in held:
        facts: dict[str, Fact] = {"scope": authorisation.scope}
        if authorisation.valid_to is not None:
            facts["until"] = authorisation.valid_to
        say.append(Spoken("authorisation_held", facts))
    return Guide(
        topic="third_party",
        check=("who_is_calling", "authorisation", "patient_present"),
        say=tuple(say),
        commands=("RefuseDisclosure", "RegisterAuthorisation", "RecordContact"),
        must_not=("confirm_the_case", "say_what_lines_are", *_address(case)),
    )


def _frikort(case: Case, on: date, rules: Rules) -> Guide | None:
    lines = _lines(case)
    not_covered = [line for line in lines if line[1] in FRIKORT_COVERS_NOT and line[2]]
    covered = [line for line in lines if line[3]]
    objected = _objected(case, "misunderstanding_frikort")
    share = sum(amount for _, _, amount, _ in covered)
    material = any(category == "material" for _, category, _, _ in not_covered)
    if not objected and not material and not share:
        return None
    say = [Spoken("frikort_covers_egenandel")]
    say += [
        Spoken("frikort_not_this", {"category": category, "amount": amount})
        for _, category, amount, _ in not_covered
    ]
    if share:
        credits = rules.policy.frikort_billed_in_error == "credit"
        how: Say = "frikort_egenandel_credited" if credits else "frikort_egenandel_refunded"
        say.append(Spoken(how, {"amount": share}))
    say.append(_misunderstanding(on))
    return Guide(
        topic="frikort",
        check=identification(case),
        say=tuple(say),
        commands=_possible(
            case, "RecordContact", "RaiseDispute", "AnswerDispute", "AskClinic", "WaiveFees"
        ),
        must_not=("say_why_treated", "ask_why_treated", "blame_the_patient", *_always(case)),
    )


def _record_copy(case: Case, on: date, rules: Rules) -> Guide | None:
    copies = [amount for _, category, amount, _ in _lines(case) if category == "record_copy"]
    if not copies and not _objected(case, "record_copy"):
        return None
    return Guide(
        topic="record_copy",
        check=identification(case),
        say=(
            Spoken("record_copy_costs", {"amount": sum(copies)}),
            Spoken("record_copy_clinic_answers"),
            Spoken("we_can_ask_the_clinic"),
            Spoken("objection_holds_case"),
        ),
        commands=_possible(
            case, "RecordContact", "RaiseDispute", "ReferDispute", "AskClinic", "Credit"
        ),
        must_not=("say_why_treated", "decide_the_basis", "promise_credit", *_always(case)),
    )


def _terminal_zero(case: Case, on: date, rules: Rules) -> Guide | None:
    early = [v for v in visited(case) if v.unpaid == "approved_before_the_charge"]
    if not early:
        return None
    say: list[Spoken] = []
    for charge in early:
        assert charge.zero_at is not None, "the zero is the reason"
        say.append(
            Spoken(
                "zero_before_charge",
                {"at": charge.zero_at, "amount": charge.amount, "charged_at": charge.registered_at},
            )
        )
    say += [Spoken("charged_afterwards"), *_fees_waivable(case), _misunderstanding(on)]
    return Guide(
        topic="terminal_zero",
        check=identification(case),
        say=tuple(say),
        commands=_possible(case, "RecordContact", "WaiveFees", "GrantDeferral", "RaiseDispute"),
        must_not=("blame_the_patient", "say_why_treated", *_always(case)),
    )


def _terminal_split(case: Case, on: date, rules: Rules) -> Guide | None:
    charges = visited(case)
    if not split(charges):
        return None
    say = []
    for charge in charges:
        facts: dict[str, Fact] = {"category": charge.category, "amount": charge.amount}
        if charge.paid_at is not None:
            shown: Fact = charge.sent_at or charge.registered_at
            facts |= {"shown_at": shown, "paid_at": charge.paid_at}
            say.append(Spoken("paid_this_at_terminal", facts))
        elif charge.unpaid == "not_on_terminal":
            facts["registered_at"] = charge.registered_at
            say.append(Spoken("missed_by_terminal", facts))
    say += [Spoken("invoice_for_missing_only"), *_fees_waivable(case), _misunderstanding(on)]
    return Guide(
        topic="terminal_split",
        check=identification(case),
        say=tuple(say),
        commands=_possible(case, "RecordContact", "WaiveFees", "GrantDeferral", "RaiseDispute"),
        must_not=("blame_the_patient", "say_why_treated", *_always(case)),
    )


def _cannot_pay(case: Case, on: date, rules: Rules) -> Guide | None:
    if case.state != "open" or case.outstanding <= 0:
        return None
    say = _to_pay(case, on, rules)
    offered: list[str] = ["RecordContact"]
    until = on + timedelta(days=14)
    deferral = c.GrantDeferral(on=on, until=until)
    if case.deferred_until is not None and case.deferred_until >= on:
        say.append(Spoken("deferral_runs", {"until": case.deferred_until}))
    if case.plan is not None and (due := case.plan.next_unpaid()) is not None:
        say.append(Spoken("plan_runs", {"due": due.due, "amount": due.amount}))
    if not isinstance(decide(case, deferral, rules, on), Refusal):
        latest = on + timedelta(days=LONGEST_DEFERRAL_DAYS)
        say.append(Spoken("deferral_possible", {"until": latest}))
        offered.append("GrantDeferral")
    if not isinstance(simulate_plan(case, on, rules, first=until, instalments=2), Refusal):
        cap = _most_instalments_without_cost(on, rules)
        say.append(Spoken("plan_possible", {"count": cap}))
        offered.append("AgreeInstalmentPlan")
        dear = simulate_plan(case, on, rules, first=until, instalments=cap + 1)
        if not isinstance(dear, Refusal) and dear.supplement:
            facts: dict[str, Fact] = {
                "count": cap,
                "amount": dear.supplement + dear.supplement_vat,
            }
            say.append(Spoken("plan_costs_more", facts))
    if case.settlement is None:
        say.append(Spoken("other_agreement_possible"))
        offered.append("AgreeSettlement")
    offered += ["SetContactPreference", "RequestCallback"]
    return Guide(
        topic="cannot_pay",
        check=identification(case),
        say=tuple(say),
        commands=tuple(offered),
        must_not=("threaten_costs", "hide_plan_costs", *_always(case)),
    )


def _basis(case: Case, on: date, rules: Rules) -> Guide | None:
    if not case.invoices and not case.charges:
        return None
    return Guide(
        topic="basis",
        check=identification(case),
        say=(
            Spoken("clinic_answers_basis"),
            Spoken("we_can_ask_the_clinic"),
            Spoken("objection_holds_case"),
        ),
        commands=_possible(case, "RecordContact", "AskClinic", "RaiseDispute", "ReferDispute"),
        must_not=(
            "say_why_treated",
            "ask_why_treated",
            "write_health_down",
            "decide_the_basis",
            *_always(case),
        ),
    )


def _cannot_agree(case: Case, on: date, rules: Rules) -> Guide | None:
    """A dispute that was referred or rejected, and is still about money that is owed."""
    stands = any(
        dispute.outcome == "rejected" or (dispute.answered_on is None and dispute.referred_on)
        for dispute in case.disputes.values()
    )
    if case.state != "open" or not case.outstanding:
        return None
    if not stands and case.legal_reason != "disputed":
        return None
    principal = case.balance.get("principal", 0) + case.balance.get("charge", 0)
    say = [Spoken("objection_holds_case"), Spoken("clinic_decides", {"days": TIME_FOR_ANSWER_DAYS})]
    try:
        cost = rules.rates.court_fee("conciliation", on).amount
    except RateMissing:
        cost = None
    if cost is not None and case.currency == accrual.CURRENCY:
        say.append(Spoken("conciliation_costs", {"cost": cost, "amount": principal}))
        small = principal <= cost
        say.append(Spoken("credit_recommended" if small else "conciliation_recommended"))
    return Guide(
        topic="cannot_agree",
        check=identification(case),
        say=tuple(say),
        commands=(
            ("DecideAsClinic",)
            if case.legal_reason is not None
            else ("RecordContact", "RequestLegalDecision", "NotifyDisputeAnswer")
        ),
        must_not=("decide_the_basis", "promise_credit", "threaten_costs", *_always(case)),
    )


_GUIDES: Final[tuple[Callable[[Case, date, Rules], Guide | None], ...]] = (
    _terminal_split,
    _terminal_zero,
    _frikort,
    _record_copy,
    _cannot_agree,
    _cannot_pay,
    _basis,
)


# --------------------------------------------------------------------- what guides are made from


def _lines(case: Case) -> list[tuple[str, LineCategory, int, bool]]:
    """Invoice or charge, category, what of it is still owed, whether it is the patient's share."""
    invoiced = [
        (name, line.category, invoice.lines_owed.get(line.line, 0), line.egenandel)
        for name, invoice in case.invoices.items()
        for line in invoice.lines
    ]
    owed = case.owed
    charged = [
        (name, charge.category, owed.get(("charge", name), 0), False)
        for name, charge in case.charges.items()
        if charge.invoice is None
    ]
    return [*invoiced, *charged]


def _objected(case: Case, category: str) -> bool:
    return any(dispute.category == category for dispute in case.disputes.values())


def _minor(case: Case) -> bool:
    return any(invoice.patient != "adult" for invoice in case.invoices.values())


def _address(case: Case) -> tuple[MustNot, ...]:
    return ("read_address",) if "protected_address" in case.circumstances else ()


def _always(case: Case) -> tuple[MustNot, ...]:
    minors: tuple[MustNot, ...] = ()
    if _minor(case) and case.debtor_role == "patient":
        minors = ("claim_costs_from_minor",)
    return (*minors, *_address(case))


def _misunderstanding(on: date) -> Spoken:
    return Spoken("misunderstanding_hold", {"until": on + timedelta(MISUNDERSTANDING_HOLD_DAYS)})


def _fees_waivable(case: Case) -> list[Spoken]:
    fees = sum(
        amount
        for component, amount in case.balance.items()
        if component not in {"charge", "principal", "interest"}
    )
    return [Spoken("fees_may_be_waived", {"amount": fees})] if fees else []


def _to_pay(case: Case, on: date, rules: Rules) -> list[Spoken]:
    try:
        running = sum(accrual.running(case, on, rules).values())
    except RateMissing:
        return [Spoken("to_pay_without_interest", {"amount": case.outstanding})]
    return [Spoken("to_pay_today", {"amount": case.outstanding + running})]


def _most_instalments_without_cost(on: date, rules: Rules) -> int:
    try:
        cap = rules.rates.plan_supplement_cap(on, vat_deductible=rules.policy.vat_deductible)
    except RateMissing:
        return rules.rates.plan_share.rows[-1].more_than_instalments
    return cap.more_than_instalments


def _possible(case: Case, *names: str) -> tuple[str, ...]:
    """The commands of a guide that the state of the case leaves anything to do for."""
    open_disputes = any(d.answered_on is None for d in case.disputes.values())
    missing = set()
    if not open_disputes:
        missing.add("AnswerDispute")
    if not _fees_waivable(case):
        missing.add("WaiveFees")
    if case.state == "closed":
        missing |= set(names) - {"RecordContact"}
    return tuple(name for name in names if name not in missing)
