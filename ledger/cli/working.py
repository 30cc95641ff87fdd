"""``caseledger tick``, ``caseledger due`` and ``caseledger case actions``: what is to be done."""

from datetime import date
from time import monotonic
from typing import Annotated
from uuid import UUID

import msgspec
import typer
from rich.table import Table

from ledger.application.ledger import Ledger
from ledger.application.ticking import Ticked
from ledger.application.ticking import tick as tick_ledger
from ledger.cli.database import database, open_ledger
from ledger.cli.options import Book, Json, parse_date
from ledger.cli.output import out, print_json, progress_bar
from ledger.domain.actions import Action, allowed_actions, next_step
from ledger.log.engine import connect
from ledger.projections.due_work import due_until
from ledger.projections.engine import Projector
from ledger.simulation.run import Simulation
from ledger.wording.refusals import refusal_text

DUE_SHOWN = 200

Day = Annotated[
    str | None,
    typer.Option("--on", help="The day, such as 2026-05-04; else today.", metavar="DATE"),
]
Reference = Annotated[str, typer.Argument(help="The case's number or id.", metavar="REF")]


def tick(
    as_of: Annotated[
        str | None, typer.Option(help="The day; else today in Oslo.", metavar="DATE")
    ] = None,
    book: Book = None,
    json: Json = False,
) -> None:
    """Carry out, or propose, what has fallen due; running it again does nothing twice."""
    with database() as url:
        ledger = open_ledger(url, book)
        day = parse_date(as_of, "--as-of") or ledger.today()
        if day > ledger.today():
            raise typer.BadParameter(f"{day} has not come yet", param_hint="--as-of")
        done = tick_book(ledger, day)
    if json:
        print_json(msgspec.to_builtins(done))
        return
    steps = sum(done.done.values())
    out.print(f"{done.cases} cases with something due, {steps} steps done, {done.events} events")
    table = Table("Step", "Done", box=None)
    for name, number in sorted(done.done.items()):
        table.add_row(name, str(number))
    for code, number in sorted(done.refused.items()):
        table.add_row(f"refused: {code}", str(number))
    if done.proposed:
        table.add_row("proposed", str(len(done.proposed)))
    out.print(table)


def tick_book(ledger: Ledger, day: date) -> Ticked:
    """A tick on read models that are up to date, which follow it."""
    projector = Projector(ledger.engine)
    projector.catch_up(ledger.book)

    def due_cases(until: date, limit: int, after: UUID | None) -> list[UUID]:
        with ledger.engine.connect() as connection:
            return [row.case for row in due_until(connection, ledger.book, until, limit, after)]

    done = tick_ledger(ledger, day, due_cases)
    projector.catch_up(ledger.book)
    return done


def simulate(
    cases: Annotated[int, typer.Option(help="How many cases.", min=1, max=1_000_000)] = 1000,
    months: Annotated[int, typer.Option(help="How many months.", min=1, max=60)] = 24,
    seed: Annotated[int, typer.Option(help="The same seed makes the same book.", min=0)] = 1,
    book: Annotated[str, typer.Option(help="A new book.")] = "simulated",
    json: Json = False,
) -> None:
    """Fill a new book with made-up cases that live through ordinary commands and ticks."""
    with database() as url:
        engine = connect(url)
        begun = monotonic()
        with progress_bar("Living") as progress:
            simulation = Simulation(engine, book, cases=cases, months=months, seed=seed)
            found = simulation.run(progress)
        seconds = monotonic() - begun
        engine.dispose()
    if json:
        print_json({**msgspec.to_builtins(found), "seconds": round(seconds, 2)})
        return
    rate = found.events / seconds
    out.print(
        f"{found.cases} cases over {found.days} days: {found.events} events in {seconds:.1f} s"
        f" ({rate:.0f} a second), {found.commands} wishes, {sum(found.refused.values())} refused"
    )
    table = Table("What", "How often", box=None)
    for kind, counts in (
        ("clock", found.steps),
        ("stage", found.stages),
        ("hold", found.holds),
        ("closed", found.closed),
        ("refused", found.refused),
    ):
        for name, number in sorted(counts.items()):
            table.add_row(f"{kind}: {name}", str(number))
    out.print(table)


def due(
    until: Annotated[
        str | None, typer.Option(help="Up to this day; else today in Oslo.", metavar="DATE")
    ] = None,
    book: Book = None,
    json: Json = False,
) -> None:
    """The cases on which something falls due, and what comes first on each."""
    with database() as url:
        ledger = open_ledger(url, book)
        day = parse_date(until, "--until") or ledger.today()
        Projector(ledger.engine).catch_up(ledger.book)
        with ledger.engine.connect() as connection:
            rows = due_until(connection, ledger.book, day, DUE_SHOWN)
    if json:
        print_json([row._asdict() for row in rows])
        return
    table = Table("Case", "Clinic", "Due on", "What", box=None)
    for row in rows:
        table.add_row(row.reference, row.creditor, str(row.due_on), row.name)
    out.print(table)


def actions(
    ref: Reference, book: Book = None, on: Day = None, language: str = "en", json: Json = False
) -> None:
    """What may be done with a case on a day, what may not yet and why, and what comes next."""
    if language not in {"nb", "en"}:
        raise typer.BadParameter("nb or en", param_hint="--language")
    with database() as url:
        ledger = open_ledger(url, book)
        day = parse_date(on, "--on") or ledger.today()
        case = ledger.case(ledger.find(ref))
        rules = ledger.rules_of(case.creditor)
        found = allowed_actions(case, day, rules)
        step = next_step(case, day, rules)
    if json:
        print_json({"actions": [action_view(a) for a in found], "next": step and step.name})
        return
    table = Table("Action", "Allowed", "From", "Why not", box=None)
    for action in found:
        why = ""
        if action.refusal is not None:
            why = refusal_text(action.refusal, "nb" if language == "nb" else "en")
        first = "" if action.earliest is None else action.earliest.isoformat()
        table.add_row(action.name, "yes" if action.allowed else "no", first, why)
    out.print(table)
    if step is not None:
        when = "not before something changes" if step.on is None else f"on {step.on}"
        out.print(f"Next by itself: {step.name}, {when}")


def action_view(action: Action) -> dict[str, object]:
    """An action as plain data."""
    refusal = action.refusal
    return {
        "action": action.name,
        "allowed": action.allowed,
        "refusal": None if refusal is None else msgspec.to_builtins(refusal),
        "earliest": None if action.earliest is None else action.earliest.isoformat(),
        "command": msgspec.to_builtins(action.command),
    }
