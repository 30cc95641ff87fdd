"""Money that comes in: what it pays, whose the rest is, and what happens when it goes back."""

from ledger.domain.events import (
    CaseReopened,
    CorrectionRecorded,
    Credited,
    EgenandelPaymentReported,
    FeeWaived,
    InterestFixed,
    LetterVoided,
    PaymentReceived,
    PaymentReportedByClinic,
    PaymentReversed,
    WrittenOff,
)
from ledger.domain.policy import ClinicPolicy
from tests.scenarios import facts
from tests.scenarios.asked import (
    answer,
    ask_approval,
    demand,
    issue_invoice,
    object_to,
    paid_at_clinic,
    pay,
    refund,
    remind,
    report_egenandel,
    reverse,
    settle,
    void,
)
from tests.scenarios.facts import K1, K1_DEMANDED, K1_NOTICED, K1_REMINDED, line, part, principal
from tests.scenarios.story import by_policy, given

FEE = part("reminder_fee", 38_00, "K1")
INTEREST = part("interest", 5_70, "K1")


def test_k1_paid_in_full_is_closed_on_the_day_of_the_payment() -> None:
    story = (
        given(*K1)
        .when(pay(413_00, on="2026-03-13"))
        .then(
            facts.payment_received(
                "bank-1", 413_00, *principal(413_00), on="2026-03-13", designation="invoice"
            ),
            facts.case_closed("paid", on="2026-03-13"),
        )
        .owed()
        .overpaid(0)
        .closed("paid")
    )
    assert story.case.accounts["bank.client_funds", None] == 413_00
    assert story.case.accounts["liability.creditor", "K1"] == -413_00


def test_a_part_payment_pays_costs_then_interest_then_principal() -> None:
    (
        given(*K1_REMINDED)
        .when(pay(200_00, on="2026-04-27"))
        .then(
            facts.interest_fixed(
                "K1", 5_70, ("2026-03-16", "2026-04-27", 413_00, 12_00), on="2026-04-27"
            ),
            facts.payment_received(
                "bank-1", 200_00, FEE, INTEREST, *principal(156_30), on="2026-04-27"
            ),
        )
        .owed(principal=256_70)
        .lines_owed("K1", 73_70, 183_00)
        .at_stage("reminded")
    )


def test_the_debtor_may_choose_to_pay_the_principal_first() -> None:
    (
        given(*K1_REMINDED)
        .when(pay(200_00, on="2026-04-27", order="principal_interest_costs"))
        .done()
        .recorded(PaymentReceived, parts=principal(200_00), order="principal_interest_costs")
        .owed(principal=213_00, reminder_fee=38_00, interest=5_70)
    )


def test_where_the_debtor_has_not_chosen_the_creditor_has() -> None:
    principal_first = by_policy(ClinicPolicy(allocation_order="principal_interest_costs"))
    (
        given(*K1_REMINDED, rules=principal_first)
        .when(pay(415_00, on="2026-04-27"))
        .done()
        .owed(interest=3_70, reminder_fee=38_00)
    )
    (
        given(*K1_REMINDED, rules=principal_first)
        .when(pay(38_00, on="2026-04-27", order="costs_interest_principal"))
        .done()
        .owed(principal=413_00, interest=5_70)
    )


def test_the_debtor_may_name_what_he_pays() -> None:
    """To the line, and of the interest that has run by the day."""
    (
        given(*K1_REMINDED)
        .when(pay(188_70, part("principal", 183_00, "K1", 2), INTEREST, on="2026-04-27"))
        .done()
        .recorded(PaymentReceived, designation="parts")
        .owed(principal=230_00, reminder_fee=38_00)
        .lines_owed("K1", 230_00, 0)
    )


def test_named_parts_are_the_payment_and_no_more_than_is_owed() -> None:
    (
        given(*K1_REMINDED)
        .when(pay(200_00, FEE, on="2026-04-27"))
        .refused("over_allocation", amount=200_00, parts=38_00)
        .when(pay(38_01, part("reminder_fee", 38_01, "K1"), on="2026-04-27"))
        .refused("negative_component", component="reminder_fee", amount=38_01, owed=38_00)
        .when(pay(183_01, part("principal", 183_01, "K1", 2), on="2026-04-27"))
        .refused("negative_component", component="principal", amount=183_01, owed=183_00)
        .when(
            pay(
                414_00,
                part("principal", 231_00, "K1"),
                part("principal", 183_00, "K1", 2),
                on="2026-04-27",
            )
        )
        .refused("negative_component")
        .when(pay(1_00, part("principal", 1_00, "K1", 7), on="2026-04-27"))
        .refused("negative_component")
    )


