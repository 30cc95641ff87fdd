"""Many callers, one lock, one insert, one commit.

A caller who finds nobody at work takes all that wait, his own order among them, has them
carried out in one transaction, and answers each. What comes in meanwhile fills the next
batch. So a batch is as large as the last commit was slow, and one caller alone never waits.

Where many were answered at once they come back at once too, but one of them first: he would go
alone, and all others would wait for him. So he lets them run until no more come.
"""

from collections.abc import Callable, Sequence
from threading import Lock
from time import sleep
from typing import Final

from ledger.application.orders import Order, Outcome

LARGEST_BATCH: Final = 1000
"""Orders in one transaction: beyond this the commit is no longer what costs, and the first
to come would wait for the last."""


class _Waiting:
    __slots__ = ("answer", "leads", "order", "sleeps")

    def __init__(self, order: Order) -> None:
        self.order = order
        self.sleeps = Lock()
        """Held while the caller waits: the cheapest thing that a thread can wait for."""
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

    def submit(self, order: Order) -> Outcome:
        """Have an order carried out with whatever else waits; returns when it is durable."""
        mine = _Waiting(order)
        with self._lock:
            self._queue.append(mine)
            mine.leads = not self._busy
            self._busy = True
        if not mine.leads:
            mine.sleeps.acquire()
        if mine.leads:
            self._lead()
        assert mine.answer is not None, "a leader's own order is in its batch"
        if isinstance(mine.answer, BaseException):
            raise mine.answer
        return mine.answer

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
            for waiting in batch:
                waiting.sleeps.release()
            if next_leader is not None:
                next_leader.leads = True
                next_leader.sleeps.release()

    def _gather(self) -> None:
        """Let those run who were answered last, for as long as each turn brings another."""
        seen = 0
        while seen < len(self._queue) < self._answered:
            seen = len(self._queue)
            sleep(0)
