"""``caseledger people``: the vault of personal data.

Personal data come from files or are asked for, never from the command line: other users of the
machine can see that, and shells remember it.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar, get_args
from uuid import UUID

import msgspec
import typer

from ledger.application.ledger import Ledger, oslo_today
from ledger.cli.database import database, open_ledger, owner_url
from ledger.cli.exits import Exit, Failed
from ledger.cli.options import Book, Json
from ledger.cli.output import out, print_json, say
from ledger.cli.vault import (
    check_erasures,
    failed,
    kept_outside,
    open_vault,
    operator,
    people_keys,
    vault_engine,
)
from ledger.domain.personal import FIELDS as NAMES
from ledger.domain.personal import Field, HoldReason, LegalBasis, Person, Purpose, Retention
from ledger.domain.refusals import Refusal
from ledger.log.engine import connect
from ledger.people import erasure
from ledger.people.access_report import access_report as report_of
from ledger.people.cases import involvements
from ledger.people.erasure import Erased
from ledger.people.erasure_list import ErasureListDamaged
from ledger.people.keys import NoKeys
from ledger.people.rotation import rotate
from ledger.people.scrubbing import scrub as scrub_tables
from ledger.people.search import SEARCH_KINDS
from ledger.people.vault import Vault
from ledger.projections.engine import Projector
from ledger.projections.worklist import CaseRow, Filter
from ledger.projections.worklist import cases as cases_like
from ledger.wording.people import FIELDS, RETENTIONS, name_of
from ledger.wording.refusals import refusal_text

app = typer.Typer(no_args_is_help=True)

INPUT_MAX_CHARS: Final = 100_000
"""Many times what a person's data take."""

MOST_CASES: Final = 1_000
"""Of the people who are found: far more than anybody has."""

Outcome = TypeVar("Outcome")
Subject = Annotated[UUID, typer.Argument(help="The random id that events name.", metavar="SUBJECT")]
File = Annotated[str, typer.Argument(help="A file, or - for standard input.", metavar="FILE")]
Why = Annotated[
    str, typer.Option("--purpose", help="Why: " + ", ".join(get_args(Purpose)) + ". On record.")
]


@contextmanager
def _opened(book: str | None) -> Iterator[tuple[Vault, Ledger]]:
    with database() as url:
        check_erasures(url)
        ledger = open_ledger(url, book)
        vault = open_vault(url, ledger)
        try:
            yield vault, ledger
        except (NoKeys, ErasureListDamaged) as error:
            raise Failed(str(error)) from error
        finally:
            vault.engine.dispose()
            ledger.engine.dispose()


@app.command()
def add(
    file: File = "-",
    key: Annotated[
        str | None, typer.Option(help="A key under which it is done once, however often.")
    ] = None,
    book: Book = None,
    json: Json = False,
) -> None:
    """Take a person in, from JSON; prints the random id under which events may name them.

    {"name": …, "birth_date": "1980-03-12", "national_identity_number": …, "addresses":
    [{"lines": [...], "postcode": …, "place": …, "protection": "strictly_confidential"}],
    "phone": …, "email": …, "language": "nb", "preferred_channel": "sms"}; any may be left out.
    """
    person = _decoded(text_of(file), Person)
    with _opened(book) as (vault, _):
        subject = _done(vault.add(person, operator().actor, oslo_today(), key))
    if json:
        print_json({"subject": str(subject)})
    else:
        out.print(str(subject))


@app.command()
def show(
    subject: Subject,
    purpose: Why,
    book: Book = None,
    cleared: Annotated[
        bool, typer.Option("--cleared", help="Show protected addresses as well.")
    ] = False,
    json: Json = False,
) -> None:
    """What is known of a person. That you looked, when and why, is on record and theirs to ask."""
    with _opened(book) as (vault, _):
        view = _done(vault.read(subject, operator(cleared), one_of(Purpose, purpose, "--purpose")))
    if json:
        data = msgspec.to_builtins(view)
        data["erased"] = view.erased_at is not None
        if view.withheld is not None:
            data["withheld"]["text"] = refusal_text(view.withheld, "en")
        print_json(data)
        return
    shown = msgspec.to_builtins(view.person)
    for field, (_, name) in FIELDS.items():
        if shown[field]:
            out.print(f"{name}: {_shown(field, shown[field])}")
    if view.erased_at is not None:
        until = f", the rest kept until {view.kept_until}" if view.kept_until else ""
        out.print(f"{name_of(Person(), 'en')} ({view.erased_at:%Y-%m-%d}{until})")
    if view.withheld is not None:
        out.print(refusal_text(view.withheld, "en"))
    for retention in view.unreadable:
        out.print(f"{RETENTIONS[retention][1]}: the key is gone")


