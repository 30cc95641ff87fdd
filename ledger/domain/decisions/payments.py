"""Money that comes in, and money that goes back."""

from collections.abc import Iterable
from datetime import date

from ledger.domain import accrual
from ledger.domain.allocation import SEQUENCE, all_of, allocate, by_line
from ledger.domain.case import Case
from ledger.domain.commands import (
    ReceivePayment,
    RefundOverpayment,
    ReportDirectPayment,
    ReversePayment,
)
from ledger.domain.decisions.closing import closed_if_settled
from ledger.domain.decisions.fees import more_than_owed, voided
from ledger.domain.decisions.letters import fees_above_cap
from ledger.domain.decisions.standing import DAY, one_person_only
from ledger.domain.events import (
    AllocationOrder,
    CaseReopened,
    Component,
    CorrectionRecorded,
    Credited,
    Designation,
    Event,
    FeeWaived,
    InstalmentPlanCompleted,
    OverpaymentRefunded,
    Part,
    PaymentReceived,
    PaymentReportedByClinic,
    PaymentReversed,
    SettlementLapsed,
    WrittenOff,
)
from ledger.domain.refusals import Refusal
from ledger.domain.rules import REFUND_BY_ONE_MOST, Setting


def allocated_payment(
    case: Case, payment: str, amount: int, on: date, order: AllocationOrder
) -> PaymentReceived:
    """The payment as a fact: what it pays, oldest due date first, and what is left over.

    What is left over is an overpayment: the debtor's money, and never a negative claim.
    """
    parts, rest = allocate(amount, case.owed, order, case.oldest_first())
    return PaymentReceived(
        value_date=on,
        payment=payment,
        amount=amount,
        parts=by_line(case, parts),
        overpaid=rest,
        order=order,
    )


def receive_payment(case: Case, command: ReceivePayment, setting: Setting) -> list[Event] | Refusal:
    """Allocate a payment to what is owed on its day, interest included; a receipt counts once.

    Costs first, then interest, then principal, oldest invoice first, unless the debtor has chosen
    otherwise (Lovavdelingen 1998/11444): by the parts that he named, by paying exactly what an
    invoice or a letter asked for, or by the KID of an invoice.

    Money that came in is never turned away: on a closed case, or beyond what is owed, it is
    kept as an overpayment until it is paid back. A payment that was under way before a letter was
    sent takes that letter's fee away (INKL § 17 (3)).
    """
    if not command.amount:
        return Refusal("amount_missing")
    if command.payment in case.payments:
        return Refusal("duplicate_receipt", {"payment": command.payment})
    paid_on = min(command.on, command.ordered_on or command.on)
    corrections = _sent_too_late(case, command.amount, command.on, paid_on)
    now = case.after(corrections)
    fixed = accrual.fixed(now, command.on, paid_on, setting.rules)
    refusal = _designated_wrongly(case.after(fixed), command)
    if refusal is not None:
        return refusal
    now = now.after(fixed)
    order = command.order or setting.rules.policy.allocation_order
    parts, designation = _chosen(now, command, order)
    paid = PaymentReceived(
        value_date=command.on,
        payment=command.payment,
        amount=command.amount,
        parts=parts,
        overpaid=command.amount - sum(part.amount for part in parts),
        order=order,
        designation=designation,
        ordered_on=command.ordered_on,
        receipt=command.receipt,
    )
    events: list[Event] = [*corrections, *fixed, paid]
    if not parts and not corrections:
        return events
    return _settled(case, events, setting)


def report_direct_payment(
    case: Case, command: ReportDirectPayment, setting: Setting
) -> list[Event] | Refusal:
    """What the debtor paid to the clinic itself ends the claim; the money never was with us."""
    if not command.amount:
        return Refusal("amount_missing")
    if command.payment in case.payments:
        return Refusal("duplicate_receipt", {"payment": command.payment})
    corrections = _sent_too_late(case, command.amount, command.on, command.on)
    now = case.after(corrections)
    fixed = accrual.fixed(now, command.on, command.on, setting.rules)
    now = now.after(fixed)
    order = setting.rules.policy.allocation_order
    parts, designation = _asked_for_exactly(now, command.amount, None)
    if not parts:
        parts, _ = allocate(command.amount, now.owed, order, now.oldest_first())
    paid = PaymentReportedByClinic(
        value_date=command.on,
        payment=command.payment,
        amount=command.amount,
        parts=by_line(now, parts),
        excess=command.amount - sum(part.amount for part in parts),
        order=order,
        designation=designation,
    )
    events: list[Event] = [*corrections, *fixed, paid]
    return _settled(case, events, setting) if parts or corrections else events


