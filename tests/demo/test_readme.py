"""The calls that README shows, run as they stand there."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.cli.command import PROJECT, Caseledger, installed, interrupted
from tests.demo.test_demo import printed_so_far

pytestmark = pytest.mark.database

README: Final = (Path(PROJECT) / "README.md").read_text(encoding="utf-8")
USUAL: Final = "http://127.0.0.1:8000"
MARK: Final = "--- "


def calls() -> str:
    """The shell block under *The API*."""
    section = README.partition("\n## The API\n")[2].partition("\n## ")[0]
    found = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found[1]


def run(program: Caseledger, script: str, address: str) -> list[str]:
    """The status of each call of the script, on a machine that has curl."""
    prelude = (
        f"caseledger() {{ '{sys.executable}' -m ledger.cli \"$@\"; }}\n"
        f"curl() {{ command curl -sS -w '\\n{MARK}%{{http_code}}\\n' \"$@\"; }}\n"
    )
    ended = subprocess.run(
        ["/bin/sh", "-ec", prelude + script.replace(USUAL, address)],
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT,
        env=program.environment,
    )
    assert ended.returncode == 0, ended.stderr
    return re.findall(rf"^{MARK}(\d+)$", ended.stdout, re.MULTILINE)


def test_the_ten_calls_work() -> None:
    script = calls()
    assert script.count("\ncurl ") == 10
    with installed() as program:
        process = program.begin("demo")
        address = re.findall(r"http://127\.0\.0\.1:\d+", printed_so_far(process))[0]
        reads, writes, dry = ["200"] * 5, ["201"] * 3, ["200"]
        assert run(program, script, address) == [*reads, *writes, *dry, "200"]
        assert run(program, script, address) == [*reads, *writes, *dry, "200"]  # a second time
        assert interrupted(process).code == 0
