"""Late interest: how much runs, when it is claimed, and what changes it afterwards."""

from ledger.domain.events import (
    CorrectionRecorded,
    InterestFixed,
    InterestLowered,
    InterestPaused,
    PaymentReceived,
)
from ledger.domain.policy import ClinicPolicy
from tests.scenarios import facts
from tests.scenarios.asked import (
    answer,
    correct_due_date,
    credit,
    object_to,
    pay,
    refer,
    reverse,
    waive,
)
from tests.scenarios.facts import K1, K1_REMINDED, line, part, principal
from tests.scenarios.story import Story, by_policy, given


def of(amount: int, *, due: str) -> Story:
    """A claim of one line."""
    return given(
        facts.case_opened(on=due),
        facts.invoice_issued("K1", line("other", amount), on=due, due=due),
    )


def test_interest_across_the_turn_of_a_half_year() -> None:
    given(*K1).interest("K1", 16_47, on="2026-07-15")
    of(1_000_00, due="2025-12-01").interest("K1", 20_26, on="2026-01-31")
    of(10_000_00, due="2026-06-30").interest("K1", 3_36, on="2026-07-01")
    of(10_000_00, due="2026-06-29").interest("K1", 3_29, on="2026-06-30")
    of(2_500_00, due="2024-02-15").interest("K1", 24_83, on="2024-03-15")


def test_on_the_due_date_none_has_run() -> None:
    given(*K1).interest("K1", 0, on="2026-03-16").interest("K1", 14, on="2026-03-17")


def test_interest_is_claimed_by_the_payment_that_pays_it() -> None:
    (
        given(*K1)
        .when(pay(500_00, on="2026-07-15"))
        .then(
            facts.interest_fixed(
                "K1",
                16_47,
                ("2026-03-16", "2026-06-30", 413_00, 12_00),
                ("2026-06-30", "2026-07-15", 413_00, 12_25),
                on="2026-07-15",
            ),
            facts.payment_received(
                "bank-1",
                500_00,
                part("interest", 16_47, "K1"),
                *principal(413_00),
                on="2026-07-15",
                overpaid=70_53,
            ),
            facts.case_closed("paid", on="2026-07-15"),
        )
        .overpaid(70_53)
    )


def test_part_payments_do_not_make_the_rounding_drift() -> None:
    """Each claims what the exact sum, rounded once, exceeds what was claimed before."""
    story = given(*K1)
    for number, on in enumerate(("17", "18", "19", "20", "21", "22", "23"), start=1):
        story.when(pay(10, on=f"2026-03-{on}", name=f"bank-{number}")).done()
    claimed = story.case.invoices["K1"].interest_fixed
    story.interest("K1", claimed, on="2026-03-23")
    assert claimed == 95


def test_a_part_payment_lowers_what_interest_runs_on_from_its_day() -> None:
    """213.00 of principal are left after 13 April; the fee and 28 days' interest were paid."""
    (
        given(*K1)
        .when(pay(203_80, on="2026-04-13"))
        .done()
        .owed(principal=213_00)
        .interest("K1", 3_80, on="2026-04-13")
        .interest("K1", 3_80 + 7, on="2026-04-14")
        .running(2_10, on="2026-05-13")
    )


def test_interest_runs_to_the_day_of_the_order_and_not_of_the_booking() -> None:
    (
        given(*K1)
        .when(pay(413_00, on="2026-03-19", ordered="2026-03-16"))
        .done()
        .recorded(PaymentReceived, parts=principal(413_00), overpaid=0)
        .not_recorded(InterestFixed)
        .closed("paid")
        .interest("K1", 0, on="2026-12-31")
    )


def test_a_credit_of_what_was_never_owed_takes_its_interest_back_from_the_due_date() -> None:
    (
        given(*K1)
        .when(pay(5_70, on="2026-04-27", order="costs_interest_principal"))
        .done()
        .owed(principal=413_00)
        .when(credit(part("principal", 183_00, "K1", 2), on="2026-05-02", never_owed=True))
        .then(
            CorrectionRecorded(
                value_date=facts.day("2026-05-02"), corrects=(2,), reason="credited_from_start"
            ),
            facts.credited(
                "C1", part("principal", 183_00, "K1", 2), on="2026-05-02", never_owed=True
            ),
            InterestLowered(
                value_date=facts.day("2026-05-02"),
                claim="K1",
                unpaid=0,
                moved=(part("principal", 2_52, "K1", 1),),
                overpaid=0,
                until=facts.day("2026-04-27"),
                segments=(facts.stretch("2026-03-16", "2026-04-27", 230_00, 12_00),),
            ),
        )
        .owed(principal=230_00 - 2_52)
        .lines_owed("K1", 227_48, 0)
        .interest("K1", 3_18, on="2026-04-27")
    )


