"""What may be done with a case: one module for each group of decisions that change together.

A decision is a function of the case, the command and its setting: the rules, today's date, and
who asks. It returns the events that are to be recorded, or a ``Refusal``. It reads no clock,
table or environment.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec

from ledger.domain import commands as c
from ledger.domain.accounts import COMPONENT_OF, postings
from ledger.domain.case import Case
from ledger.domain.commands import Command
from ledger.domain.decisions import (
    agreements,
    approvals,
    circumstances,
    closing,
    contacts,
    credits,
    disputes,
    fees,
    history,
    invoicing,
    legal,
    letters,
    payments,
    tasks,
    terminal,
)
from ledger.domain.events import (
    ChargeRegistered,
    Event,
    FeeCharged,
    InterestFixed,
    InvoiceIssued,
    PaymentReversed,
)
from ledger.domain.money import MAX_AMOUNT
from ledger.domain.rate_missing import RateMissing
from ledger.domain.refusals import Refusal, missing_rate
from ledger.domain.rules import EARLIEST_VALUE_DATE, LATEST_DATE, Rules, Setting

Decision = list[Event] | Refusal

UNKNOWN_ACTOR: Final = "system:unknown"

_DECISIONS: Final[dict[type[Command], Callable[[Case, Any, Setting], Decision]]] = {
    c.OpenCase: invoicing.open_case,
    c.RegisterCharge: terminal.register_charge,
    c.SendChargeToTerminal: terminal.send_charge_to_terminal,
    c.RecordTerminalAttempt: terminal.record_terminal_attempt,
    c.IssueInvoice: invoicing.issue_invoice,
    c.ConfirmDelivery: invoicing.confirm_delivery,
    c.RecordDeliveryFailure: invoicing.record_delivery_failure,
    c.CorrectDueDate: invoicing.correct_due_date,
    c.SendReminder: letters.send_reminder,
    c.ClaimHeavyFee: letters.claim_heavy_fee,
    c.ChargeFee: fees.charge_fee,
    c.WaiveFees: fees.waive_fees,
    c.ReclaimFee: fees.reclaim_fee,
    c.VoidLetter: fees.void_letter,
    c.ReceivePayment: payments.receive_payment,
    c.ReportDirectPayment: payments.report_direct_payment,
    c.ReversePayment: payments.reverse_payment,
    c.RefundOverpayment: payments.refund_overpayment,
    c.RaiseDispute: disputes.raise_dispute,
    c.ReferDispute: disputes.refer_dispute,
    c.AnswerDispute: disputes.answer_dispute,
    c.NotifyDisputeAnswer: disputes.notify_answer,
    c.Credit: credits.credit,
    c.WriteOff: credits.write_off,
    c.HandOver: closing.hand_over,
    c.CloseCase: closing.close_case,
    c.ReopenCase: closing.reopen_case,
    c.GrantDeferral: agreements.grant_deferral,
    c.AgreeInstalmentPlan: agreements.agree_instalment_plan,
    c.BreakInstalmentPlan: agreements.break_instalment_plan,
    c.AgreeSettlement: agreements.agree_settlement,
    c.LapseSettlement: agreements.lapse_settlement,
    c.AcknowledgeDebt: agreements.acknowledge_debt,
    c.RegisterCircumstance: circumstances.register_circumstance,
    c.EndCircumstance: circumstances.end_circumstance,
    c.PlaceHold: circumstances.place_hold,
    c.ReleaseHold: circumstances.release_hold,
    c.RegisterAuthorisation: contacts.register_authorisation,
    c.RevokeAuthorisation: contacts.revoke_authorisation,
    c.RecordContact: contacts.record_contact,
    c.RefuseDisclosure: contacts.refuse_disclosure,
    c.SetContactPreference: contacts.set_contact_preference,
    c.RequestCallback: contacts.request_callback,
    c.MakeCallback: contacts.make_callback,
    c.TakeNote: contacts.take_note,
    c.AskClinic: contacts.ask_clinic,
    c.ReplyFromClinic: contacts.reply_from_clinic,
    c.RequestLegalDecision: legal.request_legal_decision,
    c.DecideAsClinic: legal.decide_as_clinic,
    c.FileLegalStep: legal.file_legal_step,
    c.RecordEnforcementResult: legal.record_enforcement_result,
    c.ReportEgenandelPayment: tasks.report_egenandel_payment,
    c.RaiseTask: tasks.raise_task,
    c.DoTask: tasks.do_task,
    c.ImportHistory: history.import_history,
    c.RequestApproval: lambda case, command, setting: approvals.request_approval(
        case, command, setting, _decided
    ),
    c.Approve: lambda case, command, setting: approvals.approve(case, command, setting, _decided),
    c.Decline: approvals.decline,
}

COMMANDS: Final[tuple[type[Command], ...]] = tuple(_DECISIONS)
"""Every command that a case answers."""


_ON_CLOSED_CASES: Final = frozenset(
    {
        c.ReceivePayment,
        c.ReportDirectPayment,
        c.ReversePayment,
        c.RefundOverpayment,
        c.RecordTerminalAttempt,
        c.SendChargeToTerminal,
        c.ConfirmDelivery,
        c.RecordDeliveryFailure,
        c.ReferDispute,
        c.AnswerDispute,
        c.NotifyDisputeAnswer,
        c.ReopenCase,
        c.RecordContact,
        c.RefuseDisclosure,
        c.RegisterAuthorisation,
        c.RevokeAuthorisation,
        c.SetContactPreference,
        c.RequestCallback,
        c.MakeCallback,
        c.TakeNote,
        c.AskClinic,
        c.ReplyFromClinic,
        c.RegisterCircumstance,
        c.EndCircumstance,
        c.ReleaseHold,
        c.ReportEgenandelPayment,
        c.RaiseTask,
        c.DoTask,
        c.RequestApproval,
        c.Approve,
        c.Decline,
        c.RecordEnforcementResult,
        c.VoidLetter,
    }
)
"""What can still be done when a case is closed: money, answers and questions that come late."""


_CLAIMING: Final = (ChargeRegistered, InvoiceIssued, FeeCharged, InterestFixed, PaymentReversed)


def decide(
    case: Case,
    command: Command,
    rules: Rules,
    today: date,
    *,
    actor: str = UNKNOWN_ACTOR,
    related: Sequence[Case] = (),
) -> Decision:
    """Answer a command. The case is not changed.

    ``actor`` is who asks, as ``role:id``; ``related`` are the other cases of the same creditor
    and debtor, for whoever opens one more.
    """
    setting = Setting(rules=rules, today=today, actor=actor, related=tuple(related))
    return _decided(case, command, setting)


def _decided(case: Case, command: Command, setting: Setting) -> Decision:
    if not EARLIEST_VALUE_DATE <= command.on <= setting.today:
        return Refusal(
            "date_out_of_range",
            {"date": command.on.isoformat(), "from": EARLIEST_VALUE_DATE.isoformat()},
            earliest=command.on if command.on > setting.today else None,
        )
    beyond = _beyond(command)
    if beyond is not None:
        facts_of_date = {"date": beyond.isoformat(), "from": EARLIEST_VALUE_DATE.isoformat()}
        return Refusal("date_out_of_range", facts_of_date)
    opens = isinstance(command, c.OpenCase | c.ImportHistory)
    if case.opened_on is None and not opens:
        return Refusal("case_not_open")
    if case.opened_on is not None and opens:
        return Refusal("already_open", {"reference": case.reference})
    if case.state == "closed" and type(command) not in _ON_CLOSED_CASES:
        return Refusal("case_closed", {"reason": case.close_reason})
    try:
        decision = _DECISIONS[type(command)](case, command, setting)
    except RateMissing as missing:
        return missing_rate(missing)
    if isinstance(decision, list) and case.outstanding + _claimed(decision) > MAX_AMOUNT:
        return Refusal("amount_too_large", {"most": MAX_AMOUNT})
    return decision


def _beyond(command: Command) -> date | None:
    """A date of the command that nothing in a book can have: somebody typed it wrong."""
    if isinstance(command, c.ImportHistory):
        return None
    dates = [value for value in msgspec.structs.astuple(command) if isinstance(value, date)]
    if isinstance(command, c.AgreeInstalmentPlan):
        dates += [instalment.due for instalment in command.instalments]
    days = [day.date() if isinstance(day, datetime) else day for day in dates]
    return next((d for d in days if not EARLIEST_VALUE_DATE <= d <= LATEST_DATE), None)


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
        case c.OpenCase(reference=reference) | c.ImportHistory(reference=reference):
            return [("case", reference)]
        case c.IssueInvoice(kid=str() as kid):
            return [("kid", kid)]
        case _:
            return []
