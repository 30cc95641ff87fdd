"""``caseledger clinic``: the clinics of a book, their policies and where their money goes."""

from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import msgspec
import typer
from rich.table import Table

from ledger.cli.database import database, open_ledger
from ledger.cli.giving import Actor, CommandId, give
from ledger.cli.options import Book, Json, parse_date
from ledger.cli.output import out, print_json
from ledger.domain.clinic import Clinic
from ledger.domain.commands import ChangeClinicAccount, RegisterClinic, SetClinicPolicy
from ledger.domain.policy import ClinicPolicy

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The clinic's name in the book.", metavar="CLINIC")]
On = Annotated[
    str | None, typer.Option("--on", help="The day on which it counts; else today.", metavar="DATE")
]


@app.command()
def register(
    clinic: Name,
    organisation_number: Annotated[str, typer.Option(help="Nine digits.")],
    account: Annotated[str, typer.Option(help="The bank account for its money: eleven digits.")],
    trade_name: Annotated[str, typer.Option(help="A neutral name for envelopes and messages.")],
    actor: Actor = "operator:cli",
    on: On = None,
    book: Book = None,
    command_id: CommandId = None,
    json: Json = False,
) -> None:
    """A clinic lets us follow up its invoices."""
    with database() as url:
        ledger = open_ledger(url, book)
        command = RegisterClinic(
            on=parse_date(on, "--on") or ledger.today(),
            clinic=clinic,
            organisation_number=organisation_number,
            trade_name=trade_name,
            account=account,
        )
        give(ledger, ledger.recorder.stream_named("clinic", clinic) or uuid4(), command,
             actor=actor, command_id=command_id, json=json,
             done=f"Clinic {clinic} is registered")  # fmt: skip


@app.command()
def policy(
    clinic: Name,
    file: Annotated[
        Path, typer.Argument(help="A JSON object with what differs from the defaults.")
    ],
    actor: Actor = "operator:cli",
    on: On = None,
    book: Book = None,
    command_id: CommandId = None,
    json: Json = False,
) -> None:
    """How the clinic wants its cases handled, from now on. Replaces what it wanted before."""
    try:
        wanted = msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
        if unknown := wanted.keys() - set(ClinicPolicy.__struct_fields__):
            raise typer.BadParameter(f"{file}: there is no {', '.join(sorted(unknown))}")
        decoded = msgspec.convert(wanted, ClinicPolicy)
    except msgspec.MsgspecError as error:
        raise typer.BadParameter(f"{file}: {error}") from None
    with database() as url:
        ledger = open_ledger(url, book)
        command = SetClinicPolicy(on=parse_date(on, "--on") or ledger.today(), policy=decoded)
        give(ledger, ledger.clinic(clinic).id, command, actor=actor, command_id=command_id,
             json=json, done=f"The policy of clinic {clinic} is set")  # fmt: skip


@app.command()
def account(
    clinic: Name,
    account: Annotated[str, typer.Argument(help="Eleven digits.", metavar="ACCOUNT")],
    requested_by: Annotated[str, typer.Option(help="Who asked for it, as role:id.")],
    actor: Actor,
    on: On = None,
    book: Book = None,
    command_id: CommandId = None,
    json: Json = False,
) -> None:
    """Pay the clinic's money out to another account: one asks for it, another agrees."""
    with database() as url:
        ledger = open_ledger(url, book)
        command = ChangeClinicAccount(
            on=parse_date(on, "--on") or ledger.today(), account=account, requested_by=requested_by
        )
        give(ledger, ledger.clinic(clinic).id, command, actor=actor, command_id=command_id,
             json=json, done=f"The account of clinic {clinic} is changed")  # fmt: skip


@app.command()
def show(clinic: Name, book: Book = None, json: Json = False) -> None:
    """A clinic as it is now."""
    with database() as url:
        view = clinic_view(open_ledger(url, book).clinic(clinic))
    if json:
        print_json(view)
        return
    table = Table(box=None, show_header=False)
    for name, value in {**view, **view.pop("policy")}.items():
        table.add_row(name, str(value))
    out.print(table)


@app.command("list")
def list_clinics(book: Book = None, json: Json = False) -> None:
    """All clinics of a book."""
    with database() as url:
        ledger = open_ledger(url, book)
        views = [clinic_view(ledger.clinic(name)) for name in ledger.recorder.named("clinic")]
    if json:
        print_json(views)
        return
    table = Table("Clinic", "Organisation", "Trade name", "Account", box=None)
    for view in views:
        table.add_row(*(view[name] for name in (
            "clinic", "organisation_number", "trade_name", "account")))  # fmt: skip
    out.print(table)


def clinic_view(clinic: Clinic) -> dict[str, Any]:
    """A clinic as plain data, with its whole policy."""
    return {
        "clinic": clinic.clinic,
        "stream": str(clinic.id),
        "organisation_number": clinic.organisation_number,
        "trade_name": clinic.trade_name,
        "account": clinic.account,
        "version": clinic.version,
        "policy": {name: getattr(clinic.policy, name) for name in ClinicPolicy.__struct_fields__},
    }
