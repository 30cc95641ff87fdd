"""Events of every type, plain ones and ones at the limits of what may be recorded.

They stand in an order in which they could happen: the fold of them all finds each claim, letter
or hold that a later event refers to. Every optional field is left out once and given once.
"""

from datetime import UTC, date, datetime
from typing import Final

from ledger.domain import events as e
from ledger.domain.events import Event, Part
from ledger.domain.money import MAX_AMOUNT

ON: Final = date(2026, 3, 2)
AT: Final = datetime(2026, 3, 2, 9, 42, 7, 250_000, tzinfo=UTC)
LAST_DAY: Final = date(9999, 12, 31)
CASE: Final = "01890a5d-ac96-774b-bcce-b302099a8057"


def remitted(case: str, reference: str, amount: int) -> e.RemittanceLine:
    """What a remittance pays out of a case: all of it principal, received on one day."""
    return e.RemittanceLine(
        case=case,
        reference=reference,
        amount=amount,
        principal=amount,
        interest=0,
        costs=0,
        retained=0,
        received_on=ON,
    )


VISIT: Final[tuple[Event, ...]] = (
    e.CaseOpened(
        value_date=ON, reference="2026-1", creditor="clinic-1", debtor="subject-1", currency="NOK"
    ),
    e.CaseOpened(
        value_date=date(1990, 1, 1),
        reference="ÆØÅ/☃",
        creditor="c",
        debtor=None,
        currency="EUR",
        debtor_role="guardian",
    ),
    e.ChargeRegistered(value_date=ON, charge="lab", category="lab", amount=183_00, at=AT),
    e.ChargeRegistered(value_date=ON, charge="free", category="other", amount=0, at=AT),
    e.ChargeSentToTerminal(value_date=ON, charge="lab", at=AT),
    e.TerminalAttemptRecorded(value_date=ON, amount=0, result="approved", at=AT),
    e.TerminalAttemptRecorded(value_date=ON, amount=183_00, result="declined", at=AT),
    e.TerminalPaymentReceived(
        value_date=ON,
        payment="T1",
        amount=183_00,
        parts=(Part("charge", 183_00, "lab"), Part("charge", 0, "free")),
        at=AT,
    ),
    e.TerminalPaymentReceived(value_date=ON, payment="T2", amount=0, parts=(), at=AT),
)
"""The day of the visit."""

CLAIMS: Final[tuple[Event, ...]] = (
    e.InvoiceIssued(
        value_date=ON,
        invoice="K1",
        lines=(
            e.InvoiceLine(1, "consultation", 230_00, egenandel=True),
            e.InvoiceLine(2, "lab", 183_00, "lab"),
            e.InvoiceLine(3, "material", 0),
        ),
        due_date=date(2026, 3, 16),
        kid="0010017",
        service_date=date(2026, 1, 2),
        patient="minor",
        late=True,
    ),
    e.InvoiceIssued(
        value_date=ON,
        invoice="K2",
        lines=(e.InvoiceLine(1, "other", MAX_AMOUNT),),
        due_date=None,
        kid=None,
    ),
    e.InvoiceDelivered(value_date=ON, invoice="K1", channel="digital_mailbox"),
    e.DeliveryFailed(value_date=date(2026, 3, 5), subject="K2", channel="post"),
    e.DueDateMoved(value_date=date(2026, 3, 5), invoice="K1", due_date=date(2026, 3, 20)),
    e.DueDateMoved(
        value_date=date(2026, 3, 6), invoice="K1", due_date=date(2026, 3, 16), corrects=14
    ),
    e.ReminderSent(
        value_date=date(2026, 3, 30),
        letter="R1",
        kind="collection_notice",
        channel="efaktura",
        deadline=date(2026, 4, 13),
        sender="clinic",
        invoices=("K1", "K2"),
        asked=(Part("reminder_fee", 38_00, "K1"), Part("principal", 413_00, "K1")),
        regime="1988",
    ),
    e.ReminderSent(
        value_date=ON, letter="R2", kind="reminder", channel="not_stated", deadline=None
    ),
    e.FeeCharged(
        value_date=date(2026, 3, 30),
        component="reminder_fee",
        amount=38_00,
        claim="K1",
        rule="INKF-1-2/2026",
        letter="R1",
    ),
    e.FeeCharged(
        value_date=ON,
        component="collection_fee",
        amount=0,
        claim=None,
        rule="imported",
        letter=None,
    ),
    e.FeeCharged(
        value_date=date(2026, 5, 30),
        component="collection_fee",
        amount=187_50,
        claim=None,
        rule="INKF-2-2/2026",
        letter="R1",
        heavy=True,
        again=True,
    ),
    e.InterestFixed(
        value_date=date(2026, 7, 15),
        claim="K1",
        amount=16_47,
        until=date(2026, 7, 15),
        segments=(
            e.InterestSegment(date(2026, 3, 16), date(2026, 6, 30), 106, 413_00, 12_00),
            e.InterestSegment(date(2026, 6, 30), date(2026, 7, 15), 15, 413_00, 12_25),
        ),
    ),
    e.InterestFixed(value_date=ON, claim="K2", amount=0, until=LAST_DAY, segments=()),
    e.InterestPaused(
        value_date=date(2026, 7, 20),
        first_day=date(2026, 7, 1),
        last_day=date(2026, 7, 20),
        reason="clinic_answered_late",
    ),
)
"""What is claimed, in writing and on top of it."""

