"""``caseledger people``: by words, by JSON and by exit codes."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from ledger.application.ledger import Ledger
from ledger.log.engine import connect
from ledger.postgres.embedded import EmbeddedPostgres
from tests.cli.command import Caseledger
from tests.people.persons import owing

PERSON = {
    "name": "Generert Testperson",
    "birth_date": "1982-10-30",
    "national_identity_number": "301082 99920",
    "addresses": [
        {"lines": ["Hemmelig gate 7"], "postcode": "0150", "place": "Oslo",
         "protection": "strictly_confidential"}
    ],
    "phone": "22 33 44 55",
    "language": "nb",
}  # fmt: skip


@pytest.fixture(scope="module")
def program(caseledger: Caseledger) -> Caseledger:
    """The command with a book."""
    caseledger.run("doctor")  # which makes the tables
    engine = connect(EmbeddedPostgres(caseledger.home).start().url)
    Ledger(engine, "book").recorder.create_book("NOK")
    engine.dispose()
    return caseledger.having(CASELEDGER_BOOK="book")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the files are that the command reads."""
    return tmp_path_factory.mktemp("given")


@pytest.fixture(scope="module")
def subject(program: Caseledger, folder: Path) -> str:
    """A person who was taken in."""
    return str(program.run("people", "add", given(folder, PERSON), "--json").json["subject"])


def given(folder: Path, what: Any) -> str:
    """A file that holds JSON, or text as it is."""
    file = folder / f"{uuid4()}.txt"
    file.write_text(what if isinstance(what, str) else json.dumps(what), encoding="utf-8")
    return str(file)


def test_show_and_find(program: Caseledger, subject: str, folder: Path) -> None:
    ended = program.run("people", "show", subject, "--purpose", "answer_caller", "--json")
    assert ended.err == ""
    shown = ended.json
    assert shown["person"]["national_identity_number"] == "30108299920"
    assert shown["person"]["addresses"] == []
    assert shown["withheld"]["code"] == "protected_address"
    assert "Hemmelig" not in ended.out
    cleared = program.run("people", "show", subject, "--purpose", "send_letter", "--cleared")
    assert "Address: Hemmelig gate 7, 0150, Oslo, NO" in cleared.out

    number = given(folder, "301082 99920\n")
    by = ("--purpose", "answer_caller", "--json")
    assert subject in program.run("people", "find", "number", number, *by).json["subjects"]
    name = given(folder, "generert testperson\n1982-10-30\n")
    assert subject in program.run("people", "find", "name", name, *by).json["subjects"]
    nobody = program.run("people", "find", "phone", given(folder, "99999999"), *by)
    assert nobody.json == {"subjects": []}


def test_taken_in_once_put_right_and_found_with_their_cases(
    program: Caseledger, folder: Path
) -> None:
    subject = program.run("people", "add", given(folder, PERSON), "--key", "import-1").out.strip()
    other = given(folder, {"name": "Generert Annen"})
    said = program.refuses("people", "add", other, "--key", "import-1", code=1)
    assert "import-1 has been used before" in said
    engine = connect(EmbeddedPostgres(program.home).start().url)
    owing(Ledger(engine, "book"), UUID(subject), "K78")
    engine.dispose()
    new = given(folder, {"addresses": [{"lines": ["Ny vei 1"]}], "phone": "45678902"})
    put_right = program.run("people", "correct", subject, new, "--cleared").out
    assert put_right == "Put right: Address, Phone.\n"
    phone = given(folder, "4567 8902")
    by = ("--purpose", "answer_caller", "--cases")
    assert program.run("people", "find", "phone", phone, *by).out.splitlines() == [
        subject,
        "  K78 of clinic-1: open, stage invoiced",
    ]


def test_a_note_that_says_too_much_is_not_repeated(
    program: Caseledger, subject: str, folder: Path
) -> None:
    note = given(folder, "F32.1, deprimert")
    said = program.refuses("people", "note", subject, note, code=1)
    assert "a diagnosis code" in said
    assert "F32" not in said
    assert program.run("people", "note", subject, given(folder, "Ringte"), "--json").json["note"]


