"""Remittances: what was received for a clinic and is paid out to it, case by case.

They stand in one stream for each clinic. It remembers what was paid out of each case, so that no
payment is paid out twice, and one that is taken back later is deducted from the next remittance.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple, Self
from uuid import UUID, uuid5

from ledger.domain.accounts import AGENCY_COMPONENTS
from ledger.domain.clinic import Clinic
from ledger.domain.commands import Remit
from ledger.domain.events import (
    CaseOpened,
    ClientFundsRemitted,
    Component,
    Event,
    FeeWaived,
    InterestLowered,
    PaymentReceived,
    PaymentReversed,
    RemittanceLine,
)
from ledger.domain.recorded import Recorded
from ledger.domain.refusals import Refusal
from ledger.domain.rules import EARLIEST_VALUE_DATE

PAY_OUT_WITHIN: Final = timedelta(days=14)
"""Principal is paid out no later than this after it reached the client account (2026 act § 26 (3));
until that act is in force, this is what "as soon as possible" (inkassoloven § 16) is taken for."""
LINES_MOST: Final = 10_000
"""Cases in one remittance: its event stays below two megabytes. The rest is in the next one."""

FUNDS_EVENTS: Final[tuple[type[Event], ...]] = (
    PaymentReceived,
    PaymentReversed,
    FeeWaived,
    InterestLowered,
)
"""What changes to whom the money of a case belongs."""


class Share(NamedTuple):
    """Client funds of one case, in minor units, by what they are for."""

    principal: int = 0
    interest: int = 0
    costs: int = 0
    """The creditor's own costs: reminder fees, court fees."""
    retained: int = 0
    """Our remuneration, with its VAT."""

    @property
    def creditors(self) -> int:
        """What of it belongs to the creditor."""
        return self.principal + self.interest + self.costs

    def plus(self, other: "Share", sign: int = 1) -> "Share":
        """Part by part."""
        return Share(*(mine + sign * more for mine, more in zip(self, other, strict=True)))

    def least(self, other: "Share") -> "Share":
        """Part by part, the smaller."""
        return Share(*map(min, self, other))


NOTHING: Final = Share()


def remittances_of(clinic: UUID) -> UUID:
    """The stream in which a clinic's remittances stand."""
    return uuid5(clinic, "remittances")


def moved(event: Event) -> Share:
    """What an event on a case adds to the client funds of its creditor and to ours."""
    principal = interest = costs = retained = 0
    for component, amount in _moved(event):
        if component in AGENCY_COMPONENTS:
            retained += amount
        elif component in {"principal", "charge"}:
            principal += amount
        elif component == "interest":
            interest += amount
        else:
            costs += amount
    return Share(principal, interest, costs, retained)


def _moved(event: Event) -> Iterator[tuple[Component, int]]:
    match event:
        case PaymentReceived():
            yield from ((part.component, part.amount) for part in event.parts)
        case PaymentReversed():
            yield from ((part.component, -part.amount) for part in event.parts)
        case FeeWaived():
            yield from ((part.component, -part.amount) for part in event.returned)
            yield from ((part.component, part.amount) for part in event.moved)
        case InterestLowered():
            yield "interest", -sum(part.amount for part in event.moved) - event.overpaid
            yield from ((part.component, part.amount) for part in event.moved)
        case _:
            pass


class Remittances:
    """What has been paid out to one clinic: the fold of its stream of remittances."""

    __slots__ = ("id", "names", "paid", "version")

    def __init__(self, id: UUID) -> None:
        self.id = id
        self.version = 0
        self.names: set[str] = set()
        self.paid: dict[str, Share] = {}
        """By case: what was paid out of it and retained so far."""

    @classmethod
    def fold(cls, id: UUID, entries: Iterable[Recorded]) -> Self:
        """The remittances after these entries of the stream."""
        remittances = cls(id)
        for entry in entries:
            remittances.apply(entry.event)
        return remittances

    def apply(self, event: Event) -> None:
        """Take one fact into account."""
        self.version += 1
        if isinstance(event, ClientFundsRemitted):
            self.names.add(event.remittance)
            for line in event.lines:
                before = self.paid.get(line.case, NOTHING)
                self.paid[line.case] = before.plus(share_of(line))


def share_of(line: RemittanceLine) -> Share:
    """What a line pays out and retains."""
    return Share(line.principal, line.interest, line.costs, line.retained)


def remit(
    clinic: Clinic,
    remittances: Remittances,
    command: Remit,
    cases: Mapping[UUID, Sequence[Event]],
    today: date,
) -> list[Event] | Refusal:
    """Pay out what was received up to a date and not paid out yet; our remuneration is retained.

    ``cases`` are the events, from the first on, of the cases for which something may have to be
    paid out; those of other clinics are left alone. What was taken back is deducted at once,
    also when it was after that date: money that is gone can't be paid out. As long as more is to
    be deducted than paid, nothing is paid out.
    """
    if clinic.clinic is None or clinic.account is None:
        return Refusal("unknown_clinic", {"clinic": command.clinic})
    if command.remittance in remittances.names:
        facts = {"kind": "remittance", "name": command.remittance}
        return Refusal("duplicate_reference", facts)
    if not EARLIEST_VALUE_DATE <= command.until <= command.on <= today:
        facts = {"date": command.until.isoformat(), "from": EARLIEST_VALUE_DATE.isoformat()}
        return Refusal("date_out_of_range", facts)
    lines = []
    for case, events in cases.items():
        opened = events[0] if events else None
        if isinstance(opened, CaseOpened) and opened.creditor == clinic.clinic:
            paid = remittances.paid.get(str(case), NOTHING)
            line = _line(str(case), opened.reference, events, paid, command.until)
            if line is not None:
                lines.append(line)
    # Deductions first, then the oldest money: what doesn't fit is the youngest.
    lines.sort(key=lambda line: (line.received_on or date.min, line.reference, line.case))
    lines = lines[:LINES_MOST]
    amount = sum(line.amount for line in lines)
    retained = sum(line.retained for line in lines)
    if amount < 0 or (amount == 0 and retained == 0):
        until = command.until.isoformat()
        return Refusal(
            "nothing_to_remit", {"clinic": command.clinic, "amount": amount, "until": until}
        )
    return [
        ClientFundsRemitted(
            value_date=command.on,
            remittance=command.remittance,
            clinic=clinic.clinic,
            account=clinic.account,
            until=command.until,
            amount=amount,
            retained=retained,
            lines=tuple(lines),
        )
    ]


def _line(
    case: str, reference: str, events: Sequence[Event], paid: Share, until: date
) -> RemittanceLine | None:
    now = then = NOTHING
    received_on: date | None = None
    for event in events:
        share = moved(event)
        if share == NOTHING:
            continue
        now = now.plus(share)
        if event.value_date <= until:
            then = then.plus(share)
            # The day on which the money came that has not been paid out: the first after
            # which there was never again as little as has been paid out.
            if then.creditors <= paid.creditors:
                received_on = None
            elif received_on is None:
                received_on = event.value_date
    due = now.least(then).plus(paid, -1)
    if due == NOTHING:
        return None
    return RemittanceLine(
        case=case,
        reference=reference,
        amount=due.creditors,
        principal=due.principal,
        interest=due.interest,
        costs=due.costs,
        retained=due.retained,
        received_on=received_on,
    )
