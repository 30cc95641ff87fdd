"""Streams that a read model has to see whole, however few of their entries it is given."""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any

from ledger.domain.recorded import Recorded
from ledger.log.entries import READ_COLUMNS, StoredEntry
from ledger.log.mapper import EventMapper, JsonTranscoder


@cache
def mapper() -> EventMapper:
    """What reads the log for read models."""
    return EventMapper(JsonTranscoder())


def read_whole(
    cursor: Any, book: str, streams: Iterable[str], until: int
) -> Iterator[tuple[str, list[Recorded]]]:
    """The streams as they stood at a position, each with its entries in order."""
    wanted = list(streams)
    if not wanted:
        return
    cursor.execute(
        f"SELECT {READ_COLUMNS} FROM ledger.events WHERE book = %s"
        " AND stream = ANY(%s::uuid[]) AND position <= %s ORDER BY stream, version",
        (book, wanted, until),
    )
    recorded = map(mapper().recorded, map(StoredEntry._make, cursor.fetchall()))
    for stream, entries in groupby(recorded, attrgetter("stream")):
        yield stream, list(entries)
