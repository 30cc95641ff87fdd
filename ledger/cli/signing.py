"""Where the command's signer is, and what it knows."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ledger.cli.database import home
from ledger.cli.exits import Exit, Failed
from ledger.proof.checkpoints import Anchor, anchors_of
from ledger.proof.keys import BadKey, VerifierKey
from ledger.proof.notes import BadNote, Note
from ledger.proof.signer import DEFAULT_ORIGIN, Signer

SIGNER: Final = "CASELEDGER_SIGNER"
ORIGIN: Final = "CASELEDGER_ORIGIN"


def signer_folder() -> Path:
    """The folder of the signer's keys and memory: not to be part of the database's backups."""
    named = os.environ.get(SIGNER)
    return Path(named) if named else home() / "signer"


def signer() -> Signer:
    """The signer of this machine. The origin counts for books that have no key yet."""
    origin = os.environ.get(ORIGIN, DEFAULT_ORIGIN)
    try:
        return Signer(signer_folder(), origin)
    except BadKey as error:
        raise Failed(f"{ORIGIN}: {error}", Exit.USAGE) from error


def vouched_for(
    book: str, files: Sequence[Path], named: Sequence[str]
) -> tuple[list[VerifierKey], list[Anchor]]:
    """The keys to trust, and the heads that are known outside of the database.

    The signer's own, where it is here; and those of ``files``, which must be signed by its keys
    or by those that are ``named``.
    """
    try:
        keys = [*signer().keys(book), *map(VerifierKey.parse, named)]
        anchors = anchors_of(signer().history(book), keys, "the signer")
        last = signer().last(book)
        anchors += anchors_of([] if last is None else [last], keys, "the signer")
        for file in files:
            anchors += anchors_of([Note.parse(file.read_bytes())], keys, str(file))
    except (BadKey, BadNote) as error:
        raise Failed(f"a checkpoint or key can't be used: {error}", Exit.USAGE) from error
    return keys, anchors