MONEY: Final[tuple[Event, ...]] = (
    e.PaymentReceived(
        value_date=date(2026, 4, 27),
        payment="bank-1",
        amount=500_00,
        parts=(
            Part("reminder_fee", 38_00, "K1"),
            Part("collection_fee", 5_70),
            Part("principal", 413_00, "K1", 2),
        ),
        overpaid=43_30,
        order="costs_interest_principal",
    ),
    e.PaymentReceived(
        value_date=date(2026, 4, 27),
        payment="bank-2",
        amount=MAX_AMOUNT,
        parts=(),
        overpaid=MAX_AMOUNT,
        order="principal_interest_costs",
        designation="letter",
        ordered_on=date(2026, 4, 24),
        receipt="bank-2",
    ),
    e.PaymentReceived(
        value_date=ON,
        payment="bank-3",
        amount=0,
        parts=(),
        overpaid=0,
        order="principal_interest_costs",
    ),
    e.PaymentReportedByClinic(
        value_date=date(2026, 5, 4),
        payment="desk-1",
        amount=250_00,
        parts=(Part("principal", 230_00, "K1", 1),),
        excess=20_00,
        order="principal_interest_costs",
    ),
    e.PaymentReportedByClinic(
        value_date=ON,
        payment="desk-2",
        amount=0,
        parts=(),
        excess=0,
        order="costs_interest_principal",
        designation="parts",
    ),
    e.PaymentReversed(
        value_date=date(2026, 5, 5),
        payment="bank-1",
        amount=500_00,
        parts=(
            Part("reminder_fee", 38_00, "K1"),
            Part("collection_fee", 5_70),
            Part("principal", 413_00, "K1", 2),
        ),
        overpaid=43_30,
        paid_on=date(2026, 4, 27),
        reason="returned_by_bank",
        corrects=22,
    ),
    e.PaymentReversed(
        value_date=date(2026, 5, 5),
        payment="bank-2",
        amount=MAX_AMOUNT,
        parts=(),
        overpaid=MAX_AMOUNT,
        paid_on=date(2026, 4, 27),
        reason="wrong_case",
        corrects=23,
        receipt="bank-2",
    ),
    e.PaymentReversed(
        value_date=date(2026, 5, 5),
        payment="desk-1",
        amount=250_00,
        parts=(Part("principal", 200_00, "K1", 1),),
        overpaid=0,
        paid_on=date(2026, 5, 4),
        reason="recorded_in_error",
        corrects=25,
        moved=(Part("principal", 30_00, "K1", 1),),
        restored=(Part("interest", 5_00, "K1"),),
        directly=True,
    ),
    e.OverpaymentRefunded(value_date=date(2026, 5, 6), refund="B1", amount=1_234_567_89),
    e.OverpaymentRefunded(value_date=date(2026, 5, 6), refund="B2", amount=0),
    e.CorrectionRecorded(
        value_date=date(2026, 5, 6), corrects=(18, 20), reason="payment_known_late"
    ),
    e.CorrectionRecorded(value_date=date(2026, 5, 6), corrects=(17,), reason="letter_void"),
)
"""Payments, and what becomes of them."""

