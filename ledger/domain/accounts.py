"""Double-entry postings of an event: what it moves, and between which accounts.

``receivable.<component>``  what debtors owe (debit)
``claimed.<component>``     the same, seen from the other side: claimed, and not settled (credit)
``bank.client_funds``       money that came in on the client account (debit)
``liability.creditor``      client funds that belong to creditors (credit)
``liability.agency``        client funds that are our own remuneration (credit)
``liability.overpayment``   client funds that belong to debtors (credit)
``liability.unidentified``  client funds of which nobody knows yet what they are for (credit)

A claim is no income: it is carried on both sides until it is paid, credited or written off.
A payment settles it, and leaves the money that came in as a liability to whom it belongs.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, cast, get_args

from ledger.domain.events import (
    ChargeRegistered,
    ClientFundsRemitted,
    Component,
    Credited,
    Event,
    FeeCharged,
    FeeWaived,
    InterestFixed,
    InterestLowered,
    InvoiceIssued,
    OverpaymentRefunded,
    Part,
    PaymentReceived,
    PaymentReportedByClinic,
    PaymentReversed,
    ReceiptRegistered,
    ReceiptReturned,
    TerminalPaymentReceived,
    WrittenOff,
)

COMPONENTS: Final[tuple[Component, ...]] = get_args(Component)

RECEIVABLE: Final[dict[str, str]] = {name: f"receivable.{name}" for name in COMPONENTS}
CLAIMED: Final[dict[str, str]] = {name: f"claimed.{name}" for name in COMPONENTS}
COMPONENT_OF: Final[dict[str, Component]] = {
    account: cast(Component, name) for name, account in RECEIVABLE.items()
}
CLIENT_FUNDS: Final = "bank.client_funds"
OWED_TO_CREDITOR: Final = "liability.creditor"
OWED_TO_AGENCY: Final = "liability.agency"
OVERPAYMENT: Final = "liability.overpayment"
UNIDENTIFIED: Final = "liability.unidentified"

AGENCY_COMPONENTS: Final = frozenset(
    {"collection_fee", "collection_fee_vat", "plan_supplement", "plan_supplement_vat"}
)
"""What the agency may claim for its own work (inkassosalær); all else is the creditor's."""

ACCOUNTS: Final[tuple[str, ...]] = (
    *RECEIVABLE.values(),
    *CLAIMED.values(),
    CLIENT_FUNDS,
    OWED_TO_CREDITOR,
    OWED_TO_AGENCY,
    OVERPAYMENT,
    UNIDENTIFIED,
)


class Posting(NamedTuple):
    """A movement on one account. ``amount`` is in minor units: debit positive, credit negative."""

    account: str
    amount: int
    claim: str | None = None
    """The invoice (or charge) that it concerns, where it concerns one."""


Postings = tuple[Posting, ...]

NOTHING: Final[Postings] = ()


def _claim(component: str, amount: int, claim: str | None) -> Postings:
    if not amount:
        return NOTHING
    return (
        Posting(RECEIVABLE[component], amount, claim),
        Posting(CLAIMED[component], -amount, claim),
    )


def _give_up(parts: Iterable[Part]) -> Postings:
    return tuple(
        posting for part in parts for posting in _claim(part.component, -part.amount, part.claim)
    )


def _owed_again(parts: Iterable[Part]) -> Postings:
    return tuple(
        posting for part in parts for posting in _claim(part.component, part.amount, part.claim)
    )


def _invoice(event: InvoiceIssued) -> Postings:
    found: list[Posting] = []
    for line in event.lines:
        if line.charge is not None:
            found += _claim("charge", -line.amount, line.charge)
        found += _claim("principal", line.amount, event.invoice)
    return tuple(found)


def _beneficiary(component: str) -> str:
    return OWED_TO_AGENCY if component in AGENCY_COMPONENTS else OWED_TO_CREDITOR


