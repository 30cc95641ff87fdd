"""Many callers, one lock, one insert, one commit.

A caller who finds nobody at work takes all that wait, his own order among them, has them
carried out in one transaction, and answers each. What comes in meanwhile fills the next
batch. So a batch is as large as the last commit was slow, and one caller alone never waits.

Where many were answered at once they come back at once too, but one of them first: he would go
alone, and all others would wait for him. So he lets them run until no more come.

A task of an event loop can't go to work itself, since that would stop its loop: a thread that is
kept for that goes in its place.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Lock
from time import sleep
from typing import Final

from ledger.application.orders import Order, Outcome

LARGEST_BATCH: Final = 1000
"""Orders in one transaction: beyond this the commit is no longer what costs, and the first
to come would wait for the last."""


class _Waiting:
    __slots__ = ("answer", "future", "leads", "order", "sleeps")

    def __init__(self, order: Order, future: "asyncio.Future[Outcome] | None" = None) -> None:
        self.order = order
        self.future = future
        """What a task waits for; without it, it is a thread that waits."""
        self.sleeps = Lock()
        """Held while a thread waits: the cheapest thing that it can wait for."""
        self.sleeps.acquire()
        self.leads = False
        self.answer: Outcome | BaseException | None = None


class GroupCommit:
    """Callers' orders, gathered into batches."""

    def __init__(
        self, carry_out: Callable[[Sequence[Order]], Sequence[Outcome | Exception]]
    ) -> None:
        self._carry_out = carry_out
        self._lock = Lock()
        self._queue: list[_Waiting] = []
        self._busy = False
        self._answered = 0
        """How many the last transaction answered: so many may be about to come back."""
        self._for_tasks = ThreadPoolExecutor(1, "ledger-commits")

    def submit(self, order: Order) -> Outcome:
        """Have an order carried out with whatever else waits; returns when it is durable."""
        mine = _Waiting(order)
        mine.leads = self._waits(mine)
        if not mine.leads:
            mine.sleeps.acquire()
        if mine.leads:
            self._lead()
        assert mine.answer is not None, "a leader's own order is in its batch"
        if isinstance(mine.answer, BaseException):
            raise mine.answer
        return mine.answer

    async def submit_soon(self, order: Order) -> Outcome:
        """What ``submit`` does, without stopping the event loop meanwhile."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        if self._waits(_Waiting(order, future)):
            self._for_tasks.submit(self._lead)
        return await future

    def _waits(self, waiting: _Waiting) -> bool:
        """Queue up; whether nobody is at work, so that it is for this one to see to it."""
        with self._lock:
            self._queue.append(waiting)
            leads = not self._busy
            self._busy = True
        return leads

    def _lead(self) -> None:
        """Carry out one batch; whoever waits first then leads the next."""
        self._gather()
        with self._lock:
            batch = self._queue[:LARGEST_BATCH]
            del self._queue[:LARGEST_BATCH]
        try:
            answers = self._carry_out([waiting.order for waiting in batch])
            for waiting, answer in zip(batch, answers, strict=True):
                waiting.answer = answer
        except BaseException as error:
            for waiting in batch:
                waiting.answer = error
            if not isinstance(error, Exception):
                raise
        finally:
            self._answered = len(batch)
            with self._lock:
                next_leader = self._queue[0] if self._queue else None
                self._busy = next_leader is not None
            _tell(batch)
            if next_leader is not None:
                if next_leader.future is not None:
                    self._for_tasks.submit(self._lead)
                else:
                    next_leader.leads = True
                    next_leader.sleeps.release()

    def _gather(self) -> None:
        """Let those run who were answered last, for as long as each turn brings another."""
        seen = 0
        while seen < len(self._queue) < self._answered:
            seen = len(self._queue)
            sleep(0)


def _tell(batch: Sequence[_Waiting]) -> None:
    """Wake all who wait; those of an event loop by a single word to it."""
    tasks: dict[asyncio.AbstractEventLoop, list[_Waiting]] = defaultdict(list)
    for waiting in batch:
        if waiting.future is None:
            waiting.sleeps.release()
        else:
            tasks[waiting.future.get_loop()].append(waiting)
    for loop, waiting_tasks in tasks.items():
        with suppress(RuntimeError):  # the loop was closed: nobody waits any more
            loop.call_soon_threadsafe(_resolve, waiting_tasks)


def _resolve(tasks: Sequence[_Waiting]) -> None:
    for waiting in tasks:
        assert waiting.future is not None
        assert waiting.answer is not None
        if waiting.future.done():  # whoever waited has gone: the order is carried out all the same
            continue
        if isinstance(waiting.answer, BaseException):
            waiting.future.set_exception(waiting.answer)
        else:
            waiting.future.set_result(waiting.answer)
