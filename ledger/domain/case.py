"""The state of a case: the fold of its events.

``Case.apply`` never fails and never decides; it says what a fact changes. The same fold
serves the case as it is now, as it was known at a moment (fewer events), and as it is in
effect on a date (only events whose value date has come).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from datetime import date, datetime
from operator import is_
from typing import Any, Final, Literal, NamedTuple, Self, TypeVar, cast, get_origin
from uuid import UUID

import msgspec

from ledger.domain import events as e
from ledger.domain.accounts import COMPONENT_OF, OVERPAYMENT, postings
from ledger.domain.events import Component, Event, FeeComponent
from ledger.domain.interest import rounded
from ledger.domain.recorded import Recorded

Stage = Literal[
    "new",
    "charged",
    "invoiced",
    "overdue",
    "reminded",
    "noticed",
    "demanded",
    "demanded_heavy",
    "collection",
    "legal_decision",
    "conciliation",
    "enforcement",
    "surveillance",
    "closed",
]
"""Where on the ladder a case stands. ``overdue`` depends on the day, and is asked for with it
(``Case.stage_on``). ``collection`` is after a hand-over to somebody else."""

LADDER: Final[tuple[Stage, ...]] = (
    "new", "charged", "invoiced", "reminded", "noticed", "demanded", "demanded_heavy",
    "collection", "conciliation", "enforcement", "surveillance",
)  # fmt: skip
"""What a case climbs. While the clinic chooses, it stands beside it, at ``legal_decision``."""
_RUNG: Final[dict[Stage, int]] = {stage: rung for rung, stage in enumerate(LADDER)}
_STAGE_OF_LETTER: Final[dict[str, Stage]] = {
    "reminder": "reminded",
    "collection_notice": "noticed",
    "payment_demand": "demanded",
}

_REVOCABLE: Final = frozenset({"goodwill", "good_faith_terminal"})
"""Reasons for which a fee was given up freely, so that it may be claimed again."""

Hold = Literal[
    "dispute", "deferral", "instalment_plan", "estate", "bankruptcy", "debt_settlement", e.HoldKind
]
"""A reason why nothing may go out."""
State = Literal["unknown", "open", "closed"]


class Charge(msgspec.Struct, frozen=True, gc=False):
    """A part of a visit's cost, and how far the terminal got with it."""

    category: e.LineCategory
    amount: int
    registered_at: datetime
    sent_at: datetime | None = None
    paid_at: datetime | None = None
    invoice: str | None = None


class Attempt(msgspec.Struct, frozen=True, gc=False):
    """A use of the terminal that paid nothing."""

    amount: int
    result: e.TerminalResult
    at: datetime


class Invoice(msgspec.Struct, eq=False, gc=False):
    """What was claimed in writing, when it falls due, and whether it arrived."""

    version: int
    """That of the event by which it was issued."""
    lines: tuple[e.InvoiceLine, ...]
    issued_on: date
    due_date: date | None
    kid: str | None
    service_date: date | None
    patient: str | None
    late: bool
    lines_owed: dict[int, int]
    """What is owed of each line's principal, in minor units."""
    steps: list[tuple[date, int]]
    """How the principal on which interest runs has changed, and from which day on."""
    delivered_on: date | None = None
    failed_on: date | None = None
    interest_fixed: int = 0
    """The interest that was fixed so far, paid or not."""
    interest_until: date | None = None
    interest_fixed_on: date | None = None
    """The latest value date on which interest was fixed."""
    pauses: list[tuple[date, date]] = []
    """First and last days of insolvencies that are over and covered it: no interest ran."""
    interruptions: list[tuple[date, str]] = []
    """Days on which limitation began anew, and what did it: a payment, a filing …"""
    egenandel_reported: bool = False

    @classmethod
    def issued(cls, event: e.InvoiceIssued, version: int) -> Self:
        """The invoice as it was issued by the event that brought its case to a version."""
        return cls(
            version=version,
            lines=event.lines,
            issued_on=event.value_date,
            due_date=event.due_date,
            kid=event.kid,
            service_date=event.service_date,
            patient=event.patient,
            late=event.late,
            lines_owed={line.line: line.amount for line in event.lines},
            steps=[(event.value_date, sum(line.amount for line in event.lines))],
        )

    def __copy__(self) -> Self:
        return msgspec.structs.replace(
            self,
            steps=self.steps.copy(),
            lines_owed=self.lines_owed.copy(),
            pauses=self.pauses.copy(),
            interruptions=self.interruptions.copy(),
        )

    @property
    def principal(self) -> int:
        """What the invoice claimed, in minor units."""
        return sum(line.amount for line in self.lines)

    def covered_by(self, insolvency: "Circumstance") -> bool:
        """Whether it is older than the debtor's bankruptcy or debt settlement, which stops it."""
        return (self.service_date or self.issued_on) < insolvency.since


class Fee(msgspec.Struct, frozen=True, gc=False):
    """A cost that was charged."""

    component: FeeComponent
    amount: int
    charged_on: date
    claim: str | None
    letter: str | None
    rule: str


