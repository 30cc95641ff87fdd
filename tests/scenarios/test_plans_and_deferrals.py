"""Agreements with the debtor: more time, instalments, less than the whole."""

from typing import Any

from ledger.domain.events import (
    DueDateMoved,
    FeeCharged,
    InstalmentPlanBroken,
    InstalmentPlanCompleted,
    LegalStepFiled,
    SettlementLapsed,
)
from tests.scenarios import facts
from tests.scenarios.asked import (
    agree_plan,
    break_plan,
    claim_heavy_fee,
    defer,
    demand,
    lapse,
    notify,
    pay,
    remind,
    reverse,
    settle,
    warn,
)
from tests.scenarios.facts import K1, K1_DEMANDED, K1_REMINDED, day, line
from tests.scenarios.story import given

LARGE = (
    facts.case_opened(),
    facts.invoice_issued("K1", line("dental_work", 2_400_00), on="2026-03-02", due="2026-03-16"),
    facts.invoice_delivered("K1", on="2026-03-04"),
    facts.reminder_sent("N1", kind="collection_notice", on="2026-04-17", deadline="2026-05-04"),
    facts.reminder_sent(
        "D1",
        kind="payment_demand",
        on="2026-05-08",
        deadline="2026-05-22",
        asked=(facts.part("principal", 2_400_00, "K1"),),
    ),
    facts.fee_charged("collection_fee", 300_00, on="2026-05-08", claim="K1", letter="D1"),
    facts.fee_charged("collection_fee_vat", 75_00, on="2026-05-08", claim="K1", letter="D1"),
)
FOUR = (
    ("2026-06-01", 600_00),
    ("2026-07-01", 600_00),
    ("2026-08-01", 600_00),
    ("2026-09-01", 600_00),
)


def test_a_plan_that_is_kept_stops_everything() -> None:
    (
        given(*LARGE)
        .when(agree_plan(*FOUR, on="2026-05-15"))
        .done()
        .held("instalment_plan", on="2026-05-16")
        .when(remind(on="2026-05-20"))
        .refused("instalment_plan_active", due="2026-06-01")
        .when(claim_heavy_fee(on="2026-06-20"))
        .refused("instalment_plan_active")
        .when(defer("2026-06-30", on="2026-05-20"))
        .refused("instalment_plan_active")
        .when(agree_plan(*FOUR, on="2026-05-20", plan="P2"))
        .refused("instalment_plan_active")
    )


def test_a_missed_instalment_breaks_the_plan_and_a_warning_goes_first() -> None:
    """June is paid; July was due on the 1st and has three days of grace."""
    (
        given(*LARGE)
        .when(agree_plan(*FOUR, on="2026-05-15"))
        .done()
        .when(pay(600_00, on="2026-06-01"))
        .done()
        .when(break_plan(on="2026-07-04"))
        .refused("plan_kept", earliest="2026-07-05", due="2026-07-01")
        .when(break_plan(on="2026-07-05"))
        .then(
            InstalmentPlanBroken(
                value_date=day("2026-07-05"), plan="P1", missed=day("2026-07-01"), missing=600_00
            )
        )
        .at_stage("demanded")
        .when(claim_heavy_fee(on="2026-07-06"))
        .refused("plan_warning_missing")
        .when(warn(on="2026-07-06", deadline="2026-07-19"))
        .refused("deadline_too_short")
        .when(warn(on="2026-07-06", deadline="2026-07-20", fee=38_00))
        .refused("fee_not_allowed")
        .when(warn(on="2026-07-06", deadline="2026-07-20"))
        .done()
        .at_stage("demanded")
        .when(claim_heavy_fee(on="2026-07-23"))
        .refused("prior_deadline_open", earliest="2026-07-24", deadline="2026-07-20")
        .when(claim_heavy_fee(on="2026-07-24"))
        .done()
        .at_stage("demanded_heavy")
        .when(break_plan(on="2026-07-25"))
        .refused("already_decided")
    )


def test_a_part_of_an_instalment_does_not_keep_the_plan() -> None:
    (
        given(*LARGE)
        .when(agree_plan(*FOUR, on="2026-05-15"))
        .done()
        .when(pay(599_99, on="2026-06-01"))
        .done()
        .when(break_plan(on="2026-06-05"))
        .done()
        .recorded(InstalmentPlanBroken, missing=1, missed=day("2026-06-01"))
    )


def test_a_plan_that_is_paid_is_completed() -> None:
    story = given(*LARGE).when(agree_plan(*FOUR, on="2026-05-15")).done()
    for number, (due, amount) in enumerate(FOUR, start=1):
        story.when(pay(amount, on=due, name=f"bank-{number}")).done()
    story.recorded(InstalmentPlanCompleted, plan="P1").held(on="2026-09-02")
    story.when(break_plan(on="2026-09-30")).refused("already_decided")


