"""Objections: raised, passed on, upheld or rejected."""

from tests.scenarios import facts
from tests.scenarios.asked import answer_dispute, raise_dispute, refer_dispute
from tests.scenarios.facts import K1, K1_REMINDED, part
from tests.scenarios.story import given


def test_an_objection_is_held_until_it_is_answered() -> None:
    (
        given(*K1)
        .disputed(False)
        .when(raise_dispute("D1", on="2026-04-05"))
        .then(facts.dispute_raised("D1", on="2026-04-05"))
        .disputed(True)
        .when(refer_dispute("D1", on="2026-04-06"))
        .then(facts.dispute_referred("D1", on="2026-04-06"))
        .disputed(True)
        .owed(principal=413_00)
        .at_stage("invoiced")
    )


def test_upheld_all_that_is_still_owed_is_credited_and_the_case_closed() -> None:
    """No. 21: a record copy, to a patient who never visited."""
    (
        given(*K1_REMINDED, facts.dispute_raised("D1", on="2026-04-28"))
        .when(answer_dispute("D1", "upheld", on="2026-05-06"))
        .then(
            facts.dispute_answered("D1", "upheld", on="2026-05-06"),
            facts.credited(
                "D1",
                part("principal", 413_00, "K1"),
                part("reminder_fee", 38_00, "K1"),
                part("interest", 5_70, "K1"),
                on="2026-05-06",
                reason="dispute_upheld",
            ),
            facts.case_closed("credited", on="2026-05-06"),
        )
        .owed()
        .disputed(False)
        .closed("credited")
    )


def test_rejected_the_claim_stands() -> None:
    (
        given(*K1, facts.dispute_raised("D1", on="2026-04-05"))
        .when(answer_dispute("D1", "rejected", on="2026-04-24"))
        .then(facts.dispute_answered("D1", "rejected", on="2026-04-24"))
        .owed(principal=413_00)
        .disputed(False)
        .at_stage("invoiced")
    )


def test_what_was_paid_before_an_objection_is_upheld_stays_paid() -> None:
    (
        given(
            *K1,
            facts.payment_received(
                "bank-1", 200_00, part("principal", 200_00, "K1"), on="2026-03-13"
            ),
            facts.dispute_raised("D1", on="2026-03-14"),
        )
        .when(answer_dispute("D1", "upheld", on="2026-03-20"))
        .then(
            facts.dispute_answered("D1", "upheld", on="2026-03-20"),
            facts.credited(
                "D1", part("principal", 213_00, "K1"), on="2026-03-20", reason="dispute_upheld"
            ),
            facts.case_closed("credited", on="2026-03-20"),
        )
        .owed()
        .overpaid(0)
    )


def test_an_objection_that_is_upheld_when_all_is_paid_credits_nothing() -> None:
    (
        given(
            *K1,
            facts.dispute_raised("D1", on="2026-03-10"),
            facts.payment_received(
                "bank-1", 413_00, part("principal", 413_00, "K1"), on="2026-03-13"
            ),
        )
        .when(answer_dispute("D1", "upheld", on="2026-03-20"))
        .then(facts.dispute_answered("D1", "upheld", on="2026-03-20"))
        .disputed(False)
        .owed()
    )


def test_another_objection_that_is_open_keeps_the_case_open() -> None:
    (
        given(
            *K1,
            facts.dispute_raised("D1", on="2026-03-10"),
            facts.dispute_raised("D2", on="2026-03-11"),
        )
        .when(answer_dispute("D1", "upheld", on="2026-03-20"))
        .then(
            facts.dispute_answered("D1", "upheld", on="2026-03-20"),
            facts.credited(
                "D1", part("principal", 413_00, "K1"), on="2026-03-20", reason="dispute_upheld"
            ),
        )
        .owed()
        .disputed(True)
        .at_stage("invoiced")
    )


def test_an_objection_is_raised_once() -> None:
    (
        given(*K1, facts.dispute_raised("D1", on="2026-04-05"))
        .when(raise_dispute("D1", on="2026-04-06"))
        .refused("duplicate_dispute", dispute="D1")
    )


def test_an_objection_that_nobody_raised_can_be_neither_passed_on_nor_answered() -> None:
    story = given(*K1)
    story.when(refer_dispute("D1", on="2026-04-05")).refused("unknown_dispute", dispute="D1")
    story.when(answer_dispute("D1", "upheld", on="2026-04-05")).refused(
        "unknown_dispute", dispute="D1"
    )
    story.owed(principal=413_00)


def test_an_answer_is_final() -> None:
    story = given(
        *K1,
        facts.dispute_raised("D1", on="2026-04-05"),
        facts.dispute_answered("D1", "rejected", on="2026-04-24"),
    )
    story.when(answer_dispute("D1", "upheld", on="2026-04-25")).refused(
        "already_answered", dispute="D1", on="2026-04-24"
    )
    story.when(refer_dispute("D1", on="2026-04-25")).refused(
        "already_answered", dispute="D1", on="2026-04-24"
    )
    story.owed(principal=413_00)


def test_an_answer_that_comes_when_the_case_is_closed_is_recorded() -> None:
    """The case was recalled with an open dispute; upheld, nothing may be left owed on it."""
    (
        given(
            *K1,
            facts.dispute_raised("D1", on="2026-04-05"),
            facts.case_closed("recalled", on="2026-04-10"),
        )
        .when(refer_dispute("D1", on="2026-04-11"))
        .then(facts.dispute_referred("D1", on="2026-04-11"))
        .when(answer_dispute("D1", "upheld", on="2026-04-24"))
        .then(
            facts.dispute_answered("D1", "upheld", on="2026-04-24"),
            facts.credited(
                "D1", part("principal", 413_00, "K1"), on="2026-04-24", reason="dispute_upheld"
            ),
        )
        .owed()
        .closed("recalled")
    )
