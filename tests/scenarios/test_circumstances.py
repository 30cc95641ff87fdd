"""Death, bankruptcy, debt settlement, a protected address; and holds that somebody places."""

from ledger.domain.events import HoldPlaced, InterestLowered, ReminderSent
from tests.scenarios import facts
from tests.scenarios.asked import (
    agree_plan,
    claim_heavy_fee,
    defer,
    delivery_fails,
    end,
    hold,
    know,
    notify,
    object_to,
    pay,
    release,
    remind,
)
from tests.scenarios.facts import K1, K1_DEMANDED, K1_REMINDED, day, line, part
from tests.scenarios.story import given


def test_nothing_goes_to_the_deceased_and_no_fee_to_the_estate() -> None:
    """Only when somebody speaks for the estate letters go on, and they cost nothing."""
    (
        given(*K1)
        .when(know("estate", on="2026-04-02", since="2026-03-28"))
        .done()
        .held("estate", on="2026-04-02")
        .when(remind(on="2026-04-03", fee=38_00))
        .refused("estate")
        .when(remind(on="2026-04-03"))
        .refused("estate")
        .when(know("estate", on="2026-05-04", since="2026-03-28", contact="subject-9"))
        .done()
        .held(on="2026-05-04")
        .when(remind(on="2026-05-05", fee=38_00))
        .refused("estate")
        .allowed(remind(on="2026-05-05"))
    )


TWO_VISITS = (
    *K1_REMINDED,
    facts.invoice_issued(
        "K2", line("lab", 94_00), on="2026-05-22", due="2026-06-05", visit="2026-05-20"
    ),
    facts.invoice_delivered("K2", on="2026-05-26"),
)


def test_bankruptcy_stops_what_is_older_and_not_what_comes_after() -> None:
    """Opened on 1 May: interest on K1 runs to 30 April; the visit of 20 May is not covered."""
    (
        given(*TWO_VISITS)
        .when(know("bankruptcy", on="2026-05-04", since="2026-05-01"))
        .done()
        .interest("K1", 6_11, on="2026-04-30")
        .interest("K1", 6_11, on="2026-12-31")
        .interest("K2", 80, on="2026-07-01")
        .when(remind("R2", on="2026-06-01", fee=38_00))
        .refused("bankruptcy", since="2026-05-01")
        .when(remind("R2", on="2026-06-19", fee=38_00))
        .done()
        .recorded(ReminderSent, invoices=("K2",))
    )


def test_an_invoice_of_later_for_a_visit_of_before_is_covered() -> None:
    (
        given(
            facts.case_opened(),
            facts.invoice_issued(
                "K1", line("lab", 94_00), on="2026-05-10", due="2026-05-24", visit="2026-04-20"
            ),
            facts.invoice_delivered("K1", on="2026-05-12"),
        )
        .when(know("debt_settlement", on="2026-05-11", since="2026-05-01"))
        .done()
        .when(remind(on="2026-06-10"))
        .refused("debt_settlement")
        .interest("K1", 0, on="2026-06-10")
    )


def test_interest_that_was_paid_for_days_after_the_opening_pays_the_claim() -> None:
    """It becomes known on 1 June that the bankruptcy was opened on 16 April."""
    (
        given(*K1)
        .when(pay(20_00, on="2026-04-27"))
        .done()
        .owed(principal=398_70)
        .when(know("bankruptcy", on="2026-06-01", since="2026-04-16"))
        .done()
        .recorded(InterestLowered, unpaid=0, moved=(part("principal", 1_63, "K1", 1),), overpaid=0)
        .owed(principal=397_07)
    )


