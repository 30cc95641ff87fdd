"""States that are kept between transactions, so that a stream is read and folded once.

What is kept is what the book says at one position. Whoever comes next with the book's head in hand
first forgets what others have appended since. States are taken out while they are worked on and
put back when what was done to them is durable: after anything that goes wrong they are gone, and
are read anew.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final
from uuid import UUID

from ledger.log.append import Append

MOST_KEPT: Final = 10_000
"""States at most, those used last: a case takes about 5 kB."""
MOST_NAMES: Final = 50_000
"""Names at most, 15 MB: then all are looked up anew."""
REFERENCE: Final = "reference"
"""The kind of what callers name a case by: its number or its id."""
MOST_FOLLOWED: Final = 10_000
"""Entries of others behind which it is not worth while to look which streams they touched."""


class KeptStates:
    """Folded streams of one book as of a position, for one transaction at a time."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._turn = Lock()
        self._states: OrderedDict[UUID, Any] = OrderedDict()
        self.names: dict[tuple[str, str], UUID] = {}
        """Streams by (kind, name): what a name stands for never changes."""
        self._position = 0
        self._root = b""

    @contextmanager
    def turn(self) -> Iterator[None]:
        """For as long as a transaction takes: nobody else in this program uses what is kept."""
        with self._turn:
            try:
                yield
            except BaseException:
                self._clear()
                raise

    def follow(self, append: Append) -> None:
        """Forget what the log has more of than was kept."""
        head = append.head
        if head.position == self._position and head.root == self._root:
            return
        behind = head.position - self._position
        if 0 < behind <= MOST_FOLLOWED:
            for stream in append.streams_after(self._position):
                self._states.pop(stream, None)
        else:
            self._clear()
        self._position, self._root = head.position, head.root

    def take(self, stream: UUID) -> Any | None:
        """The state of a stream, if it is kept; whoever takes it may change it."""
        return self._states.pop(stream, None)

    def keep(self, states: Mapping[UUID, Any], append: Append) -> None:
        """Put states back, or in, after what was appended was committed."""
        self._states.update(states)
        while len(self._states) > self._most:
            self._states.popitem(last=False)
        self._position, self._root = append.position, append.root

    def keep_name(self, kind: str, name: str, stream: UUID) -> None:
        """Keep what a name stands for."""
        if len(self.names) >= MOST_NAMES:
            self.names.clear()
        self.names[kind, name] = stream

    def _clear(self) -> None:
        self._states.clear()
        self.names.clear()