class Letter(msgspec.Struct, frozen=True, gc=False):
    """A letter of the ladder that was sent."""

    kind: e.LetterKind
    sent_on: date
    deadline: date | None
    channel: e.DeliveryChannel
    sender: e.Sender
    invoices: tuple[str, ...]
    asked: tuple[e.Part, ...]
    version: int
    principal: int
    """What it asked for of principal that was owed, in minor units: its fee is measured by it."""
    heavy: bool = False
    """Whether its collection fee has become a heavy one."""
    void: bool = False


class Dispute(msgspec.Struct, frozen=True, gc=False):
    """An objection, where it is, and how it ended."""

    raised_on: date
    category: str | None = None
    hold_until: date | None = None
    referred_on: date | None = None
    referred_to: str | None = None
    answered_on: date | None = None
    notified_on: date | None = None
    outcome: e.DisputeOutcome | None = None
    obviously_groundless: bool = False


class Payment(msgspec.Struct, frozen=True, gc=False):
    """Money that came in, and what it paid."""

    amount: int
    value_date: date
    parts: tuple[e.Part, ...]
    overpaid: int
    receipt: str | None
    version: int
    counts_from: date
    """The day on which it was paid: that of the payer's order, where that is known."""
    directly: bool = False
    """Whether it was paid to the clinic, at its terminal or otherwise."""
    at_terminal: bool = False
    given_up: tuple[e.Part, ...] = ()
    """What was given up because of it: a small rest, the rest after a settlement."""
    given_up_on: date | None = None
    """The day from which on that was given up."""
    plan: str | None = None
    """The instalment plan that it was counted for."""
    settlement: str | None = None
    """The settlement that it was counted for."""
    reversed: bool = False


class Plan(msgspec.Struct, gc=False):
    """Instalments that were agreed on."""

    agreed_on: date
    instalments: tuple[e.Instalment, ...]
    version: int
    paid: int = 0
    broken_on: date | None = None
    completed_on: date | None = None

    @property
    def active(self) -> bool:
        """Whether it is still being kept."""
        return self.broken_on is None and self.completed_on is None

    @property
    def total(self) -> int:
        """The sum of the instalments, in minor units."""
        return sum(instalment.amount for instalment in self.instalments)

    def next_unpaid(self) -> e.Instalment | None:
        """The first instalment that the payments so far do not cover."""
        due = 0
        for instalment in self.instalments:
            due += instalment.amount
            if due > self.paid:
                return instalment
        return None


class Settlement(msgspec.Struct, gc=False):
    """Less than the whole, if paid by a date."""

    agreed_on: date
    amount: int
    pay_by: date
    version: int
    paid: int = 0
    lapsed: bool = False


class PlacedHold(msgspec.Struct, frozen=True, gc=False):
    """A hold that somebody placed."""

    kind: e.HoldKind
    placed_on: date
    until: date | None
    review_on: date


