"""`import xes`: sound files and broken ones, a second time, only checking, and Ctrl-C."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from ledger.log.engine import connect
from ledger.log.errors import BookNotFound, SchemaMissing
from ledger.log.recorder import BookRecorder
from ledger.postgres.embedded import EmbeddedPostgres
from tests.cli.command import Caseledger, Ended, finished, installed, interrupted
from tests.cli.histories import (
    HEAD,
    LINES_BEFORE,
    MAPPING,
    TAIL,
    event,
    fine,
    fines,
    trace,
    written,
)
from tests.waiting import eventually

LINES_OF_A_FINE = fine("F1").count("\n")
LINE_OF_ITS_AMOUNT = 6
"""Counted within the case, from 1."""


@pytest.fixture(scope="module")
def book(caseledger: Caseledger, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A book that holds F1 and F2: 8 events."""
    file = written(tmp_path_factory.mktemp("logs") / "two.xes", *fines(1, 2))
    importing(caseledger, file, "book")
    return "book"


def importing(caseledger: Caseledger, file: str, book: str, *options: str, code: int = 0) -> Ended:
    """Have a file imported."""
    arguments = ("import", "xes", file, "--mapping", MAPPING, "--book", book)
    return caseledger.run(*arguments, *options, code=code)


def fates(report: Any) -> tuple[int, int, int, int]:
    """Cases read, recorded, there already and refused; and the same holds for events."""
    names = ("recorded", "already_recorded", "refused")
    for what, count in (("cases", report["cases"]), ("events", report["events_read"])):
        assert count == sum(report[f"{what}_{name}"] for name in names), "one was lost"
    return (report["cases"], *(report[f"cases_{name}"] for name in names))


def test_a_second_time_nothing_is_new(caseledger: Caseledger, book: str, tmp_path: Path) -> None:
    file = written(tmp_path / "f.xes", *fines(1, 2))
    ended = importing(caseledger, file, book)
    assert f"Nothing new: {book} holds all of these cases already." in ended.out
    assert "position 8," in ended.out
    assert ended.err == ""


def test_a_case_with_an_error_is_refused_whole(
    caseledger: Caseledger, book: str, tmp_path: Path
) -> None:
    """The others are recorded; the message names file, line and case."""
    file = written(tmp_path / "f.xes", fine("G1"), fine("G2", amount="much"), fine("G3"))
    ended = importing(caseledger, file, "refusing", code=7)
    line = LINES_BEFORE + LINES_OF_A_FINE + LINE_OF_ITS_AMOUNT
    assert f"{file}, line {line}, case G2: amount is no number: 'much' (bad_number)" in ended.err
    assert "much" not in ended.out

    report = importing(caseledger, file, "refusing", "--json", code=7).json
    assert fates(report) == (3, 0, 2, 1)
    assert report["refused_for"] == {"bad_number": 3}
    assert [(case["case"], case["line"]) for case in report["refused"]] == [("G2", line)]


def test_a_file_that_is_cut_off(caseledger: Caseledger, book: str, tmp_path: Path) -> None:
    """The whole cases before the cut are recorded, and the mended file adds the rest."""
    whole = HEAD + "".join(fines(1, 3)) + TAIL
    file = tmp_path / "f.xes"
    file.write_text(whole[: whole.index("F3") + 100], encoding="utf-8")
    ended = importing(caseledger, str(file), "cut", "--json", code=8)
    assert fates(ended.json) == (2, 2, 0, 0)
    error = ended.json["error"]
    assert (error["code"], error["case"], error["file"]) == ("cut_off", "F3", str(file))
    assert error["line"] > LINES_BEFORE + 2 * LINES_OF_A_FINE
    assert ended.err == (
        f"caseledger: {file}, line {error['line']}, case F3: the file ends before its log does"
        " (unclosed token)\n"
    )

    file.write_text(whole, encoding="utf-8")
    assert fates(importing(caseledger, str(file), "cut", "--json").json) == (3, 1, 2, 0)


LAUGHS = '<!DOCTYPE log [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>\n'


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (f'<?xml version="1.0"?>\n{LAUGHS}<log>&b;</log>', "unsafe_xml", "line 2: refused"),
        ("no XML at all", "not_xml", "line 1: not well-formed XML"),
        (None, "unreadable", "No such file or directory"),
    ],
)
def test_a_file_that_can_not_be_read(
    caseledger: Caseledger, book: str, tmp_path: Path, content: str | None, code: str, said: str
) -> None:
    file = tmp_path / "f.xes"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    ended = importing(caseledger, str(file), book, "--json", code=8)
    assert fates(ended.json) == (0, 0, 0, 0)
    assert ended.json["error"]["code"] == code
    assert str(file) in ended.err
    assert said in ended.err


