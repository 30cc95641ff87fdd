"""Passing a case on, and ending it."""

from ledger.domain.accounts import COMPONENT_OF, postings
from ledger.domain.case import Case
from ledger.domain.commands import CloseCase, HandOver
from ledger.domain.events import CaseClosed, CloseReason, DisputeAnswered, Event, HandedOver
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Rules


def closed_if_settled(case: Case, events: list[Event], reason: CloseReason) -> list[Event]:
    """The events, followed by the end of the case where nothing is owed after them.

    A dispute that is still open after them keeps the case open: its answer is owed too.
    """
    moved = sum(p.amount for e in events for p in postings(e) if p.account in COMPONENT_OF)
    answered = {event.dispute for event in events if isinstance(event, DisputeAnswered)}
    disputed = any(
        case.disputes[name].answered_on is None for name in case.disputes.keys() - answered
    )
    if case.state == "closed" or disputed or case.outstanding + moved > 0:
        return events
    return [*events, CaseClosed(value_date=events[-1].value_date, reason=reason)]


def hand_over(case: Case, command: HandOver, rules: Rules) -> list[Event] | Refusal:
    """Only what is owed can be passed on for collection."""
    if case.outstanding <= 0:
        return Refusal("nothing_owed")
    return [
        HandedOver(value_date=command.on, recipient=command.recipient, outstanding=case.outstanding)
    ]


def close_case(case: Case, command: CloseCase, rules: Rules) -> list[Event] | Refusal:
    """A case on which something is owed can't just be closed: credit it or write it off."""
    if case.outstanding > 0 and command.reason in {"paid", "credited", "written_off"}:
        return Refusal("still_owed", {"outstanding": case.outstanding})
    return [CaseClosed(value_date=command.on, reason=command.reason)]
