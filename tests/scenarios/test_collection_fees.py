"""Payment demands and the collection fee (inkassosalær): light, heavy, capped, VAT or none."""

from typing import Any

import pytest

from ledger.domain.events import (
    CorrectionRecorded,
    FeeCharged,
    FeeWaived,
    LetterVoided,
    PaymentReceived,
    WrittenOff,
)
from ledger.domain.policy import ClinicPolicy
from tests.scenarios import facts
from tests.scenarios.asked import claim_heavy_fee, credit, demand, notify, pay, void
from tests.scenarios.facts import K1, K1_DEMANDED, K1_NOTICED, K1_REMINDED, line, part
from tests.scenarios.story import Story, by_policy, given


def test_a_demand_comes_after_the_deadline_of_the_notice() -> None:
    asks: dict[str, Any] = {"deadline": "2026-05-22", "fee": 187_50}
    (
        given(*K1_NOTICED)
        .when(demand(on="2026-05-04", **asks))
        .refused("prior_deadline_open", earliest="2026-05-08", deadline="2026-05-04")
        .when(demand(on="2026-05-07", **asks))
        .refused("prior_deadline_open", earliest="2026-05-08")
        .when(demand(on="2026-05-08", **asks))
        .done()
        .recorded(FeeCharged, component="collection_fee", amount=187_50, rule="INKF-2-2/2026")
        .recorded(FeeCharged, component="collection_fee_vat", amount=46_88)
        .owed(principal=413_00, reminder_fee=76_00, collection_fee=187_50, collection_fee_vat=46_88)
        .at_stage("demanded")
    )


def test_without_a_notice_there_is_no_demand() -> None:
    (
        given(*K1_REMINDED)
        .when(demand(on="2026-05-08", deadline="2026-05-22"))
        .refused("no_valid_notice")
    )
    (
        given(*K1_NOTICED)
        .when(void("N1", on="2026-05-05"))
        .done()
        .when(demand(on="2026-05-08", deadline="2026-05-22"))
        .refused("no_valid_notice")
    )


def test_a_demand_gives_two_weeks() -> None:
    (
        given(*K1_NOTICED)
        .when(demand(on="2026-05-08", deadline="2026-05-21"))
        .refused("deadline_too_short", shortest="2026-05-22")
        .when(demand(on="2026-05-08"))
        .refused("deadline_missing")
    )


def test_a_clinic_that_demands_itself_charges_its_own_fee() -> None:
    own: dict[str, Any] = {"on": "2026-05-08", "deadline": "2026-05-22", "sender": "clinic"}
    (
        given(*K1_NOTICED)
        .when(demand(fee=114_00, **own))
        .refused("fee_above_max", amount=114_00, most=113_00)
        .when(demand(fee=113_00, fee_vat=28_25, **own))
        .refused("vat_on_fee")
        .when(demand(fee=113_00, **own))
        .done()
        .owed(principal=413_00, reminder_fee=76_00, demand_fee=113_00)
    )


def test_paid_in_time_but_booked_late() -> None:
    """The order was given on the notice's last day: the collection fee is void (§ 17 (3))."""
    (
        given(*K1_DEMANDED)
        .when(pay(489_00, on="2026-05-11", ordered="2026-05-04"))
        .done()
        .recorded(CorrectionRecorded, reason="payment_known_late")
        .recorded(LetterVoided, letter="D1", reason="paid_before")
        .recorded(
            FeeWaived,
            letter="D1",
            reason="paid_in_time",
            parts=(
                part("collection_fee_vat", 46_88, "K1"),
                part("collection_fee", 187_50, "K1"),
            ),
        )
        .recorded(PaymentReceived, designation="letter", overpaid=0)
        .recorded(WrittenOff, reason="small_remainder", parts=(part("interest", 6_65, "K1"),))
        .owed()
        .overpaid(0)
        .closed("paid")
    )


