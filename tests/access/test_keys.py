"""API keys: good while they last, and nothing else is."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from ledger.access import keys
from ledger.access.keys import KeyRefused
from ledger.application.ledger import Ledger

pytestmark = pytest.mark.database

YEAR = timedelta(days=365)


def made(engine: Engine, **more: object) -> str:
    given: dict[str, object] = {"name": "bank", "role": "system", "valid_for": YEAR}
    return keys.create(engine, "book", **{**given, **more})  # type: ignore[arg-type]


def test_a_key_says_who_it_is(ledger: Ledger) -> None:
    key = made(ledger.engine, role="clinic", clinic="clinic-1", operations=["cases.read"])
    caller = keys.caller_with(ledger.engine, key)
    assert (caller.role, caller.clinic, caller.books) == ("clinic", "clinic-1", frozenset({"book"}))
    assert caller.operations == {"cases.read"}
    assert caller.actor.startswith("clinic:key.")


def test_the_secret_is_kept_nowhere(ledger: Ledger) -> None:
    key = made(ledger.engine)
    secret = key.rpartition("_")[2]
    with ledger.engine.connect() as connection:
        rows = connection.execute(text("SELECT api_keys::text FROM ledger.api_keys")).scalars()
        assert secret not in "".join(rows)


def test_a_key_that_has_ended(ledger: Ledger) -> None:
    revoked, expired = made(ledger.engine), made(ledger.engine, valid_for=timedelta(seconds=-1))
    assert keys.revoke(ledger.engine, "book", revoked.split("_")[2])
    assert not keys.revoke(ledger.engine, "book", revoked.split("_")[2])
    for key in (revoked, expired):
        with pytest.raises(KeyRefused):
            keys.caller_with(ledger.engine, key)


@pytest.mark.parametrize("change", ["secret", "id", "book", "short", "upper", "nul", "none"])
def test_what_is_no_key(ledger: Ledger, change: str) -> None:
    prefix, book, id, secret = made(ledger.engine).split("_")
    other = {
        "secret": f"{prefix}_{book}_{id}_{'0' * 64}",
        "id": f"{prefix}_{book}_{'0' * 12}_{secret}",
        "book": f"{prefix}_other_{id}_{secret}",
        "short": f"{prefix}_{book}_{id}_{secret[:-1]}",
        "upper": f"{prefix}_{book}_{id}_{secret.upper()}x",
        "nul": f"{prefix}_{book}_{id}_{secret}\x00",
        "none": "clk_",
    }[change]
    with pytest.raises(KeyRefused):
        keys.caller_with(ledger.engine, other)


def test_when_it_was_last_used_is_noted_now_and_then(ledger: Ledger) -> None:
    key = made(ledger.engine)
    assert keys.listed(ledger.engine, "book")[0].last_used_at is None
    keys.caller_with(ledger.engine, key)
    first = keys.listed(ledger.engine, "book")[0].last_used_at
    assert first is not None
    keys.caller_with(ledger.engine, key)
    assert keys.listed(ledger.engine, "book")[0].last_used_at == first
