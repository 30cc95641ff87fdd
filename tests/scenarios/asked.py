"""What is asked of a case, in the same short words as ``tests.scenarios.facts``."""

from typing import Literal

from ledger.domain.commands import (
    AnswerDispute,
    ChargeFee,
    CloseCase,
    ConfirmDelivery,
    Credit,
    HandOver,
    IssueInvoice,
    OpenCase,
    RaiseDispute,
    ReceivePayment,
    RecordTerminalAttempt,
    ReferDispute,
    RegisterCharge,
    SendChargeToTerminal,
    SendReminder,
    WriteOff,
)
from ledger.domain.events import (
    AllocationOrder,
    CloseReason,
    CreditReason,
    DeliveryChannel,
    FeeComponent,
    InvoiceLine,
    LetterKind,
    LineCategory,
    Part,
    TerminalResult,
    WriteOffReason,
)
from tests.scenarios.facts import day, moment, numbered


def open_case(on: str = "2026-03-02", *, currency: str = "NOK") -> OpenCase:
    """Keep the clinic's claims on a patient together."""
    return OpenCase(
        on=day(on),
        reference="2026-1",
        creditor="clinic-10001",
        debtor="subject-1",
        currency=currency,
    )


def register_charge(
    charge: str, amount: int, *, at: str, category: LineCategory = "consultation"
) -> RegisterCharge:
    """A part of the visit costs this much."""
    return RegisterCharge(
        on=day(at[:10]), charge=charge, category=category, amount=amount, at=moment(at)
    )


def send_charge_to_terminal(charge: str, *, at: str) -> SendChargeToTerminal:
    """The charge has reached the terminal."""
    return SendChargeToTerminal(on=day(at[:10]), charge=charge, at=moment(at))


def tap(
    payment: str, amount: int, *, at: str, result: TerminalResult = "approved"
) -> RecordTerminalAttempt:
    """The patient uses the terminal."""
    return RecordTerminalAttempt(
        on=day(at[:10]), payment=payment, amount=amount, result=result, at=moment(at)
    )


def issue_invoice(
    invoice: str, *lines: InvoiceLine, on: str, due: str, kid: str | None = None
) -> IssueInvoice:
    """Claim an amount in writing."""
    return IssueInvoice(
        on=day(on), invoice=invoice, lines=numbered(lines), due_date=day(due), kid=kid
    )


def confirm_delivery(
    invoice: str, *, on: str, channel: DeliveryChannel = "post"
) -> ConfirmDelivery:
    """The invoice has arrived."""
    return ConfirmDelivery(on=day(on), invoice=invoice, channel=channel)


def charge_fee(
    component: FeeComponent,
    amount: int,
    *,
    on: str,
    claim: str | None = None,
    letter: str | None = None,
    rule: str = "INKF-1-2/2026",
) -> ChargeFee:
    """Add a fee."""
    return ChargeFee(
        on=day(on), component=component, amount=amount, rule=rule, claim=claim, letter=letter
    )


def send_reminder(
    letter: str,
    *,
    on: str,
    deadline: str,
    kind: LetterKind = "reminder",
    channel: DeliveryChannel = "post",
) -> SendReminder:
    """Send a letter of the collection ladder."""
    return SendReminder(
        on=day(on), letter=letter, kind=kind, channel=channel, deadline=day(deadline)
    )


def receive_payment(
    payment: str, amount: int, *, on: str, order: AllocationOrder | None = None
) -> ReceivePayment:
    """Money comes in on the client account."""
    return ReceivePayment(on=day(on), payment=payment, amount=amount, order=order)


def raise_dispute(dispute: str, *, on: str, category: str = "never_visited") -> RaiseDispute:
    """The debtor objects."""
    return RaiseDispute(on=day(on), dispute=dispute, category=category)


def refer_dispute(dispute: str, *, on: str, to: str = "clinic-10001") -> ReferDispute:
    """Pass the objection on."""
    return ReferDispute(on=day(on), dispute=dispute, referred_to=to)


def answer_dispute(
    dispute: str, outcome: Literal["upheld", "rejected"], *, on: str, by: str = "clinic-10001"
) -> AnswerDispute:
    """Decide the objection."""
    return AnswerDispute(on=day(on), dispute=dispute, outcome=outcome, decided_by=by)


def credit(
    credit_note: str, *parts: Part, on: str, reason: CreditReason = "clinic_decision"
) -> Credit:
    """Give up parts of the claim."""
    return Credit(on=day(on), credit_note=credit_note, reason=reason, parts=parts)


def write_off(*, on: str, reason: WriteOffReason = "uncollectable") -> WriteOff:
    """Count what is owed as lost."""
    return WriteOff(on=day(on), reason=reason)


def hand_over(*, on: str, to: str = "collection-agency") -> HandOver:
    """Pass the case on for collection."""
    return HandOver(on=day(on), recipient=to)


def close_case(reason: CloseReason, *, on: str) -> CloseCase:
    """End the case."""
    return CloseCase(on=day(on), reason=reason)
