"""Letters of the collection ladder and the fees that they cost.

When a letter may be sent and what it may cost are rules of their own, which are not here yet.
"""

from tests.scenarios import facts
from tests.scenarios.asked import charge_fee, send_reminder
from tests.scenarios.facts import K1, part
from tests.scenarios.story import given


def test_a_reminder_and_its_fee() -> None:
    (
        given(*K1)
        .when(send_reminder("R1", on="2026-03-30", deadline="2026-04-13"))
        .then(facts.reminder_sent("R1", on="2026-03-30", deadline="2026-04-13"))
        .at_stage("reminded")
        .when(charge_fee("reminder_fee", 38_00, on="2026-03-30", claim="K1", letter="R1"))
        .then(facts.fee_charged("reminder_fee", 38_00, on="2026-03-30", claim="K1", letter="R1"))
        .owed(principal=413_00, reminder_fee=38_00)
        .at_stage("reminded")
    )


def test_a_case_climbs_the_ladder_letter_by_letter() -> None:
    (
        given(*K1)
        .when(send_reminder("R1", on="2026-03-30", deadline="2026-04-13"))
        .then(facts.reminder_sent("R1", on="2026-03-30", deadline="2026-04-13"))
        .at_stage("reminded")
        .when(send_reminder("N1", kind="collection_notice", on="2026-04-17", deadline="2026-05-04"))
        .then(
            facts.reminder_sent(
                "N1", kind="collection_notice", on="2026-04-17", deadline="2026-05-04"
            )
        )
        .at_stage("noticed")
        .when(send_reminder("D1", kind="payment_demand", on="2026-05-08", deadline="2026-05-22"))
        .then(
            facts.reminder_sent("D1", kind="payment_demand", on="2026-05-08", deadline="2026-05-22")
        )
        .at_stage("demanded")
    )


def test_a_case_never_climbs_down() -> None:
    (
        given(
            *K1,
            facts.reminder_sent(
                "N1", kind="collection_notice", on="2026-04-17", deadline="2026-05-04"
            ),
        )
        .when(send_reminder("R2", on="2026-04-20", deadline="2026-05-04"))
        .then(facts.reminder_sent("R2", on="2026-04-20", deadline="2026-05-04"))
        .at_stage("noticed")
    )


def test_no_letter_is_sent_about_nothing() -> None:
    (
        given(facts.case_opened())
        .when(send_reminder("R1", on="2026-03-30", deadline="2026-04-13"))
        .refused("nothing_owed")
    )


def test_a_fee_may_be_of_the_case_as_a_whole() -> None:
    (
        given(*K1)
        .when(charge_fee("collection_fee", 187_50, on="2026-05-08", rule="INKF-2-2/2026"))
        .then(facts.fee_charged("collection_fee", 187_50, on="2026-05-08", rule="INKF-2-2/2026"))
        .owed(principal=413_00, collection_fee=187_50)
    )


def test_a_fee_that_is_waived_is_no_longer_owed() -> None:
    (
        given(*K1, facts.fee_charged("reminder_fee", 38_00, on="2026-03-30", claim="K1"))
        .happened(facts.fee_waived(part("reminder_fee", 38_00, "K1"), on="2026-04-02"))
        .owed(principal=413_00)
    )


def test_fees_count_to_what_a_case_can_owe_at_most() -> None:
    most = 10_000_000_000_000_00
    (
        given(*K1)
        .when(charge_fee("penalty", most - 413_00 + 1, on="2026-03-30", claim="K1"))
        .refused("amount_too_large", most=most)
        .when(charge_fee("penalty", most - 413_00, on="2026-03-30", claim="K1"))
        .then(facts.fee_charged("penalty", most - 413_00, on="2026-03-30", claim="K1"))
        .owed(principal=413_00, penalty=most - 413_00)
    )
