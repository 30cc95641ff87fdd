"""The payment terminal at the clinic: what reached it, what the patient did, what was paid.

Consultation and laboratory charges can reach the terminal at different times; a patient who
is quick approves an amount of zero, or pays the one and not the other.
"""

from ledger.domain.case import Case
from ledger.domain.commands import RecordTerminalAttempt, RegisterCharge, SendChargeToTerminal
from ledger.domain.events import (
    ChargeRegistered,
    ChargeSentToTerminal,
    Event,
    Part,
    TerminalAttemptRecorded,
    TerminalPaymentReceived,
)
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Setting


def register_charge(case: Case, command: RegisterCharge, setting: Setting) -> list[Event] | Refusal:
    """Charges are registered by the clinic, each once."""
    if command.charge in case.charges:
        return Refusal("duplicate_charge", {"charge": command.charge})
    return [
        ChargeRegistered(
            value_date=command.on,
            charge=command.charge,
            category=command.category,
            amount=command.amount,
            at=command.at,
        )
    ]


def send_charge_to_terminal(
    case: Case, command: SendChargeToTerminal, setting: Setting
) -> list[Event] | Refusal:
    """Only registered charges reach the terminal."""
    if command.charge not in case.charges:
        return Refusal("unknown_charge", {"charge": command.charge})
    return [ChargeSentToTerminal(value_date=command.on, charge=command.charge, at=command.at)]


def record_terminal_attempt(
    case: Case, command: RecordTerminalAttempt, setting: Setting
) -> list[Event] | Refusal:
    """An approved amount pays what is owed of the charges on the screen, and must be their sum.

    An approved zero, a declined or a cancelled attempt pays nothing and is recorded as an
    attempt: it explains what the patient believes to have done.
    """
    if command.result != "approved" or command.amount == 0:
        return [
            TerminalAttemptRecorded(
                value_date=command.on, amount=command.amount, result=command.result, at=command.at
            )
        ]
    if command.payment in case.payments:
        return Refusal("duplicate_receipt", {"payment": command.payment})
    owed = case.owed
    parts = tuple(
        Part("charge", owed.get(("charge", name), 0), name)
        for name, charge in case.charges.items()
        if charge.sent_at is not None
        and charge.sent_at <= command.at
        and charge.paid_at is None
        and charge.invoice is None
        and (("charge", name) in owed or not charge.amount)
    )
    on_screen = sum(part.amount for part in parts)
    if on_screen != command.amount:
        return Refusal("not_on_terminal", {"amount": command.amount, "on_terminal": on_screen})
    return [
        TerminalPaymentReceived(
            value_date=command.on,
            payment=command.payment,
            amount=command.amount,
            parts=parts,
            at=command.at,
        )
    ]
