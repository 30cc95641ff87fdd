"""What somebody must look at because a date has come, and telling the clinic of paid shares."""

from datetime import date

from ledger.domain.case import Case
from ledger.domain.commands import DoTask, RaiseTask, ReportEgenandelPayment
from ledger.domain.events import EgenandelPaymentReported, Event, TaskDone, TaskRaised
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Setting


def raise_task(case: Case, command: RaiseTask, setting: Setting) -> list[Event] | Refusal:
    """Each task is raised once."""
    if command.task in case.tasks:
        return Refusal("duplicate_reference", {"kind": "task", "name": command.task})
    return [
        TaskRaised(
            value_date=command.on,
            task=command.task,
            kind=command.kind,
            due_on=command.due_on,
            subject=command.subject,
        )
    ]


def do_task(case: Case, command: DoTask, setting: Setting) -> list[Event] | Refusal:
    """Somebody has looked at it."""
    task = case.tasks.get(command.task)
    if task is None:
        return Refusal("unknown_reference", {"kind": "task", "name": command.task})
    if task.done:
        return Refusal("already_decided", {"name": command.task})
    return [TaskDone(value_date=command.on, task=command.task)]


def report_egenandel_payment(
    case: Case, command: ReportEgenandelPayment, setting: Setting
) -> list[Event] | Refusal:
    """A paid share counts towards the frikort once the clinic has reported it, within 14 days."""
    invoice = case.invoices.get(command.invoice)
    if invoice is None:
        return Refusal("unknown_invoice", {"invoice": command.invoice})
    if invoice.egenandel_reported:
        return Refusal("already_decided", {"name": command.invoice})
    paid = egenandel_paid(case, command.invoice)
    if paid is None:
        return Refusal("not_paid", {"invoice": command.invoice})
    amounts, paid_on = paid
    return [
        EgenandelPaymentReported(
            value_date=command.on,
            invoice=command.invoice,
            lines=tuple(amounts),
            amount=sum(amounts.values()),
            paid_on=paid_on,
        )
    ]


def egenandel_paid(case: Case, invoice: str) -> tuple[dict[int, int], date] | None:
    """What money has paid of the patient's share, by line, and the day of the last of it.

    ``None`` while some of it is owed, and where none was paid: a share that was credited does not
    count towards the frikort.
    """
    known = case.invoices[invoice]
    lines = [line.line for line in known.lines if line.egenandel]
    amounts = {
        line: amount for line in lines if (amount := case.paid.get(("principal", invoice, line), 0))
    }
    days = [
        payment.value_date
        for payment in case.payments.values()
        if not payment.reversed
        and any(p.claim == invoice and p.line in lines for p in payment.parts)
    ]
    if not amounts or not days or any(known.lines_owed[line] for line in lines):
        return None
    return amounts, max(days)