def reverse_payment(case: Case, command: ReversePayment, setting: Setting) -> list[Event] | Refusal:
    """What was taken back is owed again, as if never paid; a closed case goes on.

    Where a fee or interest that it had paid fell away since, what its money came to pay instead
    is owed again, and what was given up because of it.
    """
    payment = case.payments.get(command.payment)
    bounced = command.reason == "returned_by_bank"
    if payment is None or payment.at_terminal or (payment.directly and bounced):
        return Refusal("unknown_reference", {"kind": "payment", "name": command.payment})
    if payment.reversed:
        return Refusal("already_reversed", {"name": command.payment})
    if command.on < payment.value_date:
        facts_of_day = {"date": command.on.isoformat(), "from": payment.value_date.isoformat()}
        return Refusal("date_out_of_range", facts_of_day, payment.value_date)
    parts, freed = _still_paid(case, payment.parts)
    overpaid = min(case.overpaid, payment.overpaid + freed)
    moved, missing = _moved(case, payment.overpaid + freed - overpaid, parts)
    if missing:
        facts = {"amount": payment.overpaid + freed, "owed": case.overpaid}
        return Refusal("already_refunded", facts)
    restored = _restorable(case, payment.given_up)
    reversed_ = PaymentReversed(
        value_date=command.on,
        payment=command.payment,
        amount=payment.amount,
        parts=parts,
        overpaid=overpaid,
        paid_on=payment.counts_from,
        reason=command.reason,
        corrects=payment.version,
        receipt=None if bounced else payment.receipt,
        moved=moved,
        restored=restored,
        directly=payment.directly,
    )
    back: list[Event] = [
        CorrectionRecorded(
            value_date=command.on, corrects=(payment.version,), reason="payment_reversed"
        ),
        reversed_,
    ]
    owed_again = any(part.amount for part in (*parts, *moved, *restored))
    if case.state == "closed" and owed_again:
        back.insert(1, CaseReopened(value_date=command.on, reason="payment_returned"))
    return back


def _still_paid(case: Case, parts: tuple[Part, ...]) -> tuple[tuple[Part, ...], int]:
    """What of a payment's parts money still pays, and how much of it was freed since."""
    left = dict(case.paid)
    found: list[Part] = []
    freed = 0
    for part in parts:
        key = (part.component, part.claim, part.line)
        taken = min(part.amount, left.get(key, 0))
        freed += part.amount - taken
        if taken:
            left[key] -= taken
            found.append(Part(part.component, taken, part.claim, part.line))
    return tuple(found), freed


def _restorable(case: Case, given_up: tuple[Part, ...]) -> tuple[Part, ...]:
    """What a payment made us give up and still stands: no fee or interest that fell away since."""
    stands: dict[tuple[Component, str | None], int] = {}
    for (_, fee, claim), amount in case.fees_standing.items():
        stands[fee, claim] = stands.get((fee, claim), 0) + amount
    for name, invoice in case.invoices.items():
        stands["interest", name] = invoice.interest_fixed
    found: list[Part] = []
    for part in given_up:
        key = (part.component, part.claim)
        most = part.amount
        if key in stands:
            held = case.owed.get(key, 0) + case.paid.get((*key, None), 0)
            most = min(most, max(0, stands[key] - held))
            stands[key] -= most
        if most:
            found.append(Part(part.component, most, part.claim, part.line))
    return tuple(found)


