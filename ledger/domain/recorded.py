"""An event together with what the log knows about it."""

from datetime import datetime

import msgspec

from ledger.domain.events import Event


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """One entry of a book's log: the fact, its place, and who recorded it when and how."""

    position: int
    """1, 2, 3, … within the book, in the order of recording."""
    stream: str
    """The case: a UUID in lower case with dashes."""
    version: int
    """1, 2, 3, … within the case."""
    recorded_at: datetime
    """UTC; never earlier than that of the position before."""
    actor: str
    """Who did it, as ``role:id``."""
    channel: str
    """Through what: ``api``, ``cli``, ``import``, ``terminal``, ``clock`` …"""
    command_id: str
    """The command that it answers: a UUID in lower case with dashes."""
    event: Event
