"""Everything that can happen, in the order in which it usually does.

Each event is a fact: past tense, frozen, complete. Amounts are integers in minor units
(øre, cent). ``value_date`` is the date on which the fact counts (Europe/Oslo); when we got
to know it, who told us and how is kept beside the fact (``ledger.domain.recorded``).

Most events belong to the stream of one case. Clinics, bank receipts, remittances and the erasures
of a person have streams of their own, and so have the refusals of a case; they stand at the end.

Adding an optional field to an event, renaming one or changing its meaning makes a new
version of its type: raise ``version`` and add an upcaster (``ledger/log/codec.py``).
"""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

import msgspec

from ledger.domain.money import Amount, Change
from ledger.domain.personal import LegalBasis, Retention

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

PatientAge = Literal["under_16", "minor", "adult"]
"""The patient's age class on the day of service: all that the log may know of a birth date."""
DebtorRole = Literal["patient", "guardian", "estate"]
DeliveryChannel = Literal["post", "email", "sms", "efaktura", "digital_mailbox", "not_stated"]
LetterKind = Literal["reminder", "collection_notice", "payment_demand", "plan_warning"]
Sender = Literal["agency", "clinic"]
AllocationOrder = Literal["costs_interest_principal", "principal_interest_costs"]
Designation = Literal["none", "invoice", "letter", "parts"]
"""What the debtor chose to pay: nothing, an invoice (by its KID), all that a letter asked for (by
paying just that amount), or the parts that he named."""
DisputeCategory = Literal[
    "misunderstanding_frikort",
    "terminal_showed_zero",
    "terminal_split",
    "never_visited",
    "record_copy",
    "already_paid",
    "wrong_amount",
    "wrong_person",
    "service",
    "other",
]
"""What an objection is about, without content: the basis itself is the clinic's to answer."""
DisputeOutcome = Literal["upheld", "partly_upheld", "rejected", "not_stated"]
CreditReason = Literal[
    "dispute_upheld", "clinic_decision", "charged_in_error", "goodwill", "settlement"
]
WaiverReason = Literal[
    "good_faith_terminal",
    "goodwill",
    "paid_in_time",
    "paid_before_letter",
    "dispute_upheld",
    "letter_void",
    "not_delivered",
    "cap_lowered",
    "settlement",
]
VoidReason = Literal[
    "wrong_content", "wrong_recipient", "wrong_date", "paid_before", "not_delivered"
]
"""Why nothing may rest on a letter that was sent."""
WriteOffReason = Literal[
    "small_remainder", "uncollectable", "time_barred", "estate_insolvent", "recalled"
]
CloseReason = Literal[
    "paid", "credited", "written_off", "recalled", "settled", "time_barred", "estate_insolvent"
]
ReopenReason = Literal["payment_returned", "wrong_credit", "other"]
TerminalResult = Literal["approved", "declined", "cancelled"]

HoldKind = Literal[
    "clinic_query",
    "minor_review",
    "address_unknown",
    "payment_claimed",
    "regime_unreviewed",
    "creditor_change",
    "identity_doubt",
]
"""Holds that somebody places and lifts. The others follow from what happened on the case."""
Circumstance = Literal["estate", "bankruptcy", "debt_settlement", "protected_address"]
AuthorisationScope = Literal["payment", "basis"]
ContactChannel = Literal["phone", "sms", "email", "letter", "portal", "in_person"]
ContactDirection = Literal["incoming", "outgoing"]
ContactTopic = Literal[
    "balance",
    "basis",
    "frikort",
    "record_copy",
    "terminal_zero",
    "terminal_split",
    "deferral",
    "instalment_plan",
    "dispute",
    "payment",
    "other",
]
Caller = Literal["debtor", "guardian", "third_party", "clinic"]
Disclosed = Literal["nothing", "balance", "lines"]
ContactOutcome = Literal["solved", "referred_to_clinic", "callback", "open"]
LegalReason = Literal["disputed", "unpaid"]
ClinicChoice = Literal["conciliation", "enforcement", "credit", "continue"]
LegalStep = Literal["conciliation", "enforcement"]
EnforcementOutcome = Literal["attached", "nothing_to_attach", "judgment", "dismissed"]
QueueReason = Literal[
    "no_kid", "invalid_kid", "unknown_kid", "case_closed", "possible_duplicate", "refused"
]
"""Why a bank receipt was not matched when it came; ``refused``: the case did not take it."""
TaskKind = Literal[
    "answer_overdue",
    "clinic_answer_overdue",
    "deferral_ended",
    "egenandel_paid",
    "hold_review",
    "limitation_warning",
    "plan_broken",
    "refund_due",
    "settlement_missed",
    "callback_due",
]
"""What somebody must look at, because a date has come."""


