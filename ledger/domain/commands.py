"""Everything that can be asked of a case. A command is answered with events or a refusal.

Amounts are minor units (øre, cent); ``on`` is the value date (Europe/Oslo).
"""

from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from ledger.domain.events import (
    AllocationOrder,
    AuthorisationScope,
    Caller,
    Circumstance,
    ClinicChoice,
    CloseReason,
    ContactChannel,
    ContactDirection,
    ContactOutcome,
    ContactTopic,
    CreditReason,
    DebtorRole,
    DeliveryChannel,
    Disclosed,
    DisputeCategory,
    EnforcementOutcome,
    FeeComponent,
    HoldKind,
    Instalment,
    InvoiceLine,
    LegalReason,
    LegalStep,
    LetterKind,
    LineCategory,
    Part,
    PatientAge,
    ReopenReason,
    Sender,
    TaskKind,
    TerminalResult,
    VoidReason,
    WriteOffReason,
)
from ledger.domain.money import Amount
from ledger.domain.policy import ClinicPolicy

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""An identifier that people and other systems use; 100 characters hold all known formats."""


CODE_MAX_CHARS: Final = 50
Code = Annotated[str, msgspec.Meta(max_length=CODE_MAX_CHARS, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""Another system's code, kept as it was."""


NoteText = Annotated[str, msgspec.Meta(min_length=1, max_length=4_000)]
"""Room for more than a note may hold: whoever writes too much is told so by the refusal."""


Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment with its zone: two of them can be compared, wherever they were noted."""


class Command(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag=True,
    omit_defaults=True,
):
    """A request to change one case.

    Defaults are left out when it is encoded: so a command keeps its hash, under which its
    repetition is known, when a later version adds a field.
    """

    on: date


class OpenCase(Command, frozen=True, kw_only=True):
    """Keep a creditor's claims on one debtor together from now on."""

    reference: Name
    creditor: Name
    debtor: Name | None = None
    currency: str = "NOK"
    debtor_role: DebtorRole = "patient"


class RegisterCharge(Command, frozen=True, kw_only=True):
    """A part of a visit costs this much."""

    charge: Name
    category: LineCategory
    amount: Amount
    at: Instant


class SendChargeToTerminal(Command, frozen=True, kw_only=True):
    """The charge has reached the payment terminal."""

    charge: Name
    at: Instant


class RecordTerminalAttempt(Command, frozen=True, kw_only=True):
    """The patient used the terminal; an approved amount pays the charges that had reached it."""

    payment: Name
    amount: Amount
    result: TerminalResult
    at: Instant


class IssueInvoice(Command, frozen=True, kw_only=True):
    """Claim an amount in writing. Lines that name a charge claim what the terminal never got."""

    invoice: Name
    lines: tuple[InvoiceLine, ...]
    due_date: date
    kid: str | None = None
    service_date: date | None = None
    patient: PatientAge = "adult"
    late: bool = False
    """The clinic or we are to blame that it comes late. A long delay counts as that by itself."""
    invoicing_fee: Amount = 0


class ConfirmDelivery(Command, frozen=True, kw_only=True):
    """There is evidence that the invoice arrived."""

    invoice: Name
    channel: DeliveryChannel


class RecordDeliveryFailure(Command, frozen=True, kw_only=True):
    """An invoice or a letter came back."""

    subject: Name
    channel: DeliveryChannel


class CorrectDueDate(Command, frozen=True, kw_only=True):
    """The due date on record is not the one on the invoice. Takes two people."""

    invoice: Name
    due_date: date


class SendReminder(Command, frozen=True, kw_only=True):
    """Send a letter of the collection ladder.

    ``fee`` is what it charges: a reminder fee with a reminder or a collection notice, the light
    collection fee without VAT with an agency's payment demand, the demand fee with a clinic's.
    """

    letter: Name
    kind: LetterKind
    channel: DeliveryChannel
    deadline: date | None = None
    fee: Amount = 0
    fee_vat: Amount | None = None
    """Computed where it is left out."""
    sender: Sender = "agency"
    statements: tuple[Name, ...] = ()
    """What a collection notice of the 2026 act says (§ 20): the names of its required parts."""


class ClaimHeavyFee(Command, frozen=True, kw_only=True):
    """The demand has gone unpaid so long that the collection fee doubles (INKF § 2-3)."""

    amount: Amount | None = None
    """The whole heavy fee without VAT; the most that is allowed, where it is left out."""
    replaces_light: bool = True
    """The heavy fee stands in place of the light one; on top of it, it is refused."""


