"""A bank receipt: money on the client account, matched to a case or waiting to be.

A receipt has a stream of its own. When it is matched, the payment is appended to the case's
stream in the same transaction; until then the money is nobody's but the payer's.
"""

from collections.abc import Iterable
from datetime import date
from typing import Literal, NamedTuple, Self
from uuid import UUID

from ledger.domain.case import Case
from ledger.domain.commands import MatchReceipt, ReceivePayment, RegisterReceipt, ReturnReceipt
from ledger.domain.decisions import decide
from ledger.domain.events import (
    Event,
    PaymentReceived,
    PaymentReversed,
    QueueReason,
    ReceiptMatched,
    ReceiptQueued,
    ReceiptRegistered,
    ReceiptReturned,
    ReceiptUnmatched,
)
from ledger.domain.identifiers import is_kid
from ledger.domain.recorded import Recorded
from ledger.domain.refusals import Refusal
from ledger.domain.rules import EARLIEST_VALUE_DATE, Setting


class Receipt:
    """What is known of one receipt: the fold of its stream."""

    __slots__ = ("case", "id", "queued_for", "registered", "since", "state", "taken_off", "version")

    def __init__(self, id: UUID) -> None:
        self.id = id
        self.version = 0
        self.registered: ReceiptRegistered | None = None
        self.case: UUID | None = None
        self.queued_for: QueueReason | Literal["unmatched"] | None = None
        """Why it waits for somebody to look at it."""
        self.since: date | None = None
        """From when on it stands where it does, by value date."""
        self.taken_off = 0
        """How often it was taken off a case again."""
        self.state: Literal["unknown", "queued", "matched", "returned"] = "unknown"

    @classmethod
    def fold(cls, id: UUID, entries: Iterable[Recorded]) -> Self:
        """The receipt after these entries of its stream."""
        receipt = cls(id)
        for entry in entries:
            receipt.apply(entry.event)
        return receipt

    def apply(self, event: Event) -> None:
        """Take one fact into account."""
        self.version += 1
        match event:
            case ReceiptRegistered():
                self.registered = event
                self.state = "queued"
                self.since = event.booked_on
            case ReceiptQueued():
                self.queued_for = event.reason
            case ReceiptMatched():
                self.case = UUID(event.case)
                self.state = "matched"
                self.queued_for = None
                self.since = event.value_date
            case ReceiptUnmatched():
                self.case = None
                self.state = "queued"
                self.queued_for = "unmatched"
                self.taken_off += 1
                self.since = event.value_date
            case ReceiptReturned():
                self.state = "returned"
                self.queued_for = None
                self.since = event.value_date
            case _:
                pass


class OnBoth(NamedTuple):
    """What is recorded in the receipt's stream, and what in the case's."""

    receipt: list[Event]
    case: list[Event]


def register_receipt(
    receipt: Receipt, command: RegisterReceipt, paid: Case | None, setting: Setting
) -> OnBoth | Refusal:
    """Book the money, and pay the case that its KID names; where there is none, let it wait.

    ``paid`` is the case of the KID, if the book has one.
    """
    if receipt.registered is not None:
        facts = {"kind": "receipt", "name": command.receipt}
        return Refusal("duplicate_reference", facts)
    if not command.amount:
        return Refusal("amount_missing")
    if not EARLIEST_VALUE_DATE <= command.booked_on <= command.on <= setting.today:
        return _out_of_range(command.booked_on, EARLIEST_VALUE_DATE)
    registered = ReceiptRegistered(
        value_date=command.booked_on,
        receipt=command.receipt,
        account=command.account,
        amount=command.amount,
        booked_on=command.booked_on,
        ordered_on=command.ordered_on,
        kid=command.kid,
        source_line=command.source_line,
    )
    reason: QueueReason | None = None
    if command.kid is None:
        reason = "no_kid"
    elif not is_kid(command.kid):
        reason = "invalid_kid"
    elif paid is None:
        reason = "unknown_kid"
    elif paid.state == "closed":
        reason = "case_closed"
    if reason is None and paid is not None:
        invoice = next(name for name, i in paid.invoices.items() if i.kid == command.kid)
        payment = _payment(receipt, registered, invoice, paid, setting)
        if not isinstance(payment, Refusal):
            return OnBoth([registered, _matched(command.on, registered, paid)], payment)
        reason = "possible_duplicate" if payment.code == "duplicate_receipt" else "refused"
    assert reason is not None, "a receipt is matched or waits for a reason"
    queued = ReceiptQueued(value_date=command.on, receipt=command.receipt, reason=reason)
    return OnBoth([registered, queued], [])


