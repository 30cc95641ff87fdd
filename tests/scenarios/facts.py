"""What has happened, in short words. Dates are ``2026-03-02``, times ``2026-05-04 10:42`` in Oslo.

Amounts are in øre: ``413_00`` is 413.00 kroner.
"""

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

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
    DebtorRole,
    DeliveryChannel,
    Designation,
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
    PatientAge,
    PaymentReceived,
    ReminderSent,
    Sender,
    TerminalAttemptRecorded,
    TerminalPaymentReceived,
    TerminalResult,
    WaiverReason,
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


def part(
    component: Component, amount: int, claim: str | None = None, line: int | None = None
) -> Part:
    """A share of an amount."""
    return Part(component, amount, claim, line)


def line(
    category: LineCategory, amount: int, charge: str | None = None, *, egenandel: bool = False
) -> InvoiceLine:
    """A line of an invoice; its number is given by its place there."""
    return InvoiceLine(0, category, amount, charge, egenandel)


def numbered(lines: tuple[InvoiceLine, ...]) -> tuple[InvoiceLine, ...]:
    """The lines, numbered from 1."""
    return tuple(
        msgspec.structs.replace(line, line=number) for number, line in enumerate(lines, start=1)
    )


def case_opened(
    on: str = "2026-03-02", *, currency: str = "NOK", role: DebtorRole = "patient"
) -> CaseOpened:
    """The case is there."""
    return CaseOpened(
        value_date=day(on),
        reference="2026-1",
        creditor="clinic-10001",
        debtor="subject-1",
        currency=currency,
        debtor_role=role,
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
    invoice: str,
    *lines: InvoiceLine,
    on: str,
    due: str,
    kid: str | None = None,
    visit: str | None = None,
    patient: PatientAge = "adult",
    late: bool = False,
) -> InvoiceIssued:
    """The clinic claimed an amount in writing."""
    return InvoiceIssued(
        value_date=day(on),
        invoice=invoice,
        lines=numbered(lines),
        due_date=day(due),
        kid=kid,
        service_date=None if visit is None else day(visit),
        patient=patient,
        late=late,
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


def fee_waived(
    *parts: Part,
    on: str,
    reason: WaiverReason = "goodwill",
    letter: str | None = None,
    returned: tuple[Part, ...] = (),
    moved: tuple[Part, ...] = (),
    overpaid: int = 0,
) -> FeeWaived:
    """A fee was given up."""
    return FeeWaived(
        value_date=day(on),
        parts=parts,
        reason=reason,
        letter=letter,
        returned=returned,
        moved=moved,
        overpaid=overpaid,
    )


def interest_fixed(
    claim: str,
    amount: int,
    *segments: tuple[str, str, int, int],
    on: str,
    until: str | None = None,
) -> InterestFixed:
    """Late interest up to a date was claimed: after which day, until which, on what, at what."""
    return InterestFixed(
        value_date=day(on),
        claim=claim,
        amount=amount,
        until=day(until or on),
        segments=tuple(stretch(*segment) for segment in segments),
    )


def stretch(after: str, until: str, principal: int, rate_bp: int) -> InterestSegment:
    """Days of interest at one rate on one principal."""
    days = (day(until) - day(after)).days
    return InterestSegment(day(after), day(until), days, principal, rate_bp)


def reminder_sent(
    letter: str,
    *,
    on: str,
    deadline: str | None = None,
    kind: LetterKind = "reminder",
    channel: DeliveryChannel = "post",
    sender: Sender = "agency",
    invoices: tuple[str, ...] = ("K1",),
    asked: tuple[Part, ...] = (),
) -> ReminderSent:
    """A letter of the collection ladder was sent."""
    return ReminderSent(
        value_date=day(on),
        letter=letter,
        kind=kind,
        channel=channel,
        deadline=None if deadline is None else day(deadline),
        sender=sender,
        invoices=invoices,
        asked=asked,
        regime="1988",
    )


def payment_received(
    payment: str,
    amount: int,
    *parts: Part,
    on: str,
    overpaid: int = 0,
    order: AllocationOrder = "costs_interest_principal",
    designation: Designation = "none",
    ordered: str | None = None,
) -> PaymentReceived:
    """Money came in on the client account."""
    return PaymentReceived(
        value_date=day(on),
        payment=payment,
        amount=amount,
        parts=parts,
        overpaid=overpaid,
        order=order,
        designation=designation,
        ordered_on=None if ordered is None else day(ordered),
    )


def dispute_raised(
    dispute: str,
    *,
    on: str,
    category: str = "never_visited",
    code: str | None = None,
    until: str | None = None,
) -> DisputeRaised:
    """The debtor objected."""
    return DisputeRaised(
        value_date=day(on),
        dispute=dispute,
        category=category,
        code=code,
        hold_until=None if until is None else day(until),
    )


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
    credit_note: str,
    *parts: Part,
    on: str,
    reason: CreditReason = "clinic_decision",
    never_owed: bool = False,
) -> Credited:
    """Parts of the claim were given up."""
    return Credited(
        value_date=day(on),
        credit_note=credit_note,
        reason=reason,
        parts=parts,
        never_owed=never_owed,
    )


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
    invoice_delivered("K1", on="2026-03-04"),
)
"""The claim of most scenarios: 413.00, due on 16 March 2026, delivered by post."""


def principal(amount: int, claim: str = "K1") -> tuple[Part, ...]:
    """A share of K1's principal by line: the consultation's 230.00 first, then the laboratory's."""
    first = min(amount, 230_00)
    parts = (part("principal", first, claim, 1), part("principal", amount - first, claim, 2))
    return tuple(part for part in parts if part.amount)


K1_REMINDED: Final = (
    *K1,
    reminder_sent(
        "R1",
        on="2026-03-30",
        deadline="2026-04-13",
        asked=(part("principal", 413_00, "K1"), part("reminder_fee", 38_00, "K1")),
    ),
    fee_charged("reminder_fee", 38_00, on="2026-03-30", claim="K1", letter="R1"),
)
"""K1 after a reminder with a fee of 38.00."""

K1_NOTICED: Final = (
    *K1_REMINDED,
    reminder_sent(
        "N1",
        kind="collection_notice",
        on="2026-04-17",
        deadline="2026-05-04",
        asked=(part("principal", 413_00, "K1"), part("reminder_fee", 76_00, "K1")),
    ),
    fee_charged("reminder_fee", 38_00, on="2026-04-17", claim="K1", letter="N1"),
)
"""K1 after a collection notice, which cost 38.00 too."""

K1_DEMANDED: Final = (
    *K1_NOTICED,
    reminder_sent(
        "D1",
        kind="payment_demand",
        on="2026-05-08",
        deadline="2026-05-22",
        asked=(
            part("principal", 413_00, "K1"),
            part("reminder_fee", 76_00, "K1"),
            part("collection_fee", 187_50, "K1"),
            part("collection_fee_vat", 46_88, "K1"),
        ),
    ),
    fee_charged(
        "collection_fee", 187_50, on="2026-05-08", claim="K1", letter="D1", rule="INKF-2-2/2026"
    ),
    fee_charged(
        "collection_fee_vat", 46_88, on="2026-05-08", claim="K1", letter="D1", rule="INKF-2-2/2026"
    ),
)
"""K1 after a payment demand with the light collection fee: 234.38 with VAT."""
