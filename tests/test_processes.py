"""Work that a child does meanwhile: its steps and result come through, and so does its end."""

import os
import signal
import time
from pathlib import Path

import pytest

from ledger.processes import ChildDied, Steps, together


def counting(*steps: int) -> Steps:
    yield from steps
    return sum(steps)


def failing() -> Steps:
    yield 1
    raise ValueError("the child's own words")


def killed() -> Steps:
    yield 1
    os.kill(os.getpid(), signal.SIGKILL)
    yield 2


def endless(file: Path) -> Steps:
    """Writes down who it is, and that it was ended."""
    with file.open("w", encoding="utf-8") as told:
        print(os.getpid(), file=told, flush=True)
        try:
            while True:
                time.sleep(0.01)
                yield 1
        finally:
            print("ended", file=told, flush=True)


def result_of(steps: Steps) -> tuple[list[int], object]:
    seen = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as end:
            return seen, end.value


def test_all_steps_are_told_and_the_childs_result_is_returned() -> None:
    seen, found = result_of(together(counting(1, 2, 3), counting, 10, 20))
    assert sorted(seen) == [1, 2, 3, 10, 20]
    assert found == 30


def test_a_childs_error_is_raised_where_the_work_was_asked_for() -> None:
    with pytest.raises(ValueError, match="the child's own words"):
        result_of(together(counting(1), failing))


def test_a_child_that_is_killed_is_no_result() -> None:
    with pytest.raises(ChildDied, match="was ended"):
        result_of(together(counting(1), killed))


def test_a_child_ends_when_the_work_here_fails(tmp_path: Path) -> None:
    file = tmp_path / "child"

    def fail_when_it_has_begun() -> Steps:
        while not (file.exists() and file.stat().st_size):
            time.sleep(0.01)
            yield 1
        raise RuntimeError("here")

    with pytest.raises(RuntimeError, match="here"):
        result_of(together(fail_when_it_has_begun(), endless, file))
    pid, ended = file.read_text(encoding="utf-8").split()
    assert ended == "ended"
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)
