"""A case's people, and what they may do: each wish is an order that is queued for the day."""

import random
from collections.abc import Callable, Generator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from ledger.application.orders import Order
from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.case import Case
from ledger.domain.commands import Command
from ledger.domain.events import DisputeCategory, InvoiceLine, LineCategory, PatientAge
from ledger.domain.identifiers import make_kid

OSLO: Final = ZoneInfo("Europe/Oslo")
ACCOUNT: Final = "15032080119"
"""The client account. Its check digit is right; no bank has it."""

Life = Generator[int, Case, None]
"""What the people of a case do: ``case = yield days`` waits, and gets the case as it is then."""
Story = Callable[["People"], Life]


class People:
    """Those around one case: what they ask for is queued, and carried out on the same day."""

    def __init__(self, serial: int, seed: int, clinic: str, rng: random.Random) -> None:
        self.serial = serial
        self.reference = f"{seed}-{serial:06d}"
        self.case = uuid5(UUID(int=seed), f"case/{serial}")
        self.debtor = str(uuid5(UUID(int=seed), f"subject/{serial}"))
        self.clinic = clinic
        self.rng = rng
        self.day = date.min
        self.orders: list[Order] = []
        self._asked = 0
        self._invoices = 0
        self._receipts = 0

    # ------------------------------------------------------------------ asking

    def ask(self, command: Command, by: str = "agent:a1", channel: str = "phone") -> None:
        """Ask something of the case."""
        self._order(self.case, command, by, channel)

    def ask_another(self, stream: UUID, command: Command, by: str = "agent:a1") -> None:
        """Ask something of another stream: a case that is not there, a clinic."""
        self._order(stream, command, by, "page")

    def _order(self, stream: UUID, command: Command, by: str, channel: str) -> None:
        self._asked += 1
        self.orders.append(
            Order(
                case=stream,
                command=command,
                command_id=uuid5(self.case, str(self._asked)),
                actor=by,
                channel=channel,
            )
        )

    def at(self, clock: str, day: date | None = None) -> datetime:
        """An instant of a day by the clocks in Oslo."""
        local = datetime.combine(day or self.day, time.fromisoformat(clock), OSLO)
        return local.astimezone(UTC)

    # ------------------------------------------------------------------ at the clinic

    def open(
        self, on: date | None = None, *, debtor: str | None = None, guardian: bool = False
    ) -> None:
        """The clinic hands over the patient's claims."""
        self.ask(
            c.OpenCase(
                on=on or self.day,
                reference=self.reference,
                creditor=self.clinic,
                debtor=debtor or self.debtor,
                debtor_role="guardian" if guardian else "patient",
            ),
            f"clinic:{self.clinic}",
            "clinic",
        )

    def charge(self, name: LineCategory, amount: int, clock: str) -> None:
        """A part of the visit is registered."""
        self.ask(
            c.RegisterCharge(
                on=self.day, charge=name, category=name, amount=amount, at=self.at(clock)
            ),
            f"clinic:{self.clinic}",
            "terminal",
        )

    def to_terminal(self, name: str, clock: str) -> None:
        """It reaches the terminal."""
        self.ask(
            c.SendChargeToTerminal(on=self.day, charge=name, at=self.at(clock)),
            "system:terminal",
            "terminal",
        )

    def tap(self, amount: int, clock: str) -> None:
        """The patient approves what the screen shows."""
        self.ask(
            c.RecordTerminalAttempt(
                on=self.day,
                payment=f"{self.reference}-T{self._asked}",
                amount=amount,
                result="approved",
                at=self.at(clock),
            ),
            "system:terminal",
            "terminal",
        )

    def invoice(
        self,
        *lines: tuple[LineCategory, int] | InvoiceLine,
        on: date | None = None,
        days: int = 14,
        patient: PatientAge = "adult",
        visited: date | None = None,
        delivered: bool = True,
        fee: int = 0,
    ) -> str:
        """The clinic claims an amount in writing; returns the invoice's number."""
        day = on or self.day
        self._invoices += 1
        name = f"{self.reference}-{self._invoices}"
        numbered = tuple(
            line
            if isinstance(line, InvoiceLine)
            else InvoiceLine(number, line[0], line[1], egenandel=line[0] in {"consultation", "lab"})
            for number, line in enumerate(lines, start=1)
        )
        self.ask(
            c.IssueInvoice(
                on=day,
                invoice=name,
                lines=numbered,
                due_date=day + timedelta(days=days),
                kid=make_kid(f"{self.serial:08d}{self._invoices:02d}"),
                service_date=visited or day,
                patient=patient,
                invoicing_fee=fee,
            ),
            f"clinic:{self.clinic}",
            "clinic",
        )
        if delivered:
            self.ask(
                c.ConfirmDelivery(on=day, invoice=name, channel="post"), "system:post", "letter"
            )
        return name

    # ------------------------------------------------------------------ money

    def pay(
        self,
        amount: int,
        *,
        invoice: int = 1,
        ordered: date | None = None,
        booked: date | None = None,
        kid: str | None = "own",
        line: str | None = None,
    ) -> UUID:
        """The bank books a payment, as a rule with the KID of an invoice; returns the receipt."""
        self._receipts += 1
        name = f"{self.reference}-B{self._receipts}"
        receipt = uuid5(self.case, f"receipt/{self._receipts}")
        own = make_kid(f"{self.serial:08d}{invoice:02d}")
        self._order(
            receipt,
            c.RegisterReceipt(
                on=self.day,
                receipt=name,
                account=ACCOUNT,
                amount=amount,
                booked_on=booked or self.day,
                ordered_on=ordered,
                kid=own if kid == "own" else kid,
                source_line=line or name,
            ),
            "system:bank",
            "bank",
        )
        return receipt

    def on_receipt(self, receipt: UUID, command: Command, by: str = "agent:a2") -> None:
        """Ask something of a bank receipt."""
        self._order(receipt, command, by, "page")

    # ------------------------------------------------------------------ talking

    def call(
        self,
        topic: e.ContactTopic,
        *,
        outcome: e.ContactOutcome = "solved",
        disclosed: e.Disclosed = "balance",
        caller: e.Caller = "debtor",
        direction: e.ContactDirection = "incoming",
        clock: str = "11:15",
        authorisation: str | None = None,
        by: str = "agent:a1",
    ) -> None:
        """Somebody calls, or is called."""
        self.ask(
            c.RecordContact(
                on=self.day,
                contact=f"{self.reference}-K{self._asked}",
                direction=direction,
                channel="phone",
                caller=caller,
                topic=topic,
                disclosed=disclosed,
                outcome=outcome,
                at=self.at(clock),
                authorisation=authorisation,
            ),
            by,
        )

    def object_to(self, category: DisputeCategory, name: str = "D1") -> None:
        """The debtor objects."""
        self.ask(c.RaiseDispute(on=self.day, dispute=name, category=category))

    def answer(
        self,
        outcome: Literal["upheld", "rejected"],
        name: str = "D1",
        *,
        by: str | None = None,
        referred: bool = True,
    ) -> None:
        """Somebody decides an objection: the clinic, unless said otherwise."""
        self.ask(
            c.AnswerDispute(
                on=self.day,
                dispute=name,
                outcome=outcome,
                decided_by=self.clinic if referred else "agency",
            ),
            by or f"clinic:{self.clinic}",
            "page",
        )
