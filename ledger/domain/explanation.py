"""Why a case's balance is what it is: every event that moved it, under which rule, and the interest
day by day.

An explanation is made from the entries that it is asked about, and from nothing else: those known
at a position or an instant, or those in effect on a date, explain the balance of that moment.
Amounts are in minor units. What is owed of each component is the sum of its contributions.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

import msgspec

from ledger.domain import accrual
from ledger.domain import events as e
from ledger.domain.accounts import COMPONENTS
from ledger.domain.case import Case, State
from ledger.domain.events import Component, Event, InterestSegment, Part
from ledger.domain.interest import Interest, rounded
from ledger.domain.rate_missing import RateMissing
from ledger.domain.recorded import Recorded
from ledger.domain.rules import Rules
from ledger.domain.visits import Visited, visited

_DAY: Final = timedelta(days=1)

OTHER_SOURCES: Final[dict[str, str]] = {"FAL-2-4": "finansavtaleloven § 2-4 (1), INKL § 18"}
"""What rules rest on that give no amount, and so stand in no table of rates."""

What = Literal[
    "registered",
    "invoiced",
    "charged",
    "interest_fixed",
    "paid_at_terminal",
    "paid",
    "paid_to_clinic",
    "payment_reversed",
    "freed_by_waiver",
    "freed_by_interest",
    "credited",
    "waived",
    "interest_lowered",
    "written_off",
    "refunded",
]
"""What an amount was: ``freed`` is money that had paid something else, which then fell away."""


class Contribution(msgspec.Struct, frozen=True):
    """An amount by which one event changed what is owed of a component; less is negative."""

    position: int
    version: int
    recorded_at: datetime
    value_date: date
    what: What
    amount: int
    subject: str | None
    """The invoice, letter, payment, charge or credit note that it was, by name."""
    reason: str | None = None
    """Why it was given up or taken back."""
    rule: str | None = None
    """The rule under which a fee was charged, as the event names it."""
    source: str | None = None
    """The law or regulation where that rule was read."""


class Item(msgspec.Struct, frozen=True):
    """What is owed of one component of one claim (of one line, for a principal), and why."""

    component: Component
    claim: str | None
    line: int | None
    category: e.LineCategory | None
    amount: int
    contributions: tuple[Contribution, ...]


class Stretch(msgspec.Struct, frozen=True):
    """Interest for the ``days`` after ``after``, up to ``until`` itself.

    The amounts of the stretches of an invoice are rounded so that they sum to its interest,
    which is exact and rounded once.
    """

    after: date
    until: date
    days: int
    principal: int
    rate_bp: int
    amount: int
    rule: str | None
    source: str | None


class InvoiceInterest(msgspec.Struct, frozen=True):
    """The late interest of one invoice up to a day: what was fixed, and what still runs."""

    claim: str
    due_date: date
    fixed: int
    """What was claimed so far, whether it was paid since or not."""
    fixed_until: date | None
    fixed_stretches: tuple[Stretch, ...]
    """As the event that fixed it last recorded it."""
    running: int
    """What has run beyond that up to the day, and nobody has claimed."""
    running_until: date
    stretches: tuple[Stretch, ...]
    """All of it, from the due date to ``running_until``: their sum is ``fixed + running``, unless
    more was fixed than has run as is known now."""
    rate_missing_from: date | None
    """The first day that could not be counted, because its rate is not known."""


class Paid(msgspec.Struct, frozen=True):
    """Money that came in, and what it paid."""

    payment: str
    position: int
    version: int
    value_date: date
    what: What
    amount: int
    parts: tuple[Part, ...]
    overpaid: int
    order: e.AllocationOrder | None
    """In which order it paid; ``None`` at the terminal, where a payment is for what it shows."""
    designation: e.Designation
    ordered_on: date | None
    reversed: bool


class Overpaid(msgspec.Struct, frozen=True):
    """A change of what the debtor has paid too much; what goes back to him is negative."""

    position: int
    version: int
    value_date: date
    what: What
    amount: int
    subject: str | None


class Explained(msgspec.Struct, frozen=True):
    """An invoice, as far as it explains what is asked for."""

    invoice: str
    issued_on: date
    due_date: date | None
    kid: str | None
    lines: tuple[e.InvoiceLine, ...]
    owed: int


class Explanation(msgspec.Struct, frozen=True):
    """A case's balance and all that led to it, on a day."""

    case: str
    reference: str | None
    creditor: str | None
    currency: str
    state: State
    on: date
    position: int
    """The last entry that is taken into account."""
    version: int
    owed: int
    running: int
    """Interest that runs and was not claimed yet; whoever pays on the day pays it too."""
    overpaid: int
    items: tuple[Item, ...]
    interest: tuple[InvoiceInterest, ...]
    payments: tuple[Paid, ...]
    overpayments: tuple[Overpaid, ...]
    invoices: tuple[Explained, ...]
    charges: tuple[Visited, ...]
    open_disputes: tuple[str, ...]
    dispute_categories: tuple[str, ...]
    """What the debtor has objected to, by category; without doubles."""

    @property
    def to_pay(self) -> int:
        """What settles the case on the day, in minor units."""
        return self.owed + self.running