def test_a_line_that_was_named_is_not_paid_again_by_the_rest() -> None:
    (
        given(*K1)
        .when(
            pay(
                313_00,
                part("principal", 130_00, "K1"),
                part("principal", 183_00, "K1", 1),
                on="2026-03-10",
            )
        )
        .done()
        .lines_owed("K1", 0, 100_00)
    )


def test_whoever_pays_what_a_letter_asked_for_pays_just_that() -> None:
    (
        given(*K1_REMINDED)
        .when(pay(451_00, on="2026-04-10"))
        .done()
        .recorded(PaymentReceived, designation="letter", parts=(FEE, *principal(413_00)))
        .recorded(WrittenOff, reason="small_remainder", parts=(part("interest", 3_39, "K1"),))
        .closed("paid")
    )


def test_whoever_pays_what_the_invoice_said_pays_the_principal() -> None:
    (
        given(*K1_REMINDED)
        .when(pay(413_00, on="2026-04-10"))
        .done()
        .recorded(PaymentReceived, designation="invoice", parts=principal(413_00))
        .owed(reminder_fee=38_00, interest=3_39)
    )


def test_an_order_of_his_own_goes_before_what_a_letter_asked_for() -> None:
    (
        given(*K1_NOTICED)
        .when(pay(413_00, on="2026-05-01", order="costs_interest_principal"))
        .done()
        .recorded(PaymentReceived, designation="none")
        .owed(principal=413_00 - (413_00 - 76_00 - 6_25))
    )


K0 = facts.invoice_issued("K0", line("lab", 94_00), on="2026-03-05", due="2026-03-12")


def test_a_payment_pays_the_invoice_that_fell_due_first() -> None:
    (
        given(*K1, K0)
        .when(pay(100_00, on="2026-03-12"))
        .done()
        .recorded(
            PaymentReceived,
            parts=(part("principal", 94_00, "K0", 1), part("principal", 6_00, "K1", 1)),
        )
    )


def test_the_kid_of_an_invoice_says_which_one_is_meant() -> None:
    (
        given(*K1, K0)
        .when(pay(100_00, on="2026-03-12", invoice="K1"))
        .done()
        .recorded(PaymentReceived, designation="invoice", parts=principal(100_00))
        .when(pay(400_00, on="2026-03-12", invoice="K1", name="bank-2"))
        .done()
        .owed(principal=7_00)
        .lines_owed("K0", 7_00)
    )


def test_what_is_paid_too_much_is_the_debtors_money() -> None:
    """456.70 was owed and 500.00 came in."""
    story = (
        given(*K1_REMINDED)
        .when(pay(500_00, on="2026-04-27"))
        .done()
        .recorded(PaymentReceived, overpaid=43_30)
        .overpaid(43_30)
        .closed("paid")
        .when(refund(43_31, on="2026-04-28"))
        .refused("more_than_owed", amount=43_31, owed=43_30)
    )
    assert story.case.accounts["bank.client_funds", None] == 500_00
    assert story.case.accounts["liability.creditor", "K1"] == -456_70
    (
        story.when(refund(43_30, on="2026-04-28"))
        .done()
        .overpaid(0)
        .when(refund(1, on="2026-04-28", name="refund-2"))
        .refused("more_than_owed")
        .when(refund(0, on="2026-04-28", name="refund-2"))
        .refused("amount_missing")
    )


def test_the_same_receipt_counts_once() -> None:
    (
        given(*K1)
        .when(pay(200_00, on="2026-03-13"))
        .done()
        .when(pay(200_00, on="2026-03-13"))
        .refused("duplicate_receipt", payment="bank-1")
        .when(pay(200_00, on="2026-03-13", name="bank-2"))
        .done()
        .owed(principal=13_00)
    )


def test_money_that_comes_when_the_case_is_closed_is_never_turned_away() -> None:
    (
        given(*K1)
        .when(pay(413_00, on="2026-03-13"))
        .done()
        .when(pay(413_00, on="2026-03-14", name="bank-2"))
        .then(facts.payment_received("bank-2", 413_00, on="2026-03-14", overpaid=413_00))
        .overpaid(413_00)
        .closed("paid")
    )


