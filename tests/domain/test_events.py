"""Each type of event is named, frozen, known everywhere, and read as it was written."""

from datetime import date
from typing import Any, Literal, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
import pytest

from ledger.domain import events
from ledger.domain.accounts import COMPONENTS
from ledger.domain.case import Case
from ledger.domain.events import (
    EVENT_TYPES,
    AnyEvent,
    CaseOpened,
    ChargeRegistered,
    Event,
    FeeComponent,
    InvoiceIssued,
    TerminalAttemptRecorded,
)
from ledger.domain.money import MAX_AMOUNT
from ledger.log.codec import Codec, UndecodableEvent
from tests.domain.samples import EVENTS
from tests.domain.snapshots import snapshot

CODEC = Codec()


def named(event: Event) -> str:
    return event.name


def test_the_list_of_types_is_complete() -> None:
    defined = {
        found
        for found in vars(events).values()
        if isinstance(found, type) and issubclass(found, Event) and found is not Event
    }
    assert set(EVENT_TYPES) == defined == set(get_args(AnyEvent))
    assert len(EVENT_TYPES) == len(defined)


def test_there_is_a_sample_of_each_type() -> None:
    assert {type(event) for event in EVENTS} == set(EVENT_TYPES)


def test_no_two_types_share_a_name() -> None:
    assert len({event.name for event in EVENT_TYPES}) == len(EVENT_TYPES)


@pytest.mark.parametrize("type", EVENT_TYPES, ids=lambda type: type.name)
def test_a_type_has_a_name_of_its_own_and_says_what_it_is(type: type[Event]) -> None:
    assert "name" in vars(type)
    assert type.version >= 1
    assert type.__doc__ is not None
    assert type.__doc__.splitlines()[0].endswith(".")


@pytest.mark.parametrize("event", EVENTS, ids=named)
def test_an_event_is_read_as_it_was_written(event: Event) -> None:
    type, payload = CODEC.encode(event)
    assert type == f"{event.name}.v{event.version}"
    again = CODEC.decode(type, payload)
    assert again == event
    assert again.__class__ is event.__class__
    assert CODEC.encode(again) == (type, payload)


@pytest.mark.parametrize("event", EVENTS, ids=named)
def test_an_event_can_not_be_changed(event: Event) -> None:
    for field in event.__struct_fields__:
        with pytest.raises(AttributeError):
            setattr(event, field, getattr(event, field))
    hash(event)  # nothing in it can be changed either


@pytest.mark.parametrize("event", EVENTS, ids=named)
def test_every_field_of_an_event_is_needed_and_no_other_is_taken(event: Event) -> None:
    """A default would let a fact be recorded by halves; an unknown field would get lost."""
    type, payload = CODEC.encode(event)
    data = msgspec.json.decode(payload, type=dict[str, Any])
    for field in data:
        rest = {name: value for name, value in data.items() if name != field}
        with pytest.raises(UndecodableEvent):
            CODEC.decode(type, msgspec.json.encode(rest))
    with pytest.raises(UndecodableEvent):
        CODEC.decode(type, msgspec.json.encode({**data, "more": 1}))


@pytest.mark.parametrize("amount", [-1, MAX_AMOUNT + 1, 2**63, 1.0, 1.5, "100", None, True])
def test_an_amount_is_a_whole_number_within_its_limits(amount: object) -> None:
    payload = msgspec.json.encode(
        {"value_date": "2026-03-02", "recipient": "x", "outstanding": amount}
    )
    with pytest.raises(UndecodableEvent):
        CODEC.decode("handed_over.v1", payload)


@pytest.mark.parametrize("event", EVENTS, ids=named)
def test_the_fold_takes_any_event_at_any_time(event: Event) -> None:
    """It never fails: in effect on a date, a case may lack what an event refers to."""
    case = Case(UUID(int=1))
    case.apply(event)
    case.apply(event)
    assert case.outstanding == sum(case.balance.values())


@pytest.mark.parametrize("type", EVENT_TYPES, ids=lambda type: type.name)
def test_the_fold_knows_what_each_type_changes(type: type[Event]) -> None:
    case = Case(UUID(int=1))
    for event in EVENTS:
        stands_before = isinstance(event, CaseOpened | ChargeRegistered | InvoiceIssued)
        if stands_before and not isinstance(event, type):
            case.apply(event)
    before = snapshot(case)
    for event in EVENTS:
        if isinstance(event, type):
            case.apply(event)
    if type is TerminalAttemptRecorded:
        assert snapshot(case) == before  # it explains, and changes nothing
    else:
        assert snapshot(case) != before


def test_a_fee_is_what_is_neither_claimed_nor_interest() -> None:
    assert set(get_args(FeeComponent)) == set(COMPONENTS) - {"charge", "principal", "interest"}


def test_what_is_said_of_an_event_comes_from_closed_lists() -> None:
    """What may say why someone was treated must not be free text."""
    for type, field in (
        (events.ChargeRegistered, "category"),
        (events.InvoiceLine, "category"),
        (events.Credited, "reason"),
        (events.WrittenOff, "reason"),
        (events.CaseClosed, "reason"),
        (events.ReminderSent, "channel"),
    ):
        assert get_origin(get_type_hints(type)[field]) is Literal


def test_the_far_ends_of_the_calendar_are_dates() -> None:
    for day in (date.min, date.max):
        closed = events.CaseClosed(value_date=day, reason="paid")
        assert CODEC.decode(*CODEC.encode(closed)) == closed
