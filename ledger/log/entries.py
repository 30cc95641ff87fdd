"""The rows of the log, before and after they are written."""

from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID


class NewEntry(NamedTuple):
    """An event that is to be appended; its position and time are given by the log."""

    stream: UUID
    version: int
    type: str
    payload: bytes


class Write(NamedTuple):
    """All that one command adds to a book: recorded whole or not at all."""

    command_id: UUID
    content_hash: bytes | None
    """SHA-256 of the command, so that its id can't be used for another one; ``None`` for
    events that come without a command."""
    actor: str
    channel: str
    stream: UUID
    entries: list[NewEntry]
    names: list[tuple[str, str]]
    """(kind, name) pairs that belong to the stream from now on."""


class StoredEntry(NamedTuple):
    """One row of the log. ``payload`` is the exact text that was hashed.

    Ids are text (UUIDs in lower case with dashes), as they stand in the leaf: making UUID
    objects was measured to cost more than the rest of reading a row.
    """

    position: int
    stream: str
    version: int
    type: str
    recorded_at: datetime
    actor: str
    channel: str
    command_id: str
    payload: str


COLUMNS: Final = ", ".join(StoredEntry._fields)
"""What ``StoredEntry`` holds, as columns to write."""
READ_COLUMNS: Final = COLUMNS.replace("stream", "stream::text").replace(
    "command_id", "command_id::text"
)
"""What ``StoredEntry`` holds, as columns to read."""


class StoredCommand(NamedTuple):
    """A command that has been carried out, and where its events are."""

    content_hash: bytes
    stream: UUID
    first_position: int
    last_position: int


class Head(NamedTuple):
    """The end of a book's log: how long it is, when it last grew, and what it hashes to."""

    position: int
    recorded_at: datetime
    frontier: bytes
    root: bytes
