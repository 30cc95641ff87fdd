"""Orders as tests give them: what matters to a test is said there, the rest is made up here."""

from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from ledger.application.ledger import Ledger
from ledger.application.orders import Order, Outcome, Receipt
from ledger.domain.commands import (
    Command,
    IssueInvoice,
    OpenCase,
    RaiseDispute,
    ReceivePayment,
    RegisterCharge,
)
from ledger.domain.events import InvoiceLine
from ledger.domain.identifiers import make_kid
from ledger.domain.refusals import Refusal

TODAY: Final = date(2026, 6, 30)
"""The business date of every ledger in tests."""
OPENED: Final = date(2026, 3, 2)


def order(
    command: Command,
    case: UUID | None = None,
    *,
    command_id: UUID | None = None,
    actor: str = "agent:test",
    channel: str = "test",
    expected_version: int | None = None,
) -> Order:
    """An order for a command; of a new case and under a new id, unless they are given."""
    return Order(
        case=case or uuid4(),
        command=command,
        command_id=command_id or uuid4(),
        actor=actor,
        channel=channel,
        expected_version=expected_version,
    )


def opening(reference: str, on: date = OPENED) -> OpenCase:
    """Opens a case of one clinic, with a debtor of its own."""
    return OpenCase(on=on, reference=reference, creditor="clinic-1", debtor=f"subject-{uuid4()}")


def invoice(
    name: str, amount: int = 413_00, *, on: date = OPENED, kid: str | None = None
) -> IssueInvoice:
    """An invoice with one line, due after a month: what is paid before has no interest."""
    return IssueInvoice(
        on=on,
        invoice=name,
        lines=(InvoiceLine(line=1, category="consultation", amount=amount),),
        due_date=on + timedelta(days=30),
        kid=kid,
    )


def payment(name: str, amount: int, on: date = OPENED + timedelta(days=20)) -> ReceivePayment:
    """Money on the client account."""
    return ReceivePayment(on=on, payment=name, amount=amount)


def charge(
    amount: int = 38_00, on: date = OPENED + timedelta(days=30), *, name: str | None = None
) -> RegisterCharge:
    """A part of a visit that no invoice has claimed: one event, and a name of its own."""
    at = datetime(on.year, on.month, on.day, 10, tzinfo=UTC)
    name = name or f"charge-{uuid4()}"
    return RegisterCharge(on=on, charge=name, category="other", amount=amount, at=at)


def receipt(outcome: Outcome) -> Receipt:
    """The outcome, which must be a receipt."""
    assert isinstance(outcome, Receipt), outcome
    return outcome


def refusal(outcome: Outcome) -> Refusal:
    """The outcome, which must be a refusal."""
    assert isinstance(outcome, Refusal), outcome
    return outcome


def give(ledger: Ledger, case: UUID, *commands: Command) -> list[Receipt]:
    """Have commands on one case carried out, each in a transaction of its own."""
    return [receipt(ledger.execute(order(command, case))) for command in commands]


def invoiced_case(ledger: Ledger, reference: str, amount: int = 413_00) -> UUID:
    """A case with one invoice: two events."""
    case = uuid4()
    give(ledger, case, opening(reference), invoice(f"{reference}-1", amount))
    return case


def fill(ledger: Ledger, cases: int, *, first: int = 1) -> list[UUID]:
    """Cases with what moves money and what does not, in one transaction: 5 to 7 events each.

    Every fourth is paid too much, and closed by that; every fourth is disputed.
    """
    ids: list[UUID] = []
    orders: list[Order] = []
    for number in range(first, first + cases):
        case = uuid4()
        ids.append(case)
        name = f"case-{number}"
        kid = make_kid(str(number).rjust(8, "0"))
        commands = [
            opening(name),
            invoice(f"{name}-1", 300_00 + number, kid=kid),
            payment(f"{name}-p1", 100_00 + number),
            charge(),
        ]
        if number % 4 == 0:
            commands.append(payment(f"{name}-p2", 300_00, OPENED + timedelta(days=40)))
        if number % 4 == 1:
            commands.append(RaiseDispute(on=OPENED, dispute="D\\1\tå", category="never_visited"))
        if number % 4 == 2:
            commands += [charge(70_00), charge(0 + number)]
        orders += [order(command, case) for command in commands]
    for outcome in ledger.execute_many(orders):
        receipt(outcome)
    return ids
