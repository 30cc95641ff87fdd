"""Files out of a book, by the command: what they are, and what is refused."""

import csv
import json
import zipfile
from pathlib import Path

import pytest

from tests.cli.command import Caseledger
from tests.cli.histories import MAPPING, fines, written
from tests.cli.test_proving import verifies

BOOK = "exported"
END = 12


@pytest.fixture(scope="module")
def book(caseledger: Caseledger, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A book with the histories F1 to F3."""
    file = written(tmp_path_factory.mktemp("logs") / "fines.xes", *fines(1, 3))
    caseledger.run("import", "xes", file, "--mapping", MAPPING, "--book", BOOK)
    return BOOK


def test_the_log_is_checked_offline(caseledger: Caseledger, book: str, tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    ended = caseledger.run("export", "log", "--book", book, "--out", str(file))
    assert (ended.out, ended.err) == (f"{file}: book {book}, positions 1 to {END}.\n", "")
    (key,) = caseledger.run("key", "show", "--book", book).out.splitlines()
    checked = verifies(file, "--key", key)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert f"All entries from 1 to {END} are as they were signed." in checked.stdout
    file.write_text(file.read_text().replace("municipal-police", "municipal-polite", 1))
    assert verifies(file, "--key", key).returncode == 1


def test_a_file_is_not_replaced_unasked(caseledger: Caseledger, book: str, tmp_path: Path) -> None:
    file = tmp_path / "journal.csv"
    file.write_text("mine")
    command = ("export", "journal", "--book", book, "--out", str(file))
    assert "--force" in caseledger.refuses(*command, code=2)
    assert file.read_text() == "mine"
    caseledger.run(*command, "--force", "--language", "en")
    rows = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
    assert sum(int(row["amount_minor"]) for row in rows) == 0
    assert {row["case"] for row in rows} == {"F1", "F2", "F3"}
    assert list(tmp_path.iterdir()) == [file]


def test_formats(caseledger: Caseledger, book: str, tmp_path: Path) -> None:
    of = ("--book", book, "--to", "8", "--clinic", "municipal-police", "--out")
    for command, name in (("ocel", "log.jsonocel"), ("trial-balance", "balance.xlsx")):
        ended = caseledger.run("export", command, *of, str(tmp_path / name))
        assert ended.out.endswith("positions 1 to 8.\n")
    assert len(json.loads((tmp_path / "log.jsonocel").read_text())["events"]) == 8
    assert zipfile.ZipFile(tmp_path / "balance.xlsx").testzip() is None


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("log", "--out", "log.csv"), ".jsonl or .parquet"),
        (("log", "--out", "log.jsonl", "--to", "3"), "no checkpoint was made at position 3"),
        (("journal", "--out", "journal.csv", "--clinic", "none"), "no clinic 'none'"),
    ],
)
def test_what_can_not_be_done_is_said(
    caseledger: Caseledger, book: str, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    command, out, name, *rest = arguments
    said = caseledger.refuses(
        "export", command, "--book", book, out, str(tmp_path / name), *rest, code=2
    )
    assert says in " ".join(said.split())
    assert list(tmp_path.iterdir()) == []
