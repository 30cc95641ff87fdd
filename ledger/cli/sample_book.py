"""The book that ``caseledger demo`` shows: made-up people, and what became of their invoices."""

from collections.abc import Iterator
from datetime import date
from textwrap import dedent
from typing import Final
from uuid import UUID, uuid5

import msgspec

from ledger.application.ledger import Ledger
from ledger.application.orders import Order
from ledger.domain import commands as c
from ledger.domain.commands import Command
from ledger.domain.events import InvoiceLine
from ledger.domain.refusals import Refusal
from ledger.simulation.run import Simulation
from ledger.wording.amounts import money
from ledger.wording.events import lines

CASES: Final = 60
MONTHS: Final = 6
SEED: Final = 1001
SHOWN: Final = "1001"


class Shown(msgspec.Struct, frozen=True):
    """What the demo tells about: one case, in full."""

    cases: int
    events: int
    reference: str
    outstanding: str
    history: list[str]

    def guide(self, address: str, token: str) -> str:
        """What to open and what to try."""
        book = f"{address}/v1/books/demo"
        history = "\n".join(f"  {line}" for line in self.history)
        head = dedent(
            f"""
            The book "demo" holds {self.cases} cases and {self.events} events.

            Case {self.reference} owes {self.outstanding}:
            """
        )
        body = (
            '{"payment": "demo-payment-1", "amount": {"amount": 5000, "currency": "NOK"},'
            ' "value_date": "2026-05-04"}'
        )
        tries = dedent(
            f"""
            Try:

              curl {book}/cases/{self.reference} \\
                -H 'Authorization: Bearer {token}'

              curl -X POST {book}/cases/{self.reference}/payments \\
                -H 'Authorization: Bearer {token}' \\
                -H 'Content-Type: application/json' \\
                -H 'Idempotency-Key: demo-{self.reference}-1' \\
                -d '{body}'

            Open in a browser:

              {address}/docs
              {address}/openapi.json
            """
        )
        return f"{head}\n{history}\n{tries}"


def fill(ledger: Ledger) -> Shown:
    """Make the sample book if it is not there yet, and say what to look at."""
    ledger.recorder.create_book("NOK")
    if ledger.recorder.head().position == 0:
        Simulation(ledger.engine, ledger.book, cases=CASES, months=MONTHS, seed=SEED).run()
    for outcome in ledger.execute_many(list(_orders())):
        assert not isinstance(outcome, Refusal), f"the case that is shown is refused: {outcome}"
    shown = ledger.find(SHOWN)
    case = ledger.case(shown)
    history = [
        f"{entry.event.value_date}  {lines(entry.event, 'NOK')[1]}"
        for entry in ledger.history(shown)
    ]
    return Shown(
        CASES + 1,
        ledger.recorder.head().position,
        SHOWN,
        money(case.outstanding, "NOK", "en"),
        history,
    )


def _orders() -> Iterator[Order]:
    """The case that the documentation speaks of; given again, they change nothing."""
    id = uuid5(UUID(int=SEED), SHOWN)
    for step, command in enumerate(_story()):
        yield Order(
            case=id,
            command=command,
            command_id=uuid5(id, str(step)),
            actor="system:demo",
            channel="demo",
        )


def _story() -> Iterator[Command]:
    """A consultation and laboratory work: reminded, and paid in part."""
    invoiced = date(2026, 3, 2)
    yield c.OpenCase(on=invoiced, reference=SHOWN, creditor="clinic-fjord", debtor="subject-1001")
    yield c.IssueInvoice(
        on=invoiced,
        invoice=f"{SHOWN}-1",
        lines=(
            InvoiceLine(1, "consultation", 230_00, egenandel=True),
            InvoiceLine(2, "lab", 183_00, egenandel=True),
        ),
        due_date=date(2026, 3, 16),
        kid="0010017",
        service_date=invoiced,
    )
    yield c.ConfirmDelivery(on=date(2026, 3, 4), invoice=f"{SHOWN}-1", channel="post")
    yield c.SendReminder(
        on=date(2026, 3, 30),
        letter=f"{SHOWN}-R1",
        kind="reminder",
        channel="post",
        deadline=date(2026, 4, 13),
        fee=38_00,
    )
    yield c.ReceivePayment(on=date(2026, 4, 27), payment=f"{SHOWN}-bank-1", amount=200_00)