def test_check_records_nothing(caseledger: Caseledger, book: str, tmp_path: Path) -> None:
    file = written(tmp_path / "f.xes", *fines(2, 2), trace("C9", event("Dance", "2020-01-01")))
    report = importing(caseledger, file, book, "--check", "--json", code=7).json
    assert fates(report) == (3, 1, 1, 1)
    assert report["check"] is True
    assert report["refused_by_activity"] == {"Dance": {"unknown_activity": 1}}
    assert report["position"] == 8
    assert (
        "Checked only: nothing was recorded in book."
        in importing(caseledger, written(tmp_path / "g.xes", fine("F3")), book, "--check").out
    )
    caseledger.refuses("case", "show", "F3", "--book", book, code=2)


def test_check_makes_no_book(caseledger: Caseledger, book: str, tmp_path: Path) -> None:
    importing(caseledger, written(tmp_path / "f.xes", fine("F1")), "unmade", "--check")
    assert "there is no book 'unmade'" in caseledger.refuses("verify", "--book", "unmade", code=2)


def test_names_that_can_not_be_used(caseledger: Caseledger, book: str, tmp_path: Path) -> None:
    file = written(tmp_path / "f.xes", fine("F1"))
    own = tmp_path / "mapping.toml"
    own.write_text('source = "x"\ncreditor = "x"\ncurrency = "NOK"\n[activities]\n', "utf-8")

    def said(mapping: str, named: str) -> str:
        arguments = ("import", "xes", file, "--mapping", mapping, "--book", named)
        return caseledger.refuses(*arguments, code=2)

    assert "there is no mapping 'nothing'" in said("nothing", book)
    assert f"{file}: " in said(file, book), "an event log is no mapping"
    assert "kept in EUR, not in NOK" in said(str(own), book)
    assert "'Bøker' can't be a book's name" in said(MAPPING, "Bøker")


def test_a_path_that_is_no_text(caseledger: Caseledger, book: str, tmp_path: Path) -> None:
    name = os.fsdecode(b"\xe6\xf8\xe5.xes")
    try:
        file = written(tmp_path / name, *fines(1, 2))
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    ended = importing(caseledger, file, book, "--json")
    assert fates(ended.json) == (2, 0, 2, 0)
    assert ended.json["file"] == file
    assert "Nothing new" in importing(caseledger, file, book).out


@pytest.mark.slow
@pytest.mark.skipif(
    "CASELEDGER_TEST_INTERRUPT" not in os.environ,
    reason="CPython drops a Ctrl-C that falls into a weakref callback; needs a handler of our own",
)
def test_ctrl_c_in_the_middle(tmp_path: Path) -> None:
    """Whole cases are kept, no process is left, and running it again completes it."""
    cases = 8_000
    file = written(tmp_path / "long.xes", *fines(1, cases))
    arguments = ("import", "xes", file, "--mapping", MAPPING, "--book", "long")
    with installed() as caseledger:
        process = caseledger.begin(*arguments)
        with EmbeddedPostgres(caseledger.home).in_use() as connection:
            recorder = BookRecorder(connect(connection.url, role=None), "long")
            eventually(lambda: position(recorder) > 0)
            recorder.engine.dispose()
        ended = interrupted(process)
        assert (ended.code, ended.out) == (130, "")
        eventually(lambda: not caseledger.processes(), seconds=5)

        caseledger.run("start")
        kept = caseledger.run("verify", "--json").json
        assert kept["ok"] is True
        assert 0 < kept["cases"] < cases
        assert kept["events"] == 4 * kept["cases"]
        report = importing(caseledger, file, "long", "--json").json
        assert fates(report) == (cases, cases - kept["cases"], kept["cases"], 0)
        whole = caseledger.run("verify", "--json").json
        assert (whole["cases"], whole["events"], whole["ok"]) == (cases, 4 * cases, True)


def position(recorder: BookRecorder) -> int:
    """The end of a book that may not be there yet."""
    try:
        return recorder.head().position
    except (BookNotFound, SchemaMissing):
        return 0


def test_ctrl_c_while_the_program_loads(caseledger: Caseledger, tmp_path: Path) -> None:
    shim = tmp_path / "uvicorn.py"
    shim.write_text("import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(9)\n")
    ended = caseledger.having(PYTHONPATH=str(tmp_path)).run("stop", code=130)
    assert (ended.out, ended.err) == ("", "")


def test_sigterm_ends_it_in_order(tmp_path: Path) -> None:
    """Here while it waits for a file that does not come: a pipe."""
    pipe = tmp_path / "log.xes"
    os.mkfifo(pipe)
    with installed() as caseledger:
        process = caseledger.begin(
            "import", "xes", str(pipe), "--mapping", MAPPING, "--book", "waiting"
        )
        with EmbeddedPostgres(caseledger.home).in_use() as connection:
            recorder = BookRecorder(connect(connection.url, role=None), "waiting")
            with pipe.open("w", encoding="utf-8") as log:
                log.write(HEAD + "".join(fines(1, 1_500)))
                log.flush()
                eventually(lambda: position(recorder) > 0)
                recorder.engine.dispose()
                process.send_signal(signal.SIGTERM)
                time.sleep(0.5)
        ended = finished(process)
        assert ended.code == 128 + signal.SIGTERM
        assert not caseledger.processes()
