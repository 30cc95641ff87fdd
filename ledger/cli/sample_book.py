"""The sample book of the demo: the conversations that agents have every day, as cases.

Every case comes about through ordinary commands, all in one transaction: a book that holds
anything is full.
"""

import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from textwrap import dedent
from typing import Final
from uuid import UUID, uuid5

import msgspec

from ledger.application.ledger import OSLO, Ledger
from ledger.application.orders import Order
from ledger.domain import commands as c
from ledger.domain.commands import Command
from ledger.domain.events import InvoiceLine, LineCategory, Part
from ledger.domain.identifiers import make_kid
from ledger.domain.refusals import Refusal
from ledger.wording.amounts import money
from ledger.wording.events import lines

CASES: Final = 210
SEED: Final = 2026
_IDS: Final = UUID("b7f9d8f2-6a5e-5c8e-9f0d-2f6c1c6f4d11")
_CLINICS: Final = ("clinic-fjord", "clinic-fjell", "clinic-by")

Story = Callable[[str, date, random.Random], Iterator[Command]]


def _at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), OSLO)


def _lines(*amounts: tuple[LineCategory, int]) -> tuple[InvoiceLine, ...]:
    return tuple(
        InvoiceLine(line=number, category=category, amount=amount)
        for number, (category, amount) in enumerate(amounts, start=1)
    )


def _invoiced(number: str, day: date, *amounts: tuple[LineCategory, int]) -> Iterator[Command]:
    yield c.IssueInvoice(
        on=day,
        invoice=f"{number}-1",
        lines=_lines(*amounts),
        due_date=day + timedelta(days=14),
        kid=make_kid(number.rjust(6, "0")),
    )
    yield c.ConfirmDelivery(on=day + timedelta(days=2), invoice=f"{number}-1", channel="post")


def paid_in_part(number: str, day: date, rng: random.Random) -> Iterator[Command]:
    """A reminder with its fee, and 200.00 paid of what was owed then."""
    yield from _invoiced(number, day, ("consultation", 230_00), ("lab", 183_00))
    reminded = day + timedelta(days=28)
    yield c.SendReminder(
        on=reminded,
        letter=f"{number}-R1",
        kind="reminder",
        channel="post",
        deadline=reminded + timedelta(days=14),
    )
    yield c.ChargeFee(
        on=reminded,
        component="reminder_fee",
        amount=38_00,
        rule="INKF-1-2/2026",
        claim=f"{number}-1",
        letter=f"{number}-R1",
    )
    yield c.ReceivePayment(on=day + timedelta(days=56), payment=f"{number}-bank-1", amount=200_00)


def split_at_the_terminal(number: str, day: date, rng: random.Random) -> Iterator[Command]:
    """The consultation reached the terminal and was paid; the laboratory charge never did."""
    yield c.RegisterCharge(
        on=day, charge="consultation", category="consultation", amount=230_00, at=_at(day, "10:38")
    )
    yield c.SendChargeToTerminal(on=day, charge="consultation", at=_at(day, "10:40"))
    yield c.RecordTerminalAttempt(
        on=day,
        payment=f"{number}-terminal-1",
        amount=230_00,
        result="approved",
        at=_at(day, "10:42"),
    )
    yield c.RegisterCharge(
        on=day, charge="lab", category="lab", amount=183_00, at=_at(day, "10:50")
    )
    invoiced = day + timedelta(days=2)
    yield c.IssueInvoice(
        on=invoiced,
        invoice=f"{number}-1",
        lines=(InvoiceLine(line=1, category="lab", amount=183_00, charge="lab"),),
        due_date=invoiced + timedelta(days=14),
        kid=make_kid(number.rjust(6, "0")),
    )


def tapped_too_early(number: str, day: date, rng: random.Random) -> Iterator[Command]:
    """The terminal showed 0.00, the patient approved it, and the charge came five minutes later."""
    yield c.RecordTerminalAttempt(
        on=day,
        payment=f"{number}-terminal-1",
        amount=0,
        result="approved",
        at=_at(day, "10:31"),
    )
    yield c.RegisterCharge(
        on=day, charge="visit", category="consultation", amount=413_00, at=_at(day, "10:36")
    )
    invoiced = day + timedelta(days=3)
    yield c.IssueInvoice(
        on=invoiced,
        invoice=f"{number}-1",
        lines=(InvoiceLine(line=1, category="consultation", amount=413_00, charge="visit"),),
        due_date=invoiced + timedelta(days=14),
        kid=make_kid(number.rjust(6, "0")),
    )


def frikort_and_material(number: str, day: date, rng: random.Random) -> Iterator[Command]:
    """A frikort does not cover material: the objection is answered and the claim stands."""
    yield from _invoiced(number, day, ("material", 138_00))
    raised = day + timedelta(days=6)
    yield c.RaiseDispute(on=raised, dispute="D1", category="misunderstanding_frikort")
    yield c.AnswerDispute(
        on=raised + timedelta(days=1), dispute="D1", outcome="rejected", decided_by="clinic"
    )


