"""What an event says in single values, for formats that know neither lists nor parts.

Each field of an event that holds one value is told under its own name. ``amount`` is told of every
event that moves some: the field of that name, or else the sum of its ``parts`` or ``lines``.
Amounts are in the currency's own unit, as decimals that lose nothing: ``413.00``.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from ledger.domain.events import Event
from ledger.domain.money import MINOR_DIGITS, Amount, Change

Kind = Literal["text", "number", "amount", "truth", "date", "instant"]
Value = str | int | Decimal | bool | date | datetime

OSLO: Final = ZoneInfo("Europe/Oslo")
AMOUNT: Final = "amount"
_SUMMED: Final = ("parts", "lines")
_KINDS: Final[dict[Any, Kind]] = {
    str: "text",
    int: "number",
    bool: "truth",
    date: "date",
    datetime: "instant",
    Amount: "amount",
    Change: "amount",
}


@cache
def kinds(event: type[Event]) -> dict[str, Kind]:
    """The single values that events of a type may hold, by name."""
    found: dict[str, Kind] = {}
    hints = get_type_hints(event, include_extras=True)
    fields = event.__struct_fields__
    for name in fields:
        kind = _kind(hints[name])
        if kind is not None:
            found[name] = kind
    if AMOUNT not in fields and any(name in fields for name in _SUMMED):
        found[AMOUNT] = "amount"
    return found


def values(event: Event, currency: str) -> Iterator[tuple[str, Kind, Value]]:
    """The single values of an event: name, kind and value, without those that it leaves open."""
    for name, kind in kinds(type(event)).items():
        value = getattr(event, name, None)
        if kind == "amount":
            amount = _sum(event) if value is None and name == AMOUNT else value
            value = None if amount is None else Decimal(amount).scaleb(-MINOR_DIGITS[currency])
        if value is not None:
            yield name, kind, value


def as_text(value: Value) -> str:
    """A value as XML and JSON write it; a date is the instant at which it begins in Oslo."""
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date():
            return _midnight(value)
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)


@lru_cache(maxsize=4_096)
def _midnight(day: date) -> str:
    return datetime.combine(day, time(), OSLO).isoformat()


def _sum(event: Event) -> int | None:
    for name in _SUMMED:
        parts = getattr(event, name, None)
        if parts is not None:
            return int(sum(part.amount for part in parts))
    return None


def _kind(hint: Any) -> Kind | None:
    if get_origin(hint) in {Union, UnionType}:
        (hint, *others) = [each for each in get_args(hint) if each is not NoneType]
        if others:
            return None
    if get_origin(hint) is Literal:
        return "text"
    return _KINDS.get(hint)
