"""Evidence of a case, and the verifier that shares no code with the ledger."""

import ast
import importlib.util
import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ledger.application.ledger import Ledger
from ledger.domain.accounts import postings
from ledger.domain.events import EVENT_TYPES, CaseOpened, InvoiceIssued
from ledger.log.codec import Codec
from ledger.proof.checkpoints import make_checkpoint
from ledger.proof.evidence import (
    NothingToShow,
    digest,
    make_consistency,
    make_evidence,
    written,
)
from ledger.proof.keys import COSIGNATURE, SigningKey, VerifierKey
from ledger.proof.notes import Checkpoint, Note
from ledger.proof.report import html_report
from ledger.proof.signer import Signer
from ledger.proof.witness import now
from tests.domain.samples import EVENTS
from tests.orders import fill

VERIFIER = Path(__file__).resolve().parents[2] / "verifier" / "verify_evidence.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_evidence", VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


verifier: Any = load()


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(tmp_path / "signer", "example.org/ledger")


@pytest.fixture
def shown(ledger: Ledger, signer: Signer) -> dict[str, Any]:
    """The evidence of a case with an overpayment, in a book of some hundred entries."""
    ids = fill(ledger, 60)
    earlier = make_checkpoint(ledger.engine, ledger.book, signer).note
    fill(ledger, 20, first=500)
    return make_evidence(ledger.engine, ledger.book, ids[3], signer, earlier=[earlier])


def keys_of(signer: Signer) -> list[Any]:
    return [verifier.parse_key(str(key)) for key in signer.keys("book")]


def refused(data: bytes, keys: list[Any]) -> str:
    with pytest.raises(verifier.Refused) as raised:
        verifier.verify(data, keys)
    return str(raised.value)


@pytest.mark.database
def test_true_evidence_is_accepted(ledger: Ledger, signer: Signer, shown: dict[str, Any]) -> None:
    said = "\n".join(verifier.verify(written(shown).encode(), keys_of(signer)))
    case = ledger.case(ledger.find("case-4"))
    assert f"All {case.version} entries of case case-4 are in it." in said
    assert "with nothing changed" in said
    assert "NOT CHECKED" not in said
    assert case.overpaid > 0
    assert shown["balance"] == {
        "components": {},
        "outstanding": 0,
        "overpaid": case.overpaid,
    }
    for other in fill(ledger, 4, first=900):
        made = make_evidence(ledger.engine, ledger.book, other, signer)
        assert verifier.verify(written(made).encode(), keys_of(signer))


@pytest.mark.database
def test_the_program(shown: dict[str, Any], signer: Signer, tmp_path: Path) -> None:
    """As a stranger runs it: one file, in a folder of its own, isolated from this project."""
    program, file, keys = (tmp_path / name for name in ("verify.py", "evidence.json", "keys"))
    program.write_bytes(VERIFIER.read_bytes())
    file.write_text(written(shown), encoding="utf-8")
    keys.write_text("".join(f"{key}\n" for key in signer.keys("book")))

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", str(program), *map(str, arguments)]
        return subprocess.run(
            command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
        )

    accepted = run(file, "--key", keys)
    assert (accepted.returncode, accepted.stderr) == (0, "")
    assert accepted.stdout.endswith("It holds.\n")
    assert run(file, "--key", signer.keys("book")[0]).returncode == 0
    unpinned = run(file)
    assert unpinned.returncode == 0
    assert "NOT CHECKED: whose key this is" in unpinned.stdout
    stranger = run(file, "--key", SigningKey.generate("example.org/ledger/book").verifier)
    assert stranger.returncode == 1
    assert stranger.stderr.startswith("REFUSED: ")
    assert run(tmp_path / "missing.json").returncode == 2
    file.write_text(written(shown | {"currency": "EUR"}), encoding="utf-8")
    changed = run(file, "--key", keys)
    assert (changed.returncode, changed.stdout) == (1, "")
    assert "Traceback" not in changed.stderr