class Part(msgspec.Struct, frozen=True, gc=False):
    """A share of an amount: how much of it falls on one component of one claim."""

    component: Component
    amount: Amount
    claim: str | None = None
    """The invoice; for ``charge`` the charge; ``None`` for costs of the case as a whole."""
    line: int | None = None
    """For ``principal`` the line of the invoice, where it is known."""


class InvoiceLine(msgspec.Struct, frozen=True, gc=False):
    """One line of an invoice; ``charge`` names the terminal charge that it claims, if any."""

    line: int
    category: LineCategory
    amount: Amount
    charge: str | None = None
    egenandel: bool = False
    """Whether it is the patient's statutory share, which counts towards the frikort when paid."""


class Instalment(msgspec.Struct, frozen=True, gc=False):
    """What is to be paid of a plan, and when."""

    due: date
    amount: Amount


class InterestSegment(msgspec.Struct, frozen=True, gc=False):
    """Interest at one rate on one principal: ``days`` after ``after``, up to ``until`` itself."""

    after: date
    until: date
    days: int
    principal: Amount
    rate_bp: int


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A fact."""

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
    debtor_role: DebtorRole = "patient"
    """A guardian who ordered the service owes it himself (vergemålsloven)."""


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
    service_date: date | None = None
    """The day of the visit; the invoice must say it when it comes late."""
    patient: PatientAge = "adult"
    late: bool = False
    """It was sent late by an error that is not the debtor's: it may carry no fee."""


class InvoiceDelivered(Event, frozen=True, kw_only=True):
    """There is evidence that the invoice reached the debtor."""

    name = "invoice_delivered"

    invoice: str
    channel: DeliveryChannel


class DeliveryFailed(Event, frozen=True, kw_only=True):
    """An invoice or a letter did not reach the debtor: returned mail, a bounced message."""

    name = "delivery_failed"

    subject: str
    """The invoice or letter."""
    channel: DeliveryChannel


class DueDateMoved(Event, frozen=True, kw_only=True):
    """An invoice falls due on another day; interest runs from the new one."""

    name = "due_date_moved"

    invoice: str
    due_date: date
    corrects: int | None = None
    """The version of the event that it corrects, where it corrects one."""


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
    heavy: bool = False
    """It makes the light collection fee of its letter a heavy one; ``amount`` is the difference."""
    again: bool = False
    """It had been given up, and is claimed again."""


class FeeWaived(Event, frozen=True, kw_only=True):
    """Costs or interest were given up, and are no longer owed."""

    name = "fee_waived"

    parts: tuple[Part, ...]
    reason: WaiverReason
    letter: str | None = None
    """The letter whose fee it was."""
    returned: tuple[Part, ...] = ()
    """What had been paid, beside ``parts``, which were still owed: no øre stands in both. ``moved``
    and ``overpaid`` say what that money pays instead, and are as much together."""
    moved: tuple[Part, ...] = ()
    overpaid: Amount = 0
    payment: str | None = None
    """The payment that it follows from: if that is taken back, so is this."""


