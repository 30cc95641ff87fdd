"""Reminders and collection notices: when they may be sent, and when and what they may cost."""

from typing import Any

import pytest

from ledger.domain.events import Event, FeeCharged, ReminderSent
from ledger.domain.policy import ClinicPolicy
from tests.scenarios import facts
from tests.scenarios.asked import confirm_delivery, notify, remind
from tests.scenarios.facts import K1, K1_NOTICED, K1_REMINDED, line, part
from tests.scenarios.story import by_policy, given


def test_a_reminder_on_the_due_date_is_refused() -> None:
    """The last day of a deadline counts; the day after, a reminder is free."""
    (
        given(*K1)
        .when(remind(on="2026-03-16"))
        .refused("not_overdue", earliest="2026-03-17", due_date="2026-03-16")
        .when(remind(on="2026-03-17", fee=0))
        .then(facts.reminder_sent("R1", on="2026-03-17", asked=(part("principal", 413_00, "K1"),)))
        .owed(principal=413_00)
        .at_stage("reminded")
    )


def test_a_fee_one_day_early_is_refused() -> None:
    (
        given(*K1)
        .when(remind(on="2026-03-29", fee=38_00))
        .refused("fee_too_early", earliest="2026-03-30", due_date="2026-03-16")
        .when(remind(on="2026-03-30", deadline="2026-04-13", fee=38_00))
        .then(
            facts.reminder_sent(
                "R1",
                on="2026-03-30",
                deadline="2026-04-13",
                asked=(part("principal", 413_00, "K1"), part("reminder_fee", 38_00, "K1")),
            ),
            facts.fee_charged("reminder_fee", 38_00, on="2026-03-30", claim="K1", letter="R1"),
        )
        .owed(principal=413_00, reminder_fee=38_00)
        .running(1_90, on="2026-03-30")
    )


def test_a_fee_above_the_maximum_is_refused() -> None:
    (
        given(*K1)
        .when(remind(on="2026-03-30", fee=39_00))
        .refused("fee_above_max", amount=39_00, most=38_00)
        .when(remind(on="2026-03-30", fee=38_01))
        .refused("fee_above_max", amount=38_01, most=38_00)
        .allowed(remind(on="2026-03-30", fee=38_00))
        .allowed(remind(on="2026-03-30", fee=20_00))
    )
    (
        given(*due_in_december())
        .when(remind(on="2025-12-30", fee=38_00))
        .refused("fee_above_max", amount=38_00, most=35_00)
    )


def due_in_december() -> tuple[Event, ...]:
    """A claim that fell due on 10 December 2025."""
    return (
        facts.case_opened(on="2025-11-26"),
        facts.invoice_issued("K1", line("lab", 413_00), on="2025-11-26", due="2025-12-10"),
        facts.invoice_delivered("K1", on="2025-11-28"),
    )


def test_the_rate_follows_the_day_of_sending() -> None:
    (
        given(*due_in_december())
        .when(remind(on="2025-12-29", deadline="2026-01-12", fee=35_00))
        .done()
        .owed(principal=413_00, reminder_fee=35_00)
        .when(notify(on="2026-01-15", deadline="2026-01-29", fee=38_00))
        .refused("second_fee_no_deadline", earliest="2026-01-16")
        .when(notify(on="2026-01-16", deadline="2026-01-30", fee=38_00))
        .done()
        .owed(principal=413_00, reminder_fee=73_00)
        .at_stage("noticed")
    )


def test_a_second_fee_needs_a_deadline_of_two_weeks_that_was_missed() -> None:
    notice: dict[str, Any] = {"deadline": "2026-05-04", "fee": 38_00}
    (
        given(*K1_REMINDED)
        .when(notify(on="2026-04-13", **notice))
        .refused("second_fee_no_deadline", earliest="2026-04-17", sent="2026-03-30")
        .when(notify(on="2026-04-14", **notice))
        .refused("second_fee_no_deadline", earliest="2026-04-17")
        .when(notify(on="2026-04-16", **notice))
        .refused("second_fee_no_deadline", earliest="2026-04-17")
        .when(notify(on="2026-04-17", **notice))
        .done()
        .owed(principal=413_00, reminder_fee=76_00)
    )