GIVEN_UP: Final[tuple[Event, ...]] = (
    e.LetterVoided(value_date=date(2026, 5, 6), letter="R1", corrects=16, reason="wrong_recipient"),
    e.FeeWaived(
        value_date=date(2026, 5, 6),
        parts=(Part("reminder_fee", 38_00, "K1"),),
        reason="paid_in_time",
    ),
    e.FeeWaived(
        value_date=date(2026, 5, 6),
        parts=(Part("reminder_fee", 8_00, "K1"),),
        reason="letter_void",
        letter="R1",
        returned=(Part("reminder_fee", 30_00, "K1"), Part("collection_fee", 5_70)),
        moved=(Part("principal", 12_50, "K1", 1), Part("collection_fee_vat", 1_00)),
        overpaid=22_20,
        payment="bank-1",
    ),
    e.FeeWaived(value_date=ON, parts=(), reason="goodwill"),
    e.InterestLowered(
        value_date=date(2026, 7, 20),
        claim="K1",
        unpaid=3_00,
        moved=(Part("principal", 2_00, "K1", 1), Part("collection_fee", 1_00)),
        overpaid=50,
        until=date(2026, 7, 15),
        segments=(e.InterestSegment(date(2026, 3, 16), date(2026, 7, 15), 121, 230_00, 12_00),),
    ),
    e.InterestLowered(
        value_date=ON, claim="K2", unpaid=0, moved=(), overpaid=0, until=ON, segments=()
    ),
    e.Credited(
        value_date=date(2026, 7, 20),
        credit_note="C1",
        reason="goodwill",
        parts=(Part("principal", 413_00, "K1"), Part("interest", 1, "K1")),
    ),
    e.Credited(
        value_date=date(2026, 7, 20),
        credit_note="C2",
        reason="charged_in_error",
        parts=(Part("principal", 183_00, "K1", 2),),
        never_owed=True,
        payment="bank-1",
    ),
    e.WrittenOff(
        value_date=ON, reason="small_remainder", parts=(Part("court_fee", MAX_AMOUNT, "K1"),)
    ),
    e.WrittenOff(value_date=ON, reason="uncollectable", parts=(), payment="bank-1"),
)
"""What is no longer claimed."""

DISPUTES: Final[tuple[Event, ...]] = (
    e.DisputeRaised(value_date=ON, dispute="D1", category="never_visited", code=None),
    e.DisputeRaised(
        value_date=ON,
        dispute="judge",
        category="imported",
        code="#",
        hold_until=date(2026, 3, 23),
    ),
    e.DisputeReferred(value_date=ON, dispute="D1", referred_to="clinic", code="NIL"),
    e.DisputeReferred(value_date=ON, dispute="judge", referred_to="not_stated", code=None),
    e.DisputeAnswered(
        value_date=ON, dispute="D1", outcome="partly_upheld", decided_by="clinic", code=None
    ),
    e.DisputeAnswered(
        value_date=ON,
        dispute="judge",
        outcome="rejected",
        decided_by="judge",
        code="6",
        obviously_groundless=True,
    ),
    e.DisputeAnswerNotified(value_date=ON, dispute="D1", code="G"),
    e.DisputeAnswerNotified(value_date=ON, dispute="judge", code=None),
)
"""Objections and their answers."""

AGREEMENTS: Final[tuple[Event, ...]] = (
    e.DeferralGranted(value_date=ON, until=date(2026, 4, 30), moved=("K1", "K2")),
    e.DeferralGranted(value_date=ON, until=LAST_DAY, moved=()),
    e.InstalmentPlanAgreed(
        value_date=ON,
        plan="P1",
        instalments=(
            e.Instalment(date(2026, 5, 1), 200_00),
            e.Instalment(date(2026, 6, 1), 213_00),
        ),
        cost_informed=True,
    ),
    e.InstalmentPlanBroken(
        value_date=date(2026, 5, 10), plan="P1", missed=date(2026, 5, 1), missing=150_00
    ),
    e.InstalmentPlanAgreed(
        value_date=ON,
        plan="P2",
        instalments=(e.Instalment(LAST_DAY, MAX_AMOUNT),),
        cost_informed=False,
    ),
    e.InstalmentPlanCompleted(value_date=date(2026, 6, 1), plan="P2"),
    e.SettlementAgreed(
        value_date=ON,
        settlement="S1",
        amount=300_00,
        pay_by=date(2026, 6, 1),
        agreed_by="agent:1",
    ),
    e.SettlementLapsed(value_date=date(2026, 6, 5), settlement="S1"),
    e.DebtAcknowledged(value_date=date(2026, 7, 21), how="in_writing"),
)
"""What was agreed with the debtor."""