def _moved(case: Case, amount: int, besides: tuple[Part, ...]) -> tuple[tuple[Part, ...], int]:
    """What freed money came to pay, up to an amount, and what of the amount is not found there."""
    left = dict(case.paid)
    for part in besides:
        left[part.component, part.claim, part.line] -= part.amount
    found: list[Part] = []
    for (component, claim, line), moved in reversed(case.moved.items()):
        taken = min(amount, moved, left.get((component, claim, line), 0))
        if taken > 0:
            found.append(Part(component, taken, claim, line))
            amount -= taken
    return tuple(found), amount


def refund_overpayment(
    case: Case, command: RefundOverpayment, setting: Setting
) -> list[Event] | Refusal:
    """What was paid too much goes back; more than a small amount takes two people."""
    if not command.amount:
        return Refusal("amount_missing")
    if command.amount > case.overpaid:
        facts = {"amount": command.amount, "owed": case.overpaid}
        return Refusal("more_than_owed", facts)
    if command.amount > REFUND_BY_ONE_MOST:
        refusal = one_person_only(setting, REFUND_BY_ONE_MOST)
        if refusal is not None:
            return refusal
    return [
        OverpaymentRefunded(value_date=command.on, refund=command.refund, amount=command.amount)
    ]


def _designated_wrongly(case: Case, command: ReceivePayment) -> Refusal | None:
    """What the debtor says that he pays must be the payment, and no more than he owes."""
    if command.invoice is not None and command.invoice not in case.invoices:
        return Refusal("unknown_invoice", {"invoice": command.invoice})
    if not command.parts:
        return None
    named = sum(part.amount for part in command.parts)
    if named != command.amount:
        facts = {"amount": command.amount, "parts": named}
        return Refusal("over_allocation", facts, None, "invariant: parts sum to the payment")
    refusal = more_than_owed(case, command.parts)
    if refusal is None:
        return None
    return Refusal("negative_component", refusal.facts, None, "invariant: nothing below zero")


def _sent_too_late(case: Case, amount: int, on: date, paid_on: date) -> list[Event]:
    """What a payment takes back that was on its way before the last letters were sent.

    Only one that covered all that was owed on its day of what they were about: part of a debt
    leaves the rest overdue.
    """
    later = [
        name
        for name, letter in case.letters.items()
        if letter.sent_on > paid_on and not letter.void
    ]
    if not later:
        return []
    events = voided(case, on, later, "paid_before", "paid_in_time")
    now = case.after(events)
    about = {None}.union(*(case.letters[name].invoices or case.invoices for name in later))
    paid_since = sum(
        part.amount
        for payment in case.payments.values()
        if payment.counts_from > paid_on and not payment.reversed
        for part in payment.parts
        if part.component == "principal" and part.claim in about
    )
    owed_then = paid_since + sum(
        owed
        for (component, claim), owed in now.owed.items()
        if component != "interest" and claim in about
    )
    if not 0 < owed_then <= amount:
        return []
    versions = tuple(case.letters[name].version for name in later)
    correction = CorrectionRecorded(value_date=on, corrects=versions, reason="payment_known_late")
    return [correction, *events]


def _chosen(
    case: Case, command: ReceivePayment, order: AllocationOrder
) -> tuple[tuple[Part, ...], Designation]:
    """What the payment pays, and by whose choice."""
    owed = case.owed
    if command.parts:
        return _named(case, command, order), "parts"
    if command.order is None:
        asked, designation = _asked_for_exactly(case, command.amount, command.invoice)
        if asked:
            return by_line(case, asked), designation
    if command.invoice is None:
        parts, _ = allocate(command.amount, owed, order, case.oldest_first())
        return by_line(case, parts), "none"
    own = {key: due for key, due in owed.items() if key[1] in {None, command.invoice}}
    parts, rest = allocate(command.amount, own, order, [command.invoice])
    others = {key: due for key, due in owed.items() if key not in own}
    more, _ = allocate(rest, others, order, case.oldest_first())
    return by_line(case, (*parts, *more)), "invoice"


