"""What is in the log stays as it is: refused to the owner by triggers, to the program by rights."""

import psycopg2.errors
import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from ledger.application.ledger import Ledger
from ledger.log.schema import APPEND_ONLY, APPLICATION_ROLE, CLINIC_ROLE
from ledger.projections.engine import Projector
from tests.orders import fill

pytestmark = [pytest.mark.database]

CHANGES = {
    "books": "UPDATE ledger.books SET currency = 'EUR'",
    "events": "UPDATE ledger.events SET payload = payload || ' ' WHERE position = 3",
    "commands": "UPDATE ledger.commands SET first_position = 1, last_position = 1",
    "names": "UPDATE ledger.names SET stream = gen_random_uuid() WHERE kind = 'kid'",
    "tree": "UPDATE ledger.tree SET hashes = sha256('') WHERE tile = 0",
    "checkpoints": "UPDATE ledger.checkpoints SET note = 'another'",
}

ALL_STATEMENTS = [
    statement
    for table in APPEND_ONLY
    for statement in (
        CHANGES[table],
        f"UPDATE ledger.{table} SET book = book WHERE false",
        f"DELETE FROM ledger.{table}",
        f"DELETE FROM ledger.{table} WHERE false",
        f"TRUNCATE ledger.{table}",
    )
] + [
    "TRUNCATE ledger.books, ledger.events, ledger.commands, ledger.names, ledger.book_head,"
    " ledger.tree, ledger.checkpoints",
    "TRUNCATE ledger.events CASCADE",
    "MERGE INTO ledger.events e USING ledger.books b ON e.book = b.book"
    " WHEN MATCHED THEN UPDATE SET actor = 'someone:else'",
    "MERGE INTO ledger.names n USING ledger.books b ON n.book = b.book WHEN MATCHED THEN DELETE",
    "INSERT INTO ledger.names SELECT * FROM ledger.names"
    " ON CONFLICT (book, kind, name) DO UPDATE SET stream = gen_random_uuid()",
    "WITH gone AS (DELETE FROM ledger.events RETURNING *) SELECT count(*) FROM gone",
]

HEAD_STATEMENTS = [
    "UPDATE ledger.book_head SET position = position - 1",
    "UPDATE ledger.book_head SET position = 0, frontier = '', root = root",
    "UPDATE ledger.book_head SET recorded_at = recorded_at - interval '1 microsecond'",
    "UPDATE ledger.book_head SET position = position + 1, recorded_at = '2020-01-01'",
    "UPDATE ledger.book_head SET book = 'another'",
    "UPDATE ledger.book_head SET position = position + 1, book = 'another'",
    "UPDATE ledger.book_head SET root = sha256('')",
    "UPDATE ledger.book_head SET frontier = ''",
    "DELETE FROM ledger.book_head",
    "DELETE FROM ledger.book_head WHERE false",
    "TRUNCATE ledger.book_head",
]


@pytest.fixture(autouse=True)
def _filled(ledger: Ledger) -> None:
    fill(ledger, 4)


def contents(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        return [
            connection.execute(text(f"SELECT * FROM ledger.{table} ORDER BY 1, 2, 3")).all()
            for table in (*APPEND_ONLY, "book_head")
        ]


def error_of(connection: Connection, statement: str) -> BaseException | None:
    """What the database says to a statement, which is rolled back."""
    try:
        connection.execute(text(statement))
    except DBAPIError as error:
        return error.orig
    finally:
        connection.rollback()
    return None


def test_the_owner_can_change_nothing(owner_engine: Engine) -> None:
    before = contents(owner_engine)
    with owner_engine.connect() as connection:
        for statement in ALL_STATEMENTS + HEAD_STATEMENTS:
            error = error_of(connection, statement)
            assert isinstance(error, psycopg2.errors.RestrictViolation), (statement, error)
    assert contents(owner_engine) == before


def test_nor_in_a_session_in_which_ordinary_triggers_do_not_fire(owner_engine: Engine) -> None:
    """``session_replication_role = replica`` is the usual way around triggers."""
    with owner_engine.connect() as connection:
        for statement in ALL_STATEMENTS + HEAD_STATEMENTS:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            error = error_of(connection, statement)
            assert isinstance(error, psycopg2.errors.RestrictViolation), (statement, error)


def test_the_application_can_change_nothing(engine: Engine) -> None:
    """Its role has no right to: most never get as far as a trigger."""
    before = contents(engine)
    with engine.connect() as connection:
        role = connection.execute(text("SELECT current_user")).scalar_one()
        assert role == APPLICATION_ROLE
        for statement in ALL_STATEMENTS:
            error = error_of(connection, statement)
            assert isinstance(error, psycopg2.errors.InsufficientPrivilege), (statement, error)
        for statement in HEAD_STATEMENTS:
            error = error_of(connection, statement)
            refused = (psycopg2.errors.InsufficientPrivilege, psycopg2.errors.RestrictViolation)
            assert isinstance(error, refused), (statement, error)
    assert contents(engine) == before


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE ledger.events DISABLE TRIGGER append_only",
        "ALTER TABLE ledger.events DISABLE TRIGGER ALL",
        "DROP TRIGGER append_only ON ledger.events",
        "DROP TABLE ledger.events CASCADE",
        "ALTER TABLE ledger.events DROP COLUMN payload",
        "ALTER TABLE ledger.events OWNER TO CURRENT_USER",
        "CREATE OR REPLACE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RETURN NEW; END $$",
        "CREATE RULE away AS ON INSERT TO ledger.events DO INSTEAD NOTHING",
        "CREATE TRIGGER also BEFORE INSERT ON ledger.events FOR EACH STATEMENT"
        " EXECUTE FUNCTION ledger.refuse_change()",
        "CREATE TABLE ledger.mine (n integer)",
        "GRANT UPDATE ON ledger.events TO PUBLIC",
        "DROP SCHEMA ledger CASCADE",
        "SET session_replication_role = replica",
        "UPDATE ledger.schema_version SET version_num = '0000'",
    ],
)
def test_the_application_cannot_get_around_it(engine: Engine, statement: str) -> None:
    with engine.connect() as connection:
        error = error_of(connection, statement)
    if statement.startswith("GRANT"):  # without a right to grant, it is a warning and no error
        with engine.connect() as connection:
            assert "UPDATE" not in rights(connection)["events"]
    else:
        assert isinstance(error, psycopg2.errors.InsufficientPrivilege), error