class InterestFixed(Event, frozen=True, kw_only=True):
    """Late interest up to a date was claimed in a letter, or paid by a payment.

    ``segments`` are all of the interest from the due date on; ``amount`` is what their sum,
    rounded once, exceeds what was fixed before.
    """

    name = "interest_fixed"

    claim: str
    amount: Amount
    until: date
    segments: tuple[InterestSegment, ...]


class InterestLowered(Event, frozen=True, kw_only=True):
    """Less interest has run than was fixed: the principal stood lower than was known then.

    ``unpaid`` of it was still owed and is given up; ``moved`` and ``overpaid`` say what became
    of what had been paid already. ``segments`` are all of the interest that did run.
    """

    name = "interest_lowered"

    claim: str
    unpaid: Amount
    moved: tuple[Part, ...]
    overpaid: Amount
    until: date
    segments: tuple[InterestSegment, ...]


class InterestPaused(Event, frozen=True, kw_only=True):
    """No interest runs on these days, the first and the last included."""

    name = "interest_paused"

    first_day: date
    last_day: date
    reason: Literal["clinic_answered_late", "agreed"]


class ReminderSent(Event, frozen=True, kw_only=True):
    """A letter of the collection ladder was sent.

    The kinds are the reminder (purring), the collection notice (inkassovarsel, inkassoloven § 9),
    the payment demand (betalingsoppfordring, § 10), and the warning that a plan was broken.
    """

    name = "reminder_sent"

    letter: str
    kind: LetterKind
    channel: DeliveryChannel
    deadline: date | None
    sender: Sender = "agency"
    invoices: tuple[str, ...] = ()
    """The overdue invoices that it asks for, oldest first."""
    asked: tuple[Part, ...] = ()
    """What it asks for, its own fee included; running interest comes on top."""
    regime: str | None = None
    """The act under which it was sent; ``None`` in imported history."""


class LetterVoided(Event, frozen=True, kw_only=True):
    """A letter turned out wrong: nothing may rest on it, and its fee falls away (§ 17 (4))."""

    name = "letter_voided"

    letter: str
    corrects: int
    """The version of the event by which it was sent."""
    reason: Literal[
        "wrong_content", "wrong_recipient", "wrong_date", "paid_before", "not_delivered"
    ]


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
    designation: Designation = "none"
    ordered_on: date | None = None
    """The day on which the payer gave the order to his bank: that day decides whether he paid in
    time (inkassoloven § 9)."""
    receipt: str | None = None
    """The bank receipt that it comes from; ``None`` for money booked without one."""


class PaymentReportedByClinic(Event, frozen=True, kw_only=True):
    """The debtor paid the clinic directly; the money never passes the client account."""

    name = "payment_reported_by_clinic"

    payment: str
    amount: Amount
    parts: tuple[Part, ...]
    excess: Amount
    """What the clinic got beyond what was owed, and has to pay back itself."""
    order: AllocationOrder
    designation: Designation = "none"


class PaymentReversed(Event, frozen=True, kw_only=True):
    """A payment was taken back: what it paid is owed again, as if never paid.

    ``amount`` is the sum of ``parts``, ``moved`` and ``overpaid``, beside what a clinic got too
    much.
    """

    name = "payment_reversed"

    payment: str
    amount: Amount
    parts: tuple[Part, ...]
    overpaid: Amount
    paid_on: date
    """The day from which on the payment counted."""
    reason: Literal["returned_by_bank", "wrong_case", "recorded_in_error"]
    corrects: int
    """The version of the event by which it was received."""
    receipt: str | None = None
    moved: tuple[Part, ...] = ()
    """What its money came to pay instead, when a fee or interest that it had paid fell away."""
    restored: tuple[Part, ...] = ()
    """What was given up because of it (a small rest, a settlement's), and is owed again."""
    directly: bool = False
    """It was one that the clinic had reported: no money of ours moves."""