def match_receipt(
    receipt: Receipt, command: MatchReceipt, paid: Case | None, setting: Setting
) -> OnBoth | Refusal:
    """Somebody found out what a receipt is for."""
    registered = receipt.registered
    if registered is None:
        return Refusal("unknown_reference", {"kind": "receipt", "name": str(receipt.id)})
    if receipt.state != "queued":
        return Refusal("already_matched", {"name": registered.receipt})
    if paid is None or paid.state == "unknown":
        return Refusal("unknown_reference", {"kind": "case", "name": str(command.case)})
    if not registered.booked_on <= command.on <= setting.today:
        return _out_of_range(command.on, registered.booked_on)
    payment = _payment(receipt, registered, command.invoice, paid, setting)
    if isinstance(payment, Refusal):
        return payment
    return OnBoth([_matched(command.on, registered, paid)], payment)


def return_receipt(
    receipt: Receipt, command: ReturnReceipt, paid: Case | None, setting: Setting
) -> OnBoth | Refusal:
    """Money that is for nobody here goes back to its payer."""
    registered = receipt.registered
    if registered is None:
        return Refusal("unknown_reference", {"kind": "receipt", "name": str(receipt.id)})
    if receipt.state != "queued":
        return Refusal("already_matched", {"name": registered.receipt})
    if not registered.booked_on <= command.on <= setting.today:
        return _out_of_range(command.on, registered.booked_on)
    returned = ReceiptReturned(
        value_date=command.on, receipt=registered.receipt, amount=registered.amount
    )
    return OnBoth([returned], [])


def beside(event: Event, receipt: Receipt | None, paid: Case) -> Event | Refusal | None:
    """What stands in a receipt's stream beside what happened to its money on a case.

    ``receipt`` is the one that the event names, if the book has it. A payment that names one
    takes it, so it must be there, wait for its case and be of the payment's amount; a payment
    that is taken off a case leaves its receipt waiting again. ``None`` for events without one.
    """
    if not isinstance(event, PaymentReceived | PaymentReversed) or event.receipt is None:
        return None
    registered = None if receipt is None else receipt.registered
    if receipt is None or registered is None:
        return Refusal("unknown_reference", {"kind": "receipt", "name": event.receipt})
    if isinstance(event, PaymentReversed):
        return ReceiptUnmatched(
            value_date=event.value_date,
            receipt=event.receipt,
            case=str(paid.id),
            amount=event.amount,
        )
    if receipt.state != "queued":
        return Refusal("already_matched", {"name": event.receipt})
    if registered.amount != event.amount:
        facts = {"amount": event.amount, "owed": registered.amount}
        return Refusal("more_than_owed", facts)
    return _matched(event.value_date, registered, paid)


def _out_of_range(on: date, earliest: date) -> Refusal:
    return Refusal("date_out_of_range", {"date": on.isoformat(), "from": earliest.isoformat()})


def _payment(
    receipt: Receipt,
    registered: ReceiptRegistered,
    invoice: str | None,
    paid: Case,
    setting: Setting,
) -> list[Event] | Refusal:
    # A receipt may come back to a case that it was taken off: each time is a payment of its own.
    again = f"/{receipt.taken_off + 1}" if receipt.taken_off else ""
    payment = ReceivePayment(
        on=registered.booked_on,
        payment=registered.receipt + again,
        amount=registered.amount,
        invoice=invoice,
        ordered_on=registered.ordered_on,
        receipt=registered.receipt,
    )
    return decide(paid, payment, setting.rules, setting.today, actor=setting.actor)


def _matched(on: date, registered: ReceiptRegistered, paid: Case) -> ReceiptMatched:
    return ReceiptMatched(
        value_date=on,
        receipt=registered.receipt,
        case=str(paid.id),
        reference=paid.reference or "",
    )
