"""What each event moves, and between which accounts."""

from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import events as e
from ledger.domain.accounts import (
    ACCOUNTS,
    AGENCY_COMPONENTS,
    COMPONENT_OF,
    COMPONENTS,
    Posting,
    postings,
)
from ledger.domain.events import EVENT_TYPES, Component, Event, Part
from ledger.domain.money import MAX_AMOUNT
from tests.domain.samples import EVENTS, ON, remitted
from tests.scenarios import facts
from tests.scenarios.facts import line, part

MOVES = {
    e.ChargeRegistered,
    e.TerminalPaymentReceived,
    e.InvoiceIssued,
    e.FeeCharged,
    e.FeeWaived,
    e.InterestFixed,
    e.InterestLowered,
    e.PaymentReceived,
    e.PaymentReportedByClinic,
    e.PaymentReversed,
    e.OverpaymentRefunded,
    e.Credited,
    e.WrittenOff,
    e.ReceiptRegistered,
    e.ReceiptReturned,
    e.ClientFundsRemitted,
}
"""The types that move money. A match of a receipt does not: the payment in the case does."""


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
    assert moved == (type in MOVES)


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


def test_a_payment_from_the_bank_takes_what_was_unidentified() -> None:
    """The receipt booked the money on the client account; the payment says whose it is."""
    received = e.ReceiptRegistered(
        value_date=ON,
        receipt="bank-1",
        account="12345678903",
        amount=500_00,
        booked_on=ON,
        ordered_on=None,
        kid=None,
        source_line="sha256:00",
    )
    paid = msgspec.structs.replace(
        facts.payment_received(
            "bank-1", 500_00, part("principal", 413_00, "K1"), on="2026-04-27", overpaid=87_00
        ),
        receipt="bank-1",
    )
    assert postings(received) == (
        Posting("bank.client_funds", 500_00),
        Posting("liability.unidentified", -500_00),
    )
    assert postings(paid) == (
        Posting("liability.unidentified", 500_00),
        Posting("receivable.principal", -413_00, "K1"),
        Posting("claimed.principal", 413_00, "K1"),
        Posting("liability.creditor", -413_00, "K1"),
        Posting("liability.overpayment", -87_00),
    )
    assert balances(received, paid)["bank.client_funds"] == 500_00
    assert balances(received, paid)["liability.unidentified"] == 0


def test_a_receipt_that_is_for_nobody_leaves_the_client_account_again() -> None:
    returned = e.ReceiptReturned(value_date=ON, receipt="bank-1", amount=500_00)
    assert postings(returned) == (
        Posting("liability.unidentified", 500_00),
        Posting("bank.client_funds", -500_00),
    )


@pytest.mark.parametrize("receipt", [None, "bank-1"])
def test_a_payment_that_is_taken_back_was_as_if_never_made(receipt: str | None) -> None:
    """Taken back by the bank it leaves the client account; taken off a case, it waits again."""
    parts = (
        part("collection_fee", 187_50),
        part("principal", 300_00, "K1"),
    )
    paid = msgspec.structs.replace(
        facts.payment_received("bank-1", 500_00, *parts, on="2026-04-27", overpaid=12_50),
        receipt=receipt,
    )
    reversed = e.PaymentReversed(
        value_date=ON,
        payment="bank-1",
        amount=500_00,
        parts=parts,
        overpaid=12_50,
        paid_on=ON,
        reason="wrong_case",
        corrects=7,
        receipt=receipt,
    )
    assert postings(reversed)[0] == Posting(
        "bank.client_funds" if receipt is None else "liability.unidentified", -500_00
    )
    assert not any(balances(paid, reversed).values())


