"""Taking over a case from another system: what happened there is recorded as it was."""

import pytest

from ledger.domain.commands import (
    AnswerNotified,
    AnyPastEvent,
    Claimed,
    Delivered,
    FeeAdded,
    FeeAddedUpTo,
    ImportHistory,
    Objected,
    ObjectionAnswered,
    ObjectionReferred,
    Paid,
    PassedToCollection,
)
from ledger.domain.events import (
    CaseOpened,
    Event,
    FeeCharged,
    FeeComponent,
    InvoiceDelivered,
    InvoiceIssued,
    InvoiceLine,
    Part,
)
from ledger.domain.policy import ClinicPolicy
from tests.scenarios import facts
from tests.scenarios.facts import day, part
from tests.scenarios.story import by_policy, given


def history(*events: AnyPastEvent, on: str = "2026-01-01", currency: str = "EUR") -> ImportHistory:
    """What an old system knows of the case A1."""
    return ImportHistory(
        on=day(on),
        source="old-system",
        reference="A1",
        creditor="police",
        currency=currency,
        events=events,
    )


def issued(invoice: str, amount: int, *, on: str) -> InvoiceIssued:
    """A claim of which the source tells no more than its amount and date."""
    return InvoiceIssued(
        value_date=day(on),
        invoice=invoice,
        lines=(InvoiceLine(1, "other", amount),),
        due_date=None,
        kid=None,
    )


def fee(component: FeeComponent, amount: int, *, on: str, claim: str = "A1/1") -> FeeCharged:
    """A fee under the rules of the old system."""
    return facts.fee_charged(component, amount, on=on, claim=claim, rule="imported")


OPENED = CaseOpened(
    value_date=day("2006-07-24"), reference="A1", creditor="police", debtor=None, currency="EUR"
)
CREATED = issued("A1/1", 35_00, on="2006-07-24")
CLAIMED = Claimed(on=day("2006-07-24"), amount=35_00)


def test_a_claim_opens_the_case_on_its_own_date() -> None:
    (
        given()
        .when(history(CLAIMED))
        .then(OPENED, CREATED)
        .owed(principal=35_00)
        .at_stage("invoiced")
    )


def test_a_whole_life() -> None:
    """Fine, postage, notification, penalty, part payment, hand-over."""
    (
        given()
        .when(
            history(
                CLAIMED,
                FeeAdded(on=day("2006-12-05"), component="postage_fee", amount=11_00),
                Delivered(on=day("2007-01-15")),
                FeeAddedUpTo(on=day("2007-03-16"), component="penalty", total=71_50),
                Paid(on=day("2007-06-01"), amount=50_00),
                PassedToCollection(on=day("2009-03-30")),
            )
        )
        .then(
            OPENED,
            CREATED,
            fee("postage_fee", 11_00, on="2006-12-05"),
            InvoiceDelivered(value_date=day("2007-01-15"), invoice="A1/1", channel="not_stated"),
            fee("penalty", 36_50, on="2007-03-16"),
            facts.payment_received(
                "A1/5",
                50_00,
                part("postage_fee", 11_00, "A1/1"),
                part("penalty", 36_50, "A1/1"),
                part("principal", 2_50, "A1/1", 1),
                on="2007-06-01",
            ),
            facts.handed_over(32_50, on="2009-03-30", to="not_stated"),
        )
        .owed(principal=32_50)
        .at_stage("collection")
    )


def test_a_penalty_is_the_difference_to_the_fine_as_it_stood() -> None:
    """Payments and other fees do not change what fine and penalty come to; earlier ones do."""
    (
        given()
        .when(
            history(
                CLAIMED,
                FeeAdded(on=day("2006-12-05"), component="postage_fee", amount=11_00),
                Paid(on=day("2006-12-06"), amount=40_00),
                FeeAddedUpTo(on=day("2007-03-16"), component="penalty", total=71_50),
                FeeAddedUpTo(on=day("2007-04-16"), component="penalty", total=80_00),
                FeeAddedUpTo(on=day("2007-05-16"), component="penalty", total=80_00),
            )
        )
        .then(
            OPENED,
            CREATED,
            fee("postage_fee", 11_00, on="2006-12-05"),
            facts.payment_received(
                "A1/3",
                40_00,
                part("postage_fee", 11_00, "A1/1"),
                part("principal", 29_00, "A1/1", 1),
                on="2006-12-06",
            ),
            fee("penalty", 36_50, on="2007-03-16"),
            fee("penalty", 8_50, on="2007-04-16"),
            fee("penalty", 0, on="2007-05-16"),
        )
        .owed(principal=6_00, penalty=45_00)
    )