class OverpaymentRefunded(Event, frozen=True, kw_only=True):
    """What was paid too much went back to the payer."""

    name = "overpayment_refunded"

    refund: str
    amount: Amount


class CorrectionRecorded(Event, frozen=True, kw_only=True):
    """Something came to light that changes what earlier events led to.

    The events that follow it in the same command say what is changed.
    """

    name = "correction_recorded"

    corrects: tuple[int, ...]
    """The versions of the events whose consequences no longer stand."""
    reason: Literal["payment_known_late", "credited_from_start", "payment_reversed", "letter_void"]


class DisputeRaised(Event, frozen=True, kw_only=True):
    """The debtor objected to the claim or a part of it (innsigelse)."""

    name = "dispute_raised"

    dispute: str
    category: str
    """One of ``DisputeCategory``, or what imported history says."""
    code: str | None
    """What the source system called it, kept as it was."""
    hold_until: date | None = None
    """A plain misunderstanding holds the case no longer than its answer takes."""


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
    obviously_groundless: bool = False
    """Whether costs may follow all the same (2026 act § 18 (3))."""


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
    never_owed: bool = False
    """The charge was wrong from the start: interest on it falls away from the due date on."""
    payment: str | None = None
    """The payment that it follows from (a settlement): if that is taken back, so is this."""


class WrittenOff(Event, frozen=True, kw_only=True):
    """The named parts are no longer pursued, and counted as lost."""

    name = "written_off"

    reason: WriteOffReason
    parts: tuple[Part, ...]
    payment: str | None = None
    """The payment that left a small rest: if that is taken back, so is this."""


class HandedOver(Event, frozen=True, kw_only=True):
    """The case went to another for collection; what is owed is still owed."""

    name = "handed_over"

    recipient: str
    outstanding: Amount


class CaseClosed(Event, frozen=True, kw_only=True):
    """Nothing more will be done with the case."""

    name = "case_closed"

    reason: CloseReason


class CaseReopened(Event, frozen=True, kw_only=True):
    """A closed case goes on where it stood."""

    name = "case_reopened"

    reason: ReopenReason


class DeferralGranted(Event, frozen=True, kw_only=True):
    """The debtor got until a date to pay (betalingsutsettelse).

    Invoices that were not due yet fall due on that date instead.
    """

    name = "deferral_granted"

    until: date
    moved: tuple[str, ...]
    """The invoices whose due date moved."""


class InstalmentPlanAgreed(Event, frozen=True, kw_only=True):
    """The debtor pays in instalments (avdragsordning)."""

    name = "instalment_plan_agreed"

    plan: str
    instalments: tuple[Instalment, ...]
    cost_informed: bool
    """Whether the debtor was told that the plan raises his costs (Lovavdelingen 96/928)."""


class InstalmentPlanBroken(Event, frozen=True, kw_only=True):
    """An instalment was not paid in time."""

    name = "instalment_plan_broken"

    plan: str
    missed: date
    """The due date of the first instalment that was missed."""
    missing: Amount


class InstalmentPlanCompleted(Event, frozen=True, kw_only=True):
    """All instalments are paid."""

    name = "instalment_plan_completed"

    plan: str


class SettlementAgreed(Event, frozen=True, kw_only=True):
    """The creditor takes less for the whole, if it is paid by a date."""

    name = "settlement_agreed"

    settlement: str
    amount: Amount
    pay_by: date
    agreed_by: str


class SettlementLapsed(Event, frozen=True, kw_only=True):
    """The settlement was not paid by its date: all that is owed is owed as before."""

    name = "settlement_lapsed"

    settlement: str


class DebtAcknowledged(Event, frozen=True, kw_only=True):
    """The debtor acknowledged the debt: limitation runs anew (foreldelsesloven § 14)."""

    name = "debt_acknowledged"

    how: Literal["in_writing", "by_phone", "by_agreement"]