def test_what_was_given_up_because_of_a_payment_is_owed_again_without_it() -> None:
    """No money of ours moves when it is the clinic that had been paid."""
    reversed = e.PaymentReversed(
        value_date=ON,
        payment="desk-1",
        amount=250_00,
        parts=(Part("principal", 200_00, "K1", 1),),
        overpaid=0,
        paid_on=ON,
        reason="recorded_in_error",
        corrects=25,
        moved=(Part("principal", 30_00, "K1", 1),),
        restored=(Part("interest", 5_00, "K1"),),
        directly=True,
    )
    assert postings(reversed) == (
        Posting("receivable.principal", 200_00, "K1"),
        Posting("claimed.principal", -200_00, "K1"),
        Posting("receivable.principal", 30_00, "K1"),
        Posting("claimed.principal", -30_00, "K1"),
        Posting("receivable.interest", 5_00, "K1"),
        Posting("claimed.interest", -5_00, "K1"),
    )


def test_what_the_clinic_was_paid_passes_no_account_of_ours() -> None:
    """It got the money itself, and what it got too much it pays back itself."""
    paid = e.PaymentReportedByClinic(
        value_date=ON,
        payment="desk-1",
        amount=250_00,
        parts=(Part("principal", 230_00, "K1", 1),),
        excess=20_00,
        order="principal_interest_costs",
    )
    assert postings(paid) == (
        Posting("receivable.principal", -230_00, "K1"),
        Posting("claimed.principal", 230_00, "K1"),
    )


def test_a_paid_fee_that_falls_away_pays_something_else() -> None:
    """8.00 was still owed. 35.70 had been paid: 30.00 is taken from the creditor, 5.70 from us."""
    waived = e.FeeWaived(
        value_date=ON,
        parts=(Part("reminder_fee", 8_00, "K1"),),
        reason="letter_void",
        letter="R1",
        returned=(Part("reminder_fee", 30_00, "K1"), Part("collection_fee", 5_70)),
        moved=(Part("principal", 12_50, "K1", 1), Part("collection_fee_vat", 1_00)),
        overpaid=22_20,
    )
    assert postings(waived) == (
        Posting("receivable.reminder_fee", -8_00, "K1"),
        Posting("claimed.reminder_fee", 8_00, "K1"),
        Posting("liability.creditor", 30_00, "K1"),
        Posting("liability.agency", 5_70),
        Posting("receivable.principal", -12_50, "K1"),
        Posting("claimed.principal", 12_50, "K1"),
        Posting("liability.creditor", -12_50, "K1"),
        Posting("receivable.collection_fee_vat", -1_00),
        Posting("claimed.collection_fee_vat", 1_00),
        Posting("liability.agency", -1_00),
        Posting("liability.overpayment", -22_20),
    )


def test_paid_interest_that_falls_away_pays_something_else() -> None:
    lowered = e.InterestLowered(
        value_date=ON,
        claim="K1",
        unpaid=3_00,
        moved=(Part("collection_fee", 1_00),),
        overpaid=2_00,
        until=ON,
        segments=(),
    )
    assert postings(lowered) == (
        Posting("receivable.interest", -3_00, "K1"),
        Posting("claimed.interest", 3_00, "K1"),
        Posting("liability.creditor", 3_00, "K1"),
        Posting("receivable.collection_fee", -1_00),
        Posting("claimed.collection_fee", 1_00),
        Posting("liability.agency", -1_00),
        Posting("liability.overpayment", -2_00),
    )


def test_a_refund_is_the_debtors_own_money() -> None:
    assert postings(e.OverpaymentRefunded(value_date=ON, refund="B1", amount=12_50)) == (
        Posting("liability.overpayment", 12_50),
        Posting("bank.client_funds", -12_50),
    )


def test_a_remittance_leaves_the_client_account_empty_of_what_it_pays_out() -> None:
    """The creditor's money and our own remuneration leave together."""
    paid = facts.payment_received(
        "bank-1",
        500_00,
        part("collection_fee", 187_50),
        part("principal", 312_50, "K1"),
        on="2026-04-27",
    )
    paid_out = e.ClientFundsRemitted(
        value_date=ON,
        remittance="U1",
        clinic="clinic-1",
        account="12345678903",
        until=ON,
        amount=312_50,
        retained=187_50,
        lines=(remitted("c", "2026-1", 312_50),),
    )
    assert postings(paid_out) == (
        Posting("liability.creditor", 312_50),
        Posting("bank.client_funds", -312_50),
        Posting("liability.agency", 187_50),
        Posting("bank.client_funds", -187_50),
    )
    left = balances(paid, paid_out)
    assert not any(left[name] for name in left if name.startswith(("bank.", "liability.")))