def test_when_the_insolvency_ends_the_days_of_it_stay_free_of_interest() -> None:
    """And a later claim, which it never covered, keeps its own."""
    (
        given(*TWO_VISITS)
        .when(know("bankruptcy", on="2026-05-04", since="2026-05-01"))
        .done()
        .when(end("bankruptcy", on="2026-04-30"))
        .refused("date_out_of_range")
        .when(end("bankruptcy", on="2026-08-31"))
        .done()
        .interest("K1", 6_11, on="2026-08-31")
        .interest("K1", 6_25, on="2026-09-01")
        .interest("K2", 80, on="2026-07-01")
        .when(end("bankruptcy", on="2026-09-01"))
        .refused("unknown_reference", kind="circumstance", name="bankruptcy")
        .when(know("bankruptcy", on="2026-09-01", since="2026-09-02"))
        .refused("date_out_of_range")
    )


def test_the_heavy_fee_of_what_insolvency_covers() -> None:
    (
        given(*K1_DEMANDED)
        .when(know("bankruptcy", on="2026-06-01"))
        .done()
        .when(claim_heavy_fee(on="2026-06-20"))
        .refused("bankruptcy")
    )


def test_a_protected_address_is_never_used() -> None:
    (
        given(*K1)
        .when(know("protected_address", on="2026-03-20"))
        .done()
        .held(on="2026-03-20")
        .when(remind(on="2026-03-30", fee=38_00, channel="post"))
        .refused("protected_address", channel="post")
        .allowed(remind(on="2026-03-30", fee=38_00, channel="digital_mailbox"))
    )


def test_a_hold_lasts_until_it_is_lifted_or_ends() -> None:
    (
        given(*K1)
        .when(hold("payment_claimed", on="2026-03-20", until="2026-04-03", review="2026-03-27"))
        .done()
        .when(remind(on="2026-04-03"))
        .refused("on_hold", earliest="2026-04-04", hold="payment_claimed")
        .allowed(remind(on="2026-04-04"))
        .when(hold("identity_doubt", on="2026-03-20", review="2026-03-27"))
        .refused("duplicate_reference", kind="hold", name="H1")
        .when(release(on="2026-03-30"))
        .done()
        .allowed(remind(on="2026-03-30", fee=38_00))
        .when(release(on="2026-03-31"))
        .refused("unknown_reference", kind="hold", name="H1")
        .when(hold("identity_doubt", on="2026-04-01", review="2026-03-31"))
        .refused("date_out_of_range")
    )


def test_of_two_holds_the_one_that_lasts_longest_counts() -> None:
    (
        given(*K1)
        .when(hold("payment_claimed", on="2026-03-20", review="2026-03-27"))
        .done()
        .when(
            hold(
                "payment_claimed",
                on="2026-03-20",
                review="2026-03-27",
                until="2026-04-03",
                name="H2",
            )
        )
        .done()
        .when(remind(on="2026-03-30"))
        .refused("on_hold", hold="payment_claimed")
        .when(release("H1", on="2026-03-30"))
        .done()
        .when(remind(on="2026-03-30"))
        .refused("on_hold", earliest="2026-04-04")
    )


def test_a_letter_that_comes_back_costs_nothing_and_an_address_is_looked_for() -> None:
    (
        given(*K1_REMINDED)
        .when(delivery_fails("R1", on="2026-04-08"))
        .done()
        .owed(principal=413_00)
        .held("address_unknown", on="2026-04-08")
        .when(delivery_fails("R2", on="2026-04-08"))
        .refused("unknown_reference", kind="letter", name="R2")
        .when(release("address-R1", on="2026-04-17"))
        .done()
        .when(notify(on="2026-04-17", deadline="2026-05-04", fee=38_00))
        .done()
        .owed(principal=413_00, reminder_fee=38_00)
    )


def test_a_notice_that_comes_back_takes_the_demand_along() -> None:
    story = (
        given(*K1_DEMANDED)
        .when(delivery_fails("N1", on="2026-05-20"))
        .done()
        .owed(principal=413_00, reminder_fee=38_00)
    )
    assert [letter.void for letter in story.case.letters.values()] == [False, True, True]
    assert day("2026-05-20") == story.case.placed_holds["address-N1"].placed_on


