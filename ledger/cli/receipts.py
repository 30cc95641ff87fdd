"""``caseledger receipt``: money on the client account, and what it is for."""

from typing import Annotated
from uuid import UUID, uuid4

import typer
from rich.table import Table

from ledger.application.ledger import Ledger
from ledger.cli.database import database, open_ledger
from ledger.cli.exits import Exit, Failed
from ledger.cli.giving import Actor, CommandId, give, parse_amount
from ledger.cli.options import Book, Json, parse_date
from ledger.cli.output import out, print_json
from ledger.domain.commands import MatchReceipt, RegisterReceipt, ReturnReceipt
from ledger.projections.engine import Projector
from ledger.projections.receipts import receipts_in
from ledger.wording.amounts import money

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The receipt's name in the book.", metavar="RECEIPT")]
On = Annotated[
    str | None, typer.Option("--on", help="The day on which it counts; else today.", metavar="DATE")
]


@app.command()
def register(
    receipt: Name,
    account: Annotated[str, typer.Option(help="The client account.")],
    amount: Annotated[str, typer.Option(help="Such as 413.50.")],
    booked_on: Annotated[str, typer.Option(help="The bank's booking date.", metavar="DATE")],
    source_line: Annotated[str, typer.Option(help="The bank's own reference: counts once.")],
    kid: Annotated[str | None, typer.Option(help="The payer's reference.")] = None,
    ordered_on: Annotated[
        str | None, typer.Option(help="When the payer gave the order.", metavar="DATE")
    ] = None,
    actor: Actor = "operator:cli",
    on: On = None,
    book: Book = None,
    command_id: CommandId = None,
    json: Json = False,
) -> None:
    """The bank booked money; it pays the case of its KID, or waits for somebody."""
    with database() as url:
        ledger = open_ledger(url, book)
        booked = parse_date(booked_on, "--booked-on")
        assert booked is not None
        command = RegisterReceipt(
            on=parse_date(on, "--on") or ledger.today(),
            receipt=receipt,
            account=account,
            amount=parse_amount(amount, ledger.recorder.currency(), "--amount"),
            booked_on=booked,
            ordered_on=parse_date(ordered_on, "--ordered-on"),
            kid=kid,
            source_line=source_line,
        )
        give(ledger, uuid4(), command, actor=actor, command_id=command_id, json=json,
             done=f"Receipt {receipt} is registered")  # fmt: skip


@app.command()
def match(
    receipt: Name,
    case: Annotated[str, typer.Argument(help="The case's number or id.", metavar="CASE")],
    invoice: Annotated[str | None, typer.Option(help="The invoice that is meant.")] = None,
    actor: Actor = "operator:cli",
    on: On = None,
    book: Book = None,
    command_id: CommandId = None,
    json: Json = False,
) -> None:
    """Somebody found out what a receipt is for."""
    with database() as url:
        ledger = open_ledger(url, book)
        command = MatchReceipt(
            on=parse_date(on, "--on") or ledger.today(), case=ledger.find(case), invoice=invoice
        )
        give(ledger, _stream(ledger, receipt), command, actor=actor, command_id=command_id,
             json=json, done=f"Receipt {receipt} pays case {case}")  # fmt: skip


@app.command("return")
def give_back(
    receipt: Name,
    actor: Actor = "operator:cli",
    on: On = None,
    book: Book = None,
    command_id: CommandId = None,
    json: Json = False,
) -> None:
    """Pay a receipt back that is for nobody here."""
    with database() as url:
        ledger = open_ledger(url, book)
        command = ReturnReceipt(on=parse_date(on, "--on") or ledger.today())
        give(ledger, _stream(ledger, receipt), command, actor=actor, command_id=command_id,
             json=json, done=f"Receipt {receipt} is returned")  # fmt: skip


@app.command("list")
def list_receipts(
    all: Annotated[bool, typer.Option("--all", help="Matched and returned ones too.")] = False,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1)] = 1000,
    book: Book = None,
    json: Json = False,
) -> None:
    """The receipts that wait to be matched, oldest first, with their age in days."""
    with database() as url:
        ledger = open_ledger(url, book)
        Projector(ledger.engine).catch_up(ledger.book)
        with ledger.engine.connect() as connection:
            state = None if all else "queued"
            rows = receipts_in(connection, ledger.book, state=state, limit=limit)
        currency, today = ledger.recorder.currency(), ledger.today()
    if json:
        print_json([{**r._asdict(), "age_days": (today - r.booked_on).days} for r in rows])
        return
    table = Table("Receipt", "Booked", "Age", "Amount", "KID", "State", "Reason", box=None)
    for row in rows:
        table.add_row(
            row.receipt, row.booked_on.isoformat(), str((today - row.booked_on).days),
            money(row.amount, currency, "en"), row.kid or "", row.state, row.reason or "",
        )  # fmt: skip
    out.print(table)


def _stream(ledger: Ledger, receipt: str) -> UUID:
    stream = ledger.recorder.stream_named("receipt", receipt)
    if stream is None:
        raise Failed(f"book {ledger.book!r} has no receipt {receipt!r}", Exit.USAGE)
    return stream
