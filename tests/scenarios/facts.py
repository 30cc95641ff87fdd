"""What has happened, in short words. Dates are ``2026-03-02``, times ``2026-05-04 10:42`` in Oslo.

Amounts are in øre: ``413_00`` is 413.00 kroner.
"""

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from ledger.domain.events import (
    AllocationOrder,
    CaseClosed,
    CaseOpened,
    ChargeRegistered,
    ChargeSentToTerminal,
    CloseReason,
    Component,
    Credited,
    CreditReason,
    DeliveryChannel,
    DisputeAnswered,
    DisputeAnswerNotified,
    DisputeOutcome,
    DisputeRaised,
    DisputeReferred,
    FeeCharged,
    FeeComponent,
    FeeWaived,
    HandedOver,
    InterestFixed,
    InterestSegment,
    InvoiceDelivered,
    InvoiceIssued,
    InvoiceLine,
    LetterKind,
    LineCategory,
    Part,
    PaymentReceived,
    ReminderSent,
    TerminalAttemptRecorded,
    TerminalPaymentReceived,
    TerminalResult,
    WriteOffReason,
    WrittenOff,
)

_OSLO: Final = ZoneInfo("Europe/Oslo")


def day(text: str) -> date:
    """A business date."""
    return date.fromisoformat(text)


def moment(text: str) -> datetime:
    """An instant, in UTC, given by the clocks in Oslo."""
    return datetime.fromisoformat(text).replace(tzinfo=_OSLO).astimezone(UTC)


def part(component: Component, amount: int, claim: str | None = None) -> Part:
    """A share of an amount."""
    return Part(component, amount, claim)


def line(category: LineCategory, amount: int, charge: str | None = None) -> InvoiceLine:
    """A line of an invoice; its number is given by its place there."""
    return InvoiceLine(0, category, amount, charge)


def numbered(lines: tuple[InvoiceLine, ...]) -> tuple[InvoiceLine, ...]:
    """The lines, numbered from 1."""
    return tuple(
        InvoiceLine(number, line.category, line.amount, line.charge)
        for number, line in enumerate(lines, start=1)
    )


def case_opened(on: str = "2026-03-02", *, currency: str = "NOK") -> CaseOpened:
    """The case is there."""
    return CaseOpened(
        value_date=day(on),
        reference="2026-1",
        creditor="clinic-10001",
        debtor="subject-1",
        currency=currency,
    )


def charge_registered(
    charge: str, amount: int, *, at: str, category: LineCategory = "consultation"
) -> ChargeRegistered:
    """The clinic registered what a part of the visit costs."""
    return ChargeRegistered(
        value_date=day(at[:10]), charge=charge, category=category, amount=amount, at=moment(at)
    )


def charge_sent_to_terminal(charge: str, *, at: str) -> ChargeSentToTerminal:
    """The charge reached the terminal."""
    return ChargeSentToTerminal(value_date=day(at[:10]), charge=charge, at=moment(at))


def terminal_attempt_recorded(
    amount: int, *, at: str, result: TerminalResult = "approved"
) -> TerminalAttemptRecorded:
    """The patient used the terminal, and paid nothing."""
    return TerminalAttemptRecorded(
        value_date=day(at[:10]), amount=amount, result=result, at=moment(at)
    )


def terminal_payment_received(
    payment: str, amount: int, *parts: Part, at: str
) -> TerminalPaymentReceived:
    """The patient paid at the terminal."""
    return TerminalPaymentReceived(
        value_date=day(at[:10]), payment=payment, amount=amount, parts=parts, at=moment(at)
    )


def invoice_issued(
    invoice: str, *lines: InvoiceLine, on: str, due: str, kid: str | None = None
) -> InvoiceIssued:
    """The clinic claimed an amount in writing."""
    return InvoiceIssued(
        value_date=day(on), invoice=invoice, lines=numbered(lines), due_date=day(due), kid=kid
    )


def invoice_delivered(
    invoice: str, *, on: str, channel: DeliveryChannel = "post"
) -> InvoiceDelivered:
    """The invoice arrived."""
    return InvoiceDelivered(value_date=day(on), invoice=invoice, channel=channel)