def test_an_invoice_that_comes_back_makes_the_letters_about_it_free() -> None:
    (
        given(*K1_REMINDED)
        .when(delivery_fails("K1", on="2026-04-08"))
        .done()
        .owed(principal=413_00)
        .when(remind("R2", on="2026-04-17"))
        .refused("on_hold", hold="address_unknown")
    )


def test_an_address_is_looked_for_once_and_on_an_open_case_only() -> None:
    """It is asked for again after two weeks; the next letter that comes back changes nothing."""
    story = (
        given(*K1_REMINDED)
        .when(delivery_fails("R7", on="2026-04-08"))
        .refused("unknown_reference", kind="letter", name="R7")
        .when(delivery_fails("K1", on="2026-04-08"))
        .done()
        .recorded(
            HoldPlaced,
            hold="address-K1",
            kind="address_unknown",
            until=None,
            review_on=day("2026-04-22"),
        )
        .when(delivery_fails("R1", on="2026-04-09"))
        .done()
        .not_recorded(HoldPlaced)
    )
    story.when(pay(413_00 + 3_00, on="2026-04-10")).done()
    story.when(delivery_fails("R1", on="2026-04-11")).done().not_recorded(HoldPlaced)


def test_an_address_is_looked_for_though_the_case_is_held_for_something_else() -> None:
    (
        given(*K1_REMINDED)
        .when(hold("payment_claimed", on="2026-04-01", review="2026-04-08"))
        .done()
        .when(delivery_fails("R1", on="2026-04-08"))
        .done()
        .recorded(HoldPlaced, kind="address_unknown")
    )


def test_a_hold_is_looked_at_and_ends_no_earlier_than_it_begins() -> None:
    (
        given(*K1)
        .when(hold("payment_claimed", on="2026-04-02", review="2026-04-01"))
        .refused("date_out_of_range", date="2026-04-01", **{"from": "2026-04-02"})
        .when(hold("payment_claimed", on="2026-04-02", review="2026-04-09", until="2026-04-01"))
        .refused("date_out_of_range", date="2026-04-01", **{"from": "2026-04-02"})
        .allowed(hold("payment_claimed", on="2026-04-02", review="2026-04-02", until="2026-04-02"))
        .when(release(on="2026-04-03"))
        .refused("unknown_reference", kind="hold", name="H1")
    )


def test_a_circumstance_ends_no_earlier_than_it_began() -> None:
    (
        given(*K1)
        .when(know("bankruptcy", on="2026-04-01", since="2026-04-02"))
        .refused("date_out_of_range", date="2026-04-02", **{"from": "2026-04-01"})
        .when(end("bankruptcy", on="2026-04-01"))
        .refused("unknown_reference", kind="circumstance", name="bankruptcy")
        .when(know("bankruptcy", on="2026-04-10", since="2026-04-02"))
        .done()
        .when(end("bankruptcy", on="2026-04-01"))
        .refused("date_out_of_range", date="2026-04-01", **{"from": "2026-04-02"})
        .allowed(end("bankruptcy", on="2026-04-02"))
    )


def test_of_several_reasons_the_gravest_is_given() -> None:
    """An objection before a death, a death before a plan, a plan before a deferral, and a hold."""
    story = given(*K1_REMINDED)
    story.when(hold("payment_claimed", on="2026-04-14", review="2026-04-21")).done()
    story.when(remind("R2", on="2026-04-20")).refused("on_hold")
    story.when(defer("2026-05-15", on="2026-04-14")).done()
    story.when(remind("R2", on="2026-04-20")).refused(
        "deferral_active", earliest="2026-05-16", until="2026-05-15"
    )
    story.when(agree_plan(("2026-06-01", 413_00), on="2026-04-15")).done()
    story.when(remind("R2", on="2026-04-20")).refused("instalment_plan_active", due="2026-06-01")
    story.when(know("estate", on="2026-04-16", since="2026-04-16")).done()
    story.when(remind("R2", on="2026-04-20")).refused("estate")
    story.when(object_to(on="2026-04-17")).done()
    story.when(remind("R2", on="2026-04-20")).refused("disputed")