def test_after_a_deadline_that_was_too_short_there_is_no_second_fee() -> None:
    """Ten days were given; only after six months the count begins anew."""
    (
        given(*K1)
        .when(remind(on="2026-03-30", deadline="2026-04-09", fee=38_00))
        .done()
        .when(notify(on="2026-04-17", deadline="2026-05-04", fee=38_00))
        .refused("second_fee_no_deadline", earliest="2026-10-01")
        .when(notify(on="2026-04-17", deadline="2026-05-04"))
        .done()
        .owed(principal=413_00, reminder_fee=38_00)
        .when(remind("R2", on="2026-05-08", deadline="2026-05-22", fee=38_00))
        .done()
        .owed(principal=413_00, reminder_fee=76_00)
    )


def test_a_reminder_without_a_deadline_leads_to_no_second_fee() -> None:
    (
        given(*K1)
        .when(remind(on="2026-03-30", fee=38_00))
        .done()
        .when(notify(on="2026-06-01", deadline="2026-06-15", fee=38_00))
        .refused("second_fee_no_deadline", earliest="2026-10-01")
    )


def test_there_is_no_third_fee_until_six_months_have_passed() -> None:
    third: dict[str, Any] = {"deadline": "2026-11-15"}
    (
        given(*K1_NOTICED)
        .when(remind("R2", on="2026-05-08", deadline="2026-05-22", fee=1))
        .refused("fee_count_exceeded", earliest="2026-10-18", count=2, last="2026-04-17")
        .when(remind("R2", on="2026-10-17", fee=38_00, **third))
        .refused("fee_count_exceeded", earliest="2026-10-18")
        .allowed(remind("R2", on="2026-10-17", **third))
        .when(remind("R2", on="2026-10-18", fee=38_00, **third))
        .done()
        .owed(principal=413_00, reminder_fee=114_00)
        .when(remind("R3", on="2026-11-19", deadline="2026-12-03", fee=38_00))
        .done()
        .when(remind("R4", on="2026-12-31", fee=38_00))
        .refused("fee_count_exceeded", earliest="2027-05-20")
    )


def test_a_letter_without_a_fee_does_not_count() -> None:
    (
        given(*K1)
        .when(remind("R1", on="2026-03-17", deadline="2026-03-31"))
        .done()
        .when(remind("R2", on="2026-04-04", deadline="2026-04-18", fee=38_00))
        .done()
        .when(notify(on="2026-04-22", deadline="2026-05-06", fee=38_00))
        .done()
        .owed(principal=413_00, reminder_fee=76_00)
    )


def test_one_letter_about_two_invoices_costs_one_fee() -> None:
    """It is charged to the oldest claim that may bear it."""
    second = (
        facts.invoice_issued("K2", line("lab", 94_00), on="2026-03-20", due="2026-04-03"),
        facts.invoice_delivered("K2", on="2026-03-23"),
    )
    (
        given(*K1, *second)
        .when(remind(on="2026-04-04", deadline="2026-04-18", fee=38_00))
        .done()
        .recorded(ReminderSent, invoices=("K1", "K2"))
        .recorded(FeeCharged, claim="K1", amount=38_00)
        .owed(principal=507_00, reminder_fee=38_00)
    )


def test_a_new_claim_has_its_own_count() -> None:
    """Two fees were charged for K1; a letter about both costs one for K2, once K2 bears it."""
    second = (
        facts.invoice_issued("K2", line("lab", 94_00), on="2026-04-20", due="2026-05-04"),
        facts.invoice_delivered("K2", on="2026-04-22"),
    )
    (
        given(*K1_NOTICED, *second)
        .when(remind("R2", on="2026-05-17", deadline="2026-05-31", fee=38_00))
        .refused("fee_too_early", earliest="2026-05-18", due_date="2026-05-04")
        .when(remind("R2", on="2026-05-18", deadline="2026-06-01", fee=38_00))
        .done()
        .recorded(ReminderSent, invoices=("K1", "K2"))
        .recorded(FeeCharged, claim="K2", amount=38_00)
        .owed(principal=507_00, reminder_fee=114_00)
    )


