"""Where the command's database is: the embedded server of a home, or one that is named."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from platformdirs import user_data_path
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, ProgrammingError

from ledger.application.ledger import Ledger
from ledger.cli.exits import Exit, Failed
from ledger.log import migrate
from ledger.log.engine import connect
from ledger.log.errors import BookNotFound
from ledger.log.recorder import book_names
from ledger.log.schema import APPLICATION_ROLE
from ledger.postgres.embedded import EmbeddedPostgres, running
from ledger.postgres.errors import EmbeddedPostgresError
from ledger.projections.client_funds import cases_held

HOME: Final = "CASELEDGER_HOME"
DATABASE_URL: Final = "CASELEDGER_DATABASE_URL"
OWNER_URL: Final = "CASELEDGER_OWNER_DATABASE_URL"
BOOK: Final = "CASELEDGER_BOOK"


def home() -> Path:
    """The folder of all that the embedded default keeps."""
    named = os.environ.get(HOME)
    return Path(named) if named else user_data_path("caseledger")


def embedded() -> EmbeddedPostgres:
    """The embedded server. Raises ``Failed`` where another database is named."""
    if os.environ.get(DATABASE_URL):
        raise Failed(f"{DATABASE_URL} names a server of its own; it is not ours to start or stop")
    return EmbeddedPostgres(home())


@contextmanager
def server() -> Iterator[str]:
    """The URL of a running server; the embedded one runs for as long as somebody uses it."""
    named = os.environ.get(DATABASE_URL)
    if named:
        yield _checked(named, DATABASE_URL)
        return
    try:
        with running(home()) as connection:
            yield connection.url.render_as_string(hide_password=False)
    except EmbeddedPostgresError as error:
        raise Failed(str(error), Exit.DATABASE) from error


@contextmanager
def database() -> Iterator[str]:
    """The URL of a database with the tables that this program needs.

    The embedded one is brought up to date; one that is named must be, by its owner.
    """
    with server() as url:
        if not os.environ.get(DATABASE_URL):
            upgrade(url)
        else:
            check_schema(url)
        yield url


def owner_url(url: str) -> str:
    """The URL to migrate with: the owner's, where one is named."""
    named = os.environ.get(OWNER_URL)
    return _checked(named, OWNER_URL) if named else url


def upgrade(url: str) -> tuple[str | None, str]:
    """Bring the database to the newest revision; returns the one before and the one after."""
    engine = connect(owner_url(url), role=None)
    try:
        return migrate.upgrade(engine)
    except OperationalError as error:
        raise Failed(unreachable(error), Exit.DATABASE) from error
    except DBAPIError as error:
        message = (
            f"the database can't be migrated: {str(error.orig).strip()}; name a login that may"
            f" create schemas and roles in {OWNER_URL}"
        )
        raise Failed(message, Exit.MIGRATION) from error
    finally:
        engine.dispose()


def check_schema(url: str) -> None:
    """Raise ``Failed`` unless the database is at the newest revision."""
    engine = connect(url, role=None)
    try:
        with engine.connect() as connection:
            found, wanted = migrate.current(connection), migrate.newest()
    except OperationalError as error:
        raise Failed(unreachable(error), Exit.DATABASE) from error
    except ProgrammingError as error:
        login = make_url(url).username
        message = (
            f"the login {login!r} has no right to the ledger's tables; as their owner, run"
            f" GRANT {APPLICATION_ROLE} TO {login}"
        )
        raise Failed(message, Exit.DATABASE) from error
    finally:
        engine.dispose()
    if found != wanted:
        has = "no tables of ours" if found is None else f"revision {found}"
        message = f"the database has {has}, and {wanted} is needed; run `caseledger migrate`"
        raise Failed(message, Exit.MIGRATION)


def open_ledger(url: str, book: str | None) -> Ledger:
    """The named book, or the only one there is. Raises ``Failed``."""
    engine = connect(url)
    books = book_names(engine)
    chosen = book or os.environ.get(BOOK) or (books[0] if len(books) == 1 else None)
    if chosen is None:
        which = f"one of {', '.join(books)}" if books else "there is none yet; import one"
        raise Failed(f"name a book with --book: {which}", Exit.USAGE)
    if chosen not in books:
        raise Failed(str(BookNotFound(chosen)), Exit.USAGE)
    return Ledger(engine, chosen, cases_held=cases_held)


def unreachable(error: OperationalError) -> str:
    """A lost or refused connection, in words."""
    return f"the database can't be reached: {str(error.orig).strip()}"


def _checked(url: str, variable: str) -> str:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # the latter of a port that is no number
        raise Failed(f"{variable} is no database URL", Exit.USAGE) from error
    # libpq and many hosts also write postgres://
    if parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise Failed(f"{variable} must name a PostgreSQL server", Exit.USAGE)
    return parsed.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
