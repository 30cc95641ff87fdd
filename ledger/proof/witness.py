"""A witness: cosigns what it has seen of logs, and never two heads that don't fit together.

C2SP tlog-witness and tlog-cosignature. Another party runs it, on its own machine: it needs no
database. Its folder holds:

    key           its private key
    logs          the verifier keys that it trusts, one a line; a key's name is its log's origin
    <hash>        for each log, by SHA-256 of its origin: the checkpoint that it cosigned last
"""

import re
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from ledger.log.merkle import EMPTY_ROOT, HASH_BYTES, proves_consistency
from ledger.proof.keys import COSIGNATURE, SigningKey, VerifierKey, decode_base64
from ledger.proof.notes import BadNote, Checkpoint, Note, verified_checkpoint
from ledger.proof.state import append_durably, locked, read_lines, write_durably

PROOF_LINES_MAX: Final = 63
SIZE_TYPE: Final = "text/x.tlog.size"

_OLD: Final = re.compile(r"old (0|[1-9][0-9]{0,18})")


class NotCosigned(Exception):
    """A request that a witness refuses, as the status and body of its answer."""

    def __init__(self, status: int, body: str, media_type: str = "text/plain") -> None:
        super().__init__(body)
        self.status = status
        self.body = body
        self.media_type = media_type


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


class Witness:
    """The witness of a folder."""

    def __init__(self, folder: Path, clock: Callable[[], datetime] = now) -> None:
        self._folder = folder
        self._clock = clock

    @classmethod
    def create(cls, folder: Path, name: str) -> "Witness":
        """A witness with a new key. Raises ``FileExistsError`` if the folder has one."""
        with locked(folder):
            if (folder / "key").exists():
                raise FileExistsError(f"{folder} has a witness's key already")
            write_durably(folder / "key", f"{SigningKey.generate(name, COSIGNATURE)}\n")
        return cls(folder)

    @property
    def key(self) -> VerifierKey:
        """Its public key, for those who want to rely on it. Raises ``FileNotFoundError``."""
        return self._key().verifier

    def trust(self, log: VerifierKey) -> None:
        """Cosign this log from now on, or take a further key of one for its own."""
        with locked(self._folder):
            if log not in self._logs():
                append_durably(self._folder / "logs", str(log))

    def add_checkpoint(self, body: bytes) -> str:
        """Cosign a checkpoint that continues the one before; returns the signature's line.

        ``body`` is that of the protocol's request: ``old`` and the size before, the consistency
        proof, an empty line, and the checkpoint. Raises ``NotCosigned``.
        """
        old, proof, note = _request(body)
        try:
            origin = Checkpoint.parse(note.text).origin
        except BadNote as error:
            raise NotCosigned(400, f"{error}\n") from error
        with locked(self._folder):
            keys = [key for key in self._logs() if key.name == origin]
            if not keys:
                raise NotCosigned(404, "this witness does not know the log\n")
            try:
                new = verified_checkpoint(note, keys)
            except BadNote as error:
                raise NotCosigned(403, f"{error}\n") from error
            if old > new.size:
                raise NotCosigned(400, "the old size is larger than the checkpoint's\n")
            path = self._folder / sha256(origin.encode()).hexdigest()
            seen = _seen(path)
            size = 0 if seen is None else seen.size
            if old != size:
                raise NotCosigned(409, f"{size}\n", SIZE_TYPE)
            _check_continues(seen, new, proof)
            # What was cosigned must be remembered, whatever happens next.
            write_durably(path, str(note))
            return str(note.cosigned(self._key(), self._clock()))

    def _key(self) -> SigningKey:
        return SigningKey.parse((self._folder / "key").read_text(encoding="utf-8"))

    def _logs(self) -> list[VerifierKey]:
        return [VerifierKey.parse(line) for line in read_lines(self._folder / "logs")]


def request_body(old: int, proof: list[bytes], note: Note) -> bytes:
    """What is posted to a witness's ``add-checkpoint``."""
    lines = [f"old {old}", *(b64encode(hash).decode() for hash in proof), ""]
    return ("\n".join(lines) + f"\n{note}").encode()


def _request(body: bytes) -> tuple[int, list[bytes], Note]:
    head, separator, rest = body.partition(b"\n\n")
    try:
        first, *hashes = head.decode("ascii").split("\n")
        matched = _OLD.fullmatch(first)
        if matched is None or not separator or len(hashes) > PROOF_LINES_MAX:
            raise ValueError(first)
        proof = [decode_base64(line) for line in hashes]
        if any(len(hash) != HASH_BYTES for hash in proof):
            raise ValueError("a hash has another length")
        return int(matched[1]), proof, Note.parse(rest)
    except ValueError as error:
        raise NotCosigned(400, f"the request can't be read: {error}\n") from error


def _seen(path: Path) -> Checkpoint | None:
    try:
        return Checkpoint.parse(Note.parse(path.read_bytes()).text)
    except FileNotFoundError:
        return None


def _check_continues(seen: Checkpoint | None, new: Checkpoint, proof: list[bytes]) -> None:
    """Raises ``NotCosigned`` with 422 for whatever the proof does not prove."""
    if seen is None or seen.size == 0:
        continues = not proof and (new.size > 0 or new.root == EMPTY_ROOT)
    else:
        continues = proves_consistency(seen.size, new.size, proof, seen.root, new.root)
    if not continues:
        raise NotCosigned(422, "the proof does not show that the log only grew\n")
