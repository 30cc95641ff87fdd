"""What a plan would mean, before anybody agrees on it."""

from datetime import date

import msgspec
import pytest

from ledger.domain import commands as c
from ledger.domain.commands import Command
from ledger.domain.decisions import decide
from ledger.domain.events import Instalment, InstalmentPlanAgreed, InvoiceLine
from ledger.domain.plans import PlanSimulation, simulate_plan
from ledger.domain.policy import ClinicPolicy
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Rules
from tests.domain import told as t
from tests.domain.told import RULES, day, folded, told

DENTIST = (
    t.opened("2026-04-01"),
    *t.invoiced("K26", InvoiceLine(1, "dental_work", 2_400_00), on="2026-04-01", due="2026-05-15"),
)
"""No. 26: 2 400.00, of which no interest has run on the day that it falls due."""
DEMANDED = (
    t.opened("2026-03-02"),
    *t.invoiced("K26", InvoiceLine(1, "dental_work", 2_400_00), on="2026-03-02", due="2026-03-16"),
    *t.demanded(on="2026-04-14", deadline="2026-04-28", demand="2026-05-04", until="2026-05-18"),
)
"""The same after a payment demand, with 60 days of interest: 2 447.34 on 15 May."""
ON = day("2026-05-15")
FIRST = day("2026-06-01")


def planned(
    instalments: int,
    *,
    of: tuple[Command, ...] = DENTIST,
    first: date = FIRST,
    on: date = ON,
    rules: Rules = RULES,
) -> PlanSimulation:
    plan = simulate_plan(folded(told(*of)), on, rules, first=first, instalments=instalments)
    assert isinstance(plan, PlanSimulation), plan
    return plan


def test_four_instalments_cost_only_the_interest() -> None:
    plan = planned(4)
    assert [(row.due, row.amount) for row in plan.instalments] == [
        (day("2026-06-01"), 600_00),
        (day("2026-07-01"), 600_00),
        (day("2026-08-03"), 600_00),  # 1 August is a Saturday
        (day("2026-09-01"), 600_00),
    ]
    assert (plan.owed, plan.supplement, plan.supplement_vat) == (2_400_00, 0, 0)
    # 17 days of 2 400.00 at 12 % by the first: 13.41.
    assert plan.instalments[0].interest == 13_41
    assert plan.interest == plan.instalments[-1].interest == plan.dearer_by
    assert plan.total == 2_400_00 + plan.interest
    assert (plan.interest_estimated, plan.estimated_from) == (0, None)
    assert not plan.cost_must_be_told


def test_five_instalments_may_cost_a_supplement_that_must_be_told() -> None:
    """1 125.00 and 281.25 of VAT, 1 406.25 together."""
    plan = planned(5, of=DEMANDED)
    assert (plan.supplement, plan.supplement_vat) == (1_125_00, 281_25)
    assert plan.cost_must_be_told
    assert plan.supplement_source is not None
    assert "§ 2-4" in plan.supplement_source
    assert sum(row.amount for row in plan.instalments) == 2_447_34 + 1_406_25
    assert plan.dearer_by == 1_406_25 + plan.interest


def test_before_a_demand_a_plan_costs_nothing() -> None:
    """INKF § 2-4 raises what a collection fee may be, and there is none yet."""
    plan = planned(5)
    assert (plan.supplement, plan.supplement_vat) == (0, 0)
    assert plan.supplement_refused is not None
    assert plan.supplement_refused.code == "no_valid_demand"


def test_a_clinic_that_deducts_vat_adds_none() -> None:
    rules = msgspec.structs.replace(RULES, policy=ClinicPolicy(vat_deductible=True))
    plan = planned(5, of=DEMANDED, rules=rules)
    assert (plan.supplement, plan.supplement_vat) == (1_125_00, 0)


def test_what_does_not_divide_is_in_the_last_instalment() -> None:
    case = folded(told(*DENTIST))
    plan = simulate_plan(case, ON, RULES, first=FIRST, monthly=700_00)
    assert isinstance(plan, PlanSimulation)
    assert [row.amount for row in plan.instalments] == [700_00, 700_00, 700_00, 300_00]
    thirds = planned(7)
    amounts = [row.amount for row in thirds.instalments]
    assert len(set(amounts[:-1])) == 1
    assert 0 <= amounts[-1] - amounts[0] < 7


def test_the_monthly_amount_also_pays_the_supplement() -> None:
    case = folded(told(*DEMANDED))
    plan = simulate_plan(case, ON, RULES, first=FIRST, monthly=500_00)
    assert isinstance(plan, PlanSimulation)
    assert plan.supplement == 1_125_00
    assert [row.amount for row in plan.instalments] == [500_00] * 7 + [353_59]


def test_interest_at_a_rate_that_is_not_known_yet_is_an_estimate() -> None:
    plan = planned(4, on=day("2026-11-02"), first=day("2026-12-01"))
    assert [row.estimated for row in plan.instalments] == [False, True, True, True]
    assert plan.estimated_from == day("2027-01-01")
    # The first instalment is past by 31 December, so what is known are the days up to that one.
    known = planned(2, on=day("2026-11-02"), first=day("2026-11-30"))
    assert known.interest_estimated == 0
    assert 0 < plan.interest_estimated < plan.interest


