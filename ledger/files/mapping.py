"""Mapping files: what the activities of another system's event log are in our words.

A mapping is a TOML file. `source`, `creditor` and `currency` hold for the whole log;
`[activities."Name"]` says for each activity which kind of past event it `records`, and from
which attributes of the log's event that is read. An activity that is not listed is an error,
never left out in silence; one that is to be passed over says so: `records = "nothing"`.
"""

import tomllib
from datetime import date
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import ClassVar

import msgspec

from ledger.domain import commands
from ledger.domain.commands import AnyPastEvent, ImportHistory
from ledger.domain.events import FeeComponent
from ledger.domain.money import MINOR_DIGITS, NotAnAmount, minor_units
from ledger.files.xes import Event, Trace


class MappingError(Exception):
    """The mapping can't be found or used; the message says what to change in it."""


class CaseProblem(msgspec.Struct, frozen=True, tag=True):
    """Why a case of the log can't be taken."""

    reason: str
    message: str
    line: int


class _Unreadable(ValueError):
    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Reading(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="records", forbid_unknown_fields=True
):
    """How one activity is read: ``past`` makes the past event that an event of the log tells of."""


class _Nothing(Reading, frozen=True, kw_only=True, tag="nothing"):
    def past(self, event: Event, on: date, currency: str) -> AnyPastEvent | None:
        return None


class _Claimed(Reading, frozen=True, kw_only=True, tag="claimed"):
    amount: str

    def past(self, event: Event, on: date, currency: str) -> AnyPastEvent | None:
        return commands.Claimed(on=on, amount=_amount(event, self.amount, currency))


class _Delivered(Reading, frozen=True, kw_only=True, tag="delivered"):
    def past(self, event: Event, on: date, currency: str) -> AnyPastEvent | None:
        return commands.Delivered(on=on)


class _FeeAdded(Reading, frozen=True, kw_only=True, tag="fee-added"):
    component: FeeComponent
    amount: str

    def past(self, event: Event, on: date, currency: str) -> AnyPastEvent | None:
        amount = _amount(event, self.amount, currency)
        return commands.FeeAdded(on=on, component=self.component, amount=amount)


class _FeeAddedUpTo(Reading, frozen=True, kw_only=True, tag="fee-added-up-to"):
    component: FeeComponent
    total: str

    def past(self, event: Event, on: date, currency: str) -> AnyPastEvent | None:
        total = _amount(event, self.total, currency)
        return commands.FeeAddedUpTo(on=on, component=self.component, total=total)


class _Paid(Reading, frozen=True, kw_only=True, tag="paid"):
    amount: str

    def past(self, event: Event, on: date, currency: str) -> AnyPastEvent | None:
        return commands.Paid(on=on, amount=_amount(event, self.amount, currency))


class _Objection(Reading, frozen=True, kw_only=True):
    """``code`` names the attribute that holds the source's code; ``upheld`` lists the codes
    that mean that the objection was upheld.
    """

    dispute: str
    code: str | None = None
    upheld: tuple[str, ...] = ()

    event: ClassVar[type[commands.Objected]]

    def past(self, event: Event, on: date, currency: str) -> AnyPastEvent | None:
        code = self._stated(event)
        return self.event(on=on, dispute=self.dispute, code=code, upheld=code in self.upheld)

    def _stated(self, event: Event) -> str | None:
        value = event.attributes.get(self.code) if self.code is not None else None
        if value is None:
            return None
        text = str(value)
        if len(text) > commands.CODE_MAX_CHARS or not text.isprintable():
            raise _Unreadable("bad_code", f"attribute {self.code!r} is no code: {text[:40]!r}")
        return text


class _Objected(_Objection, frozen=True, kw_only=True, tag="objected"):
    event = commands.Objected


class _Referred(_Objection, frozen=True, kw_only=True, tag="objection-referred"):
    event = commands.ObjectionReferred


