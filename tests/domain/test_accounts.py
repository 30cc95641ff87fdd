"""What each event moves, and between which accounts."""

from typing import get_args

import pytest

from ledger.domain.accounts import (
    ACCOUNTS,
    AGENCY_COMPONENTS,
    COMPONENT_OF,
    COMPONENTS,
    Posting,
    postings,
)
from ledger.domain.events import (
    EVENT_TYPES,
    CaseClosed,
    CaseOpened,
    ChargeSentToTerminal,
    Component,
    DisputeAnswered,
    DisputeAnswerNotified,
    DisputeRaised,
    DisputeReferred,
    Event,
    HandedOver,
    InvoiceDelivered,
    PaymentReceived,
    ReminderSent,
    TerminalAttemptRecorded,
)
from tests.domain.samples import EVENTS
from tests.scenarios import facts
from tests.scenarios.facts import line, part

MOVES_NOTHING = {
    CaseOpened,
    ChargeSentToTerminal,
    TerminalAttemptRecorded,
    InvoiceDelivered,
    ReminderSent,
    DisputeRaised,
    DisputeReferred,
    DisputeAnswered,
    DisputeAnswerNotified,
    HandedOver,
    CaseClosed,
}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_postings_sum_to_zero_on_accounts_that_we_know(event: Event) -> None:
    found = postings(event)
    assert sum(posting.amount for posting in found) == 0
    for account, amount, claim in found:
        assert account in ACCOUNTS
        assert amount != 0
        assert claim is None or claim


@pytest.mark.parametrize("type", EVENT_TYPES, ids=lambda type: type.name)
def test_each_type_moves_money_or_says_that_it_does_not(type: type[Event]) -> None:
    moved = any(postings(event) for event in EVENTS if isinstance(event, type))
    assert moved == (type not in MOVES_NOTHING)


def test_a_charge_is_claimed_and_not_yet_invoiced() -> None:
    assert postings(facts.charge_registered("lab", 183_00, at="2026-05-04 10:50")) == (
        Posting("receivable.charge", 183_00, "lab"),
        Posting("claimed.charge", -183_00, "lab"),
    )


def test_a_payment_at_the_terminal_ends_the_claim_and_passes_no_account_of_ours() -> None:
    paid = facts.terminal_payment_received(
        "T1", 183_00, part("charge", 183_00, "lab"), at="2026-05-04 10:52"
    )
    assert postings(paid) == (
        Posting("receivable.charge", -183_00, "lab"),
        Posting("claimed.charge", 183_00, "lab"),
    )


def test_an_invoice_turns_charges_into_principal() -> None:
    issued = facts.invoice_issued(
        "K1",
        line("consultation", 230_00),
        line("lab", 183_00, "lab"),
        line("material", 0),
        on="2026-03-02",
        due="2026-03-16",
    )
    assert postings(issued) == (
        Posting("receivable.principal", 230_00, "K1"),
        Posting("claimed.principal", -230_00, "K1"),
        Posting("receivable.charge", -183_00, "lab"),
        Posting("claimed.charge", 183_00, "lab"),
        Posting("receivable.principal", 183_00, "K1"),
        Posting("claimed.principal", -183_00, "K1"),
    )


def test_fees_and_interest_are_claimed() -> None:
    assert postings(facts.fee_charged("reminder_fee", 38_00, on="2026-03-30", claim="K1")) == (
        Posting("receivable.reminder_fee", 38_00, "K1"),
        Posting("claimed.reminder_fee", -38_00, "K1"),
    )
    assert postings(facts.interest_fixed("K1", 5_70, on="2026-04-27")) == (
        Posting("receivable.interest", 5_70, "K1"),
        Posting("claimed.interest", -5_70, "K1"),
    )


def test_what_is_given_up_is_claimed_no_more() -> None:
    given_up = (
        Posting("receivable.reminder_fee", -38_00, "K1"),
        Posting("claimed.reminder_fee", 38_00, "K1"),
        Posting("receivable.court_fee", -1_00, None),
        Posting("claimed.court_fee", 1_00, None),
    )
    parts = part("reminder_fee", 38_00, "K1"), part("court_fee", 1_00), part("principal", 0, "K1")
    assert postings(facts.fee_waived(*parts, on="2026-04-02")) == given_up
    assert postings(facts.credited("C1", *parts, on="2026-04-02")) == given_up
    assert postings(facts.written_off(*parts, on="2026-04-02")) == given_up


def test_a_payment_belongs_to_whom_it_pays_and_the_rest_to_the_debtor() -> None:
    paid = facts.payment_received(
        "bank-1",
        500_00,
        part("collection_fee", 187_50),
        part("principal", 300_00, "K1"),
        on="2026-04-27",
        overpaid=12_50,
    )
    assert postings(paid) == (
        Posting("bank.client_funds", 500_00),
        Posting("receivable.collection_fee", -187_50),
        Posting("claimed.collection_fee", 187_50),
        Posting("liability.agency", -187_50),
        Posting("receivable.principal", -300_00, "K1"),
        Posting("claimed.principal", 300_00, "K1"),
        Posting("liability.creditor", -300_00, "K1"),
        Posting("liability.overpayment", -12_50),
    )


@pytest.mark.parametrize("component", COMPONENTS)
def test_only_our_own_remuneration_is_ours(component: Component) -> None:
    paid = facts.payment_received("bank-1", 1_00, part(component, 1_00, "K1"), on="2026-04-27")
    [beneficiary] = [p.account for p in postings(paid) if p.account.startswith("liability.")]
    ours = {"collection_fee", "collection_fee_vat", "plan_supplement", "plan_supplement_vat"}
    assert beneficiary == ("liability.agency" if component in ours else "liability.creditor")
    assert ours == AGENCY_COMPONENTS


def test_events_of_zero_move_nothing() -> None:
    nothing: tuple[Event, ...] = (
        facts.charge_registered("lab", 0, at="2026-05-04 10:50"),
        facts.invoice_issued("K1", line("lab", 0, "lab"), on="2026-03-02", due="2026-03-16"),
        facts.fee_charged("penalty", 0, on="2026-03-30"),
        facts.payment_received("bank-1", 0, on="2026-04-27"),
    )
    for event in nothing:
        assert postings(event) == ()


def test_the_chart_of_accounts() -> None:
    assert get_args(Component) == COMPONENTS
    assert set(ACCOUNTS) == {
        *(f"receivable.{component}" for component in COMPONENTS),
        *(f"claimed.{component}" for component in COMPONENTS),
        "bank.client_funds",
        "liability.creditor",
        "liability.agency",
        "liability.overpayment",
    }
    assert len(set(ACCOUNTS)) == len(ACCOUNTS)
    assert {f"receivable.{component}": component for component in COMPONENTS} == COMPONENT_OF


def test_the_parts_of_the_payments_in_these_tests_are_whole() -> None:
    """A payment states all that it moves: its parts and what is overpaid are its amount."""
    for event in EVENTS:
        if isinstance(event, PaymentReceived):
            assert sum(p.amount for p in event.parts) + event.overpaid == event.amount