def _paid(parts: Iterable[Part], overpaid: int, sign: int = 1) -> list[Posting]:
    """What money does that is allocated: it settles claims, and belongs to somebody."""
    found: list[Posting] = []
    for component, amount, claim in ((p.component, sign * p.amount, p.claim) for p in parts):
        if amount:
            found += (
                Posting(RECEIVABLE[component], -amount, claim),
                Posting(CLAIMED[component], amount, claim),
                Posting(_beneficiary(component), -amount, claim),
            )
    if overpaid:
        found.append(Posting(OVERPAYMENT, -sign * overpaid))
    return found


def _payment(event: PaymentReceived) -> Postings:
    if not event.amount:
        return NOTHING
    source = CLIENT_FUNDS if event.receipt is None else UNIDENTIFIED
    return (Posting(source, event.amount), *_paid(event.parts, event.overpaid))


def _payment_reversed(event: PaymentReversed) -> Postings:
    owed_again = (*event.parts, *event.moved)
    restored = _owed_again(event.restored)
    if event.directly:  # what became of its money in our books was the clinic's to give back
        found = _between(OVERPAYMENT, OWED_TO_CREDITOR, event.overpaid)
        return (*_owed_again(owed_again), *found, *restored)
    if not event.amount:
        return restored
    source = CLIENT_FUNDS if event.receipt is None else UNIDENTIFIED
    return (Posting(source, -event.amount), *_paid(owed_again, event.overpaid, -1), *restored)


def _waived(event: FeeWaived) -> Postings:
    returned = (Posting(_beneficiary(p.component), p.amount, p.claim) for p in event.returned)
    return (*_give_up(event.parts), *returned, *_paid(event.moved, event.overpaid))


def _interest_lowered(event: InterestLowered) -> Postings:
    returned = sum(part.amount for part in event.moved) + event.overpaid
    found = [*_claim("interest", -event.unpaid, event.claim)]
    if returned:
        found.append(Posting(_beneficiary("interest"), returned, event.claim))
    return (*found, *_paid(event.moved, event.overpaid))


def _between(debit: str, credit: str, amount: int) -> Postings:
    return (Posting(debit, amount), Posting(credit, -amount)) if amount else NOTHING


def _remitted(event: ClientFundsRemitted) -> Postings:
    return (
        *_between(OWED_TO_CREDITOR, CLIENT_FUNDS, event.amount),
        *_between(OWED_TO_AGENCY, CLIENT_FUNDS, event.retained),
    )


_POSTINGS: Final[dict[type[Event], Callable[[Any], Postings]]] = {
    ChargeRegistered: lambda event: _claim("charge", event.amount, event.charge),
    TerminalPaymentReceived: lambda event: _give_up(event.parts),
    InvoiceIssued: _invoice,
    FeeCharged: lambda event: _claim(event.component, event.amount, event.claim),
    FeeWaived: _waived,
    InterestFixed: lambda event: _claim("interest", event.amount, event.claim),
    InterestLowered: _interest_lowered,
    PaymentReceived: _payment,
    PaymentReportedByClinic: lambda event: _give_up(event.parts),
    PaymentReversed: _payment_reversed,
    OverpaymentRefunded: lambda event: _between(OVERPAYMENT, CLIENT_FUNDS, event.amount),
    Credited: lambda event: _give_up(event.parts),
    WrittenOff: lambda event: _give_up(event.parts),
    ReceiptRegistered: lambda event: _between(CLIENT_FUNDS, UNIDENTIFIED, event.amount),
    ReceiptReturned: lambda event: _between(UNIDENTIFIED, CLIENT_FUNDS, event.amount),
    ClientFundsRemitted: _remitted,
}


def postings(event: Event) -> Postings:
    """What the event moves. Sums to zero; empty for events that move no money.

    A payment at the clinic's own terminal never passes the client account: it only ends
    the claim.
    """
    of_type = _POSTINGS.get(type(event))
    return NOTHING if of_type is None else of_type(event)
