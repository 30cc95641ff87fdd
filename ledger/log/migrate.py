"""Brings a database to the schema that this program needs, and tells whether it is there."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

import migrations
from ledger.log.schema import SCHEMA

_LOCK: Final = 7_364_522
"""Advisory lock of whoever migrates: two programs that start together must not both do it."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option(
        "script_location", str(Path(migrations.__file__).parent).replace("%", "%%")
    )
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The revision that this program needs."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None, "the program ships without its migrations"
    return revision


def current(connection: Connection) -> str | None:
    """The revision that the database is at; ``None`` for an empty one."""
    options = {"version_table": "schema_version", "version_table_schema": SCHEMA}
    return MigrationContext.configure(connection, opts=options).get_current_revision()


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Bring the database to the newest revision; returns the one it was at and the one it is at.

    The engine must connect as the owner of the schema (or one who may create it).
    """
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        try:
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            connection.commit()
            before = current(connection)
            connection.commit()
            command.upgrade(_config(connection), "head")
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.commit()
    return before, newest()