@app.command()
def find(
    kind: Annotated[str, typer.Argument(help="number, phone or name.", metavar="KIND")],
    purpose: Why,
    file: File = "-",
    cases: Annotated[
        bool, typer.Option("--cases", help="And the cases on which they owe.")
    ] = False,
    book: Book = None,
    json: Json = False,
) -> None:
    """Find people by national identity number, by phone, or by name and date of birth.

    Reads the number from the file; or the name, and on a second line the date of birth.
    Each person found is on record as having been looked for.
    """
    kinds = dict(zip(("number", "phone", "name"), SEARCH_KINDS, strict=True))
    if kind not in kinds:
        raise Failed(f"{kind!r} can't be searched by: {', '.join(kinds)}", Exit.USAGE)
    given = text_of(file).splitlines()
    with _opened(book) as (vault, ledger):
        found = vault.find(
            _entry(vault, kind, given), operator(), one_of(Purpose, purpose, "--purpose")
        )
        owing = _cases(ledger, found) if cases else []
    if json:
        data: dict[str, Any] = {"subjects": [str(subject) for subject in found]}
        if cases:
            data["cases"] = [
                {"subject": row.debtor, "reference": row.reference, "creditor": row.creditor,
                 "state": row.state, "stage": row.stage}
                for row in owing
            ]  # fmt: skip
        print_json(data)
        return
    for subject in found:
        out.print(str(subject))
        for row in owing:
            if row.debtor == str(subject):
                out.print(f"  {row.reference} of {row.creditor}: {row.state}, stage {row.stage}")
    if not found:
        say("Nobody is found.")


@app.command()
def correct(
    subject: Subject,
    file: File = "-",
    book: Book = None,
    cleared: Annotated[
        bool, typer.Option("--cleared", help="Replace protected addresses as well.")
    ] = False,
    json: Json = False,
) -> None:
    """Put right what is known of a person, from JSON as for `add`; what it replaces is gone.

    What is left out stays as it is; null takes a value away, [] the addresses. It is on record.
    """
    text = text_of(file)
    new, named = _decoded(text, Person), msgspec.json.decode(text)
    if not named:
        raise Failed("name at least one field", Exit.USAGE)
    changes = {field: getattr(new, field) for field in NAMES if field in named}
    with _opened(book) as (vault, _):
        _done(vault.change(subject, changes, operator(cleared), oslo_today()))
    if json:
        print_json({"subject": str(subject), "changed": list(changes)})
    else:
        out.print(f"Put right: {', '.join(FIELDS[field][1] for field in changes)}.")


@app.command()
def note(subject: Subject, file: File = "-", book: Book = None, json: Json = False) -> None:
    """Keep a note about a person; one with health data or identity numbers in it is refused."""
    text = text_of(file).strip()
    with _opened(book) as (vault, _):
        kept = _done(vault.write_note(subject, text, operator().actor))
    if json:
        print_json({"note": str(kept)})
    else:
        out.print(f"Kept as {kept}.")


@app.command()
def hold(
    subject: Subject,
    reason: Annotated[str, typer.Argument(help=", ".join(get_args(HoldReason)), metavar="REASON")],
    book: Book = None,
    json: Json = False,
) -> None:
    """Keep everything of a person from being erased."""
    with _opened(book) as (vault, _):
        reason_given: HoldReason = one_of(HoldReason, reason, "REASON")
        placed = _done(vault.place_hold(subject, reason_given, operator().actor))
    if json:
        print_json({"hold": str(placed)})
    else:
        out.print(f"Held under {placed}.")