def rights(connection: Connection) -> dict[str, set[str]]:
    found = connection.execute(
        text(
            "SELECT table_name, array_agg(privilege_type::text)"
            " FROM information_schema.table_privileges"
            " WHERE table_schema = 'ledger' AND grantee IN (:role, 'PUBLIC') GROUP BY table_name"
        ),
        {"role": APPLICATION_ROLE},
    )
    return {table: set(privileges) for table, privileges in found}


def test_the_rights_of_the_application(owner_engine: Engine) -> None:
    read, add = {"SELECT"}, {"SELECT", "INSERT"}
    with owner_engine.connect() as connection:
        assert rights(connection) == {
            "books": add,
            "book_head": add,  # and four columns of it
            "events": add,
            "commands": add,
            "names": add,
            "tree": add,
            "checkpoints": add,
            "tracking": {"SELECT", "INSERT", "UPDATE", "DELETE"},
            "schema_version": read,
            "api_keys": add,  # and two columns of it
            "cursor_keys": add,
            "webhooks": add,  # and two columns of it
            "webhook_failures": {"SELECT", "INSERT", "UPDATE", "DELETE"},
        }
        columns = connection.execute(
            text(
                "SELECT table_name, array_agg(column_name::text ORDER BY column_name)"
                " FROM information_schema.column_privileges WHERE table_schema = 'ledger'"
                " AND grantee IN (:role, 'PUBLIC') AND privilege_type = 'UPDATE'"
                " AND table_name NOT IN ('tracking', 'webhook_failures') GROUP BY table_name"
            ),
            {"role": APPLICATION_ROLE},
        )
        assert {table: names for table, names in columns} == {
            "api_keys": ["last_used_at", "revoked_at"],
            "book_head": ["frontier", "position", "recorded_at", "root"],
            "webhooks": ["ended_at", "position"],
        }
        owned = connection.execute(
            text(
                "SELECT count(*) FROM pg_class WHERE relnamespace = 'ledger'::regnamespace"
                " AND relowner = (SELECT oid FROM pg_roles WHERE rolname = :role)"
            ),
            {"role": APPLICATION_ROLE},
        ).scalar_one()
        assert owned == 0


def test_the_role_of_the_application_is_no_way_to_more(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        role = connection.execute(
            text(
                "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolcanlogin"
                " FROM pg_roles WHERE rolname = :role"
            ),
            {"role": APPLICATION_ROLE},
        ).one()
        assert not any(role)
        member_of = connection.execute(
            text(
                "SELECT roleid::regrole::text FROM pg_auth_members"
                " WHERE member = (SELECT oid FROM pg_roles WHERE rolname = :role)"
            ),
            {"role": APPLICATION_ROLE},
        ).scalars()
        assert list(member_of) == [CLINIC_ROLE]  # which may do less


def test_every_trigger_fires_always(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT tgrelid::regclass::text || '.' || tgname, tgenabled::text FROM pg_trigger"
                " WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'ledger.%'"
            )
        )
        states = {name: state for name, state in found}
    assert len(states) == len(APPEND_ONLY) + 2
    assert set(states.values()) == {"A"}, states


WITH_SECRETS = frozenset(
    {
        "ledger.api_keys",
        "ledger.cursor_keys",
        "ledger.webhooks",
        "ledger.webhook_failures",
    }
)
"""What lets callers in, signs for us, or tells what addresses answered: no part of the log."""


def test_the_reader_can_read_all_and_write_nothing(ledger: Ledger, owner_engine: Engine) -> None:
    """Read models that are built later included: they are the application's own tables."""
    Projector(ledger.engine).catch_up(ledger.book)
    with owner_engine.connect() as connection:
        tables = connection.execute(
            text(
                "SELECT schemaname || '.' || relname FROM pg_stat_user_tables"
                " WHERE schemaname IN ('ledger', 'projections')"
                " UNION SELECT schemaname || '.' || viewname FROM pg_views"
                " WHERE schemaname = 'projections'"
            )
        )
        names = tables.scalars().all()
        assert len(names) > len(APPEND_ONLY) + 5
        connection.rollback()
        for name in names:
            connection.execute(text("SET LOCAL ROLE caseledger_reader"))
            count = f"SELECT count(*) FROM {name}"
            if name in WITH_SECRETS:
                found = error_of(connection, count)
                assert isinstance(found, psycopg2.errors.InsufficientPrivilege), name
            else:
                connection.execute(text(count)).scalar_one()
            for statement in (
                f"DELETE FROM {name}",
                f"TRUNCATE {name}",
                f"INSERT INTO {name} SELECT * FROM {name}",
            ):
                connection.execute(text("SET LOCAL ROLE caseledger_reader"))
                error = error_of(connection, statement)
                assert isinstance(
                    error, psycopg2.errors.InsufficientPrivilege | psycopg2.errors.WrongObjectType
                ), (statement, error)
