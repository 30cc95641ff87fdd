"""Orders that the command line gives: who gives them, and how they are answered."""

from typing import Annotated
from uuid import UUID, uuid4

import typer

from ledger.application.ledger import Ledger
from ledger.application.orders import Order, Receipt
from ledger.cli.exits import Exit, Failed
from ledger.cli.output import out, print_json
from ledger.domain.commands import Command
from ledger.domain.money import NotAnAmount, minor_units
from ledger.wording.refusals import refusal_text

Actor = Annotated[
    str, typer.Option(help="Who does it, as role:id, such as agent:17.", metavar="ROLE:ID")
]
CommandId = Annotated[
    str | None,
    typer.Option(help="An id under which it is done once, however often it is sent.",
                 metavar="UUID"),
]  # fmt: skip


def give(
    ledger: Ledger,
    stream: UUID,
    command: Command,
    *,
    actor: str,
    command_id: str | None,
    json: bool,
    done: str,
) -> None:
    """Have it carried out, and say so. Raises ``Failed`` with the refusal in words."""
    order = Order(
        case=stream,
        command=command,
        command_id=uuid4() if command_id is None else parse_uuid(command_id, "--command-id"),
        actor=actor,
        channel="cli",
    )
    outcome = ledger.execute(order)
    if not isinstance(outcome, Receipt):
        text = refusal_text(outcome, "en", ledger.recorder.currency())
        raise Failed(f"refused ({outcome.code}): {text}", Exit.FAILURE)
    if json:
        print_json(
            {
                "book": ledger.book,
                "stream": str(stream),
                "command_id": str(order.command_id),
                "first_position": outcome.first_position,
                "last_position": outcome.last_position,
                "repeated": outcome.repeated,
                "events": [entry.event.name for entry in ledger.entries(outcome)],
            }
        )
        return
    again = " already" if outcome.repeated else ""
    out.print(f"{done}{again}, at position {outcome.last_position:,} of book {ledger.book}.")


def parse_uuid(text: str, option: str) -> UUID:
    """An id."""
    try:
        return UUID(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no UUID", param_hint=option) from None


def parse_amount(text: str, currency: str, option: str) -> int:
    """An amount such as 413.50, in minor units."""
    try:
        return minor_units(text, currency)
    except NotAnAmount as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
