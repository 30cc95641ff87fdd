"""Clinics, bank receipts and remittances as tests ask for them."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from ledger.application.ledger import Ledger
from ledger.application.orders import Order, Outcome
from ledger.domain.commands import MatchReceipt, RegisterClinic, RegisterReceipt, Remit
from ledger.domain.identifiers import make_kid
from ledger.domain.remittance import remittances_of
from tests.orders import TODAY, give, invoice, opening, order

ACCOUNT = "12345678903"
OTHER_ACCOUNT = "86011117947"
BOOKED = date(2026, 3, 12)


def registering(clinic: str = "clinic-1", **changed: Any) -> RegisterClinic:
    """A clinic with a valid number and account."""
    fields = {"organisation_number": "974760673", "trade_name": "Helse AS", "account": ACCOUNT}
    return RegisterClinic(on=date(2026, 1, 5), clinic=clinic, **{**fields, **changed})


def clinic(ledger: Ledger, name: str = "clinic-1") -> UUID:
    """A clinic that is registered; the id of its stream."""
    stream = uuid4()
    give(ledger, stream, registering(name))
    return stream


def arriving(
    receipt: str, amount: int, kid: str | None = None, *, line: str = "", booked: date = BOOKED
) -> RegisterReceipt:
    """Money on the client account."""
    return RegisterReceipt(
        on=booked,
        receipt=receipt,
        account="15032080119",
        amount=amount,
        booked_on=booked,
        kid=kid,
        source_line=line or f"line of {receipt}",
    )


def kid_of(number: int) -> str:
    """A valid KID."""
    return make_kid(str(number).rjust(8, "0"))


def claimed(ledger: Ledger, number: int, amount: int = 413_00) -> UUID:
    """A case of clinic-1 with one invoice, whose KID is that of the number."""
    case = uuid4()
    name = f"case-{number}"
    give(ledger, case, opening(name), invoice(f"{name}-1", amount, kid=kid_of(number)))
    return case


def matching(case: UUID, on: date = BOOKED) -> MatchReceipt:
    """Somebody found out what a receipt is for."""
    return MatchReceipt(on=on, case=case)


def remitting(
    clinic: UUID, name: str, *, until: date = TODAY, on: date = TODAY, of: str = "clinic-1"
) -> Order:
    """Pay out what was received."""
    command = Remit(on=on, remittance=name, clinic=of, until=until)
    return order(command, remittances_of(clinic))


def remitted(
    ledger: Ledger, clinic: UUID, name: str, *, until: date = TODAY, on: date = TODAY
) -> Outcome:
    """What comes of it."""
    return ledger.execute(remitting(clinic, name, until=until, on=on))


def kinds(ledger: Ledger, stream: UUID) -> list[str]:
    """The events of a stream, by name."""
    stored = ledger.recorder.read_stream(stream)
    return [ledger.mapper.recorded(entry).event.name for entry in stored]