class Authorisation(msgspec.Struct, frozen=True, gc=False):
    """Who may ask and answer for the patient."""

    holder: str
    scope: e.AuthorisationScope
    valid_from: date
    valid_to: date | None
    revoked_on: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it is valid on a day."""
        ended = self.revoked_on is not None and self.revoked_on <= day
        return not ended and self.valid_from <= day and (self.valid_to or day) >= day


class Filing(msgspec.Struct, frozen=True, gc=False):
    """A legal step that was taken."""

    step: e.LegalStep
    filed_on: date
    outcome: e.EnforcementOutcome | None = None
    decided_on: date | None = None


class Task(msgspec.Struct, frozen=True, gc=False):
    """Something that somebody must look at."""

    kind: e.TaskKind
    due_on: date
    subject: str | None
    done: bool = False


class Approval(msgspec.Struct, frozen=True, gc=False):
    """Something that waits for a second person."""

    action: dict[str, Any]
    requested_by: str
    outcome: Literal["pending", "given", "declined"] = "pending"


class Circumstance(msgspec.Struct, frozen=True, gc=False):
    """Something about the debtor that changes what may be done."""

    since: date
    contact: str | None


class Erased(msgspec.Struct, frozen=True, gc=False):
    """That nobody can be told any more who the debtor is, or how to reach them."""

    on: date
    kept_until: date | None
    """The last day on which bookkeeping law keeps who it was; ``None`` if that is gone too."""


class Case(msgspec.Struct, eq=False, gc=False):
    """All that is known of one case. Change it through ``apply`` only."""

    id: UUID
    version: int = 0
    latest: date = date.min
    """The last value date of anything that has happened."""
    reference: str | None = None
    creditor: str | None = None
    debtor: str | None = None
    debtor_role: e.DebtorRole = "patient"
    debtor_erased: Erased | None = None
    currency: str | None = None
    opened_on: date | None = None
    rung: Stage = "new"
    close_reason: e.CloseReason | None = None
    accounts: dict[tuple[str, str | None], int] = {}
    _owed: dict[tuple[Component, str | None], int] | None = None
    charges: dict[str, Charge] = {}
    attempts: list[Attempt] = []
    invoices: dict[str, Invoice] = {}
    fees: list[Fee] = []
    fees_standing: dict[tuple[str | None, FeeComponent, str | None], int] = {}
    """What of the fees was charged and not waived, by letter, component and claim."""
    fees_given_up: dict[tuple[str | None, FeeComponent, str | None], int] = {}
    """What of them was waived out of goodwill, and may be claimed again."""
    paid: dict[tuple[Component, str | None, int | None], int] = {}
    """What money has paid, by component, claim and line: payments, and not credits."""
    moved: dict[tuple[Component, str | None, int | None], int] = {}
    """What of that came from a fee or interest that was paid and fell away."""
    letters: dict[str, Letter] = {}
    payments: dict[str, Payment] = {}
    disputes: dict[str, Dispute] = {}
    deferred_until: date | None = None
    plans: dict[str, Plan] = {}
    settlements: dict[str, Settlement] = {}
    interest_pauses: list[tuple[date, date]] = []
    circumstances: dict[e.Circumstance, Circumstance] = {}
    placed_holds: dict[str, PlacedHold] = {}
    authorisations: dict[str, Authorisation] = {}
    contacts: dict[str, e.ContactOutcome] = {}
    contact_channel: e.ContactChannel | None = None
    callbacks: dict[str, datetime] = {}
    """Calls that the debtor waits for."""
    notes: set[str] = msgspec.field(default_factory=set)
    questions: dict[str, date] = {}
    """Questions that the clinic has not answered, and the day they were asked."""
    legal_reason: e.LegalReason | None = None
    """Why the clinic has to choose; ``None`` when it has not."""
    clinic_choice: e.ClinicChoice | None = None
    """What the clinic chose last."""
    clinic_chose_on: date | None = None
    """When it did: no step that it chose can be older."""
    filings: dict[str, Filing] = {}
    tasks: dict[str, Task] = {}
    approvals: dict[str, Approval] = {}
    _ahead: "_Ahead | None" = None
    """What a decision has worked out last: it asks for the same more than once."""

    @classmethod
    def fold(cls, id: UUID, entries: Iterable[Recorded]) -> Self:
        """The state after these entries of the case's stream, in their order."""
        case = cls(id)
        for entry in entries:
            case.version = entry.version - 1
            case.apply(entry.event)
        return case

    def apply(self, event: Event) -> None:
        """Take one fact into account."""
        self.version += 1
        self.latest = max(self.latest, event.value_date)
        self._owed = self._ahead = None
        accounts = self.accounts
        for account, amount, claim in postings(event):
            key = (account, claim)
            accounts[key] = accounts.get(key, 0) + amount
        handler = _HANDLERS.get(type(event))
        if handler is not None:
            handler(self, event)

    def after(self, events: Iterable[Event]) -> Self:
        """The case as it will be when these have happened; the case itself is not changed."""
        coming = list(events)
        if not coming:
            return self
        ahead = self._ahead
        if ahead is not None and ahead.begins(coming):
            return cast(Self, ahead.case.after(coming[len(ahead.events) :]))
        other = self.copy()
        for event in coming:
            other.apply(event)
        self._ahead = _Ahead(coming, other)
        return other

    def gone_on(self, events: Sequence[Event]) -> Self:
        """The case now that these have happened: itself, or what was decided on as its future.

        Either way the case itself is used up.
        """
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead.begins(events):
            return cast(Self, ahead.case.gone_on(events[len(ahead.events) :]))
        for event in events:
            self.apply(event)
        return self

    def copy(self) -> Self:
        """A case of its own in the same state: what happens to one does not show in the other."""
        other = copy(self)
        other._ahead = None
        for name in _CONTAINERS:
            setattr(other, name, getattr(self, name).copy())
        for name in _HOLD_WHAT_CHANGES:
            held = getattr(other, name)
            for key, item in held.items():
                held[key] = copy(item)
        return other

    def climb(self, stage: Stage) -> None:
        """Move up the ladder; a step that comes late or twice never moves a case down."""
        if _RUNG[stage] > _RUNG[self.rung]:
            self.rung = stage

    @property
    def state(self) -> State:
        """``unknown`` before the case was opened (at the asked moment or date)."""
        if self.opened_on is None:
            return "unknown"
        return "open" if self.close_reason is None else "closed"

    @property
    def stage(self) -> Stage:
        """Where the case stands, whatever the day."""
        if self.close_reason is not None:
            return "closed"
        return self.rung if self.legal_reason is None else "legal_decision"

    def stage_on(self, day: date) -> Stage:
        """Where the case stands on a day: an unpaid invoice is overdue after its due date."""
        if self.stage == "invoiced" and self.overdue_on(day):
            return "overdue"
        return self.stage

    def overdue_on(self, day: date) -> list[str]:
        """The invoices with unpaid principal whose due date has passed, oldest first."""
        owed = self.owed
        found = [
            (invoice.due_date, name)
            for name, invoice in self.invoices.items()
            if invoice.due_date is not None
            and invoice.due_date < day
            and owed.get(("principal", name))
        ]
        return [name for _, name in sorted(found)]

    def oldest_first(self) -> list[str]:
        """All invoices by due date."""
        invoices = self.invoices
        return sorted(invoices, key=lambda name: (invoices[name].due_date or date.max, name))

    def holds_on(self, day: date) -> dict[Hold, date | None]:
        """Reasons why nothing may go out on a day, and the last day of each that has one."""
        found: dict[Hold, date | None] = {}
        for dispute in self.disputes.values():
            if dispute.answered_on is None and (dispute.hold_until or day) >= day:
                _hold(found, "dispute", dispute.hold_until)
        if self.deferred_until is not None and self.deferred_until >= day:
            _hold(found, "deferral", self.deferred_until)
        if (settlement := self.settlement) is not None and settlement.pay_by >= day:
            _hold(found, "deferral", settlement.pay_by)
        if self.plan is not None:
            found["instalment_plan"] = None
        for circumstance, known in self.circumstances.items():
            if circumstance == "estate":
                if known.contact is None:
                    found["estate"] = None
            elif circumstance != "protected_address":
                found[circumstance] = None
        for hold in self.placed_holds.values():
            if hold.until is None or hold.until >= day:
                _hold(found, hold.kind, hold.until)
        if self.questions:
            found["clinic_query"] = None
        return found

    @property
    def holds(self) -> frozenset[Hold]:
        """Reasons why nothing may go out, those included whose last day may have passed."""
        return frozenset(self.holds_on(date.min))

    @property
    def receipts(self) -> set[str]:
        """The payments that have been recorded."""
        return set(self.payments)

    @property
    def plan(self) -> Plan | None:
        """The instalment plan that is being kept, if there is one."""
        return next((plan for plan in reversed(self.plans.values()) if plan.active), None)

    @property
    def settlement(self) -> Settlement | None:
        """The settlement that waits for its payment, if there is one."""
        for settlement in reversed(self.settlements.values()):
            if not settlement.lapsed and settlement.paid < settlement.amount:
                return settlement
        return None

    @property
    def owed(self) -> Mapping[tuple[Component, str | None], int]:
        """What is owed, by component and claim, in minor units; nothing that is zero."""
        if self._owed is None:
            self._owed = {
                (COMPONENT_OF[account], claim): amount
                for (account, claim), amount in self.accounts.items()
                if amount and account in COMPONENT_OF
            }
        return self._owed

    @property
    def balance(self) -> dict[Component, int]:
        """What is owed, by component, in minor units; nothing that is zero."""
        found: dict[Component, int] = {}
        for (component, _), amount in self.owed.items():
            found[component] = found.get(component, 0) + amount
        return found

    @property
    def outstanding(self) -> int:
        """All that is owed, in minor units, without interest that is still running."""
        return sum(self.owed.values())

    @property
    def overpaid(self) -> int:
        """What the debtor paid too much and has not got back, in minor units."""
        return -self.accounts.get((OVERPAYMENT, None), 0)

    def fees_of(self, letter: str) -> dict[tuple[FeeComponent, str | None], int]:
        """What of a letter's fees stands, by component and claim, in minor units; paid or not."""
        return {
            (component, claim): amount
            for (name, component, claim), amount in self.fees_standing.items()
            if name == letter and amount
        }

    def fee_of(self, letter: str, *components: FeeComponent) -> int:
        """What of a letter's fees stands, in minor units: of all components, or of those named."""
        return sum(
            amount
            for (component, _), amount in self.fees_of(letter).items()
            if not components or component in components
        )

    def letters_of(self, kind: e.LetterKind) -> list[Letter]:
        """The valid letters of a kind, in the order in which they were sent."""
        return [
            letter for letter in self.letters.values() if letter.kind == kind and not letter.void
        ]


