"""Erasures in the log: that a person was erased, never who it was.

One command writes the fact to the person's own stream and to that of each case that the person
owes on, so that whoever reads a case, and no more than that, learns of it too.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid5

import msgspec

from ledger.application.ledger import Ledger
from ledger.domain.events import SubjectErased
from ledger.log.entries import Write

CHANNEL: Final = "vault"


def erasures_of_subject(subject: UUID) -> UUID:
    """The stream in which the erasures of a person stand."""
    return uuid5(subject, "erasures")


def record_erasure(
    ledger: Ledger, erasure: UUID, event: SubjectErased, cases: Iterable[UUID], actor: str
) -> bool:
    """Record an erasure once, under its own id; whether it had not been recorded before.

    It may be asked for again whenever the outcome is not known.
    """
    with ledger.recorder.append([erasure]) as append:
        if append.done:
            return False
        streams = [erasures_of_subject(UUID(event.subject)), *cases]
        entries = [
            entry
            for stream in streams
            for entry in ledger.mapper.new_entries(stream, append.last_version(stream), [event])
        ]
        content = sha256(msgspec.json.encode(event)).digest()
        append.add(Write(erasure, content, actor, CHANNEL, streams[0], entries, []))
    return True
