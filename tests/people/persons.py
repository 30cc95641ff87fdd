"""People who are made up: names that say so, numbers of Skatteetaten's Tenor and its examples."""

from datetime import UTC, date, datetime
from typing import Final, TypeVar
from uuid import UUID, uuid4

from ledger.application.ledger import Ledger
from ledger.domain.commands import OpenCase, ReceivePayment
from ledger.domain.personal import Address, Authorisation, Person, Reader
from ledger.domain.refusals import Refusal
from tests.orders import OPENED, give, invoice

AGENT: Final = Reader("agent:17")
CLEARED: Final = Reader("agent:18", cleared=True)
NOW: Final = datetime(2026, 8, 1, 10, 0, tzinfo=UTC)
ASKED_ON: Final = date(2026, 8, 1)

GENERATED: Final = Person(
    name="Generert Testperson",
    birth_date=date(1982, 10, 30),
    national_identity_number="301082 99920",
    addresses=(Address(lines=("Oppdiktet vei 1",), postcode="0150", place="Oslo"),),
    phone="22 33 44 55",
    email="generert@example.invalid",
    language="nb",
    preferred_channel="sms",
)
HIDDEN: Final = Person(
    name="Skjermet Testperson",
    birth_date=date(1990, 1, 2),
    addresses=(
        Address(
            lines=("Hemmelig gate 7",),
            postcode="9999",
            place="Utopia",
            protection="strictly_confidential",
        ),
    ),
)
HOLDER: Final = Authorisation(
    holder="Fullmektig Testperson",
    relation="ektefelle",
    phone="99 88 77 66",
    scope="payment",
    valid_from=date(2026, 1, 1),
    valid_to=date(2026, 12, 31),
    verified_by="digital_signature",
)

Outcome = TypeVar("Outcome")


def done(outcome: Outcome | Refusal) -> Outcome:
    """What came of it, which must be no refusal."""
    assert not isinstance(outcome, Refusal), outcome
    return outcome


def refused(outcome: object) -> str:
    """The code of a refusal."""
    assert isinstance(outcome, Refusal), outcome
    return outcome.code


def owing(ledger: Ledger, subject: UUID, reference: str, on: date = OPENED) -> UUID:
    """An open case of a subject, with one invoice."""
    case = uuid4()
    opened = OpenCase(on=on, reference=reference, creditor="clinic-1", debtor=str(subject))
    give(ledger, case, opened, invoice(f"{reference}-1", 413_00, on=on))
    return case


def paid_up(ledger: Ledger, subject: UUID, reference: str, on: date = date(2026, 6, 15)) -> UUID:
    """A case of a subject that was paid and closed on a date."""
    case = owing(ledger, subject, reference, min(on, OPENED))
    # Ordered in time, so that no interest has run when the bank books it.
    paid = ReceivePayment(
        on=on, payment=f"{reference}-p", amount=413_00, ordered_on=min(on, OPENED)
    )
    give(ledger, case, paid)
    assert ledger.case(case).state == "closed"
    return case