class _Ahead(NamedTuple):
    """A case as it will be when some events have happened."""

    events: list[Event]
    case: Case

    def begins(self, events: Sequence[Event]) -> bool:
        """Whether events begin with these very ones."""
        own = self.events
        return len(own) <= len(events) and all(map(is_, own, events))


def _hold(found: dict[Hold, date | None], kind: Hold, until: date | None) -> None:
    """Of several reasons of a kind the one that lasts longest counts."""
    known = found.get(kind, until)
    found[kind] = None if known is None or until is None else max(known, until)


_CONTAINERS: Final = tuple(
    field.name
    for field in msgspec.structs.fields(Case)
    if get_origin(field.type) in {dict, list, set}
)
_HOLD_WHAT_CHANGES: Final = ("invoices", "plans", "settlements")
"""What of a case holds records that later facts change: a copy needs its own of each."""

_Record = TypeVar("_Record", bound=msgspec.Struct)


def _name_of(records: dict[str, _Record], record: _Record) -> str:
    return next(name for name, known in records.items() if known is record)


def _now(records: dict[str, _Record], name: str | None, **differs: Any) -> None:
    """A record that is known by a name says something else from now on."""
    known = records.get(name or "")
    if known is not None:
        records[name or ""] = msgspec.structs.replace(known, **differs)


