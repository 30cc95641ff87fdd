"""A clinic: a stream of its own, with how it wants its cases handled and where its money goes."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Final, Self
from uuid import UUID

import msgspec
from stdnum.no import kontonr

from ledger.domain.commands import ChangeClinicAccount, Command, RegisterClinic, SetClinicPolicy
from ledger.domain.events import ClinicAccountChanged, ClinicPolicySet, ClinicRegistered, Event
from ledger.domain.identifiers import is_organisation_number
from ledger.domain.policy import ClinicPolicy
from ledger.domain.recorded import Recorded
from ledger.domain.refusals import Refusal
from ledger.domain.rules import EARLIEST_VALUE_DATE


class Clinic:
    """What is known of one clinic: the fold of its stream."""

    __slots__ = (
        "account",
        "clinic",
        "id",
        "organisation_number",
        "policy",
        "trade_name",
        "version",
    )

    def __init__(self, id: UUID) -> None:
        self.id = id
        self.version = 0
        self.clinic: str | None = None
        self.organisation_number: str | None = None
        self.trade_name: str | None = None
        self.account: str | None = None
        self.policy = ClinicPolicy()

    @classmethod
    def fold(cls, id: UUID, entries: Iterable[Recorded]) -> Self:
        """The clinic after these entries of its stream."""
        clinic = cls(id)
        for entry in entries:
            clinic.apply(entry.event)
        return clinic

    def apply(self, event: Event) -> None:
        """Take one fact into account."""
        self.version += 1
        match event:
            case ClinicRegistered():
                self.clinic = event.clinic
                self.organisation_number = event.organisation_number
                self.trade_name = event.trade_name
                self.account = event.account
            case ClinicPolicySet():
                self.policy = msgspec.convert(event.policy, ClinicPolicy)
            case ClinicAccountChanged():
                self.account = event.account
            case _:
                pass


def register_clinic(clinic: Clinic, command: RegisterClinic, actor: str) -> list[Event] | Refusal:
    """An organisation with a valid number, and an account to pay its money out to."""
    if clinic.clinic is not None:
        return Refusal("duplicate_reference", {"kind": "clinic", "name": command.clinic})
    if not is_organisation_number(command.organisation_number):
        facts = {"number": command.organisation_number}
        return Refusal("invalid_organisation_number", facts, None, "enhetsregisterloven")
    if not kontonr.is_valid(command.account):
        return Refusal("invalid_account", {"account": command.account})
    return [
        ClinicRegistered(
            value_date=command.on,
            clinic=command.clinic,
            organisation_number=command.organisation_number,
            trade_name=command.trade_name,
            account=command.account,
        )
    ]


def set_policy(clinic: Clinic, command: SetClinicPolicy, actor: str) -> list[Event] | Refusal:
    """What differs from the defaults is recorded; the rest follows them."""
    if clinic.clinic is None:
        return Refusal("unknown_clinic", {"clinic": str(clinic.id)})
    policy: dict[str, Any] = msgspec.to_builtins(command.policy)
    # What can't be read again must not be recorded: raises ``msgspec.ValidationError``.
    msgspec.convert(policy, ClinicPolicy)
    return [ClinicPolicySet(value_date=command.on, policy=policy)]


def change_account(
    clinic: Clinic, command: ChangeClinicAccount, actor: str
) -> list[Event] | Refusal:
    """Money goes to another account only when a second person has looked."""
    if clinic.clinic is None:
        return Refusal("unknown_clinic", {"clinic": str(clinic.id)})
    if not kontonr.is_valid(command.account):
        return Refusal("invalid_account", {"account": command.account})
    # Whoever asked may be named with his role or without, and an id may hold colons itself.
    asked = command.requested_by
    if actor.partition(":")[2] in {asked, asked.partition(":")[2]}:
        return Refusal("self_approval", {}, None, "policy: four eyes")
    return [
        ClinicAccountChanged(
            value_date=command.on,
            account=command.account,
            requested_by=command.requested_by,
            approved_by=actor,
        )
    ]


_DECISIONS: Final[dict[type[Command], Callable[[Clinic, Any, str], list[Event] | Refusal]]] = {
    RegisterClinic: register_clinic,
    SetClinicPolicy: set_policy,
    ChangeClinicAccount: change_account,
}

CLINIC_COMMANDS: Final[tuple[type[Command], ...]] = tuple(_DECISIONS)
"""What may be asked of a clinic."""


def decide_clinic(
    clinic: Clinic, command: Command, today: date, actor: str
) -> list[Event] | Refusal:
    """Answer a command that is about a clinic; ``actor`` is who asks, as ``role:id``."""
    if not EARLIEST_VALUE_DATE <= command.on <= today:
        facts = {"date": command.on.isoformat(), "from": EARLIEST_VALUE_DATE.isoformat()}
        return Refusal("date_out_of_range", facts, command.on if command.on > today else None)
    return _DECISIONS[type(command)](clinic, command, actor)
