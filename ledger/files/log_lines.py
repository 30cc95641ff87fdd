"""The log of a book as JSON Lines: all that its tree commits to, so that anybody can check it.

The first line is the header:

    format      ``caseledger/log/1``
    book        its name, which is part of each leaf
    currency    ISO 4217; amounts within payloads are in its minor units (øre, cent)
    first, last the positions of the first and the last line that follows
    clinic      whose entries are told; ``null`` for all
    frontier    the roots of the complete subtrees over the entries before ``first``, largest first
                (RFC 6962; hex); empty if ``first`` is 1
    checkpoint  a signed note (C2SP tlog-checkpoint) of the log's first ``last`` entries
    keys        the book's verifier keys; whoever checks compares them with those that he knows
    made_at     when the file was made

Each further line is an entry, in order of position and without a gap: ``position``, ``stream``,
``version``, ``type``, ``recorded_at_us`` (whole microseconds since 1970-01-01T00:00:00Z),
``actor``, ``channel``, ``command_id``, and ``payload``, whose text has the very bytes that were
hashed. They are the lines of its leaf, in their order (``ledger/log/leaf.py``). Where a file tells
one clinic's entries only, the others have ``position`` and ``leaf_hash`` (hex).

The lines' hashes make the root that the checkpoint states. Of a file that was changed they tell
that it was, and not in which line. ``verifier/verify_evidence.py`` checks this, by code of its own.
The header itself is signed by nobody, but for the checkpoint in it.
"""

from collections.abc import Iterable
from typing import Any, BinaryIO, Final

import msgspec

FORMAT: Final = "caseledger/log/1"
LINES_AT_ONCE: Final = 1_000


class LogHeader(msgspec.Struct, frozen=True, kw_only=True):
    """What the file is of, and what it is to be held against."""

    format: str = FORMAT
    book: str
    currency: str
    first: int
    last: int
    clinic: str | None
    frontier: tuple[str, ...]
    checkpoint: str
    keys: tuple[str, ...]
    made_at: str


class LogLine(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One entry; only its place and hash, if it is not to be told."""

    position: int
    stream: str | None = None
    version: int | None = None
    type: str | None = None
    recorded_at_us: int | None = None
    actor: str | None = None
    channel: str | None = None
    command_id: str | None = None
    payload: str | None = None
    leaf_hash: str | None = None


def write_json_lines(file: BinaryIO, header: LogHeader, lines: Iterable[LogLine]) -> None:
    """Write the header and the entries, as they come."""
    encode = msgspec.json.Encoder().encode
    file.write(encode(header) + b"\n")
    pending: list[Any] = []
    for line in lines:
        pending.append(encode(line))
        if len(pending) == LINES_AT_ONCE:
            file.write(b"\n".join(pending) + b"\n")
            pending.clear()
    if pending:
        file.write(b"\n".join(pending) + b"\n")