def test_money_that_comes_before_the_invoice_does_not_end_the_case() -> None:
    (
        given(facts.case_opened(on="2026-03-02"))
        .when(pay(100_00, on="2026-03-02"))
        .then(facts.payment_received("bank-1", 100_00, on="2026-03-02", overpaid=100_00))
        .at_stage("new")
        .when(issue_invoice("K1", line("lab", 183_00), on="2026-03-03", due="2026-03-17"))
        .done()
        .owed(principal=183_00)
        .overpaid(100_00)
    )


def test_a_disputed_case_is_not_closed_by_its_payment() -> None:
    (
        given(*K1, facts.dispute_raised("O1", on="2026-03-10"))
        .when(pay(413_00, on="2026-03-13"))
        .done()
        .owed()
        .at_stage("invoiced")
    )


def test_our_own_remuneration_is_kept_apart_from_the_creditors_money() -> None:
    story = given(*K1_DEMANDED).when(pay(723_38, on="2026-05-08")).done()
    assert story.case.accounts["liability.agency", "K1"] == -234_38
    assert story.case.accounts["liability.creditor", "K1"] == -489_00
    assert story.case.accounts["bank.client_funds", None] == 723_38
    story.closed("paid")


def test_a_payment_that_bounces_is_owed_again_as_if_never_paid() -> None:
    (
        given(*K1_REMINDED)
        .when(pay(500_00, on="2026-04-27"))
        .done()
        .closed("paid")
        .when(reverse(on="2026-05-04"))
        .done()
        .recorded_as(CorrectionRecorded, CaseReopened, PaymentReversed)
        .recorded(CaseReopened, reason="payment_returned")
        .recorded(PaymentReversed, overpaid=43_30, amount=500_00)
        .owed(principal=413_00, reminder_fee=38_00, interest=5_70)
        .overpaid(0)
        .interest("K1", 6_65, on="2026-05-04")
        .when(reverse(on="2026-05-04"))
        .refused("already_reversed", name="bank-1")
        .when(pay(457_65, on="2026-05-04", name="bank-2"))
        .done()
        .closed("paid")
        .overpaid(0)
    )


def test_a_payment_does_not_bounce_before_it_came() -> None:
    (
        given(*K1)
        .when(pay(100_00, on="2026-03-13"))
        .done()
        .when(reverse(on="2026-03-12"))
        .refused("date_out_of_range", earliest="2026-03-13")
        .allowed(reverse(on="2026-03-13"))
    )


def test_a_charge_that_a_bounced_payment_had_paid_in_part_is_invoiced_after_all() -> None:
    (
        given(
            facts.case_opened(),
            facts.charge_registered("lab", 183_00, at="2026-03-02 10:50"),
        )
        .when(pay(100_00, on="2026-03-03"))
        .done()
        .when(issue_invoice("K1", line("lab", 83_00, "lab"), on="2026-03-04", due="2026-03-18"))
        .done()
        .when(reverse(on="2026-03-06"))
        .done()
        .owed(principal=83_00, charge=100_00)
        .when(issue_invoice("K2", line("lab", 100_00, "lab"), on="2026-03-09", due="2026-03-23"))
        .done()
        .owed(principal=183_00)
    )


def test_the_small_rest_that_a_payment_left_is_owed_again_with_it() -> None:
    (
        given(*K1_REMINDED)
        .when(pay(451_00, on="2026-04-10"))
        .done()
        .closed("paid")
        .when(reverse(on="2026-04-20"))
        .done()
        .recorded(PaymentReversed, restored=(part("interest", 3_39, "K1"),))
        .owed(principal=413_00, reminder_fee=38_00, interest=3_39)
    )


def test_a_fee_that_fell_away_is_not_owed_again_when_its_payment_bounces() -> None:
    """The money that had paid it paid principal instead, and that is owed again."""
    (
        given(*K1_REMINDED)
        .when(pay(100_00, on="2026-04-10", order="costs_interest_principal"))
        .done()
        .owed(principal=413_00 - 58_61)
        .when(void("R1", on="2026-04-20"))
        .done()
        .recorded(FeeWaived, returned=(FEE,), overpaid=0)
        .owed(principal=413_00 - 96_61)
        .when(reverse(on="2026-04-24"))
        .done()
        .owed(principal=413_00, interest=3_39)
        .lines_owed("K1", 230_00, 183_00)
    )


def test_money_that_was_paid_back_is_not_taken_back_again() -> None:
    (
        given(*K1)
        .when(pay(500_00, on="2026-03-13"))
        .done()
        .when(refund(87_00, on="2026-03-14"))
        .done()
        .when(reverse(on="2026-03-20"))
        .refused("already_refunded", amount=87_00, owed=0)
    )


