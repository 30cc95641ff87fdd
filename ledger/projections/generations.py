"""Which tables each projection has, and which of them are live.

A generation is a full set of a projection's tables with a position of its own. A new one is
built beside the live one, and takes over by one switch of a view.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine, text

from ledger.log.schema import CLINIC_ROLE
from ledger.projections.projection import SCHEMA, Projection

_LOCK: Final = 7_364_523
"""Advisory lock of whoever makes, switches or drops generations."""


class Generation(NamedTuple):
    """One set of tables of a projection."""

    projection: str
    number: int
    version: int
    """The version of the projection that it was built by."""
    live: bool

    @property
    def consumer(self) -> str:
        """The name under which the log tracks how far it has been built."""
        return f"{self.projection}.{self.number}"

    def tables(self, projection: Projection) -> Mapping[str, str]:
        """Full table names by table."""
        return {name: f"{SCHEMA}.{name}_{self.number}" for name in projection.tables}


def lock(connection: Connection) -> None:
    """Until the transaction ends, nobody else makes, switches or drops a generation.

    Waits as long as it takes: a verification may hold the other side of it for minutes.
    """
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def lock_shared(connection: Connection) -> None:
    """Until the transaction ends, no generation is made, switched or dropped."""
    connection.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": _LOCK})


@contextmanager
def held(engine: Engine) -> Iterator[None]:
    """While inside, no generation is made, switched or dropped, whatever transactions begin."""
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock_shared(:key)"), {"key": _LOCK})
        connection.commit()
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock_shared(:key)"), {"key": _LOCK})
            connection.commit()


def prepare(connection: Connection) -> None:
    """Make the list of generations if it isn't there."""
    connection.execute(
        text(
            f"CREATE TABLE IF NOT EXISTS {SCHEMA}.generations ("
            ' projection text COLLATE "C" NOT NULL, number integer NOT NULL,'
            " version integer NOT NULL, live boolean NOT NULL DEFAULT false,"
            " PRIMARY KEY (projection, number))"
        )
    )


def exists(connection: Connection) -> bool:
    """Whether there is a list of generations."""
    found = connection.execute(text(f"SELECT to_regclass('{SCHEMA}.generations')"))
    return found.scalar_one() is not None


def live(connection: Connection) -> dict[str, Generation]:
    """The live generation of each projection that has one."""
    if not exists(connection):
        return {}
    rows = connection.execute(
        text(f"SELECT projection, number, version, live FROM {SCHEMA}.generations WHERE live")
    )
    return {row.projection: Generation._make(row) for row in rows}


def books_behind(connection: Connection) -> list[str]:
    """The books that have entries which a live generation does not hold."""
    rows = connection.execute(
        text(
            f"SELECT DISTINCT head.book FROM ledger.book_head AS head"
            f" CROSS JOIN {SCHEMA}.generations AS built"
            " LEFT JOIN ledger.tracking AS at ON at.book = head.book"
            " AND at.consumer = built.projection || '.' || built.number"
            " WHERE built.live AND coalesce(at.position, 0) < head.position ORDER BY head.book"
        )
    )
    return list(rows.scalars())


def create(connection: Connection, projection: Projection) -> Generation:
    """A new generation with empty tables, not live. Call under ``lock``."""
    number = connection.execute(
        text(
            f"INSERT INTO {SCHEMA}.generations (projection, number, version)"
            f" SELECT :name, coalesce(max(number), 0) + 1, :version FROM {SCHEMA}.generations"
            " WHERE projection = :name RETURNING number"
        ),
        {"name": projection.name, "version": projection.version},
    ).scalar_one()
    generation = Generation(projection.name, number, projection.version, live=False)
    for name, table in generation.tables(projection).items():
        connection.execute(text(f"CREATE TABLE {table} ({projection.tables[name]})"))
        if name in projection.clinic:
            _guard(connection, table, projection.clinic[name])
    return generation


def _guard(connection: Connection, table: str, clinic: str) -> None:
    """Let the role of clinics see a clinic's rows, and every other role all (migration 0004)."""
    own = (
        f"book = ANY ((SELECT string_to_array(current_setting('ledger.books', true), ','))::text[])"
        f" AND {clinic} = (SELECT nullif(current_setting('ledger.clinic', true), ''))"
    )
    for statement in (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY clinic ON {table} TO {CLINIC_ROLE} USING ({own})",
        f"CREATE POLICY others ON {table} USING (current_user <> '{CLINIC_ROLE}')",
        f"GRANT SELECT ON {table} TO {CLINIC_ROLE}",
    ):
        connection.execute(text(statement))


def index(connection: Connection, projection: Projection, generation: Generation) -> None:
    """Make the secondary indexes; quicker once the tables are full."""
    tables = generation.tables(projection)
    for name, indexes in projection.indexes.items():
        for number, index in enumerate(indexes, 1):
            connection.execute(
                text(
                    f"CREATE INDEX IF NOT EXISTS {name}_{generation.number}_by_{number}"
                    f" ON {tables[name]} {index}"
                )
            )


def analyze(connection: Connection, projection: Projection, generation: Generation) -> None:
    """Have the planner know how much there is, and not only once the autovacuum comes by: a table
    that it takes for a small one is read whole for each page of a list.
    """
    tables = ", ".join(generation.tables(projection).values())
    connection.execute(text(f"ANALYZE (SKIP_LOCKED) {tables}"))


def switch(connection: Connection, projection: Projection, generation: Generation) -> None:
    """Make a generation the live one, in the eyes of all queries at once. Call under ``lock``.

    The generations before it are dropped.
    """
    for name, table in generation.tables(projection).items():
        connection.execute(text(f"DROP VIEW IF EXISTS {SCHEMA}.{name}"))
        # With the rights of whoever asks: the policies are those of his role.
        connection.execute(
            text(
                f"CREATE VIEW {SCHEMA}.{name} WITH (security_invoker = true)"
                f" AS SELECT * FROM {table}"
            )
        )
        if name in projection.clinic:
            connection.execute(text(f"GRANT SELECT ON {SCHEMA}.{name} TO {CLINIC_ROLE}"))
    connection.execute(
        text(f"UPDATE {SCHEMA}.generations SET live = (number = :number) WHERE projection = :name"),
        {"number": generation.number, "name": projection.name},
    )


def drop_others(connection: Connection, projection: Projection, kept: Generation) -> list[str]:
    """Drop all generations but one; returns the names that the log tracked them under."""
    rows = connection.execute(
        text(
            f"DELETE FROM {SCHEMA}.generations WHERE projection = :name AND number <> :number"
            " RETURNING projection, number, version, live"
        ),
        {"name": projection.name, "number": kept.number},
    )
    dropped = [Generation._make(row) for row in rows]
    for generation in dropped:
        for table in generation.tables(projection).values():
            connection.execute(text(f"DROP TABLE IF EXISTS {table}"))
    return [generation.consumer for generation in dropped]
