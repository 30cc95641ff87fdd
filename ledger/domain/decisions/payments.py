"""Money that comes in on the client account."""

from datetime import date

from ledger.domain.allocation import allocate
from ledger.domain.case import Case
from ledger.domain.commands import ReceivePayment
from ledger.domain.decisions.closing import closed_if_settled
from ledger.domain.events import AllocationOrder, Event, PaymentReceived
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Rules


def allocated_payment(
    case: Case, payment: str, amount: int, on: date, order: AllocationOrder
) -> PaymentReceived:
    """The payment as a fact: what it pays, oldest due date first, and what is left over.

    What is left over is an overpayment: the debtor's money, and never a negative claim.
    """
    by_age = sorted(
        case.invoices, key=lambda name: (case.invoices[name].due_date or date.max, name)
    )
    parts, rest = allocate(amount, case.owed, order, by_age)
    return PaymentReceived(
        value_date=on, payment=payment, amount=amount, parts=parts, overpaid=rest, order=order
    )


def receive_payment(case: Case, command: ReceivePayment, rules: Rules) -> list[Event] | Refusal:
    """Allocate a payment to what is owed; the same receipt counts once.

    Money that came in is never turned away: on a closed case, or beyond what is owed, it is
    kept as an overpayment until it is paid back. Money that pays nothing ends nothing either:
    it may have come before the invoice.
    """
    if not command.amount:
        return Refusal("amount_missing")
    if command.payment in case.receipts:
        return Refusal("duplicate_receipt", {"payment": command.payment})
    order = command.order or rules.allocation_order
    paid = allocated_payment(case, command.payment, command.amount, command.on, order)
    return closed_if_settled(case, [paid], "paid") if paid.parts else [paid]
