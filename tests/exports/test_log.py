"""The exported log, checked by what an auditor has: hashlib, json and the verifier."""

import gzip
import io
import json
import random
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, text

from ledger.application.ledger import ClinicNotFound, Ledger
from ledger.exports import reading as reading_module
from ledger.exports.log import checkpoint_of, write_log
from ledger.exports.reading import NoSuchPosition, Reading
from ledger.files import log_parquet
from ledger.files.log_lines import write_json_lines
from ledger.files.log_parquet import write_parquet
from ledger.files.whole import CannotWrite
from ledger.proof.checkpoints import make_checkpoint
from ledger.proof.keys import SigningKey
from ledger.proof.notes import BadNote, Note
from ledger.proof.signer import Signer, SignerRefusal
from tests.orders import fill, opening, order, receipt
from tests.proof.test_evidence import verifier

pytestmark = pytest.mark.database
LEAF = ("position", "stream", "version", "type", "recorded_at_us", "actor", "channel", "command_id")


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(tmp_path / "signer", "example.org/ledger")


@pytest.fixture
def note(ledger: Ledger, signer: Signer) -> Note:
    """The checkpoint of a book of some hundred entries."""
    fill(ledger, 60)
    return make_checkpoint(ledger.engine, ledger.book, signer).note


def size_of(note: Note) -> int:
    return int(note.text.split("\n")[1])


def exported(
    ledger: Ledger, signer: Signer, note: Note, first: int = 1, clinic: str | None = None
) -> bytes:
    file = io.BytesIO()
    found = Reading(ledger.engine, ledger.book, first=first, last=size_of(note), clinic=clinic)
    write_log(file, write_json_lines, found, note, signer.keys(ledger.book))
    return file.getvalue()


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def recomputed(lines: list[bytes]) -> tuple[int, str]:
    """Size and root, as the format's description tells to make them: nothing of ours is used."""
    header, *entries = map(json.loads, lines)
    tree = [bytes.fromhex(peak) for peak in header["frontier"]]
    size = header["first"] - 1
    for entry in entries:
        assert entry["position"] == size + 1
        if "leaf_hash" in entry:
            leaf = bytes.fromhex(entry["leaf_hash"])
        else:
            columns = [str(entry[name]) for name in LEAF]
            payload = sha256(entry["payload"].encode()).hexdigest()
            text = "\n".join(["caseledger/1", header["book"], *columns, payload])
            leaf = sha256(b"\0" + text.encode()).digest()
        rest = size
        while rest & 1:
            leaf, rest = node(tree.pop(), leaf), rest >> 1
        tree.append(leaf)
        size += 1
    root = tree[-1]
    for peak in reversed(tree[:-1]):
        root = node(peak, root)
    return size, root.hex()


def stated(lines: list[bytes]) -> tuple[int, str]:
    """What the checkpoint in the file says."""
    _, size, root, *_ = json.loads(lines[0])["checkpoint"].split("\n")
    return int(size), b64decode(root).hex()


def said(data: bytes, tmp_path: Path, *keys: str) -> list[str]:
    """What the verifier finds. Raises its ``Refused``."""
    file = tmp_path / "log.jsonl"
    file.write_bytes(data)
    assert verifier.is_log(file)
    found: list[str] = verifier.check_log(file, [verifier.parse_key(key) for key in keys], [])
    return found


def test_the_root_is_that_of_the_lines(
    ledger: Ledger, signer: Signer, note: Note, tmp_path: Path
) -> None:
    data = exported(ledger, signer, note)
    lines = data.splitlines()
    assert len(lines) == 1 + size_of(note) > 300
    assert recomputed(lines) == stated(lines)
    stored = ledger.recorder.read_log(0, 1_000)
    told = [json.loads(line) for line in lines[1:]]
    assert [each["payload"] for each in told] == [entry.payload for entry in stored]
    key = str(signer.keys(ledger.book)[0])
    assert f"All entries from 1 to {size_of(note)} are as they were signed." in said(
        data, tmp_path, key
    )
    (tmp_path / "log.gz").write_bytes(gzip.compress(data))
    assert verifier.check_log(tmp_path / "log.gz", [], [])


def test_every_altered_line_is_seen(
    ledger: Ledger, signer: Signer, note: Note, tmp_path: Path
) -> None:
    data = exported(ledger, signer, note)
    rng = random.Random(7)
    begin = data.index(b"\n") + 1
    for _ in range(100):
        at = rng.randrange(begin, len(data))
        altered = data[:at] + bytes([data[at] ^ 1 << rng.randrange(7)]) + data[at + 1 :]
        with pytest.raises(verifier.Refused):
            said(altered, tmp_path)


def test_what_was_done_to_the_lines_is_seen(
    ledger: Ledger, signer: Signer, note: Note, tmp_path: Path
) -> None:
    lines = exported(ledger, signer, note).splitlines(keepends=True)
    header, *entries = lines
    assert said(b"".join(lines), tmp_path)
    for what, changed in {
        "left out": [*lines[:50], *lines[51:]],
        "cut off": lines[:-1],
        "cut off within a line": [*lines[:-1], lines[-1][:-1]],
        "twice": [*lines, lines[-1]],
        "swapped": [*lines[:50], lines[51], lines[50], *lines[52:]],
        "of another book": [header.replace(b'"book":"book"', b'"book":"other"'), *entries],
        "begins elsewhere": [header.replace(b'"first":1', b'"first":2'), *entries],
        "a further column": [line.replace(b'"version":', b'"x":1,"version":') for line in lines],
        "nothing": [header],
    }.items():
        assert changed != lines, what
        with pytest.raises(verifier.Refused):
            said(b"".join(changed), tmp_path)
            pytest.fail(what)


