"""Concurrent callers share one lock, one insert and one commit; each gets his own answer."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from ledger.application import group_commit
from ledger.application.group_commit import GroupCommit
from ledger.application.ledger import Ledger
from ledger.application.orders import Order, Outcome, Receipt
from ledger.domain.refusals import Refusal
from tests.orders import charge, invoiced_case, opening, order, payment, receipt, refusal
from tests.waiting import eventually, waiting_for_locks

THREADS = 64


def transactions(ledger: Ledger) -> list[int]:
    """How many entries each transaction of the book recorded: each has a time of its own."""
    with ledger.engine.connect() as connection:
        return list(
            connection.execute(
                text(
                    "SELECT count(*) FROM ledger.events WHERE book = :book"
                    " GROUP BY recorded_at ORDER BY recorded_at"
                ),
                {"book": ledger.book},
            ).scalars()
        )


# ---------------------------------------------------------------- with the log


@pytest.mark.database
def test_sixty_four_callers_are_all_answered_with_their_own(ledger: Ledger) -> None:
    cases = [invoiced_case(ledger, str(number)) for number in range(8)]
    before = transactions(ledger)

    def pay(number: int) -> tuple[Order, Outcome]:
        amount = 0 if number % 5 == 0 else 100 + number
        paying = order(payment(f"bank-{number}", amount), cases[number % 8])
        return paying, ledger.execute(paying)

    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(pay, range(320)))
    done = 0
    for number, (paying, outcome) in enumerate(answers):
        if number % 5 == 0:
            assert refusal(outcome).code == "amount_missing"
            continue
        done += 1
        answer = receipt(outcome)
        assert (answer.command_id, answer.case) == (paying.command_id, paying.case)
        [entry] = ledger.entries(answer)
        assert entry.command_id == str(paying.command_id)
    sizes = transactions(ledger)[len(before) :]
    assert sum(sizes) == 320, "each answer is recorded, a refusal too"
    assert len(sizes) < done / 2, "callers were not gathered into batches"


@pytest.mark.database
def test_what_comes_in_during_a_commit_is_one_batch(ledger: Ledger, owner_engine: Engine) -> None:
    case = invoiced_case(ledger, "1")
    with ThreadPoolExecutor(THREADS) as threads:
        with ledger.recorder.append():  # another program holds the head
            first = threads.submit(ledger.execute, order(payment("bank-0", 100), case))
            eventually(lambda: waiting_for_locks(owner_engine))
            others = [
                threads.submit(ledger.execute, order(payment(f"bank-{n}", 100), case))
                for n in range(1, THREADS)
            ]
            eventually(lambda: len(ledger._group._queue) == THREADS - 1)
        for future in (first, *others):
            receipt(future.result())
    assert transactions(ledger) == [1, 1, 1, THREADS - 1]


@pytest.mark.database
def test_a_batch_has_a_largest_size(
    ledger: Ledger, owner_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "LARGEST_BATCH", 10)
    case = invoiced_case(ledger, "1")
    with ThreadPoolExecutor(26) as threads:
        with ledger.recorder.append():
            first = threads.submit(ledger.execute, order(payment("bank-0", 100), case))
            eventually(lambda: waiting_for_locks(owner_engine))
            others = [
                threads.submit(ledger.execute, order(payment(f"bank-{n}", 100), case))
                for n in range(1, 26)
            ]
            eventually(lambda: len(ledger._group._queue) == 25)
        for future in (first, *others):
            receipt(future.result())
    assert transactions(ledger) == [1, 1, 1, 10, 10, 5]


@pytest.mark.database
def test_an_order_that_fails_reaches_its_own_caller_only(
    ledger: Ledger, owner_engine: Engine
) -> None:
    case = invoiced_case(ledger, "1")
    with ThreadPoolExecutor(16) as threads:
        with ledger.recorder.append():
            first = threads.submit(ledger.execute, order(payment("bank-0", 100), case))
            eventually(lambda: waiting_for_locks(owner_engine))
            bad = threads.submit(ledger.execute, order(charge(), case, actor="no label"))
            refused = threads.submit(ledger.execute, order(charge(), uuid4()))
            good = [
                threads.submit(ledger.execute, order(payment(f"bank-{n}", 100), case))
                for n in range(1, 14)
            ]
            eventually(lambda: len(ledger._group._queue) == 15)
        with pytest.raises(ValueError, match="label"):
            bad.result()
        assert refusal(refused.result()).code == "case_not_open"
        for future in (first, *good):
            receipt(future.result())
    assert transactions(ledger) == [1, 1, 1, 13]


@pytest.mark.database
def test_one_caller_alone_waits_for_nobody(ledger: Ledger) -> None:
    for number in range(5):
        receipt(ledger.execute(order(opening(str(number)))))
    assert transactions(ledger) == [1] * 5


# ---------------------------------------------------------------- the queue alone


class Worker:
    """Carries out batches when it is told to, and notes them."""

    def __init__(self) -> None:
        self.batches: list[list[Order]] = []
        self.go = Event()
        self.inside = Lock()
        self.fail_with: BaseException | None = None

    def carry_out(self, orders: Sequence[Order]) -> list[Outcome | Exception]:
        assert self.inside.acquire(blocking=False), "two batches at once"
        try:
            self.batches.append(list(orders))
            assert self.go.wait(60)
            if self.fail_with is not None:
                failure, self.fail_with = self.fail_with, None
                raise failure
            return [Refusal("nothing_owed", {"order": str(o.command_id)}) for o in orders]
        finally:
            self.inside.release()


def submitted(group: GroupCommit, threads: ThreadPoolExecutor, count: int) -> list[Future[Outcome]]:
    """That many orders, of which the first is being carried out and the others wait."""
    first = threads.submit(group.submit, order(charge()))
    eventually(lambda: group._busy and not group._queue)
    others = [threads.submit(group.submit, order(charge())) for _ in range(count - 1)]
    eventually(lambda: len(group._queue) == count - 1)
    return [first, *others]


def test_only_one_batch_is_under_way() -> None:
    worker = Worker()
    group = GroupCommit(worker.carry_out)
    with ThreadPoolExecutor(20) as threads:
        futures = submitted(group, threads, 20)
        worker.go.set()
        for future in futures:
            assert isinstance(future.result(), Refusal)
    assert [len(batch) for batch in worker.batches] == [1, 19]
    assert not group._busy
    assert not group._queue


def test_a_failed_batch_fails_its_callers_and_not_those_after_them() -> None:
    worker = Worker()
    group = GroupCommit(worker.carry_out)
    worker.fail_with = ConnectionError("the database is away")
    with ThreadPoolExecutor(10) as threads:
        futures = submitted(group, threads, 10)
        worker.go.set()
        with pytest.raises(ConnectionError):
            futures[0].result()
        for future in futures[1:]:
            assert isinstance(future.result(), Refusal)
    assert isinstance(group.submit(order(charge())), Refusal)


def test_a_leader_that_is_interrupted_leaves_nobody_waiting() -> None:
    """Ctrl-C in the thread that carries out a batch: its callers are told, the next one leads."""
    worker = Worker()
    group = GroupCommit(worker.carry_out)
    worker.fail_with = KeyboardInterrupt()
    with ThreadPoolExecutor(10) as threads:
        futures = submitted(group, threads, 10)
        worker.go.set()
        assert isinstance(futures[0].exception(), KeyboardInterrupt)
        for future in futures[1:]:
            assert isinstance(future.result(), Refusal)


def test_an_answer_for_each_or_an_error_for_all() -> None:
    group = GroupCommit(lambda orders: [])
    with pytest.raises(ValueError, match="zip"):
        group.submit(order(charge()))
    assert not group._busy


def test_each_caller_gets_the_answer_to_his_own_order() -> None:
    group = GroupCommit(
        lambda orders: [Refusal("nothing_owed", {"order": str(o.command_id)}) for o in orders]
    )

    def ask(_: int) -> bool:
        mine = order(charge())
        answer = group.submit(mine)
        assert not isinstance(answer, Receipt)
        return answer.facts == {"order": str(mine.command_id)}

    with ThreadPoolExecutor(THREADS) as threads:
        assert all(threads.map(ask, range(2000)))


# ---------------------------------------------------------------- tasks of an event loop


async def all_submitted(group: GroupCommit, count: int) -> list["asyncio.Task[Outcome]"]:
    """That many tasks, of which the first one's order is being carried out and the others wait."""
    first = asyncio.create_task(group.submit_soon(order(charge())))
    while not group._busy or group._queue:
        await asyncio.sleep(0.001)
    others = [asyncio.create_task(group.submit_soon(order(charge()))) for _ in range(count - 1)]
    while len(group._queue) < count - 1:
        await asyncio.sleep(0.001)
    return [first, *others]


