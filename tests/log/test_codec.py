"""What is stored stays readable: stable type names, exact payloads, upcasters."""

from datetime import date
from typing import Any, ClassVar, cast

import pytest

from ledger.domain.events import EVENT_TYPES, CaseClosed, Event, PaymentReceived
from ledger.log.codec import Codec, UndecodableEvent


class Moved(Event, frozen=True, kw_only=True):
    """The third version of a type: ``to`` was ``street`` first, and then ``address``."""

    name = "moved"
    version: ClassVar[int] = 3

    to: str
    country: str


def _first_to_second(payload: dict[str, Any]) -> dict[str, Any]:
    return {"value_date": payload["value_date"], "address": payload["street"]}


def _second_to_third(payload: dict[str, Any]) -> dict[str, Any]:
    return {"value_date": payload["value_date"], "to": payload["address"], "country": "NO"}


UPCASTERS = {("moved", 1): _first_to_second, ("moved", 2): _second_to_third}
CODEC = Codec((Moved,), UPCASTERS)


def test_a_payload_is_compact_json_in_the_order_of_the_fields() -> None:
    event = PaymentReceived(
        value_date=date(2026, 3, 2),
        payment="bank-1",
        amount=413_00,
        parts=(),
        overpaid=413_00,
        order="costs_interest_principal",
    )
    assert Codec().encode(event) == (
        "payment_received.v1",
        b'{"value_date":"2026-03-02","payment":"bank-1","amount":41300,"parts":[],'
        b'"overpaid":41300,"order":"costs_interest_principal","designation":"none",'
        b'"ordered_on":null,"receipt":null}',
    )


@pytest.mark.parametrize("amount", [-1, 10**15 + 1, 10**40, 1.5, "100", None])
def test_what_could_not_be_read_again_is_not_stored(amount: Any) -> None:
    event = PaymentReceived(
        value_date=date(2026, 3, 2),
        payment="bank-1",
        amount=amount,
        parts=(),
        overpaid=0,
        order="costs_interest_principal",
    )
    with pytest.raises(ValueError, match=r"payment_received\.v1.*can't be recorded"):
        Codec().encode(event)


def test_type_names_are_no_module_paths() -> None:
    for event in EVENT_TYPES:
        assert event.name.replace("_", "").isalpha()
        assert event.name.islower()


@pytest.mark.parametrize(
    ("type", "payload"),
    [
        ("moved.v1", '{"value_date":"2026-03-02","street":"Storgata 1"}'),
        ("moved.v2", '{"value_date":"2026-03-02","address":"Storgata 1"}'),
        ("moved.v3", '{"value_date":"2026-03-02","to":"Storgata 1","country":"NO"}'),
    ],
)
def test_every_earlier_version_is_read_as_the_newest(type: str, payload: str) -> None:
    moved = Moved(value_date=date(2026, 3, 2), to="Storgata 1", country="NO")
    assert CODEC.decode(type, payload) == moved
    assert CODEC.decode(type, payload.encode()) == moved


@pytest.mark.parametrize(
    "type", ["moved.v4", "moved", "moved.v", "moved.vx", "moved.v-1", "gone.v1", "", "moved.v0"]
)
def test_a_type_that_this_program_does_not_know(type: str) -> None:
    with pytest.raises(UndecodableEvent):
        CODEC.decode(type, '{"value_date":"2026-03-02","to":"x","country":"NO"}')


def test_a_missing_upcaster_is_said() -> None:
    with pytest.raises(UndecodableEvent, match="no upcaster from version 1"):
        Codec((Moved,), {}).decode("moved.v1", '{"value_date":"2026-03-02","street":"x"}')


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "{",
        "[]",
        "null",
        '{"value_date":"2026-03-02"}',
        '{"value_date":"2026-02-30","reason":"paid"}',
        '{"value_date":"2026-03-02","reason":"tired of it"}',
        '{"value_date":"2026-03-02","reason":"paid","also":"this"}',
    ],
)
def test_a_damaged_payload_is_an_error_and_never_a_guess(payload: str) -> None:
    with pytest.raises(UndecodableEvent, match=r"case_closed\.v1"):
        Codec().decode("case_closed.v1", payload)


def test_two_types_of_one_name_are_refused() -> None:
    class Closed(Event, frozen=True, kw_only=True):
        name = "case_closed"

    with pytest.raises(ValueError, match="share a name"):
        Codec((CaseClosed, cast(type[Event], Closed)))


def test_an_upcaster_that_leaves_something_out_is_caught() -> None:
    codec = Codec((Moved,), {**UPCASTERS, ("moved", 2): lambda payload: payload})
    with pytest.raises(UndecodableEvent):
        codec.decode("moved.v1", '{"value_date":"2026-03-02","street":"x"}')
