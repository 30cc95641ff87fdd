"""The signer's refusals: nothing may make it sign what does not continue what it signed."""

import os
import random
import signal
import stat
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from time import sleep

import pytest

from ledger.log.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_ranges,
    leaf_hash,
    proves_consistency,
)
from ledger.processes import CONTEXT
from ledger.proof.keys import BadKey
from ledger.proof.notes import Checkpoint, Note, verified_checkpoint
from ledger.proof.signer import STATEMENT, Observed, Signer, SignerRefusal
from ledger.proof.state import append_durably, read_lines, write_durably


class Log:
    """A tree that can be told to be any other, with the proofs that it would give."""

    def __init__(self, size: int, changed: int | None = None) -> None:
        self.size = size
        self._leaves = [leaf_hash(b"leaf %d" % n) for n in range(size)]
        if changed is not None:
            self._leaves[changed] = leaf_hash(b"another")

    def root(self, start: int = 0, end: int | None = None) -> bytes:
        frontier = Frontier()
        for leaf in self._leaves[start : self.size if end is None else end]:
            frontier.append(leaf)
        return frontier.root()

    def observe(self, first: bool = False) -> Callable[[], Observed]:
        return lambda: Observed(self.size, self.root(), first)

    def prove(self, old: int, new: int) -> list[bytes]:
        return [self.root(*range) for range in consistency_ranges(old, new)]


def sign(signer: Signer, log: Log, *, first: bool = False) -> Note:
    return signer.sign("book", log.observe(first), log.prove)


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    """Has signed a log of ten entries."""
    signer = Signer(tmp_path / "signer", "example.org/ledger/")
    sign(signer, Log(10), first=True)
    return signer


def size_of(note: Note | None) -> int:
    assert note is not None
    return Checkpoint.parse(note.text).size


def test_it_signs_what_continues(signer: Signer) -> None:
    for size in (10, 11, 11, 300, 70_000):
        note = sign(signer, Log(size))
        found = verified_checkpoint(note, signer.keys("book"))
        assert found == Checkpoint("example.org/ledger/book", size, Log(size).root())
        assert signer.last("book") == note
    assert [size_of(note) for note in signer.history("book")] == [10, 11, 300, 70_000]


def test_an_empty_book_can_be_signed(tmp_path: Path) -> None:
    signer = Signer(tmp_path)
    assert Checkpoint.parse(sign(signer, Log(0), first=True).text).root == EMPTY_ROOT
    assert size_of(sign(signer, Log(5))) == 5


@pytest.mark.parametrize(
    ("log", "why"),
    [
        (Log(9), "backup was restored"),
        (Log(0), "backup was restored"),
        (Log(10, changed=9), "another root"),
        (Log(10, changed=0), "another root"),
        (Log(11, changed=9), "does not continue"),
        (Log(20, changed=3), "does not continue"),
        (Log(16, changed=0), "does not continue"),
    ],
)
def test_it_refuses_everything_else(signer: Signer, log: Log, why: str) -> None:
    before = signer.last("book")
    for _ in range(2):
        with pytest.raises(SignerRefusal, match=why):
            sign(signer, log)
    assert signer.last("book") == before
    assert len(signer.history("book")) == 1
    assert size_of(sign(signer, Log(12))) == 12


def test_a_change_after_what_was_signed_is_nothing_it_can_know(signer: Signer) -> None:
    assert size_of(sign(signer, Log(20, changed=15))) == 20
    with pytest.raises(SignerRefusal):
        sign(signer, Log(21))


def test_a_false_proof_is_none(signer: Signer) -> None:
    fork = Log(20, changed=3)
    for proof in ([], [b"x" * 32], Log(20).prove(10, 20), fork.prove(9, 20)):
        with pytest.raises(SignerRefusal, match="does not continue"):
            signer.sign("book", fork.observe(), lambda old, new, proof=proof: proof)  # type: ignore[misc]


def test_books_are_strangers_to_each_other(signer: Signer) -> None:
    signer.sign("other", Log(3, changed=0).observe(first=True), Log(3).prove)
    assert signer.keys("book") != signer.keys("other")
    assert size_of(signer.last("book")) == 10


def test_one_who_has_forgotten_does_not_begin_anew(signer: Signer, tmp_path: Path) -> None:
    folder = tmp_path / "signer" / "book"
    for name in ("signed", "checkpoints"):
        (folder / name).rename(tmp_path / name)
    for forgetful in (signer, Signer(tmp_path / "new")):
        with pytest.raises(SignerRefusal, match="restore the signer's folder"):
            sign(forgetful, Log(20))
    assert not (tmp_path / "new" / "book" / "key").exists()
    (tmp_path / "signed").rename(folder / "signed")
    assert size_of(sign(signer, Log(20))) == 20


