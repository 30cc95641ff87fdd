"""Events of every type, plain ones and ones at the limits of what may be recorded."""

from datetime import UTC, date, datetime
from typing import Final

from ledger.domain.events import (
    CaseClosed,
    CaseOpened,
    ChargeRegistered,
    ChargeSentToTerminal,
    Credited,
    DisputeAnswered,
    DisputeAnswerNotified,
    DisputeRaised,
    DisputeReferred,
    Event,
    FeeCharged,
    FeeWaived,
    HandedOver,
    InterestFixed,
    InterestSegment,
    InvoiceDelivered,
    InvoiceIssued,
    InvoiceLine,
    Part,
    PaymentReceived,
    ReminderSent,
    TerminalAttemptRecorded,
    TerminalPaymentReceived,
    WrittenOff,
)
from ledger.domain.money import MAX_AMOUNT

ON: Final = date(2026, 3, 2)
AT: Final = datetime(2026, 3, 2, 9, 42, 7, 250_000, tzinfo=UTC)

EVENTS: Final[tuple[Event, ...]] = (
    CaseOpened(
        value_date=ON, reference="2026-1", creditor="clinic-1", debtor="subject-1", currency="NOK"
    ),
    CaseOpened(
        value_date=date(1990, 1, 1), reference="ÆØÅ/☃", creditor="c", debtor=None, currency="EUR"
    ),
    ChargeRegistered(value_date=ON, charge="lab", category="lab", amount=183_00, at=AT),
    ChargeRegistered(value_date=ON, charge="free", category="other", amount=0, at=AT),
    ChargeSentToTerminal(value_date=ON, charge="lab", at=AT),
    TerminalAttemptRecorded(value_date=ON, amount=0, result="approved", at=AT),
    TerminalAttemptRecorded(value_date=ON, amount=183_00, result="declined", at=AT),
    TerminalPaymentReceived(
        value_date=ON,
        payment="T1",
        amount=183_00,
        parts=(Part("charge", 183_00, "lab"), Part("charge", 0, "free")),
        at=AT,
    ),
    InvoiceIssued(
        value_date=ON,
        invoice="K1",
        lines=(
            InvoiceLine(1, "consultation", 230_00),
            InvoiceLine(2, "lab", 183_00, "lab"),
            InvoiceLine(3, "material", 0),
        ),
        due_date=date(2026, 3, 16),
        kid="0010017",
    ),
    InvoiceIssued(
        value_date=ON,
        invoice="K2",
        lines=(InvoiceLine(1, "other", MAX_AMOUNT),),
        due_date=None,
        kid=None,
    ),
    InvoiceDelivered(value_date=ON, invoice="K1", channel="digital_mailbox"),
    FeeCharged(
        value_date=ON,
        component="reminder_fee",
        amount=38_00,
        claim="K1",
        rule="INKF-1-2/2026",
        letter="R1",
    ),
    FeeCharged(
        value_date=ON,
        component="collection_fee",
        amount=0,
        claim=None,
        rule="imported",
        letter=None,
    ),
    FeeWaived(value_date=ON, parts=(Part("reminder_fee", 38_00, "K1"),), reason="paid_in_time"),
    FeeWaived(value_date=ON, parts=(), reason="nothing"),
    InterestFixed(
        value_date=date(2026, 7, 15),
        claim="K1",
        amount=16_47,
        until=date(2026, 7, 15),
        segments=(
            InterestSegment(date(2026, 3, 16), date(2026, 6, 30), 106, 413_00, 12_00),
            InterestSegment(date(2026, 6, 30), date(2026, 7, 15), 15, 413_00, 12_25),
        ),
    ),
    ReminderSent(
        value_date=ON,
        letter="R1",
        kind="collection_notice",
        channel="efaktura",
        deadline=date(2026, 3, 30),
    ),
    ReminderSent(value_date=ON, letter="R2", kind="reminder", channel="not_stated", deadline=None),
    PaymentReceived(
        value_date=ON,
        payment="bank-1",
        amount=500_00,
        parts=(
            Part("reminder_fee", 38_00, "K1"),
            Part("collection_fee", 5_70),
            Part("principal", 413_00, "K1"),
        ),
        overpaid=43_30,
        order="costs_interest_principal",
    ),
    PaymentReceived(
        value_date=ON,
        payment="bank-2",
        amount=0,
        parts=(),
        overpaid=0,
        order="principal_interest_costs",
    ),
    DisputeRaised(value_date=ON, dispute="D1", category="never_visited", code=None),
    DisputeRaised(value_date=ON, dispute="judge", category="imported", code="#"),
    DisputeReferred(value_date=ON, dispute="D1", referred_to="clinic", code="NIL"),
    DisputeAnswered(
        value_date=ON, dispute="D1", outcome="partly_upheld", decided_by="clinic", code=None
    ),
    DisputeAnswerNotified(value_date=ON, dispute="D1", code="G"),
    Credited(
        value_date=ON,
        credit_note="C1",
        reason="goodwill",
        parts=(Part("principal", 413_00, "K1"), Part("interest", 1, "K1")),
    ),
    WrittenOff(
        value_date=ON, reason="small_remainder", parts=(Part("court_fee", MAX_AMOUNT, "K1"),)
    ),
    HandedOver(value_date=ON, recipient="collection-agency", outstanding=MAX_AMOUNT),
    HandedOver(value_date=ON, recipient="not_stated", outstanding=0),
    CaseClosed(value_date=date(9999, 12, 31), reason="time_barred"),
)
