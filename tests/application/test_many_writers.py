"""Two processes that write to one book at once: what every client must be able to rely on.

The invariants are those of a log that is a list (I1 to I8): what was acknowledged is there once
and at the place that was told; positions are 1, 2, 3, …; the head is that of the entries; a command
is carried out once; and who is answered before another one asks comes before him.
"""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import timedelta
from time import monotonic_ns
from typing import NamedTuple
from uuid import UUID, uuid5

import pytest
from sqlalchemy import Engine

from ledger.application.ledger import Ledger
from ledger.application.orders import Order, Receipt
from ledger.domain.events import PaymentReceived
from ledger.log.engine import connect
from ledger.log.leaf import envelope, microseconds
from ledger.log.merkle import Frontier, leaf_hash
from ledger.processes import CONTEXT
from tests.orders import OPENED, TODAY, give, invoice, opening, order, payment

pytestmark = [pytest.mark.database]

PROCESSES = 2
THREADS = 4
COMMANDS = 200
CASES = [UUID(int=number) for number in range(1, 9)]


class Answer(NamedTuple):
    """What one client was told, and when it had asked and was answered on the machine's clock."""

    command_id: UUID
    asked_ns: int
    answered_ns: int
    first: int | None
    """``None`` for a refusal."""
    last: int | None
    repeated: bool
    refusal: str | None


def orders_of(process: int) -> list[Order]:
    """Payments; every tenth order is one that the other process gives too, and every seventh one
    is refused. Receipts named alike make some of them a race that only one can win.
    """
    given = []
    for number in range(COMMANDS):
        owner = 0 if number % 10 == 0 else process
        id = uuid5(CASES[0], f"{owner}/{number}")
        amount = 0 if number % 7 == 3 else 1_00 + number
        name = f"shared-{number}" if number % 10 == 5 else f"{owner}/{number}"
        on = OPENED + timedelta(days=number % 30)
        given.append(order(payment(name, amount, on), CASES[number % 8], command_id=id))
    return given


def work(url: str, process: int) -> list[Answer]:
    """One process, with some threads that share its application."""
    engine = connect(url)
    ledger = Ledger(engine, "book", today=lambda: TODAY)

    def ask(given: Order) -> Answer:
        asked = monotonic_ns()
        outcome = ledger.execute(given)
        answered = monotonic_ns()
        if isinstance(outcome, Receipt):
            first, last = outcome.first_position, outcome.last_position
            return Answer(given.command_id, asked, answered, first, last, outcome.repeated, None)
        return Answer(given.command_id, asked, answered, None, None, False, outcome.code)

    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(ask, orders_of(process)))
    engine.dispose()
    return answers


@pytest.fixture
def answers(ledger: Ledger, database_url: str) -> list[Answer]:
    for number, case in enumerate(CASES):
        give(ledger, case, opening(str(number)), invoice("I-1", 100_000_00))
    with ProcessPoolExecutor(PROCESSES, mp_context=CONTEXT) as processes:
        running = [processes.submit(work, database_url, number) for number in range(PROCESSES)]
        return [answer for each in running for answer in each.result()]


def test_two_processes_of_several_threads_on_one_book(
    ledger: Ledger, engine: Engine, answers: list[Answer]
) -> None:
    assert len(answers) == PROCESSES * COMMANDS
    entries = ledger.recorder.read_log(0, 10_000)
    head = ledger.recorder.head()

    # I2: positions are 1..head, without a gap or a double.
    assert [entry.position for entry in entries] == list(range(1, head.position + 1))

    # I3: the head is that of the entries, recomputed.
    frontier = Frontier()
    for e in entries:
        frontier.append(
            leaf_hash(
                envelope(
                    "book", e.position, e.stream, e.version, e.type, microseconds(e.recorded_at),
                    e.actor, e.channel, e.command_id, e.payload.encode(),
                )
            )
        )  # fmt: skip
    assert (frontier.root(), frontier.to_bytes()) == (head.root, head.frontier)
    assert entries[-1].recorded_at == head.recorded_at
    recorded_at = [entry.recorded_at for entry in entries]
    assert recorded_at == sorted(recorded_at)

    # I1: what was acknowledged is there, where it was said to be, and carries its command.
    by_position = {entry.position: entry for entry in entries}
    for answer in answers:
        if answer.first is not None and answer.last is not None:
            for position in range(answer.first, answer.last + 1):
                assert by_position[position].command_id == str(answer.command_id)

    # I6: a command is carried out once, however many gave it; all are told the same place.
    places: dict[UUID, set[tuple[int, int]]] = {}
    first_times: dict[UUID, int] = {}
    for answer in answers:
        if answer.first is not None and answer.last is not None:
            places.setdefault(answer.command_id, set()).add((answer.first, answer.last))
            first_times[answer.command_id] = first_times.get(answer.command_id, 0) + (
                not answer.repeated
            )
    assert all(len(told) == 1 for told in places.values())
    assert set(first_times.values()) == {1}
    opened = 2 * len(CASES)
    refused = [entry.command_id for entry in entries if entry.type == "command_refused.v1"]
    assert len(entries) == opened + len(refused) + sum(
        last - first + 1 for told in places.values() for first, last in told
    )
    shared = {o.command_id for o in orders_of(0)} & {o.command_id for o in orders_of(1)}
    assert len(shared) == COMMANDS // 10
    assert any(answer.repeated for answer in answers)

    # I5: a refused order has left its refusal, once however often it was given, and nothing
    # else; refusals are those that were to be expected.
    codes = {answer.refusal for answer in answers if answer.refusal is not None}
    assert codes == {"amount_missing", "duplicate_receipt"}
    asked_in_vain = {str(a.command_id) for a in answers if a.refusal is not None}
    assert sorted(refused) == sorted(asked_in_vain)
    recorded = {e.command_id for e in entries if e.type != "command_refused.v1"}
    assert not asked_in_vain & recorded

    # I8: an answer that came before another one's question has the lower position.
    fresh = sorted(
        (a for a in answers if a.first is not None and not a.repeated), key=lambda a: a.asked_ns
    )
    done = sorted(fresh, key=lambda a: a.answered_ns)
    latest, at = 0, 0
    for asked in fresh:
        while at < len(done) and done[at].answered_ns < asked.asked_ns:
            latest = max(latest, done[at].last or 0)
            at += 1
        assert asked.first is not None
        assert asked.first > latest

    # And each case adds up: what was owed, less what was paid, whoever recorded it.
    for case in CASES:
        folded = ledger.case(case)
        versions = [entry.version for entry in ledger.history(case)]
        assert versions == list(range(1, len(versions) + 1))
        paid = sum(
            entry.event.amount
            for entry in ledger.history(case)
            if isinstance(entry.event, PaymentReceived)
        )
        assert folded.outstanding == 100_000_00 - paid