@pytest.mark.parametrize("ordered", ["2026-05-05", "2026-05-07"])
def test_an_order_in_the_days_of_grace_is_before_the_demand_too(ordered: str) -> None:
    (
        given(*K1_DEMANDED)
        .when(pay(489_00, on="2026-05-11", ordered=ordered))
        .done()
        .recorded(LetterVoided, letter="D1")
        .closed("paid")
    )


def test_an_order_on_the_day_of_the_demand_leaves_its_fee() -> None:
    (
        given(*K1_DEMANDED)
        .when(pay(489_00, on="2026-05-11", ordered="2026-05-08"))
        .done()
        .not_recorded(LetterVoided, CorrectionRecorded)
        .recorded(PaymentReceived, designation="letter")
        .owed(interest=7_20, collection_fee=187_50, collection_fee_vat=46_88)
    )


def test_part_of_the_debt_in_time_leaves_the_demand() -> None:
    (
        given(*K1_DEMANDED)
        .when(pay(300_00, on="2026-05-11", ordered="2026-05-04"))
        .done()
        .not_recorded(LetterVoided)
    )


def test_the_heavy_fee_comes_on_the_twenty_ninth_day_and_replaces_the_light_one() -> None:
    (
        given(*K1_DEMANDED)
        .when(claim_heavy_fee(on="2026-06-19"))
        .refused("heavy_too_early", earliest="2026-06-20", deadline="2026-05-22")
        .when(claim_heavy_fee(on="2026-06-20", replaces_light=False))
        .refused("heavy_and_light", charged=234_38)
        .when(claim_heavy_fee(on="2026-06-20", amount=375_01))
        .refused("fee_above_max", amount=375_01, most=375_00)
        .when(claim_heavy_fee(on="2026-06-20"))
        .done()
        .recorded(FeeCharged, component="collection_fee", amount=187_50, heavy=True)
        .recorded(FeeCharged, component="collection_fee_vat", amount=46_87, heavy=True)
        .owed(principal=413_00, reminder_fee=76_00, collection_fee=375_00, collection_fee_vat=93_75)
        .at_stage("demanded_heavy")
        .when(claim_heavy_fee(on="2026-06-21"))
        .refused("heavy_and_light", charged=468_75)
    )


def test_the_heavy_fee_is_the_difference_to_what_was_charged_paid_or_not() -> None:
    (
        given(*K1_DEMANDED)
        .when(pay(310_38, on="2026-06-01"))
        .done()
        .owed(principal=413_00, interest=10_46)
        .when(claim_heavy_fee(on="2026-06-20"))
        .done()
        .owed(principal=413_00, interest=10_46, collection_fee=187_50, collection_fee_vat=46_87)
    )


def test_the_band_of_the_heavy_fee_is_that_of_what_is_left() -> None:
    """600.00 bear 328.13; of the 400.00 that are left the heavy fee is 468.75 in all."""
    (
        demanded(600_00, fee=262_50)
        .when(pay(200_00, on="2026-06-01", order="principal_interest_costs"))
        .done()
        .when(claim_heavy_fee(on="2026-06-20"))
        .done()
        .recorded(FeeCharged, component="collection_fee", amount=375_00 - 262_50)
        .recorded(FeeCharged, component="collection_fee_vat", amount=93_75 - 65_63)
    )


def demanded(amount: int, *, fee: int, policy: ClinicPolicy | None = None) -> Story:
    """A claim of one line that a demand was sent for, with its light fee."""
    return (
        given(
            facts.case_opened(),
            facts.invoice_issued("K1", line("other", amount), on="2026-03-02", due="2026-03-16"),
            facts.invoice_delivered("K1", on="2026-03-04"),
            rules=by_policy(policy or ClinicPolicy()),
        )
        .when(notify(on="2026-03-30", deadline="2026-04-13"))
        .done()
        .when(demand(on="2026-04-17", deadline="2026-05-04", fee=fee))
        .done()
    )


