"""Letters of the collection ladder and the fees that they cost."""

from ledger.domain.case import Case
from ledger.domain.commands import ChargeFee, SendReminder
from ledger.domain.events import Event, FeeCharged, ReminderSent
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Rules


def charge_fee(case: Case, command: ChargeFee, rules: Rules) -> list[Event] | Refusal:
    """A fee names the rule that it is charged under, and the claim and letter it belongs to."""
    if command.claim is not None and command.claim not in case.invoices:
        return Refusal("unknown_invoice", {"invoice": command.claim})
    return [
        FeeCharged(
            value_date=command.on,
            component=command.component,
            amount=command.amount,
            claim=command.claim,
            rule=command.rule,
            letter=command.letter,
        )
    ]


def send_reminder(case: Case, command: SendReminder, rules: Rules) -> list[Event] | Refusal:
    """No letter about nothing, and none on a closed case."""
    if case.outstanding <= 0:
        return Refusal("nothing_owed")
    return [
        ReminderSent(
            value_date=command.on,
            letter=command.letter,
            kind=command.kind,
            channel=command.channel,
            deadline=command.deadline,
        )
    ]
