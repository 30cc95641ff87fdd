"""Everything that can be asked of a case. A command is answered with events or a refusal.

Amounts are minor units (øre, cent); ``on`` is the value date (Europe/Oslo).
"""

from datetime import date, datetime
from typing import Annotated, Final, Literal

import msgspec

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
from ledger.domain.money import Amount

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""An identifier that people and other systems use; 100 characters hold all known formats."""


CODE_MAX_CHARS: Final = 50
Code = Annotated[str, msgspec.Meta(max_length=CODE_MAX_CHARS, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""Another system's code, kept as it was."""


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


class ConfirmDelivery(Command, frozen=True, kw_only=True):
    """There is evidence that the invoice arrived."""

    invoice: Name
    channel: DeliveryChannel


class ChargeFee(Command, frozen=True, kw_only=True):
    """Add a fee to the debt."""

    component: FeeComponent
    amount: Amount
    rule: Name
    claim: str | None = None
    letter: str | None = None


class SendReminder(Command, frozen=True, kw_only=True):
    """Send a letter of the collection ladder."""

    letter: Name
    kind: LetterKind
    channel: DeliveryChannel
    deadline: date | None = None


class ReceivePayment(Command, frozen=True, kw_only=True):
    """Money came in on the client account."""

    payment: Name
    amount: Amount
    order: AllocationOrder | None = None
    """The debtor's own choice of what is to be paid first, if he made one."""


class RaiseDispute(Command, frozen=True, kw_only=True):
    """The debtor objects."""

    dispute: Name
    category: Name


class ReferDispute(Command, frozen=True, kw_only=True):
    """Send the dispute to whoever decides it."""

    dispute: Name
    referred_to: Name


class AnswerDispute(Command, frozen=True, kw_only=True):
    """Decide a dispute. Upheld, all that is still owed is credited."""

    dispute: Name
    outcome: Literal["upheld", "rejected"]
    decided_by: Name


class Credit(Command, frozen=True, kw_only=True):
    """Give up parts of the claim by a credit note."""

    credit_note: Name
    reason: CreditReason
    parts: tuple[Part, ...]


class WriteOff(Command, frozen=True, kw_only=True):
    """Stop pursuing what is still owed, and count it as lost."""

    reason: WriteOffReason


class HandOver(Command, frozen=True, kw_only=True):
    """Pass the case on for collection."""

    recipient: Name


class CloseCase(Command, frozen=True, kw_only=True):
    """End the case."""

    reason: CloseReason


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


AnyCommand = (
    OpenCase
    | RegisterCharge
    | SendChargeToTerminal
    | RecordTerminalAttempt
    | IssueInvoice
    | ConfirmDelivery
    | ChargeFee
    | SendReminder
    | ReceivePayment
    | RaiseDispute
    | ReferDispute
    | AnswerDispute
    | Credit
    | WriteOff
    | HandOver
    | CloseCase
    | ImportHistory
)
