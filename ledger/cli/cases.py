"""``caseledger case``: one case, as it is or was."""

from datetime import date
from typing import Annotated, cast, get_args

import typer
from rich.table import Table

from ledger.application.explaining import explanation_view, guides_view, plan_view
from ledger.application.views import case_view, entry_view
from ledger.cli.database import database, open_ledger
from ledger.cli.exits import Exit, Failed
from ledger.cli.options import Book, EffectiveOn, Json, KnownAt, parse_date, parse_known_at
from ledger.cli.output import out, print_json
from ledger.domain.conversations import conversations
from ledger.domain.events import Component
from ledger.domain.explanation import explain as explained
from ledger.domain.plans import simulate_plan as simulated
from ledger.domain.refusals import Refusal
from ledger.wording.amounts import Language, money
from ledger.wording.components import COMPONENTS
from ledger.wording.conversations import guide_text
from ledger.wording.explanations import explanation_text
from ledger.wording.people import ERASED
from ledger.wording.plans import plan_text
from ledger.wording.refusals import refusal_text

app = typer.Typer(no_args_is_help=True)

Reference = Annotated[str, typer.Argument(help="The case's number or id.", metavar="REF")]
Words = Annotated[str, typer.Option("--language", help="nb or en.")]
On = Annotated[
    str | None,
    typer.Option("--on", help="The day that is asked about, instead of today.", metavar="DATE"),
]


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
        view = case_view(
            ledger.book,
            case,
            on=ledger.today(),
            rules=ledger.rules_of(case.creditor),
            known_at=known,
            effective_on=effective,
        )
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
    if case.debtor_erased is not None:
        kept = case.debtor_erased.kept_until
        until = f", the rest kept until {kept}" if kept else ""
        out.print(f"Debtor: {ERASED[1]} ({case.debtor_erased.on}{until})")
    table = Table(box=None, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for component, amount in case.balance.items():
        table.add_row(COMPONENTS[component][1], money(amount, currency, "en"))
    table.add_row("outstanding", money(case.outstanding, currency, "en"), style="bold")
    if case.overpaid:
        table.add_row("overpaid", money(case.overpaid, currency, "en"))
    out.print(table)
    if view["interest_running"]:
        running = money(view["interest_running"], currency, "en")
        out.print(f"Interest running until {view['on']}: {running}")
    if view["holds"]:
        out.print("Holds: " + ", ".join(view["holds"]))


@app.command()
def history(
    ref: Reference,
    book: Book = None,
    known_at: KnownAt = None,
    language: Words = "en",
    json: Json = False,
) -> None:
    """Everything that happened on a case, in the order in which it was recorded."""
    words = _language(language)
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
        table.add_row(str(view["position"]), str(view["value_date"]), view["line"][words], who)
    out.print(table)


@app.command()
def explain(
    ref: Reference,
    book: Book = None,
    component: Annotated[
        str | None,
        typer.Option(help="One component only, such as interest.", metavar="COMPONENT"),
    ] = None,
    known_at: KnownAt = None,
    effective_on: EffectiveOn = None,
    on: On = None,
    language: Words = "nb",
    json: Json = False,
) -> None:
    """Why the balance is what it is, in words to read out: fees, interest, payments and rules.

    Interest is counted up to the day of --on: without it, to that of --effective-on, or today.
    """
    known, effective = parse_known_at(known_at), parse_date(effective_on, "--effective-on")
    words, part = _language(language), _component(component)
    with database() as url:
        ledger = open_ledger(url, book)
        id = ledger.find(ref)
        rules = ledger.rules_of(ledger.case(id).creditor)
        entries = ledger.history(id, known_at=known)
        if effective is not None:
            entries = [entry for entry in entries if entry.event.value_date <= effective]
        day = parse_date(on, "--on") or effective or ledger.today()
        explanation = explained(entries, day, rules)
        view = explanation_view(ledger.book, explanation, component=part)
    if json:
        print_json(view)
        return
    for line in explanation_text(explanation, words, component=part):
        out.print(line)


@app.command()
def simulate_plan(
    ref: Reference,
    instalments: Annotated[
        int | None, typer.Option(help="How many instalments.", metavar="N")
    ] = None,
    monthly: Annotated[
        int | None, typer.Option(help="Or how much a month, in øre.", metavar="AMOUNT")
    ] = None,
    first: Annotated[
        str | None, typer.Option(help="When the first instalment is due.", metavar="DATE")
    ] = None,
    book: Book = None,
    on: On = None,
    language: Words = "nb",
    json: Json = False,
) -> None:
    """What paying in instalments would cost, beside paying on the day. Nothing is recorded."""
    words, begins = _language(language), parse_date(first, "--first")
    if begins is None:
        raise typer.BadParameter("when is the first instalment due?", param_hint="--first")
    if (instalments is None) == (monthly is None):
        raise typer.BadParameter("either this or --monthly", param_hint="--instalments")
    with database() as url:
        ledger = open_ledger(url, book)
        case = ledger.case(ledger.find(ref))
        day = parse_date(on, "--on") or ledger.today()
        plan = simulated(
            case,
            day,
            ledger.rules_of(case.creditor),
            first=begins,
            instalments=instalments,
            monthly=monthly,
        )
    currency = case.currency or "NOK"
    if isinstance(plan, Refusal):
        raise Failed(refusal_text(plan, words, currency), Exit.FAILURE)
    if json:
        print_json(plan_view(ledger.book, case, plan))
        return
    for line in plan_text(plan, words, currency):
        out.print(line)


@app.command()
def guide(
    ref: Reference,
    book: Book = None,
    on: On = None,
    language: Words = "nb",
    json: Json = False,
) -> None:
    """The conversations that fit a case: what to check, to say, to do, and not to say."""
    words = _language(language)
    with database() as url:
        ledger = open_ledger(url, book)
        case = ledger.case(ledger.find(ref))
        day: date = parse_date(on, "--on") or ledger.today()
        guides = conversations(case, day, ledger.rules_of(case.creditor))
    currency = case.currency or "NOK"
    if json:
        print_json(guides_view(ledger.book, case, day, guides))
        return
    for one in guides:
        heading, *lines = guide_text(one, words, currency)
        out.print(heading, style="bold")
        for line in lines:
            out.print(f"  {line}")


def _language(language: str) -> Language:
    if language not in get_args(Language):
        raise typer.BadParameter("nb or en", param_hint="--language")
    return cast(Language, language)


def _component(component: str | None) -> Component | None:
    if component is None or component in COMPONENTS:
        return component
    raise typer.BadParameter(f"one of {', '.join(COMPONENTS)}", param_hint="--component")
