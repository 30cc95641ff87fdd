"""The clinic's choice between a legal step and a credit, and the step itself."""

from ledger.domain.accrual import CURRENCY
from ledger.domain.allocation import Owed, all_of, by_line
from ledger.domain.calendar import add_months
from ledger.domain.case import Case, Hold, Letter
from ledger.domain.commands import (
    DecideAsClinic,
    FileLegalStep,
    RecordEnforcementResult,
    RequestLegalDecision,
)
from ledger.domain.decisions.closing import closed_if_settled
from ledger.domain.decisions.credits import credited_events
from ledger.domain.decisions.fees import given_back, waived
from ledger.domain.decisions.standing import (
    covered_by_insolvency,
    deadline_open,
    held,
    not_before,
    plan_warning_due,
    time_barred,
    unreviewed,
)
from ledger.domain.events import (
    ClinicDecided,
    Credited,
    DisputeAnswered,
    EnforcementResultRecorded,
    Event,
    LegalDecisionRequested,
    LegalStep,
    LegalStepFiled,
)
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Setting


def request_legal_decision(
    case: Case, command: RequestLegalDecision, setting: Setting
) -> list[Event] | Refusal:
    """Put the choice before the clinic, with what each way costs.

    A claim that costs more to pursue than it brings is best credited (founding document).
    """
    if case.outstanding <= 0:
        return Refusal("nothing_owed")
    if case.legal_reason is not None:
        return Refusal("already_decided", {"name": "legal_decision"})
    if case.currency != CURRENCY:
        return Refusal("rates_missing", {"table": "court_fees", "date": command.on.isoformat()})
    if command.reason == "unpaid":
        if not _demands(case):
            return Refusal("no_valid_demand", {}, None, "INKL § 10")
        refusal = held(case, command.on, setting)
        if refusal is not None:
            return refusal
    elif not case.disputes:
        return Refusal("unknown_dispute", {"dispute": "-"})
    rates = setting.rules.rates
    step: LegalStep
    if command.reason == "disputed":
        step, cost = "conciliation", rates.court_fee("conciliation", command.on).amount
    else:
        step, cost = "enforcement", rates.court_fee("attachment", command.on).amount
    pursued = _pursued(case)
    principal = sum(owed for (part, _), owed in pursued.items() if part == "principal")
    return [
        LegalDecisionRequested(
            value_date=command.on,
            reason=command.reason,
            outstanding=sum(pursued.values()),
            cost=cost,
            recommended="credit" if principal <= cost else step,
        )
    ]


def decide_as_clinic(
    case: Case, command: DecideAsClinic, setting: Setting
) -> list[Event] | Refusal:
    """The clinic chooses: a legal step, a credit of all that is owed, or to go on as before."""
    if case.legal_reason is None:
        return Refusal("no_decision_pending", {})
    decided = ClinicDecided(
        value_date=command.on, choice=command.choice, decided_by=command.decided_by
    )
    if command.choice != "credit":
        return [decided]
    principal = [p for p in all_of(case.owed) if p.component in {"principal", "charge"}]
    events: list[Event] = [decided]
    for name, dispute in case.disputes.items():
        if dispute.answered_on is None:
            events.append(
                DisputeAnswered(
                    value_date=command.on,
                    dispute=name,
                    outcome="upheld",
                    decided_by=command.decided_by,
                    code=None,
                )
            )
    if principal:
        credited = Credited(
            value_date=command.on,
            credit_note=f"{case.reference}-{case.version + 2}",
            reason="clinic_decision",
            parts=by_line(case, principal),
            never_owed=case.legal_reason == "disputed",
        )
        events += credited_events(case, credited, setting)
    now = case.after(events)
    if case.legal_reason == "disputed":
        events += given_back(now, command.on, (None, *now.letters), "dispute_upheld")
        now = case.after(events)
    events += waived(now, command.on, all_of(now.owed), "goodwill")
    return closed_if_settled(case, events, "credited")


def file_legal_step(case: Case, command: FileLegalStep, setting: Setting) -> list[Event] | Refusal:
    """Only after the clinic's choice, on a demand not older than six months, and not too late."""
    if command.filing in case.filings:
        return Refusal("duplicate_reference", {"kind": "filing", "name": command.filing})
    if case.outstanding <= 0:
        return Refusal("nothing_owed")
    if case.clinic_choice != command.step:
        return Refusal("legal_without_clinic", {}, None, "founding document: the clinic decides")
    if case.clinic_chose_on is not None and command.on < case.clinic_chose_on:
        return not_before(case.clinic_chose_on, command.on)
    for name in case.oldest_first():
        if case.owed.get(("principal", name)):
            refusal = covered_by_insolvency(case, name) or time_barred(
                case, name, command.on, setting
            )
            if refusal is not None:
                return refusal
    besides: Hold | None = "dispute" if command.step == "conciliation" else None
    refusal = (
        held(case, command.on, setting, besides=besides)
        or _demanded(case, command, setting)
        or unreviewed(command.on, setting)
    )
    if refusal is not None:
        return refusal
    return [
        LegalStepFiled(
            value_date=command.on,
            filing=command.filing,
            step=command.step,
            outstanding=sum(_pursued(case).values()),
        )
    ]


def _demands(case: Case) -> list[Letter]:
    """The demands about what is unpaid; all, where only costs and interest are."""
    demands, unpaid = case.letters_of("payment_demand"), _unpaid(case)
    if not unpaid:
        return demands
    return [d for d in demands if not d.invoices or not unpaid.isdisjoint(d.invoices)]


def _unpaid(case: Case) -> set[str]:
    return {name for name in case.invoices if case.owed.get(("principal", name))}


def _demanded_of(case: Case) -> Owed:
    """What is owed of all that a demand was about: claims that none was about are not taken to
    court with the others. Nothing, where no unpaid claim was demanded."""
    demands, unpaid = _demands(case), _unpaid(case)
    others = unpaid.difference(*(demand.invoices or unpaid for demand in demands))
    return {key: owed for key, owed in case.owed.items() if demands and key[1] not in others}


def _pursued(case: Case) -> Owed:
    """What a legal step is about: what was demanded, or what is disputed where nothing was."""
    return _demanded_of(case) or case.owed


def _demanded(case: Case, command: FileLegalStep, setting: Setting) -> Refusal | None:
    """An undisputed claim needs a demand that is not older than six months (INKL § 11).

    Its deadline, and that of the warning after a broken plan, must have passed.
    """
    demands = _demands(case)
    if not demands:
        if command.step == "conciliation" and case.disputes:
            return None
        return Refusal("no_valid_demand", {}, None, "INKL §§ 10, 11")
    last = max(demand.sent_on for demand in demands)
    until = add_months(last, setting.rules.rates.regime(command.on).demand_valid_months)
    if command.on > until:
        return Refusal("demand_expired", {"demanded": last.isoformat()}, None, "INKL § 11")
    latest = max(demands, key=lambda demand: demand.sent_on)
    refusal = deadline_open(latest.deadline, command.on, setting)
    return refusal or plan_warning_due(case, case.oldest_first(), command.on, setting)


def record_enforcement_result(
    case: Case, command: RecordEnforcementResult, setting: Setting
) -> list[Event] | Refusal:
    """What the conciliation board or the enforcement officer decided."""
    if command.filing not in case.filings:
        return Refusal("unknown_reference", {"kind": "filing", "name": command.filing})
    if case.filings[command.filing].outcome is not None:
        return Refusal("already_decided", {"name": command.filing})
    return [
        EnforcementResultRecorded(
            value_date=command.on, filing=command.filing, outcome=command.outcome
        )
    ]