def explain(entries: Sequence[Recorded], on: date, rules: Rules) -> Explanation:
    """Explain the balance that these entries of one case's stream lead to, on a day.

    ``on`` is the day up to which interest is counted; it changes nothing else.
    """
    case = Case.fold(UUID(entries[0].stream) if entries else UUID(int=0), entries)
    interest = tuple(_interest(case, entries, on, rules))
    open_disputes = tuple(n for n, d in case.disputes.items() if d.answered_on is None)
    categories = dict.fromkeys(d.category for d in case.disputes.values() if d.category)
    return Explanation(
        case=str(case.id),
        reference=case.reference,
        creditor=case.creditor,
        currency=case.currency or accrual.CURRENCY,
        state=case.state,
        on=on,
        position=entries[-1].position if entries else 0,
        version=entries[-1].version if entries else 0,
        owed=case.outstanding,
        running=0 if case.state == "closed" else sum(one.running for one in interest),
        overpaid=case.overpaid,
        items=_items(case, entries, rules),
        interest=interest,
        payments=tuple(_payments(case, entries)),
        overpayments=tuple(_overpayments(entries)),
        invoices=tuple(_invoices(case)),
        charges=visited(case),
        open_disputes=open_disputes,
        dispute_categories=tuple(categories),
    )


def _invoices(case: Case) -> Iterator[Explained]:
    owed = case.owed
    for name in case.oldest_first():
        invoice = case.invoices[name]
        yield Explained(
            invoice=name,
            issued_on=invoice.issued_on,
            due_date=invoice.due_date,
            kid=invoice.kid,
            lines=invoice.lines,
            owed=owed.get(("principal", name), 0),
        )


# --------------------------------------------------------------------------------- components


class _Move(NamedTuple):
    part: Part
    """Its amount is signed here: less owed is negative."""
    what: What
    subject: str | None
    reason: str | None = None
    rule: str | None = None


def _less(
    parts: Sequence[Part], what: What, subject: str | None, reason: str | None = None
) -> list[_Move]:
    return [_Move(_signed(part, -part.amount), what, subject, reason) for part in parts]


def _signed(part: Part, amount: int) -> Part:
    return Part(part.component, amount, part.claim, part.line)


def _invoiced(event: e.InvoiceIssued) -> list[_Move]:
    moves = []
    for line in event.lines:
        if line.charge is not None:
            charge = Part("charge", -line.amount, line.charge)
            moves.append(_Move(charge, "invoiced", event.invoice))
        principal = Part("principal", line.amount, event.invoice, line.line)
        moves.append(_Move(principal, "invoiced", event.invoice))
    return moves


def _waived(event: e.FeeWaived) -> list[_Move]:
    given_up = _less(event.parts, "waived", event.letter, event.reason)
    return [*given_up, *_less(event.moved, "freed_by_waiver", event.letter, event.reason)]


