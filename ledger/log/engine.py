"""Connections to the database, as the application's role."""

from collections.abc import Sequence
from typing import Any, Final

import psycopg2
from sqlalchemy import URL, Engine, create_engine, make_url

from ledger.log.schema import APPLICATION_ROLE

POOL_CONNECTIONS = 20
"""More than the threads that serve requests at once would ever hold."""
LOCK_TIMEOUT_MS = 30_000
"""A writer that can't get a book's head in this time gives up with an error."""
IDLE_TIMEOUT_MS = 60_000
"""A transaction that is left open keeps the head row's old versions from being pruned."""

BEGINS_WITH_A_WORD: Final = "ledger_begins_with_a_word"
"""Execution option of an engine whose transactions begin with a statement of their own."""


def connect(url: str | URL, *, role: str | None = APPLICATION_ROLE) -> Engine:
    """An engine whose sessions work as the application's role, in UTC.

    ``role=None`` keeps the login's own rights: for migrations only.
    """
    settings = {
        "timezone": "UTC",
        "lock_timeout": str(LOCK_TIMEOUT_MS),
        "idle_in_transaction_session_timeout": str(IDLE_TIMEOUT_MS),
        "application_name": "caseledger",
        "client_encoding": "UTF8",
    }
    if role is not None:
        settings["role"] = role
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return create_engine(
        make_url(url),
        connect_args={"options": options},
        pool_size=POOL_CONNECTIONS,
        max_overflow=0,
        hide_parameters=True,  # an error may be logged, and people have a right not to be in it
        pool_timeout=10,
    )


def read_rows(engine: Engine, query: str, parameters: Sequence[Any]) -> list[Any]:
    """What one statement reads. Raises the driver's errors.

    Straight from the driver, where nothing has to be said first: what SQLAlchemy does around a
    statement takes as long as the statement.
    """
    if engine.get_execution_options().get(BEGINS_WITH_A_WORD):
        with engine.connect() as connection:
            return list(connection.exec_driver_sql(query, tuple(parameters)).all())
    pooled = engine.raw_connection()
    try:
        cursor = pooled.cursor()
        cursor.execute(query, parameters)
        return list(cursor.fetchall())
    except (psycopg2.OperationalError, psycopg2.InterfaceError):
        pooled.invalidate()
        engine.dispose()  # where one was lost, those that lie idle are lost too
        raise
    finally:
        pooled.close()