def test_a_total_below_the_claim_makes_no_sense() -> None:
    (
        given()
        .when(
            history(CLAIMED, FeeAddedUpTo(on=day("2007-03-16"), component="penalty", total=34_99))
        )
        .refused("total_below_claim", total=34_99, claimed=35_00)
    )
    (
        given()
        .when(
            history(
                CLAIMED,
                FeeAddedUpTo(on=day("2007-03-16"), component="penalty", total=71_50),
                FeeAddedUpTo(on=day("2007-03-17"), component="penalty", total=71_49),
            )
        )
        .refused("total_below_claim", total=71_49, claimed=71_50)
    )


def test_a_second_claim_adds_to_the_first() -> None:
    """Delivery and fees concern the latest; the total of a penalty counts both."""
    (
        given()
        .when(
            history(
                CLAIMED,
                Claimed(on=day("2006-08-24"), amount=20_00),
                Delivered(on=day("2006-09-01")),
                FeeAddedUpTo(on=day("2007-03-16"), component="penalty", total=60_00),
            )
        )
        .then(
            OPENED,
            CREATED,
            issued("A1/2", 20_00, on="2006-08-24"),
            InvoiceDelivered(value_date=day("2006-09-01"), invoice="A1/2", channel="not_stated"),
            fee("penalty", 5_00, on="2007-03-16", claim="A1/2"),
        )
        .owed(principal=55_00, penalty=5_00)
    )


def test_an_overpayment_stays_a_liability() -> None:
    """What is charged later is owed: nobody has set it off."""
    story = (
        given()
        .when(
            history(
                CLAIMED,
                Paid(on=day("2006-08-01"), amount=40_00),
                FeeAdded(on=day("2006-12-05"), component="postage_fee", amount=11_00),
                Paid(on=day("2006-12-06"), amount=1_00),
            )
        )
        .then(
            OPENED,
            CREATED,
            facts.payment_received(
                "A1/2", 40_00, part("principal", 35_00, "A1/1", 1), on="2006-08-01", overpaid=5_00
            ),
            fee("postage_fee", 11_00, on="2006-12-05"),
            facts.payment_received(
                "A1/4", 1_00, part("postage_fee", 1_00, "A1/1"), on="2006-12-06"
            ),
        )
        .owed(postage_fee=10_00)
        .overpaid(5_00)
        .at_stage("invoiced")
    )
    assert story.case.accounts[("bank.client_funds", None)] == 41_00


def test_amounts_of_zero_move_nothing_but_are_recorded() -> None:
    (
        given()
        .when(
            history(
                Claimed(on=day("2006-07-24"), amount=0),
                FeeAdded(on=day("2006-12-05"), component="postage_fee", amount=0),
                FeeAddedUpTo(on=day("2007-03-16"), component="penalty", total=0),
                Paid(on=day("2007-06-01"), amount=0),
                PassedToCollection(on=day("2009-03-30")),
            )
        )
        .then(
            OPENED,
            issued("A1/1", 0, on="2006-07-24"),
            fee("postage_fee", 0, on="2006-12-05"),
            fee("penalty", 0, on="2007-03-16"),
            facts.payment_received("A1/4", 0, on="2007-06-01"),
            facts.handed_over(0, on="2009-03-30", to="not_stated"),
        )
        .owed()
        .overpaid(0)
        .at_stage("collection")
    )


def test_an_appeal_from_its_beginning_to_its_notice() -> None:
    (
        given()
        .when(
            history(
                CLAIMED,
                Objected(on=day("2006-09-01"), dispute="prefecture"),
                ObjectionReferred(on=day("2006-09-05"), dispute="prefecture"),
                ObjectionAnswered(on=day("2006-10-01"), dispute="prefecture"),
                AnswerNotified(on=day("2006-10-09"), dispute="prefecture"),
            )
        )
        .then(
            OPENED,
            CREATED,
            facts.dispute_raised("prefecture", on="2006-09-01", category="imported"),
            facts.dispute_referred("prefecture", on="2006-09-05", to="prefecture"),
            facts.dispute_answered("prefecture", "not_stated", on="2006-10-01", by="prefecture"),
            facts.dispute_answer_notified("prefecture", on="2006-10-09"),
        )
        .owed(principal=35_00)
        .disputed(False)
    )


