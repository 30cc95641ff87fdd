"""What happens when two things come together: two invoices, a payment and what it had led to."""

from datetime import date
from typing import Any

import pytest

from ledger.domain.actions import step_ahead
from ledger.domain.commands import Command
from ledger.domain.events import LegalStepFiled, PaymentReceived
from tests.scenarios import facts
from tests.scenarios.asked import (
    agree_plan,
    answer,
    approve,
    ask_approval,
    ask_for_decision,
    charge_fee,
    choose,
    confirm_delivery,
    credit,
    defer,
    demand,
    file,
    hand_over,
    hold,
    issue_invoice,
    know,
    object_to,
    pay,
    remind,
    reopen,
    reverse,
    settle,
    void,
)
from tests.scenarios.facts import K1, K1_DEMANDED, K1_NOTICED, K1_REMINDED, line, part
from tests.scenarios.story import Story, given


def with_another(story: Story, *, on: str, due: str, amount: int) -> Story:
    """The case has another invoice, which has arrived."""
    issued = issue_invoice("K2", line("lab", amount), on=on, due=due)
    return story.when(issued).done().when(confirm_delivery("K2", on=on)).done()


def filed() -> Story:
    return (
        given(*K1_DEMANDED)
        .when(ask_for_decision("unpaid", on="2026-06-08"))
        .done()
        .when(choose("enforcement", on="2026-06-09"))
        .done()
        .when(file("enforcement", on="2026-06-10"))
        .done()
    )


def test_a_claim_that_was_never_demanded_is_not_taken_to_court() -> None:
    story = given(*K1_DEMANDED)
    with_another(story, on="2026-05-12", due="2026-05-26", amount=1500_00)
    everything = story.case.balance
    of_the_first = sum(everything.values()) - 1500_00
    story.when(pay(of_the_first, on="2026-05-20", invoice="K1")).done()
    assert not story.case.owed.get(("principal", "K1"))
    story.when(ask_for_decision("unpaid", on="2026-07-20")).refused("no_valid_demand")


def test_a_legal_step_is_about_what_was_demanded() -> None:
    story = given(*K1_DEMANDED)
    demanded = story.case.outstanding
    with_another(story, on="2026-06-01", due="2026-06-20", amount=1500_00)
    (
        story.when(ask_for_decision("unpaid", on="2026-06-08"))
        .done()
        .when(choose("enforcement", on="2026-06-09"))
        .done()
        .when(file("enforcement", on="2026-06-10"))
        .done()
        .recorded(LegalStepFiled, outstanding=demanded)
    )


def test_nothing_is_filed_before_the_clinic_has_chosen() -> None:
    (
        given(*K1_DEMANDED)
        .when(ask_for_decision("unpaid", on="2026-06-08"))
        .done()
        .when(choose("enforcement", on="2026-06-12"))
        .done()
        .when(file("enforcement", on="2026-06-11"))
        .refused("date_out_of_range", earliest="2026-06-12")
        .when(file("enforcement", on="2026-06-12"))
        .done()
    )


@pytest.mark.parametrize(
    ("beside", "code"),
    [
        (know("estate", on="2026-05-25"), "estate"),
        (hold("payment_claimed", on="2026-05-25", review="2026-07-25"), "on_hold"),
        (agree_plan(("2026-07-01", 300_00), ("2026-08-01", 300_00), on="2026-05-25"),
         "instalment_plan_active"),
        (defer("2026-08-01", on="2026-05-25"), "deferral_active"),
        (settle(300_00, on="2026-05-25", by="2026-08-01"), "settlement_active"),
    ],
)  # fmt: skip
def test_a_dispute_hides_no_other_hold_from_the_conciliation_board(
    beside: Command, code: str
) -> None:
    refusal = (
        given(*K1_DEMANDED)
        .when(beside)
        .done()
        .when(object_to(on="2026-05-26"))
        .done()
        .when(ask_for_decision("disputed", on="2026-06-08"))
        .done()
        .when(choose("conciliation", on="2026-06-09"))
        .done()
        .when(file("conciliation", on="2026-06-10"))
        .refusal()
    )
    assert refusal.code == code


def test_court_fees_come_after_the_filing_and_once() -> None:
    (
        filed()
        .when(charge_fee("court_fee", 928_00, on="2026-06-09"))
        .refused("legal_without_clinic", earliest="2026-06-10")
        .when(charge_fee("court_fee", 928_00, on="2026-06-10"))
        .done()
        .when(charge_fee("court_fee", 1, on="2026-06-11"))
        .refused("fee_above_max")
    )