def test_it_shares_no_code_with_the_ledger() -> None:
    """The standard library, and one well-kept library for Ed25519."""
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(VERIFIER.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


def flip_bit(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]


def change_byte(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    other = rng.choice([byte for byte in b'09 aAzZ{}[]",:\n\\' if byte != data[at]])
    return data[:at] + bytes([other]) + data[at + 1 :]


def drop_bytes(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + data[at + rng.randint(1, 40) :]


def repeat_bytes(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + data[at : at + rng.randint(1, 40)] + data[at:]


def cut_off(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def anywhere(document: Any, rng: random.Random) -> tuple[Any, Any]:
    """A random place in a document: the object or list, and the name or place in it."""
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        within = value.items() if isinstance(value, dict) else enumerate(value)
        for place, member in within:
            places.append((value, place))
            if isinstance(member, dict | list):
                walk(member)

    walk(document)
    return rng.choice(places)


def change_value(document: dict[str, Any], rng: random.Random) -> None:
    """A value to another one of its kind: what somebody would do on purpose."""
    while True:
        holder, place = anywhere(document, rng)
        match holder[place]:
            case bool() | None | dict() | list():
                continue
            case int(number):
                holder[place] = number + rng.choice([-1, 1, 100, -number - 1])
            case str(text) if text:
                at = rng.randrange(len(text))
                other = rng.choice([c for c in "0aZ å—" if c != text[at]])
                holder[place] = text[:at] + other + text[at + 1 :]
            case _:
                holder[place] = "x"
        return


def drop_member(document: dict[str, Any], rng: random.Random) -> None:
    holder, place = anywhere(document, rng)
    del holder[place]


def repeat_member(document: dict[str, Any], rng: random.Random) -> None:
    while True:
        holder, place = anywhere(document, rng)
        if isinstance(holder, list):
            holder.insert(place, holder[place])
            return


def swap_members(document: dict[str, Any], rng: random.Random) -> None:
    while True:
        (holder, place), (other, there) = anywhere(document, rng), anywhere(document, rng)
        if holder is other and place != there and holder[place] != holder[there]:
            holder[place], holder[there] = holder[there], holder[place]
            return


def add_member(document: dict[str, Any], rng: random.Random) -> None:
    holder, _ = anywhere(document, rng)
    if isinstance(holder, dict):
        holder["more"] = 1
    else:
        holder.append("more")


OF_BYTES: list[Callable[[bytes, random.Random], bytes]] = [
    flip_bit, change_byte, drop_bytes, repeat_bytes, cut_off,
]  # fmt: skip
OF_VALUES: list[Callable[[dict[str, Any], random.Random], None]] = [
    change_value, change_value, change_value, drop_member, repeat_member, swap_members, add_member,
]  # fmt: skip


@pytest.mark.database
def test_no_altered_file_is_accepted(shown: dict[str, Any], signer: Signer) -> None:
    """2,000 of them: half of bytes, half of values, written as evidence is; each with the key
    pinned and with the key that stands in the file itself.
    """
    rng = random.Random(11)
    whole = written(shown).encode()
    keys = keys_of(signer)
    for number in range(2_000):
        altered = whole
        while altered == whole:
            if number % 2:
                altered = rng.choice(OF_BYTES)(whole, rng)
            else:
                document = json.loads(whole)
                rng.choice(OF_VALUES)(document, rng)
                altered = written(document).encode()
        for pinned in (keys, []):
            with pytest.raises(verifier.Refused):
                verifier.verify(altered, pinned)
    assert verifier.verify(whole, keys)


def own_fake(shown: dict[str, Any], forger: SigningKey) -> dict[str, Any]:
    """The document with everything signed anew by another key of the same name."""
    checkpoint = Note(Note.parse(shown["checkpoint"]).text).signed(forger)
    fake = shown | {"keys": [str(forger.verifier)], "checkpoint": str(checkpoint), "earlier": []}
    origin = Checkpoint.parse(checkpoint.text).origin
    note = Note(f"caseledger/evidence/1\n{origin}\n{digest(fake)}\n").signed(forger)
    return fake | {"attestation": str(note)}


@pytest.mark.database
def test_a_forger_with_a_key_of_his_own(shown: dict[str, Any], signer: Signer) -> None:
    """Without the true key at hand nobody can tell, and the verifier says so; with it, he can."""
    forger = SigningKey.generate("example.org/ledger/book")
    fake = written(own_fake(shown, forger)).encode()
    assert any("whose key this is" in line for line in verifier.verify(fake))
    assert "signed by none of the keys" in refused(fake, keys_of(signer))
    # Even he can't change what the tree commits to, nor what follows from it.
    changes: list[Callable[[dict[str, Any]], object]] = [
        lambda d: d["entries"][1].__setitem__("actor", "agent:other"),
        lambda d: d["entries"][1].__setitem__("payload", d["entries"][1]["payload"] + " "),
        lambda d: d["entries"][1].__setitem__("recorded_at", "2026-01-01T00:00:00.000000+00:00"),
        lambda d: d["entries"].pop(2),
        lambda d: d["balance"].__setitem__("outstanding", 1),
        lambda d: d["balance"]["components"].__setitem__("principal", 1),
        lambda d: d["entries"][1]["postings"].pop(),
        lambda d: d["case"].__setitem__("reference", "case-5"),
    ]
    for change in changes:
        document = json.loads(written(shown))
        change(document)
        forged = written(own_fake(document, forger)).encode()
        with pytest.raises(verifier.Refused):
            verifier.verify(forged, [verifier.parse_key(str(forger.verifier))])


@pytest.mark.database
def test_consistency_alone(ledger: Ledger, signer: Signer) -> None:
    fill(ledger, 20)
    old = make_checkpoint(ledger.engine, ledger.book, signer).note
    fill(ledger, 20, first=100)
    document = make_consistency(ledger.engine, ledger.book, old, signer)
    whole = written(document).encode()
    said = verifier.verify(whole, keys_of(signer))
    assert any("It continues the log of" in line for line in said)
    rng = random.Random(3)
    for _ in range(300):
        changed = json.loads(whole)
        change_value(changed["earlier"], rng)
        refused(written(changed).encode(), keys_of(signer))
    same = make_consistency(ledger.engine, ledger.book, Note.parse(document["checkpoint"]), signer)
    assert verifier.verify(written(same).encode(), keys_of(signer))


@pytest.mark.database
def test_what_can_not_be_shown(ledger: Ledger, signer: Signer) -> None:
    from uuid import uuid4

    (case,) = fill(ledger, 1)
    with pytest.raises(NothingToShow, match="no case"):
        make_evidence(ledger.engine, ledger.book, uuid4(), signer)
    stranger = SigningKey.generate("example.org/ledger/book")
    note = Note(str(Checkpoint("example.org/ledger/book", 1, b"x" * 32))).signed(stranger)
    with pytest.raises(NothingToShow, match="none of book"):
        make_evidence(ledger.engine, ledger.book, case, signer, earlier=[note])


@pytest.mark.database
def test_after_a_rotation_and_with_a_witness(ledger: Ledger, signer: Signer) -> None:
    (case,) = fill(ledger, 1)
    first = make_evidence(ledger.engine, ledger.book, case, signer)
    signer.rotate(ledger.book)
    second = make_evidence(ledger.engine, ledger.book, case, signer)
    for made in (first, second):
        assert verifier.verify(written(made).encode(), keys_of(signer))
    witness = SigningKey.generate("witness.example/w", COSIGNATURE)
    asked = [verifier.parse_key(str(witness.verifier))]
    with pytest.raises(verifier.Refused, match="has not cosigned"):
        verifier.verify(written(second).encode(), keys_of(signer), asked)
    note = Note.parse(second["checkpoint"])
    cosigned = str(note) + str(note.cosigned(witness, now()))
    alone = {
        "format": "caseledger/consistency/1", "book": "book", "keys": second["keys"],
        "checkpoint": cosigned, "earlier": [],
    }  # fmt: skip
    said = verifier.verify(written(alone).encode(), keys_of(signer), asked)
    assert any("The witness witness.example/w has cosigned it" in line for line in said)
    other = [verifier.parse_key(str(VerifierKey("witness.example/w", 4, b"k" * 32)))]
    with pytest.raises(verifier.Refused):
        verifier.verify(written(alone).encode(), keys_of(signer), other)


def test_it_knows_what_every_event_moves() -> None:
    """Its own table of rules against the ledger's: teach it every new event that moves money."""
    codec = Codec()
    assert {type(event) for event in EVENTS} == set(EVENT_TYPES)
    for event in EVENTS:
        kind, payload = codec.encode(event)
        moved = verifier.moved(kind, payload.decode())
        expected = [tuple(posting) for posting in postings(event)]
        assert moved == expected, f"verifier/verify_evidence.py does not know {kind}"
    assert verifier.moved("never_heard_of.v1", "{}") is None
    assert verifier.moved("fee_charged.v2", "{}") is None


def test_every_claim_of_an_invoice_line() -> None:
    """An invoice that claims a charge, which the samples may not have."""
    from datetime import date

    from ledger.domain.events import InvoiceLine

    event = InvoiceIssued(
        value_date=date(2026, 3, 2), invoice="F1", due_date=None, kid=None,
        lines=(
            InvoiceLine(line=1, category="lab", amount=5, charge="C1"),
            InvoiceLine(line=2, category="lab", amount=7),
        ),
    )  # fmt: skip
    kind, payload = Codec().encode(event)
    assert verifier.moved(kind, payload.decode()) == [tuple(p) for p in postings(event)]


@pytest.mark.database
@pytest.mark.parametrize(("language", "title"), [("nb", "Bevis for sak"), ("en", "Evidence of")])
def test_the_report(shown: dict[str, Any], language: Any, title: str) -> None:
    page = html_report(shown, language)
    assert f'<html lang="{language}">' in page
    assert title in page
    for entry in shown["entries"]:
        assert entry["line"][language].split(" ")[0] in page
    assert "<script" not in page
    assert shown["keys"][0] in page
    assert "http" not in page


@pytest.mark.database
def test_what_people_have_written_is_text_in_the_report(ledger: Ledger, signer: Signer) -> None:
    from uuid import uuid4

    from tests.orders import give, opening

    case = uuid4()
    give(ledger, case, opening("<script>alert(1)</script>&"))
    page = html_report(make_evidence(ledger.engine, ledger.book, case, signer), "en")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert CaseOpened.name == "case_opened"
