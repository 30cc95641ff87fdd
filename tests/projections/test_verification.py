"""Verification finds whatever was changed behind the program's back, and nothing else."""

import pytest
from sqlalchemy import Engine, text

from ledger.application.ledger import Ledger
from ledger.projections.engine import Projector
from ledger.projections.verification import Verification, verify
from ledger.proof.difference import Difference
from tests.orders import fill

pytestmark = pytest.mark.database


@pytest.fixture
def verified(ledger: Ledger) -> Ledger:
    """A book with read models, and nothing wrong with it."""
    fill(ledger, 12)
    Projector(ledger.engine).catch_up(ledger.book)
    assert verify(ledger.engine, ledger.book).ok
    return ledger


def tampered(ledger: Ledger, owner: Engine, *statements: str) -> Verification:
    """What verification says after the owner went around the triggers."""
    with owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in ("events", "book_head"):
            connection.execute(text(f"ALTER TABLE ledger.{table} DISABLE TRIGGER ALL"))
        for statement in statements:
            changed = connection.execute(text(statement)).rowcount
            assert changed, f"changed nothing: {statement}"
    return verify(ledger.engine, ledger.book)


def test_an_untouched_book_is_whole(verified: Ledger) -> None:
    found = verify(verified.engine, verified.book)
    assert (found.cases, found.differences) == (12, 0)
    assert found.events == found.position == verified.recorder.head().position


def test_two_processes_find_what_one_does(
    verified: Ledger, owner_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = (
        "UPDATE ledger.events SET version = 100 WHERE position = 2",
        "UPDATE projections.balances_1 SET amount = amount + 1",
    )
    one = tampered(verified, owner_engine, *changes)
    assert not one.ok
    with monkeypatch.context() as patch:
        patch.setattr("ledger.projections.verification.WORTH_A_CHILD", 1)
        told: list[tuple[int, int]] = []
        two = verify(verified.engine, verified.book, lambda *at: told.append(at))
    assert two == one
    assert told[-1] == (2 * two.events, 2 * two.events)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger.events SET payload = replace(payload, '2026', '2025') WHERE position = 2",
        "UPDATE ledger.events SET actor = 'agent:other' WHERE position = 3",
        "UPDATE ledger.events SET channel = 'elsewhere' WHERE position = 3",
        "UPDATE ledger.events SET recorded_at = recorded_at + interval '1 us' WHERE position = 4",
        "UPDATE ledger.events SET command_id = gen_random_uuid() WHERE position = 4",
        "UPDATE ledger.events SET payload = ' ' || payload WHERE position = 5",
        "UPDATE ledger.book_head SET root = sha256('another')",
    ],
)
def test_a_changed_column_changes_the_root(
    verified: Ledger, owner_engine: Engine, change: str
) -> None:
    found = tampered(verified, owner_engine, change)
    assert "root of the tree" in {difference.what for difference in found.listed}


def test_a_payload_that_is_no_event_is_named(verified: Ledger, owner_engine: Engine) -> None:
    found = tampered(
        verified, owner_engine, "UPDATE ledger.events SET payload = '{}' WHERE position = 7"
    )
    named = {d.what: d.position for d in found.listed if d.position is not None}
    assert named["event can't be read"] == 7


def test_a_deleted_event_leaves_a_gap(verified: Ledger, owner_engine: Engine) -> None:
    found = tampered(verified, owner_engine, "DELETE FROM ledger.events WHERE position = 9")
    assert found.first == Difference("entries are missing", 9, None, 9, 10)


def test_a_tail_cut_off_is_missed_by_the_head(verified: Ledger, owner_engine: Engine) -> None:
    last = verified.recorder.head().position
    found = tampered(verified, owner_engine, f"DELETE FROM ledger.events WHERE position = {last}")
    assert found.first == Difference("entries are missing", last, None, last, last - 1)


def test_swapped_events_are_found(verified: Ledger, owner_engine: Engine) -> None:
    found = tampered(
        verified,
        owner_engine,
        "UPDATE ledger.events SET position = 1000 WHERE position = 3",
        "UPDATE ledger.events SET position = 3 WHERE position = 8",
        "UPDATE ledger.events SET position = 8 WHERE position = 1000",
    )
    assert not found.ok


def test_an_inserted_event_is_found(verified: Ledger, owner_engine: Engine) -> None:
    last = verified.recorder.head().position
    found = tampered(
        verified,
        owner_engine,
        "INSERT INTO ledger.events SELECT book, position + 1, gen_random_uuid(), 1, type,"
        " recorded_at, actor, channel, command_id, payload FROM ledger.events"
        f" WHERE position = {last}",
    )
    assert not found.ok


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("UPDATE projections.balances_1 SET amount = amount + 1 WHERE amount <> 0", "balances"),
        ("DELETE FROM projections.balances WHERE amount <> 0", "balances"),
        ("UPDATE projections.worklist SET outstanding = outstanding + 1", "worklist"),
        ("DELETE FROM projections.worklist", "worklist"),
        ("DELETE FROM projections.case_numbers WHERE kind = 'kid'", "case_numbers"),
        (
            "INSERT INTO projections.case_numbers VALUES ('book', 'kid', '1', gen_random_uuid())",
            "case_numbers has rows of no case",
        ),
        ("UPDATE projections.journal SET amount = amount + 1 WHERE position = 2", "journal"),
        ("DELETE FROM projections.journal WHERE position = 2 AND line = 1", "journal"),
        ("UPDATE projections.audit_trail SET line_nb = 'x' WHERE position = 4", "audit trail"),
        ("DELETE FROM projections.audit_trail WHERE position = 4", "audit trail"),
        ("UPDATE projections.account_totals SET amount = amount + 1", "account totals"),
        (
            "INSERT INTO projections.balances VALUES"
            " ('book', '00000000-0000-0000-0000-000000000000', 'principal', 5)",
            "balances has rows of no case",
        ),
        (
            "INSERT INTO projections.journal SELECT book, 100000, line, stream, value_date,"
            " account, claim, amount FROM projections.journal WHERE position = 2",
            "journal has rows of no entry",
        ),
    ],
)
def test_a_changed_read_model_differs(
    verified: Ledger, owner_engine: Engine, change: str, what: str
) -> None:
    found = tampered(verified, owner_engine, change)
    assert what in {difference.what for difference in found.listed}
