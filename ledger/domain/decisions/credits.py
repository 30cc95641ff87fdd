"""Giving up what is owed: by a credit note, or as a loss."""

from ledger.domain.allocation import all_of
from ledger.domain.case import Case
from ledger.domain.commands import Credit, WriteOff
from ledger.domain.decisions.closing import closed_if_settled
from ledger.domain.events import Credited, Event, WrittenOff
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Rules


def credit(case: Case, command: Credit, rules: Rules) -> list[Event] | Refusal:
    """A credit note can give up what is owed and no more."""
    if not any(part.amount for part in command.parts):
        return Refusal("amount_missing")
    left = dict(case.owed)
    for part in command.parts:
        key = (part.component, part.claim)
        left[key] = left.get(key, 0) - part.amount
        if left[key] < 0:
            owed = case.owed.get(key, 0)
            facts = {"component": part.component, "amount": part.amount, "owed": owed}
            return Refusal("more_than_owed", facts)
    credited = Credited(
        value_date=command.on,
        credit_note=command.credit_note,
        reason=command.reason,
        parts=command.parts,
    )
    return closed_if_settled(case, [credited], "credited")


def write_off(case: Case, command: WriteOff, rules: Rules) -> list[Event] | Refusal:
    """All that is still owed is written off, and the case closed unless a dispute is open."""
    parts = all_of(case.owed)
    if not parts:
        return Refusal("nothing_owed")
    written_off = WrittenOff(value_date=command.on, reason=command.reason, parts=parts)
    return closed_if_settled(case, [written_off], "written_off")
