"""Checkpoints, evidence, keys and witnesses by the command, and verify when a book was changed."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ledger.log.engine import connect
from ledger.postgres.embedded import EmbeddedPostgres
from tests.cli.command import PROJECT, Caseledger, interrupted
from tests.cli.histories import MAPPING, fines, written
from tests.waiting import eventually

TABLES = ("events", "tree", "commands")


@pytest.fixture
def book(caseledger: Caseledger, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A book of each test's own, with the histories F1 to F3: twelve entries."""
    name = request.node.name.replace("_", "-").removeprefix("test-")[:60]
    more(caseledger, tmp_path, name, 1, 3)
    return str(name)


def more(caseledger: Caseledger, tmp_path: Path, book: str, first: int, cases: int) -> None:
    file = written(tmp_path / f"{first}.xes", *fines(first, cases))
    caseledger.run("import", "xes", file, "--mapping", MAPPING, "--book", book)


def verifies(file: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    program = PROJECT / "verifier" / "verify_evidence.py"
    return subprocess.run(
        [sys.executable, str(program), str(file), *map(str, arguments)],
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip


def as_owner(caseledger: Caseledger, *statements: str) -> None:
    """What the owner of the embedded database can do to it."""
    with EmbeddedPostgres(caseledger.home).in_use() as connection:
        engine = connect(connection.url, role=None)
        with engine.begin() as owner:
            for table in TABLES:
                owner.execute(text(f"ALTER TABLE ledger.{table} DISABLE TRIGGER append_only"))
            for statement in statements:
                assert owner.execute(text(statement)).rowcount
            for table in TABLES:
                owner.execute(text(f"ALTER TABLE ledger.{table} ENABLE ALWAYS TRIGGER append_only"))
        engine.dispose()


def test_checkpoints(caseledger: Caseledger, book: str, tmp_path: Path) -> None:
    first = caseledger.run("checkpoint", "--book", book)
    assert first.err == ""
    origin, size, *_ = first.out.splitlines()
    assert (origin, size) == (f"localhost/ledger/{book}", "12")
    held = tmp_path / "held"
    held.write_text(first.out)
    more(caseledger, tmp_path, book, 4, 2)
    new = caseledger.run("key", "rotate", "--book", book).out.strip()
    keys = caseledger.run("key", "show", "--book", book).out.splitlines()
    assert len(keys) == 2
    assert keys[1] == new
    grown = caseledger.run("checkpoint", "--book", book, "--since", str(held)).out
    assert json.loads(grown)["checkpoint"].count("— ") == 2, "by the old key and the new"
    (tmp_path / "grown.json").write_text(grown)
    checked = verifies(tmp_path / "grown.json", "--key", keys[0])
    assert checked.returncode == 0, checked.stderr
    assert "It continues the log of 12 entries" in checked.stdout
    whole = caseledger.run("verify", "--book", book, "--checkpoint", str(held))
    assert "20 events, 0 differences" in whole.out
    assert re.search(r"Held against \d+ checkpoints", whole.out)
    more(caseledger, tmp_path, book, 6, 1)
    tail = caseledger.run("verify", "--book", book, "--from-checkpoint", "--json").json
    assert (tail["ok"], tail["since"], tail["events"], tail["cases"]) == (True, 20, 4, 1)


def test_evidence(caseledger: Caseledger, book: str, tmp_path: Path) -> None:
    file = tmp_path / "F2.json"
    said = caseledger.run("evidence", "F2", "--book", book, "--out", str(file), "--language", "en")
    assert "4 entries" in said.out
    (key,) = caseledger.run("key", "show", "--book", book).out.splitlines()
    checked = verifies(file, "--key", key)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "All 4 entries of case F2 are in it." in checked.stdout
    assert "Evidence of case F2" in (tmp_path / "F2.html").read_text()
    document: dict[str, Any] = json.loads(file.read_text())
    document["balance"]["outstanding"] += 1
    file.write_text(json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1) + "\n")
    assert verifies(file, "--key", key).returncode == 1
    refused = caseledger.refuses("evidence", "F9", "--book", book, "--out", str(file), code=2)
    assert "F9" in refused


def test_what_the_owner_changed_is_named(caseledger: Caseledger, book: str, tmp_path: Path) -> None:
    caseledger.run("checkpoint", "--book", book)
    as_owner(
        caseledger,
        f"UPDATE ledger.events SET actor = 'agent:other' WHERE book = '{book}' AND position = 7",
    )
    ended = caseledger.run("verify", "--book", book, code=3)
    assert "First wrong: position 7: entry is not the one that was appended" in ended.out
    nothing = tmp_path / "nothing"
    nothing.write_text("nothing\n")
    held = ("verify", "--book", book, "--checkpoint", str(nothing))
    assert "can't be used" in caseledger.refuses(*held, code=2)
    (caseledger.home / "signer" / book).rename(caseledger.home / "lost")
    refused = caseledger.refuses("checkpoint", "--book", book, code=3)
    assert "restore the signer's folder" in refused


def test_a_witness(caseledger: Caseledger, book: str, tmp_path: Path) -> None:
    """Two parties: the witness's own home, and ours that asks it."""
    folder = str(tmp_path / "witness")
    key = caseledger.run("witness", "create", "witness.example/w", "--folder", folder).out.strip()
    caseledger.run("checkpoint", "--book", book)
    (log_key,) = caseledger.run("key", "show", "--book", book).out.splitlines()
    caseledger.run("witness", "trust", log_key, "--folder", folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = caseledger.begin("witness", "run", "--folder", folder, "--port", str(port))
    try:
        eventually(lambda: _answers(port))
        caseledger.run("witness", "ask", f"http://127.0.0.1:{port}", key)
        file = tmp_path / "F1.json"
        caseledger.run("evidence", "F1", "--book", book, "--out", str(file))
        checked = verifies(file, "--key", log_key, "--witness", key)
        assert "The witness witness.example/w has cosigned it at" in checked.stdout
    finally:
        ended = interrupted(process)
    assert ended.code == 0
    without = caseledger.run("checkpoint", "--book", book)
    (caseledger.home / "signer" / "witnesses").unlink()
    assert "the witness witness.example/w has not cosigned" in without.err
    assert "name+id+base64" in caseledger.refuses("witness", "trust", "nothing", code=2)


def _answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
