"""A mistake is corrected by what is recorded next; what was recorded stays, and is still known."""

import pytest

from ledger.domain.case import Case
from ledger.domain.events import (
    Component,
    CorrectionRecorded,
    DueDateMoved,
    Event,
    FeeWaived,
    LetterVoided,
)
from tests.scenarios import facts
from tests.scenarios.asked import (
    answer,
    approve,
    ask_approval,
    correct_due_date,
    notify,
    object_to,
    pay,
    reclaim,
    remind,
    void,
    waive,
)
from tests.scenarios.facts import K1, K1_NOTICED, K1_REMINDED, day, line, part
from tests.scenarios.story import Story, given


def test_a_payment_that_was_found_late_voids_the_letters_after_it() -> None:
    """Value-dated 10 April, found on 5 May: the notice of 17 April should not have been sent."""
    known = list(K1_NOTICED)
    story = given(*known).when(pay(451_00, on="2026-04-10")).done()
    (
        story.recorded(CorrectionRecorded, reason="payment_known_late", corrects=(6,))
        .recorded(LetterVoided, letter="N1", corrects=6, value_date=day("2026-04-17"))
        .recorded(FeeWaived, letter="N1", reason="paid_in_time")
        .closed("paid")
        .owed()
    )
    since: list[Event] = [*known, *story.last]

    def effective(events: list[Event], on: str) -> dict[Component, int]:
        case = Case(story.case.id)
        for event in events:
            if event.value_date <= day(on):
                case.apply(event)
        assert all(amount >= 0 for amount in case.owed.values())
        return dict(case.balance)

    assert effective(known, "2026-05-04") == {"principal": 413_00, "reminder_fee": 76_00}
    assert effective(since, "2026-05-04") == {}
    assert effective(since, "2026-04-09") == {"principal": 413_00, "reminder_fee": 38_00}
    assert effective(since, "2026-04-16") == {}


def test_a_due_date_is_corrected_by_two() -> None:
    """The invoice said 16 April: the reminder of 30 March came before it."""
    correction = correct_due_date("K1", "2026-04-16", on="2026-05-01")
    (
        given(*K1_REMINDED)
        .when(correction)
        .refused("approval_needed")
        .when(correct_due_date("K1", "2026-03-01", on="2026-05-01"))
        .refused("date_out_of_range")
        .when(correct_due_date("K7", "2026-04-16", on="2026-05-01"))
        .refused("unknown_invoice")
        .when(ask_approval(correction))
        .done()
        .when(approve(on="2026-05-02"), by="senior:s1")
        .done()
        .recorded(LetterVoided, letter="R1", reason="wrong_date")
        .owed(principal=413_00)
        .interest("K1", 14, on="2026-04-17")
    )


def test_a_fee_that_was_given_up_is_claimed_again_by_two() -> None:
    again = reclaim("R1", on="2026-05-04")
    (
        given(*K1_REMINDED)
        .when(again)
        .refused("nothing_owed")
        .when(waive(part("reminder_fee", 38_00, "K1"), on="2026-05-01"))
        .done()
        .owed(principal=413_00)
        .when(again)
        .refused("approval_needed")
        .when(reclaim("R7", on="2026-05-04"))
        .refused("unknown_reference")
        .when(ask_approval(again))
        .done()
        .when(approve(on="2026-05-05"), by="senior:s1")
        .done()
        .owed(principal=413_00, reminder_fee=38_00)
        .when(ask_approval(again, name="V2"))
        .refused("nothing_owed")
        .when(void("R1", on="2026-05-06"))
        .done()
        .owed(principal=413_00)
        .when(void("R1", on="2026-05-06"))
        .refused("already_decided", name="R1")
    )


def test_a_fee_that_is_claimed_again_is_not_a_third() -> None:
    (
        given(*K1_REMINDED)
        .when(waive(part("reminder_fee", 38_00, "K1"), on="2026-04-01"))
        .done()
        .when(notify(on="2026-04-17", deadline="2026-05-04", fee=38_00))
        .done()
        .when(remind("R2", on="2026-05-08", deadline="2026-05-22", fee=38_00))
        .done()
        .when(ask_approval(reclaim("R1", on="2026-05-10")))
        .refused("fee_count_exceeded", count=2)
    )


def test_a_correction_needs_something_to_correct() -> None:
    given(*K1).when(void("R1", on="2026-05-04")).refused("unknown_reference", kind="letter")


