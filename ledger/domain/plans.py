"""What paying in instalments would mean: when, how much, and what it costs beside paying today.

Nothing is decided here. The plan is put to the same decision that would record it, and each
instalment to the same allocation and interest that a payment would meet, so what an agent is shown
is what will happen if every instalment comes on its day.
"""

from datetime import date, timedelta
from typing import Final

import msgspec

from ledger.domain import accrual
from ledger.domain.allocation import allocate, by_line
from ledger.domain.bank_days import next_bank_day
from ledger.domain.calendar import add_months
from ledger.domain.case import Case
from ledger.domain.commands import AgreeInstalmentPlan
from ledger.domain.decisions import decide
from ledger.domain.decisions.agreements import LONGEST_DEFERRAL_DAYS, MOST_INSTALMENTS
from ledger.domain.events import AllocationOrder, FeeCharged, Instalment, PaymentReceived
from ledger.domain.rate_missing import RateMissing
from ledger.domain.rates import PlanSupplement
from ledger.domain.refusals import Refusal, missing_rate
from ledger.domain.rules import Rules

_DAY: Final = timedelta(days=1)
_SIMULATED: Final = "simulated"


class PlannedInstalment(msgspec.Struct, frozen=True):
    """One instalment. Amounts are in minor units."""

    due: date
    amount: int
    interest: int
    """Interest that will have run since the day of the plan, up to this instalment."""
    estimated: bool
    """Whether a part of that interest is at a rate which is not known yet."""


class PlanSimulation(msgspec.Struct, frozen=True):
    """A plan that could be agreed on today, and its price. Amounts are in minor units."""

    on: date
    owed: int
    """What paying today would cost: all that is owed, and the interest that has run."""
    supplement: int
    supplement_vat: int
    supplement_source: str | None
    """The regulation behind the supplement, where it costs one."""
    supplement_refused: Refusal | None
    """Why so many instalments cost no supplement here."""
    instalments: tuple[PlannedInstalment, ...]
    interest: int
    """All interest that will run until the last instalment, beyond what has run today. It is left
    to pay after the last one: a plan can't claim interest before it has run."""
    interest_estimated: int
    """How much of it falls on days whose rate is not known yet, at the last known rate."""
    estimated_from: date | None
    """The first of those days."""
    total: int
    """All that will have been asked for: ``owed``, the supplement with its VAT, and interest."""
    order: AllocationOrder
    """The order in which each instalment pays costs, interest and principal."""

    @property
    def dearer_by(self) -> int:
        """What the plan costs more than paying today."""
        return self.total - self.owed

    @property
    def cost_must_be_told(self) -> bool:
        """Whether the debtor must be told that the plan raises his costs (Lovavdelingen 96/928)."""
        return self.supplement > 0


