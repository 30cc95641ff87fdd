"""Keys, notes and checkpoints as C2SP writes them, against notes that others have signed."""

from datetime import UTC, datetime
from hashlib import sha256

import pytest

from ledger.log.merkle import EMPTY_ROOT, Frontier, leaf_hash
from ledger.proof.keys import COSIGNATURE, BadKey, SigningKey, VerifierKey
from ledger.proof.notes import BadNote, Checkpoint, Note, verified_checkpoint
from ledger.proof.tiles import unbundle
from tests.published import published

PUBLISHED_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"

# C2SP tlog-cosignature, the example of its introduction: a log's signature and a witness's.
COSIGNED = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa \
Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 \
jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""


def key(name: str = "example.org/log", kind: int = 1, seed: int = 1) -> SigningKey:
    return SigningKey(name, kind, bytes([seed]) * 32)


def signed(text: str = "hello\n") -> Note:
    return Note(text).signed(key())


def test_the_published_checkpoints() -> None:
    """transparency-dev/tessera, testdata/log: 16 notes, whose roots are those of its entries."""
    folder = published("tlog")
    trusted = VerifierKey.parse(PUBLISHED_KEY)
    assert str(trusted) == PUBLISHED_KEY
    leaves = unbundle((folder / "tile/entries/000.p/15").read_bytes())
    frontier = Frontier()
    for size in range(16):
        whole = (folder / f"checkpoint.{size}").read_text()
        note = Note.parse(whole)
        assert str(note) == whole
        found = verified_checkpoint(note, [trusted])
        assert found == Checkpoint("example.com/log/testdata", size, frontier.root())
        assert str(found) == note.text
        if size < 15:
            frontier.append(leaf_hash(leaves[size]))


def test_any_bit_of_a_published_note_counts() -> None:
    """Each either makes it no note, or its signature one that does not hold."""
    whole = (published("tlog") / "checkpoint").read_bytes()
    trusted = [VerifierKey.parse(PUBLISHED_KEY)]
    for at in range(len(whole)):
        for bit in range(8):
            changed = bytearray(whole)
            changed[at] ^= 1 << bit
            with pytest.raises(BadNote):
                verified_checkpoint(Note.parse(bytes(changed)), trusted)


def test_an_example_of_the_cosignature_page_is_read_and_written_alike() -> None:
    note = Note.parse(COSIGNED)
    assert str(note) == COSIGNED
    assert [signature.name for signature in note.signatures] == [
        "example.com/behind-the-sofa",
        "witness.example.com/w1",
    ]
    seconds = int.from_bytes(note.signatures[1].value[:8], "big")
    assert datetime.fromtimestamp(seconds, UTC) == datetime(2023, 3, 20, 12, 25, 47, tzinfo=UTC)


def test_keys_are_written_and_read() -> None:
    for kind in (1, COSIGNATURE):
        made = SigningKey.generate("example.org/log", kind)
        assert str(SigningKey.parse(str(made))) == str(made)
        public = made.verifier
        assert VerifierKey.parse(str(public)) == public
        assert (
            public.id == sha256(b"example.org/log\n" + bytes([kind]) + public.public).digest()[:4]
        )
    assert str(key()).split("+")[-1] not in repr(key())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "a+b",
        "a+00000000+",
        PUBLISHED_KEY.replace("33d7", "33d8"),
        PUBLISHED_KEY.replace("AeHT", "AuHT"),
        PUBLISHED_KEY.replace("example", "exämple"),
        PUBLISHED_KEY + "A",
        PUBLISHED_KEY[:-4],
        " +" + PUBLISHED_KEY,
    ],
)
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(BadKey):
        VerifierKey.parse(text)
    with pytest.raises(BadKey):
        SigningKey.parse(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb", "x" * 201])
def test_what_can_not_name_a_key(name: str) -> None:
    with pytest.raises(BadKey):
        SigningKey.generate(name)


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"hello\n",
        b"hello\n\n",
        b"\n\n",
        str(signed()).encode() + b"x",
        str(signed()).encode()[:-1],
        str(signed()).encode().replace(b"hello", b"hel\tlo"),
        str(signed()).encode().replace(b"hello", b"hel\xfflo"),
        str(signed()).replace("— ", "- ").encode(),
        str(signed()).replace("— e", "—  e").encode(),
        str(signed()).replace("=\n", "\n").encode(),
        "hello\n\n— name AAAA\n".encode(),
        "hello\n\n— name AAAAAA\n".encode(),
        b"x" * 100_000,
        ("hello\n\n" + "— name AAAAAAA=\n" * 65).encode(),
    ],
)
def test_what_is_no_note(note: bytes) -> None:
    with pytest.raises(BadNote):
        Note.parse(note)


def test_signatures_of_strangers_are_passed_over_and_false_ones_are_not() -> None:
    trusted, stranger, renamed = key(), key(seed=2), key("example.org/other")
    note = signed().signed(stranger).signed(renamed)
    assert [verified.key for verified in note.verified([trusted.verifier])] == [trusted.verifier]
    assert len(note.verified([trusted.verifier, stranger.verifier, renamed.verifier])) == 3
    with pytest.raises(BadNote, match="no key that is trusted"):
        signed().verified([stranger.verifier, renamed.verifier])
    with pytest.raises(BadNote, match="no key"):
        signed().verified([])
    forged = signed("hello!\n").signatures
    with pytest.raises(BadNote, match="does not hold"):
        signed()._replace(signatures=forged).verified([trusted.verifier])
    # One true signature of another key does not excuse a false one of a key that is known.
    both = signed().signed(stranger)._replace(signatures=(*forged, *signed().signatures))
    with pytest.raises(BadNote, match="does not hold"):
        both.verified([trusted.verifier])


def test_a_cosignature_says_when_and_is_no_signature() -> None:
    witness = key("witness.example", COSIGNATURE, 3)
    note = Note(str(Checkpoint("example.org/log", 0, EMPTY_ROOT)))
    at = datetime(2026, 3, 2, 10, 0, 0, tzinfo=UTC)
    cosigned = note._replace(signatures=(note.cosigned(witness, at),))
    (found,) = Note.parse(str(cosigned)).verified([witness.verifier])
    assert found.time == at
    with pytest.raises(BadNote, match="no key"):
        verified_checkpoint(cosigned, [witness.verifier])
    as_signature = note.signed(witness)
    with pytest.raises(BadNote, match="does not hold"):
        as_signature.verified([witness.verifier])


def test_a_checkpoint_is_signed_by_its_own_log() -> None:
    other = key("example.org/other")
    note = Note(str(Checkpoint("example.org/log", 0, EMPTY_ROOT))).signed(other)
    with pytest.raises(BadNote, match="no key"):
        verified_checkpoint(note, [other.verifier])


@pytest.mark.parametrize(
    "text",
    [
        "a\n1\n",
        "a\n01\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "a\n-1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "a\n\u0663\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "a\n99999999999999999999\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "a\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF==\n",
        "a\n1\nAAAA\n",
        "\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
    ],
)
def test_what_is_no_checkpoint(text: str) -> None:
    with pytest.raises(BadNote):
        Checkpoint.parse(text)


def test_a_checkpoint_may_have_more_lines() -> None:
    text = str(Checkpoint("example.org/log", 7, EMPTY_ROOT)) + "extension\n"
    assert Checkpoint.parse(text).size == 7
