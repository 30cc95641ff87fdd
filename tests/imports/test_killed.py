"""An import that is killed, or whose database is: each case whole or absent, and none twice."""

import os
import signal
import time
from pathlib import Path

import pytest

from ledger.postgres.embedded import EmbeddedPostgres
from tests.cli.command import Caseledger, finished, installed
from tests.cli.histories import MAPPING, fines, written

pytestmark = [pytest.mark.database, pytest.mark.faults, pytest.mark.slow]

CASES = 12_000
EVENTS_A_CASE = 4


def recorded(program: Caseledger) -> int:
    """How many events the book holds, as far as anybody can tell."""
    answer = finished(program.begin("doctor", "--json")).json
    for check in answer["checks"]:
        if check["check"] == "book b":
            return int(check["detail"].split()[0].replace(",", ""))
    return 0


@pytest.mark.parametrize("victim", ["importer", "postgres"])
def test_killed_halfway(victim: str, tmp_path: Path) -> None:
    file = written(tmp_path / "f.xes", *fines(1, CASES))
    arguments = ("import", "xes", file, "--mapping", MAPPING, "--book", "b", "--json")
    with installed() as program:
        program.run("start")
        process = program.begin(*arguments)
        deadline = time.monotonic() + 60
        while recorded(program) == 0:
            assert time.monotonic() < deadline
            assert process.poll() is None, "it was through before anybody could kill it"
        if victim == "importer":
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        else:
            pid = EmbeddedPostgres(program.home).status().pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            ended = finished(process)
            assert ended.code == 5, ended.err
            assert "Traceback" not in ended.err
            program.run("start")
        halfway = program.run("verify", "--book", "b", "--json").json
        assert halfway["ok"]
        assert 0 < halfway["cases"] < CASES
        assert halfway["events"] == EVENTS_A_CASE * halfway["cases"]
        report = program.run(*arguments).json
        assert report["cases"] == CASES
        assert report["cases_already_recorded"] == halfway["cases"]
        whole = program.run("verify", "--book", "b", "--json").json
        assert (whole["ok"], whole["cases"]) == (True, CASES)
        assert whole["events"] == EVENTS_A_CASE * CASES
