"""Objections: raised, passed on, upheld or rejected, and what they stop meanwhile."""

from ledger.domain.events import Credited, DisputeAnswered, FeeCharged, LegalDecisionRequested
from tests.scenarios import facts
from tests.scenarios.asked import (
    answer,
    ask_for_decision,
    choose,
    claim_heavy_fee,
    file,
    hand_over,
    issue_invoice,
    notify,
    object_to,
    pay,
    refer,
    remind,
    tell_answer,
)
from tests.scenarios.facts import K1, K1_DEMANDED, K1_REMINDED, line, part, principal
from tests.scenarios.story import given

DISPUTED = (*K1_REMINDED, facts.dispute_raised("O1", on="2026-04-05"))


def test_an_objection_is_held_until_it_is_answered() -> None:
    (
        given(*K1)
        .disputed(False)
        .when(object_to(on="2026-04-05"))
        .then(facts.dispute_raised("O1", on="2026-04-05"))
        .disputed(True)
        .when(refer(on="2026-04-06"))
        .then(facts.dispute_referred("O1", on="2026-04-06"))
        .disputed(True)
        .owed(principal=413_00)
    )


def test_a_dispute_stops_the_ladder() -> None:
    """Rejected on 24 April, it leaves two weeks before anything costs again."""
    (
        given(*DISPUTED)
        .when(notify(on="2026-04-17", deadline="2026-05-04", fee=38_00))
        .refused("disputed")
        .when(notify(on="2026-04-17", deadline="2026-05-04"))
        .refused("disputed")
        .when(hand_over(on="2026-04-17"))
        .refused("disputed")
        .when(answer("rejected", on="2026-04-24"))
        .done()
        .disputed(False)
        .when(notify(on="2026-05-07", deadline="2026-05-21", fee=38_00))
        .refused("disputed", earliest="2026-05-08", answered="2026-04-24")
        .allowed(notify(on="2026-04-25", deadline="2026-05-11"))
        .allowed(notify(on="2026-05-08", deadline="2026-05-22", fee=38_00))
    )


def test_the_two_weeks_run_from_the_day_on_which_the_debtor_was_told() -> None:
    (
        given(*DISPUTED)
        .when(tell_answer(on="2026-04-24"))
        .refused("no_decision_pending", dispute="O1")
        .when(answer("rejected", on="2026-04-24"))
        .done()
        .when(tell_answer(on="2026-04-28"))
        .done()
        .when(notify(on="2026-05-11", deadline="2026-05-25", fee=38_00))
        .refused("disputed", earliest="2026-05-12")
    )


def test_a_claim_that_came_after_the_objection_is_no_part_of_it() -> None:
    (
        given(
            *K1,
            facts.dispute_raised("O1", on="2026-03-18", until="2026-03-25"),
            facts.invoice_issued("K2", line("lab", 94_00), on="2026-04-01", due="2026-04-15"),
            facts.invoice_delivered("K2", on="2026-04-03"),
        )
        .when(remind(on="2026-04-29", fee=38_00))
        .done()
        .recorded(FeeCharged, claim="K2")
    )


def test_the_heavy_fee_waits_too() -> None:
    (
        given(*K1_DEMANDED, facts.dispute_raised("O1", on="2026-06-15"))
        .when(claim_heavy_fee(on="2026-06-20"))
        .refused("disputed")
    )


def test_upheld_all_that_is_still_owed_falls_away() -> None:
    (
        given(*DISPUTED)
        .when(answer("upheld", on="2026-05-06"))
        .then(
            facts.dispute_answered("O1", "upheld", on="2026-05-06"),
            facts.credited(
                "O1",
                *principal(413_00),
                on="2026-05-06",
                reason="dispute_upheld",
                never_owed=True,
            ),
            facts.fee_waived(
                part("reminder_fee", 38_00, "K1"),
                on="2026-05-06",
                reason="dispute_upheld",
                letter="R1",
            ),
            facts.case_closed("credited", on="2026-05-06"),
        )
        .owed()
        .closed("credited")
    )


