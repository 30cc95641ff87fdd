"""Signed notes and the checkpoints that they hold (C2SP signed-note, tlog-checkpoint).

A note is a text that ends with a line feed, an empty line, and a line for each signature. A
checkpoint is a note whose text is the log's origin, its size and its root:

    example.org/ledger/book
    1155
    rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=

    — example.org/ledger/book M9e0luh4jTG+UM…
"""

import base64
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, NamedTuple, Self

from ledger.log.merkle import HASH_BYTES
from ledger.proof.keys import COSIGNATURE, SigningKey, VerifierKey, check_name, decode_base64

NOTE_BYTES_MAX: Final = 64 * 1024
SIGNATURES_MAX: Final = 64
"""C2SP asks for 16 at least; post-quantum signatures have five kilobytes each."""

_DASH: Final = "— "
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")


class BadNote(ValueError):
    """A text is no signed note, or not signed by any key that is trusted."""


class Signature(NamedTuple):
    """One line below a note: which key made it, and what it made."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        encoded = base64.b64encode(self.key_id + self.value).decode()
        return f"{_DASH}{self.name} {encoded}\n"


class Verified(NamedTuple):
    """A signature that holds; ``time`` is when a witness says that it made it."""

    key: VerifierKey
    time: datetime | None = None


class Note(NamedTuple):
    """A text and its signatures."""

    text: str
    """Ends with a line feed."""
    signatures: tuple[Signature, ...] = ()

    @classmethod
    def parse(cls, data: str | bytes) -> Self:
        """Raises ``BadNote``."""
        if len(data) > NOTE_BYTES_MAX:
            raise BadNote(f"a note has {NOTE_BYTES_MAX:,} bytes at most")
        try:
            whole = data if isinstance(data, str) else data.decode()
        except UnicodeDecodeError:
            raise BadNote("a note is UTF-8 text") from None
        if any(character < " " and character != "\n" for character in whole):
            raise BadNote("a note holds no control characters")
        text, separator, below = whole.rpartition("\n\n")
        if not separator or not text or not below.endswith("\n"):
            raise BadNote("a note is a text, an empty line and signatures")
        lines = below.removesuffix("\n").split("\n")
        if len(lines) > SIGNATURES_MAX:
            raise BadNote(f"a note has {SIGNATURES_MAX} signatures at most")
        return cls(text + "\n", parse_signatures(lines))

    def __str__(self) -> str:
        return self.text + "\n" + "".join(map(str, self.signatures))

    def signed(self, key: SigningKey) -> Self:
        """With one more signature of an Ed25519 key."""
        signature = Signature(key.verifier.name, key.verifier.id, key.sign(self.text.encode()))
        return self._replace(signatures=(*self.signatures, signature))

    def cosigned(self, key: SigningKey, at: datetime) -> Signature:
        """A witness's cosignature of a checkpoint, in whole seconds (cosignature/v1)."""
        seconds = int(at.timestamp())
        value = key.sign(_cosigned_message(self.text, seconds))
        return Signature(key.verifier.name, key.verifier.id, seconds.to_bytes(8, "big") + value)

    def verified(self, keys: Iterable[VerifierKey]) -> list[Verified]:
        """The signatures by these keys, of which there is at least one.

        Signatures of other keys are passed over. Raises ``BadNote`` if there is none, or if one
        that bears a known key's name and id does not hold: then the note was changed.
        """
        known = {(key.name, key.id): key for key in keys}
        found: list[Verified] = []
        for signature in self.signatures:
            key = known.get((signature.name, signature.key_id))
            if key is None:
                continue
            holds = _verified(key, signature, self.text)
            if holds is None:
                raise BadNote(f"the signature of {key.name} does not hold")
            found.append(holds)
        if not found:
            raise BadNote("no key that is trusted here has signed this note")
        return found


class Checkpoint(NamedTuple):
    """What a log was at one moment: so many entries, and their root."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """The checkpoint in a note's text; further lines are passed over. Raises ``BadNote``."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1]:
            raise BadNote("a checkpoint has three lines: origin, size and root")
        origin, size, root = lines[:3]
        if _SIZE.fullmatch(size) is None:
            raise BadNote("a checkpoint's size is a decimal number")
        try:
            hash = decode_base64(root)
            check_name(origin)
        except ValueError as error:
            raise BadNote(str(error)) from None
        if len(hash) != HASH_BYTES:
            raise BadNote(f"a checkpoint's root has {HASH_BYTES} bytes")
        return cls(origin, int(size), hash)

    def __str__(self) -> str:
        """The text of its note."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def parse_signatures(lines: Iterable[str]) -> tuple[Signature, ...]:
    """The lines below a note, without their line feeds. Raises ``BadNote``."""
    return tuple(map(_signature, lines))


def verified_checkpoint(note: Note, keys: Iterable[VerifierKey]) -> Checkpoint:
    """The checkpoint in a note that its own log has signed: one of the keys that bear its origin.

    Raises ``BadNote``.
    """
    found = Checkpoint.parse(note.text)
    note.verified([key for key in keys if key.name == found.origin and key.kind != COSIGNATURE])
    return found


def _signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        if not line.startswith(_DASH):
            raise ValueError(line)
        data = decode_base64(encoded)
        check_name(name)
    except ValueError:
        raise BadNote("a signature is a dash, a name and base64") from None
    if len(data) <= 4:
        raise BadNote("a signature has a key id of four bytes and more")
    return Signature(name, data[:4], data[4:])


def _verified(key: VerifierKey, signature: Signature, text: str) -> Verified | None:
    if key.kind != COSIGNATURE:
        return Verified(key) if key.verifies(signature.value, text.encode()) else None
    seconds = int.from_bytes(signature.value[:8], "big")
    if not key.verifies(signature.value[8:], _cosigned_message(text, seconds)):
        return None
    try:
        return Verified(key, datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError):  # a time that no calendar has
        return None


def _cosigned_message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