def _named(case: Case, command: ReceivePayment, order: AllocationOrder) -> tuple[Part, ...]:
    """The parts that the debtor named; for those of a letter that fell away, what else is owed."""
    left = dict(case.owed)
    found: list[Part] = []
    for part in command.parts:
        key = (part.component, part.claim)
        taken = min(part.amount, left.get(key, 0))
        if taken:
            left[key] -= taken
            found.append(Part(part.component, taken, part.claim, part.line))
    rest = command.amount - sum(part.amount for part in found)
    more, _ = allocate(rest, left, order, case.oldest_first())
    return by_line(case, (*found, *more))


def _asked_for_exactly(
    case: Case, paid: int, invoice: str | None
) -> tuple[tuple[Part, ...], Designation]:
    """The parts that a letter or an invoice asked for, if the payment is exactly their sum.

    Whoever pays just what he was asked for pays just that, and not the interest that ran since.
    """
    owed = case.owed
    demands: list[tuple[tuple[Part, ...], Designation]] = [
        (letter.asked, "letter")
        for letter in reversed(case.letters.values())
        if letter.asked and (invoice is None or invoice in letter.invoices)
    ]
    for name in case.oldest_first():
        if invoice in {None, name}:
            whole = Part("principal", case.invoices[name].principal, name)
            demands.append(((whole,), "invoice"))
    for demand, designation in demands:
        if sum(part.amount for part in demand) != paid:
            continue
        asked: dict[tuple[Component, str | None], int] = {}
        for part in demand:
            key = (part.component, part.claim)
            asked[key] = asked.get(key, 0) + part.amount
        if all(owed.get(key, 0) >= amount for key, amount in asked.items()):
            return _in_order(demand, "costs_interest_principal"), designation
    return (), "none"


def _in_order(parts: Iterable[Part], order: AllocationOrder) -> tuple[Part, ...]:
    rank = {component: place for place, component in enumerate(SEQUENCE[order])}
    return tuple(sorted(parts, key=lambda part: rank[part.component]))


def _settled(case: Case, events: list[Event], setting: Setting) -> list[Event]:
    """What follows from a payment, which is the last of the events: interest lowered, a cap that
    fell, a plan or settlement kept, a small rest given up, the case closed."""
    paid = events[-1]
    assert isinstance(paid, PaymentReceived | PaymentReportedByClinic)
    on = paid.value_date
    now = case.after(events)
    more: list[Event] = [*accrual.lowered(now, on, setting.rules)]
    now = now.after(more)
    if not now.balance.get("principal"):
        cap = fees_above_cap(now, on, setting)
        more += cap
        now = now.after(cap)
    for name, plan in now.plans.items():
        if plan.active and plan.paid >= plan.total:
            more.append(InstalmentPlanCompleted(value_date=on, plan=name))
    settled = case.settlement
    if settled is not None and now.settlement is not settled and now.outstanding:
        name = next(n for n, known in now.settlements.items() if known.version == settled.version)
        if now.settlements[name].paid >= settled.amount:
            grace = setting.rules.policy.grace_days * DAY
            if now.payments[paid.payment].counts_from <= settled.pay_by + grace:
                return [*events, *more, *_rest_given_up(now, name, paid.payment, on)]
            more.append(SettlementLapsed(value_date=on, settlement=name))
    rest = now.owed
    if (
        rest
        and now.outstanding <= setting.rules.policy.small_remainder
        and not any(component in {"principal", "charge"} for component, _ in rest)
    ):
        more.append(
            WrittenOff(
                value_date=on,
                reason="small_remainder",
                parts=all_of(rest),
                payment=paid.payment,
            )
        )
    return closed_if_settled(case, [*events, *more], "paid")


def _rest_given_up(case: Case, settlement: str, payment: str, on: date) -> list[Event]:
    on = accrual.counts_from(case, on)
    principal = [p for p in all_of(case.owed) if p.component in {"principal", "charge"}]
    costs = [p for p in all_of(case.owed) if p.component not in {"principal", "charge"}]
    found: list[Event] = []
    if costs:
        found.append(
            FeeWaived(value_date=on, parts=tuple(costs), reason="settlement", payment=payment)
        )
    if principal:
        found.append(
            Credited(
                value_date=on,
                credit_note=settlement,
                reason="settlement",
                parts=by_line(case, principal),
                payment=payment,
            )
        )
    return closed_if_settled(case, found, "settled")
