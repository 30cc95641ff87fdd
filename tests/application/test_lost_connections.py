"""A connection that is lost, at whatever moment: nothing is doubled and nothing acknowledged lost.

The server's process for the connection is ended for real, by ``pg_terminate_backend``.
"""

import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Barrier, Timer
from typing import Any

import psycopg2
import pytest
from eventsourcing.persistence import OperationalError
from sqlalchemy import Engine, text

from ledger.application import ledger as application
from ledger.application.ledger import ATTEMPTS, Ledger
from ledger.application.orders import Order
from tests.orders import give, invoice, invoiced_case, opening, order, payment, receipt

pytestmark = [pytest.mark.database, pytest.mark.faults]

Commit = Callable[[Any], None]


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "FIRST_PAUSE_SECONDS", 0.01)


@pytest.fixture
def case_orders(ledger: Ledger) -> list[Order]:
    """Payments on three cases."""
    return [
        order(payment("bank-1", 100_00), invoiced_case(ledger, str(number))) for number in range(3)
    ]


@contextmanager
def at_commit(
    engine: Engine, instead: Callable[[Any, Commit], None], times: int = 1
) -> Iterator[list[int]]:
    """Do something else at the next commits; the list holds what was done so far."""
    commit = engine.dialect.do_commit
    done: list[int] = []

    def patched(connection: Any) -> None:
        if len(done) < times:
            done.append(len(done))
            instead(connection, commit)
        else:
            commit(connection)

    engine.dialect.do_commit = patched  # type: ignore[method-assign,assignment]
    try:
        yield done
    finally:
        engine.dialect.do_commit = commit  # type: ignore[method-assign]


def terminate(owner_engine: Engine, connection: Any) -> None:
    with owner_engine.begin() as another:
        pid = connection.get_backend_pid()
        assert another.execute(
            text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": pid}
        ).scalar_one()


def assert_once(ledger: Ledger, orders: list[Order], first: int) -> None:
    """Each of the orders is recorded once, by one event, in their order."""
    entries = ledger.recorder.read_log(first - 1, 1000)
    assert [entry.command_id for entry in entries] == [str(each.command_id) for each in orders]
    assert ledger.recorder.head().position == first - 1 + len(orders)


@pytest.mark.parametrize("times", [1, 3])
def test_lost_before_the_commit(
    ledger: Ledger, owner_engine: Engine, case_orders: list[Order], times: int
) -> None:
    def lose(connection: Any, commit: Commit) -> None:
        terminate(owner_engine, connection)
        commit(connection)

    with at_commit(ledger.engine, lose, times) as done:
        receipts = [receipt(outcome) for outcome in ledger.execute_many(case_orders)]
    assert len(done) == times
    assert [each.repeated for each in receipts] == [False] * 3
    assert_once(ledger, case_orders, 7)


@pytest.mark.parametrize("times", [1, 3])
def test_lost_after_the_commit(
    ledger: Ledger, owner_engine: Engine, case_orders: list[Order], times: int
) -> None:
    """The server has committed, and its answer is lost: the ids are read back."""

    def lose(connection: Any, commit: Commit) -> None:
        commit(connection)
        terminate(owner_engine, connection)
        connection.cursor().execute("SELECT 1")

    with at_commit(ledger.engine, lose, times) as done:
        receipts = [receipt(outcome) for outcome in ledger.execute_many(case_orders)]
    assert len(done) == times
    assert [each.first_position for each in receipts] == [7, 8, 9]
    assert_once(ledger, case_orders, 7)


def test_lost_while_the_server_is_still_committing(
    ledger: Ledger, owner_engine: Engine, case_orders: list[Order]
) -> None:
    """The next try must wait for the end of the lost transaction before it reads the ids back."""
    with owner_engine.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN PERFORM pg_sleep(0.7); RETURN NULL; END $$;"
                " CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON ledger.names"
                " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()"
            )
        )

    def lose(connection: Any, commit: Commit) -> None:
        with socket.socket(fileno=os.dup(connection.fileno())) as ours:
            cut = Timer(0.2, ours.shutdown, [socket.SHUT_RDWR])
            cut.start()
            try:
                commit(connection)
            finally:
                cut.join()

    opened = order(opening("slow"))
    with at_commit(ledger.engine, lose) as done:
        receipts = [receipt(outcome) for outcome in ledger.execute_many([*case_orders, opened])]
    assert len(done) == 1
    assert [each.first_position for each in receipts] == [7, 8, 9, 10]
    assert all(each.repeated for each in receipts), "the lost transaction did not commit after all"
    assert_once(ledger, [*case_orders, opened], 7)


