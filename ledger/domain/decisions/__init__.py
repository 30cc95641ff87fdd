"""What may be done with a case: one module for each group of decisions that change together.

A decision is a function of the case, the command, the rules and today's date. It returns the
events that are to be recorded, or a ``Refusal``. It reads no clock, table or setting.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from ledger.domain import commands
from ledger.domain.accounts import COMPONENT_OF, postings
from ledger.domain.case import Case
from ledger.domain.commands import Command, ImportHistory, OpenCase
from ledger.domain.decisions import (
    closing,
    credits,
    disputes,
    fees,
    history,
    invoicing,
    payments,
    terminal,
)
from ledger.domain.events import (
    ChargeRegistered,
    Event,
    FeeCharged,
    InterestFixed,
    InvoiceIssued,
)
from ledger.domain.money import MAX_AMOUNT
from ledger.domain.refusals import Refusal
from ledger.domain.rules import EARLIEST_VALUE_DATE, Rules

Decision = list[Event] | Refusal

_DECISIONS: Final[dict[type[Command], Callable[[Case, Any, Rules], Decision]]] = {
    commands.OpenCase: invoicing.open_case,
    commands.RegisterCharge: terminal.register_charge,
    commands.SendChargeToTerminal: terminal.send_charge_to_terminal,
    commands.RecordTerminalAttempt: terminal.record_terminal_attempt,
    commands.IssueInvoice: invoicing.issue_invoice,
    commands.ConfirmDelivery: invoicing.confirm_delivery,
    commands.ChargeFee: fees.charge_fee,
    commands.SendReminder: fees.send_reminder,
    commands.ReceivePayment: payments.receive_payment,
    commands.RaiseDispute: disputes.raise_dispute,
    commands.ReferDispute: disputes.refer_dispute,
    commands.AnswerDispute: disputes.answer_dispute,
    commands.Credit: credits.credit,
    commands.WriteOff: credits.write_off,
    commands.HandOver: closing.hand_over,
    commands.CloseCase: closing.close_case,
    commands.ImportHistory: history.import_history,
}

COMMANDS: Final[tuple[type[Command], ...]] = tuple(_DECISIONS)
"""Every command there is a decision for."""


_ON_CLOSED_CASES: Final = frozenset(
    {
        commands.ReceivePayment,
        commands.RecordTerminalAttempt,
        commands.SendChargeToTerminal,
        commands.ConfirmDelivery,
        commands.ReferDispute,
        commands.AnswerDispute,
    }
)
"""What can still be done when a case is closed: money and answers that come late are recorded."""


_CLAIMING: Final = (ChargeRegistered, InvoiceIssued, FeeCharged, InterestFixed)


def decide(case: Case, command: Command, rules: Rules, today: date) -> Decision:
    """Answer a command. The case is not changed."""
    if not EARLIEST_VALUE_DATE <= command.on <= today:
        return Refusal(
            "date_out_of_range",
            {"date": command.on.isoformat(), "from": EARLIEST_VALUE_DATE.isoformat()},
            earliest=command.on if command.on > today else None,
        )
    opens = isinstance(command, OpenCase | ImportHistory)
    if case.opened_on is None and not opens:
        return Refusal("case_not_open")
    if case.opened_on is not None and opens:
        return Refusal("already_open", {"reference": case.reference})
    if case.state == "closed" and type(command) not in _ON_CLOSED_CASES:
        return Refusal("case_closed", {"reason": case.close_reason})
    decision = _DECISIONS[type(command)](case, command, rules)
    if isinstance(decision, list) and case.outstanding + _claimed(decision) > MAX_AMOUNT:
        return Refusal("amount_too_large", {"most": MAX_AMOUNT})
    return decision


def _claimed(events: list[Event]) -> int:
    """What the events add to the debt. Its limit is that of a single amount, so that the event
    that one day gives up the whole debt, or hands it over, can still state it.
    """
    return sum(
        posting.amount
        for event in events
        if isinstance(event, _CLAIMING)
        for posting in postings(event)
        if posting.account in COMPONENT_OF
    )


def names_claimed(command: Command) -> list[tuple[str, str]]:
    """The names, each of a kind, that must not belong to another case of the book already."""
    match command:
        case commands.OpenCase(reference=reference) | commands.ImportHistory(reference=reference):
            return [("case", reference)]
        case commands.IssueInvoice(kid=str() as kid):
            return [("kid", kid)]
        case _:
            return []