@pytest.mark.parametrize("circumstance", ["estate", "bankruptcy", "debt_settlement"])
def test_no_court_fee_on_an_estate_or_on_what_an_insolvency_covers(circumstance: Any) -> None:
    (
        filed()
        .when(know(circumstance, on="2026-06-12"))
        .done()
        .when(charge_fee("court_fee", 928_00, on="2026-06-15"))
        .refused(circumstance)
    )


@pytest.mark.parametrize("circumstance", ["bankruptcy", "debt_settlement"])
def test_what_an_insolvency_covers_is_not_handed_over(circumstance: Any) -> None:
    (
        given(*K1_DEMANDED)
        .when(know(circumstance, on="2026-06-12"))
        .done()
        .when(hand_over(on="2026-06-15"))
        .refused(circumstance)
    )


def test_a_payment_in_time_is_measured_by_what_the_letter_was_about() -> None:
    """The other invoice was not due when the order was given: it has nothing to do with the fee."""
    story = given(*K1_NOTICED)
    with_another(story, on="2026-05-01", due="2026-06-01", amount=300_00)
    story.when(demand(on="2026-05-08", deadline="2026-05-22", fee=187_50)).done()
    assert story.case.letters["D1"].invoices == ("K1",)
    assert "collection_fee" in story.case.balance
    story.when(pay(489_00, on="2026-05-11", ordered="2026-05-04")).done()
    assert story.case.letters["D1"].void
    assert story.case.balance.keys() == {"principal", "interest"}
    assert story.case.balance["principal"] == 300_00


def test_the_kid_of_an_invoice_is_stronger_than_the_sum_of_a_letter_about_another() -> None:
    story = given(*K1)
    with_another(story, on="2026-03-20", due="2026-04-20", amount=413_00)
    (
        story.when(remind(on="2026-03-31", deadline="2026-04-14"))
        .done()
        .when(pay(413_00, on="2026-04-01", invoice="K2"))
        .done()
        .recorded(PaymentReceived, designation="invoice")
    )
    principal = {
        claim: owed for (part, claim), owed in story.case.owed.items() if part == "principal"
    }
    assert principal == {"K1": 413_00}


def test_a_settlement_that_was_paid_stays_paid_when_a_later_payment_bounces() -> None:
    story = (
        given(*K1_DEMANDED)
        .when(settle(400_00, on="2026-06-05", by="2026-07-01"))
        .done()
        .when(pay(400_00, on="2026-06-10"))
        .done()
        .closed("settled")
        .when(pay(100_00, on="2026-06-12", name="bank-2"))
        .done()
        .when(reverse("bank-2", on="2026-06-14"))
        .done()
        .when(ask_approval(reopen(on="2026-06-15")))
        .done()
        .when(approve(on="2026-06-15"), by="senior:b")
        .done()
    )
    assert story.case.settlement is None
    with_another(story, on="2026-06-15", due="2026-06-30", amount=500_00)
    story.when(pay(100_00, on="2026-06-20", name="bank-3")).done().owed(principal=400_00)


def test_a_plan_goes_on_when_its_last_instalment_bounces() -> None:
    story = given(*K1_DEMANDED)
    rest = story.case.outstanding - 300_00
    (
        story.when(agree_plan(("2026-06-01", 300_00), ("2026-07-01", rest), on="2026-05-15"))
        .done()
        .when(pay(300_00, on="2026-06-01", name="bank-1"))
        .done()
    )
    story.when(pay(story.case.outstanding, on="2026-07-01", name="bank-2")).done()
    story.when(reverse("bank-2", on="2026-07-06")).done().held("instalment_plan", on="2026-07-06")
    assert story.case.plans["P1"].paid == 300_00


def test_no_interest_on_more_than_was_ever_claimed() -> None:
    """The settlement gave up the rest from the day on up to which interest had been claimed."""
    story = (
        given(*K1_REMINDED)
        .when(pay(50_00, on="2026-06-30"))
        .done()
        .when(settle(200_00, on="2026-06-05", by="2026-06-20"))
        .done()
        .when(pay(200_00, on="2026-06-10", name="bank-2"))
        .done()
        .when(reverse("bank-2", on="2026-07-02"))
        .done()
    )
    principal, highest = 0, 0
    for _, change in sorted(story.case.invoices["K1"].steps):
        principal += change
        highest = max(highest, principal)
    assert highest == 413_00


