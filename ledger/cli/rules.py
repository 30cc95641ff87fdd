"""``caseledger rules``: the dated tables of fees, rates and legal regimes."""

from datetime import date, time
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.table import Table as Printed

from ledger.application.ledger import oslo_today
from ledger.cli.exits import Exit, Failed
from ledger.cli.options import Json, parse_date
from ledger.cli.output import out, print_json, say
from ledger.domain.rates import Band, BasisPoints, Hours, Ore, Rates, Regime, Row, Table
from ledger.rules.coverage import coverage, table_named
from ledger.rules.loader import FILES, REGIMES, load
from ledger.rules.plain import plain
from ledger.wording.amounts import money

app = typer.Typer(no_args_is_help=True)

Tables = Annotated[
    Path | None,
    typer.Option(help="A folder of tables, instead of those that ship.", metavar="FOLDER"),
]


@app.callback()
def _group() -> None:
    """The dated tables of fees, rates and legal regimes."""


@app.command()
def check(
    on: Annotated[
        str | None, typer.Option(help="The day to ask about; else today.", metavar="DATE")
    ] = None,
    tables: Tables = None,
    json: Json = False,
) -> int:
    """Which days each table covers, how sure it is, and whether a day can be decided.

    Ends with code 1 if a table has nothing for the day, and says which.
    """
    day = parse_date(on, "--on") or oslo_today()
    rates = load(tables)
    found = coverage(rates, day)
    missing = [c.table for c in found if not c.covers]
    if json:
        regime = rates.regime(day).code if day >= rates.first_regime_from else None
        print_json(
            {
                "on": day,
                "covered": not missing,
                "missing": missing,
                "reviewed_through": rates.reviewed_through,
                "regime": regime,
                "second_regime_from": rates.second_regime_from,
                "tables": msgspec.to_builtins(found),
            }
        )
    else:
        printed = Printed("Table", "By", "From", "Through", "Weakest", str(day), box=None)
        for c in found:
            known = "yes" if c.covers else "NOTHING"
            dates = (str(c.covered_from), str(c.covered_through))
            printed.add_row(c.table, c.by, *dates, c.weakest, known)
            for gap in c.unknown:
                stretch = (str(gap.valid_from), str(gap.valid_to))
                printed.add_row("", "unknown:", *stretch, "", gap.why)
        out.print(printed)
        out.print(_regimes_line(rates))
    if missing:
        say(f"Nothing for {day} in {', '.join(missing)}: what depends on them will be refused.")
    return Exit.FAILURE if missing else Exit.OK


@app.command()
def show(
    table: Annotated[str, typer.Argument(help="One of " + ", ".join((REGIMES, *FILES)) + ".")],
    tables: Tables = None,
    json: Json = False,
) -> None:
    """The rows of a table, or the figures of the regimes, each with its source."""
    rates = load(tables)
    if table == REGIMES:
        shown = [(regime.code, _figures(regime)) for regime in rates.regimes.values()]
        if json:
            print_json({REGIMES: {code: figures for code, figures in shown}})
            return
        for code, figures in shown:
            _print(code, figures)
        out.print(_regimes_line(rates))
        return
    if table not in FILES:
        known = ", ".join((REGIMES, *FILES))
        raise Failed(f"there is no table {table!r}: {known}", Exit.USAGE)
    found = table_named(rates, table)
    if json:
        print_json(
            {
                "table": found.name,
                "by": FILES[table].by,
                "reviewed_through": found.reviewed_through,
                "rows": [plain(row) for row in found.rows],
                "unknown": msgspec.to_builtins(found.unknown),
            }
        )
        return
    _print(table, _rows(found))
    for gap in found.unknown:
        out.print(f"Unknown from {gap.valid_from} through {gap.valid_to}: {gap.why}")
    out.print(f"By {FILES[table].by}; reviewed through {found.reviewed_through}.")


def _regimes_line(rates: Rates) -> str:
    second = rates.second_regime_from
    then = f"the act of 2026 from {second}" if second else "the act of 2026 is not in force"
    return (
        f"The act of 1988 from {rates.first_regime_from}; {then}."
        f" Reviewed through {rates.reviewed_through}."
    )


def _figures(regime: Regime) -> list[dict[str, Any]]:
    return [
        {
            "figure": figure,
            "is": plain(getattr(regime, figure)),
            "source": basis.source,
            "confidence": basis.confidence,
        }
        for figure, basis in regime.basis.items()
    ]


def _rows(table: Table[Any]) -> list[dict[str, Any]]:
    return [{name: getattr(row, name) for name in _names(row)} for row in table.rows]


def _names(row: Row) -> list[str]:
    """The days first, then what holds, then how we know."""
    names = [field.name for field in msgspec.structs.fields(row)]
    first, last = ["valid_from", "valid_to"], ["source", "confidence"]
    return [*first, *(n for n in names if n not in first + last), *last]


def _print(title: str, entries: list[dict[str, Any]]) -> None:
    printed = Printed(*(name.replace("_", " ") for name in entries[0]), title=title, box=None)
    for entry in entries:
        printed.add_row(*(_text(value) for value in entry.values()))
    out.print(printed)


def _text(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case Ore():
            return money(value, "NOK", "en")
        case BasisPoints():
            return f"{value // 100}.{value % 100:02d} %"
        case Band(up_to=None):
            return f"{value.times} above"
        case Band():
            return f"{value.times} up to {_text(value.up_to)}"
        case Hours():
            return str(plain(value))
        case tuple() | list():
            return ", ".join(_text(each) for each in value)
        case dict():
            return ", ".join(f"{key} {_text(each)}" for key, each in value.items())
        case date() | time() | Fraction() | str() | int():
            return str(value)
        case _:
            raise TypeError(f"a table holds a {type(value).__name__}")
