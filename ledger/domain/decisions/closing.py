"""Passing a case on, ending it, and taking it up again."""

from datetime import date
from typing import Final

from ledger.domain import accrual
from ledger.domain.allocation import all_of, by_line
from ledger.domain.case import Case
from ledger.domain.commands import CloseCase, HandOver, ReopenCase
from ledger.domain.decisions.standing import (
    DAY,
    covered_by_insolvency,
    held,
    limitation_date,
    one_person_only,
)
from ledger.domain.events import (
    CaseClosed,
    CaseReopened,
    CloseReason,
    Event,
    HandedOver,
    WriteOffReason,
    WrittenOff,
)
from ledger.domain.refusals import Refusal
from ledger.domain.rules import WRITE_OFF_BY_ONE_MOST, Setting

_GIVEN_UP_AS: Final[dict[CloseReason, WriteOffReason]] = {
    "recalled": "recalled",
    "time_barred": "time_barred",
    "estate_insolvent": "estate_insolvent",
}
CLOSED_AS: Final[dict[WriteOffReason, CloseReason]] = {
    lost: reason for reason, lost in _GIVEN_UP_AS.items()
}
"""How a case ends that was written off for a reason which says so; else it is ``written_off``."""


def closed_if_settled(case: Case, events: list[Event], reason: CloseReason) -> list[Event]:
    """The events, followed by the end of the case where nothing is owed after them.

    A dispute that is still open after them keeps the case open: its answer is owed too.
    """
    now = case.after(events)
    disputed = any(dispute.answered_on is None for dispute in now.disputes.values())
    if not events or case.state == "closed" or disputed or now.outstanding > 0:
        return events
    last = max(event.value_date for event in events)
    return [*events, CaseClosed(value_date=last, reason=reason)]


def hand_over(case: Case, command: HandOver, setting: Setting) -> list[Event] | Refusal:
    """Only what is owed can be passed on for collection, and nothing that a hold protects."""
    if case.outstanding <= 0:
        return Refusal("nothing_owed")
    refusal = held(case, command.on, setting)
    for name in case.oldest_first():
        if refusal is None and case.owed.get(("principal", name)):
            refusal = covered_by_insolvency(case, name)
    if refusal is not None:
        return refusal
    return [
        HandedOver(value_date=command.on, recipient=command.recipient, outstanding=case.outstanding)
    ]


def close_case(case: Case, command: CloseCase, setting: Setting) -> list[Event] | Refusal:
    """A case on which something is owed can't just be closed: credit it or write it off.

    A claim that the clinic takes back, that is time-barred, or that an insolvent estate owes is
    taken off the books with the closing.
    """
    events: list[Event] = []
    if case.outstanding > 0:
        reason = _GIVEN_UP_AS.get(command.reason)
        if reason is None:
            return Refusal("still_owed", {"outstanding": case.outstanding})
        refusal = not_barred(case, reason, command.on, setting)
        if refusal is None and case.outstanding > WRITE_OFF_BY_ONE_MOST:
            taken_back = reason == "recalled" and setting.role == "clinic"
            refusal = None if taken_back else one_person_only(setting, WRITE_OFF_BY_ONE_MOST)
        if refusal is not None:
            return refusal
        parts = by_line(case, all_of(case.owed))
        day = accrual.counts_from(case, command.on)
        events.append(WrittenOff(value_date=day, reason=reason, parts=parts))
    last = max([command.on, *(event.value_date for event in events)])
    return [*events, CaseClosed(value_date=last, reason=command.reason)]


def not_barred(case: Case, reason: WriteOffReason, on: date, setting: Setting) -> Refusal | None:
    """Nothing is time-barred before its limitation has passed, nor an estate's without a death."""
    if reason == "estate_insolvent" and "estate" not in case.circumstances:
        return Refusal("still_owed", {"outstanding": case.outstanding})
    if reason != "time_barred":
        return None
    limits = [
        limit
        for name in case.invoices
        if case.owed.get(("principal", name))
        and (limit := limitation_date(case, name, setting)) is not None
    ]
    if not limits or on > max(limits):
        return None
    facts = {"outstanding": case.outstanding}
    return Refusal("still_owed", facts, max(limits) + DAY, "foreldelsesloven §§ 2, 3")


def reopen_case(case: Case, command: ReopenCase, setting: Setting) -> list[Event] | Refusal:
    """A closed case goes on if two people agree."""
    if case.state != "closed":
        return Refusal("case_not_closed")
    refusal = one_person_only(setting)
    if refusal is not None:
        return refusal
    return [CaseReopened(value_date=command.on, reason=command.reason)]