def test_a_long_note_on_a_case_is_told_how_long_it_may_be(
    program: Caseledger, folder: Path
) -> None:
    other = given(folder, {"name": "Generert Tredje"})
    subject = program.run("people", "add", other).out.strip()
    engine = connect(EmbeddedPostgres(program.home).start().url)
    owing(Ledger(engine, "book"), UUID(subject), "K79")
    engine.dispose()
    said = program.refuses("case", "note", "K79", given(folder, "Ringte. " * 70), code=1)
    assert "too long: 500 characters at most" in said


def test_hold_erase_report(program: Caseledger, folder: Path) -> None:
    subject = program.run("people", "add", given(folder, PERSON)).out.strip()
    hold = program.run("people", "hold", subject, "court_case", "--json").json["hold"]
    assert "a case in court" in program.refuses("people", "erase", subject, code=1)
    program.run("people", "release", subject, hold)
    done = program.run("people", "erase", subject, "--json").json
    assert done["erased"] == ["contact", "notes", "third_parties", "identity"]
    assert (done["kept"], done["repeated"]) == ([], False)
    shown = program.run("people", "show", subject, "--purpose", "audit")
    assert shown.out.startswith("erased subject (")
    report = program.run("people", "access-report", subject, "--language", "en").out
    assert "Access to personal data" in report
    assert "erased subject" in report
    assert "Generert" not in report


def test_due(program: Caseledger) -> None:
    assert program.run("people", "erase", "--due", "--json").json == []


def test_rotate_key(program: Caseledger, subject: str) -> None:
    file = program.home / "keys" / "people.json"
    before = json.loads(file.read_text())["generations"]
    done = program.run("people", "rotate-key", "--keep-days", "0", "--json").json
    assert done["rewrapped"] >= 3
    assert done["unreadable"] == 0
    assert done["destroyed"] == [generation["name"] for generation in before]
    shown = program.run("people", "show", subject, "--purpose", "audit", "--json").json
    assert shown["person"]["name"] == PERSON["name"]


def test_doctor_looks_at_keys_and_erasures(program: Caseledger, subject: str) -> None:
    checks = {c["check"]: c for c in program.run("doctor", "--json").json["checks"]}
    assert checks["erasures"]["ok"]
    assert "generation 20" in checks["people key"]["detail"]
    file = program.home / "keys" / "people.json"
    file.chmod(0o644)
    try:
        checks = {c["check"]: c for c in program.run("doctor", "--json", code=1).json["checks"]}
        assert "chmod 600" in checks["people key"]["detail"]
        said = program.refuses("people", "show", subject, "--purpose", "audit", code=1)
        assert "chmod 600" in said
    finally:
        file.chmod(0o600)


def test_an_open_case_is_said(program: Caseledger, subject: str) -> None:
    engine = connect(EmbeddedPostgres(program.home).start().url)
    ledger = Ledger(engine, "book")
    owing(ledger, UUID(subject), "K77")
    engine.dispose()
    assert "Case K77 is not closed" in program.refuses("people", "erase", subject, code=1)


@pytest.mark.parametrize(
    ("arguments", "content", "code", "said"),
    [
        (["show", str(uuid4()), "--purpose", "audit"], None, 2, "no person with id"),
        (["show", str(uuid4()), "--purpose", "curiosity"], None, 2, "answer_caller"),
        (["erase"], None, 2, "name a subject"),
        (["find", "name", "--purpose", "audit"], "only a name", 2, "second line"),
        (["correct", str(uuid4())], "{}", 2, "name at least one field"),
        (["add"], '{"language": "Klingon"}', 8, "Invalid value - at `$.language`"),
        (["add"], '{"national_identity_number": "30108299921"}', 1, "no valid national"),
    ],
)
def test_what_can_not_be_done(
    program: Caseledger, folder: Path, arguments: list[str], content: str | None, code: int,
    said: str,
) -> None:  # fmt: skip
    file = [] if content is None else [given(folder, content)]
    refused = program.refuses("people", *arguments, *file, code=code)
    assert said in refused
    assert "Klingon" not in refused
