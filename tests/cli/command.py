"""The program as a user runs it: processes of their own, in a home of their own."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from tests.conftest import embedded_home

PROJECT: Final = Path(__file__).parents[2]
PATIENCE_SECONDS: Final = 60
_NOT_THE_USERS: Final = re.compile(
    r"CASELEDGER_|PG[A-Z]+$|PYTHON|COLUMNS$|LINES$|NO_COLOR$|FORCE_COLOR$|.*_proxy$", re.IGNORECASE
)
"""Settings of whoever runs the tests that would change what the program does."""


@dataclass(frozen=True)
class Ended:
    """What a process left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, all of it, as JSON."""
        return json.loads(self.out)


class Caseledger:
    """The command with one CASELEDGER_HOME."""

    def __init__(self, home: Path, root_folder: Path) -> None:
        self.home = home
        self._folder = root_folder
        self._settings = {
            **{k: v for k, v in os.environ.items() if not _NOT_THE_USERS.match(k)},
            "CASELEDGER_HOME": str(home),
            "CASELEDGER_POSTGRES_FOLDER": str(root_folder),
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",  # whatever is printed without a terminal must not care
        }

    def having(self, **settings: str) -> "Caseledger":
        """The same program with further settings in its environment."""
        other = copy(self)
        other._settings = {**self._settings, **settings}
        return other

    @property
    def environment(self) -> dict[str, str]:
        """What its processes find in their environment."""
        return dict(self._settings)

    def begin(
        self,
        *arguments: str,
        out: int | IO[Any] = subprocess.PIPE,
        err: int | IO[Any] = subprocess.PIPE,
    ) -> subprocess.Popen[str]:
        """Start a command in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "ledger.cli", *arguments],
            cwd=PROJECT,
            env=self._settings,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            encoding="utf-8",
            start_new_session=True,
        )

    def run(self, *arguments: str, code: int = 0) -> Ended:
        """Have a command carried out, which must end with this code."""
        ended = finished(self.begin(*arguments))
        assert ended.code == code, ended
        return ended

    def refuses(self, *arguments: str, code: int) -> str:
        """What a command that must end with this code says about it, on stderr alone."""
        ended = self.run(*arguments, code=code)
        assert ended.out == ""
        assert ended.err.strip(), "it ends with a code and says nothing"
        return ended.err

    def processes(self) -> list[str]:
        """What runs with this home, other than zombies: process ids and command lines."""
        mark = os.fsencode(self._folder)
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes()
                if mark in command or mark in (process / "environ").read_bytes():
                    words = command.replace(b"\0", b" ").decode(errors="replace")
                    found.append(f"{process.name} {words}")
            except OSError:  # it has ended, or is somebody else's
                continue
        return found


def finished(process: subprocess.Popen[str]) -> Ended:
    """Wait for a command's end. It never shows a traceback, nor codes meant for a terminal."""
    try:
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        raise AssertionError(f"it does not end: {out} {err}") from None
    out, err = out or "", err or ""
    assert "Traceback" not in out + err, err
    assert "\x1b" not in out + err, "escape codes without a terminal"
    return Ended(process.returncode, out, err)


def interrupted(process: subprocess.Popen[str]) -> Ended:
    """Press Ctrl-C, which goes to the whole process group.

    Once more after a while: Python loses a KeyboardInterrupt that meets it in a callback of the
    garbage collector.
    """
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(PATIENCE_SECONDS / 4)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGINT)
    return finished(process)


@contextmanager
def installed(folder: str = "home") -> Iterator[Caseledger]:
    """The program with a new home, by the name of its folder; nothing of it may be left."""
    with embedded_home() as home:
        program = Caseledger(home.with_name(folder), home.parent)
        try:
            yield program
        finally:
            program.run("stop")
            left = program.processes()
            for process in left:
                os.kill(int(process.split()[0]), signal.SIGKILL)
        assert not left, "processes are left"
