"""Read models follow the log: each entry once, beside writers, and anew without an outage."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from eventsourcing.persistence import OperationalError
from sqlalchemy import Engine, text

from ledger.application.ledger import Ledger
from ledger.projections import PROJECTIONS
from ledger.projections.balances import Balances
from ledger.projections.engine import Projector, RebuildRunning
from ledger.projections.journal import trial_balance
from ledger.projections.verification import verify
from tests.orders import fill

pytestmark = pytest.mark.database


def balance(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return trial_balance(connection, "book")


def test_in_parts_as_in_one_go(ledger: Ledger) -> None:
    projector = Projector(ledger.engine)
    for step in range(4):
        fill(ledger, 5, first=1 + 5 * step)
        assert projector.catch_up("book") == ledger.recorder.head().position
    in_parts = balance(ledger.engine)
    assert sum(in_parts.values()) == 0
    assert in_parts["receivable.principal"] > 0
    projector.rebuild()
    assert balance(ledger.engine) == in_parts
    assert verify(ledger.engine, "book").ok


def test_two_projectors_apply_each_entry_once(ledger: Ledger) -> None:
    fill(ledger, 300)
    Projector(ledger.engine).catch_up("book")
    fill(ledger, 300, first=301)
    with ThreadPoolExecutor(4) as pool:
        ends = list(pool.map(lambda _: Projector(ledger.engine).catch_up("book"), range(4)))
    assert set(ends) == {ledger.recorder.head().position}
    assert verify(ledger.engine, "book").ok


def test_a_rebuild_beside_writers_and_readers(ledger: Ledger) -> None:
    fill(ledger, 100)
    Projector(ledger.engine).catch_up("book")
    done = Event()
    first = balance(ledger.engine)["receivable.principal"]

    def write() -> None:
        for number in range(101, 161):
            fill(ledger, 1, first=number)
            Projector(ledger.engine).catch_up("book")

    def read() -> list[int]:
        seen = []
        while not done.is_set():
            seen.append(balance(ledger.engine).get("receivable.principal", 0))
        return seen

    with ThreadPoolExecutor(2) as pool:
        reading, writing = pool.submit(read), pool.submit(write)
        for _ in range(5):
            Projector(ledger.engine).rebuild()
        writing.result()
        done.set()
        assert min(reading.result()) >= first > 0
    Projector(ledger.engine).catch_up("book")
    assert verify(ledger.engine, "book").ok


class NewBalances(Balances):
    """The same question, told otherwise since another version."""

    version = Balances.version + 1


def test_a_new_version_is_built_and_takes_over(ledger: Ledger) -> None:
    fill(ledger, 20)
    Projector(ledger.engine).catch_up("book")
    newer = (NewBalances(), *PROJECTIONS[1:])
    fill(ledger, 5, first=21)
    assert Projector(ledger.engine, newer).catch_up("book") == ledger.recorder.head().position
    with ledger.engine.connect() as connection:
        built = connection.execute(
            text("SELECT number, version FROM projections.generations WHERE projection='balances'")
        ).all()
    assert [tuple(row) for row in built] == [(2, NewBalances.version)]
    assert verify(ledger.engine, "book").ok


def test_a_rebuild_that_fails_leaves_the_live_one(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(ledger, 20)
    projector = Projector(ledger.engine)
    projector.catch_up("book")
    before = balance(ledger.engine)

    def fail(*_: object) -> None:
        raise RuntimeError("the machine stopped")

    with monkeypatch.context() as patch:
        patch.setattr("ledger.projections.journal.Journal.apply", fail)
        with pytest.raises(RuntimeError):
            projector.rebuild()
    assert balance(ledger.engine) == before
    projector.rebuild()
    with ledger.engine.connect() as connection:
        count = connection.execute(text("SELECT count(*) FROM projections.generations"))
        assert count.scalar_one() == len(PROJECTIONS)
    assert verify(ledger.engine, "book").ok


def test_a_rebuild_in_two_processes(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(ledger, 20)
    projector = Projector(ledger.engine)
    projector.catch_up("book")
    monkeypatch.setattr("ledger.projections.engine.WORTH_A_CHILD", 1)
    told: list[tuple[int, int]] = []
    end = ledger.recorder.head().position
    for _ in range(2):
        applied = projector.rebuild(progress=lambda done, total: told.append((done, total)))
        assert applied == {projection.name: end for projection in PROJECTIONS}
    assert told[-1] == (2 * end, 2 * end)
    assert verify(ledger.engine, "book").ok


def test_what_fails_in_the_other_process_is_raised_here(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(ledger, 20)
    projector = Projector(ledger.engine)
    projector.catch_up("book")
    before = balance(ledger.engine)
    monkeypatch.setattr("ledger.projections.engine.WORTH_A_CHILD", 1)
    broken = ledger.engine.url.set(database="none_of_that_name")
    with monkeypatch.context() as patch:
        patch.setattr(ledger.engine, "url", broken)
        with pytest.raises(OperationalError, match="none_of_that_name"):
            projector.rebuild()
    assert balance(ledger.engine) == before


def test_one_rebuild_at_a_time(ledger: Ledger) -> None:
    projector = Projector(ledger.engine)
    with projector._exclusively(wait=False), pytest.raises(RebuildRunning):
        Projector(ledger.engine).rebuild()


def test_an_unknown_projection(ledger: Ledger) -> None:
    with pytest.raises(KeyError):
        Projector(ledger.engine).rebuild(["nothing"])


def test_a_head_ahead_of_its_log_holds_nobody_up_and_is_told(
    ledger: Ledger, owner_engine: Engine
) -> None:
    fill(ledger, 3)
    projector = Projector(ledger.engine)
    projector.catch_up("book")
    with owner_engine.begin() as connection:
        connection.execute(text("ALTER TABLE ledger.book_head DISABLE TRIGGER ALL"))
        connection.execute(text("UPDATE ledger.book_head SET position = position + 1"))
        connection.execute(text("ALTER TABLE ledger.book_head ENABLE TRIGGER ALL"))
    projector.catch_up("book")
    assert not verify(ledger.engine, "book").ok