class ChargeFee(Command, frozen=True, kw_only=True):
    """Add a cost that no letter carries: a court fee that was paid, drafting a petition."""

    component: FeeComponent
    amount: Amount
    claim: str | None = None


class WaiveFees(Command, frozen=True, kw_only=True):
    """Give up costs or interest."""

    parts: tuple[Part, ...]
    reason: Literal["good_faith_terminal", "goodwill"]


class ReclaimFee(Command, frozen=True, kw_only=True):
    """Claim a fee again that was waived. Takes two people."""

    letter: Name


class VoidLetter(Command, frozen=True, kw_only=True):
    """A letter was wrong: its fee falls away, and that of each letter that rested on it."""

    letter: Name
    reason: VoidReason


class ReceivePayment(Command, frozen=True, kw_only=True):
    """Money came in on the client account."""

    payment: Name
    amount: Amount
    order: AllocationOrder | None = None
    """The debtor's own choice of what is to be paid first, if he made one."""
    invoice: Name | None = None
    """The invoice that the payer meant: its KID was given."""
    parts: tuple[Part, ...] = ()
    """What exactly the debtor said that he pays, if he did."""
    ordered_on: date | None = None
    receipt: Name | None = None


class ReportDirectPayment(Command, frozen=True, kw_only=True):
    """The clinic says that the debtor paid it directly."""

    payment: Name
    amount: Amount


class ReversePayment(Command, frozen=True, kw_only=True):
    """The bank took a payment back, or it was another's."""

    payment: Name
    reason: Literal["returned_by_bank", "wrong_case", "recorded_in_error"]


class RefundOverpayment(Command, frozen=True, kw_only=True):
    """Pay back what was paid too much. A large amount takes two people."""

    refund: Name
    amount: Amount


class RaiseDispute(Command, frozen=True, kw_only=True):
    """The debtor objects."""

    dispute: Name
    category: DisputeCategory


class ReferDispute(Command, frozen=True, kw_only=True):
    """Send the dispute to whoever decides it."""

    dispute: Name
    referred_to: Name


class AnswerDispute(Command, frozen=True, kw_only=True):
    """Decide a dispute.

    Upheld, all that is still owed is credited; upheld in part, the named parts. Costs fall away
    in both cases (inkassoloven § 17 (2)).
    """

    dispute: Name
    outcome: Literal["upheld", "partly_upheld", "rejected"]
    decided_by: Name
    credit: tuple[Part, ...] = ()
    obviously_groundless: bool = False


class NotifyDisputeAnswer(Command, frozen=True, kw_only=True):
    """The debtor has been told how his objection was decided."""

    dispute: Name


class Credit(Command, frozen=True, kw_only=True):
    """Give up parts of the claim by a credit note."""

    credit_note: Name
    reason: CreditReason
    parts: tuple[Part, ...]
    never_owed: bool = False


class WriteOff(Command, frozen=True, kw_only=True):
    """Stop pursuing what is still owed, and count it as lost. A large amount takes two people."""

    reason: WriteOffReason


class HandOver(Command, frozen=True, kw_only=True):
    """Pass the case on for collection."""

    recipient: Name


class CloseCase(Command, frozen=True, kw_only=True):
    """End the case."""

    reason: CloseReason


class ReopenCase(Command, frozen=True, kw_only=True):
    """Go on with a closed case. Takes two people."""

    reason: ReopenReason


class GrantDeferral(Command, frozen=True, kw_only=True):
    """Give the debtor until a date to pay."""

    until: date


class AgreeInstalmentPlan(Command, frozen=True, kw_only=True):
    """Agree on instalments."""

    plan: Name
    instalments: tuple[Instalment, ...]
    supplement: Amount = 0
    """The plan supplement without VAT; only for more than four instalments (INKF § 2-4)."""
    cost_informed: bool = False


class BreakInstalmentPlan(Command, frozen=True, kw_only=True):
    """An instalment has not come."""

    plan: Name


class AgreeSettlement(Command, frozen=True, kw_only=True):
    """Take less for the whole, if it is paid by a date; the clinic agrees to it."""

    settlement: Name
    amount: Amount
    pay_by: date
    agreed_by: Name


class LapseSettlement(Command, frozen=True, kw_only=True):
    """The settlement was not paid by its date."""

    settlement: Name


class AcknowledgeDebt(Command, frozen=True, kw_only=True):
    """The debtor says that he owes it."""

    how: Literal["in_writing", "by_phone", "by_agreement"]