@pytest.mark.parametrize(
    ("principal", "net", "total"),
    [
        (50_00, 187_50, 234_38),
        (500_00, 187_50, 234_38),
        (500_01, 262_50, 328_13),
        (1_000_00, 262_50, 328_13),
        (1_000_01, 300_00, 375_00),
        (2_500_00, 300_00, 375_00),
        (2_500_01, 600_00, 750_00),
    ],
)
def test_the_bands_of_2026(principal: int, net: int, total: int) -> None:
    story = demanded(principal, fee=net)
    balance = story.case.balance
    assert balance["collection_fee"] + balance["collection_fee_vat"] == total
    (
        given(
            facts.case_opened(),
            facts.invoice_issued("K1", line("other", principal), on="2026-03-02", due="2026-03-16"),
            facts.invoice_delivered("K1", on="2026-03-04"),
        )
        .when(notify(on="2026-03-30", deadline="2026-04-13"))
        .done()
        .when(demand(on="2026-04-17", deadline="2026-05-04", fee=net + 1))
        .refused("fee_above_max", amount=net + 1, most=net)
    )


def test_a_clinic_that_deducts_vat_charges_none() -> None:
    story = demanded(413_00, fee=187_50, policy=ClinicPolicy(vat_deductible=True))
    story.owed(principal=413_00, collection_fee=187_50)
    charged = [event.component for event in story.last if isinstance(event, FeeCharged)]
    assert charged == ["collection_fee"]


def test_another_vat_than_the_fees_is_refused() -> None:
    (
        given(*K1_NOTICED)
        .when(demand(on="2026-05-08", deadline="2026-05-22", fee=187_50, fee_vat=46_87))
        .refused("fee_above_max", amount=46_87, most=46_88)
        .allowed(demand(on="2026-05-08", deadline="2026-05-22", fee=187_50, fee_vat=46_88))
        .allowed(demand(on="2026-05-08", deadline="2026-05-22", fee=100_00, fee_vat=25_00))
    )


def test_the_cap_goes_by_the_rate_of_the_day() -> None:
    """175.00 and VAT in 2025, also when the principal is paid in 2026."""
    december = (
        facts.case_opened(on="2025-10-01"),
        facts.invoice_issued("K1", line("other", 413_00), on="2025-10-01", due="2025-10-15"),
        facts.invoice_delivered("K1", on="2025-10-03"),
    )
    for paid in ("2025-12-30", "2026-01-05"):
        (
            given(*december)
            .when(notify(on="2025-11-20", deadline="2025-12-04"))
            .done()
            .when(demand(on="2025-12-15", deadline="2025-12-29", fee=187_50))
            .refused("fee_above_max", most=175_00)
            .when(demand(on="2025-12-15", deadline="2025-12-29", fee=175_00))
            .done()
            .owed(principal=413_00, collection_fee=175_00, collection_fee_vat=43_75)
            .when(pay(413_00 + 218_75, on=paid))
            .done()
            .not_recorded(FeeWaived)
        )


def test_a_credit_of_what_was_never_owed_lowers_the_fee_to_its_band() -> None:
    (
        demanded(600_00, fee=262_50)
        .when(credit(part("principal", 462_00, "K1", 1), on="2026-05-02", never_owed=True))
        .done()
        .recorded(FeeWaived, reason="cap_lowered", letter="D1")
        .owed(principal=138_00, collection_fee=187_50, collection_fee_vat=46_88)
    )


def test_a_credit_of_goodwill_leaves_the_fee_of_what_was_demanded() -> None:
    (
        demanded(600_00, fee=262_50)
        .when(credit(part("principal", 462_00, "K1", 1), on="2026-05-02"))
        .done()
        .owed(principal=138_00, collection_fee=262_50, collection_fee_vat=65_63)
    )


def test_a_part_payment_leaves_the_fee_of_what_was_demanded() -> None:
    (
        demanded(600_00, fee=262_50)
        .when(pay(500_00, on="2026-05-01", order="principal_interest_costs"))
        .done()
        .when(pay(100_00, on="2026-05-02", order="principal_interest_costs", name="bank-2"))
        .done()
        .not_recorded(FeeWaived)
    )