def test_no_objection_is_answered_before_it_was_raised() -> None:
    (
        given(*K1, facts.dispute_raised("O1", on="2026-04-05"))
        .when(answer("rejected", on="2026-04-04"))
        .refused("date_out_of_range", earliest="2026-04-05")
        .when(answer("rejected", on="2026-04-05"))
        .done()
    )


def test_a_claim_that_came_later_has_its_own_way_up_the_ladder() -> None:
    """The clock goes on with what is unpaid, not with how far the case had come."""
    story = given(*K1_DEMANDED)
    with_another(story, on="2026-05-12", due="2026-05-26", amount=1500_00)
    story.when(pay(story.case.outstanding - 1500_00, on="2026-05-13")).done()
    assert story.case.owed.get(("principal", "K2")) == 1500_00
    step = step_ahead(story.case, date(2026, 7, 20), story.rules)
    assert step is not None
    assert (step.name, step.on) == ("reminder", date(2026, 7, 20))


def test_a_letter_that_fell_away_is_sent_anew() -> None:
    story = given(*K1_DEMANDED).when(void("N1", on="2026-05-10")).done()
    step = step_ahead(story.case, date(2026, 5, 20), story.rules)
    assert step is not None
    assert step.name == "collection_notice"


def test_a_second_fee_letter_about_the_same_claims_waits_for_the_first() -> None:
    """The first fee was for asking for both, to whichever of them it was charged."""
    story = given(*K1)
    with_another(story, on="2026-03-02", due="2026-03-16", amount=300_00)
    (
        story.when(remind(on="2026-03-30", deadline="2026-04-13", fee=38_00))
        .done()
        .when(remind("R2", on="2026-03-31", deadline="2026-04-14", fee=38_00))
        .refused("second_fee_no_deadline", earliest="2026-04-17", sent="2026-03-30")
    )


def test_the_costs_of_what_was_never_owed_go_though_something_else_is_owed() -> None:
    story = given(*K1_DEMANDED)
    with_another(story, on="2026-05-12", due="2026-06-12", amount=300_00)
    (
        story.when(credit(part("principal", 413_00, "K1"), on="2026-05-20", never_owed=True))
        .done()
        .owed(principal=300_00)
    )


def test_a_fee_that_was_paid_for_what_was_never_owed_comes_back() -> None:
    """The fee's money pays the rest of what is owed, or is the debtor's."""
    (
        given(*K1_REMINDED)
        .when(pay(38_00, part("reminder_fee", 38_00, "K1"), on="2026-03-31"))
        .done()
        .when(credit(part("principal", 413_00, "K1"), on="2026-04-02", never_owed=True))
        .done()
        .owed()
        .overpaid(38_00)
        .closed("credited")
    )


def test_a_clinic_that_credits_what_was_disputed_gives_paid_costs_back() -> None:
    (
        given(*K1_REMINDED)
        .when(pay(38_00, part("reminder_fee", 38_00, "K1"), on="2026-03-31"))
        .done()
        .when(object_to(on="2026-04-01"))
        .done()
        .when(ask_for_decision("disputed", on="2026-04-02"))
        .done()
        .when(choose("credit", on="2026-04-03"))
        .done()
        .owed()
        .overpaid(38_00)
        .closed("credited")
    )


def test_a_demand_about_what_was_paid_keeps_no_other_alive() -> None:
    """Six months count from the demand about what is unpaid (INKL § 11)."""
    story = given(
        *K1_DEMANDED,
        facts.invoice_issued("K2", line("lab", 300_00), on="2026-08-03", due="2026-08-17"),
        facts.invoice_delivered("K2", on="2026-08-05"),
        facts.reminder_sent(
            "D2", kind="payment_demand", on="2026-10-01", deadline="2026-10-15", invoices=("K2",)
        ),
        facts.payment_received(
            "bank-1", 300_00, part("principal", 300_00, "K2", 1), on="2026-10-05"
        ),
    )
    (
        story.when(ask_for_decision("unpaid", on="2026-11-10"))
        .done()
        .when(choose("enforcement", on="2026-11-10"))
        .done()
        .when(file("enforcement", on="2026-11-11"))
        .refused("demand_expired", demanded="2026-05-08")
    )
