"""``caseledger migrate``, ``verify``, ``rebuild``, ``start``, ``stop`` and ``doctor``."""

import os
import platform
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from ledger.cli.database import (
    DATABASE_URL,
    check_schema,
    database,
    embedded,
    home,
    open_ledger,
    server,
    unreachable,
)
from ledger.cli.database import upgrade as upgrade_database
from ledger.cli.exits import Exit, Failed
from ledger.cli.options import Book, Json
from ledger.cli.output import out, print_json, progress_bar, say
from ledger.cli.signing import vouched_for
from ledger.cli.vault import erasures_to_replay, kept_outside, present_generation
from ledger.log.codec import UndecodableEvent
from ledger.log.engine import connect
from ledger.people.keys import NoKeys
from ledger.postgres.binaries import find_binaries
from ledger.postgres.errors import EmbeddedPostgresError
from ledger.projections import PROJECTIONS
from ledger.projections.engine import Projector
from ledger.projections.verification import Verification
from ledger.projections.verification import verify as verify_book


def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Only tell whether it is needed (exit code 6).")
    ] = False,
) -> None:
    """Bring the database to the schema that this program needs.

    Works as the owner of the schema: CASELEDGER_OWNER_DATABASE_URL, or else
    CASELEDGER_DATABASE_URL, or else the embedded server's own.
    """
    with server() as url:
        if check:
            check_schema(url)
            out.print("The database has the schema that this program needs.")
            return
        before, after = upgrade_database(url)
    if before == after:
        out.print(f"Nothing to do: the database is at {after}.")
    else:
        out.print(f"The database is at {after} now (before: {before or 'nothing'}).")


def verify(
    book: Book = None,
    from_checkpoint: Annotated[
        bool,
        typer.Option("--from-checkpoint", help="Begin where the newest trusted checkpoint ends."),
    ] = False,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="A file with a checkpoint that you hold.", metavar="FILE"),
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option(help="A verifier key to trust beside the signer's.", metavar="KEY"),
    ] = None,
    json: Json = False,
) -> int:
    """Compare the log with itself, its tree and checkpoints, and the read models with a replay.

    Positions without gaps, times that never run back, every entry's leaf, the tree above it,
    commands, names, every checkpoint that the database, the signer or you have; postings that
    sum to zero, and each row of each read model. Tells the first position that is wrong, and
    ends with code 3, if anything differs.
    """
    with database() as url:
        ledger = open_ledger(url, book)
        keys, anchors = vouched_for(ledger.book, checkpoint or (), key or ())
        since = None
        if from_checkpoint:
            end = ledger.recorder.head().position
            since = max((a for a in anchors if a.size <= end), default=None)
            if since is None:
                message = "no checkpoint is trusted here; name one with --checkpoint and --key"
                raise Failed(message, Exit.USAGE)
        # Read models that can't follow a damaged log are what verify is to tell of.
        with progress_bar("Read models") as progress, suppress(UndecodableEvent):
            Projector(ledger.engine).catch_up(ledger.book, progress)
        with progress_bar("Verifying") as progress:
            found = verify_book(
                ledger.engine, ledger.book, progress, anchors=anchors, keys=keys, since=since
            )
    if json:
        data = msgspec.to_builtins(found)
        data["ok"] = found.ok
        print_json(data)
    else:
        _tell(found)
    return Exit.OK if found.ok else Exit.INTEGRITY


def _tell(found: Verification) -> None:
    out.print(
        f"{found.cases:,} cases, {found.events:,} events, {found.differences:,} differences"
        f" in book {found.book} at position {found.position:,}",
    )
    if found.since:
        out.print(f"Taken for proved: positions up to {found.since:,}.")
    if found.checkpoints:
        out.print(f"Held against {found.checkpoints:,} checkpoints.")
    if found.first is not None:
        place = "" if found.first.position is None else f"position {found.first.position:,}: "
        out.print(f"First wrong: {place}{found.first.what}")
    for difference in found.listed:
        say(" ".join(f"{k}={v}" for k, v in msgspec.to_builtins(difference).items()))