def test_a_credit_of_goodwill_counts_from_its_own_day() -> None:
    (
        given(*K1)
        .when(credit(part("principal", 183_00, "K1", 2), on="2026-04-27"))
        .done()
        .interest("K1", 5_70, on="2026-04-27")
        .interest("K1", 5_70 + 8, on="2026-04-28")
    )


def test_what_was_paid_of_interest_that_never_ran_is_the_debtors() -> None:
    """All is paid; then the laboratory turns out wrong... what was paid stays, its interest not."""
    (
        given(*K1)
        .when(pay(418_70, on="2026-04-27"))
        .done()
        .closed("paid")
        .overpaid(0)
        .when(reverse(on="2026-05-04"))
        .done()
        .owed(principal=413_00, interest=5_70)
        .at_stage("invoiced")
        .when(pay(418_70, on="2026-05-11", name="bank-2", order="costs_interest_principal"))
        .done()
        .owed(principal=1_90)
    )


def test_a_payment_that_was_found_late_lowers_what_was_claimed_since() -> None:
    """20.00 paid interest on 27 April; 200.00 with the value date 13 April came to light later."""
    (
        given(*K1)
        .when(pay(20_00, on="2026-04-27"))
        .done()
        .owed(principal=413_00 - 14_30)
        .when(pay(200_00, on="2026-04-13", name="bank-2"))
        .done()
        .recorded(InterestLowered, unpaid=0, overpaid=0, until=facts.day("2026-04-27"))
        .interest("K1", 4_78, on="2026-04-27")
        .owed(principal=413_00 - 220_00 + 4_78)
    )


def test_a_dispute_that_the_clinic_let_lie_bears_no_interest() -> None:
    slow = (object_to(on="2026-04-01"), refer(on="2026-04-02"))
    story = given(*K1)
    for command in slow:
        story.when(command).done()
    (
        story.when(answer("rejected", on="2026-04-20"), by="clinic:c1")
        .done()
        .recorded(InterestPaused, first_day=facts.day("2026-04-01"))
        .interest("K1", 2_04, on="2026-03-31")
        .interest("K1", 2_04, on="2026-04-20")
        .interest("K1", 2_17, on="2026-04-21")
    )


def test_a_dispute_that_was_answered_in_time_bears_interest_throughout() -> None:
    (
        given(*K1)
        .when(object_to(on="2026-04-01"))
        .done()
        .when(refer(on="2026-04-02"))
        .done()
        .when(answer("rejected", on="2026-04-16"), by="clinic:c1")
        .done()
        .not_recorded(InterestPaused)
        .interest("K1", 5_70, on="2026-04-27")
    )
    (
        given(*K1, rules=by_policy(ClinicPolicy(waives_interest_when_slow=False)))
        .when(object_to(on="2026-04-01"))
        .done()
        .when(answer("rejected", on="2026-06-16"), by="clinic:c1")
        .done()
        .not_recorded(InterestPaused)
    )


def test_a_due_date_that_was_recorded_wrong_takes_interest_and_letters_along() -> None:
    by_two = given(*K1_REMINDED).when(correct_due_date("K1", "2026-04-16", on="2026-05-01"))
    by_two.refused("approval_needed")


def test_interest_that_still_runs_can_be_given_up() -> None:
    (
        given(*K1)
        .when(waive(part("interest", 5_70, "K1"), on="2026-04-27"))
        .done()
        .recorded(InterestFixed, amount=5_70)
        .owed(principal=413_00)
        .running(14, on="2026-04-28")
        .when(waive(part("interest", 5_70, "K1"), on="2026-04-28"))
        .refused("more_than_owed", component="interest", amount=5_70, owed=14)
    )


def test_interest_that_was_given_up_is_not_paid_back_when_it_turns_out_not_to_have_run() -> None:
    (
        given(*K1)
        .when(waive(part("interest", 5_70, "K1"), on="2026-04-27"))
        .done()
        .when(credit(part("principal", 183_00, "K1", 2), on="2026-05-02", never_owed=True))
        .done()
        .recorded(CorrectionRecorded, reason="credited_from_start")
        .recorded(InterestLowered, unpaid=0, moved=(), overpaid=0)
        .owed(principal=230_00)
        .running(7, on="2026-04-28")
    )
