"""``caseledger case note`` and ``case notes``: what people wrote about a case.

The text comes from a file or standard input, never from the command line.
"""

from datetime import date
from typing import Annotated
from uuid import uuid4

import msgspec
import typer

from ledger.application.ledger import Ledger
from ledger.cli.cases import Reference
from ledger.cli.database import database, open_ledger
from ledger.cli.giving import Actor, CommandId, give
from ledger.cli.options import Book, Json, parse_date
from ledger.cli.output import out, print_json, say
from ledger.cli.people import File, Why, one_of, text_of
from ledger.cli.vault import check_erasures, failed, open_vault, operator
from ledger.domain.commands import TakeNote
from ledger.domain.personal import Purpose
from ledger.domain.refusals import Refusal
from ledger.people.case_notes import VaultTexts, notes_on


def note(
    ref: Reference,
    file: File = "-",
    actor: Actor = "agent:cli",
    name: Annotated[
        str | None, typer.Option(help="What the case calls the note; else a random name.")
    ] = None,
    on: Annotated[
        str | None, typer.Option(help="The day it counts from; else today.", metavar="DATE")
    ] = None,
    command_id: CommandId = None,
    book: Book = None,
    json: Json = False,
) -> None:
    """Take a note on a case: the log holds that there is one, the vault what it says.

    One with health data or identity numbers in it is refused, and not repeated.
    """
    text = text_of(file).strip()
    day: date | None = parse_date(on, "--on")
    with database() as url:
        check_erasures(url)
        ledger = open_ledger(url, book)
        vault = open_vault(url, ledger)
        ledger = Ledger(ledger.engine, ledger.book, texts=VaultTexts(lambda: vault))
        command = TakeNote(on=day or ledger.today(), note=name or f"note-{uuid4()}", text=text)
        give(
            ledger,
            ledger.find(ref),
            command,
            actor=actor,
            command_id=command_id,
            json=json,
            done=f"Note {command.note} taken",
        )


def notes(ref: Reference, purpose: Why, book: Book = None, json: Json = False) -> None:
    """What the notes on a case say. That you looked, when and why, is on record."""
    why: Purpose = one_of(Purpose, purpose, "--purpose")
    with database() as url:
        check_erasures(url)
        ledger = open_ledger(url, book)
        vault = open_vault(url, ledger)
        found = notes_on(vault, ledger, ledger.find(ref), operator(), why)
        vault.engine.dispose()
    if isinstance(found, Refusal):
        raise failed(found)
    if json:
        print_json(msgspec.to_builtins(found))
        return
    for one in found:
        said = "(erased)" if one.text is None else one.text
        out.print(f"{one.on}  {one.note}  {one.taken_by}: {said}")
    if not found:
        say("There are none.")