@pytest.mark.parametrize(
    ("due", "void"), [("2026-03-16", False), ("2026-03-17", True), ("2026-03-29", True)]
)
def test_a_fee_came_too_early_if_it_came_before_the_fourteenth_day(due: str, void: bool) -> None:
    """The reminder of 30 March bore a fee: for that, the 16th must have been the due date."""
    story = given(*K1_REMINDED)
    story.when(ask_approval(correct_due_date("K1", due, on="2026-05-01"))).done()
    story.when(approve(on="2026-05-02"), by="senior:s1").done()
    story.recorded(DueDateMoved, invoice="K1", due_date=day(due), corrects=2)
    assert story.case.letters["R1"].void == void
    story.owed(principal=413_00) if void else story.owed(principal=413_00, reminder_fee=38_00)


@pytest.mark.parametrize(("due", "void"), [("2026-03-29", False), ("2026-03-30", True)])
def test_a_letter_without_a_fee_came_too_early_if_it_came_before_the_claim_was_overdue(
    due: str, void: bool
) -> None:
    story = given(*K1).happened(facts.reminder_sent("R1", on="2026-03-30", deadline="2026-04-13"))
    story.when(ask_approval(correct_due_date("K1", due, on="2026-05-01"))).done()
    story.when(approve(on="2026-05-02"), by="senior:s1").done()
    assert story.case.letters["R1"].void == void


def test_letters_about_other_claims_and_those_that_were_void_stay_as_they_are() -> None:
    """R1 is void already, K2 has a letter of its own; N1 rests on the date that was wrong."""
    story = (
        given(*K1_NOTICED)
        .happened(facts.invoice_issued("K2", line("lab", 94_00), on="2026-03-02", due="2026-03-16"))
        .happened(facts.reminder_sent("R2", on="2026-04-20", invoices=("K2",)))
        .when(void("R2", on="2026-04-21"))
        .done()
        .happened(facts.reminder_sent("R3", on="2026-04-20", invoices=("K2",)))
    )
    story.when(ask_approval(correct_due_date("K1", "2026-04-16", on="2026-05-01"))).done()
    story.when(approve(on="2026-05-02"), by="senior:s1").done()
    letters = story.case.letters
    assert {name for name, letter in letters.items() if letter.void} == {"R1", "N1", "R2"}


def test_an_invoice_may_fall_due_on_the_day_of_its_issue_and_not_before() -> None:
    (
        given(*K1)
        .when(correct_due_date("K1", "2026-03-01", on="2026-05-01"))
        .refused("date_out_of_range", date="2026-03-01", **{"from": "2026-03-02"})
        .when(correct_due_date("K1", "2026-03-02", on="2026-05-01"))
        .refused("approval_needed")
    )


def given_up(*facts_before: Event, today: str = "2026-12-31") -> Story:
    """K1 after a reminder whose fee was given up."""
    return (
        given(*K1_REMINDED, *facts_before, today=today)
        .when(waive(part("reminder_fee", 38_00, "K1"), on="2026-05-01"))
        .done()
    )


def test_a_fee_is_not_claimed_again_where_it_could_not_be_charged_today() -> None:
    """An objection that was answered keeps costs away for two more weeks (INKL § 8)."""
    (
        given_up()
        .when(object_to(on="2026-05-04"))
        .done()
        .when(ask_approval(reclaim("R1", on="2026-05-05")))
        .refused("disputed")
        .when(answer("rejected", on="2026-05-06"), by="clinic:c1")
        .done()
        .when(ask_approval(reclaim("R1", on="2026-05-19")))
        .refused("disputed", earliest="2026-05-20", answered="2026-05-06")
        .allowed(ask_approval(reclaim("R1", on="2026-05-20")))
    )


def test_a_fee_is_not_claimed_again_under_law_that_nobody_has_read() -> None:
    (
        given_up(today="2027-12-31")
        .when(ask_approval(reclaim("R1", on="2027-01-04")))
        .refused("regime_not_reviewed", date="2027-01-04")
    )


def test_what_is_given_up_is_no_principal() -> None:
    (
        given(
            facts.case_opened(),
            facts.charge_registered("B1", 413_00, at="2026-03-02 10:00"),
        )
        .when(waive(part("charge", 1_00, "B1"), on="2026-03-03"))
        .refused("fee_not_allowed", component="charge")
        .when(waive(part("principal", 1_00, "K1"), on="2026-03-03"))
        .refused("fee_not_allowed", component="principal")
        .when(waive(part("reminder_fee", 0, "K1"), on="2026-03-03"))
        .refused("amount_missing")
    )
