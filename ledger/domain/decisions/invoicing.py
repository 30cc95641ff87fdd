"""Opening a case and claiming an amount in writing."""

from ledger.domain.case import Case
from ledger.domain.commands import ConfirmDelivery, IssueInvoice, OpenCase
from ledger.domain.events import CaseOpened, Event, InvoiceDelivered, InvoiceIssued
from ledger.domain.identifiers import is_kid
from ledger.domain.money import MINOR_DIGITS
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Rules


def open_case(case: Case, command: OpenCase, rules: Rules) -> list[Event] | Refusal:
    """One case for each creditor and debtor, in one currency."""
    if command.currency not in MINOR_DIGITS:
        return Refusal("wrong_currency", {"currency": command.currency})
    return [
        CaseOpened(
            value_date=command.on,
            reference=command.reference,
            creditor=command.creditor,
            debtor=command.debtor,
            currency=command.currency,
        )
    ]


def issue_invoice(case: Case, command: IssueInvoice, rules: Rules) -> list[Event] | Refusal:
    """An invoice may claim a charge once, and only what of it is still owed."""
    if command.invoice in case.invoices:
        return Refusal("duplicate_invoice", {"invoice": command.invoice})
    if not command.lines or not any(line.amount for line in command.lines):
        return Refusal("amount_missing")
    if command.kid is not None and not is_kid(command.kid):
        return Refusal("invalid_kid", {"kid": command.kid})
    if command.due_date < command.on:
        return Refusal(
            "date_out_of_range",
            {"date": command.due_date.isoformat(), "from": command.on.isoformat()},
        )
    claimed: set[str] = set()
    for line in command.lines:
        if line.charge is None:
            continue
        charge = case.charges.get(line.charge)
        if charge is None:
            return Refusal("unknown_charge", {"charge": line.charge})
        if charge.invoice is not None or line.charge in claimed:
            return Refusal("duplicate_charge", {"charge": line.charge, "invoice": charge.invoice})
        if charge.paid_at is not None:
            facts = {"charge": line.charge, "at": charge.paid_at.isoformat()}
            return Refusal("already_paid", facts)
        owed = case.owed.get(("charge", line.charge), 0)
        if line.amount != owed:
            return Refusal(
                "more_than_owed", {"charge": line.charge, "amount": line.amount, "owed": owed}
            )
        claimed.add(line.charge)
    return [
        InvoiceIssued(
            value_date=command.on,
            invoice=command.invoice,
            lines=command.lines,
            due_date=command.due_date,
            kid=command.kid,
        )
    ]


def confirm_delivery(case: Case, command: ConfirmDelivery, rules: Rules) -> list[Event] | Refusal:
    """Evidence of delivery is recorded each time that there is some."""
    if command.invoice not in case.invoices:
        return Refusal("unknown_invoice", {"invoice": command.invoice})
    return [
        InvoiceDelivered(value_date=command.on, invoice=command.invoice, channel=command.channel)
    ]
