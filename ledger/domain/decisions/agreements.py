"""Agreements with the debtor: more time, instalments, less than the whole."""

from typing import Final

from ledger.domain import accrual
from ledger.domain.case import Case
from ledger.domain.commands import (
    AcknowledgeDebt,
    AgreeInstalmentPlan,
    AgreeSettlement,
    BreakInstalmentPlan,
    GrantDeferral,
    LapseSettlement,
)
from ledger.domain.decisions.letters import vat_of
from ledger.domain.decisions.standing import DAY, costs_barred, unreviewed
from ledger.domain.events import (
    DebtAcknowledged,
    DeferralGranted,
    DueDateMoved,
    Event,
    FeeCharged,
    FeeComponent,
    InstalmentPlanAgreed,
    InstalmentPlanBroken,
    SettlementAgreed,
    SettlementLapsed,
)
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Setting

MOST_INSTALMENTS: Final = 60
"""Five years of months: longer than that, a debt is settled otherwise."""
LONGEST_DEFERRAL_DAYS: Final = 365


def grant_deferral(case: Case, command: GrantDeferral, setting: Setting) -> list[Event] | Refusal:
    """Nothing goes out until the date; what was not due yet falls due on it instead.

    What was promised before is not taken back: a deferral can be made longer, not shorter.
    """
    if case.outstanding <= 0:
        return Refusal("nothing_owed")
    since = max(command.on, case.deferred_until or command.on)
    if not since < command.until <= command.on + LONGEST_DEFERRAL_DAYS * DAY:
        facts = {"date": command.until.isoformat(), "from": since.isoformat()}
        return Refusal("date_out_of_range", facts)
    if case.plan is not None:
        return Refusal("instalment_plan_active", {}, None, "the plan is the agreement")
    moved = [
        name
        for name, invoice in case.invoices.items()
        if invoice.due_date is not None and command.on <= invoice.due_date < command.until
    ]
    granted = DeferralGranted(value_date=command.on, until=command.until, moved=tuple(moved))
    dates = [
        DueDateMoved(value_date=command.on, invoice=name, due_date=command.until) for name in moved
    ]
    events: list[Event] = [granted, *dates]
    return [*events, *accrual.lowered(case.after(events), command.on, setting.rules)]


def agree_instalment_plan(
    case: Case, command: AgreeInstalmentPlan, setting: Setting
) -> list[Event] | Refusal:
    """Instalments of no more than is owed, each later than the one before.

    More than four may cost a supplement, if the debtor was told so (INKF § 2-4, LOVA 96/928).
    """
    if command.plan in case.plans:
        return Refusal("duplicate_reference", {"kind": "plan", "name": command.plan})
    if case.plan is not None:
        return Refusal("instalment_plan_active", {}, None, "one plan at a time")
    if not command.instalments or any(not i.amount for i in command.instalments):
        return Refusal("amount_missing")
    dates = [instalment.due for instalment in command.instalments]
    if dates != sorted(set(dates)) or dates[0] < command.on or len(dates) > MOST_INSTALMENTS:
        facts = {"date": dates[0].isoformat(), "from": command.on.isoformat()}
        return Refusal("date_out_of_range", facts)
    if "dispute" in case.holds_on(command.on):
        return Refusal("disputed", {}, None, "INKL § 8")
    fees = _supplement(case, command, setting)
    if isinstance(fees, Refusal):
        return fees
    agreed = InstalmentPlanAgreed(
        value_date=command.on,
        plan=command.plan,
        instalments=command.instalments,
        cost_informed=command.cost_informed,
    )
    total = sum(instalment.amount for instalment in command.instalments)
    running = sum(accrual.running(case, command.on, setting.rules).values())
    owed = case.outstanding + running + sum(fee.amount for fee in fees)
    if total > owed:
        return Refusal("more_than_owed", {"amount": total, "owed": owed})
    return [agreed, *fees]


