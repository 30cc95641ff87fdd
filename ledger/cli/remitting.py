"""``caseledger remit`` and the reports on client funds."""

from datetime import date
from typing import Annotated, Any

import msgspec
import typer
from rich.table import Table

from ledger.application.ledger import Ledger
from ledger.application.statements import RemittanceNotFound, remittance_statement
from ledger.cli.database import database, open_ledger
from ledger.cli.exits import Exit, Failed
from ledger.cli.giving import Actor, CommandId, give, parse_amount
from ledger.cli.options import Book, Json, parse_date
from ledger.cli.output import out, print_json
from ledger.domain.commands import Remit
from ledger.domain.reconciliation import Reconciliation
from ledger.domain.remittance import remittances_of
from ledger.projections.engine import Projector
from ledger.projections.reconciliation import reconciliation
from ledger.projections.refusals import refusals_in
from ledger.wording.amounts import money

Until = Annotated[
    str | None, typer.Option(help="The last day that counts; else today.", metavar="DATE")
]


def remit(
    clinic: Annotated[str, typer.Argument(help="The clinic's name in the book.")],
    remittance: Annotated[str, typer.Option("--name", help="A name for the remittance.")],
    until: Until = None,
    actor: Actor = "operator:cli",
    book: Book = None,
    command_id: CommandId = None,
    json: Json = False,
) -> None:
    """Pay out to a clinic what was received for it and not paid out yet."""
    with database() as url:
        ledger = open_ledger(url, book)
        Projector(ledger.engine).catch_up(ledger.book)
        today = ledger.today()
        command = Remit(
            on=today,
            remittance=remittance,
            clinic=clinic,
            until=parse_date(until, "--until") or today,
        )
        give(ledger, remittances_of(ledger.clinic(clinic).id), command, actor=actor,
             command_id=command_id, json=json,
             done=f"Remittance {remittance} to {clinic} is recorded")  # fmt: skip


def remittance(
    name: Annotated[str, typer.Argument(help="The remittance's name.", metavar="REMITTANCE")],
    book: Book = None,
    json: Json = False,
) -> None:
    """The statement of a remittance: claimed, paid, retained and net, case by case."""
    with database() as url:
        ledger = open_ledger(url, book)
        try:
            found = remittance_statement(ledger, name)
        except RemittanceNotFound as error:
            raise Failed(str(error), Exit.USAGE) from None
        currency = ledger.recorder.currency()
    if json:
        print_json({**found, "currency": currency})
        return
    out.print(f"Remittance {found['remittance']} to {found['clinic']}, account {found['account']},")
    out.print(f"paid {found['paid_on']}, received until {found['until']}")
    amounts = ("claimed", "paid", "principal", "interest", "costs", "retained", "net")
    table = Table("Case", box=None)
    for amount in amounts:
        table.add_column(amount.capitalize(), justify="right")
    table.add_column("Pay out by")
    for line in found["lines"]:
        told = (money(line[amount], currency, "en") for amount in amounts)
        table.add_row(line["reference"], *told, line["pay_out_by"] or "")
    total = (money(found[a], currency, "en") if a in found else "" for a in amounts)
    table.add_row("Total", *total, "", style="bold")
    out.print(table)


def client_funds(
    book: Book = None,
    until: Until = None,
    bank: Annotated[
        str | None,
        typer.Option(help="What the bank statement says then, such as 1234.50.", metavar="AMOUNT"),
    ] = None,
    json: Json = False,
) -> int:
    """Client funds reconciled: bank, ledger, liability and sub-ledgers must be the same.

    Ends with code 3 if two of them differ or a client's balance is below zero.
    """
    with database() as url:
        ledger = open_ledger(url, book)
        Projector(ledger.engine).catch_up(ledger.book)
        currency = ledger.recorder.currency()
        said = None if bank is None else parse_amount(bank, currency, "--bank")
        found = reconciled(ledger, parse_date(until, "--until") or ledger.today(), said)
    if json:
        print_json({"book": ledger.book, "currency": currency, **reconciliation_view(found)})
    else:
        _print(found, currency)
    return Exit.OK if found.agrees else Exit.INTEGRITY


def reconciled(ledger: Ledger, until: date, bank: int | None) -> Reconciliation:
    """The reconciliation, read in one snapshot."""
    snapshots = ledger.engine.execution_options(isolation_level="REPEATABLE READ")
    with snapshots.connect() as connection:
        return reconciliation(connection, ledger.book, until, bank)


def reconciliation_view(found: Reconciliation) -> dict[str, Any]:
    """All figures as plain data, in minor units."""
    data: dict[str, Any] = msgspec.to_builtins(found)
    return {
        **data,
        "liability": found.liability,
        "subledgers": found.subledgers,
        "negative": [client.clinic for client in found.negative],
        "differences": msgspec.to_builtins(found.differences),
        "agrees": found.agrees,
    }


def refusals(
    book: Book = None,
    case: Annotated[str | None, typer.Option(help="Of one case only.", metavar="REF")] = None,
    code: Annotated[str | None, typer.Option(help="With this code only.")] = None,
    after: Annotated[int, typer.Option(help="After this position of the log.", min=0)] = 0,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1)] = 1000,
    json: Json = False,
) -> None:
    """What was asked of cases and refused, oldest first."""
    with database() as url:
        ledger = open_ledger(url, book)
        Projector(ledger.engine).catch_up(ledger.book)
        of = None if case is None else ledger.find(case)
        with ledger.engine.connect() as connection:
            rows = refusals_in(
                connection, ledger.book, case=of, code=code, after=after, limit=limit
            )
    if json:
        print_json([row._asdict() for row in rows])
        return
    table = Table("Position", "Case", "Asked", "By", "Command", "Code", "Earliest", box=None)
    for row in rows:
        table.add_row(
            str(row.position), str(row.stream), row.recorded_at.isoformat(timespec="minutes"),
            row.actor, row.command, row.code, str(row.earliest or ""),
        )  # fmt: skip
    out.print(table)


def _print(found: Reconciliation, currency: str) -> None:
    def told(amount: int | None) -> str:
        return "not said" if amount is None else money(amount, currency, "en")

    out.print(f"Client funds at the end of {found.until}")
    table = Table("", box=None, show_header=False)
    table.add_column(justify="right")
    table.add_row("1 bank statement", told(found.bank))
    table.add_row("2 ledger, bank.client_funds", told(found.ledger))
    for name, amount in found.liabilities.items():
        table.add_row(f"  {name}", told(amount))
    table.add_row("3 liabilities together", told(found.liability))
    for client in found.clients:
        table.add_row(f"  {client.clinic}", told(client.amount))
        table.add_row("    our remuneration out of its cases", told(client.retained))
        if client.overdue:
            table.add_row("    should have been paid out", told(client.overdue))
    table.add_row("  overpaid by debtors", told(found.overpaid))
    for receipt in found.unidentified:
        age = f"{receipt.age_days} days, {receipt.reason or 'no reason'}"
        table.add_row(f"  unidentified: {receipt.receipt} ({age})", told(receipt.amount))
    table.add_row("4 sub-ledgers together", told(found.subledgers))
    for difference in found.differences:
        why = f" ({difference.because})" if difference.because else ""
        table.add_row(f"difference {difference.between}{why}", told(difference.difference))
    for client in found.negative:
        table.add_row(f"BELOW ZERO: {client.clinic}", told(client.amount))
    out.print(table)
