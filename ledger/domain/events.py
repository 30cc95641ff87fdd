"""Everything that can happen to a case, in the order in which it usually does.

Each event is a fact: past tense, frozen, complete. Amounts are integers in minor units
(øre, cent). ``value_date`` is the date on which the fact counts (Europe/Oslo); when we got
to know it, who told us and how is kept beside the fact (``ledger.domain.recorded``).

Adding an optional field to an event, renaming one or changing its meaning makes a new
version of its type: raise ``version`` and add an upcaster (``ledger/log/mapper.py``).
"""

from datetime import date, datetime
from typing import ClassVar, Literal

import msgspec

from ledger.domain.money import Amount

FeeComponent = Literal[
    "invoicing_fee",
    "postage_fee",
    "penalty",
    "reminder_fee",
    "demand_fee",
    "collection_fee",
    "collection_fee_vat",
    "plan_supplement",
    "plan_supplement_vat",
    "court_fee",
    "drafting_fee",
]
"""Costs: what is added to a claim by charging it, and paid in this order."""

Component = Literal["charge", "principal", FeeComponent, "interest"]
"""What a debt consists of. ``charge`` is what a visit cost and no invoice has claimed yet."""

LineCategory = Literal[
    "consultation",
    "lab",
    "material",
    "certificate",
    "record_copy",
    "no_show",
    "expedition",
    "vaccine_generic",
    "dental_work",
    "other",
]
"""The closed list of what an invoice line may say: nothing on it tells why someone was treated."""

DeliveryChannel = Literal["post", "email", "sms", "efaktura", "digital_mailbox", "not_stated"]
LetterKind = Literal["reminder", "collection_notice", "payment_demand"]
AllocationOrder = Literal["costs_interest_principal", "principal_interest_costs"]
DisputeOutcome = Literal["upheld", "partly_upheld", "rejected", "not_stated"]
CreditReason = Literal["dispute_upheld", "clinic_decision", "charged_in_error", "goodwill"]
WriteOffReason = Literal["small_remainder", "uncollectable", "time_barred", "estate_insolvent"]
CloseReason = Literal[
    "paid", "credited", "written_off", "recalled", "settled", "time_barred", "estate_insolvent"
]
TerminalResult = Literal["approved", "declined", "cancelled"]


class Part(msgspec.Struct, frozen=True, gc=False):
    """A share of an amount: how much of it falls on one component of one claim."""

    component: Component
    amount: Amount
    claim: str | None = None
    """The invoice; for ``charge`` the charge; ``None`` for costs of the case as a whole."""


class InvoiceLine(msgspec.Struct, frozen=True, gc=False):
    """One line of an invoice; ``charge`` names the terminal charge that it claims, if any."""

    line: int
    category: LineCategory
    amount: Amount
    charge: str | None = None


class InterestSegment(msgspec.Struct, frozen=True, gc=False):
    """Interest at one rate on one principal: ``days`` after ``after``, up to ``until`` itself."""

    after: date
    until: date
    days: int
    principal: Amount
    rate_bp: int


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A fact about one case."""

    name: ClassVar[str]
    version: ClassVar[int] = 1

    value_date: date


class CaseOpened(Event, frozen=True, kw_only=True):
    """A creditor's claims on one debtor are kept together from now on."""

    name = "case_opened"

    reference: str
    """The case number that people use; unique in its book."""
    creditor: str
    debtor: str | None
    """A random subject id, never a name or a number that others know; ``None`` if unknown."""
    currency: str


class ChargeRegistered(Event, frozen=True, kw_only=True):
    """The clinic registered what a part of a visit costs."""

    name = "charge_registered"

    charge: str
    category: LineCategory
    amount: Amount
    at: datetime


class ChargeSentToTerminal(Event, frozen=True, kw_only=True):
    """The charge reached the payment terminal, so that the patient could pay it there."""

    name = "charge_sent_to_terminal"

    charge: str
    at: datetime


class TerminalAttemptRecorded(Event, frozen=True, kw_only=True):
    """The patient used the terminal; an approved 0.00 is an attempt and no payment."""

    name = "terminal_attempt_recorded"

    amount: Amount
    result: TerminalResult
    at: datetime


class TerminalPaymentReceived(Event, frozen=True, kw_only=True):
    """The clinic received a payment at its terminal, for the charges that had reached it."""

    name = "terminal_payment_received"

    payment: str
    amount: Amount
    parts: tuple[Part, ...]
    at: datetime


