"""After erasing, nothing is left: in a dump, the data folder, the write-ahead log and all logs.

And a backup from before brings nothing back for longer than it takes to replay the erasures.
"""

import base64
import os
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import URL, Engine, create_engine, text

from ledger.application.ledger import Ledger
from ledger.domain.personal import Address, Person
from ledger.log.engine import connect
from ledger.people.keys import KeyFile
from ledger.people.schema import ERASABLE, VAULT_ROLE
from ledger.people.vault import Vault
from ledger.postgres.binaries import find_binaries
from ledger.postgres.embedded import EmbeddedPostgres
from ledger.projections.audit_trail import trail_of
from ledger.projections.journal import trial_balance
from tests.cli.command import Caseledger, finished, installed
from tests.people.persons import AGENT, done, paid_up

pytestmark = [pytest.mark.database, pytest.mark.faults, pytest.mark.slow]

PERSON = Person(
    name="Kanarifugl Testperson",
    birth_date=date(1982, 10, 30),
    national_identity_number="30108299920",
    addresses=(Address(lines=("Oppdiktet vei 4711",), postcode="0150", place="Oslo"),),
    phone="22334455",
    email="kanarifugl@example.invalid",
)
NOTE = "Lover betaling mandag, Kanarifugl"
CANARIES = (
    "Kanarifugl", "kanarifugl", "30108299920", "Oppdiktet vei", "22334455",
    "kanarifugl@example.invalid", "Lover betaling mandag", "1982-10-30",
    "Avtalt nedbetaling", "Testspurv", "Deprimert", "Testdue",
)  # fmt: skip
ON_THE_CASE = "Avtalt nedbetaling, hilsen Testspurv"
REFUSED = "Deprimert, F32.1, sier Testdue"
CONTROL = "Kontrollsetning som skal finnes"


@pytest.fixture(scope="module")
def program() -> Iterator[Caseledger]:
    """A server of its own, whose every byte is looked at."""
    with installed() as program:
        program.run("start")
        program.run("doctor")
        yield program.having(CASELEDGER_BOOK="book")


@pytest.fixture(scope="module")
def server(program: Caseledger) -> URL:
    return EmbeddedPostgres(program.home).start().url


