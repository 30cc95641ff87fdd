"""Minors: who owes, what may be charged, and what never may, at any age."""

from typing import Any

import msgspec
import pytest

from ledger.domain.events import Event, FeeCharged, ReminderSent
from ledger.domain.rules import Rules
from tests.scenarios import facts
from tests.scenarios.asked import (
    agree_plan,
    charge_fee,
    claim_heavy_fee,
    demand,
    issue_invoice,
    notify,
    remind,
)
from tests.scenarios.facts import line
from tests.scenarios.story import RULES, given

SHARE = line("consultation", 179_00, egenandel=True)
MATERIAL = line("material", 138_00)

AT_16 = (
    facts.case_opened(on="2026-02-10"),
    facts.invoice_issued(
        "M1", SHARE, on="2026-02-10", due="2026-02-24", visit="2026-02-10", patient="minor"
    ),
    facts.invoice_delivered("M1", on="2026-02-12"),
)


def test_a_minor_who_came_alone_owes_the_share_and_no_costs() -> None:
    """Born on 15 June 2009; also on 1 July 2027, at 18, the claim bears none."""
    (
        given(facts.case_opened(on="2026-02-10"), today="2027-12-31")
        .when(
            issue_invoice(
                "M1", SHARE, on="2026-02-10", due="2026-02-24", visit="2026-02-10", patient="minor"
            )
        )
        .done()
        .owed(principal=179_00)
    )
    (
        given(*AT_16, today="2026-12-31")
        .when(remind(on="2026-03-10", fee=38_00))
        .refused("minor_no_costs", invoice="M1")
        .allowed(remind(on="2026-03-10"))
        .interest("M1", 0, on="2026-12-31")
        .when(notify(on="2026-03-10", deadline="2026-03-24"))
        .done()
        .when(demand(on="2026-03-28", deadline="2026-04-13", fee=187_50))
        .refused("minor_no_costs")
        .when(demand(on="2026-03-28", deadline="2026-04-13"))
        .done()
        .when(claim_heavy_fee(on="2026-06-01"))
        .refused("no_valid_demand")
        .when(charge_fee("court_fee", 928_00, on="2026-06-01"))
        .refused("minor_no_costs")
    )


@pytest.mark.parametrize("on", ["2027-06-15", "2027-07-01", "2028-01-10"])
def test_at_eighteen_the_claim_still_bears_no_costs(on: str) -> None:
    (
        given(*AT_16, today="2028-12-31", rules=facts_of_2028())
        .when(remind(on=on, fee=38_00))
        .refused("minor_no_costs", invoice="M1")
    )


def facts_of_2028() -> Rules:
    """The act of 1988 as if it had been read for longer."""
    rates = msgspec.structs.replace(RULES.rates, reviewed_through=facts.day("2028-12-31"))
    return Rules(rates=rates)


def test_an_invoice_to_a_minor_carries_no_fee() -> None:
    (
        given(facts.case_opened(on="2026-02-10"))
        .when(issue_invoice("M1", SHARE, on="2026-02-10", due="2026-02-24", patient="minor", fee=1))
        .refused("minor_no_costs", invoice="M1")
    )


def test_below_sixteen_there_is_no_share_to_pay() -> None:
    young: dict[str, Any] = {"on": "2026-02-10", "due": "2026-02-24"}
    (
        given(facts.case_opened(on="2026-02-10", role="guardian"))
        .when(issue_invoice("M1", MATERIAL, SHARE, patient="under_16", **young))
        .refused("under_16_egenandel", line=2)
        .when(issue_invoice("M1", MATERIAL, patient="under_16", **young))
        .done()
        .owed(principal=138_00)
    )


def test_a_guardian_who_ordered_the_service_owes_it_with_its_costs() -> None:
    (
        given(
            facts.case_opened(on="2026-02-10", role="guardian"),
            facts.invoice_issued(
                "M1", MATERIAL, on="2026-02-10", due="2026-02-24", patient="under_16"
            ),
            facts.invoice_delivered("M1", on="2026-02-12"),
        )
        .when(remind(on="2026-03-10", fee=38_00))
        .done()
        .owed(principal=138_00, reminder_fee=38_00)
        .interest("M1", 64, on="2026-03-10")
    )


GROWN_UP: tuple[Event, ...] = (
    *AT_16,
    facts.invoice_issued("A1", line("lab", 600_00), on="2026-03-02", due="2026-03-16"),
    facts.invoice_delivered("A1", on="2026-03-04"),
)


def test_of_two_claims_only_the_grown_ups_bears_costs() -> None:
    """One letter about both: its fee, and the band of the collection fee, are those of A1."""
    (
        given(*GROWN_UP)
        .when(remind(on="2026-03-29", fee=38_00))
        .refused("fee_too_early", earliest="2026-03-30")
        .when(notify(on="2026-03-30", deadline="2026-04-13", fee=38_00))
        .done()
        .recorded(ReminderSent, invoices=("M1", "A1"))
        .recorded(FeeCharged, claim="A1")
        .when(demand(on="2026-04-17", deadline="2026-05-04", fee=262_51))
        .refused("fee_above_max", most=262_50)
        .when(demand(on="2026-04-17", deadline="2026-05-04", fee=262_50))
        .done()
        .recorded(FeeCharged, claim="A1", component="collection_fee")
    )


def test_a_plan_of_a_minors_claim_costs_nothing() -> None:
    dues = [f"2026-{month:02d}-01" for month in range(4, 9)]
    (
        given(*AT_16)
        .when(
            agree_plan(
                *((due, 35_00) for due in dues), on="2026-03-10", supplement=1, informed=True
            )
        )
        .refused("minor_no_costs", invoice="M1")
        .allowed(agree_plan(*((due, 35_00) for due in dues), on="2026-03-10"))
    )