class InvoiceIssued(Event, frozen=True, kw_only=True):
    """The creditor claimed an amount in writing; lines may claim charges that were not paid."""

    name = "invoice_issued"

    invoice: str
    lines: tuple[InvoiceLine, ...]
    due_date: date | None
    """``None`` only in imported history whose source does not tell."""
    kid: str | None


class InvoiceDelivered(Event, frozen=True, kw_only=True):
    """There is evidence that the invoice reached the debtor."""

    name = "invoice_delivered"

    invoice: str
    channel: DeliveryChannel


class FeeCharged(Event, frozen=True, kw_only=True):
    """A fee was added to the debt under a named rule."""

    name = "fee_charged"

    component: FeeComponent
    amount: Amount
    claim: str | None
    rule: str
    """The rule and rate under which it was charged, or ``imported`` for history from elsewhere."""
    letter: str | None
    """The letter that it was charged for: a letter that turns out wrong takes its fee with it."""


class FeeWaived(Event, frozen=True, kw_only=True):
    """Fees were given up, and are no longer owed."""

    name = "fee_waived"

    parts: tuple[Part, ...]
    reason: str


class InterestFixed(Event, frozen=True, kw_only=True):
    """Late interest up to a date was claimed in a letter or taken from a payment."""

    name = "interest_fixed"

    claim: str
    amount: Amount
    until: date
    segments: tuple[InterestSegment, ...]


class ReminderSent(Event, frozen=True, kw_only=True):
    """A letter of the collection ladder was sent: reminder, collection notice or payment demand."""

    name = "reminder_sent"

    letter: str
    kind: LetterKind
    channel: DeliveryChannel
    deadline: date | None


class PaymentReceived(Event, frozen=True, kw_only=True):
    """Money came in on the client account and was allocated.

    ``amount`` is the sum of ``parts`` and ``overpaid``; what is overpaid is the debtor's money.
    """

    name = "payment_received"

    payment: str
    """The receipt: unique in the case, so that the same bank line can't count twice."""
    amount: Amount
    parts: tuple[Part, ...]
    overpaid: Amount
    order: AllocationOrder


class DisputeRaised(Event, frozen=True, kw_only=True):
    """The debtor objected to the claim or a part of it."""

    name = "dispute_raised"

    dispute: str
    category: str
    code: str | None
    """What the source system called it, kept as it was."""


class DisputeReferred(Event, frozen=True, kw_only=True):
    """The dispute went to whoever decides it."""

    name = "dispute_referred"

    dispute: str
    referred_to: str
    code: str | None


class DisputeAnswered(Event, frozen=True, kw_only=True):
    """The dispute was decided; what is given up because of it is a credit of its own."""

    name = "dispute_answered"

    dispute: str
    outcome: DisputeOutcome
    decided_by: str
    code: str | None


class DisputeAnswerNotified(Event, frozen=True, kw_only=True):
    """The debtor was told of the answer."""

    name = "dispute_answer_notified"

    dispute: str
    code: str | None


class Credited(Event, frozen=True, kw_only=True):
    """The creditor gave up the named parts by a credit note."""

    name = "credited"

    credit_note: str
    reason: CreditReason
    parts: tuple[Part, ...]


class WrittenOff(Event, frozen=True, kw_only=True):
    """The named parts are no longer pursued, and counted as lost."""

    name = "written_off"

    reason: WriteOffReason
    parts: tuple[Part, ...]


class HandedOver(Event, frozen=True, kw_only=True):
    """The case went to another for collection; what is owed is still owed."""

    name = "handed_over"

    recipient: str
    outstanding: Amount


class CaseClosed(Event, frozen=True, kw_only=True):
    """Nothing more will be done with the case."""

    name = "case_closed"

    reason: CloseReason


AnyEvent = (
    CaseOpened
    | ChargeRegistered
    | ChargeSentToTerminal
    | TerminalAttemptRecorded
    | TerminalPaymentReceived
    | InvoiceIssued
    | InvoiceDelivered
    | FeeCharged
    | FeeWaived
    | InterestFixed
    | ReminderSent
    | PaymentReceived
    | DisputeRaised
    | DisputeReferred
    | DisputeAnswered
    | DisputeAnswerNotified
    | Credited
    | WrittenOff
    | HandedOver
    | CaseClosed
)

EVENT_TYPES: tuple[type[Event], ...] = AnyEvent.__args__
"""Every type of event that the log may hold."""