def test_a_payment_that_bounces_no_longer_keeps_the_plan() -> None:
    (
        given(*LARGE)
        .when(pay(100_00, on="2026-05-10", name="before"))
        .done()
        .when(agree_plan(*FOUR, on="2026-05-15"))
        .done()
        .when(pay(600_00, on="2026-06-01"))
        .done()
        .when(reverse("before", on="2026-06-02"))
        .done()
        .when(break_plan(on="2026-06-05"))
        .refused("plan_kept", earliest="2026-07-05")
        .when(reverse("bank-1", on="2026-06-05"))
        .done()
        .when(break_plan(on="2026-06-05"))
        .done()
        .recorded(InstalmentPlanBroken, missing=600_00)
    )


def test_a_broken_plan_that_is_paid_up_needs_no_warning_for_what_comes_new() -> None:
    later: dict[str, Any] = {"on": "2026-06-08", "due": "2026-06-22"}
    (
        given(*LARGE)
        .when(agree_plan(*FOUR, on="2026-05-15"))
        .done()
        .when(break_plan(on="2026-06-05"))
        .done()
        .happened(facts.invoice_issued("K2", line("lab", 94_00), **later))
        .happened(facts.invoice_delivered("K2", on="2026-06-10"))
        .when(notify("N2", on="2026-07-06", deadline="2026-07-20"))
        .refused("plan_warning_missing")
        .when(pay(2_850_00, on="2026-06-20", invoice="K1", order="principal_interest_costs"))
        .done()
        .allowed(notify("N2", on="2026-07-06", deadline="2026-07-20"))
    )


FIVE = tuple((f"2026-{month:02d}-01", 480_00) for month in range(6, 11))


def test_a_longer_plan_may_cost_a_supplement_if_the_debtor_was_told() -> None:
    (
        given(*LARGE)
        .when(agree_plan(*FOUR, on="2026-05-15", supplement=1, informed=True))
        .refused("fee_above_max", most=0)
        .when(agree_plan(*FIVE, on="2026-05-15", supplement=1_125_01, informed=True))
        .refused("fee_above_max", most=1_125_00)
        .when(agree_plan(*FIVE, on="2026-05-15", supplement=1_125_00))
        .refused("plan_cost_uninformed")
        .when(agree_plan(*FIVE, on="2026-05-15", supplement=1_125_00, informed=True))
        .done()
        .recorded(FeeCharged, component="plan_supplement", amount=1_125_00)
        .recorded(FeeCharged, component="plan_supplement_vat", amount=281_25)
        .when(break_plan(on="2026-06-05"))
        .done()
        .when(
            agree_plan(
                *FIVE[1:],
                ("2026-11-01", 480_00),
                on="2026-06-06",
                plan="P2",
                supplement=1,
                informed=True,
            )
        )
        .refused("fee_above_max", most=0)
    )


def test_a_supplement_comes_on_top_of_a_demand() -> None:
    (
        given(*K1_REMINDED)
        .when(
            agree_plan(
                *((due, 80_00) for due, _ in FIVE),
                on="2026-05-15",
                supplement=100_00,
                informed=True,
            )
        )
        .refused("no_valid_demand")
    )


def test_a_plan_makes_sense() -> None:
    (
        given(*K1)
        .when(agree_plan(on="2026-03-10"))
        .refused("amount_missing")
        .when(agree_plan(("2026-04-01", 0), on="2026-03-10"))
        .refused("amount_missing")
        .when(agree_plan(("2026-03-09", 413_00), on="2026-03-10"))
        .refused("date_out_of_range")
        .when(agree_plan(("2026-05-01", 200_00), ("2026-04-01", 213_00), on="2026-03-10"))
        .refused("date_out_of_range")
        .when(agree_plan(("2026-04-01", 413_01), on="2026-03-10"))
        .refused("more_than_owed", amount=413_01, owed=413_00)
        .when(agree_plan(("2026-04-01", 413_00), on="2026-03-10"))
        .done()
        .when(agree_plan(("2026-04-01", 413_00), on="2026-03-10"))
        .refused("duplicate_reference")
    )


def test_a_deferral_before_the_due_date_moves_it() -> None:
    fee: dict[str, Any] = {"deadline": "2026-05-15", "fee": 38_00}
    (
        given(*K1)
        .when(defer("2026-04-15", on="2026-03-13"))
        .done()
        .recorded(DueDateMoved, invoice="K1", due_date=day("2026-04-15"))
        .when(remind(on="2026-03-30", **fee))
        .refused("deferral_active", earliest="2026-04-29", until="2026-04-15")
        .when(remind(on="2026-03-30"))
        .refused("deferral_active", earliest="2026-04-16")
        .allowed(remind(on="2026-04-16"))
        .when(remind(on="2026-04-28", **fee))
        .refused("fee_too_early", earliest="2026-04-29")
        .allowed(remind(on="2026-04-29", **fee))
        .interest("K1", 14, on="2026-04-16")
    )


def test_a_deferral_after_the_due_date_leaves_it() -> None:
    (
        given(*K1_REMINDED)
        .when(defer("2026-05-15", on="2026-04-10"))
        .done()
        .not_recorded(DueDateMoved)
        .when(notify(on="2026-05-15", deadline="2026-06-01", fee=38_00))
        .refused("deferral_active", earliest="2026-05-16")
        .allowed(notify(on="2026-05-16", deadline="2026-06-01", fee=38_00))
        .interest("K1", 5_70, on="2026-04-27")
    )