def simulate_plan(
    case: Case,
    on: date,
    rules: Rules,
    *,
    first: date,
    instalments: int | None = None,
    monthly: int | None = None,
) -> PlanSimulation | Refusal:
    """A plan by the number of its instalments or by the amount a month, which is in minor units.

    Instalments are a month apart, each moved to the next bank day, equal, the last one the rest.
    Refused as the agreement itself would be, with the reasons that keep a case from a plan.
    """
    if (instalments is None) == (monthly is None):
        raise ValueError("a plan has either a number of instalments or an amount a month")
    if case.outstanding <= 0:
        return Refusal("nothing_owed")
    asked = (instalments or 0) if monthly is None else monthly
    if asked <= 0:
        return Refusal("amount_missing")
    if not on <= first <= on + LONGEST_DEFERRAL_DAYS * _DAY:
        facts = {"date": first.isoformat(), "from": on.isoformat()}
        return Refusal("date_out_of_range", facts)
    try:
        owed = case.outstanding + sum(accrual.running(case, on, rules).values())
        count = instalments or -(-owed // (monthly or owed))
        if count > MOST_INSTALMENTS:
            last = add_months(first, count - 1) if count < 12 * 100 else date.max
            return Refusal("date_out_of_range", {"date": last.isoformat(), "from": on.isoformat()})
        return _priced(case, on, rules, owed, first, count, monthly)
    except RateMissing as missing:
        return missing_rate(missing)


def _priced(
    case: Case,
    on: date,
    rules: Rules,
    owed: int,
    first: date,
    count: int,
    monthly: int | None,
) -> PlanSimulation | Refusal:
    fees: list[FeeCharged] = []
    refused, source = None, None
    cap = _cap(on, rules)
    if cap is not None and count > cap.more_than_instalments:
        dear = _asked(case, on, rules, _dated(owed, first, count, monthly), cap.net)
        if isinstance(dear, Refusal):
            refused = dear
        else:
            fees, source = dear, cap.source
    charged = sum(fee.amount for fee in fees)
    if monthly is not None:
        count = -(-(owed + charged) // monthly)
    planned = _dated(owed + charged, first, count, monthly)
    agreed = _asked(case, on, rules, planned, fees[0].amount if fees else 0)
    if isinstance(agreed, Refusal):
        return agreed
    before = case.after([*accrual.fixed(case, on, on, rules), *fees])
    known_until, estimating = _with_estimates(rules)
    rows, known = _kept(before, planned, estimating, known_until)
    interest = rows[-1].interest
    estimated = interest - known
    return PlanSimulation(
        on=on,
        owed=owed,
        supplement=fees[0].amount if fees else 0,
        supplement_vat=charged - (fees[0].amount if fees else 0),
        supplement_source=source,
        supplement_refused=refused,
        instalments=rows,
        interest=interest,
        interest_estimated=estimated,
        estimated_from=known_until + _DAY if estimated else None,
        total=owed + charged + interest,
        order=rules.policy.allocation_order,
    )


def _cap(on: date, rules: Rules) -> PlanSupplement | None:
    try:
        deductible = rules.policy.vat_deductible
        return rules.rates.plan_supplement_cap(on, vat_deductible=deductible)
    except RateMissing:
        return None


def _dated(owed: int, first: date, count: int, monthly: int | None) -> tuple[Instalment, ...]:
    """Equal amounts a month apart on bank days; what does not divide is in the last one."""
    each = monthly or owed // count
    dates = [next_bank_day(add_months(first, number)) for number in range(count)]
    amounts = [each] * (count - 1)
    return tuple(
        Instalment(due, amount)
        for due, amount in zip(dates, [*amounts, owed - sum(amounts)], strict=True)
    )


def _asked(
    case: Case, on: date, rules: Rules, planned: tuple[Instalment, ...], supplement: int
) -> list[FeeCharged] | Refusal:
    """What agreeing on the plan would charge, or why it would be refused."""
    command = AgreeInstalmentPlan(
        on=on, plan=_SIMULATED, instalments=planned, supplement=supplement, cost_informed=True
    )
    answer = decide(case, command, rules, on)
    if isinstance(answer, Refusal):
        return answer
    return [event for event in answer if isinstance(event, FeeCharged)]


def _kept(
    case: Case, planned: tuple[Instalment, ...], rules: Rules, known_until: date
) -> tuple[tuple[PlannedInstalment, ...], int]:
    """Each instalment with the interest that will have run by it, if all come in time; and how
    much of the last one's is at rates that are known."""
    rows: list[PlannedInstalment] = []
    interest = known = 0
    order = rules.policy.allocation_order
    for instalment in planned:
        due = instalment.due
        if due <= known_until:
            known = interest + _ran(case, due, rules)
        elif not rows or rows[-1].due <= known_until:
            known = interest + _ran(case, known_until, rules)
        fixed = accrual.fixed(case, due, due, rules)
        interest += sum(event.amount for event in fixed)
        case = case.after(fixed)
        parts, rest = allocate(instalment.amount, case.owed, order, case.oldest_first())
        paid = PaymentReceived(
            value_date=due,
            payment=f"{_SIMULATED}-{due}",
            amount=instalment.amount,
            parts=by_line(case, parts),
            overpaid=rest,
            order=order,
        )
        case = case.after([paid])
        estimated = due > known_until and interest > known
        rows.append(PlannedInstalment(due, instalment.amount, interest, estimated))
    assert case.outstanding == interest, "the instalments pay what is owed today"
    return tuple(rows), known


def _ran(case: Case, until: date, rules: Rules) -> int:
    return sum(event.amount for event in accrual.fixed(case, until, until, rules))


def _with_estimates(rules: Rules) -> tuple[date, Rules]:
    """The last day whose rate of interest is known, and rules that carry that rate on.

    Days before the first rate stay unknown: only the future is estimated.
    """
    table = rules.rates.late_interest
    last = table.rows[-1]
    carried = msgspec.structs.replace(last, valid_to=date.max)
    longer = msgspec.structs.replace(table, rows=(*table.rows[:-1], carried))
    rates = msgspec.structs.replace(rules.rates, late_interest=longer)
    return last.valid_to, msgspec.structs.replace(rules, rates=rates)
