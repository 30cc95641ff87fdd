"""The entries of one case, made by asking for things as its people would: every one is decided."""

from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from ledger.domain import commands as c
from ledger.domain.case import Case
from ledger.domain.commands import Command
from ledger.domain.decisions import decide
from ledger.domain.events import Event, InvoiceLine
from ledger.domain.recorded import Recorded
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Rules
from ledger.rules import load

ID: Final = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
RULES: Final = Rules(rates=load())
TODAY: Final = date(2026, 12, 31)
CLINIC: Final = "clinic-10001"
_OSLO: Final = ZoneInfo("Europe/Oslo")


def day(text: str) -> date:
    """A business date."""
    return date.fromisoformat(text)


def moment(text: str) -> datetime:
    """An instant, in UTC, given by the clocks in Oslo."""
    return datetime.fromisoformat(text).replace(tzinfo=_OSLO).astimezone(UTC)


def numbered(events: list[Event]) -> list[Recorded]:
    """Events as the entries of one case in a book where every other entry is somebody else's."""
    return [
        Recorded(
            position=2 * version,
            stream=str(ID),
            version=version,
            recorded_at=datetime(2026, 12, 31, 12, tzinfo=UTC),
            actor="agent:a1",
            channel="phone",
            command_id=str(ID),
            event=event,
        )
        for version, event in enumerate(events, start=1)
    ]


def told(*commands: Command, rules: Rules = RULES, actor: str = "agent:a1") -> list[Recorded]:
    """What is recorded when all of these are asked for, one after the other. None is refused."""
    events: list[Event] = []
    for command in commands:
        answer = decide(Case.fold(ID, numbered(events)), command, rules, TODAY, actor=actor)
        assert not isinstance(answer, Refusal), (command, answer)
        events += answer
    return numbered(events)


def folded(entries: list[Recorded]) -> Case:
    """The case after these entries."""
    return Case.fold(ID, entries)


def opened(on: str = "2026-03-02") -> c.OpenCase:
    """The case is opened."""
    return c.OpenCase(on=day(on), reference="2026-1", creditor=CLINIC, debtor="subject-1")


def invoiced(
    invoice: str, *lines: InvoiceLine, on: str, due: str
) -> tuple[c.IssueInvoice, c.ConfirmDelivery]:
    """An invoice is issued, and arrives on the same day."""
    issue = c.IssueInvoice(on=day(on), invoice=invoice, lines=lines, due_date=day(due))
    return issue, c.ConfirmDelivery(on=day(on), invoice=invoice, channel="post")


def reminded(letter: str, fee: int, *, on: str, deadline: str) -> c.SendReminder:
    """A reminder is sent."""
    return c.SendReminder(
        on=day(on),
        letter=letter,
        kind="reminder",
        channel="post",
        deadline=day(deadline),
        fee=fee,
    )


def demanded(*, on: str, deadline: str, demand: str, until: str) -> tuple[Command, ...]:
    """A collection notice on a day and a payment demand on another, both without a fee."""
    first: c.SendReminder = reminded("N1", 0, on=on, deadline=deadline)
    second: c.SendReminder = reminded("D1", 0, on=demand, deadline=until)
    return (
        msgspec.structs.replace(first, kind="collection_notice"),
        msgspec.structs.replace(second, kind="payment_demand"),
    )


def paid(payment: str, amount: int, *, on: str) -> c.ReceivePayment:
    """Money comes in."""
    return c.ReceivePayment(on=day(on), payment=payment, amount=amount)


K1: Final[tuple[Command, ...]] = (
    opened(),
    *invoiced(
        "K1",
        InvoiceLine(1, "consultation", 230_00, egenandel=True),
        InvoiceLine(2, "lab", 183_00),
        on="2026-03-02",
        due="2026-03-16",
    ),
)
"""The claim of the scenarios: 413.00, due on 16 March 2026."""
K1_REMINDED: Final[tuple[Command, ...]] = (
    *K1,
    reminded("R1", 38_00, on="2026-03-30", deadline="2026-04-13"),
)


def charged(name: str, amount: int, *, at: str, category: str = "consultation") -> c.RegisterCharge:
    """A part of the visit is registered."""
    return c.RegisterCharge(
        on=day(at[:10]),
        charge=name,
        category=category,  # type: ignore[arg-type]
        amount=amount,
        at=moment(at),
    )


def tapped(payment: str, amount: int, *, at: str) -> c.RecordTerminalAttempt:
    """The patient approves what the screen shows."""
    return c.RecordTerminalAttempt(
        on=day(at[:10]), payment=payment, amount=amount, result="approved", at=moment(at)
    )


SPLIT: Final[tuple[Command, ...]] = (
    opened("2026-05-04"),
    charged("visit", 230_00, at="2026-05-04 10:38"),
    c.SendChargeToTerminal(on=day("2026-05-04"), charge="visit", at=moment("2026-05-04 10:40")),
    tapped("T1", 230_00, at="2026-05-04 10:42"),
    charged("lab", 183_00, at="2026-05-04 10:50", category="lab"),
    *invoiced("K17", InvoiceLine(1, "lab", 183_00, "lab"), on="2026-05-06", due="2026-05-20"),
)
"""The consultation was paid at the terminal; the laboratory test never reached it (no. 17)."""
TAPPED_TOO_EARLY: Final[tuple[Command, ...]] = (
    opened("2026-05-04"),
    tapped("T1", 0, at="2026-05-04 10:31"),
    charged("visit", 413_00, at="2026-05-04 10:36"),
    *invoiced(
        "K18", InvoiceLine(1, "consultation", 413_00, "visit"), on="2026-05-07", due="2026-05-21"
    ),
)
"""At 10:31 the terminal showed 0.00; the charge came at 10:36 (no. 18)."""
FRIKORT: Final[tuple[Command, ...]] = (
    opened("2026-05-04"),
    *invoiced(
        "K19",
        InvoiceLine(1, "consultation", 0, egenandel=True),
        InvoiceLine(2, "material", 138_00),
        on="2026-05-06",
        due="2026-05-20",
    ),
)
"""The share is nothing, the material 138.00 (no. 19)."""
IN_SPITE_OF_FRIKORT: Final[tuple[Command, ...]] = (
    opened(),
    *invoiced(
        "K20",
        InvoiceLine(1, "consultation", 179_00, egenandel=True),
        InvoiceLine(2, "material", 138_00),
        on="2026-03-02",
        due="2026-03-16",
    ),
    reminded("R20", 38_00, on="2026-03-30", deadline="2026-04-13"),
)
"""The share was billed in spite of a frikort, with a fee (no. 20)."""
