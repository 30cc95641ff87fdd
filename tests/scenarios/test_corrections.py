"""A mistake is corrected by what is recorded next; what was recorded stays, and is still known."""

from ledger.domain.case import Case
from ledger.domain.events import Component, CorrectionRecorded, Event, FeeWaived, LetterVoided
from tests.scenarios.asked import (
    approve,
    ask_approval,
    correct_due_date,
    notify,
    pay,
    reclaim,
    remind,
    void,
    waive,
)
from tests.scenarios.facts import K1, K1_NOTICED, K1_REMINDED, day, part
from tests.scenarios.story import given


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
