"""What the commands of a book say of its entries."""

from typing import Final, NamedTuple

from ledger.domain.events import CommandRefused
from ledger.log.codec import Codec
from ledger.log.entries import StoredEntry
from ledger.log.recorder import LIBRARY_CHANNEL
from ledger.log.snapshot import Snapshot

REFUSAL_TYPES: Final = frozenset(Codec().types_of(CommandRefused))


class _Command(NamedTuple):
    first: int
    last: int
    id: str
    stream: str


class CommandRanges:
    """Looks at entries in their order.

    Every entry belongs to the one command whose id it bears, and no two commands to one entry.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        rows = snapshot.rows(
            "first_position, last_position, command_id::text, stream::text",
            "ledger.commands", "first_position, command_id", "last_position > %(since)s",
        )  # fmt: skip
        self._rows = map(_Command._make, rows)
        self._now = next(self._rows, None)

    def problem(self, entry: StoredEntry) -> str | None:
        """What is wrong with an entry's command, if anything."""
        while self._now is not None and self._now.last < entry.position:
            passed, self._now = self._now, next(self._rows, None)
            if self._now is not None and self._now.first <= passed.last:
                return "commands share an entry"
        command = self._now
        if command is None or command.first > entry.position:
            # The library's own recorder appends without commands; and a command that was refused
            # was not carried out: its refusal is all that is recorded of it.
            without = entry.channel == LIBRARY_CHANNEL or entry.type in REFUSAL_TYPES
            return None if without else "entry of no command"
        if command.id != entry.command_id:
            return "command of another entry"
        if command.first == entry.position and command.stream != entry.stream:
            return "command of another case"
        return None

    def beyond(self, position: int) -> int | None:
        """The first position behind this one, the last of the log, that a command claims."""
        while self._now is not None and self._now.last <= position:
            self._now = next(self._rows, None)
        return None if self._now is None else max(self._now.first, position + 1)