@pytest.mark.parametrize("grace", [0, 3, 10])
def test_the_days_of_grace_are_the_clinics_choice(grace: int) -> None:
    rules = by_policy(ClinicPolicy(grace_days=grace))
    refused_on, allowed_on = f"2026-04-{13 + grace}", f"2026-04-{14 + grace}"
    (
        given(*K1_REMINDED, rules=rules)
        .when(notify(on=refused_on, deadline="2026-05-15", fee=38_00))
        .refused("second_fee_no_deadline", earliest=allowed_on)
        .allowed(notify(on=allowed_on, deadline="2026-05-15", fee=38_00))
    )


def test_a_notice_gives_two_weeks() -> None:
    """The day of sending is not counted; by law the deadline may be 1 May."""
    (
        given(*K1_REMINDED)
        .when(notify(on="2026-04-17", deadline="2026-04-30", fee=38_00))
        .refused("deadline_too_short", deadline="2026-04-30", shortest="2026-05-01")
        .when(notify(on="2026-04-17", fee=38_00))
        .refused("deadline_missing")
        .allowed(notify(on="2026-04-17", deadline="2026-05-01", fee=38_00))
        .allowed(notify(on="2026-04-17", deadline="2026-05-04", fee=38_00))
    )


def test_a_notice_may_come_without_a_reminder() -> None:
    """FinKN 2023-845: a reminder is not required before it."""
    (
        given(*K1)
        .when(notify(on="2026-03-30", deadline="2026-04-13", fee=38_00, sender="clinic"))
        .done()
        .at_stage("noticed")
    )


def test_what_did_not_arrive_costs_nothing() -> None:
    """FinKN 2017-492: an invoice that was not delivered never fell due."""
    (
        given(*K1[:-1])
        .when(remind(on="2026-03-30", fee=38_00))
        .refused("not_delivered", invoice="K1")
        .allowed(remind(on="2026-03-30"))
        .when(confirm_delivery("K1", on="2026-04-20"))
        .done()
        .when(remind(on="2026-04-19", fee=38_00))
        .refused("not_delivered", earliest="2026-04-20")
        .when(remind(on="2026-05-03", fee=38_00))
        .refused("fee_too_early", earliest="2026-05-04")
        .allowed(remind(on="2026-05-04", fee=38_00))
    )


def test_no_vat_on_a_reminder_fee() -> None:
    (
        given(*K1)
        .when(remind(on="2026-03-30", fee=38_00, fee_vat=9_50))
        .refused("vat_on_fee")
        .when(remind(on="2026-03-30", fee_vat=9_50))
        .refused("vat_on_fee")
        .allowed(remind(on="2026-03-30", fee=38_00, fee_vat=0))
    )


def test_a_clinic_may_want_no_reminder_fees() -> None:
    (
        given(*K1, rules=by_policy(ClinicPolicy(charges_reminder_fees=False)))
        .when(remind(on="2026-03-30", fee=38_00))
        .refused("fee_not_allowed", component="reminder_fee")
        .allowed(remind(on="2026-03-30"))
    )


def test_nobody_is_written_to_about_less_than_fifty_kroner() -> None:
    (
        given(
            facts.case_opened(),
            facts.invoice_issued("K1", line("material", 49_99), on="2026-03-02", due="2026-03-16"),
            facts.invoice_delivered("K1", on="2026-03-04"),
        )
        .when(remind(on="2026-03-30"))
        .refused("too_small", outstanding=49_99, least=50_00)
    )


def test_where_nothing_is_owed_no_letter_is_sent() -> None:
    given(facts.case_opened()).when(remind(on="2026-03-30")).refused("nothing_owed")


def test_a_letter_is_sent_once() -> None:
    (
        given(*K1_REMINDED)
        .when(remind("R1", on="2026-04-17"))
        .refused("duplicate_reference", kind="letter", name="R1")
    )