def test_another_key_vouches_for_nothing(
    ledger: Ledger, signer: Signer, note: Note, tmp_path: Path
) -> None:
    other = SigningKey.generate("example.org/ledger/book").verifier
    with pytest.raises(verifier.Refused, match="none of the keys"):
        said(exported(ledger, signer, note), tmp_path, str(other))
    file = io.BytesIO()
    found = Reading(ledger.engine, ledger.book, last=size_of(note))
    with pytest.raises(BadNote):
        write_log(file, write_json_lines, found, note, [other])
    assert file.getvalue() == b""


def test_parquet_holds_the_same(ledger: Ledger, signer: Signer, note: Note, tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    found = Reading(ledger.engine, ledger.book, last=size_of(note))
    with path.open("wb") as file:
        write_log(file, write_parquet, found, note, signer.keys(ledger.book))
    table = pq.read_table(path)
    header = json.loads(table.schema.metadata[b"caseledger"])
    assert header["checkpoint"] == str(note)
    assert str(table.schema.field("recorded_at").type) == "timestamp[us, tz=UTC]"
    columns = table.to_pydict()
    times = table["recorded_at"].cast("int64").to_pylist()
    rows = [json.dumps(header).encode()]
    for at, us in enumerate(times):
        row = {name: columns[name][at] for name in (*LEAF, "payload") if name != "recorded_at_us"}
        rows.append(json.dumps({**row, "recorded_at_us": us}).encode())
    assert recomputed(rows) == stated(rows)


def test_without_the_optional_package_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(log_parquet, "import_module", missing)
    with pytest.raises(CannotWrite, match=r"pip install 'caseledger\[parquet\]'"):
        log_parquet.check_installed()


def test_it_goes_on_from_an_earlier_one(
    ledger: Ledger, signer: Signer, note: Note, tmp_path: Path
) -> None:
    before = exported(ledger, signer, note).splitlines()
    fill(ledger, 13, first=500)
    later = make_checkpoint(ledger.engine, ledger.book, signer).note
    data = exported(ledger, signer, later, first=size_of(note) + 1)
    lines = data.splitlines()
    assert len(lines) == 1 + size_of(later) - size_of(note)
    assert recomputed(lines) == stated(lines) != stated(before)
    assert recomputed(lines[:1]) == stated(before), "its frontier is the log that was held before"
    assert f"NOT CHECKED: the {size_of(note)} entries before" in " ".join(said(data, tmp_path))
    again = checkpoint_of(ledger.engine, ledger.book, size_of(note))
    assert exported(ledger, signer, again).splitlines()[1:] == before[1:]
    with pytest.raises(NoSuchPosition, match=f"{size_of(note)}"):
        checkpoint_of(ledger.engine, ledger.book, size_of(note) - 1)


@pytest.mark.parametrize(("first", "last"), [(0, 5), (6, 5), (2, 0), (1, 100_000)])
def test_positions_that_are_not_there(ledger: Ledger, first: int, last: int) -> None:
    fill(ledger, 3)
    with pytest.raises(NoSuchPosition, match="has 1 to"):
        Reading(ledger.engine, ledger.book, first=first, last=last)


def test_one_clinic_sees_hashes_of_others(ledger: Ledger, signer: Signer, tmp_path: Path) -> None:
    fill(ledger, 5)
    other = replace(opening("case-9"), creditor="clinic-9")
    receipt(ledger.execute(order(other)))
    note = make_checkpoint(ledger.engine, ledger.book, signer).note
    data = exported(ledger, signer, note, clinic="clinic-9")
    lines = data.splitlines()
    assert recomputed(lines) == stated(lines)
    told = [json.loads(line) for line in lines[1:]]
    assert [each["position"] for each in told if "payload" in each] == [size_of(note)]
    assert b"clinic-1" not in data
    assert "1 of them are told, of clinic-9; the others are hashes." in said(data, tmp_path)
    with pytest.raises(ClinicNotFound):
        exported(ledger, signer, note, clinic="clinic-8")
    told[0].pop("leaf_hash")
    with pytest.raises(verifier.Refused):
        said(b"\n".join([lines[0], *(json.dumps(each).encode() for each in told), b""]), tmp_path)


def test_a_log_that_is_another_one_is_not_exported(
    ledger: Ledger, signer: Signer, note: Note, owner_engine: Engine
) -> None:
    with owner_engine.begin() as owner:
        owner.execute(text("ALTER TABLE ledger.events DISABLE TRIGGER append_only"))
        owner.execute(text("UPDATE ledger.events SET actor = 'agent:other' WHERE position = 77"))
    with pytest.raises(SignerRefusal, match="verify"):
        exported(ledger, signer, note)


def test_it_is_of_one_position_while_the_ledger_is_in_use(
    ledger: Ledger, signer: Signer, note: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_module, "PAGE_ENTRIES", 50)
    done: list[int] = []

    def meanwhile(at: int, total: int) -> None:
        fill(ledger, 2, first=1_000 + at)
        done.append(at)
        assert total == size_of(note)

    file = io.BytesIO()
    found = Reading(ledger.engine, ledger.book, last=size_of(note), progress=meanwhile)
    write_log(file, write_json_lines, found, note, signer.keys(ledger.book))
    lines = file.getvalue().splitlines()
    assert len(done) > 5
    assert ledger.recorder.head().position > size_of(note)
    assert recomputed(lines) == stated(lines) == (size_of(note), recomputed(lines)[1])
