"""Passing a case on for collection, and ending it."""

import pytest

from ledger.domain.commands import Command
from ledger.domain.events import CloseReason
from tests.scenarios import facts
from tests.scenarios.asked import (
    charge_fee,
    close_case,
    confirm_delivery,
    credit,
    hand_over,
    issue_invoice,
    open_case,
    raise_dispute,
    register_charge,
    send_charge_to_terminal,
    send_reminder,
    tap,
    write_off,
)
from tests.scenarios.facts import K1, K1_REMINDED, line, part
from tests.scenarios.story import given


def test_a_case_is_handed_over_with_all_that_is_owed() -> None:
    (
        given(*K1_REMINDED)
        .when(hand_over(on="2026-06-01"))
        .then(facts.handed_over(456_70, on="2026-06-01"))
        .owed(principal=413_00, reminder_fee=38_00, interest=5_70)
        .at_stage("collection")
    )


def test_where_nothing_is_owed_nothing_is_handed_over() -> None:
    given(facts.case_opened()).when(hand_over(on="2026-06-01")).refused("nothing_owed")


def test_a_letter_after_the_hand_over_does_not_take_the_case_back() -> None:
    (
        given(*K1, facts.handed_over(413_00, on="2026-06-01"))
        .when(send_reminder("R9", on="2026-06-02", deadline="2026-06-16"))
        .then(facts.reminder_sent("R9", on="2026-06-02", deadline="2026-06-16"))
        .at_stage("collection")
    )


@pytest.mark.parametrize("reason", ["paid", "credited", "written_off"])
def test_a_case_on_which_something_is_owed_was_not_settled(reason: CloseReason) -> None:
    (
        given(*K1)
        .when(close_case(reason, on="2026-04-01"))
        .refused("still_owed", outstanding=413_00)
        .owed(principal=413_00)
    )


@pytest.mark.parametrize("reason", ["recalled", "settled", "time_barred", "estate_insolvent"])
def test_a_case_may_end_with_something_owed(reason: CloseReason) -> None:
    (
        given(*K1)
        .when(close_case(reason, on="2026-04-01"))
        .then(facts.case_closed(reason, on="2026-04-01"))
        .owed(principal=413_00)
        .closed(reason)
    )


def test_a_case_on_which_nothing_is_owed_can_be_closed() -> None:
    (
        given(
            *K1,
            facts.dispute_raised("D1", on="2026-03-10"),
            facts.payment_received(
                "bank-1", 413_00, part("principal", 413_00, "K1"), on="2026-03-13"
            ),
            facts.dispute_answered("D1", "rejected", on="2026-03-20"),
        )
        .when(close_case("paid", on="2026-03-20"))
        .then(facts.case_closed("paid", on="2026-03-20"))
        .closed("paid")
    )


@pytest.mark.parametrize(
    "command",
    [
        register_charge("lab", 183_00, at="2026-05-04 10:50"),
        issue_invoice("K2", line("lab", 183_00), on="2026-05-04", due="2026-05-18"),
        charge_fee("reminder_fee", 38_00, on="2026-05-04"),
        send_reminder("R1", on="2026-05-04", deadline="2026-05-18"),
        raise_dispute("D1", on="2026-05-04"),
        credit("C1", part("principal", 413_00, "K1"), on="2026-05-04"),
        write_off(on="2026-05-04"),
        hand_over(on="2026-05-04"),
        close_case("settled", on="2026-05-04"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_nothing_new_is_asked_of_a_closed_case(command: Command) -> None:
    (
        given(*K1, facts.case_closed("recalled", on="2026-04-01"))
        .when(command)
        .refused("case_closed", reason="recalled")
        .closed("recalled")
    )


def test_a_closed_case_is_not_opened_again_as_another() -> None:
    (
        given(*K1, facts.case_closed("recalled", on="2026-04-01"))
        .when(open_case(on="2026-05-04"))
        .refused("already_open", reference="2026-1")
    )


def test_what_comes_late_is_recorded_on_a_closed_case() -> None:
    """A delivery note, and what the terminal still had to tell."""
    (
        given(
            *K1,
            facts.charge_registered("lab", 94_00, at="2026-03-31 10:50"),
            facts.case_closed("recalled", on="2026-04-01"),
        )
        .when(confirm_delivery("K1", on="2026-04-02"))
        .then(facts.invoice_delivered("K1", on="2026-04-02"))
        .when(send_charge_to_terminal("lab", at="2026-04-02 10:52"))
        .then(facts.charge_sent_to_terminal("lab", at="2026-04-02 10:52"))
        .when(tap("T1", 94_00, at="2026-04-02 10:53"))
        .then(
            facts.terminal_payment_received(
                "T1", 94_00, part("charge", 94_00, "lab"), at="2026-04-02 10:53"
            )
        )
        .owed(principal=413_00)
        .closed("recalled")
    )
