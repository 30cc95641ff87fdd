"""A PostgreSQL server for the tests, and a fresh database for each one that asks for it.

The server is the one that CASELEDGER_TEST_DATABASE_URL or CASELEDGER_DATABASE_URL names, by a
login that may make databases and roles; otherwise an embedded one in a temporary folder, one for
each process that runs tests. Databases are copies of one that has been migrated.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest
from sqlalchemy import URL, Engine, NullPool, create_engine, make_url

from ledger.application.ledger import Ledger
from ledger.log.engine import connect
from ledger.log.migrate import upgrade
from ledger.postgres.embedded import ROOT_FOLDER_VARIABLE, EmbeddedPostgres
from tests.orders import TODAY

SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - only for a private, unguessable folder
ROOM_NEEDED_BYTES: Final = 6 << 30
"""The whole real case log with its read models and write-ahead log, twice over."""


def pytest_configure() -> None:
    """Programs that tests interrupt must not inherit that Ctrl-C is ignored, as it is where the
    tests were started in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first: one that came last would run alone, on one core."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


class Databases:
    """Makes and drops databases on one server."""

    def __init__(self, server: URL) -> None:
        self._server = server
        self._prefix = f"caseledger_test_{uuid4().hex[:12]}"
        self._made = 0
        self._template: str | None = None

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The URL of a migrated database with nothing in it."""
        if self._template is None:
            template = f"{self._prefix}_template"
            self._execute(f"CREATE DATABASE {template} TEMPLATE template0 ENCODING 'UTF8'")
            engine = connect(self._url(template), role=None)
            upgrade(engine)
            engine.dispose()
            self._template = template
        with self._database(self._template) as url:
            yield url

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The URL of a database that has not been migrated."""
        with self._database("template0") as url:
            yield url

    def close(self) -> None:
        """Drop the template; all databases have been dropped by those who used them."""
        if self._template is not None:
            self._drop(self._template)

    @contextmanager
    def _database(self, template: str) -> Iterator[str]:
        self._made += 1
        name = f"{self._prefix}_{self._made}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")
        try:
            yield self._url(name)
        finally:
            self._drop(name)

    def _url(self, database: str) -> str:
        return self._server.set(database=database).render_as_string(hide_password=False)

    def _drop(self, database: str) -> None:
        self._execute(f"DROP DATABASE {database} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        engine = create_engine(self._server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)


@contextmanager
def embedded_home() -> Iterator[Path]:
    """A home for an embedded server, of which nothing is left afterwards.

    Its parents can be entered by everybody: as root, the server runs as another account.
    """
    in_memory = (
        SHARED_MEMORY.is_dir()
        and shutil.disk_usage(SHARED_MEMORY).free > ROOM_NEEDED_BYTES
        and not os.statvfs(SHARED_MEMORY).f_flag & os.ST_NOEXEC
    )
    parent = SHARED_MEMORY if in_memory else None
    folder = Path(tempfile.mkdtemp(prefix="caseledger-test-", dir=parent))
    folder.chmod(0o711)
    try:
        yield folder / "home"
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """The server, as a source of databases."""
    named = os.environ.get("CASELEDGER_TEST_DATABASE_URL") or os.environ.get(
        "CASELEDGER_DATABASE_URL"
    )
    if named:
        found = Databases(make_url(named).set(drivername="postgresql+psycopg2"))
        yield found
        found.close()
        return
    with embedded_home() as home, pytest.MonkeyPatch.context() as patch:
        # Only while it starts and stops: other tests have places of their own.
        patch.setenv(ROOT_FOLDER_VARIABLE, str(home.parent))
        using = EmbeddedPostgres(home).in_use()
        connection = using.__enter__()
        patch.undo()
        try:
            yield Databases(connection.url)
        finally:
            patch.setenv(ROOT_FOLDER_VARIABLE, str(home.parent))
            using.__exit__(None, None, None)


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A fresh, migrated database, by its owner's login."""
    with databases.fresh() as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Connections as the program makes them: as the application's role."""
    engine = connect(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def owner_engine(database_url: str) -> Iterator[Engine]:
    """Connections with all the rights of the tables' owner."""
    engine = connect(database_url, role=None)
    yield engine
    engine.dispose()


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    """A new book in NOK, in a database of its own. Its today is ``tests.orders.TODAY``."""
    ledger = Ledger(engine, "book", today=lambda: TODAY)
    ledger.recorder.create_book("NOK")
    return ledger
