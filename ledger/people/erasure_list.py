"""The list of what was erased: outside the database and its backups.

A restored backup brings keys back. This list does not come back with it, so that what had been
erased is erased again before anybody reads: opaque ids and times, one JSON object a line, only
ever appended to. Keep it apart from the backups, and for longer than any of them.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec

from ledger.domain.personal import Actor, LegalBasis, Retention
from ledger.people.keys import sync_folder

ERASURE_LIST: Final = "CASELEDGER_ERASURE_LIST"


class ErasureEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What was to be destroyed, written down before it was."""

    erasure: UUID
    book: str
    subject: UUID
    at: datetime
    actor: Actor
    legal_basis: LegalBasis
    retentions: tuple[Retention, ...]
    kept_until: str | None = None


class ErasureListDamaged(Exception):
    """A line can't be read: what it named can't be erased again after a restore."""


class ErasureList:
    """The file. One that is not there is an empty one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, entry: ErasureEntry) -> None:
        """On the disk when it returns."""
        line = msgspec.json.encode(entry) + b"\n"
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            size = os.fstat(descriptor).st_size
            # A power cut may have left half a line, whose erasure was not carried out.
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                line = b"\n" + line
            written = os.write(descriptor, line)
            if written != len(line):
                raise OSError(f"{self.path}: only {written} of {len(line)} bytes were written")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_folder(self.path.parent)

    def entries(self) -> Iterator[ErasureEntry]:
        """All entries, oldest first. Raises ``ErasureListDamaged``.

        Half a line at the end of the file is passed over, and so is one that was followed by a
        line feed before the next entry: it was never acted upon.
        """
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return
        for number, line in enumerate(lines, start=1):
            if not line:
                continue
            try:
                yield msgspec.json.decode(line, type=ErasureEntry)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                if _is_torn(line):
                    continue
                raise ErasureListDamaged(
                    f"{self.path}, line {number} can't be read; restore the file from its own"
                    " backup"
                ) from error


def _is_torn(line: bytes) -> bool:
    return line.startswith(b'{"erasure":') and not line.endswith(b"}")


def erasure_list(home: Path, environment: Mapping[str, str]) -> ErasureList:
    """The list of a home, or the one that is named."""
    named = environment.get(ERASURE_LIST)
    return ErasureList(Path(named) if named else home / "keys" / "erasures.jsonl")
