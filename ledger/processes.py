"""Child processes that do a part of the work on another core."""

import gc
import signal
import threading
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from typing import Any, Final

CONTEXT: Final = get_context("spawn")
"""Children begin afresh: a forked one would share its parent's connections and locks."""


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