class RegisterCircumstance(Command, frozen=True, kw_only=True):
    """Death, bankruptcy, debt settlement or a protected address became known."""

    circumstance: Circumstance
    since: date
    contact: Name | None = None


class EndCircumstance(Command, frozen=True, kw_only=True):
    """It no longer holds."""

    circumstance: Circumstance


class PlaceHold(Command, frozen=True, kw_only=True):
    """Let nothing go out for now."""

    hold: Name
    kind: HoldKind
    review_on: date
    until: date | None = None


class ReleaseHold(Command, frozen=True, kw_only=True):
    """The reason for the hold is gone."""

    hold: Name


class RegisterAuthorisation(Command, frozen=True, kw_only=True):
    """The patient lets another ask and answer for him."""

    authorisation: Name
    holder: Name
    scope: AuthorisationScope
    valid_from: date
    valid_to: date | None = None
    verified_by: Literal["signed_form", "digital_signature", "guardianship", "patient_present"]


class RevokeAuthorisation(Command, frozen=True, kw_only=True):
    """The patient took it back."""

    authorisation: Name


class RecordContact(Command, frozen=True, kw_only=True):
    """Somebody called or wrote, or is to be called or written to."""

    contact: Name
    direction: ContactDirection
    channel: ContactChannel
    caller: Caller
    topic: ContactTopic
    disclosed: Disclosed = "nothing"
    outcome: ContactOutcome
    at: Instant
    authorisation: Name | None = None
    patient_present: bool = False
    """The patient is on the line and agrees."""


class RefuseDisclosure(Command, frozen=True, kw_only=True):
    """Tell a third party nothing, and send the patient the form."""

    contact: Name
    channel: ContactChannel
    form_sent: bool = True


class SetContactPreference(Command, frozen=True, kw_only=True):
    """Reach the debtor this way."""

    channel: ContactChannel


class RequestCallback(Command, frozen=True, kw_only=True):
    """The debtor wants to be called back at a time."""

    callback: Name
    at: Instant


class MakeCallback(Command, frozen=True, kw_only=True):
    """We call back."""

    callback: Name
    reached: bool
    at: Instant


class TakeNote(Command, frozen=True, kw_only=True):
    """Keep a short text with the case: nothing about health in it, and no identity number."""

    note: Name
    text: NoteText


class AskClinic(Command, frozen=True, kw_only=True):
    """Send a question about the basis to the clinic, without content."""

    question: Name
    topic: ContactTopic


class ReplyFromClinic(Command, frozen=True, kw_only=True):
    """The clinic has answered."""

    question: Name
    answer: Literal["told_patient", "claim_stands", "will_credit", "will_correct"]


class RequestLegalDecision(Command, frozen=True, kw_only=True):
    """Ask the clinic to choose between a legal step and a credit."""

    reason: LegalReason


class DecideAsClinic(Command, frozen=True, kw_only=True):
    """The clinic's choice."""

    choice: ClinicChoice
    decided_by: Name


class FileLegalStep(Command, frozen=True, kw_only=True):
    """Go to the conciliation board or the enforcement officer."""

    filing: Name
    step: LegalStep


class RecordEnforcementResult(Command, frozen=True, kw_only=True):
    """What came of it."""

    filing: Name
    outcome: EnforcementOutcome


class ReportEgenandelPayment(Command, frozen=True, kw_only=True):
    """Tell the clinic that the patient's share of an invoice is paid."""

    invoice: Name


class RaiseTask(Command, frozen=True, kw_only=True):
    """A date has come on which somebody must look at the case."""

    task: Name
    kind: TaskKind
    due_on: date
    subject: Name | None = None


class DoTask(Command, frozen=True, kw_only=True):
    """Somebody has looked at it."""

    task: Name


class PastEvent(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True, gc=False):
    """Something that another system says has happened, in its own order."""

    on: date


class Claimed(PastEvent, frozen=True, kw_only=True):
    """A claim was made; amount is its principal."""

    amount: Amount


class Delivered(PastEvent, frozen=True, kw_only=True):
    """The claim reached the debtor."""


class FeeAdded(PastEvent, frozen=True, kw_only=True):
    """A fee was added."""

    component: FeeComponent
    amount: Amount


class FeeAddedUpTo(PastEvent, frozen=True, kw_only=True):
    """A fee raised the claim, principal and earlier fees of its kind included, to a new total."""

    component: FeeComponent
    total: Amount


class Paid(PastEvent, frozen=True, kw_only=True):
    """Money was received."""

    amount: Amount


