"""Giving up what is owed: by a credit note, or as a loss."""

from ledger.domain import accrual
from ledger.domain.allocation import all_of, by_line
from ledger.domain.case import Case
from ledger.domain.commands import Credit, WriteOff
from ledger.domain.decisions.closing import CLOSED_AS, closed_if_settled, not_barred
from ledger.domain.decisions.fees import given_back, more_than_owed, waived
from ledger.domain.decisions.letters import fees_above_cap
from ledger.domain.decisions.standing import one_person_only
from ledger.domain.events import (
    CorrectionRecorded,
    Credited,
    Event,
    WaiverReason,
    WrittenOff,
)
from ledger.domain.refusals import Refusal
from ledger.domain.rules import WRITE_OFF_BY_ONE_MOST, Setting


def credit(case: Case, command: Credit, setting: Setting) -> list[Event] | Refusal:
    """A credit note can give up what is owed and no more.

    A charge that was never owed takes with it the interest that ran on it from the due date, and
    the costs of letters that asked for nothing else, paid or not; where nothing else is owed, all.
    """
    if not any(part.amount for part in command.parts):
        return Refusal("amount_missing")
    refusal = more_than_owed(case, command.parts)
    if refusal is not None:
        return refusal
    credited = Credited(
        value_date=command.on,
        credit_note=command.credit_note,
        reason=command.reason,
        parts=by_line(case, command.parts),
        never_owed=command.never_owed,
    )
    return closed_if_settled(case, credited_events(case, credited, setting), "credited")


def credited_events(case: Case, credited: Credited, setting: Setting) -> list[Event]:
    """A credit, and what follows from it: interest that never ran, costs of what was never owed."""
    now = case.after([credited])
    lowered = accrual.lowered(now, credited.value_date, setting.rules)
    events: list[Event] = [credited, *lowered]
    if lowered:
        claims = {part.claim or "" for part in credited.parts}
        versions = sorted(i.version for name, i in case.invoices.items() if name in claims)
        events.insert(
            0,
            CorrectionRecorded(
                value_date=credited.value_date,
                corrects=tuple(versions),
                reason="credited_from_start",
            ),
        )
    now = now.after(lowered)
    if credited.never_owed:
        above = fees_above_cap(now, credited.value_date, setting)
        events += above
        now = now.after(above)
        upheld = credited.reason == "dispute_upheld"
        reason: WaiverReason = "dispute_upheld" if upheld else "goodwill"
        in_vain = [
            name
            for name, letter in now.letters.items()
            if case.letters[name].principal and not letter.principal
        ]
        back = given_back(now, credited.value_date, in_vain, reason)
        events += back
        now = now.after(back)
        principal = any(component in {"principal", "charge"} for component, _ in now.owed)
        if not principal and now.outstanding:
            events += waived(now, credited.value_date, all_of(now.owed), reason)
    return events


def write_off(case: Case, command: WriteOff, setting: Setting) -> list[Event] | Refusal:
    """All that is still owed is written off, and the case closed unless a dispute is open.

    More than a small amount takes two people; a small remainder is what the policy calls one.
    """
    parts = by_line(case, all_of(case.owed))
    if not parts:
        return Refusal("nothing_owed")
    most = setting.rules.policy.small_remainder
    if command.reason == "small_remainder" and case.outstanding > most:
        facts = {"outstanding": case.outstanding, "most": most}
        return Refusal("small_remainder", facts, None, "policy of the clinic")
    if case.outstanding > WRITE_OFF_BY_ONE_MOST:
        refusal = one_person_only(setting, WRITE_OFF_BY_ONE_MOST)
        if refusal is not None:
            return refusal
    if command.reason != "small_remainder":
        refusal = not_barred(case, command.reason, command.on, setting)
        if refusal is not None:
            return refusal
    day = accrual.counts_from(case, command.on)
    written_off = WrittenOff(value_date=day, reason=command.reason, parts=parts)
    return closed_if_settled(case, [written_off], CLOSED_AS.get(command.reason, "written_off"))