def fee_charged(
    component: FeeComponent,
    amount: int,
    *,
    on: str,
    claim: str | None = None,
    letter: str | None = None,
    rule: str = "INKF-1-2/2026",
) -> FeeCharged:
    """A fee was added."""
    return FeeCharged(
        value_date=day(on),
        component=component,
        amount=amount,
        claim=claim,
        rule=rule,
        letter=letter,
    )


def fee_waived(*parts: Part, on: str, reason: str = "good_faith_terminal") -> FeeWaived:
    """A fee was given up."""
    return FeeWaived(value_date=day(on), parts=parts, reason=reason)


def interest_fixed(
    claim: str, amount: int, *, on: str, segments: tuple[InterestSegment, ...] = ()
) -> InterestFixed:
    """Late interest up to a date was claimed."""
    return InterestFixed(
        value_date=day(on), claim=claim, amount=amount, until=day(on), segments=segments
    )


def reminder_sent(
    letter: str,
    *,
    on: str,
    deadline: str,
    kind: LetterKind = "reminder",
    channel: DeliveryChannel = "post",
) -> ReminderSent:
    """A letter of the collection ladder was sent."""
    return ReminderSent(
        value_date=day(on), letter=letter, kind=kind, channel=channel, deadline=day(deadline)
    )


def payment_received(
    payment: str,
    amount: int,
    *parts: Part,
    on: str,
    overpaid: int = 0,
    order: AllocationOrder = "costs_interest_principal",
) -> PaymentReceived:
    """Money came in on the client account."""
    return PaymentReceived(
        value_date=day(on),
        payment=payment,
        amount=amount,
        parts=parts,
        overpaid=overpaid,
        order=order,
    )


def dispute_raised(
    dispute: str, *, on: str, category: str = "never_visited", code: str | None = None
) -> DisputeRaised:
    """The debtor objected."""
    return DisputeRaised(value_date=day(on), dispute=dispute, category=category, code=code)


def dispute_referred(
    dispute: str, *, on: str, to: str = "clinic-10001", code: str | None = None
) -> DisputeReferred:
    """The objection was passed on."""
    return DisputeReferred(value_date=day(on), dispute=dispute, referred_to=to, code=code)


def dispute_answered(
    dispute: str,
    outcome: DisputeOutcome,
    *,
    on: str,
    by: str = "clinic-10001",
    code: str | None = None,
) -> DisputeAnswered:
    """The objection was decided."""
    return DisputeAnswered(
        value_date=day(on), dispute=dispute, outcome=outcome, decided_by=by, code=code
    )


def dispute_answer_notified(
    dispute: str, *, on: str, code: str | None = None
) -> DisputeAnswerNotified:
    """The debtor was told."""
    return DisputeAnswerNotified(value_date=day(on), dispute=dispute, code=code)


def credited(
    credit_note: str, *parts: Part, on: str, reason: CreditReason = "clinic_decision"
) -> Credited:
    """Parts of the claim were given up."""
    return Credited(value_date=day(on), credit_note=credit_note, reason=reason, parts=parts)


def written_off(*parts: Part, on: str, reason: WriteOffReason = "uncollectable") -> WrittenOff:
    """Parts of the claim were counted as lost."""
    return WrittenOff(value_date=day(on), reason=reason, parts=parts)


def handed_over(outstanding: int, *, on: str, to: str = "collection-agency") -> HandedOver:
    """The case was passed on for collection."""
    return HandedOver(value_date=day(on), recipient=to, outstanding=outstanding)


def case_closed(reason: CloseReason, *, on: str) -> CaseClosed:
    """The case came to its end."""
    return CaseClosed(value_date=day(on), reason=reason)


K1: Final = (
    case_opened(on="2026-03-02"),
    invoice_issued(
        "K1",
        line("consultation", 230_00),
        line("lab", 183_00),
        on="2026-03-02",
        due="2026-03-16",
        kid="0010017",
    ),
)
"""The claim of domain.md 7.4: 413.00, due on 16 March 2026."""

K1_REMINDED: Final = (
    *K1,
    reminder_sent("R1", on="2026-03-30", deadline="2026-04-13"),
    fee_charged("reminder_fee", 38_00, on="2026-03-30", claim="K1", letter="R1"),
    interest_fixed(
        "K1",
        5_70,
        on="2026-04-27",
        segments=(InterestSegment(day("2026-03-16"), day("2026-04-27"), 42, 413_00, 12_00),),
    ),
)
"""K1 with a reminder fee of 38.00 and 42 days' interest: 456.70."""