def record_copy(number: str, day: date, rng: random.Random) -> Iterator[Command]:
    """A copy of the record, to someone who never visited: the clinic credits it."""
    yield from _invoiced(number, day, ("record_copy", 250_00))
    raised = day + timedelta(days=9)
    yield c.RaiseDispute(on=raised, dispute="D1", category="never_visited")
    yield c.ReferDispute(on=raised, dispute="D1", referred_to="clinic")
    yield c.AnswerDispute(
        on=raised + timedelta(days=8), dispute="D1", outcome="upheld", decided_by="clinic"
    )


def paid_too_much(number: str, day: date, rng: random.Random) -> Iterator[Command]:
    """More than was owed: closed, and the rest is the patient's money."""
    yield from _invoiced(number, day, ("consultation", 413_00))
    yield c.ReceivePayment(on=day + timedelta(days=10), payment=f"{number}-bank-1", amount=500_00)


def handed_over(number: str, day: date, rng: random.Random) -> Iterator[Command]:
    """Reminded, given notice, and passed on for collection."""
    yield from _invoiced(number, day, ("consultation", 313_00), ("material", 97_00))
    first, second = day + timedelta(days=28), day + timedelta(days=46)
    for letter, kind, sent in (("R1", "reminder", first), ("N1", "collection_notice", second)):
        yield c.SendReminder(
            on=sent,
            letter=f"{number}-{letter}",
            kind="reminder" if kind == "reminder" else "collection_notice",
            channel="post",
            deadline=sent + timedelta(days=14),
        )
    yield c.HandOver(on=second + timedelta(days=18), recipient="collection")


def partly_credited(number: str, day: date, rng: random.Random) -> Iterator[Command]:
    """A share that should have been free was billed, and is credited; the material stands."""
    yield from _invoiced(number, day, ("consultation", 179_00), ("material", 138_00))
    yield c.Credit(
        on=day + timedelta(days=12),
        credit_note=f"{number}-C1",
        reason="charged_in_error",
        parts=(Part("principal", 179_00, f"{number}-1"),),
    )


def small_rest(number: str, day: date, rng: random.Random) -> Iterator[Command]:
    """A few kroner are left, and are written off."""
    yield from _invoiced(number, day, ("lab", 120_00))
    rest = rng.randint(1, 10) * 100
    yield c.ReceivePayment(
        on=day + timedelta(days=12), payment=f"{number}-bank-1", amount=120_00 - rest
    )
    yield c.WriteOff(on=day + timedelta(days=40), reason="small_remainder")


def paid_in_time(number: str, day: date, rng: random.Random) -> Iterator[Command]:
    """Paid in full before the due date, as most are."""
    amount = rng.randrange(150_00, 900_00, 100)
    yield from _invoiced(number, day, ("consultation", amount))
    yield c.ReceivePayment(
        on=day + timedelta(days=rng.randint(3, 14)), payment=f"{number}-bank-1", amount=amount
    )


STORIES: Final[tuple[Story, ...]] = (
    paid_in_part,
    split_at_the_terminal,
    tapped_too_early,
    frikort_and_material,
    record_copy,
    paid_too_much,
    handed_over,
    partly_credited,
    small_rest,
    paid_in_time,
)


class Shown(msgspec.Struct, frozen=True):
    """What the demo tells about: one case, in full."""

    cases: int
    events: int
    reference: str
    outstanding: str
    history: list[str]

    def guide(self, address: str) -> str:
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

              curl {book}/cases/{self.reference}

              curl -X POST {book}/cases/{self.reference}/payments \\
                -H 'Content-Type: application/json' \\
                -H 'Idempotency-Key: demo-{self.reference}-1' \\
                -d '{body}'

            Open in a browser:

              {book}/cases/{self.reference}/events
              {address}/openapi.json
            """
        )
        return f"{head}\n{history}\n{tries}"


def _orders() -> Iterator[Order]:
    rng = random.Random(SEED)  # noqa: S311  (made-up amounts, not secrets)
    for serial in range(CASES):
        number = str(1001 + serial)
        # The first of each story has the dates that the documentation speaks of.
        day = date(2026, 3, 2) + timedelta(days=0 if serial < len(STORIES) else rng.randrange(120))
        opened = c.OpenCase(on=day, reference=number, creditor=_CLINICS[serial % len(_CLINICS)])
        story = STORIES[serial % len(STORIES)]
        for step, command in enumerate((opened, *story(number, day, rng))):
            yield Order(
                case=uuid5(_IDS, number),
                command=command,
                command_id=uuid5(_IDS, f"{number}/{step}"),
                actor="system:demo",
                channel="demo",
            )


def fill(ledger: Ledger) -> Shown:
    """Make the sample book if it is not there yet, and say what to look at."""
    ledger.recorder.create_book("NOK")
    if ledger.recorder.head().position == 0:
        for outcome in ledger.execute_many(list(_orders())):
            assert not isinstance(outcome, Refusal), f"the sample book is refused: {outcome}"
    shown = ledger.find("1001")
    case = ledger.case(shown)
    history = [
        f"{entry.event.value_date}  {lines(entry.event, 'NOK')[1]}"
        for entry in ledger.history(shown)
    ]
    return Shown(
        CASES,
        ledger.recorder.head().position,
        "1001",
        money(case.outstanding, "NOK", "en"),
        history,
    )
