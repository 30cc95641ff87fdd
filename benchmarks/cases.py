"""Cases and orders that the benchmarks work on."""

from datetime import timedelta
from itertools import count
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import Engine

from ledger.application.ledger import Ledger
from ledger.application.orders import Order
from ledger.domain import commands as c
from ledger.domain.events import InvoiceLine
from tests.orders import OPENED, TODAY

_NUMBERS: Final = count(1)
CLINIC: Final = "clinic-1"


def open_book(engine: Engine, book: str) -> Ledger:
    """A book with one clinic."""
    ledger = Ledger(engine, book, today=lambda: TODAY)
    ledger.recorder.create_book("NOK")
    clinic = c.RegisterClinic(
        on=OPENED,
        clinic=CLINIC,
        trade_name="Clinic",
        organisation_number="974760673",
        account="86011117947",
    )
    ledger.execute(order(clinic, uuid4()))
    return ledger


def order(command: c.Command, case: UUID) -> Order:
    """An order with an id of its own."""
    return Order(
        case=case, command=command, command_id=uuid4(), actor="agent:bench", channel="bench"
    )


def opened(ledger: Ledger, cases: int) -> list[UUID]:
    """New cases of three events each: opened, invoiced, delivered."""
    ids = [uuid4() for _ in range(cases)]
    for first in range(0, cases, 500):
        orders = []
        for case in ids[first : first + 500]:
            name = f"bench-{next(_NUMBERS)}"
            line = InvoiceLine(line=1, category="consultation", amount=300_00)
            due = OPENED + timedelta(days=30)
            opening = c.OpenCase(on=OPENED, reference=name, creditor=CLINIC)
            invoice = c.IssueInvoice(on=OPENED, invoice=name, lines=(line,), due_date=due)
            delivery = c.ConfirmDelivery(on=OPENED, invoice=name, channel="post")
            orders += [order(each, case) for each in (opening, invoice, delivery)]
        ledger.execute_many(orders)
    return ids


def payments(cases: list[UUID], number: int) -> list[Order]:
    """So many payments of a krone, going round the cases: what is timed is one event each."""
    day = OPENED + timedelta(days=20)
    return [
        order(
            c.ReceivePayment(on=day, payment=f"bank-{next(_NUMBERS)}", amount=1_00),
            cases[place % len(cases)],
        )
        for place in range(number)
    ]
