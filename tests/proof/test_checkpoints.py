"""Checkpoints of a real book, and what happens to them when the book is tampered with."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from ledger.application.ledger import Ledger
from ledger.projections.engine import Projector
from ledger.projections.verification import verify
from ledger.proof.checkpoints import Made, NotDurable, anchors_of, kept, latest, make_checkpoint
from ledger.proof.notes import Checkpoint, verified_checkpoint
from ledger.proof.signer import Signer, SignerRefusal
from tests.orders import fill
from tests.waiting import eventually

pytestmark = pytest.mark.database


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(tmp_path / "signer", "example.org/ledger")


def checkpoint(ledger: Ledger, signer: Signer) -> Made:
    return make_checkpoint(ledger.engine, ledger.book, signer)


def test_a_checkpoint_is_of_the_head(ledger: Ledger, signer: Signer) -> None:
    assert checkpoint(ledger, signer).size == 0
    fill(ledger, 5)
    made = checkpoint(ledger, signer)
    head = ledger.recorder.head()
    found = verified_checkpoint(made.note, signer.keys(ledger.book))
    assert found == Checkpoint("example.org/ledger/book", head.position, head.root)
    with ledger.engine.connect() as connection:
        assert latest(connection, ledger.book) == made.note


def test_older_ones_are_kept_and_the_same_head_is_signed_once(
    ledger: Ledger, signer: Signer
) -> None:
    sizes = []
    for first in (1, 101, 201):
        fill(ledger, 3, first=first)
        notes = {str(checkpoint(ledger, signer).note) for _ in range(2)}
        assert len(notes) == 1
        sizes.append(ledger.recorder.head().position)
    with ledger.engine.connect() as connection:
        assert [size for size, _ in kept(connection, ledger.book)] == sizes
    assert len(signer.history(ledger.book)) == 3


def test_killed_between_signing_and_keeping(ledger: Ledger, signer: Signer) -> None:
    """The signer knows more than the database: the next time, the database learns of it."""
    fill(ledger, 3)
    head = ledger.recorder.head()
    from ledger.proof.signer import Observed

    signed = signer.sign(
        ledger.book, lambda: Observed(head.position, head.root, True), lambda old, new: []
    )
    with ledger.engine.connect() as connection:
        assert latest(connection, ledger.book) is None
    assert checkpoint(ledger, signer).note == signed
    with ledger.engine.connect() as connection:
        assert latest(connection, ledger.book) == signed


def test_many_at_once_while_the_log_grows(ledger: Ledger, signer: Signer) -> None:
    """None seems to have gone back, and all are of one history."""
    fill(ledger, 1)
    checkpoint(ledger, signer)
    with ThreadPoolExecutor(8) as pool:
        growing = [pool.submit(fill, ledger, 2, first=100 * n) for n in range(1, 9)]
        made = [pool.submit(checkpoint, ledger, signer) for _ in range(16)]
        for job in growing:
            job.result()
        sizes = [job.result().size for job in made]
    assert max(sizes) <= ledger.recorder.head().position
    assert sorted({Checkpoint.parse(n.text).size for n in signer.history(ledger.book)}) == [
        Checkpoint.parse(n.text).size for n in signer.history(ledger.book)
    ]
    assert checkpoint(ledger, signer).size == ledger.recorder.head().position


def without_triggers(owner: Engine, *statements: str) -> None:
    with owner.begin() as connection:
        for table in ("events", "book_head", "tree", "checkpoints", "commands", "names"):
            connection.execute(text(f"ALTER TABLE ledger.{table} DISABLE TRIGGER ALL"))
        for statement in statements:
            connection.execute(text(statement))


BACKUP = [
    f"CREATE TABLE public.{table} AS TABLE ledger.{table}"
    for table in ("events", "book_head", "tree", "checkpoints", "commands", "names")
]
RESTORE = [
    statement
    for table in ("events", "book_head", "tree", "checkpoints", "commands", "names")
    for statement in (
        f"DELETE FROM ledger.{table}",
        f"INSERT INTO ledger.{table} SELECT * FROM public.{table}",
    )
]


def test_a_restored_backup_is_not_signed(
    ledger: Ledger, owner_engine: Engine, signer: Signer
) -> None:
    """Nor what is recorded on top of it: that would be a fork."""
    fill(ledger, 4)
    checkpoint(ledger, signer)
    without_triggers(owner_engine, *BACKUP)
    fill(ledger, 4, first=50)
    signed = checkpoint(ledger, signer)
    without_triggers(owner_engine, *RESTORE)
    with pytest.raises(SignerRefusal, match="backup was restored"):
        checkpoint(ledger, signer)
    fill(ledger, 8, first=90)
    assert ledger.recorder.head().position > signed.size
    with pytest.raises(SignerRefusal, match="does not continue"):
        checkpoint(ledger, signer)
    assert signer.last(ledger.book) == signed.note


def test_a_head_that_is_not_that_of_its_tree_is_not_signed(
    ledger: Ledger, owner_engine: Engine, signer: Signer
) -> None:
    fill(ledger, 4)
    without_triggers(owner_engine, "UPDATE ledger.book_head SET root = sha256('x')")
    with pytest.raises(SignerRefusal, match="has not the root of its tree"):
        checkpoint(ledger, signer)


def test_the_application_may_wait_for_durability(ledger: Ledger) -> None:
    """Its role may write the message into the write-ahead log whose commit is waited for."""
    from ledger.proof.checkpoints import wait_until_durable

    with ledger.engine.connect() as connection:
        before = connection.execute(text("SELECT pg_current_wal_flush_lsn()")).scalar_one()
        connection.rollback()
        wait_until_durable(connection)
        after = text("SELECT pg_current_wal_flush_lsn() > CAST(:before AS pg_lsn)")
        assert connection.execute(after, {"before": before}).scalar_one()


@pytest.mark.faults
def test_what_a_standby_has_not_confirmed_is_not_signed(
    ledger: Ledger, owner_engine: Engine, signer: Signer
) -> None:
    """The wait for a standby that is away is cut short: PostgreSQL then says that it committed.

    The negative control is the same checkpoint without a standby to wait for.
    """
    fill(ledger, 2)
    assert checkpoint(ledger, signer).size > 0
    fill(ledger, 2, first=10)
    session = owner_engine.execution_options(isolation_level="AUTOCOMMIT")
    waiting = text(
        "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        " AND datname = current_database() AND query ILIKE 'COMMIT%'"
    )
    with session.connect() as owner, ThreadPoolExecutor(1) as pool:
        if not owner.execute(text("SELECT rolsuper FROM pg_roles WHERE rolname = user")).scalar():
            pytest.skip("only a superuser may name a standby")
        owner.execute(text("SET synchronous_commit TO local"))
        owner.execute(text("ALTER SYSTEM SET synchronous_standby_names = 'away'"))
        owner.execute(text("SELECT pg_reload_conf()"))
        try:
            eventually(
                lambda: owner.execute(text("SHOW synchronous_standby_names")).scalar() == "away"
            )
            making = pool.submit(checkpoint, ledger, signer)
            eventually(lambda: owner.execute(waiting).first() or making.done())
            owner.execute(text(f"SELECT pg_cancel_backend(pid) FROM ({waiting.text}) AS waiting"))
            with pytest.raises(NotDurable, match="has not confirmed"):
                making.result()
        finally:
            owner.execute(text("ALTER SYSTEM RESET synchronous_standby_names"))
            owner.execute(text("SELECT pg_reload_conf()"))
    eventually(lambda: standby_named(owner_engine) == "")
    assert len(signer.history(ledger.book)) == 1
    assert checkpoint(ledger, signer).size == ledger.recorder.head().position


def standby_named(engine: Engine) -> object:
    with engine.connect() as connection:
        return connection.execute(text("SHOW synchronous_standby_names")).scalar()


def test_verified_while_it_grows(ledger: Ledger, owner_engine: Engine, signer: Signer) -> None:
    """No false alarm about a book that is appended to and signed all the while."""
    fill(ledger, 2)
    checkpoint(ledger, signer)
    ended = threading.Event()

    def grow() -> None:
        first = 1_000
        while not ended.is_set():
            fill(ledger, 2, first=first)
            checkpoint(ledger, signer)
            first += 10

    with ThreadPoolExecutor(1) as pool:
        growing = pool.submit(grow)
        try:
            sizes = []
            for _ in range(10):
                keys = signer.keys(ledger.book)
                anchors = anchors_of(signer.history(ledger.book), keys, "the signer")
                Projector(ledger.engine).catch_up(ledger.book)
                found = verify(ledger.engine, ledger.book, anchors=anchors, keys=keys)
                assert found.ok, found.listed
                since = verify(
                    ledger.engine, ledger.book, anchors=anchors, keys=keys, since=anchors[-1]
                )
                assert since.ok, since.listed
                sizes.append(found.position)
        finally:
            ended.set()
            growing.result()
    assert sizes[-1] > sizes[0]