def _supplement(
    case: Case, command: AgreeInstalmentPlan, setting: Setting
) -> list[FeeCharged] | Refusal:
    if not command.supplement:
        return []
    unpaid = [name for name in case.oldest_first() if case.owed.get(("principal", name))]
    refusal = costs_barred(case, unpaid, command.on, setting)
    demanded = {name for letter in case.letters_of("payment_demand") for name in letter.invoices}
    if refusal is None and not demanded & set(unpaid):
        refusal = Refusal("no_valid_demand", {}, None, "INKF § 2-4: on top of a collection fee")
    if refusal is None and case.rung in {"conciliation", "enforcement", "surveillance"}:
        refusal = Refusal("fee_not_allowed", {"component": "plan_supplement"}, None, "INKF § 2-4")
    if refusal is None:
        refusal = unreviewed(command.on, setting)
    if refusal is not None:
        return refusal
    deductible = setting.rules.policy.vat_deductible
    cap = setting.rules.rates.plan_supplement_cap(command.on, vat_deductible=deductible)
    most = 0
    if len(command.instalments) > cap.more_than_instalments:
        standing = case.fees_standing.get((None, "plan_supplement", None), 0)
        most = max(0, cap.net - standing)
    if command.supplement > most:
        facts = {"amount": command.supplement, "most": most}
        return Refusal("fee_above_max", facts, None, cap.source)
    if not command.cost_informed:
        return Refusal("plan_cost_uninformed", {}, None, "LOVA 96/928")
    vat = vat_of(command.supplement, command.on, setting)
    charged: list[tuple[FeeComponent, int]] = [("plan_supplement", command.supplement)]
    if vat:
        charged.append(("plan_supplement_vat", vat))
    return [
        FeeCharged(
            value_date=command.on,
            component=component,
            amount=amount,
            claim=None,
            rule=cap.rule,
            letter=None,
        )
        for component, amount in charged
    ]


def break_instalment_plan(
    case: Case, command: BreakInstalmentPlan, setting: Setting
) -> list[Event] | Refusal:
    """A plan is broken when an instalment has not come within its grace, and not before."""
    plan = case.plans.get(command.plan)
    if plan is None:
        return Refusal("unknown_reference", {"kind": "plan", "name": command.plan})
    if not plan.active:
        return Refusal("already_decided", {"name": command.plan})
    missed = plan.next_unpaid()
    if missed is None:
        return Refusal("plan_kept", {})
    earliest = missed.due + (setting.rules.policy.grace_days + 1) * DAY
    if command.on < earliest:
        return Refusal("plan_kept", {"due": missed.due.isoformat()}, earliest, "INKL § 8")
    due = sum(i.amount for i in plan.instalments if i.due <= missed.due)
    return [
        InstalmentPlanBroken(
            value_date=command.on,
            plan=command.plan,
            missed=missed.due,
            missing=due - plan.paid,
        )
    ]


def agree_settlement(
    case: Case, command: AgreeSettlement, setting: Setting
) -> list[Event] | Refusal:
    """Less than the whole, by a date; the rest is given up when it is paid."""
    if command.settlement in case.settlements:
        return Refusal("duplicate_reference", {"kind": "settlement", "name": command.settlement})
    if case.settlement is not None:
        return Refusal("settlement_active", {"until": case.settlement.pay_by.isoformat()})
    if not command.amount:
        return Refusal("amount_missing")
    if command.amount >= case.outstanding:
        return Refusal("more_than_owed", {"amount": command.amount, "owed": case.outstanding})
    if not command.on <= command.pay_by <= command.on + LONGEST_DEFERRAL_DAYS * DAY:
        facts = {"date": command.pay_by.isoformat(), "from": command.on.isoformat()}
        return Refusal("date_out_of_range", facts)
    return [
        SettlementAgreed(
            value_date=command.on,
            settlement=command.settlement,
            amount=command.amount,
            pay_by=command.pay_by,
            agreed_by=command.agreed_by,
        )
    ]


def lapse_settlement(
    case: Case, command: LapseSettlement, setting: Setting
) -> list[Event] | Refusal:
    """A settlement that was not paid in time binds nobody any more."""
    settlement = case.settlements.get(command.settlement)
    if settlement is None:
        return Refusal("unknown_reference", {"kind": "settlement", "name": command.settlement})
    if settlement.lapsed or settlement.paid >= settlement.amount:
        return Refusal("already_decided", {"name": command.settlement})
    earliest = settlement.pay_by + (setting.rules.policy.grace_days + 1) * DAY
    if command.on < earliest:
        facts = {"until": settlement.pay_by.isoformat()}
        return Refusal("settlement_active", facts, earliest, "INKL § 8")
    return [SettlementLapsed(value_date=command.on, settlement=command.settlement)]


def acknowledge_debt(
    case: Case, command: AcknowledgeDebt, setting: Setting
) -> list[Event] | Refusal:
    """The debtor says that he owes it: limitation runs anew from that day."""
    if case.outstanding <= 0:
        return Refusal("nothing_owed")
    return [DebtAcknowledged(value_date=command.on, how=command.how)]