def _lowered(event: e.InterestLowered) -> list[_Move]:
    unpaid = (Part("interest", event.unpaid, event.claim),)
    fell = _less(unpaid, "interest_lowered", event.claim)
    return [*fell, *_less(event.moved, "freed_by_interest", event.claim)]


def _reversed(event: e.PaymentReversed) -> list[_Move]:
    parts = (*event.parts, *event.moved, *event.restored)
    return [_Move(part, "payment_reversed", event.payment, event.reason) for part in parts]


def _fee(event: e.FeeCharged) -> list[_Move]:
    part = Part(event.component, event.amount, event.claim)
    return [_Move(part, "charged", event.letter, None, event.rule)]


def _fixed(event: e.InterestFixed) -> list[_Move]:
    part = Part("interest", event.amount, event.claim)
    return [_Move(part, "interest_fixed", event.claim)]


_MOVES: Final[dict[type[Event], Callable[[Any], list[_Move]]]] = {
    e.ChargeRegistered: lambda x: [
        _Move(Part("charge", x.amount, x.charge), "registered", x.charge)
    ],
    e.TerminalPaymentReceived: lambda x: _less(x.parts, "paid_at_terminal", x.payment),
    e.InvoiceIssued: _invoiced,
    e.FeeCharged: _fee,
    e.FeeWaived: _waived,
    e.InterestFixed: _fixed,
    e.InterestLowered: _lowered,
    e.PaymentReceived: lambda x: _less(x.parts, "paid", x.payment),
    e.PaymentReportedByClinic: lambda x: _less(x.parts, "paid_to_clinic", x.payment),
    e.PaymentReversed: _reversed,
    e.Credited: lambda x: _less(x.parts, "credited", x.credit_note, x.reason),
    e.WrittenOff: lambda x: _less(x.parts, "written_off", None, x.reason),
}


def _items(case: Case, entries: Sequence[Recorded], rules: Rules) -> tuple[Item, ...]:
    found: dict[tuple[Component, str | None, int | None], list[Contribution]] = {}
    for entry in entries:
        moves = _MOVES.get(type(entry.event))
        for move in () if moves is None else moves(entry.event):
            part = move.part
            if part.amount or move.what in {"registered", "invoiced"}:
                key = (part.component, part.claim, part.line)
                found.setdefault(key, []).append(_contribution(entry, move, rules))
    categories = {
        (name, line.line): line.category
        for name, invoice in case.invoices.items()
        for line in invoice.lines
    }
    items = []
    for (component, claim, line), contributions in found.items():
        category = categories.get((claim or "", line or 0))
        if component == "charge" and claim in case.charges:
            category = case.charges[claim].category
        amount = sum(c.amount for c in contributions)
        items.append(Item(component, claim, line, category, amount, tuple(contributions)))
    explained: dict[tuple[Component, str | None], int] = {}
    for item in items:
        key_of_claim = (item.component, item.claim)
        explained[key_of_claim] = explained.get(key_of_claim, 0) + item.amount
    assert {key: owed for key, owed in explained.items() if owed} == case.owed, explained
    rank = {name: place for place, name in enumerate(case.oldest_first())}
    last = len(rank)
    items.sort(
        key=lambda item: (
            COMPONENTS.index(item.component),
            rank.get(item.claim or "", last),
            item.claim or "",
            item.line or 0,
        )
    )
    return tuple(items)


def _contribution(entry: Recorded, move: _Move, rules: Rules) -> Contribution:
    return Contribution(
        position=entry.position,
        version=entry.version,
        recorded_at=entry.recorded_at,
        value_date=entry.event.value_date,
        what=move.what,
        amount=move.part.amount,
        subject=move.subject,
        reason=move.reason,
        rule=move.rule,
        source=None if move.rule is None else source_of(move.rule, rules),
    )


def source_of(rule: str, rules: Rules) -> str | None:
    """The law or regulation behind a rule that an event names; ``None`` for imported history."""
    return rules.rates.source_of(rule) or OTHER_SOURCES.get(rule)


# ----------------------------------------------------------------------------------- interest