def test_tasks_and_threads_are_answered_from_the_same_batches() -> None:
    worker = Worker()
    group = GroupCommit(worker.carry_out)

    async def ask(threads: ThreadPoolExecutor) -> list[Outcome]:
        tasks = await all_submitted(group, 10)
        from_threads = [threads.submit(group.submit, order(charge())) for _ in range(10)]
        while len(group._queue) < 19:
            await asyncio.sleep(0.001)
        worker.go.set()
        others = [asyncio.wrap_future(future) for future in from_threads]
        return await asyncio.gather(*tasks, *others)

    with ThreadPoolExecutor(10) as threads:
        answers = asyncio.run(ask(threads))
    assert len(answers) == 20
    assert [len(batch) for batch in worker.batches] == [1, 19]
    asked = {str(each.command_id) for batch in worker.batches for each in batch}
    assert {answer.facts["order"] for answer in answers if isinstance(answer, Refusal)} == asked
    assert not group._busy


def test_the_loop_turns_while_a_batch_is_carried_out() -> None:
    worker = Worker()
    group = GroupCommit(worker.carry_out)

    async def ask() -> Outcome:
        task = asyncio.create_task(group.submit_soon(order(charge())))
        while not worker.batches:
            await asyncio.sleep(0.001)
        worker.go.set()  # nobody could, if the batch had the loop's own thread
        return await task

    assert isinstance(asyncio.run(ask()), Refusal)


