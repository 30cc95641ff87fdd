"""Who may do what in the vault's tables: the vault, the application, and nobody else."""

import psycopg2.errors
import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from ledger.log.schema import APPLICATION_ROLE
from ledger.people.schema import APPEND_ONLY, SCHEMA, VAULT_ROLE, metadata
from ledger.people.vault import Vault
from tests.orders import TODAY
from tests.people.persons import AGENT, GENERATED, done

pytestmark = [pytest.mark.database]

READ, ADD = {"SELECT"}, {"SELECT", "INSERT"}
CHANGE = {"SELECT", "INSERT", "UPDATE", "DELETE"}


def rights(owner_engine: Engine, role: str) -> dict[str, set[str]]:
    with owner_engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT table_schema || '.' || table_name, array_agg(privilege_type::text)"
                " FROM information_schema.table_privileges WHERE grantee = :role"
                " AND table_schema IN ('ledger', 'people') GROUP BY 1"
            ),
            {"role": role},
        )
        return {table: set(privileges) for table, privileges in found}


def test_the_rights_of_the_vault(owner_engine: Engine) -> None:
    assert rights(owner_engine, VAULT_ROLE) == {
        "people.subjects": ADD,  # and two columns of it
        "people.legal_holds": ADD,  # likewise
        "people.reads": ADD,
        "people.erasures": ADD,
        "people.book_keys": {"SELECT", "INSERT", "UPDATE"},
        "people.data_keys": CHANGE,
        "people.fields": CHANGE,
        "people.notes": CHANGE,
        "people.authorisations": CHANGE,
        "people.search_keys": CHANGE,
    }


def test_the_application_sees_who_was_erased_and_no_more(
    vault: Vault, engine: Engine, owner_engine: Engine
) -> None:
    subject = done(vault.add(GENERATED, AGENT.actor, TODAY))
    seen = {t for t in rights(owner_engine, APPLICATION_ROLE) if t.startswith("people.")}
    assert seen == set()
    with engine.connect() as connection:
        query = text("SELECT book, subject, erased_at, kept_until FROM people.subjects")
        assert connection.execute(query).all() == [("book", subject, None, None)]
        for table in metadata.tables.values():
            with pytest.raises(DBAPIError) as refused:
                connection.execute(text(f"SELECT * FROM people.{table.name}"))
            assert isinstance(refused.value.orig, psycopg2.errors.InsufficientPrivilege)
            connection.rollback()


def test_the_vault_sees_nothing_of_the_log(vault_engine: Engine) -> None:
    with vault_engine.connect() as connection:
        for table in ("ledger.events", "ledger.book_head", "ledger.names"):
            with pytest.raises(DBAPIError) as refused:
                connection.execute(text(f"SELECT * FROM {table}"))
            assert isinstance(refused.value.orig, psycopg2.errors.InsufficientPrivilege)
            connection.rollback()


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "statement",
    ["UPDATE people.{} SET actor = 'someone:else'", "DELETE FROM people.{}", "TRUNCATE people.{}"],
)
def test_who_read_and_what_was_erased_stays_on_record(
    owner_engine: Engine, vault_engine: Engine, table: str, statement: str
) -> None:
    for engine, error in (
        (vault_engine, psycopg2.errors.InsufficientPrivilege),
        (owner_engine, psycopg2.errors.RestrictViolation),
    ):
        with engine.connect() as connection, pytest.raises(DBAPIError) as refused:
            connection.execute(text(statement.format(table)))
        assert isinstance(refused.value.orig, error)


def test_a_subject_is_never_forgotten_to_have_been_one(vault_engine: Engine) -> None:
    """So that its id is never given again, and every view can say "erased subject"."""
    with vault_engine.connect() as connection, pytest.raises(DBAPIError) as refused:
        connection.execute(text("DELETE FROM people.subjects"))
    assert isinstance(refused.value.orig, psycopg2.errors.InsufficientPrivilege)


def test_each_key_begins_with_the_book(owner_engine: Engine) -> None:
    found = inspect(owner_engine)
    for table in metadata.tables.values():
        key = found.get_pk_constraint(table.name, SCHEMA)
        assert key["constrained_columns"] == [column.name for column in table.primary_key]
        assert key["constrained_columns"][0] == "book"
        for index in found.get_indexes(table.name, SCHEMA):
            assert index["column_names"][0] == "book"