def balances(*events: Event) -> dict[str, int]:
    """What stands on each account after these events, whatever the claim."""
    found: dict[str, int] = {}
    for event in events:
        for account, amount, _ in postings(event):
            found[account] = found.get(account, 0) + amount
    return found


PARTS = st.builds(
    Part,
    component=st.sampled_from(COMPONENTS),
    amount=st.integers(0, MAX_AMOUNT),
    claim=st.none() | st.just("K1"),
)


@given(st.lists(PARTS, max_size=8), st.lists(PARTS, max_size=8), st.integers(0, MAX_AMOUNT))
def test_client_money_always_belongs_to_somebody(
    parts: list[Part], unpaid: list[Part], overpaid: int
) -> None:
    """Whatever is paid, given up or taken back: the client account holds what its owners have."""
    total = sum(part.amount for part in parts)
    paid = facts.payment_received("1", total + overpaid, *parts, on="2026-04-27", overpaid=overpaid)
    waived = e.FeeWaived(
        value_date=ON,
        parts=tuple(unpaid),
        reason="letter_void",
        returned=tuple(parts),
        overpaid=total,
    )
    for events in ((paid,), (paid, waived), (waived,)):
        for event in events:
            assert sum(posting.amount for posting in postings(event)) == 0
        found = balances(*events)
        owners = sum(amount for name, amount in found.items() if name.startswith("liability."))
        assert found.get("bank.client_funds", 0) + owners == 0
        claims = [
            found.get(f"receivable.{c}", 0) + found.get(f"claimed.{c}", 0) for c in COMPONENTS
        ]
        assert not any(claims)
    assert balances(paid, waived).get("liability.overpayment", 0) == -(total + overpaid)


def test_events_of_zero_move_nothing() -> None:
    nothing: tuple[Event, ...] = (
        facts.charge_registered("lab", 0, at="2026-05-04 10:50"),
        facts.invoice_issued("K1", line("lab", 0, "lab"), on="2026-03-02", due="2026-03-16"),
        facts.fee_charged("penalty", 0, on="2026-03-30"),
        facts.payment_received("bank-1", 0, on="2026-04-27"),
        e.OverpaymentRefunded(value_date=ON, refund="B1", amount=0),
        e.ReceiptReturned(value_date=ON, receipt="bank-1", amount=0),
        e.FeeWaived(value_date=ON, parts=(), reason="goodwill"),
        e.InterestLowered(
            value_date=ON, claim="K1", unpaid=0, moved=(), overpaid=0, until=ON, segments=()
        ),
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
        "liability.unidentified",
    }
    assert len(set(ACCOUNTS)) == len(ACCOUNTS)
    assert {f"receivable.{component}": component for component in COMPONENTS} == COMPONENT_OF


def test_the_sums_of_the_samples_are_whole() -> None:
    """A payment states all that it moves, and what is freed is all used for something."""
    for event in EVENTS:
        match event:
            case e.PaymentReceived():
                assert total(event.parts) + event.overpaid == event.amount
            case e.PaymentReversed():
                paid = total(event.parts) + total(event.moved) + event.overpaid
                assert paid <= event.amount if event.directly else paid == event.amount
            case e.PaymentReportedByClinic():
                assert total(event.parts) + event.excess == event.amount
            case e.FeeWaived():
                assert total(event.moved) + event.overpaid == total(event.returned)
            case e.ClientFundsRemitted():
                assert sum(line.amount for line in event.lines) == event.amount
            case _:
                pass


def total(parts: tuple[Part, ...]) -> int:
    return sum(part.amount for part in parts)