def test_a_deferral_is_made_longer_and_not_shorter() -> None:
    (
        given(*K1)
        .when(defer("2026-04-15", on="2026-03-13"))
        .done()
        .when(defer("2026-04-10", on="2026-03-20"))
        .refused("date_out_of_range")
        .when(defer("2026-05-01", on="2026-03-20"))
        .done()
        .interest("K1", 0, on="2026-05-01")
        .when(defer("2027-06-01", on="2026-03-20"))
        .refused("date_out_of_range")
    )


def test_a_settlement_that_is_not_paid_lapses() -> None:
    (
        given(*K1_DEMANDED)
        .when(settle(0, on="2026-06-01", by="2026-06-15"))
        .refused("amount_missing")
        .when(settle(723_38, on="2026-06-01", by="2026-06-15"))
        .refused("more_than_owed", amount=723_38, owed=723_38)
        .when(settle(500_00, on="2026-06-01", by="2026-06-15"))
        .done()
        .held("deferral", on="2026-06-15")
        .when(settle(400_00, on="2026-06-01", by="2026-06-15", name="S2"))
        .refused("settlement_active")
        .when(pay(499_99, on="2026-06-10"))
        .done()
        .when(lapse(on="2026-06-18"))
        .refused("settlement_active", earliest="2026-06-19")
        .when(lapse(on="2026-06-19"))
        .done()
        .when(lapse(on="2026-06-20"))
        .refused("already_decided")
    )


def test_a_settlement_that_is_paid_too_late_gives_nothing_up() -> None:
    (
        given(*K1_DEMANDED)
        .when(settle(500_00, on="2026-06-01", by="2026-06-15"))
        .done()
        .when(pay(500_00, on="2026-06-19"))
        .done()
        .recorded(SettlementLapsed, settlement="S1")
        .owed(principal=413_00 + 76_00 + 234_38 + 12_90 - 500_00)
    )


def test_a_letter_waits_for_a_settlement() -> None:
    (
        given(*K1_DEMANDED)
        .when(settle(500_00, on="2026-06-01", by="2026-06-15"))
        .done()
        .when(demand("D2", on="2026-06-18", deadline="2026-07-02"))
        .refused("settlement_active", earliest="2026-06-19")
        .allowed(demand("D2", on="2026-06-19", deadline="2026-07-03"))
    )


def test_an_agreement_that_there_is_not_is_neither_broken_nor_lapsed() -> None:
    (
        given(*K1_DEMANDED)
        .when(break_plan(on="2026-06-01"))
        .refused("unknown_reference", kind="plan", name="P1")
        .when(lapse(on="2026-06-01"))
        .refused("unknown_reference", kind="settlement", name="S1")
    )


def test_a_settlement_is_agreed_once_and_for_a_day_within_a_year() -> None:
    """From the day itself until 365 days after it."""
    (
        given(*K1_DEMANDED)
        .when(settle(500_00, on="2026-06-02", by="2026-06-01"))
        .refused("date_out_of_range", date="2026-06-01", **{"from": "2026-06-02"})
        .when(settle(500_00, on="2026-06-02", by="2027-06-03"))
        .refused("date_out_of_range", date="2027-06-03")
        .allowed(settle(500_00, on="2026-06-02", by="2027-06-02"))
        .when(settle(500_00, on="2026-06-02", by="2026-06-02"))
        .done()
        .when(lapse(on="2026-06-06"))
        .done()
        .when(settle(500_00, on="2026-06-07", by="2026-06-21"))
        .refused("duplicate_reference", kind="settlement", name="S1")
        .allowed(settle(500_00, on="2026-06-07", by="2026-06-21", name="S2"))
    )


def test_a_plan_is_kept_when_all_that_was_agreed_is_paid() -> None:
    """The plan of 400.00 leaves 13.00 of the claim, which no instalment is about."""
    (
        given(*K1)
        .when(agree_plan(("2026-04-01", 200_00), ("2026-05-01", 200_00), on="2026-03-10"))
        .done()
        .when(pay(400_00, on="2026-03-12"))
        .done()
        .when(break_plan(on="2026-06-01"))
        .refused("already_decided", name="P1")
    )


def test_no_supplement_once_a_legal_step_was_taken() -> None:
    """What follows from a legal step costs what its own rates say (INKF § 2-4)."""
    (
        given(*LARGE)
        .happened(
            LegalStepFiled(
                value_date=day("2026-06-25"), filing="F1", step="enforcement", outstanding=3_000_00
            )
        )
        .when(agree_plan(*LATER, on="2026-07-01", supplement=100_00, informed=True))
        .refused("fee_not_allowed", component="plan_supplement")
        .allowed(agree_plan(*LATER, on="2026-07-01"))
    )


LATER = tuple((f"2026-{month:02d}-01", 100_00) for month in range(8, 13))
