"""The act of 2026, as if it came into force on 1 January 2027 and had been read for that year."""

from typing import Any

import pytest

from tests.scenarios import facts
from tests.scenarios.asked import STATEMENTS_OF_2026, answer, demand, notify, object_to, remind
from tests.scenarios.facts import line
from tests.scenarios.story import Story, given, under_the_new_act

DUE_IN_NOVEMBER = (
    facts.case_opened(on="2026-11-02"),
    facts.invoice_issued("K1", line("lab", 413_00), on="2026-11-02", due="2026-11-16"),
    facts.invoice_delivered("K1", on="2026-11-04"),
)
NEXT: dict[str, Any] = {"today": "2027-12-31", "rules": under_the_new_act()}
JANUARY: dict[str, Any] = {"on": "2027-01-04", "deadline": "2027-01-18"}


def test_a_clinic_no_longer_sends_the_notice_itself() -> None:
    (
        given(*DUE_IN_NOVEMBER, **NEXT)
        .when(notify(sender="clinic", says=STATEMENTS_OF_2026, **JANUARY))
        .refused("own_notice_new_regime")
        .allowed(notify(sender="clinic", on="2026-12-30", deadline="2027-01-13"))
        .allowed(remind(sender="clinic", **JANUARY))
    )


@pytest.mark.parametrize("missing", STATEMENTS_OF_2026)
def test_a_notice_says_all_that_the_act_wants(missing: str) -> None:
    says = tuple(statement for statement in STATEMENTS_OF_2026 if statement != missing)
    (
        given(*DUE_IN_NOVEMBER, **NEXT)
        .when(notify(says=says, **JANUARY))
        .refused("notice_incomplete", missing=missing)
        .allowed(notify(says=STATEMENTS_OF_2026, **JANUARY))
    )


def test_a_fee_without_a_rate_is_not_charged() -> None:
    (
        given(*DUE_IN_NOVEMBER, **NEXT)
        .when(notify(says=STATEMENTS_OF_2026, fee=38_00, **JANUARY))
        .refused("rates_missing", table="collection_rate", date="2027-01-04")
        .when(remind(fee=1, **JANUARY))
        .refused("rates_missing")
    )


def test_letters_of_before_stay_valid() -> None:
    (
        given(*DUE_IN_NOVEMBER, **NEXT)
        .when(notify(sender="clinic", on="2026-12-14", deadline="2026-12-30", fee=38_00))
        .done()
        .when(demand(on="2027-01-04", deadline="2027-01-18", fee=187_50))
        .refused("rates_missing")
        .when(demand(on="2027-01-04", deadline="2027-01-18", fee=113_00, sender="clinic"))
        .refused("fee_not_allowed", component="demand_fee")
        .when(demand(on="2027-01-04", deadline="2027-01-18"))
        .done()
        .at_stage("demanded")
        .owed(principal=413_00, reminder_fee=38_00)
    )


def test_costs_after_an_objection_only_if_it_was_obviously_groundless() -> None:
    def story(*, groundless: bool) -> Story:
        return (
            given(*DUE_IN_NOVEMBER, **NEXT)
            .when(object_to(on="2026-12-01"))
            .done()
            .when(answer("rejected", on="2026-12-05", groundless=groundless))
            .done()
        )

    story(groundless=False).allowed(remind(fee=38_00, on="2026-12-30", deadline="2027-01-13"))
    story(groundless=False).when(remind(fee=38_00, **JANUARY)).refused("disputed", dispute="O1")
    story(groundless=True).when(remind(fee=38_00, **JANUARY)).refused("rates_missing")


def test_after_the_day_that_the_law_was_read_for_nothing_goes_out() -> None:
    (
        given(*DUE_IN_NOVEMBER, today="2027-12-31")
        .when(remind(**JANUARY))
        .refused("regime_not_reviewed", date="2027-01-04", reviewed_through="2026-12-31")
        .allowed(remind(on="2026-12-31", deadline="2027-01-14"))
    )
    (
        given(*DUE_IN_NOVEMBER, today="2028-12-31", rules=under_the_new_act())
        .when(remind(on="2028-01-03", deadline="2028-01-18"))
        .refused("regime_not_reviewed")
    )