def test_killed_between_its_two_memories(signer: Signer, tmp_path: Path) -> None:
    """The history is written first: what it holds counts, handed out or not."""
    path = tmp_path / "signer" / "book" / "signed"
    before = path.read_bytes()
    note = sign(signer, Log(14))
    path.write_bytes(before)
    for log in (Log(12), Log(10), Log(14, changed=13)):
        with pytest.raises(SignerRefusal):
            sign(signer, log)
    assert sign(signer, Log(14)) == note
    path.unlink()
    with pytest.raises(SignerRefusal):
        sign(signer, Log(12))
    assert size_of(sign(signer, Log(15))) == 15
    assert size_of(Signer(tmp_path / "signer").last("book")) == 15


@pytest.mark.parametrize("name", ["signed", "keys"])
def test_a_damaged_memory_signs_nothing(signer: Signer, tmp_path: Path, name: str) -> None:
    path = tmp_path / "signer" / "book" / name
    whole = path.read_bytes()
    for at in range(0, len(whole), 3):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        with pytest.raises(SignerRefusal, match="damaged"):
            sign(signer, Log(20))
    path.write_bytes(whole)
    assert size_of(sign(signer, Log(20))) == 20


def test_the_private_key_is_its_owners(signer: Signer, tmp_path: Path) -> None:
    folder = tmp_path / "signer" / "book"
    assert stat.S_IMODE((folder / "key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    (folder / "key").unlink()
    with pytest.raises(SignerRefusal, match="private key"):
        sign(signer, Log(20))


def test_rotation(signer: Signer, tmp_path: Path) -> None:
    """Old notes stay verifiable, and the first new one is signed by both."""
    old = signer.keys("book")
    first = signer.last("book")
    assert first is not None
    new = signer.rotate("book")
    assert signer.keys("book") == [*old, new]
    assert new.name == old[0].name
    both = sign(signer, Log(10))
    assert [v.key for v in both.verified(signer.keys("book"))] == [*old, new]
    after = sign(signer, Log(30))
    assert [v.key for v in after.verified(signer.keys("book"))] == [new]
    for note in (first, both):
        assert verified_checkpoint(note, old).size == 10
    keys = (tmp_path / "signer" / "book" / "key").read_text().splitlines()
    assert len(keys) == 1
    with pytest.raises(SignerRefusal):
        sign(signer, Log(29))


def test_a_statement_is_no_checkpoint(signer: Signer) -> None:
    note = signer.attest("book", "example.org/ledger/book\nabc\n")
    assert note.text.startswith(STATEMENT + "\n")
    assert note.verified(signer.keys("book"))
    with pytest.raises(ValueError, match="decimal"):
        Checkpoint.parse(note.text)
    with pytest.raises(SignerRefusal, match="make a checkpoint first"):
        signer.attest("other", "x\n")


@pytest.mark.parametrize("origin", ["", "/", "two words", "a+b", "a\nb"])
def test_an_origin_that_can_name_no_key(tmp_path: Path, origin: str) -> None:
    with pytest.raises(BadKey):
        Signer(tmp_path, origin)


def test_files_are_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_durably(path, "one\n")
    write_durably(path, "two\n")
    assert path.read_text() == "two\n"
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
    lines = tmp_path / "lines"
    assert read_lines(lines) == []
    append_durably(lines, "one")
    lines.write_bytes(b"one\ntwo is cut o")
    assert read_lines(lines) == ["one"]
    append_durably(lines, "three")
    assert read_lines(lines) == ["one", "three"]
    long = "x" * 200_000
    append_durably(lines, long)
    append_durably(lines, "end")
    assert read_lines(lines) == ["one", "three", long, "end"]


def _sign_on(folder: str, start: int, told: Connection) -> None:
    """Sign one size after another, and tell each note when it was given out."""
    signer = Signer(Path(folder), "example.org/ledger")
    log = Log(5_000)
    for size in range(start, 5_000):
        log.size = size
        told.send(str(sign(signer, log, first=True)))


@pytest.mark.faults
def test_killed_while_it_signs(tmp_path: Path) -> None:
    """Whatever was given out before a kill is remembered, and all notes are of one history."""
    rng = random.Random(7)
    given: list[Checkpoint] = []
    signer = Signer(tmp_path, "example.org/ledger")
    for _ in range(12):
        last = signer.last("book")
        start = 1 if last is None else size_of(last)
        theirs, ours = CONTEXT.Pipe(duplex=False)
        child = CONTEXT.Process(target=_sign_on, args=(str(tmp_path), start, ours))
        child.start()
        ours.close()
        notes = [theirs.recv()]
        sleep(rng.uniform(0, 0.05))
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        try:
            while True:
                notes.append(theirs.recv())
        except EOFError:
            pass
        child.join()
        keys = signer.keys("book")
        given += [verified_checkpoint(Note.parse(note), keys) for note in notes]
        kept = {size_of(note) for note in signer.history("book")}
        assert {checkpoint.size for checkpoint in given} <= kept
        assert size_of(signer.last("book")) >= given[-1].size
    log = Log(5_000)
    for checkpoint in given:
        assert checkpoint.root == log.root(0, checkpoint.size)
    assert len(given) >= 12
    first, last_given = given[0], given[-1]
    proof = log.prove(first.size, last_given.size) if last_given.size > first.size else []
    assert proves_consistency(first.size, last_given.size, proof, first.root, last_given.root)