def _opened(case: Case, event: e.CaseOpened) -> None:
    case.reference = event.reference
    case.creditor = event.creditor
    case.debtor = event.debtor
    case.debtor_role = event.debtor_role
    case.currency = event.currency
    case.opened_on = event.value_date


def _charge_registered(case: Case, event: e.ChargeRegistered) -> None:
    case.charges[event.charge] = Charge(event.category, event.amount, event.at)
    case.climb("charged")


def _charge_sent(case: Case, event: e.ChargeSentToTerminal) -> None:
    _now(case.charges, event.charge, sent_at=event.at)


def _attempted(case: Case, event: e.TerminalAttemptRecorded) -> None:
    case.attempts.append(Attempt(event.amount, event.result, event.at))


def _paid_at_terminal(case: Case, event: e.TerminalPaymentReceived) -> None:
    case.payments[event.payment] = Payment(
        event.amount,
        event.value_date,
        event.parts,
        0,
        None,
        case.version,
        event.value_date,
        directly=True,
        at_terminal=True,
    )
    for part in event.parts:
        _now(case.charges, part.claim, paid_at=event.at)


def _invoice_issued(case: Case, event: e.InvoiceIssued) -> None:
    case.invoices[event.invoice] = Invoice.issued(event, case.version)
    for line in event.lines:
        _now(case.charges, line.charge, invoice=event.invoice)
    case.climb("invoiced")


def _invoice_delivered(case: Case, event: e.InvoiceDelivered) -> None:
    invoice = case.invoices.get(event.invoice)
    if invoice is not None:
        invoice.delivered_on = event.value_date
        invoice.failed_on = None


def _delivery_failed(case: Case, event: e.DeliveryFailed) -> None:
    invoice = case.invoices.get(event.subject)
    if invoice is not None:
        invoice.failed_on = event.value_date
        invoice.delivered_on = None
    _now(case.letters, event.subject, void=True)


def _due_date_moved(case: Case, event: e.DueDateMoved) -> None:
    invoice = case.invoices.get(event.invoice)
    if invoice is not None:
        invoice.due_date = event.due_date


def _fee_charged(case: Case, event: e.FeeCharged) -> None:
    fee = Fee(
        event.component, event.amount, event.value_date, event.claim, event.letter, event.rule
    )
    case.fees.append(fee)
    key = (event.letter, event.component, event.claim)
    case.fees_standing[key] = case.fees_standing.get(key, 0) + event.amount
    if event.again:
        case.fees_given_up[key] = max(0, case.fees_given_up.get(key, 0) - event.amount)
    if event.heavy and event.letter in case.letters:
        _now(case.letters, event.letter, heavy=True)
        case.climb("demanded_heavy")


def _fee_waived(case: Case, event: e.FeeWaived) -> None:
    for part in (*event.parts, *event.returned):
        component = cast(FeeComponent, part.component)
        key = (event.letter, component, part.claim)
        standing = case.fees_standing.get(key, 0)
        if standing and event.payment is None:  # else it comes back with the payment
            case.fees_standing[key] = max(0, standing - part.amount)
            if event.reason in _REVOCABLE:
                case.fees_given_up[key] = case.fees_given_up.get(key, 0) + part.amount
    _covers(case, event.returned, -1)
    _moves(case, event.moved, event.value_date)
    _given_up(case, event.payment, event.parts, event.value_date)


def _interest_fixed(case: Case, event: e.InterestFixed) -> None:
    invoice = case.invoices.get(event.claim)
    if invoice is not None:
        invoice.interest_fixed += event.amount
        invoice.interest_until = event.until
        invoice.interest_fixed_on = max(invoice.interest_fixed_on or date.min, event.value_date)


def _interest_lowered(case: Case, event: e.InterestLowered) -> None:
    invoice = case.invoices.get(event.claim)
    if invoice is not None:
        invoice.interest_fixed = rounded(event.segments)
        invoice.interest_until = event.until
    returned = sum(part.amount for part in event.moved) + event.overpaid
    _covers(case, [e.Part("interest", returned, event.claim)], -1)
    _moves(case, event.moved, event.value_date)


def _interest_paused(case: Case, event: e.InterestPaused) -> None:
    case.interest_pauses.append((event.first_day, event.last_day))


def _principal_falls(case: Case, parts: Iterable[e.Part], day: date | None, sign: int = 1) -> None:
    """Parts of the principal were settled from a day on; from the start, if none is given."""
    for part in parts:
        if part.component != "principal":
            continue
        invoice = case.invoices.get(part.claim or "")
        if invoice is not None:
            invoice.steps.append((day or invoice.issued_on, -sign * part.amount))
            if part.line in invoice.lines_owed:
                invoice.lines_owed[part.line] -= sign * part.amount


