"""``caseledger import``: files into a book."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from ledger.application.ledger import Ledger
from ledger.cli.database import database
from ledger.cli.exits import Exit, Failed
from ledger.cli.options import Json
from ledger.cli.output import err, out, print_json, progress_bar, say
from ledger.files.mapping import load_mapping, shipped_mappings
from ledger.imports.histories import ImportReport, ImportStopped, import_histories
from ledger.log.engine import connect
from ledger.log.errors import BookMismatch
from ledger.log.recorder import book_names
from ledger.projections.engine import Projector
from ledger.projections.follower import following

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Bring files into a book."""


@app.command("xes")
def import_xes(
    file: Annotated[
        Path,
        typer.Argument(help="An event log: XES, plain, gzipped or zipped.", metavar="FILE"),
    ],
    mapping: Annotated[
        str,
        typer.Option(
            help="What its activities are in our words: a TOML file, or one of "
            + ", ".join(shipped_mappings())
        ),
    ],
    book: Annotated[str, typer.Option(help="The book to record it in; made if it is new.")],
    check: Annotated[
        bool, typer.Option("--check", help="Read and judge everything, record nothing.")
    ] = False,
    json: Json = False,
) -> int:
    """Record the case histories of an event log (XES, IEEE 1849).

    Each case is recorded whole or not at all, and once: the same file again changes nothing,
    and an import that was stopped is completed by running it again. Imported history is
    recorded as it was, and not judged by today's rules.
    """
    read_as = load_mapping(mapping)
    with database() as url:
        ledger = Ledger(connect(url), book)
        try:
            if not check or book in book_names(ledger.engine):
                ledger.recorder.create_book(read_as.currency)
        except BookMismatch as error:
            raise Failed(str(error), Exit.USAGE) from error
        stopped: ImportStopped | None = None
        with progress_bar("Reading", counts=False) as progress:
            try:
                if check:
                    report = import_histories(ledger, file, read_as, check=True, progress=progress)
                else:
                    with following(url, [book]):
                        report = import_histories(ledger, file, read_as, progress=progress)
            except ImportStopped as error:
                stopped, report = error, error.report
        if not check:
            with progress_bar("Read models") as progress:
                Projector(ledger.engine).catch_up(book, progress)
    _print(report, json, stopped)
    if stopped is not None:
        say(f"caseledger: {stopped}")
        return Exit.FILE
    return Exit.PARTIAL if report.cases_refused else Exit.OK


def _print(report: ImportReport, json: bool, stopped: ImportStopped | None) -> None:
    if json:
        data = msgspec.to_builtins(report)
        data["error"] = None
        if stopped is not None:
            error = stopped.error
            data["error"] = {
                "code": error.code,
                "file": error.file,
                "line": error.line,
                "case": error.case,
                "message": error.message,
            }
        print_json(data)
        return
    table = Table("Activity", box=None)
    for column in ("Read", "Recorded", "There already", "Refused"):
        table.add_column(column, justify="right")
    for activity, counts in sorted(report.activities.items()):
        table.add_row(activity, *(f"{counts[name]:,}" for name in counts))
    table.add_row(
        "All events",
        f"{report.events_read:,}",
        f"{report.events_recorded:,}",
        f"{report.events_already_recorded:,}",
        f"{report.events_refused:,}",
        style="bold",
    )
    table.add_row(
        "All cases",
        f"{report.cases:,}",
        f"{report.cases_recorded:,}",
        f"{report.cases_already_recorded:,}",
        f"{report.cases_refused:,}",
        style="bold",
    )
    out.print(table)
    for refused in report.refused:
        err.print(
            f"{report.file}, line {refused.line}, case {refused.case}: {refused.message}"
            f" ({refused.reason})",
        )
    if report.cases_refused > len(report.refused):
        say(f"… and {report.cases_refused - len(report.refused):,} more cases")
    if report.check:
        out.print(f"Checked only: nothing was recorded in {report.book}.")
    elif report.cases and report.cases == report.cases_already_recorded:
        out.print(f"Nothing new: {report.book} holds all of these cases already.")
    out.print(
        f"Book {report.book}, position {report.position:,}, {report.seconds:.1f} s.", markup=False
    )
