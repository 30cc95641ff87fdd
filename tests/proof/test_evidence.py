"""Evidence of a case, and the verifier that shares no code with the ledger."""

import ast
import importlib.util
import json
import random
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from html import escape
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from msgspec import structs

from ledger.application.applied_rules import applied_rules
from ledger.application.evidence import case_evidence
from ledger.application.explaining import explanation_view
from ledger.application.ledger import Ledger
from ledger.domain.accounts import postings
from ledger.domain.commands import Command, ReversePayment, WaiveFees
from ledger.domain.events import EVENT_TYPES, CaseOpened, InvoiceIssued, Part
from ledger.domain.explanation import explain
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
from ledger.wording.evidence import EVIDENCE
from tests.domain.samples import EVENTS
from tests.domain.told import (
    FRIKORT,
    IN_SPITE_OF_FRIKORT,
    K1_REMINDED,
    RULES,
    SPLIT,
    TAPPED_TOO_EARLY,
    TODAY,
    folded,
    paid,
    told,
)
from tests.orders import fill, give

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


PERSON: dict[str, Any] = {
    "subject": "6d0c5c0e-6a53-4a3d-9b0f-0a1b2c3d4e5f",
    "name": {"nb": "Generert <b>Testperson</b>", "en": "Generert <b>Testperson</b>"},
    "person": {
        "name": "Generert <b>Testperson</b>",
        "addresses": [{"lines": ["Oppdiktet vei 1"], "postcode": "0150", "place": "Oslo"}],
        "preferred_channel": "sms",
    },
    "erased_at": None,
    "kept_until": None,
    "withheld": None,
    "unreadable": [],
    "read_by": "auditor:1",
    "purpose": "audit",
}
"""As the vault tells it."""


@pytest.fixture
def explained(ledger: Ledger, signer: Signer) -> dict[str, Any]:
    """The evidence of scenario 15, with who the debtor is: a fee, interest, a part payment."""
    case = uuid4()
    opening = structs.replace(K1_REMINDED[0], debtor=PERSON["subject"])
    give(ledger, case, opening, *K1_REMINDED[1:], paid("bank-1", 200_00, on="2026-04-27"))
    return case_evidence(ledger, case, signer, subject=PERSON)


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
def test_no_altered_file_is_accepted(
    shown: dict[str, Any], explained: dict[str, Any], signer: Signer
) -> None:
    """2,000 of them: half of bytes, half of values, written as evidence is; each with the key
    pinned and with the key that stands in the file itself. And some of a file that tells more.
    """
    rng = random.Random(11)
    keys = keys_of(signer)
    refuse_altered(written(shown).encode(), keys, 2_000, rng)
    refuse_altered(written(explained).encode(), keys, 100, rng)


def refuse_altered(whole: bytes, keys: list[Any], times: int, rng: random.Random) -> None:
    for number in range(times):
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


@pytest.mark.database
def test_the_explanation_its_rules_and_the_person(
    explained: dict[str, Any], signer: Signer
) -> None:
    said = "\n".join(verifier.verify(written(explained).encode(), keys_of(signer)))
    assert "The explanation's amounts are those of the entries" in said
    assert "THE LEDGER'S WORD, signed: who the debtor is" in said
    assert explained["explanation"]["owed"] == explained["balance"]["outstanding"] == 256_70
    assert any("256,70" in line for line in explained["explanation"]["text"]["nb"])
    applied = {rule["rule"]: rule for rule in explained["rules"]["applied"]}
    assert next(iter(applied)) == "INKF-1-2/2026"
    rate, shares = applied["INKF-1-2/2026"]["rows"]
    assert (rate["table"], rate["values"]["amount"], rate["confidence"]) == (
        "collection_rate", 750_00, "H"
    )  # fmt: skip
    assert (shares["table"], shares["values"]["small_fee"]) == ("fee_shares", "1/20")
    (half_year,) = applied["FRL-3/2026-01-01"]["rows"]
    assert half_year["values"] == {"rate_bp": 12_00}
    assert half_year["source"] == applied["FRL-3/2026-01-01"]["source"]
    (regime,) = explained["rules"]["regimes"]
    assert (regime["code"], regime["letters"]) == ("1988", ["R1"])
    assert len(explained["rules"]["version"]["tables"]) == 64


@pytest.mark.database
def test_who_it_is_can_be_taken_out_and_not_changed(
    explained: dict[str, Any], signer: Signer
) -> None:
    keys = keys_of(signer)
    without = explained | {"subject": None}
    said = "\n".join(verifier.verify(written(without).encode(), keys))
    assert "Who the debtor is was taken out of the file" in said
    assert "Testperson" not in written(without)
    other = explained | {"subject": explained["subject"] | {"read_by": "auditor:2"}}
    assert "who the debtor is was changed" in refused(written(other).encode(), keys)
    never = without | {"subject_digest": None}
    assert "has not signed it as it is" in refused(written(never).encode(), keys)
    again = case_salts(explained, signer)
    assert again != explained["subject_digest"], "the same person has another digest each time"


def case_salts(document: dict[str, Any], signer: Signer) -> str:
    """The digest that the same person would have with another salt."""
    salted = document["subject"] | {"salt": "00" * 16}
    return sha256(written(salted).encode()).hexdigest()