def test_another_cases_payment_goes_back_to_where_nobody_knows_yet() -> None:
    story = given(*K1).when(pay(413_00, on="2026-03-13", receipt="line-1")).done()
    assert story.case.accounts["liability.unidentified", None] == 413_00
    story.when(reverse(on="2026-03-20", reason="wrong_case")).done().owed(principal=413_00)
    assert story.case.accounts["liability.unidentified", None] == 0


def test_what_was_paid_to_the_clinic_itself_ends_the_claim_and_was_never_ours() -> None:
    story = (
        given(*K1_REMINDED)
        .when(paid_at_clinic(460_00, on="2026-04-27"))
        .done()
        .recorded(PaymentReportedByClinic, excess=3_30)
        .owed()
        .overpaid(0)
        .closed("paid")
    )
    assert "bank.client_funds" not in {account for account, _ in story.case.accounts}
    story.when(paid_at_clinic(1_00, on="2026-04-28")).refused("duplicate_receipt")


def test_what_the_clinic_reported_in_error_is_owed_again() -> None:
    story = (
        given(*K1_REMINDED)
        .when(paid_at_clinic(460_00, on="2026-04-27"))
        .done()
        .when(reverse("direct-1", on="2026-04-30"))
        .refused("unknown_reference", kind="payment", name="direct-1")
        .when(reverse("direct-1", on="2026-04-30", reason="recorded_in_error"))
        .done()
        .recorded(PaymentReversed, directly=True)
        .owed(principal=413_00, reminder_fee=38_00, interest=5_70)
        .at_stage("reminded")
    )
    assert not story.case.accounts.get(("bank.client_funds", None))


def test_what_was_paid_to_the_clinic_before_a_letter_takes_its_fee_back() -> None:
    (
        given(*K1_REMINDED)
        .when(paid_at_clinic(413_00, on="2026-03-25"))
        .done()
        .recorded(LetterVoided, letter="R1", value_date=facts.day("2026-03-30"))
        .recorded(FeeWaived, letter="R1", reason="paid_in_time")
        .closed("paid")
    )


def test_a_payment_of_a_small_part_before_a_letter_voids_nothing() -> None:
    (
        given(*K1_REMINDED)
        .when(pay(451_00, on="2026-04-10"))
        .done()
        .closed("paid")
        .when(pay(1, on="2026-03-25", name="bank-2"))
        .done()
        .not_recorded(LetterVoided, FeeWaived)
        .overpaid(1)
    )


def test_a_payment_that_was_found_when_another_had_paid_the_case_gives_the_fee_back() -> None:
    (
        given(*K1_REMINDED)
        .when(pay(451_00, on="2026-04-10"))
        .done()
        .when(pay(413_00, on="2026-03-25", name="bank-2"))
        .done()
        .recorded(LetterVoided, letter="R1")
        .overpaid(451_00)
        .owed()
    )


def test_named_parts_of_a_letter_that_fell_away_pay_what_else_is_owed() -> None:
    named = (
        part("principal", 413_00, "K1"),
        part("reminder_fee", 76_00, "K1"),
        part("collection_fee", 187_50, "K1"),
        part("collection_fee_vat", 46_88, "K1"),
    )
    (
        given(*K1_DEMANDED)
        .when(pay(723_38, *named, on="2026-05-11", ordered="2026-05-04"))
        .done()
        .recorded(LetterVoided, letter="D1")
        .recorded(InterestFixed, amount=6_65)
        .overpaid(234_38 - 6_65)
        .closed("paid")
    )


def test_a_fee_of_two_invoices_letter_is_paid_with_either() -> None:
    (
        given(*K1, K0, facts.invoice_delivered("K0", on="2026-03-06"))
        .when(remind(on="2026-03-30", deadline="2026-04-13", fee=38_00))
        .done()
        .when(pay(94_00, on="2026-04-01", invoice="K0", order="principal_interest_costs"))
        .done()
        .owed(principal=413_00, reminder_fee=38_00, interest=2_79)
    )


def test_a_small_rest_that_is_no_principal_is_given_up() -> None:
    (
        given(*K1_REMINDED)
        .when(pay(446_71, on="2026-04-27", order="principal_interest_costs"))
        .done()
        .recorded(WrittenOff, reason="small_remainder", parts=(part("reminder_fee", 9_99, "K1"),))
        .closed("paid")
    )
    (
        given(*K1_REMINDED)
        .when(pay(446_69, on="2026-04-27", order="principal_interest_costs"))
        .done()
        .not_recorded(WrittenOff)
        .owed(reminder_fee=10_01)
    )


