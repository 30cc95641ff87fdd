"""Another key-encryption key: all is wrapped anew, nothing is written anew, old backups go dark."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from ledger.people.keys import KeyFile, LocalKeys
from ledger.people.rotation import Rotation, in_use, rewrap, rotate
from ledger.people.vault import Vault
from tests.orders import TODAY
from tests.people.persons import AGENT, GENERATED, done

pytestmark = [pytest.mark.database]

DATA = ("fields", "notes", "authorisations", "search_keys")


def contents(owner_engine: Engine, *tables: str) -> list[str]:
    with owner_engine.connect() as connection:
        return [
            row
            for table in tables
            for row in connection.execute(
                text(f"SELECT t::text FROM people.{table} t ORDER BY 1")
            ).scalars()
        ]


def test_data_are_not_touched(
    vault: Vault, keys: KeyFile, owner_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.people.rotation.BATCH_KEYS", 3)
    people = [done(vault.add(GENERATED, AGENT.actor, TODAY)) for _ in range(5)]
    done(vault.write_note(people[0], "Ringte", AGENT.actor))
    data, wrapped = contents(owner_engine, *DATA), contents(owner_engine, "data_keys", "book_keys")
    old = keys.generation
    done_once = rotate(vault.engine, keys, TODAY, keep_days=1)
    new = keys.generation
    assert done_once == Rotation(new, rewrapped=12, unreadable=0, destroyed=())
    assert in_use(vault.engine) == {new}
    assert contents(owner_engine, *DATA) == data
    assert not set(contents(owner_engine, "data_keys", "book_keys")) & set(wrapped)
    assert keys.forget(TODAY, 0, in_use(vault.engine)) == [old]
    for subject in people:
        assert done(vault.read(subject, AGENT, "audit")).person.name == GENERATED.name
    again = Vault(vault.engine, vault.book, KeyFile(keys.path))
    assert again.find(again.search.phone("22334455"), AGENT, "audit") == people
    assert rewrap(vault.engine, keys) == (0, 0)


def test_a_backup_from_before_can_not_be_read_any_more(
    vault: Vault, keys: KeyFile, owner_engine: Engine
) -> None:
    """Which is what erases the erased from backups that nobody can reach to erase them in."""
    subject = done(vault.add(GENERATED, AGENT.actor, TODAY))
    with owner_engine.begin() as connection:
        connection.execute(text("CREATE TABLE backup AS TABLE people.data_keys"))
    keys.rotate(TODAY)
    rewrap(vault.engine, keys)
    keys.forget(TODAY + timedelta(days=90), 90, in_use(vault.engine))
    with owner_engine.begin() as connection:
        connection.execute(text("DELETE FROM people.data_keys"))
        connection.execute(text("INSERT INTO people.data_keys SELECT * FROM backup"))
    view = done(vault.read(subject, AGENT, "audit"))
    assert view.person.name is None
    assert set(view.unreadable) == {"identity", "contact"}
    assert rewrap(vault.engine, keys) == (0, 2), "what can't be unwrapped is counted and left"


def test_keys_that_others_rotate_are_only_wrapped_anew(vault: Vault) -> None:
    one, two = b"1" * 32, b"2" * 32
    before = Vault(vault.engine, vault.book, LocalKeys({"one": one}))
    subject = done(before.add(GENERATED, AGENT.actor, TODAY))
    both = LocalKeys({"two": two, "one": one})
    assert rotate(vault.engine, both, TODAY, keep_days=0) == Rotation("two", 3, 0, ())
    after = Vault(vault.engine, vault.book, LocalKeys({"two": two}))
    assert done(after.read(subject, AGENT, "audit")).person.name == GENERATED.name