TWO = (
    facts.case_opened(),
    facts.invoice_issued("K1", line("other", 400_00), on="2026-03-02", due="2026-03-16"),
    facts.invoice_issued("K2", line("other", 300_00), on="2026-03-02", due="2026-03-16"),
    facts.invoice_delivered("K1", on="2026-03-04"),
    facts.invoice_delivered("K2", on="2026-03-04"),
)


def test_claims_that_are_collected_together_bear_the_fee_of_their_sum() -> None:
    (
        given(*TWO)
        .when(notify(on="2026-03-30", deadline="2026-04-13"))
        .done()
        .when(demand(on="2026-04-17", deadline="2026-05-04", fee=262_51))
        .refused("fee_above_max", most=262_50)
        .when(demand(on="2026-04-17", deadline="2026-05-04", fee=262_50))
        .done()
        .owed(principal=700_00, collection_fee=262_50, collection_fee_vat=65_63)
        .when(demand("D2", on="2026-05-08", deadline="2026-05-22", fee=262_50))
        .refused("heavy_and_light", charged=328_13)
    )


def test_a_claim_that_joins_later_bears_what_the_fee_of_both_exceeds_the_first() -> None:
    second = (
        facts.invoice_issued("K2", line("other", 300_00), on="2026-05-11", due="2026-05-25"),
        facts.invoice_delivered("K2", on="2026-05-13"),
    )
    (
        given(*K1_DEMANDED, *second)
        .when(notify("N2", on="2026-05-26", deadline="2026-06-09"))
        .done()
        .when(demand("D2", on="2026-06-15", deadline="2026-06-29", fee=75_01))
        .refused("fee_above_max", most=262_50 - 187_50)
        .when(demand("D2", on="2026-06-15", deadline="2026-06-29", fee=75_00))
        .done()
        .owed(
            principal=713_00,
            reminder_fee=76_00,
            collection_fee=262_50,
            collection_fee_vat=46_88 + 18_75,
        )
    )


def test_a_claim_that_was_not_noticed_is_not_demanded() -> None:
    second = facts.invoice_issued("K2", line("other", 300_00), on="2026-04-20", due="2026-05-04")
    story = (
        given(*K1_NOTICED, second)
        .when(demand(on="2026-05-08", deadline="2026-05-22", fee=187_50))
        .done()
    )
    assert story.case.letters["D1"].invoices == ("K1",)
    assert story.case.letters["D1"].principal == 413_00


def test_a_notice_that_turns_out_wrong_takes_the_demand_with_it() -> None:
    """§ 17 (4): what rested on it falls away, and what was paid of it pays the claim."""
    (
        given(*K1_DEMANDED)
        .when(pay(200_00, on="2026-05-20", order="costs_interest_principal"))
        .done()
        .owed(principal=413_00, interest=8_83, collection_fee=63_50, collection_fee_vat=46_88)
        .when(void("N1", on="2026-05-25"))
        .done()
        .recorded(LetterVoided, letter="N1")
        .recorded(LetterVoided, letter="D1")
        .recorded(FeeWaived, letter="D1", overpaid=0)
        .owed(principal=413_00 - 162_00, interest=8_83)
    )


def test_a_letter_that_was_paid_and_is_void_gives_the_debtor_his_money_back() -> None:
    (
        given(*K1_DEMANDED)
        .when(pay(413_00 + 76_00 + 234_38 + 9_64, on="2026-05-26"))
        .done()
        .closed("paid")
        .when(void("D1", on="2026-06-01"))
        .done()
        .recorded(FeeWaived, letter="D1", parts=(), moved=(), overpaid=234_38)
        .overpaid(234_38)
        .owed()
    )


def test_k1_is_no_letter() -> None:
    (
        given(*K1)
        .when(void("K1", on="2026-05-25"))
        .refused("unknown_reference", kind="letter", name="K1")
    )