def test_what_is_simulated_is_what_can_be_agreed_on() -> None:
    case = folded(told(*DENTIST))
    for count in (2, 4, 5, 12):
        plan = planned(count)
        command = c.AgreeInstalmentPlan(
            on=ON,
            plan="P1",
            instalments=tuple(Instalment(r.due, r.amount) for r in plan.instalments),
            supplement=plan.supplement,
            cost_informed=plan.cost_must_be_told,
        )
        answer = decide(case, command, RULES, ON)
        assert isinstance(answer, list), answer
        assert isinstance(answer[0], InstalmentPlanAgreed)
        assert case.after(answer).outstanding == plan.total - plan.interest


def test_the_interest_is_what_will_run_if_all_come_in_time() -> None:
    plan = planned(4)
    agreed = c.AgreeInstalmentPlan(
        on=ON,
        plan="P1",
        instalments=tuple(Instalment(r.due, r.amount) for r in plan.instalments),
    )
    payments = [
        c.ReceivePayment(on=row.due, payment=f"bank-{number}", amount=row.amount)
        for number, row in enumerate(plan.instalments)
    ]
    case = folded(told(*DENTIST, agreed, *payments))
    assert case.outstanding == plan.interest
    assert case.invoices["K26"].interest_fixed == plan.interest


@pytest.mark.parametrize(
    ("instalments", "monthly", "first", "code"),
    [
        (0, None, "2026-06-01", "amount_missing"),
        (-3, None, "2026-06-01", "amount_missing"),
        (None, 0, "2026-06-01", "amount_missing"),
        (61, None, "2026-06-01", "date_out_of_range"),
        (None, 1, "2026-06-01", "date_out_of_range"),
        (4, None, "2026-05-14", "date_out_of_range"),
        (4, None, "2099-06-01", "date_out_of_range"),
    ],
)
def test_nonsense_is_refused(
    instalments: int | None, monthly: int | None, first: str, code: str
) -> None:
    case = folded(told(*DENTIST))
    answer = simulate_plan(
        case, ON, RULES, first=day(first), instalments=instalments, monthly=monthly
    )
    assert isinstance(answer, Refusal)
    assert answer.code == code


def test_it_is_refused_as_the_agreement_would_be() -> None:
    disputed = folded(told(*DENTIST, c.RaiseDispute(on=ON, dispute="D1", category="service")))
    answer = simulate_plan(disputed, ON, RULES, first=FIRST, instalments=4)
    assert isinstance(answer, Refusal)
    assert answer.code == "disputed"
    nothing = folded(told(*t.K1, t.paid("bank-1", 413_00, on="2026-03-10")))
    answer = simulate_plan(nothing, ON, RULES, first=FIRST, instalments=4)
    assert isinstance(answer, Refusal)
    assert answer.code == "nothing_owed"


def test_a_claim_of_a_minor_bears_no_supplement_and_says_why() -> None:
    issue, delivered = t.invoiced(
        "K28", InvoiceLine(1, "dental_work", 2_400_00), on="2026-04-01", due="2026-05-15"
    )
    young = msgspec.structs.replace(issue, patient="minor")
    case = folded(told(t.opened("2026-04-01"), young, delivered))
    plan = simulate_plan(case, ON, RULES, first=FIRST, instalments=6)
    assert isinstance(plan, PlanSimulation)
    assert (plan.supplement, plan.interest, plan.dearer_by) == (0, 0, 0)
    assert plan.supplement_refused is not None
    assert plan.supplement_refused.code == "minor_no_costs"


def test_a_plan_is_asked_for_in_one_way() -> None:
    case = folded(told(*DENTIST))
    with pytest.raises(ValueError, match="either"):
        simulate_plan(case, ON, RULES, first=FIRST, instalments=4, monthly=600_00)
    with pytest.raises(ValueError, match="either"):
        simulate_plan(case, ON, RULES, first=FIRST)


def test_the_first_instalment_is_due_from_the_day_itself_until_a_year_later() -> None:
    case = folded(told(*DENTIST))
    for first, refused in (
        ("2026-05-14", True),
        ("2026-05-15", False),
        ("2027-05-15", False),
        ("2027-05-16", True),
    ):
        plan = simulate_plan(case, ON, RULES, first=day(first), instalments=2)
        assert isinstance(plan, Refusal) == refused, first
        if refused:
            assert plan == Refusal("date_out_of_range", {"date": first, "from": "2026-05-15"})


def test_five_years_of_months_are_the_longest_plan() -> None:
    assert len(planned(60).instalments) == 60
    case = folded(told(*DENTIST))
    assert simulate_plan(case, ON, RULES, first=FIRST, instalments=61) == Refusal(
        "date_out_of_range", {"date": "2031-06-01", "from": "2026-05-15"}
    )
    forever = simulate_plan(case, ON, RULES, first=FIRST, monthly=1)
    assert forever == Refusal("date_out_of_range", {"date": "9999-12-31", "from": "2026-05-15"})


def test_more_than_four_instalments_may_cost_a_supplement_and_four_may_not() -> None:
    assert planned(4, of=DEMANDED).supplement == 0
    assert planned(5, of=DEMANDED).supplement == 1_125_00