def _covers(case: Case, parts: Iterable[e.Part], sign: int = 1) -> None:
    """Money pays these parts, or no longer does."""
    for part in parts:
        key = (part.component, part.claim, part.line)
        case.paid[key] = case.paid.get(key, 0) + sign * part.amount


def _moves(case: Case, parts: tuple[e.Part, ...], day: date, sign: int = 1) -> None:
    """Money that had paid something else pays these parts from a day on."""
    _covers(case, parts, sign)
    for part in parts:
        key = (part.component, part.claim, part.line)
        case.moved[key] = case.moved.get(key, 0) + sign * part.amount
    _principal_falls(case, parts, day, sign)


def _given_up(case: Case, payment: str | None, parts: tuple[e.Part, ...], on: date) -> None:
    """Parts were given up because of a payment."""
    known = case.payments.get(payment or "")
    if known is not None:
        _now(case.payments, payment, given_up=(*known.given_up, *parts), given_up_on=on)


def _reminder_sent(case: Case, event: e.ReminderSent) -> None:
    case.letters[event.letter] = Letter(
        event.kind,
        event.value_date,
        event.deadline,
        event.channel,
        event.sender,
        event.invoices,
        event.asked,
        case.version,
        sum(part.amount for part in event.asked if part.component == "principal"),
    )
    stage = _STAGE_OF_LETTER.get(event.kind)
    if stage is not None:
        case.climb(stage)


def _letter_voided(case: Case, event: e.LetterVoided) -> None:
    _now(case.letters, event.letter, void=True)


def _payment_received(case: Case, event: e.PaymentReceived) -> None:
    payment = Payment(
        event.amount,
        event.value_date,
        event.parts,
        event.overpaid,
        event.receipt,
        case.version,
        min(event.value_date, event.ordered_on or event.value_date),
    )
    _paid(case, event.payment, payment)


def _paid_to_clinic(case: Case, event: e.PaymentReportedByClinic) -> None:
    payment = Payment(
        event.amount,
        event.value_date,
        event.parts,
        0,
        None,
        case.version,
        event.value_date,
        directly=True,
    )
    _paid(case, event.payment, payment)


def _paid(case: Case, name: str, payment: Payment) -> None:
    case.payments[name] = payment
    _covers(case, payment.parts)
    _principal_falls(case, payment.parts, payment.counts_from)
    if (plan := case.plan) is not None:
        plan.paid += payment.amount
        _now(case.payments, name, plan=_name_of(case.plans, plan))
    if (settlement := case.settlement) is not None:
        settlement.paid += payment.amount
        _now(case.payments, name, settlement=_name_of(case.settlements, settlement))
    for claim in {part.claim or "" for part in payment.parts}:
        # An instalment or a payment of interest acknowledges the debt (foreldelsesloven § 14).
        invoice = case.invoices.get(claim)
        if invoice is not None:
            invoice.interruptions.append((payment.counts_from, name))


def _payment_reversed(case: Case, event: e.PaymentReversed) -> None:
    _covers(case, event.parts, -1)
    _principal_falls(case, event.parts, event.paid_on, -1)
    _moves(case, event.moved, event.value_date, -1)
    payment = case.payments.get(event.payment)
    if payment is None:
        return
    _now(case.payments, event.payment, reversed=True)
    for part in event.parts:
        if part.component == "charge":  # what is owed of it again can be invoiced
            _now(case.charges, part.claim, invoice=None)
    _principal_falls(case, event.restored, payment.given_up_on or payment.value_date, -1)
    if payment.plan is not None:
        plan = case.plans[payment.plan]
        plan.paid -= payment.amount
        if plan.paid < plan.total and payment.plan == next(reversed(case.plans)):
            plan.completed_on = None
    if payment.settlement is not None:
        case.settlements[payment.settlement].paid -= payment.amount
    for name, invoice in case.invoices.items():
        invoice.interruptions = [i for i in invoice.interruptions if i[1] != event.payment]
        if any(part.claim == name for part in (*event.parts, *event.moved)):
            invoice.egenandel_reported = False


def _dispute_now(case: Case, event: e.Event, dispute: str, **differs: Any) -> None:
    """An answer or a referral may be all that an imported history tells of a dispute."""
    case.disputes.setdefault(dispute, Dispute(raised_on=event.value_date))
    _now(case.disputes, dispute, **differs)


def _dispute_raised(case: Case, event: e.DisputeRaised) -> None:
    case.disputes[event.dispute] = Dispute(event.value_date, event.category, event.hold_until)


def _dispute_referred(case: Case, event: e.DisputeReferred) -> None:
    _dispute_now(
        case,
        event,
        event.dispute,
        referred_on=event.value_date,
        referred_to=event.referred_to,
        hold_until=None,
    )