def rebuild(
    projection: Annotated[
        str | None,
        typer.Argument(help="One of " + ", ".join(p.name for p in PROJECTIONS) + "; else all."),
    ] = None,
    json: Json = False,
) -> None:
    """Build read models anew from the log, beside the live ones, and switch when they are done."""
    known = [p.name for p in PROJECTIONS]
    if projection is not None and projection not in known:
        raise Failed(f"there is no read model {projection!r}: {', '.join(known)}", Exit.USAGE)
    with database() as url:
        engine = connect(url)
        with progress_bar("Rebuilding") as progress:
            applied = Projector(engine).rebuild(projection and [projection], progress)
    if json:
        print_json({"rebuilt": applied})
        return
    for name, events in applied.items():
        out.print(f"{name}: {events:,} events")


def start() -> None:
    """Start the embedded PostgreSQL and leave it running until `caseledger stop`.

    Other commands start it for themselves and stop it again when they are done.
    """
    try:
        connection = embedded().start()
    except EmbeddedPostgresError as error:
        raise Failed(str(error), Exit.DATABASE) from error
    state = "was running already" if connection.adopted else "is running"
    out.print(f"The embedded PostgreSQL {state}; `caseledger stop` ends it.")


def stop() -> None:
    """Stop the embedded PostgreSQL."""
    try:
        stopped = embedded().stop()
    except EmbeddedPostgresError as error:
        raise Failed(str(error), Exit.DATABASE) from error
    out.print("The embedded PostgreSQL has been stopped." if stopped else "It was not running.")


def doctor(json: Json = False) -> int:
    """Look at everything that the ledger needs here, and say what is missing."""
    checks: list[dict[str, Any]] = []

    def note(what: str, ok: bool, detail: str) -> None:
        checks.append({"check": what, "ok": ok, "detail": detail})

    note("caseledger", True, version("caseledger"))
    note("python", True, platform.python_version())
    named = bool(os.environ.get(DATABASE_URL))
    if not named:
        note("home", True, str(home()))
        try:
            binaries = find_binaries()
            note("postgresql binaries", True, f"{binaries.version} in {binaries.folder}")
        except EmbeddedPostgresError as error:
            note("postgresql binaries", False, str(error))
    try:
        with server() as url:
            engine = connect(url, role=None)
            with engine.connect() as connection:
                found = connection.execute(text("SHOW server_version")).scalar_one()
            note("database", True, f"PostgreSQL {found}")
            if not named:
                upgrade_database(url)
            check_schema(url)
            note("schema", True, "the newest")
            _check_books(url, note)
            _check_vault(url, note)
    except Failed as error:
        note("schema" if error.code is Exit.MIGRATION else "database", False, str(error))
    except OperationalError as error:
        note("database", False, unreachable(error))
    ok = all(check["ok"] for check in checks)
    if json:
        print_json({"ok": ok, "checks": checks})
    else:
        for check in checks:
            out.print(
                f"{'ok ' if check['ok'] else 'NO '} {check['check']}: {check['detail']}",
            )
    return Exit.OK if ok else Exit.FAILURE


def _check_vault(url: str, note: Any) -> None:
    listed = kept_outside()
    forgotten = erasures_to_replay(url)
    said = f"{listed.path}: all carried out"
    if forgotten:
        said = f"{forgotten:,} to be carried out again: `caseledger people replay-erasures`"
    note("erasures", not forgotten, said)
    # Only looked at: a key is made when the first person is taken in.
    try:
        generation = present_generation()
    except NoKeys as error:
        note("people key", False, str(error))
    else:
        note("people key", True, f"generation {generation}" if generation else "none needed yet")


def _check_books(url: str, note: Any) -> None:
    engine = connect(url)
    projector = Projector(engine)
    with engine.connect() as connection:
        heads = connection.execute(
            text("SELECT book, position FROM ledger.book_head ORDER BY book")
        ).all()
    for book, position in heads:
        behind = position - projector.position(book)
        detail = f"{position:,} events; read models {behind:,} behind"
        note(f"book {book}", True, detail)
