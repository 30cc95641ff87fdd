"""What goes into the application and what comes out of it."""

from hashlib import sha256
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from ledger.domain.case import Case
from ledger.domain.commands import Command, TakeNote
from ledger.domain.recorded import Recorded
from ledger.domain.refusals import Refusal

_encode: Final = msgspec.json.Encoder().encode


class Order(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A command with who gives it, through what, and under which id.

    The same id with the same content is carried out once, however often it is given.
    """

    case: UUID
    command: Command
    command_id: UUID
    actor: str
    """``role:id``, printable ASCII without spaces."""
    channel: str
    expected_version: int | None = None
    """The version of the case that the giver has seen; refused if it has changed since."""
    tell: bool = False
    """Whether the giver wants to be told at once what was recorded: see ``Receipt.told``."""

    def content_hash(self) -> bytes:
        """SHA-256 of what is asked for, of which case.

        The hash stays for good, so it is not of what a note says: from the hash of a short text,
        the text can be guessed. Whoever keeps the text tells another one under the same id.
        """
        command = self.command
        if isinstance(command, TakeNote):
            command = msgspec.structs.replace(command, text="")
        return sha256(self.case.bytes + _encode(command)).digest()


class Told(NamedTuple):
    """What a command recorded, and how the case stands after it, without reading it again."""

    entries: list[Recorded]
    case: Case | None
    """A copy of its own; ``None`` where the command was about something else than a case."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """A command has been carried out, and its events are durable at these positions."""

    command_id: UUID
    case: UUID
    first_position: int
    last_position: int
    repeated: bool
    """Whether it had been carried out before, so that nothing was recorded this time."""
    told: Told | None = None
    """For whoever asked to be told. What was recorded before is to be read from the log."""


Outcome = Receipt | Refusal