def test_a_small_rest_of_principal_is_not_given_up_by_itself() -> None:
    given(*K1).when(pay(412_00, on="2026-03-13")).done().owed(principal=1_00)


def test_the_patients_share_is_paid_first_and_reported_once() -> None:
    story = given(
        facts.case_opened(),
        facts.invoice_issued(
            "K1",
            line("material", 138_00),
            line("consultation", 179_00, egenandel=True),
            on="2026-03-02",
            due="2026-03-16",
        ),
    )
    (
        story.when(pay(100_00, on="2026-03-10"))
        .done()
        .lines_owed("K1", 138_00, 79_00)
        .when(report_egenandel(on="2026-03-11"))
        .refused("not_paid", invoice="K1")
        .when(pay(100_00, on="2026-03-12", name="bank-2"))
        .done()
        .lines_owed("K1", 117_00, 0)
        .when(report_egenandel(on="2026-03-13"))
        .then(
            EgenandelPaymentReported(
                value_date=facts.day("2026-03-13"),
                invoice="K1",
                lines=(2,),
                amount=179_00,
                paid_on=facts.day("2026-03-12"),
            )
        )
        .when(report_egenandel(on="2026-03-14"))
        .refused("already_decided", name="K1")
        .when(reverse("bank-2", on="2026-03-20"))
        .done()
        .when(report_egenandel(on="2026-03-21"))
        .refused("not_paid", invoice="K1")
    )


def test_a_settlement_ends_with_its_payment_and_comes_back_with_it() -> None:
    (
        given(*K1_DEMANDED)
        .when(settle(500_00, on="2026-06-01", by="2026-06-15"))
        .done()
        .when(demand("D2", on="2026-06-18", deadline="2026-07-02"))
        .refused("settlement_active", earliest="2026-06-19", until="2026-06-15")
        .when(pay(500_00, on="2026-06-18", ordered="2026-06-15"))
        .done()
        .closed("settled")
        .when(reverse(on="2026-06-25"))
        .done()
        .owed(
            principal=413_00,
            reminder_fee=76_00,
            collection_fee=187_50,
            collection_fee_vat=46_88,
            interest=12_36,
        )
    )


def test_a_refund_of_more_than_a_small_amount_takes_two() -> None:
    (
        given(*K1)
        .when(pay(2_913_00, on="2026-03-13"))
        .done()
        .when(refund(2_500_00, on="2026-03-14"))
        .refused("approval_needed", limit=2_000_00)
        .allowed(refund(2_000_00, on="2026-03-14"))
        .allowed(ask_approval(refund(2_500_00, on="2026-03-14")))
    )


def test_an_objection_that_is_upheld_returns_the_fee_that_was_paid() -> None:
    (
        given(*K1_REMINDED)
        .when(pay(38_00, FEE, on="2026-04-10"))
        .done()
        .when(object_to(on="2026-04-12"))
        .done()
        .when(answer("upheld", on="2026-04-20"))
        .done()
        .recorded(FeeWaived, reason="dispute_upheld", returned=(FEE,), overpaid=38_00)
        .owed()
        .overpaid(38_00)
        .closed("credited")
    )


def test_a_settlement_gives_up_costs_and_principal_with_the_payment_that_keeps_it() -> None:
    """Of 735.06, 500.00 were agreed on; whoever pays the principal first is left with costs."""
    story = given(*K1_DEMANDED).when(settle(500_00, on="2026-06-01", by="2026-06-15")).done()
    story.when(pay(500_00, on="2026-06-10", order="principal_interest_costs")).done()
    story.recorded(FeeWaived, reason="settlement", payment="bank-1").not_recorded(Credited)
    story.owed().closed("settled")
    story.when(reverse(on="2026-06-20")).done()
    assert story.case.outstanding == 723_38 + 11_68  # 86 days of 413.00 at 12 %


def test_what_is_left_of_a_charge_is_credited_by_a_settlement() -> None:
    (
        given(facts.case_opened(), facts.charge_registered("B1", 413_00, at="2026-03-02 10:00"))
        .when(settle(300_00, on="2026-03-10", by="2026-03-20"))
        .done()
        .when(pay(300_00, on="2026-03-12"))
        .done()
        .recorded(Credited, reason="settlement", credit_note="S1", payment="bank-1")
        .not_recorded(FeeWaived)
        .closed("settled")
    )