@pytest.mark.database
def test_a_forged_explanation_does_not_fit_the_log(explained: dict[str, Any]) -> None:
    """Signed by whoever it may be: what follows from the entries can't be told otherwise."""
    forger = SigningKey.generate("example.org/ledger/book")

    def item(document: dict[str, Any], component: str) -> Any:
        items = document["explanation"]["items"]
        return next(item for item in items if item["component"] == component)

    changes: list[tuple[str, Callable[[dict[str, Any]], object]]] = [
        ("does not sum", lambda d: item(d, "principal").__setitem__("amount", 1)),
        ("not what the entries moved", lambda d: d["explanation"]["items"].pop()),
        ("is owed", lambda d: d["explanation"].__setitem__("owed", 1)),
        (
            "another rule",
            lambda d: item(d, "reminder_fee")["contributions"][0].__setitem__("rule", "INKF-2-2"),
        ),
        ("not among those", lambda d: d["rules"]["applied"].pop(0)),
        ("belong together", lambda d: d.__setitem__("rules", None)),
    ]
    for why, change in changes:
        document = json.loads(written(explained))
        change(document)
        forged = written(own_fake(document, forger)).encode()
        assert why in refused(forged, [verifier.parse_key(str(forger.verifier))])
    document = json.loads(written(explained))
    document["subject"]["subject"] = str(uuid4())
    document["subject_digest"] = sha256(written(document["subject"]).encode()).hexdigest()
    forged = written(own_fake(document, forger)).encode()
    assert "somebody else" in refused(forged, [verifier.parse_key(str(forger.verifier))])


STORIES: dict[str, tuple[Command, ...]] = {
    "part payment": (*K1_REMINDED, paid("bank-1", 200_00, on="2026-04-27")),
    "overpaid": (*K1_REMINDED, paid("bank-1", 500_00, on="2026-04-27")),
    "taken back": (
        *K1_REMINDED,
        paid("bank-1", 200_00, on="2026-04-27"),
        ReversePayment(on=date(2026, 4, 29), payment="bank-1", reason="returned_by_bank"),
    ),
    "split at the terminal": SPLIT,
    "not invoiced": SPLIT[:5],
    "tapped too early": TAPPED_TOO_EARLY,
    "a share of nothing": FRIKORT,
    "given up": (
        *IN_SPITE_OF_FRIKORT,
        WaiveFees(
            on=date(2026, 4, 7), parts=(Part("reminder_fee", 38_00, "K20"),), reason="goodwill"
        ),
    ),
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_every_explanation_fits_its_entries(story: tuple[Command, ...]) -> None:
    entries = told(*story)
    case, codec = folded(entries), Codec()
    explanation = explain(entries, TODAY, RULES)
    shown = []
    for entry in entries:
        kind, payload = codec.encode(entry.event)
        moved = [
            {"account": account, "amount": amount, "claim": claim}
            for account, amount, claim in postings(entry.event)
        ]
        shown.append(
            {
                "position": entry.position,
                "type": kind,
                "payload": payload.decode(),
                "postings": moved,
            }
        )
    document = {
        "entries": shown,
        "balance": {
            "components": {name: amount for name, amount in case.balance.items() if amount},
            "outstanding": case.outstanding,
        },
        "explanation": explanation_view("book", explanation),
        "rules": applied_rules(case, explanation, RULES),
    }
    read = verifier.read(written(document).encode())
    verifier.check_explanation(read)
    verifier.check_rules(read)


@pytest.mark.database
def test_evidence_of_the_first_format_still_holds(ledger: Ledger, signer: Signer) -> None:
    (case,) = fill(ledger, 1)
    made = make_evidence(ledger.engine, ledger.book, case, signer)
    key = SigningKey.generate("example.org/ledger/book")
    checkpoint = Note(Note.parse(made["checkpoint"]).text).signed(key)
    new = {"attestation", "rules", "subject", "subject_digest"}
    old = {name: value for name, value in made.items() if name not in new}
    old |= {"format": "caseledger/evidence/1", "checkpoint": str(checkpoint)}
    hashed = sha256(written(old).encode()).hexdigest()
    note = Note(f"caseledger/evidence/1\n{key.verifier.name}\n{hashed}\n").signed(key)
    old["attestation"] = str(note)
    keys = [verifier.parse_key(str(key.verifier))]
    assert verifier.verify(written(old).encode(), keys)
    assert "signed it as it is" in refused(written(old | {"currency": "EUR"}).encode(), keys)


def own_fake(shown: dict[str, Any], forger: SigningKey) -> dict[str, Any]:
    """The document with everything signed anew by another key of the same name."""
    checkpoint = Note(Note.parse(shown["checkpoint"]).text).signed(forger)
    fake = shown | {"keys": [str(forger.verifier)], "checkpoint": str(checkpoint), "earlier": []}
    origin = Checkpoint.parse(checkpoint.text).origin
    note = Note(f"caseledger/evidence/2\n{origin}\n{digest(fake)}\n").signed(forger)
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
    assert "://" not in page


@pytest.mark.database
@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_report_explains(explained: dict[str, Any], language: Any) -> None:
    """Why the balance is what it is, by which rule, who it is, and what of it is proved."""
    page = html_report(explained, language)
    words = 0 if language == "nb" else 1
    for name in ("explanation", "rules", "subject", "proved", "our_word", "confidence_H"):
        assert escape(EVIDENCE[name][words]) in page
    for line in explained["explanation"]["text"][language]:
        assert escape(line) in page
    assert "INKF-1-2/2026" in page
    assert "Generert &lt;b&gt;Testperson&lt;/b&gt;" in page
    assert "<b>" not in page
    assert "<td>Oppdiktet vei 1, 0150 Oslo</td>" in page
    assert ("<td>SMS</td>", "<td>text message</td>")[words] in page
    style = page.partition("<style>")[2].partition("</style>")[0]
    hashed = b64encode(sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{hashed}'" in page
    assert 'style="' not in page
    assert page.index("Content-Security-Policy") < page.index("<style>")
    without = html_report(explained | {"subject": None}, language)
    assert "Testperson" not in without


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
