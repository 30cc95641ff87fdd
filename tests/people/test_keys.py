"""The key-encryption key: made, found, kept from others, rotated and destroyed."""

import base64
import stat
from datetime import date, timedelta
from pathlib import Path

import pytest

from ledger.people.keys import (
    KEY_FILE,
    KEY_SERVICE,
    KEYS,
    KeyFile,
    KeyGone,
    LocalKeys,
    NoKeys,
    Wrapped,
    find_keys,
    keys_from_text,
)
from ledger.people.sealing import new_key

TODAY = date(2026, 6, 30)
CONTEXT = b"book|subject|key:contact|1"


def test_a_key_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys" / "people.json")
    file.make(TODAY)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700
    before = file.path.read_bytes()
    file.make(TODAY)
    assert file.path.read_bytes() == before, "it is made once"
    file.path.chmod(0o640)
    with pytest.raises(NoKeys, match="chmod 600"):
        KeyFile(file.path).wrap(new_key(), CONTEXT)


def test_what_is_wrapped_is_bound_to_its_context(keys: KeyFile) -> None:
    key = new_key()
    wrapped = keys.wrap(key, CONTEXT)
    assert key not in wrapped.sealed
    assert keys.unwrap(wrapped, CONTEXT) == key
    with pytest.raises(KeyGone):
        keys.unwrap(wrapped, b"book|another|key:contact|1")
    with pytest.raises(KeyGone):
        keys.unwrap(Wrapped(wrapped.generation, wrapped.sealed[:-1] + b"\0"), CONTEXT)


def test_a_program_that_runs_takes_part_in_a_rotation(keys: KeyFile) -> None:
    running = KeyFile(keys.path)
    old = running.wrap(new_key(), CONTEXT)
    made = keys.rotate(TODAY)
    assert running.generation == made != old.generation
    assert running.unwrap(keys.wrap(b"x" * 32, CONTEXT), CONTEXT) == b"x" * 32
    assert len(running.unwrap(old, CONTEXT)) == 32


def test_an_old_generation_is_destroyed_when_its_time_has_come(keys: KeyFile) -> None:
    old = keys.wrap(new_key(), CONTEXT)
    keys.rotate(TODAY)
    assert keys.forget(TODAY + timedelta(days=89), 90, ()) == []
    assert keys.forget(TODAY + timedelta(days=90), 90, {old.generation}) == [], "still in use"
    text = keys.path.read_text()
    assert old.generation in text
    assert keys.forget(TODAY + timedelta(days=90), 90, ()) == [old.generation]
    assert old.generation not in keys.path.read_text()
    with pytest.raises(KeyGone):
        keys.unwrap(old, CONTEXT)


def test_the_present_generation_is_never_destroyed(keys: KeyFile) -> None:
    assert keys.forget(TODAY + timedelta(days=10_000), 0, ()) == []


def test_a_file_that_is_gone_or_broken_says_what_to_do(keys: KeyFile) -> None:
    keys.path.write_text("{}")
    with pytest.raises(NoKeys, match="no key file"):
        _ = keys.generation
    keys.path.unlink()
    with pytest.raises(NoKeys, match="restore it"):
        _ = KeyFile(keys.path).generation


def in_text(*keys: bytes) -> str:
    return ",".join(f"g{n}:{base64.b64encode(key).decode()}" for n, key in enumerate(keys))


def test_keys_from_the_environment() -> None:
    one, two = new_key(), new_key()
    before = keys_from_text(in_text(one))
    wrapped = before.wrap(b"k" * 32, CONTEXT)
    after = keys_from_text(f"new:{base64.b64encode(two).decode()} {in_text(one)}")
    assert after.generation == "new"
    assert after.unwrap(wrapped, CONTEXT) == b"k" * 32
    for text in ("", "g:***", f"g:{base64.b64encode(b'short').decode()}"):
        with pytest.raises(NoKeys):
            keys_from_text(text)


def service() -> LocalKeys:
    """Stands for a key management service: named by the settings, made by a function."""
    return LocalKeys({"service": b"s" * 32})


def test_where_the_key_comes_from(tmp_path: Path) -> None:
    home = tmp_path / "home"
    named = tmp_path / "named.json"
    assert find_keys(home, {KEYS: in_text(new_key())}, TODAY).generation == "g0"
    assert isinstance(find_keys(home, {KEY_FILE: str(named)}, TODAY), KeyFile)
    assert named.exists()
    assert not home.exists()
    find_keys(home, {}, TODAY)
    assert (home / "keys" / "people.json").exists()
    found = find_keys(home, {KEY_SERVICE: "tests.people.test_keys:service"}, TODAY)
    assert found.generation == "service"
    for wrong in ("no.such:thing", "tests.people.test_keys:nothing", "tests"):
        with pytest.raises(NoKeys, match=KEY_SERVICE):
            find_keys(home, {KEY_SERVICE: wrong}, TODAY)