class Objected(PastEvent, frozen=True, kw_only=True):
    """The debtor objected before the named instance."""

    dispute: Name
    code: Code | None = None
    upheld: bool = False
    """Whether the source's code says that the objection was upheld (already) at this event."""


class ObjectionReferred(Objected, frozen=True, kw_only=True):
    """The objection was passed on to its instance."""


class ObjectionAnswered(Objected, frozen=True, kw_only=True):
    """The instance answered."""


class AnswerNotified(Objected, frozen=True, kw_only=True):
    """The debtor was told the answer."""


class PassedToCollection(PastEvent, frozen=True, kw_only=True):
    """Handed over for collection."""


AnyPastEvent = (
    Claimed
    | Delivered
    | FeeAdded
    | FeeAddedUpTo
    | Paid
    | Objected
    | ObjectionReferred
    | ObjectionAnswered
    | AnswerNotified
    | PassedToCollection
)


class ImportHistory(Command, frozen=True, kw_only=True):
    """Take over a case from another system, as it was there.

    What happened is recorded as it was, and is not judged by the rules of today.
    """

    source: Name
    reference: Name
    creditor: Name
    currency: str
    events: tuple[AnyPastEvent, ...]


CaseCommand = (
    OpenCase
    | RegisterCharge
    | SendChargeToTerminal
    | RecordTerminalAttempt
    | IssueInvoice
    | ConfirmDelivery
    | RecordDeliveryFailure
    | CorrectDueDate
    | SendReminder
    | ClaimHeavyFee
    | ChargeFee
    | WaiveFees
    | ReclaimFee
    | VoidLetter
    | ReceivePayment
    | ReportDirectPayment
    | ReversePayment
    | RefundOverpayment
    | RaiseDispute
    | ReferDispute
    | AnswerDispute
    | NotifyDisputeAnswer
    | Credit
    | WriteOff
    | HandOver
    | CloseCase
    | ReopenCase
    | GrantDeferral
    | AgreeInstalmentPlan
    | BreakInstalmentPlan
    | AgreeSettlement
    | LapseSettlement
    | AcknowledgeDebt
    | RegisterCircumstance
    | EndCircumstance
    | PlaceHold
    | ReleaseHold
    | RegisterAuthorisation
    | RevokeAuthorisation
    | RecordContact
    | RefuseDisclosure
    | SetContactPreference
    | RequestCallback
    | MakeCallback
    | TakeNote
    | AskClinic
    | ReplyFromClinic
    | RequestLegalDecision
    | DecideAsClinic
    | FileLegalStep
    | RecordEnforcementResult
    | ReportEgenandelPayment
    | RaiseTask
    | DoTask
    | ImportHistory
)
"""What may be asked of a case by itself."""


class RequestApproval(Command, frozen=True, kw_only=True):
    """Ask a second person for something that takes two."""

    approval: Name
    action: CaseCommand


class Approve(Command, frozen=True, kw_only=True):
    """Agree, as the second person: what was asked for is carried out."""

    approval: Name


class Decline(Command, frozen=True, kw_only=True):
    """Do not agree."""

    approval: Name


class RegisterClinic(Command, frozen=True, kw_only=True):
    """A clinic lets us follow up its invoices."""

    clinic: Name
    organisation_number: str
    trade_name: Name
    account: str


class SetClinicPolicy(Command, frozen=True, kw_only=True):
    """How the clinic wants its cases handled, within what the law allows."""

    policy: ClinicPolicy


class ChangeClinicAccount(Command, frozen=True, kw_only=True):
    """Pay the clinic's money out to another account. Takes two people."""

    account: str
    requested_by: Name


class RegisterReceipt(Command, frozen=True, kw_only=True):
    """The bank booked money on the client account; its KID may say for which case."""

    receipt: Name
    account: str
    amount: Amount
    booked_on: date
    ordered_on: date | None = None
    kid: str | None = None
    source_line: Name


class MatchReceipt(Command, frozen=True, kw_only=True):
    """Somebody found out what a receipt is for."""

    case: UUID
    invoice: Name | None = None


class ReturnReceipt(Command, frozen=True, kw_only=True):
    """Pay a receipt back that is for nobody here."""


class Remit(Command, frozen=True, kw_only=True):
    """Pay out to a clinic what was received for it and not paid out yet."""

    remittance: Name
    clinic: Name
    until: date


AnyCommand = (
    CaseCommand
    | RequestApproval
    | Approve
    | Decline
    | RegisterClinic
    | SetClinicPolicy
    | ChangeClinicAccount
    | RegisterReceipt
    | MatchReceipt
    | ReturnReceipt
    | Remit
)
