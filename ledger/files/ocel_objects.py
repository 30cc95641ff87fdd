"""Which objects an event concerns, for event logs that are not about cases alone (OCEL).

An object's id begins with its type. What is unique in a case only (invoices, payments, letters …)
has the case's id in its own. Debtors are the random ids that the log knows them by.
"""

from collections.abc import Iterator
from functools import cache
from typing import Final, Literal, NamedTuple

from ledger.domain import events as e
from ledger.domain.events import Event, Part
from ledger.domain.recorded import Recorded

ObjectType = Literal[
    "case",
    "charge",
    "clinic",
    "debtor",
    "dispute",
    "invoice",
    "legal_step",
    "letter",
    "payment",
    "plan",
    "receipt",
    "remittance",
    "settlement",
]

_OF_CASE: Final[dict[str, ObjectType]] = {
    "charge": "charge",
    "claim": "invoice",
    "dispute": "dispute",
    "filing": "legal_step",
    "invoice": "invoice",
    "letter": "letter",
    "payment": "payment",
    "plan": "plan",
    "settlement": "settlement",
}
"""Fields that name an object of the case."""
_CASES_OWN: Final = frozenset(_OF_CASE.values())
_OF_BOOK: Final[dict[str, ObjectType]] = {
    "case": "case",
    "clinic": "clinic",
    "creditor": "clinic",
    "debtor": "debtor",
    "receipt": "receipt",
    "remittance": "remittance",
}
"""Fields that name an object of the book."""
_MANY: Final = ("invoices", "asked", "parts", "moved", "returned", "restored", "lines")
"""Fields that hold invoices, parts or lines, each of which may name one."""

_TOLD: Final[dict[type[Event], tuple[str, tuple[str, ...]]]] = {
    e.CaseOpened: ("case", ("reference", "currency", "debtor_role")),
    e.ChargeRegistered: ("charge", ("amount", "category")),
    e.InvoiceIssued: ("invoice", ("amount", "due_date", "service_date", "kid")),
    e.DueDateMoved: ("invoice", ("due_date",)),
    e.ReminderSent: ("letter", ("kind", "sender", "deadline")),
    e.TerminalPaymentReceived: ("payment", ("amount",)),
    e.PaymentReceived: ("payment", ("amount",)),
    e.PaymentReportedByClinic: ("payment", ("amount",)),
    e.DisputeRaised: ("dispute", ("category",)),
    e.DisputeAnswered: ("dispute", ("outcome",)),
    e.SettlementAgreed: ("settlement", ("amount", "pay_by")),
    e.LegalStepFiled: ("filing", ("step",)),
    e.EnforcementResultRecorded: ("filing", ("outcome",)),
    e.ReceiptRegistered: ("receipt", ("amount", "booked_on")),
    e.ClinicRegistered: ("clinic", ("organisation_number", "trade_name")),
    e.ClientFundsRemitted: ("remittance", ("amount", "until")),
}
"""The field that names an object, and what the event tells about that one."""
_TIES: Final[dict[type[Event], tuple[tuple[str, str], ...]]] = {
    e.CaseOpened: (("case", "creditor"), ("case", "debtor")),
    e.PaymentReceived: (("payment", "receipt"),),
    e.ClientFundsRemitted: (("remittance", "clinic"),),
}
"""Fields whose objects belong together: the first to the second, by the second's name."""


class Object(NamedTuple):
    """Something that events concern."""

    type: ObjectType
    id: str


class _Fields(NamedTuple):
    """The fields of a type of event that name objects."""

    one: tuple[str, ...]
    many: tuple[str, ...]


class Concern(NamedTuple):
    """An object, and what it is to the event: the field that names it."""

    object: Object
    qualifier: str


class Concerned(NamedTuple):
    """All that an event says of objects."""

    objects: list[Concern]
    """Each once for each field that names it."""
    told: tuple[Object, tuple[str, ...]] | None
    """An object of which the event tells something, and in which fields."""
    ties: list[tuple[Object, Object, str]]
    """Objects that belong together: of which, to which, and as what."""


def concerned(entry: Recorded, *, of_case: bool, clinic: str | None) -> Concerned:
    """The objects that an entry concerns, whose stream is a case's or else, maybe, a clinic's."""
    event, stream = entry.event, entry.stream
    fields = _fields(type(event))
    named = {
        name: found for name in fields.one if (found := _named(event, name, stream)) is not None
    }
    if of_case:
        named["case"] = Object("case", f"case:{stream}")
    elif clinic is not None and "case" not in named:
        named["clinic"] = Object("clinic", f"clinic:{clinic}")
    objects = [Concern(found, name) for name, found in named.items()]
    objects += dict.fromkeys(
        Concern(found, name)
        for name in fields.many
        for each in getattr(event, name)
        if (found := _in(each, stream)) is not None
    )
    told, names = _TOLD.get(type(event), (None, ()))
    ties = [
        (named[one], named[other], other)
        for one, other in _TIES.get(type(event), ())
        if one in named and other in named
    ]
    if of_case:
        ties += _within(objects, named["case"])
    return Concerned(objects, None if told is None else (named[told], names), ties)


@cache
def _fields(event: type[Event]) -> _Fields:
    names = event.__struct_fields__
    return _Fields(
        tuple(name for name in names if name in _OF_BOOK or name in _OF_CASE),
        tuple(name for name in names if name in _MANY),
    )


def _within(objects: list[Concern], case: Object) -> Iterator[tuple[Object, Object, str]]:
    for found in dict.fromkeys(concern.object for concern in objects):
        if found.type in _CASES_OWN:
            yield found, case, "case"


def _named(event: Event, name: str, stream: str) -> Object | None:
    value = getattr(event, name)
    if not isinstance(value, str):
        return None
    if name in _OF_BOOK:
        return Object(_OF_BOOK[name], f"{_OF_BOOK[name]}:{value}")
    if name in _OF_CASE:
        return _own(_OF_CASE[name], stream, value)
    return None


def _in(each: object, stream: str) -> Object | None:
    match each:
        case str():
            return _own("invoice", stream, each)
        case Part(claim=str() as claim, component=component):
            return _own("charge" if component == "charge" else "invoice", stream, claim)
        case e.InvoiceLine(charge=str() as charge):
            return _own("charge", stream, charge)
        case e.RemittanceLine(case=case):
            return Object("case", f"case:{case}")
        case _:
            return None


def _own(type: ObjectType, stream: str, name: str) -> Object:
    return Object(type, f"{type}:{stream}:{name}")