class CircumstanceRegistered(Event, frozen=True, kw_only=True):
    """Something about the debtor changes what may be done.

    Death (``estate``), bankruptcy, debt settlement, or a protected address.
    """

    name = "circumstance_registered"

    circumstance: Circumstance
    since: date
    contact: str | None
    """The subject who speaks for the estate, where one is known."""


class CircumstanceEnded(Event, frozen=True, kw_only=True):
    """It no longer holds."""

    name = "circumstance_ended"

    circumstance: Circumstance


class HoldPlaced(Event, frozen=True, kw_only=True):
    """Nothing may go out until somebody lifts the hold, or it ends by itself."""

    name = "hold_placed"

    hold: str
    kind: HoldKind
    until: date | None
    """The last day of the hold, where it has one."""
    review_on: date


class HoldReleased(Event, frozen=True, kw_only=True):
    """The reason for the hold is gone."""

    name = "hold_released"

    hold: str


class AuthorisationRegistered(Event, frozen=True, kw_only=True):
    """The patient lets another ask and answer for him (fullmakt)."""

    name = "authorisation_registered"

    authorisation: str
    holder: str
    """A random subject id."""
    scope: AuthorisationScope
    """``payment``: what is owed and how to pay it; ``basis``: also what the lines are."""
    valid_from: date
    valid_to: date | None
    verified_by: Literal["signed_form", "digital_signature", "guardianship", "patient_present"]


class AuthorisationRevoked(Event, frozen=True, kw_only=True):
    """The patient took it back."""

    name = "authorisation_revoked"

    authorisation: str


class ContactRecorded(Event, frozen=True, kw_only=True):
    """Somebody talked or wrote to us about the case, or we to them."""

    name = "contact_recorded"

    contact: str
    direction: ContactDirection
    channel: ContactChannel
    caller: Caller
    topic: ContactTopic
    disclosed: Disclosed
    outcome: ContactOutcome
    at: datetime
    authorisation: str | None = None


class DisclosureRefused(Event, frozen=True, kw_only=True):
    """A third party asked, and was told neither that the case exists nor that it does not."""

    name = "disclosure_refused"

    contact: str
    channel: ContactChannel
    form_sent: bool
    """Whether the form for an authorisation was sent to the patient."""


class ContactPreferenceSet(Event, frozen=True, kw_only=True):
    """The debtor wants to be reached this way."""

    name = "contact_preference_set"

    channel: ContactChannel


class CallbackRequested(Event, frozen=True, kw_only=True):
    """The debtor wants to be called back."""

    name = "callback_requested"

    callback: str
    at: datetime


class CallbackMade(Event, frozen=True, kw_only=True):
    """We called back."""

    name = "callback_made"

    callback: str
    reached: bool
    at: datetime


class NoteTaken(Event, frozen=True, kw_only=True):
    """A note was written; its text is kept in the vault, with the subject's key."""

    name = "note_taken"

    note: str


class ClinicAsked(Event, frozen=True, kw_only=True):
    """A question about the basis went to the clinic, without content."""

    name = "clinic_asked"

    question: str
    topic: ContactTopic


class ClinicReplied(Event, frozen=True, kw_only=True):
    """The clinic answered the question, to the patient himself or through us."""

    name = "clinic_replied"

    question: str
    answer: Literal["told_patient", "claim_stands", "will_credit", "will_correct"]


class LegalDecisionRequested(Event, frozen=True, kw_only=True):
    """The clinic must choose: a legal step, or a credit."""

    name = "legal_decision_requested"

    reason: LegalReason
    outstanding: Amount
    cost: Amount
    """The court fee of the step that it would take, in minor units."""
    recommended: Literal["conciliation", "enforcement", "credit"]


class ClinicDecided(Event, frozen=True, kw_only=True):
    """The clinic chose."""

    name = "clinic_decided"

    choice: ClinicChoice
    decided_by: str


