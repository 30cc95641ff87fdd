"""Child processes that do a part of the work on another core."""

import gc
import signal
import threading
from collections.abc import Callable, Generator, Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, Final

CONTEXT: Final = get_context("spawn")
"""Children begin afresh: a forked one would share its parent's connections and locks."""
WORTH_A_CHILD: Final = 50_000
"""From this many entries on a child is worth the second that it takes to begin."""

Steps = Generator[int, None, Any]
"""Work that tells how much it has done at a time, and in the end returns what it found."""


class ChildDied(Exception):
    """A child ended without a word: somebody killed it. Run the command again."""


RARELY: Final = (50_000, 20, 50)
"""How many objects more than before, and how many lesser rounds, start the collector of cycles."""


def keep_many_objects() -> None:
    """Have Python look for cycles less often: for programs that keep many objects for long.

    It visits every one each time, which took a fifth of what a command costs; and what we keep has
    no cycles. What was made so far stays as long as the program, and is not visited at all.
    """
    gc.freeze()
    gc.set_threshold(*RARELY)


def start_child(work: Callable[..., None], *arguments: Any) -> SpawnProcess:
    """Start a child that works on ``arguments``, and is not reached by Ctrl-C.

    Ctrl-C at a terminal goes to every process of the group. A child is told to end by its
    parent, through a pipe that it holds the other end of; so it also ends when its parent is
    killed.
    """
    child = CONTEXT.Process(target=_child, args=(work, *arguments), daemon=True)
    if threading.current_thread() is not threading.main_thread():
        child.start()
        return child
    # A program that is started with the signal ignored leaves it ignored.
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child.start()
    finally:
        signal.signal(signal.SIGINT, handler)
    return child


def _child(work: Callable[..., None], *arguments: Any) -> None:
    keep_many_objects()
    work(*arguments)


def together(here: Steps, work: Callable[..., Steps], *arguments: Any) -> Steps:
    """The steps of what is done here and of what a child does meanwhile, as they come.

    Returns what the child's work returns; raises what either raises. The child ends at its next
    step when nobody listens any more.
    """
    receiver, sender = CONTEXT.Pipe(duplex=False)
    child = start_child(_work, sender, work, arguments)
    sender.close()
    ended, found = False, None

    def heard(*, wait: bool) -> Iterator[int]:
        nonlocal ended, found
        while not ended and (wait or receiver.poll()):
            try:
                kind, told = receiver.recv()
            except EOFError:
                raise ChildDied("a process that did a part of the work was ended") from None
            if kind == "raised":
                raise told
            if kind == "returned":
                ended, found = True, told
            else:
                yield told

    try:
        for step in here:
            yield step
            yield from heard(wait=False)
        yield from heard(wait=True)
    finally:
        receiver.close()
        child.join()
    return found


def _work(sender: Connection, work: Callable[..., Steps], arguments: tuple[Any, ...]) -> None:
    steps = work(*arguments)
    try:
        try:
            while True:
                sender.send(("step", next(steps)))
        except StopIteration as end:
            sender.send(("returned", end.value))
        except BrokenPipeError:
            raise
        except Exception as error:  # noqa: BLE001  (it is raised where the work was asked for)
            sender.send(("raised", error))
    except BrokenPipeError:
        steps.close()
