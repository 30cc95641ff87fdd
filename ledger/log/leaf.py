"""What the tree commits to: one small canonical envelope for each entry of the log.

Version 1 is UTF-8 text of eleven lines joined by a line feed, without one at the end:

    caseledger/1
    book
    position, decimal
    stream, a UUID in lower case with dashes
    version, decimal
    type, as stored
    recorded at, whole microseconds since 1970-01-01T00:00:00Z, decimal
    actor
    channel
    command id, a UUID in lower case with dashes
    SHA-256 of the payload's exact bytes, lower-case hex

No field can hold a line feed (the tables check it), so that no two entries share an
envelope. An envelope stays far below the 65,535 bytes that C2SP tlog-tiles can carry.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

LEAF_VERSION: Final = "caseledger/1"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def microseconds(instant: datetime) -> int:
    """Whole microseconds since 1970-01-01T00:00:00Z."""
    return (instant - _EPOCH) // _MICROSECOND


def envelope(
    book: str,
    position: int,
    stream: object,
    version: int,
    type: str,
    recorded_at_us: int,
    actor: str,
    channel: str,
    command_id: object,
    payload: bytes,
) -> bytes:
    """The leaf of one entry; ``stream`` and ``command_id`` are UUIDs or their text."""
    return (
        f"{LEAF_VERSION}\n{book}\n{position}\n{stream}\n{version}\n{type}\n{recorded_at_us}\n"
        f"{actor}\n{channel}\n{command_id}\n{sha256(payload).hexdigest()}"
    ).encode()