def _dispute_answered(case: Case, event: e.DisputeAnswered) -> None:
    _dispute_now(
        case,
        event,
        event.dispute,
        answered_on=event.value_date,
        outcome=event.outcome,
        obviously_groundless=event.obviously_groundless,
    )


def _dispute_answer_notified(case: Case, event: e.DisputeAnswerNotified) -> None:
    _dispute_now(case, event, event.dispute, notified_on=event.value_date)


def _credited(case: Case, event: e.Credited) -> None:
    _principal_falls(case, event.parts, None if event.never_owed else event.value_date)
    _given_up(case, event.payment, event.parts, event.value_date)
    if event.never_owed:
        for part in event.parts:
            for name, letter in case.letters.items():
                if part.component == "principal" and part.claim in letter.invoices:
                    _now(case.letters, name, principal=max(0, letter.principal - part.amount))


def _written_off(case: Case, event: e.WrittenOff) -> None:
    _principal_falls(case, event.parts, event.value_date)
    _given_up(case, event.payment, event.parts, event.value_date)


def _handed_over(case: Case, event: e.HandedOver) -> None:
    case.climb("collection")


def _closed(case: Case, event: e.CaseClosed) -> None:
    case.close_reason = event.reason
    case.legal_reason = None


def _reopened(case: Case, event: e.CaseReopened) -> None:
    case.close_reason = None


def _deferred(case: Case, event: e.DeferralGranted) -> None:
    case.deferred_until = event.until


def _plan_agreed(case: Case, event: e.InstalmentPlanAgreed) -> None:
    case.plans[event.plan] = Plan(event.value_date, event.instalments, case.version)
    _interrupted(case, event.value_date, event.plan)


def _plan_broken(case: Case, event: e.InstalmentPlanBroken) -> None:
    plan = case.plans.get(event.plan)
    if plan is not None:
        plan.broken_on = event.value_date


def _plan_completed(case: Case, event: e.InstalmentPlanCompleted) -> None:
    plan = case.plans.get(event.plan)
    if plan is not None:
        plan.completed_on = event.value_date


def _settled(case: Case, event: e.SettlementAgreed) -> None:
    case.settlements[event.settlement] = Settlement(
        event.value_date, event.amount, event.pay_by, case.version
    )


def _settlement_lapsed(case: Case, event: e.SettlementLapsed) -> None:
    settlement = case.settlements.get(event.settlement)
    if settlement is not None:
        settlement.lapsed = True


def _acknowledged(case: Case, event: e.DebtAcknowledged) -> None:
    _interrupted(case, event.value_date, event.how)


def _interrupted(case: Case, day: date, cause: str) -> None:
    for invoice in case.invoices.values():
        invoice.interruptions.append((day, cause))


def _circumstance(case: Case, event: e.CircumstanceRegistered) -> None:
    case.circumstances[event.circumstance] = Circumstance(event.since, event.contact)


def _circumstance_ended(case: Case, event: e.CircumstanceEnded) -> None:
    known = case.circumstances.pop(event.circumstance, None)
    if known is None or event.circumstance not in {"bankruptcy", "debt_settlement"}:
        return
    for invoice in case.invoices.values():
        if invoice.covered_by(known) and known.since <= event.value_date:
            invoice.pauses.append((known.since, event.value_date))


def _hold_placed(case: Case, event: e.HoldPlaced) -> None:
    case.placed_holds[event.hold] = PlacedHold(
        event.kind, event.value_date, event.until, event.review_on
    )


def _hold_released(case: Case, event: e.HoldReleased) -> None:
    case.placed_holds.pop(event.hold, None)


def _authorised(case: Case, event: e.AuthorisationRegistered) -> None:
    case.authorisations[event.authorisation] = Authorisation(
        event.holder, event.scope, event.valid_from, event.valid_to
    )


def _authorisation_revoked(case: Case, event: e.AuthorisationRevoked) -> None:
    _now(case.authorisations, event.authorisation, revoked_on=event.value_date)


def _contact(case: Case, event: e.ContactRecorded) -> None:
    case.contacts[event.contact] = event.outcome


def _disclosure_refused(case: Case, event: e.DisclosureRefused) -> None:
    case.contacts[event.contact] = "solved"


def _preference(case: Case, event: e.ContactPreferenceSet) -> None:
    case.contact_channel = event.channel


def _callback_requested(case: Case, event: e.CallbackRequested) -> None:
    case.callbacks[event.callback] = event.at


def _callback_made(case: Case, event: e.CallbackMade) -> None:
    if event.reached:
        case.callbacks.pop(event.callback, None)


def _note(case: Case, event: e.NoteTaken) -> None:
    case.notes.add(event.note)


def _clinic_asked(case: Case, event: e.ClinicAsked) -> None:
    case.questions[event.question] = event.value_date


def _clinic_replied(case: Case, event: e.ClinicReplied) -> None:
    case.questions.pop(event.question, None)


def _decision_requested(case: Case, event: e.LegalDecisionRequested) -> None:
    case.legal_reason = event.reason
    case.clinic_choice = None


