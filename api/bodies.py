"""Bodies of requests, made from the commands of the domain.

The fields, types and limits are those that a command's struct declares. On the wire, an amount
carries its currency, and ``on`` is called ``value_date``, as in the events.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)
from uuid import UUID

import msgspec
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    create_model,
)
from pydantic_core import PydanticCustomError

from api.problems import Rejected
from ledger.domain.commands import Command
from ledger.domain.money import MAX_AMOUNT

ONE_LINE: Final = r"^[^\x00-\x1f\x7f]+$"
"""What a name may hold; the database could not even look for some of what this keeps out."""
TEXT_MAX_CHARS: Final = 100
"""Of a text for which the command sets no limit."""
LIST_MAX: Final = 1_000
"""Of lines, parts or events of one command: a body has room for no more."""
YEARS: Final = range(1900, 2200)
"""Of dates other than the value date, which the decisions judge: room for any calculation."""

_WIRE_NAMES: Final = {"on": "value_date"}
_STRUCT_NAMES: Final = {wire: name for name, wire in _WIRE_NAMES.items()}

_Day = TypeVar("_Day", date, datetime)
_Given = TypeVar("_Given", bound=msgspec.Struct)


def _written(form: str, example: str) -> BeforeValidator:
    """Text in one form only: pydantic also takes numbers, as seconds since 1970."""

    def check(value: object) -> object:
        if isinstance(value, str) and re.match(form, value, re.ASCII):
            return value
        raise PydanticCustomError("form", "Write it as {example}.", {"example": example})

    return BeforeValidator(check)


def _in_range(value: _Day) -> _Day:
    if value.year not in YEARS:
        raise PydanticCustomError(
            "year",
            "The year must be {first} to {last}.",
            {"first": YEARS.start, "last": YEARS.stop - 1},
        )
    return value


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("instant", "There is no such moment in UTC.") from None


PlainDate = Annotated[date, _written(r"\d{4}-\d\d-\d\d\Z", "2026-05-04")]
PossibleDate = Annotated[PlainDate, AfterValidator(_in_range)]
Moment = Annotated[
    AwareDatetime,
    _written(r"\d{4}-\d\d-\d\d[Tt]", "2026-05-04T12:00:00Z"),
    AfterValidator(_in_utc),
]
Instant = Annotated[Moment, AfterValidator(_in_range)]


class Money(BaseModel):
    """An amount in whole minor units (øre) of its currency."""

    model_config = ConfigDict(extra="forbid", strict=True)

    amount: int = Field(ge=0, le=MAX_AMOUNT, description="Minor units: 45000 is 450.00.")
    currency: str = Field(pattern="^[A-Z]{3}$")


_STRICT: Final[Mapping[type, Any]] = {
    str: Annotated[str, Field(min_length=1, max_length=TEXT_MAX_CHARS, pattern=ONE_LINE)],
    int: Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)],
    bool: Annotated[bool, Field(strict=True)],
    date: PossibleDate,
    datetime: Instant,
    UUID: UUID,
}


@cache
def body_of(command: type[msgspec.Struct]) -> type[BaseModel]:
    """What a request to give this command holds, or to keep what this struct does."""
    return _model(command)


def command_from(body: BaseModel, command: type[_Given], currency: str) -> _Given:
    """The command that a body asks for. Raises ``Rejected`` or ``WrongCurrency``."""
    try:
        return msgspec.convert(_plain(body, currency), command)
    except msgspec.ValidationError as error:
        # What the models let through and the struct does not: it has the last word.
        fault = {"pointer": "", "detail": str(error)}
        raise Rejected("invalid_request", extra={"errors": [fault]}) from error


def example_of(model: type[BaseModel]) -> dict[str, Any]:
    """A plausible body: every field that must be there."""
    return {
        name: _example(name, field.annotation)
        for name, field in model.model_fields.items()
        if field.is_required()
    }


def body_from(command: Command, currency: str) -> dict[str, Any]:
    """The body with which this command would be given: ``command_from`` the other way round."""
    return cast(dict[str, Any], _on_the_wire(command, type(command), currency))


def _on_the_wire(value: Any, hint: Any, currency: str) -> Any:
    """A value of a struct as it is written on the wire; defaults are left out."""
    if isinstance(value, msgspec.Struct):
        hints = get_type_hints(type(value), include_extras=True)
        written = {
            _WIRE_NAMES.get(field.name, field.name): _on_the_wire(item, hints[field.name], currency)
            for field in msgspec.structs.fields(value)
            if (item := getattr(value, field.name)) != field.default or field.required
        }
        union = get_origin(hint) in {Union, UnionType} and hint != type(value) | None
        return {"type": type(value).__struct_config__.tag, **written} if union else written
    if isinstance(value, tuple):
        return [_on_the_wire(item, get_args(hint)[0], currency) for item in value]
    if type(value) is int and any(_wire(kind) is Money for kind in _kinds(hint)):
        return {"amount": value, "currency": currency}
    return msgspec.to_builtins(value)


def _kinds(hint: Any) -> tuple[Any, ...]:
    """What a type may be, but for None."""
    if get_origin(hint) in {Union, UnionType}:
        return tuple(kind for kind in get_args(hint) if kind is not NoneType)
    return (hint,)


@cache
def _model(struct: type[msgspec.Struct], *, one_of_many: bool = False) -> type[BaseModel]:
    """The model of a struct; as one of many, it says which by its ``type``."""
    hints = get_type_hints(struct, include_extras=True)
    fields: dict[str, Any] = {}
    if one_of_many:
        tag = struct.__struct_config__.tag
        fields["type"] = (Literal[tag], Field(description="Which of them it is."))
    for field in msgspec.structs.fields(struct):
        assert field.name not in _STRUCT_NAMES, f"{struct} has a field that stands for another"
        name = _WIRE_NAMES.get(field.name, field.name)
        kind = PlainDate if field.name == "on" else _wire(hints[field.name])
        fields[name] = (kind, ... if field.required else _default(field))
    made = create_model(
        f"{struct.__name__}Of" if one_of_many and issubclass(struct, Command) else struct.__name__,
        __config__=ConfigDict(extra="forbid"),
        __doc__=struct.__doc__,
        **fields,
    )
    return cast(type[BaseModel], made)


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default is not msgspec.NODEFAULT:
        return field.default
    return Field(default_factory=cast(Any, field.default_factory))


def _wire(hint: Any) -> Any:
    """A type of a struct as a type of the wire. Raises ``TypeError`` for what has no form there."""
    if get_origin(hint) is Annotated:
        bare, *metas = get_args(hint)
        meta = next((m for m in metas if isinstance(m, msgspec.Meta)), None)
        if meta is None:
            return _wire(bare)
        if bare is int and meta.le == MAX_AMOUNT:
            return Money if not meta.gt else Annotated[Money, AfterValidator(_more_than_nothing)]
        return _limited(bare, meta)
    if get_origin(hint) in {Union, UnionType}:
        return _union(hint)
    if get_origin(hint) is tuple:
        item, ellipsis = get_args(hint)
        assert ellipsis is ..., hint
        return Annotated[list[_wire(item)], Field(max_length=LIST_MAX)]  # type: ignore[misc]
    if get_origin(hint) is Literal:
        return hint
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _model(hint)
    if hint in _STRICT:
        return _STRICT[hint]
    raise TypeError(f"{hint} has no form on the wire yet")


def _limited(bare: Any, meta: msgspec.Meta) -> Any:
    if bare is datetime:
        return Instant
    if bare is date:
        return PossibleDate
    limits: dict[str, Any] = {
        name: value
        for name in ("gt", "ge", "lt", "le", "min_length", "max_length", "pattern", "description")
        if (value := getattr(meta, name)) is not None
    }
    if bare is str:
        # A text of several lines may hold line feeds; nothing may hold what no database can.
        limits.setdefault("pattern", r"^[^\x00]*$")
        limits.setdefault("max_length", TEXT_MAX_CHARS)
        return Annotated[str, Field(**limits)]
    if bare is int:
        limits.setdefault("ge", -(2**53))
        limits.setdefault("le", 2**53)
        return Annotated[int, Field(strict=True, **limits)]
    return Annotated[_wire(bare), Field(**limits)]


def _union(hint: Any) -> Any:
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    optional = len(kinds) < len(get_args(hint))
    if len(kinds) == 1:
        made = _wire(kinds[0])
    elif all(isinstance(kind, type) and issubclass(kind, msgspec.Struct) for kind in kinds):
        models = tuple(_model(kind, one_of_many=True) for kind in kinds)
        made = Annotated[Union[models], Field(discriminator="type")]  # noqa: UP007
    else:
        made = Union[tuple(_wire(kind) for kind in kinds)]  # noqa: UP007
    return made | None if optional else made


def _more_than_nothing(money: Money) -> Money:
    if money.amount == 0:
        raise PydanticCustomError("amount", "The amount must be more than zero.")
    return money


def _plain(value: Any, currency: str) -> Any:
    """What the struct takes: amounts without their currency, which must be the book's."""
    match value:
        case Money():
            if value.currency != currency:
                raise WrongCurrency(value.currency)
            return value.amount
        case BaseModel():
            return {
                _STRUCT_NAMES.get(name, name): _plain(getattr(value, name), currency)
                for name in value.model_fields_set
            }
        case list():
            return [_plain(item, currency) for item in value]
        case _:
            return value


