"""What a newcomer does first: start the demo, run what it prints, end it."""

import json
import os
import re
import signal
import subprocess
import time

import pytest

from tests.cli.command import finished, installed

pytestmark = pytest.mark.database


@pytest.mark.parametrize("folder", ["home", "et hjem på Førde"])
def test_once(folder: str) -> None:
    with installed(folder) as program:
        first = program.run("demo", "--once")
        assert "Case 1001 owes NOK\N{NO-BREAK SPACE}256.70" in first.out
        assert "curl http://127.0.0.1:" in first.out
        assert program.processes() == []
        events = r"holds 61 cases and \d+ events"
        again = program.run("demo", "--once")
        assert re.findall(events, again.out) == re.findall(events, first.out)
        assert program.processes() == []


def printed_so_far(process: "subprocess.Popen[str]") -> str:
    """All lines up to the last that the demo prints."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "openapi.json" in line:
            return "".join(lines)
    raise AssertionError(f"it ended early: {lines}")


def commands_in(printed: str) -> list[str]:
    return re.findall(r"^  (curl .*?[^\\])$", printed, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_what_it_prints_works_and_it_ends_without_a_trace(ending: signal.Signals) -> None:
    with installed() as program:
        process = program.begin("demo")
        read, post = commands_in(printed_so_far(process))
        answers = [
            subprocess.run(
                ["/bin/sh", "-c", f"{command} -s -w '\\n%{{http_code}}'"],
                capture_output=True,
                text=True,
                check=True,
            ).stdout.rsplit("\n", 1)
            for command in (read, post, post)
        ]
        assert [status for _, status in answers] == ["200", "201", "201"]
        assert json.loads(answers[0][0])["outstanding"] == 256_70
        assert answers[1][0] == answers[2][0]
        assert json.loads(answers[1][0])["case"]["outstanding"] == 207_29
        os.killpg(process.pid, ending)
        ended = finished(process)
        assert ended.code == (0 if ending == signal.SIGINT else 143), ended.err
        assert "Traceback" not in ended.err
        assert program.processes() == []


def test_after_a_kill_the_next_one_works() -> None:
    with installed() as program:
        process = program.begin("demo")
        printed_so_far(process)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        time.sleep(0.5)
        program.run("demo", "--once")
        assert program.processes() == []