@app.command()
def release(
    subject: Subject,
    hold: Annotated[UUID, typer.Argument(help="The hold's id.", metavar="HOLD")],
    book: Book = None,
) -> None:
    """Let a hold go."""
    with _opened(book) as (vault, _):
        if not vault.release_hold(subject, hold, operator().actor):
            raise Failed(f"there is no hold {hold} to release", Exit.USAGE)
    out.print("Released.")


@app.command()
def erase(
    subject: Annotated[
        UUID | None, typer.Argument(help="Whom; or leave it out for --due.", metavar="SUBJECT")
    ] = None,
    legal_basis: Annotated[
        str, typer.Option(help="Why: " + ", ".join(get_args(LegalBasis)) + ".")
    ] = "asked_by_the_person",
    due: Annotated[
        bool, typer.Option("--due", help="All of whom the law keeps nothing any more.")
    ] = False,
    book: Book = None,
    json: Json = False,
) -> None:
    """Erase a person: contact data, notes and third parties' data now, the rest when it may go.

    What bookkeeping law still needs is kept, and said until when. Doing it twice does no harm.
    """
    if (subject is None) is not due:
        raise Failed("name a subject, or say --due", Exit.USAGE)
    basis: LegalBasis = one_of(LegalBasis, legal_basis, "--legal-basis")
    today = oslo_today()
    with _opened(book) as (vault, ledger):
        if subject is not None:
            done = [_done(_erased(vault, ledger, subject, basis, today))]
        else:
            outcomes = [
                (found, _erased(vault, ledger, found, "retention_ended", today))
                for found in erasure.due(vault.engine, vault.book, today)
            ]
            done = [outcome for _, outcome in outcomes if isinstance(outcome, Erased)]
            for found, outcome in outcomes:
                if isinstance(outcome, Refusal):
                    say(f"{found}: {refusal_text(outcome, 'en')}")
    if json:
        data = msgspec.to_builtins(done)
        print_json(data if due else data[0])
        return
    for outcome in done:
        kept = ""
        if outcome.kept:
            kept = f"; {_names(outcome.kept)} kept until {outcome.kept_until} under bookkeeping law"
        again = " (nothing was left to do)" if outcome.repeated else ""
        out.print(f"{outcome.subject}: erased {_names(outcome.erased)}{kept}{again}.")
    say("`caseledger people scrub` removes their bytes from the database's files as well.")


@app.command("access-report")
def access_report(
    subject: Subject,
    book: Book = None,
    language: Annotated[str, typer.Option(help="nb or en.")] = "nb",
    cleared: Annotated[
        bool, typer.Option("--cleared", help="Show protected addresses as well.")
    ] = False,
    json: Json = False,
) -> None:
    """All that is kept about a person, in words, to be handed to them (GDPR article 15)."""
    if language not in {"nb", "en"}:
        raise typer.BadParameter("nb or en", param_hint="--language")
    with _opened(book) as (vault, ledger):
        report = _done(
            report_of(
                vault,
                ledger,
                subject,
                operator(cleared),
                "nb" if language == "nb" else "en",
                oslo_today(),
            )
        )
    if json:
        print_json(msgspec.to_builtins(report))
    else:
        out.print(str(report))


@app.command("rotate-key")
def rotate_key(
    keep_days: Annotated[
        int,
        typer.Option(
            help="Destroy generations that were retired so many days ago: backups that are older"
            " can't be read from then on.",
            min=0,
        ),
    ] = 90,
    json: Json = False,
) -> None:
    """Take a new key-encryption key into use. No data are touched, and nobody has to wait."""
    with database() as url:
        engine = vault_engine(url)
        try:
            done = rotate(engine, people_keys(), oslo_today(), keep_days)
        finally:
            engine.dispose()
    if json:
        print_json(msgspec.to_builtins(done))
        return
    out.print(f"Generation {done.generation} is in use; {done.rewrapped:,} keys were wrapped anew.")
    if done.unreadable:
        say(f"{done.unreadable:,} keys can't be unwrapped any more: their generation is gone.")
    for name in done.destroyed:
        out.print(f"Generation {name} has been destroyed.")