def test_an_appeal_without_an_answer_is_still_held() -> None:
    (
        given()
        .when(history(CLAIMED, Objected(on=day("2006-09-01"), dispute="judge", code="NIL")))
        .then(
            OPENED,
            CREATED,
            facts.dispute_raised("judge", on="2006-09-01", category="imported", code="NIL"),
        )
        .disputed(True)
    )


def test_codes_that_do_not_say_upheld_are_kept_and_move_no_money() -> None:
    (
        given()
        .when(
            history(
                CLAIMED,
                ObjectionReferred(on=day("2006-09-05"), dispute="prefecture", code="NIL"),
                ObjectionAnswered(on=day("2006-10-01"), dispute="prefecture", code="N"),
                AnswerNotified(on=day("2006-10-09"), dispute="prefecture", code=""),
            )
        )
        .then(
            OPENED,
            CREATED,
            facts.dispute_referred("prefecture", on="2006-09-05", to="prefecture", code="NIL"),
            facts.dispute_answered(
                "prefecture", "not_stated", on="2006-10-01", by="prefecture", code="N"
            ),
            facts.dispute_answer_notified("prefecture", on="2006-10-09", code=""),
        )
        .owed(principal=35_00)
    )


UPHELD = facts.dispute_answered("judge", "upheld", on="2007-04-01", by="judge", code="#")


@pytest.mark.parametrize(
    ("told_by", "before"),
    [
        (
            Objected(on=day("2007-04-01"), dispute="judge", code="#", upheld=True),
            [facts.dispute_raised("judge", on="2007-04-01", category="imported", code="#")],
        ),
        (
            ObjectionReferred(on=day("2007-04-01"), dispute="judge", code="#", upheld=True),
            [facts.dispute_referred("judge", on="2007-04-01", to="judge", code="#")],
        ),
        (ObjectionAnswered(on=day("2007-04-01"), dispute="judge", code="#", upheld=True), []),
        (
            AnswerNotified(on=day("2007-04-01"), dispute="judge", code="#", upheld=True),
            [facts.dispute_answer_notified("judge", on="2007-04-01", code="#")],
        ),
    ],
    ids=lambda told: type(told).__name__,
)
def test_whichever_event_says_upheld_what_is_still_owed_is_credited(
    told_by: AnyPastEvent, before: list[Event]
) -> None:
    (
        given()
        .when(
            history(
                CLAIMED,
                FeeAdded(on=day("2006-12-05"), component="postage_fee", amount=11_00),
                Paid(on=day("2006-12-06"), amount=20_00),
                told_by,
            )
        )
        .then(
            OPENED,
            CREATED,
            fee("postage_fee", 11_00, on="2006-12-05"),
            facts.payment_received(
                "A1/3",
                20_00,
                part("postage_fee", 11_00, "A1/1"),
                part("principal", 9_00, "A1/1", 1),
                on="2006-12-06",
            ),
            *before,
            UPHELD,
            facts.credited(
                "A1/4",
                part("principal", 26_00, "A1/1", 1),
                on="2007-04-01",
                reason="dispute_upheld",
            ),
        )
        .owed()
        .overpaid(0)
        .disputed(False)
        .at_stage("invoiced")
    )


def test_upheld_when_nothing_is_owed_credits_nothing() -> None:
    (
        given()
        .when(
            history(
                CLAIMED,
                Paid(on=day("2006-08-01"), amount=35_00),
                Objected(on=day("2007-04-01"), dispute="judge", code="#", upheld=True),
            )
        )
        .then(
            OPENED,
            CREATED,
            facts.payment_received(
                "A1/2", 35_00, part("principal", 35_00, "A1/1", 1), on="2006-08-01"
            ),
            facts.dispute_raised("judge", on="2007-04-01", category="imported", code="#"),
            UPHELD,
        )
        .owed()
    )


