"""Giving up what is owed: a credit note, or a loss."""

from tests.scenarios import facts
from tests.scenarios.asked import credit, receive_payment, write_off
from tests.scenarios.facts import K1, K1_REMINDED, part
from tests.scenarios.story import given


def test_a_credit_note_takes_a_part_of_the_claim_away() -> None:
    """No. 20: the consultation should have been free, the rest stands."""
    (
        given(*K1_REMINDED)
        .when(
            credit(
                "C1",
                part("principal", 230_00, "K1"),
                part("reminder_fee", 38_00, "K1"),
                on="2026-05-02",
                reason="charged_in_error",
            )
        )
        .then(
            facts.credited(
                "C1",
                part("principal", 230_00, "K1"),
                part("reminder_fee", 38_00, "K1"),
                on="2026-05-02",
                reason="charged_in_error",
            )
        )
        .owed(principal=183_00, interest=5_70)
        .at_stage("reminded")
    )


def test_a_claim_that_is_credited_in_full_is_closed() -> None:
    (
        given(*K1)
        .when(credit("C1", part("principal", 413_00, "K1"), on="2026-03-10"))
        .then(
            facts.credited("C1", part("principal", 413_00, "K1"), on="2026-03-10"),
            facts.case_closed("credited", on="2026-03-10"),
        )
        .owed()
        .closed("credited")
    )


def test_no_more_is_credited_than_is_owed() -> None:
    story = given(*K1)
    story.when(credit("C1", part("principal", 413_01, "K1"), on="2026-03-10")).refused(
        "more_than_owed", component="principal", amount=413_01, owed=413_00
    )
    story.when(
        credit(
            "C1",
            part("principal", 400_00, "K1"),
            part("principal", 13_01, "K1"),
            on="2026-03-10",
        )
    ).refused("more_than_owed", component="principal", amount=13_01, owed=413_00)
    story.when(credit("C1", part("reminder_fee", 38_00, "K1"), on="2026-03-10")).refused(
        "more_than_owed", component="reminder_fee", amount=38_00, owed=0
    )
    story.owed(principal=413_00)


def test_a_credit_note_names_the_invoice_on_which_it_gives_up() -> None:
    (
        given(*K1)
        .when(credit("C1", part("principal", 100_00, "K2"), on="2026-03-10"))
        .refused("more_than_owed", component="principal", amount=100_00, owed=0)
        .when(credit("C1", part("principal", 100_00), on="2026-03-10"))
        .refused("more_than_owed", component="principal", amount=100_00, owed=0)
        .owed(principal=413_00)
    )


def test_a_credit_note_of_nothing_is_refused() -> None:
    story = given(*K1)
    story.when(credit("C1", on="2026-03-10")).refused("amount_missing")
    story.when(credit("C1", part("principal", 0, "K1"), on="2026-03-10")).refused("amount_missing")


def test_a_small_remainder_is_written_off_and_the_case_closed() -> None:
    (
        given(*K1)
        .when(receive_payment("bank-1", 410_00, on="2026-03-13"))
        .then(
            facts.payment_received(
                "bank-1", 410_00, part("principal", 410_00, "K1"), on="2026-03-13"
            )
        )
        .when(write_off(on="2026-04-13", reason="small_remainder"))
        .then(
            facts.written_off(
                part("principal", 3_00, "K1"), on="2026-04-13", reason="small_remainder"
            ),
            facts.case_closed("written_off", on="2026-04-13"),
        )
        .owed()
        .closed("written_off")
    )


def test_all_that_is_owed_is_written_off_together() -> None:
    (
        given(*K1_REMINDED)
        .when(write_off(on="2026-06-01"))
        .then(
            facts.written_off(
                part("principal", 413_00, "K1"),
                part("reminder_fee", 38_00, "K1"),
                part("interest", 5_70, "K1"),
                on="2026-06-01",
            ),
            facts.case_closed("written_off", on="2026-06-01"),
        )
        .owed()
    )


def test_where_nothing_is_owed_nothing_is_written_off() -> None:
    given(facts.case_opened()).when(write_off(on="2026-06-01")).refused("nothing_owed")


def test_a_claim_that_is_written_off_while_disputed_stays_open_for_the_answer() -> None:
    (
        given(*K1, facts.dispute_raised("D1", on="2026-04-05"))
        .when(write_off(on="2026-06-01"))
        .then(facts.written_off(part("principal", 413_00, "K1"), on="2026-06-01"))
        .owed()
        .disputed(True)
        .at_stage("invoiced")
    )
