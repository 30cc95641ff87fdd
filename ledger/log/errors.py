"""What can go wrong with the log itself. Each message says what to do next."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg2
import psycopg2.errors
from eventsourcing import persistence
from sqlalchemy.exc import DBAPIError


class LogError(Exception):
    """The log could not do what it was asked to."""


class BookNotFound(LogError):
    """There is no book of that name."""

    def __init__(self, book: str) -> None:
        super().__init__(f"there is no book {book!r}; `caseledger demo` or an import makes one")
        self.book = book


class BookMismatch(LogError):
    """The book is kept in another currency, or its name can't be used."""


class SchemaMissing(LogError):
    """The database does not hold the tables that this program needs."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"{detail}; run `caseledger migrate`")


_LIBRARY_ERRORS: Final[tuple[tuple[type[psycopg2.Error], type[Exception]], ...]] = (
    (psycopg2.IntegrityError, persistence.IntegrityError),
    (psycopg2.OperationalError, persistence.OperationalError),
    (psycopg2.InterfaceError, persistence.InterfaceError),
    (psycopg2.DataError, persistence.DataError),
    (psycopg2.InternalError, persistence.InternalError),
    (psycopg2.NotSupportedError, persistence.NotSupportedError),
    (psycopg2.ProgrammingError, persistence.ProgrammingError),
    (psycopg2.Error, persistence.DatabaseError),
)


@contextmanager
def library_errors() -> Iterator[None]:
    """Turn the driver's errors into those that `eventsourcing` promises its callers."""
    try:
        yield
    except DBAPIError as error:
        raise _translated(error.orig) from error
    except psycopg2.Error as error:
        raise _translated(error) from error


def _translated(error: BaseException | None) -> Exception:
    if isinstance(error, psycopg2.errors.UndefinedTable | psycopg2.errors.InvalidSchemaName):
        return SchemaMissing(str(error).splitlines()[0])
    for kind, promised in _LIBRARY_ERRORS:
        if isinstance(error, kind):
            return promised(str(error).strip())
    return persistence.DatabaseError(str(error))
