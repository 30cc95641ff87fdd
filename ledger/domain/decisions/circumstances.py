"""What is known of the debtor, and holds that somebody places and lifts."""

from ledger.domain import accrual
from ledger.domain.case import Case
from ledger.domain.commands import (
    EndCircumstance,
    PlaceHold,
    RegisterCircumstance,
    ReleaseHold,
)
from ledger.domain.events import (
    CircumstanceEnded,
    CircumstanceRegistered,
    Event,
    HoldPlaced,
    HoldReleased,
)
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Setting


def register_circumstance(
    case: Case, command: RegisterCircumstance, setting: Setting
) -> list[Event] | Refusal:
    """From the day on which it began; interest that insolvency stopped is taken back."""
    if command.since > command.on:
        facts = {"date": command.since.isoformat(), "from": command.on.isoformat()}
        return Refusal("date_out_of_range", facts)
    registered = CircumstanceRegistered(
        value_date=command.on,
        circumstance=command.circumstance,
        since=command.since,
        contact=command.contact,
    )
    return [registered, *accrual.lowered(case.after([registered]), command.on, setting.rules)]


def end_circumstance(
    case: Case, command: EndCircumstance, setting: Setting
) -> list[Event] | Refusal:
    """It no longer holds."""
    if command.circumstance not in case.circumstances:
        facts = {"kind": "circumstance", "name": command.circumstance}
        return Refusal("unknown_reference", facts)
    since = case.circumstances[command.circumstance].since
    if command.on < since:
        facts = {"date": command.on.isoformat(), "from": since.isoformat()}
        return Refusal("date_out_of_range", facts)
    return [CircumstanceEnded(value_date=command.on, circumstance=command.circumstance)]


def place_hold(case: Case, command: PlaceHold, setting: Setting) -> list[Event] | Refusal:
    """A hold says when somebody looks at it again, so that none is forgotten."""
    if command.hold in case.placed_holds:
        return Refusal("duplicate_reference", {"kind": "hold", "name": command.hold})
    for day in (command.review_on, command.until):
        if day is not None and day < command.on:
            facts = {"date": day.isoformat(), "from": command.on.isoformat()}
            return Refusal("date_out_of_range", facts)
    return [
        HoldPlaced(
            value_date=command.on,
            hold=command.hold,
            kind=command.kind,
            until=command.until,
            review_on=command.review_on,
        )
    ]


def release_hold(case: Case, command: ReleaseHold, setting: Setting) -> list[Event] | Refusal:
    """The reason for the hold is gone."""
    if command.hold not in case.placed_holds:
        return Refusal("unknown_reference", {"kind": "hold", "name": command.hold})
    return [HoldReleased(value_date=command.on, hold=command.hold)]
