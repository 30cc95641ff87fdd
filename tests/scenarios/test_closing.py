"""Passing a case on for collection, giving it up, and ending it."""

import pytest

from ledger.domain.commands import Command
from ledger.domain.events import CloseReason, Credited, WrittenOff
from tests.scenarios import facts
from tests.scenarios.asked import (
    answer,
    charge_fee,
    close_case,
    confirm_delivery,
    credit,
    hand_over,
    issue_invoice,
    know,
    object_to,
    open_case,
    pay,
    register_charge,
    remind,
    send_charge_to_terminal,
    tap,
    write_off,
)
from tests.scenarios.facts import K1, K1_DEMANDED, K1_REMINDED, line, part, principal
from tests.scenarios.story import given

RECALLED = (
    *K1,
    facts.written_off(*principal(413_00), on="2026-04-01", reason="recalled"),
    facts.case_closed("recalled", on="2026-04-01"),
)


def test_a_case_is_handed_over_with_all_that_is_owed() -> None:
    (
        given(*K1_REMINDED)
        .when(hand_over(on="2026-06-01"))
        .then(facts.handed_over(451_00, on="2026-06-01"))
        .owed(principal=413_00, reminder_fee=38_00)
        .at_stage("collection")
        .when(remind("R9", on="2026-06-02", deadline="2026-06-16"))
        .done()
        .at_stage("collection")
    )


def test_where_nothing_is_owed_nothing_is_handed_over_or_written_off() -> None:
    given(facts.case_opened()).when(hand_over(on="2026-06-01")).refused("nothing_owed")
    given(facts.case_opened()).when(write_off(on="2026-06-01")).refused("nothing_owed")


@pytest.mark.parametrize("reason", ["paid", "credited", "written_off", "settled"])
def test_a_case_on_which_something_is_owed_was_not_settled(reason: CloseReason) -> None:
    (
        given(*K1)
        .when(close_case(reason, on="2026-04-01"))
        .refused("still_owed", outstanding=413_00)
        .owed(principal=413_00)
    )


def test_what_the_clinic_takes_back_leaves_the_books_with_the_closing() -> None:
    (
        given(*K1)
        .when(close_case("recalled", on="2026-04-01"))
        .then(*RECALLED[-2:])
        .owed()
        .closed("recalled")
    )


def test_an_insolvent_estate_needs_a_death() -> None:
    (
        given(*K1)
        .when(close_case("estate_insolvent", on="2026-04-01"))
        .refused("still_owed")
        .when(write_off(on="2026-04-01", reason="estate_insolvent"))
        .refused("still_owed")
        .when(know("estate", on="2026-04-02"))
        .done()
        .when(write_off(on="2026-04-03", reason="estate_insolvent"))
        .done()
        .closed("estate_insolvent")
    )


def test_a_case_on_which_nothing_is_owed_is_closed_once_its_dispute_is_answered() -> None:
    (
        given(*K1, facts.dispute_raised("O1", on="2026-03-10"))
        .when(pay(413_00, on="2026-03-13"))
        .done()
        .when(answer("rejected", on="2026-03-20"))
        .done()
        .owed()
        .closed("paid")
    )


