"""``caseledger token`` and ``caseledger api-key``: what lets people and machines in."""

import os
from datetime import timedelta
from typing import Annotated, Final, cast, get_args

import msgspec
import typer
from rich.table import Table

from ledger.access import keys
from ledger.access.callers import EVERY_BOOK, Role
from ledger.access.tokens import ISSUER, LOCAL_VALID_FOR, LocalIssuer
from ledger.cli.database import database, home, open_ledger
from ledger.cli.exits import Exit, Failed
from ledger.cli.options import Book, Json
from ledger.cli.output import out, print_json, say

app = typer.Typer(no_args_is_help=True)

KEY_FILE: Final = "local-issuer.pem"
HOURS: Final = int(LOCAL_VALID_FOR / timedelta(hours=1))

RoleName = Annotated[str, typer.Option("--role", help=f"One of {', '.join(get_args(Role))}.")]
ClinicName = Annotated[
    str | None, typer.Option("--clinic", help="The clinic, for the role clinic.", metavar="CLINIC")
]


def local_issuer() -> LocalIssuer:
    """Our own issuer, with its key in the home."""
    return LocalIssuer.kept_in(home() / KEY_FILE)


def token(
    role: RoleName,
    book: Annotated[
        str, typer.Option("--book", help="The book it is for; * for all.", metavar="BOOK")
    ],
    clinic: ClinicName = None,
    subject: Annotated[str, typer.Option(help="Who it is, as the log will name him.")] = "local",
    hours: Annotated[int, typer.Option(help="How long it is good.", min=1, max=720)] = HOURS,
) -> None:
    """Print a token for the API of this machine, for trying it.

    Only a server without a real issuer (CASELEDGER_OIDC_ISSUER) takes it.
    """
    if os.environ.get(ISSUER):
        message = f"{ISSUER} names who issues tokens; ours would not be taken"
        raise Failed(message, Exit.USAGE)
    known = checked(role, clinic)
    if known == "clinic" and book == EVERY_BOOK:
        raise Failed("a clinic's token names its book", Exit.USAGE)
    valid_for = timedelta(hours=hours)
    minted = local_issuer().mint(
        role=known, book=book, clinic=clinic, subject=subject, valid_for=valid_for
    )
    say(f"A token for the role {role} in book {book}, good for {hours} hours:")
    out.print(minted)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is for, for the list.", metavar="NAME")],
    role: RoleName,
    book: Book = None,
    clinic: ClinicName = None,
    operation: Annotated[
        list[str] | None,
        typer.Option(help="An operation that it is for; again for more. Else all of the role's."),
    ] = None,
    days: Annotated[int, typer.Option(help="How long it is good.", min=1, max=3650)] = 365,
) -> None:
    """Make an API key for a machine. It is shown once, and kept nowhere."""
    known = checked(role, clinic)
    with database() as url:
        ledger = open_ledger(url, book)
        made = keys.create(
            ledger.engine,
            ledger.book,
            name=name,
            role=known,
            clinic=clinic,
            operations=operation or (),
            valid_for=timedelta(days=days),
        )
    say(f"The key {name!r} for the role {role} in book {ledger.book}, good for {days} days:")
    out.print(made)


@app.command("list")
def show_list(book: Book = None, json: Json = False) -> None:
    """The keys of a book, without their secrets."""
    with database() as url:
        ledger = open_ledger(url, book)
        found = keys.listed(ledger.engine, ledger.book)
    if json:
        print_json([msgspec.to_builtins(key) for key in found])
        return
    table = Table("Key", "Name", "Role", "Clinic", "Expires", "Last used", "Revoked", box=None)
    for key in found:
        times = (key.expires_at, key.last_used_at, key.revoked_at)
        shown = ("" if time is None else f"{time:%Y-%m-%d %H:%M}" for time in times)
        table.add_row(key.key, key.name, key.role, key.clinic or "", *shown)
    out.print(table)


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="The key's id, as the list shows it.", metavar="KEY")],
    book: Book = None,
) -> None:
    """End a key at once."""
    with database() as url:
        ledger = open_ledger(url, book)
        ended = keys.revoke(ledger.engine, ledger.book, key)
    if not ended:
        raise Failed(f"book {ledger.book} has no key {key} that is still good", Exit.USAGE)
    out.print(f"The key {key} is revoked.")


def checked(role: str, clinic: str | None) -> Role:
    """The role, if there is one of that name and the clinic goes with it. Raises ``Failed``."""
    if role not in get_args(Role):
        raise Failed(f"there is no role {role!r}: {', '.join(get_args(Role))}", Exit.USAGE)
    if (role == "clinic") != (clinic is not None):
        raise Failed("--clinic goes with the role clinic, and with no other", Exit.USAGE)
    return cast(Role, role)