def test_lost_in_the_middle_of_writing(
    ledger: Ledger, owner_engine: Engine, case_orders: list[Order]
) -> None:
    """Within the transaction, by a statement that does not go through SQLAlchemy."""
    lost = []
    with suppress(OperationalError), ledger.recorder.append() as appending:
        lost.append(appending.position)
        terminate(owner_engine, appending.connection.connection.dbapi_connection)
        appending.streams([each.case for each in case_orders])
    assert lost == [6]
    for outcome in ledger.execute_many(case_orders):
        assert not receipt(outcome).repeated
    assert_once(ledger, case_orders, 7)


def test_lost_for_many_callers_at_once(ledger: Ledger, owner_engine: Engine) -> None:
    cases = [invoiced_case(ledger, str(number)) for number in range(32)]
    orders = [order(payment("bank-1", 100_00), case) for case in cases]

    def lose(connection: Any, commit: Commit) -> None:
        if connection.get_backend_pid() % 2:
            commit(connection)
        terminate(owner_engine, connection)
        connection.cursor().execute("SELECT 1")

    with at_commit(ledger.engine, lose, 3), ThreadPoolExecutor(32) as threads:
        outcomes = list(threads.map(ledger.execute, orders))
    positions = [receipt(outcome).first_position for outcome in outcomes]
    assert sorted(positions) == list(range(65, 97))
    for position, given in zip(positions, orders, strict=True):
        [entry] = ledger.recorder.read_log(position - 1, 1)
        assert entry.command_id == str(given.command_id)
    assert ledger.recorder.head().position == 96


def test_a_database_that_stays_away_is_an_error_for_the_caller(
    ledger: Ledger, owner_engine: Engine, case_orders: list[Order]
) -> None:
    """After some tries. The outcome may be unknown; sending the same orders again settles it."""

    def lose(connection: Any, commit: Commit) -> None:
        terminate(owner_engine, connection)
        commit(connection)

    with at_commit(ledger.engine, lose, 100) as done, pytest.raises(OperationalError):
        ledger.execute_many(case_orders)
    assert len(done) == ATTEMPTS
    assert ledger.recorder.head().position == 6
    for outcome in ledger.execute_many(case_orders):
        assert not receipt(outcome).repeated
    assert_once(ledger, case_orders, 7)


def test_an_error_that_is_no_lost_connection_is_not_tried_again(
    ledger: Ledger, case_orders: list[Order]
) -> None:
    def fail(connection: Any, commit: Commit) -> None:
        raise psycopg2.ProgrammingError("a mistake of ours")

    with at_commit(ledger.engine, fail, 100) as done, pytest.raises(Exception, match="of ours"):
        ledger.execute_many(case_orders)
    assert len(done) == 1
    assert ledger.recorder.head().position == 6


def cut_all(ledger: Ledger, owner_engine: Engine, connections: int) -> None:
    """What a restart of the server does to a program: each of its pooled connections is dead."""
    start = Barrier(connections)

    def use(_: int) -> None:
        with ledger.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            start.wait()

    with ThreadPoolExecutor(connections) as threads:
        list(threads.map(use, range(connections)))
    with owner_engine.begin() as connection:
        cut = connection.execute(
            text(
                "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend'"
            )
        ).scalar_one()
    assert cut >= connections


def test_after_a_restart_of_the_server_writing_goes_on(
    ledger: Ledger, owner_engine: Engine, case_orders: list[Order]
) -> None:
    cut_all(ledger, owner_engine, 10)
    for given in case_orders:
        assert not receipt(ledger.execute(given)).repeated
    assert_once(ledger, case_orders, 7)


def test_after_a_restart_of_the_server_reading_goes_on(
    ledger: Ledger, owner_engine: Engine
) -> None:
    """At most one reader is told that its connection was lost; not one for each in the pool."""
    case = invoiced_case(ledger, "1")
    for read in (
        lambda: ledger.case(case),
        lambda: ledger.recorder.read_log(0, 10),
        lambda: ledger.find("1"),
        lambda: ledger.recorder.select_notifications(1, 10),
    ):
        cut_all(ledger, owner_engine, 10)
        failed = 0
        for _ in range(5):
            try:
                read()
            except OperationalError:
                failed += 1
        assert failed <= 1


def test_a_reader_that_was_cut_off_has_read_nothing_wrong(
    ledger: Ledger, owner_engine: Engine
) -> None:
    case = invoiced_case(ledger, "1")
    cut_all(ledger, owner_engine, 3)
    with suppress(OperationalError):
        ledger.case(case)
    assert ledger.case(case).outstanding == 413_00
    give(ledger, case, invoice("1-2", 100))
    assert ledger.case(case).outstanding == 414_00
