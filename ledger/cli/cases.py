"""``caseledger case``: one case, as it is or was."""

from typing import Annotated

import typer
from rich.table import Table

from ledger.application.views import case_view, entry_view
from ledger.cli.database import database, open_ledger
from ledger.cli.options import Book, EffectiveOn, Json, KnownAt, parse_date, parse_known_at
from ledger.cli.output import out, print_json
from ledger.wording.amounts import money
from ledger.wording.components import COMPONENTS

app = typer.Typer(no_args_is_help=True)

Reference = Annotated[str, typer.Argument(help="The case's number or id.", metavar="REF")]


@app.command()
def show(
    ref: Reference,
    book: Book = None,
    known_at: KnownAt = None,
    effective_on: EffectiveOn = None,
    json: Json = False,
) -> None:
    """What is owed on a case, and where it stands: now, or as known or in effect at a moment."""
    known, effective = parse_known_at(known_at), parse_date(effective_on, "--effective-on")
    with database() as url:
        ledger = open_ledger(url, book)
        id = ledger.find(ref)
        case = ledger.case(id, known_at=known, effective_on=effective)
        view = case_view(ledger.book, case, known_at=known, effective_on=effective)
    if json:
        print_json(view)
        return
    if case.state == "unknown":
        out.print(f"Case {ref} was not open yet on {effective}.")
        return
    currency = case.currency or "NOK"
    out.print(
        f"Case {view['reference']} of {view['creditor']}: {view['state']}, stage {view['stage']}",
        style="bold",
    )
    table = Table(box=None, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for component, amount in case.balance.items():
        table.add_row(COMPONENTS[component][1], money(amount, currency, "en"))
    table.add_row("outstanding", money(case.outstanding, currency, "en"), style="bold")
    if case.overpaid:
        table.add_row("overpaid", money(case.overpaid, currency, "en"))
    out.print(table)
    if case.holds:
        out.print("Holds: " + ", ".join(sorted(case.holds)))


@app.command()
def history(
    ref: Reference,
    book: Book = None,
    known_at: KnownAt = None,
    language: Annotated[str, typer.Option(help="nb or en.")] = "en",
    json: Json = False,
) -> None:
    """Everything that happened on a case, in the order in which it was recorded."""
    if language not in {"nb", "en"}:
        raise typer.BadParameter("nb or en", param_hint="--language")
    known = parse_known_at(known_at)
    with database() as url:
        ledger = open_ledger(url, book)
        entries = ledger.history(ledger.find(ref), known_at=known)
        currency = ledger.recorder.currency()
    views = [entry_view(entry, currency) for entry in entries]
    if json:
        print_json(views)
        return
    table = Table("Position", "Date", "What", "Who", box=None)
    for view in views:
        who = f"{view['actor']} ({view['channel']})"
        table.add_row(str(view["position"]), view["value_date"], view["line"][language], who)
    out.print(table)
