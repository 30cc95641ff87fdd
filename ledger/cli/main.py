"""The ``caseledger`` command: its parts, and how it ends."""

import os
import sys
from collections.abc import Callable

import typer
from eventsourcing.persistence import OperationalError, PersistenceError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import OperationalError as ConnectionFailed
from typer.exceptions import TyperException

from ledger.access.tokens import SettingsError
from ledger.application.ledger import CaseNotFound, ClinicNotFound, NotKnown
from ledger.cli import (
    access,
    cases,
    clinics,
    exporting,
    importing,
    notes,
    people,
    proving,
    receipts,
    remitting,
    reports,
    rules,
    serving,
    upkeep,
    working,
)
from ledger.cli.database import unreachable
from ledger.cli.exits import Exit, Failed
from ledger.cli.output import say, secure_streams
from ledger.exports.reading import NoSuchPosition
from ledger.files.mapping import MappingError
from ledger.files.whole import CannotWrite
from ledger.log.errors import LogError, SchemaMissing
from ledger.people.keys import NoKeys
from ledger.people.sealing import CannotOpen
from ledger.postgres.errors import EmbeddedPostgresError
from ledger.processes import ChildDied, keep_many_objects
from ledger.projections.engine import RebuildRunning
from ledger.proof.keys import BadKey
from ledger.proof.notes import BadNote
from ledger.proof.signer import SignerRefusal
from ledger.rules.loader import RulesError

DEBUG = "CASELEDGER_DEBUG"

EPILOG = (
    "Exit codes: 0 done · 1 failed · 2 wrong usage or no such book or case · 3 verify found a"
    " difference, or the log does not continue what was signed · 5 database not reachable"
    " · 6 migration needed · 7 some cases of an import were refused · 8 a file can't be read"
    " (to its end) · 130 interrupted."
)

app = typer.Typer(
    name="caseledger",
    help="The case ledger of unpaid patient invoices.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(importing.app, name="import", help="Bring files into a book.")
app.add_typer(exporting.app, name="export")
app.add_typer(cases.app, name="case", help="One case: its state and its history.")
app.add_typer(clinics.app, name="clinic", help="Clinics, their policies and their accounts.")
app.add_typer(receipts.app, name="receipt", help="Money on the client account.")
app.add_typer(people.app, name="people", help="The vault of personal data.")
app.add_typer(reports.app, name="report", help="Totals of a book.")
app.add_typer(rules.app, name="rules", help="Fees, rates and legal regimes by date.")
reports.app.command("client-funds")(remitting.client_funds)
reports.app.command()(remitting.remittance)
reports.app.command()(remitting.refusals)
app.command()(remitting.remit)
app.add_typer(proving.keys, name="key", help="The keys that checkpoints are signed by.")
app.add_typer(proving.witness, name="witness", help="Cosign checkpoints, or have ours cosigned.")
app.command()(serving.demo)
app.command()(serving.serve)
app.command()(working.tick)
app.command()(working.due)
app.command()(working.simulate)
cases.app.command()(working.actions)
cases.app.command()(notes.note)
cases.app.command()(notes.notes)
app.command()(access.token)
app.add_typer(access.app, name="api-key", help="Keys that let machines in.")
app.command()(upkeep.migrate)
app.command()(upkeep.verify)
app.command()(upkeep.rebuild)
app.command()(proving.checkpoint)
app.command()(proving.evidence)
app.command()(upkeep.start)
app.command()(upkeep.stop)
app.command()(upkeep.doctor)


def run() -> None:
    """The program. Never ends with a traceback, unless CASELEDGER_DEBUG asks for one."""
    secure_streams()
    keep_many_objects()
    sys.exit(_ended(lambda: app(standalone_mode=False)))


def _ended(work: Callable[[], object]) -> int:
    try:
        result = work()
    except typer.Exit as ended:
        return ended.exit_code
    except TyperException as error:
        _show(error)
        return error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        return Exit.INTERRUPTED
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        message, code = _explained(error)
        say(f"caseledger: {message}")
        return code
    return result if isinstance(result, int) else Exit.OK


def _show(error: TyperException) -> None:
    """The usage line and the error: a method that Typer's public base class does not declare."""
    show = getattr(error, "show", None)
    if callable(show):
        show()
    else:
        say(f"caseledger: {error.format_message()}")


def _explained(error: Exception) -> tuple[str, Exit]:  # noqa: PLR0912  (a case for each kind)
    match error:
        case Failed():
            return str(error), error.code
        case (
            CaseNotFound()
            | ClinicNotFound()
            | NotKnown()
            | NoSuchPosition()
            | CannotWrite()
            | MappingError()
            | RulesError()
            | BadKey()
            | BadNote()
            | SettingsError()
        ):
            return str(error), Exit.USAGE
        case SignerRefusal():
            return str(error), Exit.INTEGRITY
        case SchemaMissing():
            return str(error), Exit.MIGRATION
        case ConnectionFailed():
            return unreachable(error), Exit.DATABASE
        case OperationalError():
            return f"the database can't be reached: {error}", Exit.DATABASE
        case EmbeddedPostgresError():
            return str(error), Exit.DATABASE
        case LogError() | RebuildRunning() | ChildDied() | NoKeys() | CannotOpen():
            return str(error), Exit.FAILURE
        case PersistenceError():
            return f"the database refused: {error}", Exit.FAILURE
        case DBAPIError():
            return f"the database refused: {str(error.orig).strip()}", Exit.FAILURE
        case UnicodeEncodeError():
            return "the command line holds bytes that are no text here", Exit.USAGE
        case OSError():
            named = f"{error.filename}: " if error.filename else ""
            return f"{named}{error.strerror or error}", Exit.FAILURE
        case _:
            details = f"{type(error).__name__}: {error}"
            return f"unexpected: {details}; set {DEBUG}=1 to see where", Exit.FAILURE