PEOPLE: Final[tuple[Event, ...]] = (
    e.CircumstanceRegistered(
        value_date=ON, circumstance="estate", since=date(2026, 2, 11), contact="subject-2"
    ),
    e.CircumstanceRegistered(
        value_date=ON, circumstance="protected_address", since=ON, contact=None
    ),
    e.CircumstanceEnded(value_date=ON, circumstance="protected_address"),
    e.HoldPlaced(
        value_date=ON,
        hold="H1",
        kind="address_unknown",
        until=date(2026, 4, 1),
        review_on=date(2026, 3, 16),
    ),
    e.HoldPlaced(
        value_date=ON, hold="H2", kind="minor_review", until=None, review_on=date(2026, 3, 16)
    ),
    e.HoldReleased(value_date=ON, hold="H1"),
    e.AuthorisationRegistered(
        value_date=ON,
        authorisation="F1",
        holder="subject-3",
        scope="basis",
        valid_from=ON,
        valid_to=date(2027, 3, 1),
        verified_by="signed_form",
    ),
    e.AuthorisationRegistered(
        value_date=ON,
        authorisation="F2",
        holder="subject-3",
        scope="payment",
        valid_from=ON,
        valid_to=None,
        verified_by="guardianship",
    ),
    e.AuthorisationRevoked(value_date=ON, authorisation="F1"),
    e.ContactRecorded(
        value_date=ON,
        contact="T-1",
        direction="incoming",
        channel="phone",
        caller="debtor",
        topic="terminal_zero",
        disclosed="balance",
        outcome="callback",
        at=AT,
    ),
    e.ContactRecorded(
        value_date=ON,
        contact="T-2",
        direction="outgoing",
        channel="in_person",
        caller="third_party",
        topic="other",
        disclosed="lines",
        outcome="solved",
        at=AT,
        authorisation="F2",
    ),
    e.DisclosureRefused(value_date=ON, contact="T-3", channel="email", form_sent=True),
    e.DisclosureRefused(value_date=ON, contact="T-4", channel="phone", form_sent=False),
    e.ContactPreferenceSet(value_date=ON, channel="sms"),
    e.CallbackRequested(value_date=ON, callback="CB1", at=AT),
    e.CallbackMade(value_date=ON, callback="CB1", reached=False, at=AT),
    e.CallbackMade(value_date=ON, callback="CB1", reached=True, at=AT),
    e.NoteTaken(value_date=ON, note="N1"),
    e.ClinicAsked(value_date=ON, question="Q1", topic="frikort"),
    e.ClinicReplied(value_date=ON, question="Q1", answer="claim_stands"),
)
"""The debtor's situation, and talking with the debtor, others and the clinic."""

LEGAL: Final[tuple[Event, ...]] = (
    e.HandedOver(value_date=ON, recipient="collection-agency", outstanding=MAX_AMOUNT),
    e.HandedOver(value_date=ON, recipient="not_stated", outstanding=0),
    e.LegalDecisionRequested(
        value_date=ON,
        reason="disputed",
        outstanding=456_70,
        cost=1_500_00,
        recommended="conciliation",
    ),
    e.ClinicDecided(value_date=ON, choice="conciliation", decided_by="clinic:1"),
    e.LegalStepFiled(value_date=ON, filing="L1", step="conciliation", outstanding=456_70),
    e.EnforcementResultRecorded(value_date=ON, filing="L1", outcome="judgment"),
    e.LegalStepFiled(value_date=ON, filing="L2", step="enforcement", outstanding=MAX_AMOUNT),
    e.EnforcementResultRecorded(value_date=ON, filing="L2", outcome="nothing_to_attach"),
    e.EgenandelPaymentReported(
        value_date=ON, invoice="K1", lines=(1, 2), amount=230_00, paid_on=date(2026, 4, 27)
    ),
    e.EgenandelPaymentReported(value_date=ON, invoice="K2", lines=(1,), amount=0, paid_on=ON),
)
"""The hand-over, legal steps, and the report of the patient's share."""

WORK: Final[tuple[Event, ...]] = (
    e.TaskRaised(value_date=ON, task="O1", kind="hold_review", due_on=ON, subject="H2"),
    e.TaskRaised(value_date=ON, task="O2", kind="limitation_warning", due_on=LAST_DAY),
    e.TaskDone(value_date=ON, task="O1"),
    e.ApprovalRequested(
        value_date=ON,
        approval="A1",
        action={
            "type": "RefundOverpayment",
            "on": "2026-03-02",
            "refund": "B1",
            "amount": 2_500_00,
        },
        requested_by="agent:1",
    ),
    e.ApprovalGiven(value_date=ON, approval="A1", approved_by="senior:2"),
    e.ApprovalRequested(
        value_date=ON,
        approval="A2",
        action={"type": "WriteOff", "on": "2026-03-02", "parts": [], "reason": "uncollectable"},
        requested_by="agent:1",
    ),
    e.ApprovalDeclined(value_date=ON, approval="A2", declined_by="senior:2"),
)
"""What somebody must do or agree to."""