class LegalStepFiled(Event, frozen=True, kw_only=True):
    """A claim went to the conciliation board, or a petition to the enforcement officer."""

    name = "legal_step_filed"

    filing: str
    step: LegalStep
    outstanding: Amount


class EnforcementResultRecorded(Event, frozen=True, kw_only=True):
    """What came of a legal step. After nothing was found to attach, the case is watched."""

    name = "enforcement_result_recorded"

    filing: str
    outcome: EnforcementOutcome


class EgenandelPaymentReported(Event, frozen=True, kw_only=True):
    """The clinic was told that the patient's share is paid; it has 14 days to report it on."""

    name = "egenandel_payment_reported"

    invoice: str
    lines: tuple[int, ...]
    amount: Amount
    paid_on: date


class TaskRaised(Event, frozen=True, kw_only=True):
    """A date has come on which somebody must look at the case."""

    name = "task_raised"

    task: str
    kind: TaskKind
    due_on: date
    subject: str | None = None
    """What it is about: the dispute, hold, plan, invoice … of that name."""


class TaskDone(Event, frozen=True, kw_only=True):
    """Somebody has looked at it."""

    name = "task_done"

    task: str


class ApprovalRequested(Event, frozen=True, kw_only=True):
    """Something that takes two people was asked for by the first."""

    name = "approval_requested"

    approval: str
    action: dict[str, Any]
    """The command, as it will be carried out."""
    requested_by: str


class ApprovalGiven(Event, frozen=True, kw_only=True):
    """The second person agreed; what was asked for follows."""

    name = "approval_given"

    approval: str
    approved_by: str


class ApprovalDeclined(Event, frozen=True, kw_only=True):
    """The second person did not agree."""

    name = "approval_declined"

    approval: str
    declined_by: str


class SubjectErased(Event, frozen=True, kw_only=True):
    """What was known of a person was destroyed, as far as the law lets it go.

    Stands in the person's own stream and in that of each case that the person owes on.
    """

    name = "subject_erased"

    erasure: str
    """The random id under which the erasure is listed outside the database."""
    subject: str
    """A random subject id."""
    legal_basis: LegalBasis
    erased: tuple[Retention, ...]
    kept: tuple[Retention, ...]
    """What bookkeeping law still needs."""
    kept_until: date | None
    """The last day on which it does; ``None`` if nothing is kept."""


class CommandRefused(Event, frozen=True, kw_only=True):
    """What was asked of a case and refused. Kept for the auditors, apart from the case."""

    name = "command_refused"

    case: str
    command: str
    code: str
    facts: dict[str, Any]
    earliest: date | None
    source: str | None


class ClinicRegistered(Event, frozen=True, kw_only=True):
    """A clinic lets us follow up its invoices."""

    name = "clinic_registered"

    clinic: str
    organisation_number: str
    trade_name: str
    """A neutral name for envelopes and messages: a clinic's own may tell what a patient has."""
    account: str
    """Where its money is paid out to."""


class ClinicPolicySet(Event, frozen=True, kw_only=True):
    """How the clinic wants its cases handled, within what the law allows."""

    name = "clinic_policy_set"

    policy: dict[str, Any]
    """The fields of ``ledger.domain.policy.ClinicPolicy`` that differ from its defaults."""


class ClinicAccountChanged(Event, frozen=True, kw_only=True):
    """The clinic's money is paid out to another account from now on."""

    name = "clinic_account_changed"

    account: str
    requested_by: str
    approved_by: str


class ReceiptRegistered(Event, frozen=True, kw_only=True):
    """The bank booked money on the client account."""

    name = "receipt_registered"

    receipt: str
    account: str
    amount: Amount
    booked_on: date
    ordered_on: date | None
    kid: str | None
    source_line: str
    """The fingerprint of the bank's line: the same line counts once."""


