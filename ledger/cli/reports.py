"""``caseledger report``: totals of a book."""

import typer
from rich.table import Table

from ledger.cli.database import database, open_ledger
from ledger.cli.options import Book, Json
from ledger.cli.output import out, print_json, progress_bar
from ledger.projections.engine import Projector
from ledger.projections.journal import trial_balance
from ledger.wording.amounts import money

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Totals of a book."""


@app.command("trial-balance")
def show_trial_balance(book: Book = None, json: Json = False) -> None:
    """What each account of the book comes to; together they come to zero.

    Debits are positive. receivable.* is what debtors owe, claimed.* the same from the other
    side, bank.client_funds what came in, and liability.* to whom it belongs.
    """
    with database() as url:
        ledger = open_ledger(url, book)
        with progress_bar("Read models") as progress:
            position = Projector(ledger.engine).catch_up(ledger.book, progress)
        with ledger.engine.connect() as connection:
            accounts = trial_balance(connection, ledger.book)
        currency = ledger.recorder.currency()
    total = sum(accounts.values())
    if json:
        print_json(
            {
                "book": ledger.book,
                "position": position,
                "currency": currency,
                "accounts": accounts,
                "total": total,
            }
        )
        return
    table = Table("Account", box=None)
    table.add_column("Debit", justify="right")
    table.add_column("Credit", justify="right")
    for account, amount in accounts.items():
        text = money(abs(amount), currency, "en")
        table.add_row(account, *((text, "") if amount >= 0 else ("", text)))
    table.add_row("Total", money(total, currency, "en"), "", style="bold")
    out.print(table)
    out.print(f"Book {ledger.book} at position {position:,}.", markup=False)
