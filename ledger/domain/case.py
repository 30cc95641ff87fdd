"""The state of a case: the fold of its events.

``Case.apply`` never fails and never decides; it says what a fact changes. The same fold
serves the case as it is now, as it was known at a moment (fewer events), and as it is in
effect on a date (only events whose value date has come).
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, Final, Literal, Self
from uuid import UUID

from ledger.domain.accounts import COMPONENT_OF, OVERPAYMENT, postings
from ledger.domain.events import (
    CaseClosed,
    CaseOpened,
    ChargeRegistered,
    ChargeSentToTerminal,
    CloseReason,
    Component,
    DisputeAnswered,
    DisputeAnswerNotified,
    DisputeOutcome,
    DisputeRaised,
    DisputeReferred,
    Event,
    FeeCharged,
    FeeComponent,
    HandedOver,
    InvoiceDelivered,
    InvoiceIssued,
    InvoiceLine,
    LineCategory,
    PaymentReceived,
    ReminderSent,
    TerminalPaymentReceived,
)
from ledger.domain.recorded import Recorded

Stage = Literal[
    "new", "charged", "invoiced", "reminded", "noticed", "demanded", "collection", "closed"
]
"""Where on the ladder a case stands. ``collection`` is after hand-over; being overdue is a
question of dates and no stage."""

LADDER: Final[tuple[Stage, ...]] = (
    "new", "charged", "invoiced", "reminded", "noticed", "demanded", "collection", "closed",
)  # fmt: skip
_RUNG: Final[dict[Stage, int]] = {stage: rung for rung, stage in enumerate(LADDER)}
_STAGE_OF_LETTER: Final[dict[str, Stage]] = {
    "reminder": "reminded",
    "collection_notice": "noticed",
    "payment_demand": "demanded",
}

Hold = Literal["dispute"]
State = Literal["unknown", "open", "closed"]


class Charge:
    """A part of a visit's cost, and how far the terminal got with it."""

    __slots__ = ("amount", "category", "invoice", "paid_at", "registered_at", "sent_at")

    def __init__(self, category: LineCategory, amount: int, registered_at: datetime) -> None:
        self.category = category
        self.amount = amount
        self.registered_at = registered_at
        self.sent_at: datetime | None = None
        self.paid_at: datetime | None = None
        self.invoice: str | None = None


class Invoice:
    """What was claimed in writing, when it falls due, and whether it arrived."""

    __slots__ = ("delivered_on", "due_date", "issued_on", "kid", "lines")

    def __init__(self, event: InvoiceIssued) -> None:
        self.lines: tuple[InvoiceLine, ...] = event.lines
        self.issued_on = event.value_date
        self.due_date: date | None = event.due_date
        self.kid = event.kid
        self.delivered_on: date | None = None

    @property
    def principal(self) -> int:
        """What the invoice claimed, in minor units."""
        return sum(line.amount for line in self.lines)


class Dispute:
    """An objection, where it is, and how it ended."""

    __slots__ = ("answered_on", "notified_on", "outcome", "raised_on", "referred_on")

    def __init__(self, raised_on: date) -> None:
        self.raised_on = raised_on
        self.referred_on: date | None = None
        self.answered_on: date | None = None
        self.notified_on: date | None = None
        self.outcome: DisputeOutcome | None = None


class Case:
    """All that is known of one case. Change it through ``apply`` only."""

    __slots__ = (
        "accounts", "charges", "close_reason", "creditor", "currency", "debtor", "disputes",
        "fees_charged", "id", "invoices", "opened_on", "receipts", "reference", "stage",
        "version",
    )  # fmt: skip

    def __init__(self, id: UUID) -> None:
        self.id = id
        self.version = 0
        self.reference: str | None = None
        self.creditor: str | None = None
        self.debtor: str | None = None
        self.currency: str | None = None
        self.opened_on: date | None = None
        self.stage: Stage = "new"
        self.close_reason: CloseReason | None = None
        self.accounts: dict[tuple[str, str | None], int] = {}
        self.charges: dict[str, Charge] = {}
        self.invoices: dict[str, Invoice] = {}
        self.disputes: dict[str, Dispute] = {}
        self.fees_charged: dict[FeeComponent, int] = {}
        """What was ever charged of each fee, in minor units, whatever became of it."""
        self.receipts: set[str] = set()

    @classmethod
    def fold(cls, id: UUID, entries: Iterable[Recorded]) -> Self:
        """The state after these entries of the case's stream, in their order."""
        case = cls(id)
        for entry in entries:
            case.apply(entry.event)
            case.version = entry.version
        return case

    def apply(self, event: Event) -> None:
        """Take one fact into account."""
        accounts = self.accounts
        for account, amount, claim in postings(event):
            key = (account, claim)
            accounts[key] = accounts.get(key, 0) + amount
        handler = _HANDLERS.get(type(event))
        if handler is not None:
            handler(self, event)

    def climb(self, stage: Stage) -> None:
        """Move up the ladder; a step that comes late or twice never moves a case down."""
        if _RUNG[stage] > _RUNG[self.stage]:
            self.stage = stage

    @property
    def state(self) -> State:
        """``unknown`` before the case was opened (at the asked moment or date)."""
        if self.opened_on is None:
            return "unknown"
        return "closed" if self.stage == "closed" else "open"

    @property
    def holds(self) -> frozenset[Hold]:
        """Reasons why nothing may go out."""
        disputed = any(d.answered_on is None for d in self.disputes.values())
        return frozenset({"dispute"}) if disputed else frozenset()

    @property
    def owed(self) -> dict[tuple[Component, str | None], int]:
        """What is owed, by component and claim, in minor units; nothing that is zero."""
        return {
            (COMPONENT_OF[account], claim): amount
            for (account, claim), amount in self.accounts.items()
            if amount and account in COMPONENT_OF
        }

    @property
    def balance(self) -> dict[Component, int]:
        """What is owed, by component, in minor units; nothing that is zero."""
        found: dict[Component, int] = {}
        for (component, _), amount in self.owed.items():
            found[component] = found.get(component, 0) + amount
        return found

    @property
    def outstanding(self) -> int:
        """All that is owed, in minor units."""
        return sum(self.owed.values())

    @property
    def overpaid(self) -> int:
        """What the debtor paid too much and has not got back, in minor units."""
        return -self.accounts.get((OVERPAYMENT, None), 0)