class ReceiptMatched(Event, frozen=True, kw_only=True):
    """The receipt pays a case; its payment stands in the case's stream."""

    name = "receipt_matched"

    receipt: str
    case: str
    reference: str


class ReceiptUnmatched(Event, frozen=True, kw_only=True):
    """The receipt was taken off the case that it was matched to."""

    name = "receipt_unmatched"

    receipt: str
    case: str
    amount: Amount


class ReceiptQueued(Event, frozen=True, kw_only=True):
    """Nobody can tell yet what the money is for: it stays the payer's."""

    name = "receipt_queued"

    receipt: str
    reason: QueueReason


class ReceiptReturned(Event, frozen=True, kw_only=True):
    """The money went back to the payer."""

    name = "receipt_returned"

    receipt: str
    amount: Amount


class RemittanceLine(msgspec.Struct, frozen=True, gc=False):
    """What a remittance pays out of one case; below zero, what it deducts for it."""

    case: str
    reference: str
    amount: Change
    """Paid out to the clinic: the next three together."""
    principal: Change
    interest: Change
    costs: Change
    """The clinic's own costs, such as reminder fees."""
    retained: Change
    """Our own remuneration, which stays with us."""
    received_on: date | None
    """The day on which the oldest of this money reached the client account; ``None`` where
    nothing but a deduction or our own remuneration is in it."""


class ClientFundsRemitted(Event, frozen=True, kw_only=True):
    """Client funds were paid out to the clinic that they belong to."""

    name = "client_funds_remitted"

    remittance: str
    clinic: str
    account: str
    until: date
    """All that was received up to this date is in it."""
    amount: Amount
    """Paid out to the clinic."""
    retained: Change
    """Our own remuneration; below zero, what we paid back into the client account."""
    lines: tuple[RemittanceLine, ...]


AnyEvent = (
    CaseOpened
    | ChargeRegistered
    | ChargeSentToTerminal
    | TerminalAttemptRecorded
    | TerminalPaymentReceived
    | InvoiceIssued
    | InvoiceDelivered
    | DeliveryFailed
    | DueDateMoved
    | FeeCharged
    | FeeWaived
    | InterestFixed
    | InterestLowered
    | InterestPaused
    | ReminderSent
    | LetterVoided
    | PaymentReceived
    | PaymentReportedByClinic
    | PaymentReversed
    | OverpaymentRefunded
    | CorrectionRecorded
    | DisputeRaised
    | DisputeReferred
    | DisputeAnswered
    | DisputeAnswerNotified
    | Credited
    | WrittenOff
    | HandedOver
    | CaseClosed
    | CaseReopened
    | DeferralGranted
    | InstalmentPlanAgreed
    | InstalmentPlanBroken
    | InstalmentPlanCompleted
    | SettlementAgreed
    | SettlementLapsed
    | DebtAcknowledged
    | CircumstanceRegistered
    | CircumstanceEnded
    | HoldPlaced
    | HoldReleased
    | AuthorisationRegistered
    | AuthorisationRevoked
    | ContactRecorded
    | DisclosureRefused
    | ContactPreferenceSet
    | CallbackRequested
    | CallbackMade
    | NoteTaken
    | ClinicAsked
    | ClinicReplied
    | LegalDecisionRequested
    | ClinicDecided
    | LegalStepFiled
    | EnforcementResultRecorded
    | EgenandelPaymentReported
    | TaskRaised
    | TaskDone
    | ApprovalRequested
    | ApprovalGiven
    | ApprovalDeclined
    | SubjectErased
    | CommandRefused
    | ClinicRegistered
    | ClinicPolicySet
    | ClinicAccountChanged
    | ReceiptRegistered
    | ReceiptMatched
    | ReceiptUnmatched
    | ReceiptQueued
    | ReceiptReturned
    | ClientFundsRemitted
)

EVENT_TYPES: tuple[type[Event], ...] = AnyEvent.__args__
"""Every type of event that the log may hold."""