def test_a_failed_batch_fails_its_tasks_and_not_those_after_them() -> None:
    worker = Worker()
    group = GroupCommit(worker.carry_out)
    worker.fail_with = ConnectionError("the database is away")

    async def ask() -> list[Outcome | BaseException]:
        tasks = await all_submitted(group, 5)
        worker.go.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    first, *others = asyncio.run(ask())
    assert isinstance(first, ConnectionError)
    assert all(isinstance(answer, Refusal) for answer in others)


def test_a_task_that_is_cancelled_or_whose_loop_ends_harms_no_other() -> None:
    worker = Worker()
    group = GroupCommit(worker.carry_out)

    async def leave() -> None:
        gone, stays = (await all_submitted(group, 3))[1:]
        gone.cancel()
        worker.go.set()
        assert isinstance(await stays, Refusal)
        worker.go.clear()
        asyncio.create_task(group.submit_soon(order(charge())))  # noqa: RUF006  (it is left)
        while not group._busy:
            await asyncio.sleep(0.001)

    asyncio.run(leave())
    with ThreadPoolExecutor(1) as threads:
        after = threads.submit(group.submit, order(charge()))
        eventually(lambda: bool(group._queue))
        worker.go.set()
        assert isinstance(after.result(), Refusal)
    assert [len(batch) for batch in worker.batches] == [1, 2, 1, 1]
    assert not group._busy


@pytest.mark.database
def test_a_thousand_tasks_pay(ledger: Ledger) -> None:
    cases = [invoiced_case(ledger, str(number)) for number in range(8)]
    before = transactions(ledger)

    async def pay(number: int) -> tuple[Order, Outcome]:
        paying = order(payment(f"bank-{number}", 1), cases[number % 8])
        return paying, await ledger.execute_soon(paying)

    async def all_pay() -> list[tuple[Order, Outcome]]:
        return await asyncio.gather(*map(pay, range(1_000)))

    for paying, outcome in asyncio.run(all_pay()):
        answer = receipt(outcome)
        assert (answer.command_id, answer.case) == (paying.command_id, paying.case)
        [entry] = ledger.entries(answer)
        assert entry.command_id == str(paying.command_id)
    assert len(transactions(ledger)) - len(before) < 100