class _Answered(_Objection, frozen=True, kw_only=True, tag="objection-answered"):
    event = commands.ObjectionAnswered


class _Notified(_Objection, frozen=True, kw_only=True, tag="answer-notified"):
    event = commands.AnswerNotified


class _PassedOn(Reading, frozen=True, kw_only=True, tag="passed-to-collection"):
    def past(self, event: Event, on: date, currency: str) -> AnyPastEvent | None:
        return commands.PassedToCollection(on=on)


AnyReading = (
    _Nothing
    | _Claimed
    | _Delivered
    | _FeeAdded
    | _FeeAddedUpTo
    | _Paid
    | _Objected
    | _Referred
    | _Answered
    | _Notified
    | _PassedOn
)


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mapping file."""

    source: commands.Name
    creditor: commands.Name
    currency: str
    activities: dict[str, AnyReading]

    def history(self, trace: Trace) -> ImportHistory | CaseProblem:
        """A trace as one command, or the first thing that is wrong with it."""
        if trace.problems:
            first = trace.problems[0]
            return CaseProblem(first.reason.value, first.message, first.line)
        events: list[AnyPastEvent] = []
        latest = date.min
        for event in trace.events:
            reading = self.activities.get(event.activity)
            if reading is None:
                message = f"the mapping does not know the activity {event.activity!r}"
                return CaseProblem("unknown_activity", message, event.line)
            on = event.timestamp.date()
            latest = max(latest, on)
            try:
                past = reading.past(event, on, self.currency)
            except _Unreadable as error:
                return CaseProblem(error.reason, str(error), event.line)
            if past is not None:
                events.append(past)
        if not events:
            return CaseProblem("no_events", "nothing happened on this case", trace.line)
        try:
            msgspec.convert(trace.name, commands.Name)
        except msgspec.ValidationError as error:
            return CaseProblem("bad_case_name", str(error), trace.line)
        return ImportHistory(
            on=latest,
            source=self.source,
            reference=trace.name,
            creditor=self.creditor,
            currency=self.currency,
            events=tuple(events),
        )


def load_mapping(name_or_file: str) -> Mapping:
    """A mapping that ships with the program, by name, or one's own, by path.

    Raises ``MappingError``.
    """
    shipped = resources.files("ledger.files") / "mappings" / f"{name_or_file}.toml"
    path = Path(name_or_file)
    if shipped.is_file():
        text = shipped.read_text("utf-8")
    elif path.is_file():
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise MappingError(f"{name_or_file}: can't be read: {error}") from error
    else:
        raise MappingError(
            f"there is no mapping {name_or_file!r}: name a TOML file, or one of "
            + ", ".join(shipped_mappings())
        )
    try:
        mapping = msgspec.convert(tomllib.loads(text), Mapping)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise MappingError(f"{name_or_file}: {error}") from error
    if mapping.currency not in MINOR_DIGITS:
        known = ", ".join(MINOR_DIGITS)
        raise MappingError(f"{name_or_file}: currency {mapping.currency!r} is none of {known}")
    return mapping


def shipped_mappings() -> list[str]:
    """The names of the mappings that ship with the program."""
    folder = resources.files("ledger.files") / "mappings"
    return sorted(f.name.removesuffix(".toml") for f in folder.iterdir())


def _amount(event: Event, key: str, currency: str) -> int:
    value = event.attributes.get(key)
    if value is None:
        raise _Unreadable("no_amount", f"{event.activity!r} has no attribute {key!r}")
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise _Unreadable("bad_amount", f"attribute {key!r} is no amount: {value!r}")
    try:
        return _minor_units(value, currency)
    except NotAnAmount as error:
        raise _Unreadable("bad_amount", f"attribute {key!r}: {error}") from error


@lru_cache(maxsize=20_000)
def _minor_units(value: Decimal | int | str, currency: str) -> int:
    return minor_units(value, currency)
