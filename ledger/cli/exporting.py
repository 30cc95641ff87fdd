"""``caseledger export``: files out of a book."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, BinaryIO, Final, TypeVar

import typer

from ledger.application.ledger import Ledger
from ledger.cli.database import database, open_ledger
from ledger.cli.exits import Exit, Failed
from ledger.cli.options import Book
from ledger.cli.output import out, progress_bar
from ledger.cli.proving import tell_witnesses
from ledger.cli.signing import signer, signer_folder
from ledger.exports.histories import ocel, xes
from ledger.exports.journal import as_csv, as_xlsx, journal, trial_balance
from ledger.exports.log import Write, checkpoint_of, write_log
from ledger.exports.reading import Reading
from ledger.files.log_lines import write_json_lines
from ledger.files.log_parquet import check_installed, write_parquet
from ledger.files.whole import unpacked_suffix, whole_file
from ledger.proof.checkpoints import make_checkpoint
from ledger.proof.notes import Checkpoint, Note
from ledger.proof.witnesses import registered
from ledger.wording.amounts import Language

app = typer.Typer(no_args_is_help=True)

Out = Annotated[Path, typer.Option("--out", help="The file to write.", metavar="FILE")]
Force = Annotated[bool, typer.Option("--force", help="Replace the file, if it is there.")]
Clinic = Annotated[
    str | None, typer.Option(help="Of this clinic only.", metavar="CLINIC", show_default=False)
]
From = Annotated[int, typer.Option("--from", help="The first position.", min=1)]
To = Annotated[
    int | None,
    typer.Option("--to", help="The last position; else that of a new checkpoint.", min=1),
]

Format = TypeVar("Format")
WriteAll = Callable[[BinaryIO, Reading, Note], None]

LOG_FORMATS: Final[dict[str, Write]] = {".jsonl": write_json_lines, ".parquet": write_parquet}
SHEET_FORMATS: Final = {".csv": as_csv, ".xlsx": as_xlsx}


@app.callback()
def _group() -> None:
    """Files out of a book, as it is at one position, while it is in use.

    A file appears when all of it is written. The end of its name says what it is; with .gz behind
    that it is packed, where the format has no packing of its own.
    """


@app.command("log")
def export_log(
    out_file: Out,
    book: Book = None,
    clinic: Clinic = None,
    first: From = 1,
    last: Annotated[
        int | None,
        typer.Option("--to", help="The position of a checkpoint; else a new one is made.", min=1),
    ] = None,
    force: Force = False,
) -> None:
    """Every entry with the exact bytes that were hashed, and a signed checkpoint of them.

    .jsonl, .jsonl.gz or .parquet. verify_evidence.py checks .jsonl offline. With --clinic, the
    entries of others are hashes only, so that the checkpoint can be checked all the same.
    """
    write = _format(out_file, LOG_FORMATS)
    if write is write_parquet:
        check_installed()
    with database() as url:
        ledger = open_ledger(url, book)
        note = (
            _checkpoint(ledger) if last is None else checkpoint_of(ledger.engine, ledger.book, last)
        )
        last = Checkpoint.parse(note.text).size
        with progress_bar("Log") as progress, whole_file(out_file, replace=force) as file:
            reading = Reading(
                ledger.engine, ledger.book,
                first=first, last=last, clinic=clinic, progress=progress,
            )  # fmt: skip
            write_log(file, write, reading, note, signer().keys(ledger.book))
    _tell(out_file, ledger, first, last)


@app.command("xes")
def export_xes(
    out_file: Out, book: Book = None, clinic: Clinic = None, last: To = None, force: Force = False
) -> None:
    """Case histories as an XES log (IEEE 1849): a trace for each case.

    .xes or .xes.gz. Times are value dates, at midnight in Oslo; amounts are in the currency's own
    unit. What stands in no case (receipts, remittances, refusals) is not in it: see ocel.
    """
    _format(out_file, {".xes": xes})
    _export(out_file, book, clinic, 1, last, force, xes)


@app.command("ocel")
def export_ocel(
    out_file: Out, book: Book = None, clinic: Clinic = None, last: To = None, force: Force = False
) -> None:
    """Every entry as an event, and all that it concerns as objects (OCEL 2.0, as JSON).

    .json, .jsonocel, or one of these and .gz. Times are value dates, at midnight in Oslo; amounts
    are in the currency's own unit.
    """
    _format(out_file, {".json": ocel, ".jsonocel": ocel})
    _export(out_file, book, clinic, 1, last, force, ocel)


@app.command("journal")
def export_journal(
    out_file: Out,
    book: Book = None,
    clinic: Clinic = None,
    first: From = 1,
    last: To = None,
    language: Annotated[str, typer.Option(help="Of the text: nb or en.")] = "nb",
    force: Force = False,
) -> None:
    """Every posting, in order of position, with the event that it comes from.

    .csv, .csv.gz or .xlsx. debit and credit are in the currency's own unit; amount_minor is in its
    minor unit (øre), debit positive. A text that a spreadsheet would take for a formula has an
    apostrophe before it in .csv.
    """
    if language not in {"nb", "en"}:
        raise typer.BadParameter("choose nb or en", param_hint="--language")
    in_words: Language = "nb" if language == "nb" else "en"
    write = _format(out_file, SHEET_FORMATS)

    def write_all(file: BinaryIO, reading: Reading, note: Note) -> None:
        write(file, journal(reading, in_words), reading, note)

    _export(out_file, book, clinic, first, last, force, write_all)


@app.command("trial-balance")
def export_trial_balance(
    out_file: Out,
    book: Book = None,
    clinic: Clinic = None,
    first: From = 1,
    last: To = None,
    force: Force = False,
) -> None:
    """What each account comes to, added up from the log; with --from, what it moved since.

    .csv, .csv.gz or .xlsx. Units as in the journal.
    """
    write = _format(out_file, SHEET_FORMATS)

    def write_all(file: BinaryIO, reading: Reading, note: Note) -> None:
        write(file, trial_balance(reading), reading, note)

    _export(out_file, book, clinic, first, last, force, write_all)


def _export(
    out_file: Path,
    book: str | None,
    clinic: str | None,
    first: int,
    last: int | None,
    force: bool,
    write: WriteAll,
) -> None:
    """Write a file from the log up to a position, which continues what was signed before."""
    with database() as url:
        ledger = open_ledger(url, book)
        note = _checkpoint(ledger)
        last = Checkpoint.parse(note.text).size if last is None else last
        with progress_bar("Export") as progress, whole_file(out_file, replace=force) as file:
            reading = Reading(
                ledger.engine, ledger.book,
                first=first, last=last, clinic=clinic, progress=progress,
            )  # fmt: skip
            write(file, reading, note)
    _tell(out_file, ledger, first, last)


def _checkpoint(ledger: Ledger) -> Note:
    made = make_checkpoint(ledger.engine, ledger.book, signer(), registered(signer_folder()))
    tell_witnesses(made.witnesses)
    return made.note


def _format(file: Path, formats: dict[str, Format]) -> Format:
    """What the end of a name stands for."""
    found = formats.get(unpacked_suffix(file))
    if found is None:
        raise Failed(f"{file}: name a file that ends in {' or '.join(formats)}", Exit.USAGE)
    return found


def _tell(file: Path, ledger: Ledger, first: int, last: int) -> None:
    out.print(f"{file}: book {ledger.book}, positions {first:,} to {last:,}.")
