"""Evidence that stands alone: a case, proved to be in the log that a checkpoint is of.

One JSON document, which ``verifier/verify_evidence.py`` checks offline:

    format        ``caseledger/evidence/2``
    book, currency, made_at
    case          id, reference, and how many entries it has
    checkpoint    the signed note
    keys          the book's verifier keys; whoever checks compares them with those that he knows
    entries       each with all columns of the log, the exact payload, its leaf, the inclusion
                  proof (base64), the postings, and a line in Norwegian and English
    balance       by component, outstanding and overpaid, in minor units
    earlier       checkpoints that others hold, each with the proof that this one continues it
    explanation   the balance by component, each with the entries that it comes from, in figures and
                  in words; ``null`` where none was asked for
    rules         the rows of the tables and the acts that it rests on, each with its source and how
                  sure it is; ``null`` likewise
    subject       who the debtor is, from the vault, with random ``salt``; ``null`` where the reader
                  may not see it, or where it was taken out
    subject_digest  the SHA-256 of ``subject``; ``null`` where there never was one
    attestation   a note, by the book's key, of the SHA-256 of all of the above but ``subject``

The inclusion proofs show that each entry is in the log as it is. That no later entry of the case
is left out is what the attestation vouches for, as only a reading of the whole log could show it.
The amounts of the explanation follow from the entries; its words and sources, the rules and the
subject are what the ledger says. Whoever hands the evidence on without personal data puts ``null``
in the place of ``subject``: what the book's key has signed still holds, and the salt keeps anybody
from guessing what stood there.
"""

import base64
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Engine

from ledger.domain.accounts import postings
from ledger.domain.case import Case
from ledger.domain.recorded import Recorded
from ledger.log.entries import StoredEntry
from ledger.log.errors import LogError, library_errors
from ledger.log.mapper import EventMapper, JsonTranscoder
from ledger.log.recorder import BookRecorder
from ledger.proof.checkpoints import make_checkpoint
from ledger.proof.log_check import stored_leaf
from ledger.proof.notes import Checkpoint, Note, verified_checkpoint
from ledger.proof.signer import Signer
from ledger.proof.tree import BookTree
from ledger.proof.witnesses import RemoteWitness
from ledger.wording.events import lines

FORMAT: Final = "caseledger/evidence/2"
CONSISTENCY_FORMAT: Final = "caseledger/consistency/1"

Document = dict[str, Any]

Explain = Callable[[Sequence[Recorded]], Document]
"""The members ``explanation`` and ``rules``, from the entries that they are about."""

NOT_ATTESTED: Final = frozenset({"attestation", "subject"})
SALT_BYTES: Final = 16


class NothingToShow(LogError):
    """There is no such case, or the checkpoint that was named is none of this log."""


def make_evidence(
    engine: Engine,
    book: str,
    case: UUID,
    signer: Signer,
    *,
    earlier: Sequence[Note] = (),
    witnesses: Sequence[RemoteWitness] = (),
    explained: Explain = lambda entries: {"explanation": None, "rules": None},
    subject: Mapping[str, Any] | None = None,
) -> Document:
    """The evidence of a case as it is now, under a checkpoint that is made for it.

    Raises ``NothingToShow``, and what ``make_checkpoint`` raises.
    """
    made = make_checkpoint(engine, book, signer, witnesses)
    recorder = BookRecorder(engine, book)
    stored = recorder.read_stream(case, until_position=made.size)
    if not stored:
        raise NothingToShow(f"book {book!r} has no case {case}")
    currency = recorder.currency()
    mapper = EventMapper(JsonTranscoder())
    recorded = [mapper.recorded(entry) for entry in stored]
    folded = Case.fold(case, recorded)
    with library_errors(), engine.connect() as connection:
        tree = BookTree(connection, book)
        proofs = [tree.inclusion(entry.position - 1, made.size) for entry in stored]
        continued = [_continued(book, note, made.note, signer, tree) for note in earlier]
    entries = []
    for entry, fact, proof in zip(stored, recorded, proofs, strict=True):
        nb, en = lines(fact.event, currency)
        entries.append(
            {
                **_columns(entry),
                "leaf": stored_leaf(book, entry).decode(),
                "proof": _encoded(proof),
                "postings": [
                    {"account": account, "amount": amount, "claim": claim}
                    for account, amount, claim in postings(fact.event)
                ],
                "line": {"nb": nb, "en": en},
            }
        )
    document: Document = {
        "format": FORMAT,
        "book": book,
        "currency": currency,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "case": {"id": str(case), "reference": folded.reference, "entries": len(entries)},
        "checkpoint": str(made.note),
        "keys": list(map(str, signer.keys(book))),
        "entries": entries,
        "balance": {
            "components": {name: amount for name, amount in folded.balance.items() if amount},
            "outstanding": folded.outstanding,
            "overpaid": folded.overpaid,
        },
        "earlier": continued,
        **explained(recorded),
        "subject": None,
        "subject_digest": None,
    }
    if subject is not None:
        document["subject"] = {**subject, "salt": secrets.token_hex(SALT_BYTES)}
        document["subject_digest"] = sha256(written(document["subject"]).encode()).hexdigest()
    origin = Checkpoint.parse(made.note.text).origin
    attestation = signer.attest(book, f"{origin}\n{digest(document)}\n")
    return document | {"attestation": str(attestation)}


def make_consistency(
    engine: Engine,
    book: str,
    earlier: Note,
    signer: Signer,
    witnesses: Sequence[RemoteWitness] = (),
) -> Document:
    """The proof that the log as it is now continues the one of a checkpoint that somebody holds.

    Raises ``NothingToShow``, and what ``make_checkpoint`` raises.
    """
    made = make_checkpoint(engine, book, signer, witnesses)
    with library_errors(), engine.connect() as connection:
        continued = _continued(book, earlier, made.note, signer, BookTree(connection, book))
    return {
        "format": CONSISTENCY_FORMAT,
        "book": book,
        "checkpoint": str(made.note),
        "keys": list(map(str, signer.keys(book))),
        "earlier": [continued],
    }


def written(document: Document) -> str:
    """A document as it stands in a file: the only way in which the verifier accepts it."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def digest(document: Document) -> str:
    """What the attestation vouches for: the SHA-256 of the rest of the document, in hex."""
    rest = {name: value for name, value in document.items() if name not in NOT_ATTESTED}
    return sha256(written(rest).encode()).hexdigest()


def _continued(book: str, old: Note, new: Note, signer: Signer, tree: BookTree) -> dict[str, Any]:
    try:
        before = verified_checkpoint(old, signer.keys(book))
    except ValueError as error:
        raise NothingToShow(f"the earlier checkpoint is none of book {book!r}: {error}") from error
    after = Checkpoint.parse(new.text)
    if before.size > after.size:
        raise NothingToShow(
            f"the earlier checkpoint is of {before.size:,} entries, and the log has {after.size:,}"
        )
    return {
        "checkpoint": str(old),
        "proof": _encoded(tree.consistency(before.size, after.size)),
    }


def _columns(entry: StoredEntry) -> dict[str, Any]:
    at = entry.recorded_at.astimezone(UTC).isoformat(timespec="microseconds")
    return entry._asdict() | {"recorded_at": at}


def _encoded(hashes: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(hash).decode() for hash in hashes]