def test_what_is_charged_after_an_upheld_dispute_is_owed_again() -> None:
    (
        given()
        .when(
            history(
                CLAIMED,
                Objected(on=day("2007-04-01"), dispute="judge", code="#", upheld=True),
                FeeAddedUpTo(on=day("2007-05-01"), component="penalty", total=71_50),
                Paid(on=day("2007-06-01"), amount=6_50),
            )
        )
        .then(
            OPENED,
            CREATED,
            facts.dispute_raised("judge", on="2007-04-01", category="imported", code="#"),
            UPHELD,
            facts.credited(
                "A1/2",
                part("principal", 35_00, "A1/1", 1),
                on="2007-04-01",
                reason="dispute_upheld",
            ),
            fee("penalty", 36_50, on="2007-05-01"),
            facts.payment_received("A1/4", 6_50, part("penalty", 6_50, "A1/1"), on="2007-06-01"),
        )
        .owed(penalty=30_00)
        .disputed(False)
    )


@pytest.mark.parametrize(
    "events",
    [
        (),
        (Delivered(on=day("2006-07-24")),),
        (Paid(on=day("2006-07-24"), amount=35_00), CLAIMED),
        (FeeAdded(on=day("2006-07-24"), component="postage_fee", amount=11_00), CLAIMED),
        (PassedToCollection(on=day("2006-07-24")),),
    ],
    ids=lambda events: ",".join(type(event).__name__ for event in events) or "nothing",
)
def test_a_history_begins_with_a_claim(events: tuple[AnyPastEvent, ...]) -> None:
    given().when(history(*events)).refused("history_without_claim", reference="A1")


def test_a_history_is_of_the_past() -> None:
    """No event may be later than the history itself, and it no later than today."""
    late = history(CLAIMED, Paid(on=day("2026-01-02"), amount=35_00), on="2026-01-01")
    given().when(late).refused("date_out_of_range", date="2026-01-02", event=2)
    early = history(Claimed(on=day("1989-12-31"), amount=35_00))
    given().when(early).refused("date_out_of_range", date="1989-12-31", event=1)
    given(today="2025-12-31").when(history(CLAIMED, on="2026-01-01")).refused(
        "date_out_of_range", earliest="2026-01-01", **{"date": "2026-01-01", "from": "1990-01-01"}
    )


def test_events_stay_in_the_order_of_the_source_whatever_their_dates() -> None:
    (
        given()
        .when(
            history(
                CLAIMED,
                Paid(on=day("2006-07-20"), amount=35_00),
                FeeAdded(on=day("2006-07-19"), component="postage_fee", amount=11_00),
            )
        )
        .then(
            OPENED,
            CREATED,
            facts.payment_received(
                "A1/2", 35_00, part("principal", 35_00, "A1/1", 1), on="2006-07-20"
            ),
            fee("postage_fee", 11_00, on="2006-07-19"),
        )
        .owed(postage_fee=11_00)
    )


def test_a_history_is_kept_in_a_currency_that_we_know() -> None:
    given().when(history(CLAIMED, currency="ITL")).refused("wrong_currency", currency="ITL")


def test_a_history_is_taken_over_once_and_into_no_other_case() -> None:
    given(OPENED, CREATED).when(history(CLAIMED)).refused("already_open", reference="A1")


def test_a_history_is_not_worth_more_than_a_case_can_owe() -> None:
    """Each amount alone could be recorded; the credit of them all could not be read again."""
    most = 10_000_000_000_000_00
    (
        given()
        .when(
            history(
                Claimed(on=day("2006-07-24"), amount=most),
                FeeAdded(on=day("2006-12-05"), component="postage_fee", amount=most),
                FeeAdded(on=day("2006-12-05"), component="postage_fee", amount=most),
                Objected(on=day("2007-04-01"), dispute="judge", code="#", upheld=True),
            )
        )
        .refused("amount_too_large", most=most)
    )


def test_a_payment_of_the_past_is_allocated_by_our_own_rule() -> None:
    (
        given(rules=by_policy(ClinicPolicy(allocation_order="principal_interest_costs")))
        .when(
            history(
                CLAIMED,
                FeeAdded(on=day("2006-12-05"), component="postage_fee", amount=11_00),
                Paid(on=day("2006-12-06"), amount=36_00),
            )
        )
        .then(
            OPENED,
            CREATED,
            fee("postage_fee", 11_00, on="2006-12-05"),
            facts.payment_received(
                "A1/3",
                36_00,
                Part("principal", 35_00, "A1/1", 1),
                Part("postage_fee", 1_00, "A1/1"),
                on="2006-12-06",
                order="principal_interest_costs",
            ),
        )
        .owed(postage_fee=10_00)
    )