ENDS: Final[tuple[Event, ...]] = (
    e.CaseClosed(value_date=date(2026, 8, 1), reason="time_barred"),
    e.CaseReopened(value_date=date(2026, 8, 2), reason="payment_returned"),
    e.CaseClosed(value_date=LAST_DAY, reason="paid"),
    e.SubjectErased(
        value_date=LAST_DAY,
        erasure="0d7c6c5e-6f0e-4f4f-9c59-5a2f6f7e2b11",
        subject="subject-1",
        legal_basis="asked_by_the_person",
        erased=("contact", "notes", "third_parties"),
        kept=("identity",),
        kept_until=date(2031, 12, 31),
    ),
    e.SubjectErased(
        value_date=LAST_DAY,
        erasure="3f1b7a52-2a86-4c55-8d0b-6b7d1f0f9a40",
        subject="subject-1",
        legal_basis="retention_ended",
        erased=("contact", "notes", "third_parties", "identity"),
        kept=(),
        kept_until=None,
    ),
)
"""The end of a case."""

OF_A_CASE: Final[tuple[Event, ...]] = (
    *VISIT, *CLAIMS, *MONEY, *GIVEN_UP, *DISPUTES, *AGREEMENTS, *PEOPLE, *LEGAL, *WORK, *ENDS,
)  # fmt: skip

BESIDE_CASES: Final[tuple[Event, ...]] = (
    e.CommandRefused(
        value_date=ON,
        case=CASE,
        command="WriteOff",
        code="still_owed",
        facts={"outstanding": 38_00},
        earliest=None,
        source=None,
    ),
    e.CommandRefused(
        value_date=ON,
        case=CASE,
        command="SendReminder",
        code="nothing_owed",
        facts={},
        earliest=date(2026, 3, 30),
        source="inkassoforskriften § 1-2",
    ),
    e.ClinicRegistered(
        value_date=ON,
        clinic="clinic-1",
        organisation_number="974760673",
        trade_name="Øvre Legesenter",
        account="12345678903",
    ),
    e.ClinicPolicySet(value_date=ON, policy={}),
    e.ClinicPolicySet(
        value_date=ON,
        policy={
            "allocation_order": "principal_interest_costs",
            "vat_deductible": True,
            "grace_days": 5,
            "charges_reminder_fees": False,
            "invoicing_fee_most": 40_00,
            "late_invoice_days": 1,
            "small_remainder": 0,
            "smallest_letter": 100_00,
            "frikort_billed_in_error": "pay_and_refund",
            "waives_interest_when_slow": False,
            "letters": "proposed",
            "letter_channel": "efaktura",
            "reminder_after_days": 21,
            "letter_deadline_days": 90,
            "legal_decision_after_days": 365,
        },
    ),
    e.ClinicAccountChanged(
        value_date=ON, account="12345678903", requested_by="agent:1", approved_by="senior:2"
    ),
    e.ReceiptRegistered(
        value_date=ON,
        receipt="bank-9",
        account="12345678903",
        amount=413_00,
        booked_on=ON,
        ordered_on=date(2026, 2, 27),
        kid="0010017",
        source_line="sha256:00",
    ),
    e.ReceiptRegistered(
        value_date=ON,
        receipt="bank-10",
        account="12345678903",
        amount=MAX_AMOUNT,
        booked_on=ON,
        ordered_on=None,
        kid=None,
        source_line="sha256:01",
    ),
    e.ReceiptMatched(value_date=ON, receipt="bank-9", case=CASE, reference="2026-1"),
    e.ReceiptUnmatched(value_date=ON, receipt="bank-9", case=CASE, amount=413_00),
    e.ReceiptQueued(value_date=ON, receipt="bank-9", reason="possible_duplicate"),
    e.ReceiptReturned(value_date=ON, receipt="bank-9", amount=413_00),
    e.ClientFundsRemitted(
        value_date=ON,
        remittance="U1",
        clinic="clinic-1",
        account="12345678903",
        until=date(2026, 2, 28),
        amount=413_00,
        retained=43_30,
        lines=(
            remitted(CASE, "2026-1", 313_00),
            remitted(CASE, "2026-2", 100_00),
        ),
    ),
    e.ClientFundsRemitted(
        value_date=ON,
        remittance="U2",
        clinic="clinic-1",
        account="12345678903",
        until=ON,
        amount=0,
        retained=0,
        lines=(remitted(CASE, "2026-1", 0),),
    ),
)
"""What belongs to the streams of clinics, receipts, remittances and refusals."""

EVENTS: Final[tuple[Event, ...]] = (*OF_A_CASE, *BESIDE_CASES)
