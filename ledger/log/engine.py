"""Connections to the database, as the application's role."""

from sqlalchemy import URL, Engine, create_engine, make_url

from ledger.log.schema import APPLICATION_ROLE

POOL_CONNECTIONS = 20
"""More than the threads that serve requests at once would ever hold."""
LOCK_TIMEOUT_MS = 30_000
"""A writer that can't get a book's head in this time gives up with an error."""
IDLE_TIMEOUT_MS = 60_000
"""A transaction that is left open keeps the head row's old versions from being pruned."""


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