@pytest.mark.parametrize(
    "command",
    [
        register_charge("lab", 183_00, at="2026-05-04 10:50"),
        issue_invoice("K2", line("lab", 183_00), on="2026-05-04", due="2026-05-18"),
        charge_fee("court_fee", 38_00, on="2026-05-04"),
        remind(on="2026-05-04", deadline="2026-05-18"),
        object_to(on="2026-05-04"),
        credit(part("principal", 413_00, "K1"), on="2026-05-04"),
        write_off(on="2026-05-04"),
        hand_over(on="2026-05-04"),
        close_case("settled", on="2026-05-04"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_nothing_new_is_asked_of_a_closed_case(command: Command) -> None:
    given(*RECALLED).when(command).refused("case_closed", reason="recalled").closed("recalled")


def test_a_closed_case_is_not_opened_again_as_another() -> None:
    given(*RECALLED).when(open_case(on="2026-05-04")).refused("already_open", reference="2026-1")


def test_what_comes_late_is_recorded_on_a_closed_case() -> None:
    """A delivery note, and what the terminal still had to tell."""
    (
        given(*RECALLED)
        .when(confirm_delivery("K1", on="2026-04-02"))
        .done()
        .when(send_charge_to_terminal("lab", at="2026-04-02 10:52"))
        .refused("unknown_charge", charge="lab")
        .when(tap("T1", 0, at="2026-04-02 10:53"))
        .done()
        .closed("recalled")
    )


def test_a_credit_note_takes_a_part_of_the_claim_away() -> None:
    (
        given(*K1_REMINDED)
        .when(
            credit(
                part("principal", 230_00, "K1", 1),
                part("reminder_fee", 38_00, "K1"),
                on="2026-05-02",
                reason="charged_in_error",
            )
        )
        .done()
        .owed(principal=183_00)
        .lines_owed("K1", 0, 183_00)
        .at_stage("reminded")
    )


def test_a_claim_that_is_credited_in_full_is_closed() -> None:
    (
        given(*K1)
        .when(credit(part("principal", 413_00, "K1"), on="2026-03-10"))
        .then(
            facts.credited("C1", *principal(413_00), on="2026-03-10"),
            facts.case_closed("credited", on="2026-03-10"),
        )
    )


def test_costs_of_what_was_never_owed_fall_with_it() -> None:
    (
        given(*K1_DEMANDED)
        .when(
            credit(
                part("principal", 413_00, "K1"),
                on="2026-06-10",
                reason="charged_in_error",
                never_owed=True,
            )
        )
        .done()
        .recorded(Credited, never_owed=True)
        .owed()
        .closed("credited")
    )


def test_no_more_is_credited_than_is_owed() -> None:
    (
        given(*K1)
        .when(credit(part("principal", 413_01, "K1"), on="2026-03-10"))
        .refused("more_than_owed", component="principal", amount=413_01, owed=413_00)
        .when(
            credit(part("principal", 400_00, "K1"), part("principal", 13_01, "K1"), on="2026-03-10")
        )
        .refused("more_than_owed", component="principal", amount=13_01, owed=13_00)
        .when(
            credit(
                part("principal", 230_00, "K1", 1), part("principal", 1, "K1", 1), on="2026-03-10"
            )
        )
        .refused("more_than_owed", amount=1, owed=0)
        .when(credit(part("reminder_fee", 38_00, "K1"), on="2026-03-10"))
        .refused("more_than_owed", component="reminder_fee", amount=38_00, owed=0)
        .when(credit(part("principal", 100_00, "K2"), on="2026-03-10"))
        .refused("more_than_owed", component="principal", amount=100_00, owed=0)
        .when(credit(on="2026-03-10"))
        .refused("amount_missing")
        .when(credit(part("principal", 0, "K1"), on="2026-03-10"))
        .refused("amount_missing")
        .owed(principal=413_00)
    )


def test_a_small_remainder_is_written_off_and_the_case_closed() -> None:
    (
        given(*K1)
        .when(pay(402_99, on="2026-03-13"))
        .done()
        .when(write_off(on="2026-04-13", reason="small_remainder"))
        .refused("small_remainder", outstanding=10_01, most=10_00)
        .when(pay(1, on="2026-03-13", name="bank-2"))
        .done()
        .when(write_off(on="2026-04-13", reason="small_remainder"))
        .done()
        .recorded(WrittenOff, parts=(part("principal", 10_00, "K1", 2),))
        .closed("written_off")
    )


def test_all_that_is_owed_is_written_off_together() -> None:
    (
        given(*K1_REMINDED)
        .when(write_off(on="2026-06-01"))
        .then(
            facts.written_off(
                *principal(413_00), part("reminder_fee", 38_00, "K1"), on="2026-06-01"
            ),
            facts.case_closed("written_off", on="2026-06-01"),
        )
        .owed()
    )


def test_a_claim_that_is_written_off_while_disputed_stays_open_for_the_answer() -> None:
    (
        given(*K1, facts.dispute_raised("O1", on="2026-04-05"))
        .when(write_off(on="2026-06-01"))
        .then(facts.written_off(*principal(413_00), on="2026-06-01"))
        .owed()
        .disputed(True)
        .at_stage("invoiced")
    )
