"""Whole streams, each read and folded once for all read models that follow from them."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from ledger.domain.case import Case
from ledger.domain.events import CaseOpened
from ledger.domain.recorded import Recorded
from ledger.log.snapshot import Snapshot
from ledger.projections.streams import mapper, read_whole


class History:
    """A stream up to a position."""

    def __init__(self, stream: str, entries: list[Recorded], since: int) -> None:
        self.stream = stream
        self.entries = entries
        """All of them, in order; at least one."""
        self._since = since

    @property
    def new(self) -> list[Recorded]:
        """Those that the read models have not seen yet."""
        return [entry for entry in self.entries if entry.position > self._since]

    @property
    def begins_here(self) -> bool:
        """Whether no read model has seen anything of it."""
        return self.entries[0].position > self._since

    @cached_property
    def case(self) -> Case | None:
        """The case that it tells of; ``None`` where it is no case. Not to be changed."""
        if not isinstance(self.entries[0].event, CaseOpened):
            return None
        return Case.fold(UUID(self.stream), self.entries)


def touched(cursor: Any, book: str, fresh: Sequence[Recorded]) -> list[History]:
    """The streams of these entries, which follow one another in the log, up to the last of them."""
    since, until = fresh[0].position - 1, fresh[-1].position
    streams: dict[str, list[Recorded]] = {}
    for entry in fresh:
        streams.setdefault(entry.stream, []).append(entry)
    earlier = [stream for stream, new in streams.items() if new[0].version > 1]
    streams |= dict(read_whole(cursor, book, earlier, until))
    return [History(stream, entries, since) for stream, entries in streams.items()]


def every(connection: Connection, book: str, until: int) -> Iterator[History]:
    """All streams of a book up to a position, one after the other, as if nobody had seen any."""
    found = Snapshot(connection, book).entries("stream, version", f"position <= {int(until)}")
    recorded = map(mapper().recorded, found)
    for stream, entries in groupby(recorded, attrgetter("stream")):
        yield History(stream, list(entries), 0)
