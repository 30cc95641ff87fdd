"""Money that comes in on the client account: what it pays, and whose the rest is."""

from ledger.domain.rules import Rules
from tests.scenarios import facts
from tests.scenarios.asked import issue_invoice, receive_payment
from tests.scenarios.facts import K1, K1_REMINDED, line, part
from tests.scenarios.story import given


def test_k1_paid_in_full_is_closed_on_the_day_of_the_payment() -> None:
    story = (
        given(*K1)
        .when(receive_payment("bank-1", 413_00, on="2026-03-13"))
        .then(
            facts.payment_received(
                "bank-1", 413_00, part("principal", 413_00, "K1"), on="2026-03-13"
            ),
            facts.case_closed("paid", on="2026-03-13"),
        )
        .owed()
        .overpaid(0)
        .closed("paid")
    )
    assert story.case.accounts[("bank.client_funds", None)] == 413_00
    assert story.case.accounts[("liability.creditor", "K1")] == -413_00


def test_a_part_payment_pays_costs_then_interest_then_principal() -> None:
    """No. 15: fee 38.00 and interest 5.70 first; of the principal 256.70 is left."""
    (
        given(*K1_REMINDED)
        .owed(principal=413_00, reminder_fee=38_00, interest=5_70)
        .when(receive_payment("bank-1", 200_00, on="2026-04-27"))
        .then(
            facts.payment_received(
                "bank-1",
                200_00,
                part("reminder_fee", 38_00, "K1"),
                part("interest", 5_70, "K1"),
                part("principal", 156_30, "K1"),
                on="2026-04-27",
            )
        )
        .owed(principal=256_70)
        .at_stage("reminded")
    )


def test_the_debtor_may_choose_to_pay_the_principal_first() -> None:
    (
        given(*K1_REMINDED)
        .when(receive_payment("bank-1", 200_00, on="2026-04-27", order="principal_interest_costs"))
        .then(
            facts.payment_received(
                "bank-1",
                200_00,
                part("principal", 200_00, "K1"),
                on="2026-04-27",
                order="principal_interest_costs",
            )
        )
        .owed(principal=213_00, reminder_fee=38_00, interest=5_70)
    )


def test_where_the_debtor_has_not_chosen_the_creditor_has() -> None:
    principal_first = Rules(allocation_order="principal_interest_costs")
    (
        given(*K1_REMINDED, rules=principal_first)
        .when(receive_payment("bank-1", 415_00, on="2026-04-27"))
        .then(
            facts.payment_received(
                "bank-1",
                415_00,
                part("principal", 413_00, "K1"),
                part("interest", 2_00, "K1"),
                on="2026-04-27",
                order="principal_interest_costs",
            )
        )
        .owed(interest=3_70, reminder_fee=38_00)
    )
    (
        given(*K1_REMINDED, rules=principal_first)
        .when(receive_payment("bank-1", 38_00, on="2026-04-27", order="costs_interest_principal"))
        .then(
            facts.payment_received(
                "bank-1", 38_00, part("reminder_fee", 38_00, "K1"), on="2026-04-27"
            )
        )
    )


def test_a_payment_pays_the_invoice_that_fell_due_first() -> None:
    (
        given(
            *K1,
            facts.invoice_issued("K0", line("lab", 94_00), on="2026-03-05", due="2026-03-12"),
        )
        .when(receive_payment("bank-1", 100_00, on="2026-03-20"))
        .then(
            facts.payment_received(
                "bank-1",
                100_00,
                part("principal", 94_00, "K0"),
                part("principal", 6_00, "K1"),
                on="2026-03-20",
            )
        )
        .owed(principal=407_00)
    )


def test_of_two_invoices_that_fell_due_together_the_first_by_number_is_paid() -> None:
    (
        given(
            *K1,
            facts.invoice_issued("K0", line("lab", 94_00), on="2026-03-05", due="2026-03-16"),
        )
        .when(receive_payment("bank-1", 94_00, on="2026-03-20"))
        .then(
            facts.payment_received("bank-1", 94_00, part("principal", 94_00, "K0"), on="2026-03-20")
        )
    )


def test_what_is_paid_too_much_is_the_debtors_money() -> None:
    """No. 24: 456.70 was owed and 500.00 came in."""
    story = (
        given(*K1_REMINDED)
        .when(receive_payment("bank-1", 500_00, on="2026-04-27"))
        .then(
            facts.payment_received(
                "bank-1",
                500_00,
                part("reminder_fee", 38_00, "K1"),
                part("interest", 5_70, "K1"),
                part("principal", 413_00, "K1"),
                on="2026-04-27",
                overpaid=43_30,
            ),
            facts.case_closed("paid", on="2026-04-27"),
        )
        .owed()
        .overpaid(43_30)
        .closed("paid")
    )
    assert story.case.accounts[("bank.client_funds", None)] == 500_00
    assert story.case.accounts[("liability.creditor", "K1")] == -456_70
    assert story.case.accounts[("liability.overpayment", None)] == -43_30