def _clinic_decided(case: Case, event: e.ClinicDecided) -> None:
    case.legal_reason = None
    case.clinic_choice = event.choice
    case.clinic_chose_on = event.value_date


def _filed(case: Case, event: e.LegalStepFiled) -> None:
    case.filings[event.filing] = Filing(event.step, event.value_date)
    case.clinic_choice = None
    # Both interrupt limitation (foreldelsesloven §§ 15, 17).
    _interrupted(case, event.value_date, event.filing)
    case.climb(event.step)


def _enforced(case: Case, event: e.EnforcementResultRecorded) -> None:
    _now(case.filings, event.filing, outcome=event.outcome, decided_on=event.value_date)
    if event.outcome == "nothing_to_attach":
        case.climb("surveillance")
    if event.outcome != "dismissed":
        _interrupted(case, event.value_date, event.filing)


def _egenandel_reported(case: Case, event: e.EgenandelPaymentReported) -> None:
    invoice = case.invoices.get(event.invoice)
    if invoice is not None:
        invoice.egenandel_reported = True


def _task(case: Case, event: e.TaskRaised) -> None:
    case.tasks[event.task] = Task(event.kind, event.due_on, event.subject)


def _task_done(case: Case, event: e.TaskDone) -> None:
    _now(case.tasks, event.task, done=True)


def _approval(case: Case, event: e.ApprovalRequested) -> None:
    case.approvals[event.approval] = Approval(event.action, event.requested_by)


def _approved(case: Case, event: e.ApprovalGiven) -> None:
    _now(case.approvals, event.approval, outcome="given")


def _declined(case: Case, event: e.ApprovalDeclined) -> None:
    _now(case.approvals, event.approval, outcome="declined")


def _subject_erased(case: Case, event: e.SubjectErased) -> None:
    case.debtor_erased = Erased(event.value_date, event.kept_until)


_HANDLERS: Final[dict[type[Event], Callable[[Case, Any], None]]] = {
    e.CaseOpened: _opened,
    e.ChargeRegistered: _charge_registered,
    e.ChargeSentToTerminal: _charge_sent,
    e.TerminalAttemptRecorded: _attempted,
    e.TerminalPaymentReceived: _paid_at_terminal,
    e.InvoiceIssued: _invoice_issued,
    e.InvoiceDelivered: _invoice_delivered,
    e.DeliveryFailed: _delivery_failed,
    e.DueDateMoved: _due_date_moved,
    e.FeeCharged: _fee_charged,
    e.FeeWaived: _fee_waived,
    e.InterestFixed: _interest_fixed,
    e.InterestLowered: _interest_lowered,
    e.InterestPaused: _interest_paused,
    e.ReminderSent: _reminder_sent,
    e.LetterVoided: _letter_voided,
    e.PaymentReceived: _payment_received,
    e.PaymentReportedByClinic: _paid_to_clinic,
    e.PaymentReversed: _payment_reversed,
    e.DisputeRaised: _dispute_raised,
    e.DisputeReferred: _dispute_referred,
    e.DisputeAnswered: _dispute_answered,
    e.DisputeAnswerNotified: _dispute_answer_notified,
    e.Credited: _credited,
    e.WrittenOff: _written_off,
    e.HandedOver: _handed_over,
    e.CaseClosed: _closed,
    e.CaseReopened: _reopened,
    e.DeferralGranted: _deferred,
    e.InstalmentPlanAgreed: _plan_agreed,
    e.InstalmentPlanBroken: _plan_broken,
    e.InstalmentPlanCompleted: _plan_completed,
    e.SettlementAgreed: _settled,
    e.SettlementLapsed: _settlement_lapsed,
    e.DebtAcknowledged: _acknowledged,
    e.CircumstanceRegistered: _circumstance,
    e.CircumstanceEnded: _circumstance_ended,
    e.HoldPlaced: _hold_placed,
    e.HoldReleased: _hold_released,
    e.AuthorisationRegistered: _authorised,
    e.AuthorisationRevoked: _authorisation_revoked,
    e.ContactRecorded: _contact,
    e.DisclosureRefused: _disclosure_refused,
    e.ContactPreferenceSet: _preference,
    e.CallbackRequested: _callback_requested,
    e.CallbackMade: _callback_made,
    e.NoteTaken: _note,
    e.ClinicAsked: _clinic_asked,
    e.ClinicReplied: _clinic_replied,
    e.LegalDecisionRequested: _decision_requested,
    e.ClinicDecided: _clinic_decided,
    e.LegalStepFiled: _filed,
    e.EnforcementResultRecorded: _enforced,
    e.EgenandelPaymentReported: _egenandel_reported,
    e.TaskRaised: _task,
    e.TaskDone: _task_done,
    e.ApprovalRequested: _approval,
    e.ApprovalGiven: _approved,
    e.ApprovalDeclined: _declined,
    e.SubjectErased: _subject_erased,
}
