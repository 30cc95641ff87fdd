"""Taking over a case from another system, as it was there."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from ledger.domain import commands
from ledger.domain.allocation import all_of, by_line
from ledger.domain.case import Case
from ledger.domain.commands import ImportHistory, PastEvent
from ledger.domain.decisions.payments import allocated_payment
from ledger.domain.events import (
    CaseOpened,
    Credited,
    DisputeAnswered,
    DisputeAnswerNotified,
    DisputeOutcome,
    DisputeRaised,
    DisputeReferred,
    Event,
    FeeCharged,
    FeeComponent,
    HandedOver,
    InvoiceDelivered,
    InvoiceIssued,
    InvoiceLine,
)
from ledger.domain.money import MINOR_DIGITS
from ledger.domain.refusals import Refusal
from ledger.domain.rules import EARLIEST_VALUE_DATE, Setting

IMPORTED: Final = "imported"
"""The rule named by fees that another system charged."""


def import_history(case: Case, command: ImportHistory, setting: Setting) -> list[Event] | Refusal:
    """Record what happened in the source's order; refuse the case whole if it makes no sense.

    A payment is allocated by our own rule, since sources rarely say how they did. Amounts of
    zero move nothing, but that they happened is recorded.
    """
    if command.currency not in MINOR_DIGITS:
        return Refusal("wrong_currency", {"currency": command.currency})
    if not command.events or not isinstance(command.events[0], commands.Claimed):
        return Refusal("history_without_claim", {"reference": command.reference})
    so_far = Case(case.id)
    found: list[Event] = [
        CaseOpened(
            value_date=command.events[0].on,
            reference=command.reference,
            creditor=command.creditor,
            debtor=None,
            currency=command.currency,
        )
    ]
    for number, past in enumerate(command.events, start=1):
        if not EARLIEST_VALUE_DATE <= past.on <= command.on:
            return Refusal("date_out_of_range", {"date": past.on.isoformat(), "event": number})
        translate = _TRANSLATIONS[type(past)]
        for event in translate(so_far, past, f"{command.reference}/{number}", setting):
            if isinstance(event, Refusal):
                return event
            so_far.apply(event)
            found.append(event)
    return found


Translated = Iterator[Event | Refusal]


def _claimed(case: Case, past: commands.Claimed, name: str, setting: Setting) -> Translated:
    line = InvoiceLine(line=1, category="other", amount=past.amount)
    yield InvoiceIssued(value_date=past.on, invoice=name, lines=(line,), due_date=None, kid=None)


def _delivered(case: Case, past: commands.Delivered, name: str, setting: Setting) -> Translated:
    latest = next(reversed(case.invoices))
    yield InvoiceDelivered(value_date=past.on, invoice=latest, channel="not_stated")


def _fee(case: Case, past: PastEvent, component: FeeComponent, amount: int) -> FeeCharged:
    return FeeCharged(
        value_date=past.on,
        component=component,
        amount=amount,
        claim=next(reversed(case.invoices)),
        rule=IMPORTED,
        letter=None,
    )


def _fee_added(case: Case, past: commands.FeeAdded, name: str, setting: Setting) -> Translated:
    yield _fee(case, past, past.component, past.amount)


def _fee_added_up_to(
    case: Case, past: commands.FeeAddedUpTo, name: str, setting: Setting
) -> Translated:
    claimed = sum(invoice.principal for invoice in case.invoices.values())
    charged = sum(fee.amount for fee in case.fees if fee.component == past.component)
    stood_at = claimed + charged
    if past.total < stood_at:
        yield Refusal("total_below_claim", {"total": past.total, "claimed": stood_at})
    else:
        yield _fee(case, past, past.component, past.total - stood_at)


def _paid(case: Case, past: commands.Paid, name: str, setting: Setting) -> Translated:
    yield allocated_payment(case, name, past.amount, past.on, setting.rules.policy.allocation_order)


def _objected(case: Case, past: commands.Objected, name: str, setting: Setting) -> Translated:
    yield DisputeRaised(value_date=past.on, dispute=past.dispute, category=IMPORTED, code=past.code)
    yield from _upheld(case, past, name)


def _referred(
    case: Case, past: commands.ObjectionReferred, name: str, setting: Setting
) -> Translated:
    yield DisputeReferred(
        value_date=past.on, dispute=past.dispute, referred_to=past.dispute, code=past.code
    )
    yield from _upheld(case, past, name)


def _answered(
    case: Case, past: commands.ObjectionAnswered, name: str, setting: Setting
) -> Translated:
    if past.upheld:
        yield from _upheld(case, past, name)
    else:
        yield _answer(past, "not_stated")


def _notified(case: Case, past: commands.AnswerNotified, name: str, setting: Setting) -> Translated:
    yield DisputeAnswerNotified(value_date=past.on, dispute=past.dispute, code=past.code)
    yield from _upheld(case, past, name)


def _answer(past: commands.Objected, outcome: DisputeOutcome) -> DisputeAnswered:
    return DisputeAnswered(
        value_date=past.on,
        dispute=past.dispute,
        outcome=outcome,
        decided_by=past.dispute,
        code=past.code,
    )


def _upheld(case: Case, past: commands.Objected, name: str) -> Translated:
    """Where the source's code says so, whatever its event: what is then still owed is credited."""
    if not past.upheld:
        return
    yield _answer(past, "upheld")
    parts = by_line(case, all_of(case.owed))
    if parts:
        yield Credited(value_date=past.on, credit_note=name, reason="dispute_upheld", parts=parts)


def _passed_on(
    case: Case, past: commands.PassedToCollection, name: str, setting: Setting
) -> Translated:
    yield HandedOver(value_date=past.on, recipient="not_stated", outstanding=case.outstanding)


_TRANSLATIONS: Final[dict[type[PastEvent], Callable[[Case, Any, str, Setting], Translated]]] = {
    commands.Claimed: _claimed,
    commands.Delivered: _delivered,
    commands.FeeAdded: _fee_added,
    commands.FeeAddedUpTo: _fee_added_up_to,
    commands.Paid: _paid,
    commands.Objected: _objected,
    commands.ObjectionReferred: _referred,
    commands.ObjectionAnswered: _answered,
    commands.AnswerNotified: _notified,
    commands.PassedToCollection: _passed_on,
}