def test_what_was_paid_before_an_objection_is_upheld_stays_paid() -> None:
    (
        given(*K1)
        .when(pay(200_00, on="2026-03-13"))
        .done()
        .when(object_to(on="2026-03-14"))
        .done()
        .when(answer("upheld", on="2026-03-20"))
        .done()
        .recorded(Credited, parts=(part("principal", 30_00, "K1", 1), principal(413_00)[1]))
        .overpaid(0)
        .closed("credited")
    )


def test_an_objection_that_is_answered_when_all_is_paid_credits_nothing() -> None:
    (
        given(*K1, facts.dispute_raised("O1", on="2026-03-10"))
        .when(pay(413_00, on="2026-03-13"))
        .done()
        .at_stage("invoiced")
        .when(answer("upheld", on="2026-03-20"))
        .then(
            facts.dispute_answered("O1", "upheld", on="2026-03-20"),
            facts.case_closed("credited", on="2026-03-20"),
        )
    )


def test_another_objection_that_is_open_keeps_the_case_open() -> None:
    (
        given(*DISPUTED, facts.dispute_raised("O2", on="2026-04-06"))
        .when(answer("upheld", on="2026-04-20"))
        .done()
        .owed()
        .disputed(True)
    )


def test_an_objection_is_raised_once_and_its_answer_is_final() -> None:
    (
        given(*DISPUTED)
        .when(object_to(on="2026-04-06"))
        .refused("duplicate_dispute", dispute="O1")
        .when(refer("O2", on="2026-04-06"))
        .refused("unknown_dispute", dispute="O2")
        .when(answer("upheld", dispute="O2", on="2026-04-06"))
        .refused("unknown_dispute", dispute="O2")
        .when(answer("rejected", on="2026-04-24"))
        .done()
        .when(answer("upheld", on="2026-04-25"))
        .refused("already_answered", dispute="O1", on="2026-04-24")
        .when(refer(on="2026-04-25"))
        .refused("already_answered", dispute="O1", on="2026-04-24")
    )


SMALL = (
    facts.case_opened(),
    facts.invoice_issued("K1", line("lab", 94_00), on="2026-03-02", due="2026-03-16"),
    facts.invoice_delivered("K1", on="2026-03-04"),
    facts.dispute_raised("O1", on="2026-03-20"),
)


def test_a_small_disputed_claim_is_best_credited_and_the_clinic_chooses() -> None:
    """The conciliation board costs 2 071.00, the claim is 94.00."""
    (
        given(*SMALL)
        .when(file("conciliation", on="2026-04-20"))
        .refused("legal_without_clinic")
        .when(ask_for_decision("disputed", on="2026-04-20"))
        .then(
            LegalDecisionRequested(
                value_date=facts.day("2026-04-20"),
                reason="disputed",
                outstanding=94_00,
                cost=2_071_00,
                recommended="credit",
            )
        )
        .at_stage("legal_decision")
        .when(ask_for_decision("disputed", on="2026-04-21"))
        .refused("already_decided")
        .when(file("conciliation", on="2026-04-21"))
        .refused("legal_without_clinic")
        .when(choose("credit", on="2026-04-22"))
        .done()
        .recorded(DisputeAnswered, outcome="upheld")
        .owed()
        .closed("credited")
    )


def test_a_disputed_claim_may_go_to_the_conciliation_board_and_not_to_enforcement() -> None:
    (
        given(*SMALL)
        .when(ask_for_decision("disputed", on="2026-04-20"))
        .done()
        .when(choose("conciliation", on="2026-04-22"))
        .done()
        .allowed(file("conciliation", on="2026-04-23"))
        .when(file("enforcement", on="2026-04-23"))
        .refused("legal_without_clinic")
    )


def test_an_objection_holds_the_case_and_not_what_comes_new_to_it() -> None:
    (
        given(*DISPUTED)
        .when(issue_invoice("K2", line("lab", 94_00), on="2026-04-06", due="2026-04-20"))
        .done()
        .owed(principal=507_00, reminder_fee=38_00)
        .disputed(True)
    )
