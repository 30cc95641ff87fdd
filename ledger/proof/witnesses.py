"""Witnesses of others, who are asked to cosign our checkpoints."""

from http.client import HTTPException
from pathlib import Path
from typing import Final, NamedTuple

from ledger.proof.keys import VerifierKey
from ledger.proof.notes import Checkpoint, Note, Signature, parse_signatures
from ledger.proof.post import check_address, post
from ledger.proof.state import append_durably, locked, read_lines
from ledger.proof.tree import BookTree
from ledger.proof.witness import SIZE_TYPE, request_body

ATTEMPTS: Final = 3
"""Each conflict tells the size to begin at; more than one means that others submit too."""


class RemoteWitness(NamedTuple):
    """Where a witness is, and the key that its cosignatures must be of."""

    url: str
    key: VerifierKey


class Cosigned(NamedTuple):
    """What a witness answered: signatures, or why there are none."""

    witness: str
    signatures: tuple[Signature, ...] = ()
    problem: str | None = None


def registered(folder: Path) -> list[RemoteWitness]:
    """The witnesses that are asked for every checkpoint: the file ``witnesses`` of the signer."""
    found: list[RemoteWitness] = []
    for line in read_lines(folder / "witnesses"):
        url, _, key = line.partition(" ")
        found.append(RemoteWitness(url, VerifierKey.parse(key)))
    return found


def register(folder: Path, witness: RemoteWitness) -> None:
    """Ask this witness from now on. Raises ``LogError`` for an address that is none."""
    check_address(witness.url)
    with locked(folder):
        if witness not in registered(folder):
            append_durably(folder / "witnesses", f"{witness.url} {witness.key}")


def cosign(note: Note, witness: RemoteWitness, tree: BookTree) -> Cosigned:
    """Ask a witness to cosign a checkpoint. Never raises for what the witness does."""
    name = witness.key.name
    size = Checkpoint.parse(note.text).size
    old = 0
    try:
        for _ in range(ATTEMPTS):
            proof = tree.consistency(old, size)
            url = witness.url.rstrip("/") + "/add-checkpoint"
            answer = post(url, request_body(old, proof, note), "text/plain")
            if answer.status == 200:
                return Cosigned(name, _cosignatures(note, witness.key, answer.text))
            if answer.status != 409 or answer.media_type != SIZE_TYPE:
                said = answer.text.strip()[:200]
                return Cosigned(name, problem=f"it answered {answer.status}: {said}")
            old = int(answer.text)
            if old > size:
                return Cosigned(
                    name, problem=f"it has seen {old:,} entries of this log, and we have {size:,}"
                )
    except (OSError, HTTPException, ValueError) as error:
        return Cosigned(name, problem=str(error) or type(error).__name__)
    return Cosigned(name, problem="others submit checkpoints of this log at the same time")


def _cosignatures(note: Note, key: VerifierKey, answer: str) -> tuple[Signature, ...]:
    """Those of the answer that hold. Raises ``BadNote`` if none does."""
    signatures = [
        signature
        for signature in parse_signatures(answer.removesuffix("\n").split("\n"))
        if (signature.name, signature.key_id) == (key.name, key.id)
    ]
    note._replace(signatures=tuple(signatures)).verified([key])
    return tuple(signatures)