@app.command("replay-erasures")
def replay_erasures(json: Json = False) -> None:
    """After a restore: erase again what had been erased, by the list outside the database."""
    with database() as url:
        engine, log = vault_engine(url), connect(url)
        try:
            done = erasure.replay(engine, log, kept_outside())
        except ErasureListDamaged as error:
            raise Failed(str(error)) from error
        finally:
            engine.dispose()
            log.dispose()
    if json:
        print_json({"erased_again": len(done.erased), "recorded": len(done.recorded)})
    else:
        out.print(f"{len(done.erased):,} erasures were carried out again.")
        if done.recorded:
            out.print(f"{len(done.recorded):,} were not in the log, and are now.")


@app.command()
def scrub() -> None:
    """Remove the bytes of what was erased from the database's files, as the tables' owner."""
    with database() as url:
        engine = connect(owner_url(url), role=None)
        scrub_tables(engine)
        engine.dispose()
    out.print("The vault's tables have been written anew.")


def _erased(
    vault: Vault, ledger: Ledger, subject: UUID, basis: LegalBasis, today: date
) -> Erased | Refusal:
    return erasure.erase(
        vault.engine,
        ledger,
        kept_outside(),
        subject,
        involvements(ledger, subject),
        legal_basis=basis,
        actor=operator().actor,
        now=datetime.now(UTC),
        today=today,
    )


def _cases(ledger: Ledger, subjects: list[UUID]) -> list[CaseRow]:
    """The cases on which subjects owe, oldest first."""
    Projector(ledger.engine).catch_up(ledger.book)
    wanted = Filter(debtors=tuple(map(str, subjects)))
    with ledger.engine.connect() as connection:
        return cases_like(connection, ledger.book, wanted, after=0, limit=MOST_CASES)


def _done(outcome: Outcome | Refusal) -> Outcome:
    if isinstance(outcome, Refusal):
        raise failed(outcome)
    return outcome


def text_of(file: str) -> str:
    """What a file or standard input holds."""
    try:
        with sys.stdin if file == "-" else Path(file).open(encoding="utf-8") as source:
            text = source.read(INPUT_MAX_CHARS + 1)
    except UnicodeDecodeError as error:
        raise Failed(f"{file} is no text in UTF-8", Exit.FILE) from error
    if len(text) > INPUT_MAX_CHARS:
        raise Failed(f"{file} is too long", Exit.FILE)
    return text


def _decoded(text: str, type: type[Person]) -> Person:
    try:
        return msgspec.json.decode(text, type=type)
    except msgspec.MsgspecError as error:
        # Messages name the place and what is expected there; this one also what was found.
        said = re.sub(r"Invalid enum value .*? - at", "Invalid value - at", str(error))
        raise Failed(f"no such person can be kept: {said}", Exit.FILE) from None


def _entry(vault: Vault, kind: str, given: list[str]) -> Any:
    try:
        if kind == "name":
            return vault.search.name_and_birth_date(given[0], date.fromisoformat(given[1].strip()))
        by: Callable[[str], Any] = vault.search.number if kind == "number" else vault.search.phone
        return by(given[0])
    except (IndexError, ValueError) as error:
        lines = "the name, and 1980-03-12 on a second line" if kind == "name" else f"the {kind}"
        raise Failed(f"standard input or the file must hold {lines}", Exit.USAGE) from error


def one_of(choices: Any, given: str, option: str) -> Any:
    """A member of a closed list. Raises ``BadParameter``."""
    if given not in get_args(choices):
        raise typer.BadParameter(", ".join(get_args(choices)), param_hint=option)
    return given


def _shown(field: Field, value: Any) -> str:
    if field != "addresses":
        return str(value)
    return "; ".join(
        ", ".join([*a["lines"], *filter(None, (a["postcode"], a["place"])), a["country"]])
        for a in value
    )


def _names(retentions: tuple[Retention, ...]) -> str:
    return ", ".join(RETENTIONS[retention][1] for retention in retentions)
