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
    Event,
    FeeComponent,
)
from ledger.domain.money import MAX_AMOUNT
from ledger.log.codec import Codec, UndecodableEvent
from tests.domain.samples import BESIDE_CASES, EVENTS, OF_A_CASE
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


def test_the_samples_leave_out_each_optional_field_and_give_it() -> None:
    for type in EVENT_TYPES:
        samples = [event for event in EVENTS if isinstance(event, type)]
        for name, default in defaults(type).items():
            assert {getattr(event, name) == default for event in samples} == {True, False}, name


@pytest.mark.parametrize("event", EVENTS, ids=named)
def test_an_event_can_not_be_changed(event: Event) -> None:
    for field in event.__struct_fields__:
        with pytest.raises(AttributeError):
            setattr(event, field, getattr(event, field))
    if not HOLD_OTHER_DATA & {type(event)}:
        hash(event)  # nothing in it can be changed either


HOLD_OTHER_DATA = {events.ApprovalRequested, events.CommandRefused, events.ClinicPolicySet}
"""A command, the facts of a refusal, a policy: as they are, whatever they consist of."""


def test_no_other_event_holds_data_without_a_shape() -> None:
    found = {
        type
        for type in EVENT_TYPES
        for hint in get_type_hints(type).values()
        if get_origin(hint) is dict
    }
    assert found == HOLD_OTHER_DATA


@pytest.mark.parametrize("event", EVENTS, ids=named)
def test_a_field_is_needed_or_has_one_meaning_when_it_is_left_out(event: Event) -> None:
    """A fact is never recorded by halves, and an unknown field never gets lost."""
    kind, payload = CODEC.encode(event)
    data = msgspec.json.decode(payload, type=dict[str, Any])
    optional = defaults(type(event))
    for field in data:
        rest = {name: value for name, value in data.items() if name != field}
        written = msgspec.json.encode(rest)
        if field in optional:
            expected = msgspec.structs.replace(event, **{field: optional[field]})
            assert CODEC.decode(kind, written) == expected
        else:
            with pytest.raises(UndecodableEvent):
                CODEC.decode(kind, written)
    with pytest.raises(UndecodableEvent):
        CODEC.decode(kind, msgspec.json.encode({**data, "more": 1}))


def defaults(type: type[Event]) -> dict[str, Any]:
    """The optional fields of a type, and what they are when they are left out."""
    return {
        field.name: field.default for field in msgspec.structs.fields(type) if not field.required
    }


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


def test_the_fold_knows_what_each_type_changes() -> None:
    """In the samples' order each event finds what it is about."""
    case = Case(UUID(int=1))
    changing: set[type[Event]] = set()
    for event in OF_A_CASE:
        before = known(case)
        case.apply(event)
        if known(case) != before:
            changing.add(type(event))
    # It says why the events after it were recorded, and changes nothing by itself.
    assert {type(event) for event in OF_A_CASE} - changing == {events.CorrectionRecorded}


def known(case: Case) -> Any:
    """What a case knows, beside how many events it has seen and until when."""
    return {k: v for k, v in snapshot(case).items() if k not in {"version", "latest"}}


@pytest.mark.parametrize("event", BESIDE_CASES, ids=named)
def test_events_of_other_streams_change_nothing_but_money(event: Event) -> None:
    case = Case(UUID(int=1))
    before = known(case)
    case.apply(event)
    assert {**known(case), "accounts": None} == {**before, "accounts": None}


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