def _interest(
    case: Case, entries: Sequence[Recorded], on: date, rules: Rules
) -> Iterator[InvoiceInterest]:
    last: dict[str, e.InterestFixed | e.InterestLowered] = {}
    for entry in entries:
        if isinstance(entry.event, e.InterestFixed | e.InterestLowered):
            last[entry.event.claim] = entry.event
    for name in case.oldest_first():
        invoice = case.invoices[name]
        if invoice.due_date is None:
            continue
        run, until, missing = _run(case, name, on, rules)
        recorded = last.get(name)
        if not run.amount and recorded is None and missing is None:
            continue
        yield InvoiceInterest(
            claim=name,
            due_date=invoice.due_date,
            fixed=invoice.interest_fixed,
            fixed_until=invoice.interest_until,
            fixed_stretches=() if recorded is None else stretches(recorded.segments, rules),
            running=max(0, run.amount - invoice.interest_fixed),
            running_until=until,
            stretches=stretches(run.segments, rules),
            rate_missing_from=missing,
        )


def _run(case: Case, invoice: str, on: date, rules: Rules) -> tuple[Interest, date, date | None]:
    """The interest up to a day, or up to the last day before one whose rate is not known."""
    until, missing = on, None
    while True:
        try:
            return accrual.run_until(case, invoice, until, rules), until, missing
        except RateMissing as unknown:
            missing = unknown.on
            until = min(unknown.on, until) - _DAY


def stretches(segments: Sequence[InterestSegment], rules: Rules) -> tuple[Stretch, ...]:
    """Segments with the øre that fall on each, and the rate's rule and source."""
    found = []
    before = 0
    for number, segment in enumerate(segments, start=1):
        so_far = rounded(segments[:number])
        try:
            rate = rules.rates.interest_rate(segment.until)
        except RateMissing:
            rate = None
        same = rate is not None and rate.rate_bp == segment.rate_bp
        found.append(
            Stretch(
                after=segment.after,
                until=segment.until,
                days=segment.days,
                principal=segment.principal,
                rate_bp=segment.rate_bp,
                amount=so_far - before,
                rule=rate.rule if rate is not None and same else None,
                source=rate.source if rate is not None and same else None,
            )
        )
        before = so_far
    return tuple(found)


# -------------------------------------------------------------------------------------- money


def _payments(case: Case, entries: Sequence[Recorded]) -> Iterator[Paid]:
    for entry in entries:
        event = entry.event
        known = None
        order: e.AllocationOrder | None = None
        designation: e.Designation = "none"
        overpaid, ordered_on = 0, None
        what: What
        match event:
            case e.PaymentReceived():
                what, order, designation = "paid", event.order, event.designation
                overpaid, ordered_on = event.overpaid, event.ordered_on
                known = case.payments.get(event.payment)
            case e.PaymentReportedByClinic():
                what, order = "paid_to_clinic", event.order
            case e.TerminalPaymentReceived():
                what = "paid_at_terminal"
            case _:
                continue
        yield Paid(
            payment=event.payment,
            position=entry.position,
            version=entry.version,
            value_date=event.value_date,
            what=what,
            amount=event.amount,
            parts=event.parts,
            overpaid=overpaid,
            order=order,
            designation=designation,
            ordered_on=ordered_on,
            reversed=known is not None and known.reversed,
        )


def _overpayments(entries: Sequence[Recorded]) -> Iterator[Overpaid]:
    for entry in entries:
        what: What
        match entry.event:
            case e.PaymentReceived(overpaid=amount, payment=subject):
                what = "paid"
            case e.PaymentReversed(overpaid=too_much, payment=subject):
                what, amount = "payment_reversed", -too_much
            case e.FeeWaived(overpaid=amount, letter=subject):
                what = "freed_by_waiver"
            case e.InterestLowered(overpaid=amount, claim=subject):
                what = "freed_by_interest"
            case e.OverpaymentRefunded(amount=back, refund=subject):
                what, amount = "refunded", -back
            case _:
                continue
        if amount:
            yield Overpaid(
                entry.position, entry.version, entry.event.value_date, what, amount, subject
            )
