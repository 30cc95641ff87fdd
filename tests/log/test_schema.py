"""The migrations make the tables that the program describes, once, whoever runs them."""

from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from threading import Barrier
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from ledger.access.schema import api_keys
from ledger.log.engine import connect
from ledger.log.errors import SchemaMissing
from ledger.log.migrate import current, newest, upgrade
from ledger.log.recorder import BookRecorder, book_names
from ledger.log.schema import SCHEMA, metadata
from ledger.people.schema import metadata as people
from ledger.processes import CONTEXT
from tests.conftest import Databases

pytestmark = [pytest.mark.database]


def test_the_tables_are_those_of_the_metadata(owner_engine: Engine) -> None:
    options = {
        "version_table": "schema_version",
        "version_table_schema": SCHEMA,
        "include_schemas": True,
        "compare_type": True,
    }
    both: Any = [metadata, people]
    with owner_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert api_keys.metadata is metadata  # nothing is missing because nobody imported it
        assert compare_metadata(context, both) == []


def test_keys_are_those_of_the_metadata(owner_engine: Engine) -> None:
    """What ``compare_metadata`` does not look at: primary keys, and that each begins with book."""
    found = inspect(owner_engine)
    for table in metadata.tables.values():
        key = found.get_pk_constraint(table.name, SCHEMA)
        assert key["constrained_columns"] == [column.name for column in table.primary_key]
        assert key["constrained_columns"][0] == "book"
        for unique in found.get_unique_constraints(table.name, SCHEMA):
            assert unique["column_names"][0] == "book"


def test_migrating_from_nothing_and_a_second_time(databases: Databases) -> None:
    with databases.empty() as url:
        engine = connect(url, role=None)
        with engine.connect() as connection:
            assert current(connection) is None
        assert upgrade(engine) == (None, newest())
        assert upgrade(engine) == (newest(), newest())
        with engine.connect() as connection:
            assert current(connection) == newest()
        engine.dispose()


def test_a_second_time_leaves_what_is_there(owner_engine: Engine, engine: Engine) -> None:
    BookRecorder(engine, "book").create_book("NOK")
    upgrade(owner_engine)
    assert book_names(engine) == ["book"]


def migrate_at_once(urls: list[str]) -> list[tuple[str | None, str]]:
    """Several programs, each on one of the databases."""
    with CONTEXT.Manager() as manager:
        start = manager.Barrier(len(urls))
        with ProcessPoolExecutor(len(urls), mp_context=CONTEXT) as programs:
            started = [programs.submit(_program, url, start) for url in urls]
            return [program.result() for program in started]


def _program(url: str, start: Barrier) -> tuple[str | None, str]:
    engine = connect(url, role=None)
    with engine.connect():
        start.wait()
    try:
        return upgrade(engine)
    finally:
        engine.dispose()


def test_two_programs_that_migrate_at_once(databases: Databases) -> None:
    with databases.empty() as url:
        done = migrate_at_once([url] * 3)
        assert sorted(done, key=str) == [(newest(), newest())] * 2 + [(None, newest())]


def test_two_databases_of_one_server_migrated_at_once(databases: Databases) -> None:
    """The application's role belongs to the server, and each migration makes and grants it."""
    with ExitStack() as stack:
        urls = [stack.enter_context(databases.empty()) for _ in range(3)]
        assert migrate_at_once(urls) == [(None, newest())] * 3


def test_a_database_without_tables_says_what_to_do(databases: Databases) -> None:
    with databases.empty() as url:
        engine = connect(url, role=None)
        with pytest.raises(SchemaMissing, match="caseledger migrate"):
            BookRecorder(engine, "book").head()
        with (
            pytest.raises(SchemaMissing, match="caseledger migrate"),
            BookRecorder(engine, "book").append(),
        ):
            pass
        upgrade(engine)
        recorder = BookRecorder(engine, "book")
        recorder.create_book("NOK")
        for _ in range(2):  # a connection on which this has failed before
            with recorder.append() as append:
                assert append.head.position == 0
        engine.dispose()


def test_the_head_is_updated_in_place(engine: Engine, owner_engine: Engine) -> None:
    """Nothing of the head's row is indexed but its key, and its page has room (D2)."""
    with owner_engine.connect() as connection:
        options = connection.execute(
            text("SELECT reloptions FROM pg_class WHERE oid = 'ledger.book_head'::regclass")
        ).scalar_one()
        indexes = connection.execute(
            text("SELECT count(*) FROM pg_index WHERE indrelid = 'ledger.book_head'::regclass")
        ).scalar_one()
    assert "fillfactor=10" in options
    assert indexes == 1