class WrongCurrency(Exception):
    """An amount is in another currency than the book is kept in."""

    def __init__(self, currency: str) -> None:
        super().__init__(currency)
        self.currency = currency


_EXAMPLES: Final[Mapping[str, Any]] = {
    "value_date": "2026-05-04",
    "date": "2026-05-18",
    "reference": "1001",
    "creditor": "clinic-fjord",
    "invoice": "1001-1",
    "claim": "1001-1",
    "payment": "bank-2026-05-04-17",
    "rule": "INKF-1-2/2026",
    "recipient": "collection",
    "decided_by": "clinic",
    "referred_to": "clinic",
    "source": "old-system",
    "currency": "NOK",
}


def _example(name: str, kind: Any) -> Any:
    if name in _EXAMPLES:
        return _EXAMPLES[name]
    match get_origin(kind):
        case origin if origin is Annotated:
            return _example(name, get_args(kind)[0])
        case origin if origin is Literal:
            return get_args(kind)[0]
        case origin if origin is list:
            return [_example(name.removesuffix("s"), get_args(kind)[0])]
        case origin if origin in {Union, UnionType}:
            return _example(name, get_args(kind)[0])
    if kind is Money:
        return {"amount": 20000, "currency": "NOK"}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return example_of(kind)
    return {
        int: 1,
        bool: True,
        date: _EXAMPLES["date"],
        AwareDatetime: "2026-05-04T10:42:00+02:00",
        UUID: "0198f0a5-7c6e-7d9b-8a3e-3f1f2a6b7c8d",
    }.get(kind, f"{name}-1")