def test_the_same_receipt_counts_once() -> None:
    """No. 37: the same payment comes by OCR and by camt."""
    (
        given(*K1)
        .when(receive_payment("bank-1", 200_00, on="2026-03-13"))
        .then(
            facts.payment_received(
                "bank-1", 200_00, part("principal", 200_00, "K1"), on="2026-03-13"
            )
        )
        .when(receive_payment("bank-1", 200_00, on="2026-03-13"))
        .refused("duplicate_receipt", payment="bank-1")
        .owed(principal=213_00)
    )


def test_two_receipts_of_the_same_amount_are_two_payments() -> None:
    (
        given(*K1)
        .when(receive_payment("bank-1", 200_00, on="2026-03-13"))
        .then(
            facts.payment_received(
                "bank-1", 200_00, part("principal", 200_00, "K1"), on="2026-03-13"
            )
        )
        .when(receive_payment("bank-2", 200_00, on="2026-03-13"))
        .then(
            facts.payment_received(
                "bank-2", 200_00, part("principal", 200_00, "K1"), on="2026-03-13"
            )
        )
        .owed(principal=13_00)
    )


def test_a_payment_of_nothing_is_no_payment() -> None:
    given(*K1).when(receive_payment("bank-1", 0, on="2026-03-13")).refused("amount_missing")


def test_money_that_comes_when_the_case_is_closed_is_never_turned_away() -> None:
    (
        given(
            *K1,
            facts.payment_received(
                "bank-1", 413_00, part("principal", 413_00, "K1"), on="2026-03-13"
            ),
            facts.case_closed("paid", on="2026-03-13"),
        )
        .when(receive_payment("bank-2", 413_00, on="2026-03-14"))
        .then(facts.payment_received("bank-2", 413_00, on="2026-03-14", overpaid=413_00))
        .overpaid(413_00)
        .closed("paid")
    )


def test_a_payment_on_a_recalled_case_pays_what_is_owed_on_it() -> None:
    (
        given(*K1, facts.case_closed("recalled", on="2026-03-20"))
        .when(receive_payment("bank-1", 413_00, on="2026-03-21"))
        .then(
            facts.payment_received(
                "bank-1", 413_00, part("principal", 413_00, "K1"), on="2026-03-21"
            )
        )
        .owed()
        .closed("recalled")
    )


def test_money_that_comes_before_the_invoice_does_not_end_the_case() -> None:
    (
        given(facts.case_opened(on="2026-03-02"))
        .when(receive_payment("bank-1", 100_00, on="2026-03-02"))
        .then(facts.payment_received("bank-1", 100_00, on="2026-03-02", overpaid=100_00))
        .overpaid(100_00)
        .at_stage("new")
        .when(issue_invoice("K1", line("lab", 183_00), on="2026-03-03", due="2026-03-17"))
        .then(facts.invoice_issued("K1", line("lab", 183_00), on="2026-03-03", due="2026-03-17"))
        .owed(principal=183_00)
        .overpaid(100_00)
    )


def test_a_disputed_case_is_not_closed_by_its_payment() -> None:
    (
        given(*K1, facts.dispute_raised("D1", on="2026-03-10"))
        .when(receive_payment("bank-1", 413_00, on="2026-03-13"))
        .then(
            facts.payment_received(
                "bank-1", 413_00, part("principal", 413_00, "K1"), on="2026-03-13"
            )
        )
        .owed()
        .at_stage("invoiced")
    )


def test_our_own_remuneration_is_kept_apart_from_the_creditors_money() -> None:
    """K1 with light collection salary 187.50 and 46.88 VAT, paid in full: 647.38 (no. 9)."""
    story = (
        given(
            *K1,
            facts.fee_charged("collection_fee", 187_50, on="2026-05-08"),
            facts.fee_charged("collection_fee_vat", 46_88, on="2026-05-08"),
        )
        .when(receive_payment("bank-1", 647_38, on="2026-05-20"))
        .then(
            facts.payment_received(
                "bank-1",
                647_38,
                part("collection_fee", 187_50),
                part("collection_fee_vat", 46_88),
                part("principal", 413_00, "K1"),
                on="2026-05-20",
            ),
            facts.case_closed("paid", on="2026-05-20"),
        )
    )
    assert story.case.accounts[("liability.agency", None)] == -234_38
    assert story.case.accounts[("liability.creditor", "K1")] == -413_00
    assert story.case.accounts[("bank.client_funds", None)] == 647_38