def _opened(case: Case, event: CaseOpened) -> None:
    case.reference = event.reference
    case.creditor = event.creditor
    case.debtor = event.debtor
    case.currency = event.currency
    case.opened_on = event.value_date


def _charge_registered(case: Case, event: ChargeRegistered) -> None:
    case.charges[event.charge] = Charge(event.category, event.amount, event.at)
    case.climb("charged")


def _charge_sent(case: Case, event: ChargeSentToTerminal) -> None:
    charge = case.charges.get(event.charge)
    if charge is not None:
        charge.sent_at = event.at


def _paid_at_terminal(case: Case, event: TerminalPaymentReceived) -> None:
    case.receipts.add(event.payment)
    for part in event.parts:
        charge = case.charges.get(part.claim or "")
        if charge is not None:
            charge.paid_at = event.at


def _invoice_issued(case: Case, event: InvoiceIssued) -> None:
    case.invoices[event.invoice] = Invoice(event)
    for line in event.lines:
        charge = case.charges.get(line.charge or "")
        if charge is not None:
            charge.invoice = event.invoice
    case.climb("invoiced")


def _invoice_delivered(case: Case, event: InvoiceDelivered) -> None:
    invoice = case.invoices.get(event.invoice)
    if invoice is not None:
        invoice.delivered_on = event.value_date


def _fee_charged(case: Case, event: FeeCharged) -> None:
    before = case.fees_charged.get(event.component, 0)
    case.fees_charged[event.component] = before + event.amount


def _reminder_sent(case: Case, event: ReminderSent) -> None:
    case.climb(_STAGE_OF_LETTER[event.kind])


def _payment_received(case: Case, event: PaymentReceived) -> None:
    case.receipts.add(event.payment)


def _dispute_of(case: Case, dispute: str, on: date) -> Dispute:
    """An answer or a referral may be all that an imported history tells of a dispute."""
    return case.disputes.setdefault(dispute, Dispute(raised_on=on))


def _dispute_raised(case: Case, event: DisputeRaised) -> None:
    case.disputes[event.dispute] = Dispute(raised_on=event.value_date)


def _dispute_referred(case: Case, event: DisputeReferred) -> None:
    _dispute_of(case, event.dispute, event.value_date).referred_on = event.value_date


def _dispute_answered(case: Case, event: DisputeAnswered) -> None:
    dispute = _dispute_of(case, event.dispute, event.value_date)
    dispute.answered_on = event.value_date
    dispute.outcome = event.outcome


def _dispute_answer_notified(case: Case, event: DisputeAnswerNotified) -> None:
    _dispute_of(case, event.dispute, event.value_date).notified_on = event.value_date


def _handed_over(case: Case, event: HandedOver) -> None:
    case.climb("collection")


def _closed(case: Case, event: CaseClosed) -> None:
    case.stage = "closed"
    case.close_reason = event.reason


_HANDLERS: Final[dict[type[Event], Callable[[Case, Any], None]]] = {
    CaseOpened: _opened,
    ChargeRegistered: _charge_registered,
    ChargeSentToTerminal: _charge_sent,
    TerminalPaymentReceived: _paid_at_terminal,
    InvoiceIssued: _invoice_issued,
    InvoiceDelivered: _invoice_delivered,
    FeeCharged: _fee_charged,
    ReminderSent: _reminder_sent,
    PaymentReceived: _payment_received,
    DisputeRaised: _dispute_raised,
    DisputeReferred: _dispute_referred,
    DisputeAnswered: _dispute_answered,
    DisputeAnswerNotified: _dispute_answer_notified,
    HandedOver: _handed_over,
    CaseClosed: _closed,
}