def written(text: str) -> Iterator[bytes]:
    """How a text may stand in a file: plain, wide, in hexadecimal, in base64 at any offset."""
    plain = text.encode()
    yield plain
    yield text.encode("utf-16-le")
    yield plain.hex().encode()
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + plain)
        yield encoded[4 if offset else 0 : len(encoded) // 4 * 4 - 4]


def found_in(folder: Path, needles: list[bytes]) -> dict[str, list[bytes]]:
    """The files under a folder that hold any of these bytes."""
    found = {}
    for file in folder.rglob("*"):
        if file.is_file() and (hits := [n for n in needles if n in file.read_bytes()]):
            found[str(file)] = hits
    return found


def dump(server: URL, file: Path, *options: str) -> bytes:
    program = find_binaries().program("pg_dump")
    _run(server, str(program), "--file", str(file), *options, database=True)
    return file.read_bytes()


def _run(server: URL, *command: str, database: bool = False) -> None:
    environment = {
        **os.environ,
        "PGHOST": str(server.query["host"]),
        "PGPORT": str(server.query["port"]),
        "PGUSER": server.username or "",
        "PGPASSWORD": str(server.password),
    }
    if database:
        environment["PGDATABASE"] = str(server.database)
    subprocess.run(command, env=environment, check=True, capture_output=True)


def sealed(owner: Engine, subject: str) -> list[bytes]:
    """What is stored of a subject: ciphertexts, wrapped keys, digests; and what makes them up."""
    with owner.connect() as connection:
        return [
            bytes(value)
            for table in ERASABLE
            for value in connection.execute(
                text(
                    f"SELECT {'digest' if table == 'search_keys' else 'sealed'}"
                    f" FROM people.{table} WHERE subject = :subject"
                ),
                {"subject": subject},
            ).scalars()
        ]


def test_no_byte_is_left_and_no_backup_brings_it_back(
    program: Caseledger, server: URL, tmp_path: Path
) -> None:
    said: list[str] = []

    def run(*arguments: str, code: int = 0) -> str:
        ended = program.run(*arguments, code=code)
        said.append(ended.out + ended.err)
        return ended.out

    owner = connect(server, role=None)
    ledger = Ledger(connect(server), "book")
    ledger.recorder.create_book("NOK")
    (tmp_path / "person.json").write_text(msgspec.json.encode(PERSON).decode())
    subject = run("people", "add", str(tmp_path / "person.json")).strip()
    keys = KeyFile(program.home / "keys" / "people.json")
    vault = Vault(connect(server, role=VAULT_ROLE), "book", keys)
    done(vault.write_note(UUID(subject), NOTE, AGENT.actor))
    assert vault.find(vault.search.number("30108299920"), AGENT, "audit") == [UUID(subject)]
    vault.engine.dispose()
    case = paid_up(ledger, UUID(subject), "K1", date(2015, 3, 20))
    (tmp_path / "note.txt").write_text(ON_THE_CASE)
    run("case", "note", "K1", str(tmp_path / "note.txt"), "--on", "2015-03-20")
    assert ON_THE_CASE in program.run("case", "notes", "K1", "--purpose", "audit").out
    too_much = tmp_path / "refused.txt"
    too_much.write_text(REFUSED)
    run("case", "note", "K1", str(too_much), "--on", "2015-03-20", code=1)
    with owner.begin() as connection:
        connection.execute(text("CREATE TABLE control (sentence text)"))
        connection.execute(text("INSERT INTO control VALUES (:said)"), {"said": CONTROL})
        connection.execute(text("ANALYZE"))
        connection.execute(text("CHECKPOINT"))

    # What must be found is found: the search looks where things are.
    folder = program.home
    stored = sealed(owner, subject)
    assert len(stored) == 3 + 6 + 2 + 3
    assert found_in(folder, [CONTROL.encode()])
    assert len(found_in(folder, stored)) >= 4
    backup = tmp_path / "backup.dump"
    before = dump(server, backup, "--format=custom")
    plain = dump(server, tmp_path / "before.sql")
    assert CONTROL.encode() in plain
    assert all(value.hex().encode() in plain for value in stored)

    run("people", "erase", subject)
    run("people", "scrub")
    _forget_the_wal(owner)

    needles = [bytes_ for canary in CANARIES for bytes_ in written(canary)]
    plain = dump(server, tmp_path / "after.sql")
    assert CONTROL.encode() in plain
    assert not [needle for needle in needles if needle in plain]
    assert not [value for value in stored if value.hex().encode() in plain]
    assert found_in(folder, [CONTROL.encode()])
    assert found_in(folder, needles) == {}, "never was in clear: data, log, settings, list, keys"
    assert found_in(folder, stored) == {}, "nor is what was sealed, nor its keys"
    assert not [needle for needle in needles if needle in "".join(said).encode()]
    assert any((folder / "postgres").rglob("*.log"))
    assert run("verify") == "1 cases, 8 events, 0 differences in book book at position 8\n"
    assert run("people", "show", subject, "--purpose", "audit").startswith("erased subject")
    assert "(erased)" in run("case", "notes", "K1", "--purpose", "audit")
    run("rebuild")
    with owner.connect() as connection:
        assert sum(trial_balance(connection, "book").values()) == 0
        trail = trail_of(connection, "book", case)
    assert trail[-1].event == "subject_erased"
    assert "Debtor: erased subject" in run("case", "show", "K1")
    assert run("verify").startswith("1 cases, 8 events, 0 differences")

    # backup -> erase -> restore -> replay -> unreadable
    with create_engine(server, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("CREATE DATABASE restored TEMPLATE template0"))
    restored = server.set(database="restored")
    assert before
    pg_restore = str(find_binaries().program("pg_restore"))
    _run(restored, pg_restore, "--dbname", "restored", "--exit-on-error", str(backup))
    url = restored.render_as_string(hide_password=False)
    other = program.having(CASELEDGER_DATABASE_URL=url)
    vault = Vault(connect(restored, role=VAULT_ROLE), "book", keys)
    view = done(vault.read(UUID(subject), AGENT, "audit"))
    assert view.person.name == PERSON.name, "the backup has brought it back"
    vault.engine.dispose()
    said_no = other.refuses("people", "show", subject, "--purpose", "audit", code=1)
    assert "replay-erasures" in said_no
    checks = {c["check"]: c for c in other.run("doctor", "--json", code=1).json["checks"]}
    assert not checks["erasures"]["ok"]
    refused = finished(other.begin("serve"))
    assert refused.code == 1
    assert "replay-erasures" in refused.err
    assert other.run("people", "replay-erasures", "--json").json == {
        "erased_again": 1,
        "recorded": 1,
    }
    shown = other.run("people", "show", subject, "--purpose", "audit").out
    assert shown.startswith("erased subject")
    plain = dump(restored, tmp_path / "replayed.sql")
    assert not [value for value in stored if value.hex().encode() in plain]
    owner.dispose()
    ledger.engine.dispose()


def _forget_the_wal(owner: Engine) -> None:
    """Have the server remove finished segments instead of keeping them for use again."""
    with owner.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("ALTER SYSTEM SET wal_recycle = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
        for _ in range(3):
            connection.execute(text("SELECT pg_switch_wal()"))
            connection.execute(text("CHECKPOINT"))
        connection.execute(text("ALTER SYSTEM RESET wal_recycle"))
        connection.execute(text("SELECT pg_reload_conf()"))
