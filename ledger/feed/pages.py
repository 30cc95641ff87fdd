"""The log by position, a page at a time, for some types of events or one clinic's.

Positions have no gaps and follow commit order, so whoever goes on from where a page ended can't
miss an entry and sees none twice.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from ledger.application.ledger import Ledger
from ledger.domain.recorded import Recorded
from ledger.log.entries import READ_COLUMNS, StoredEntry
from ledger.log.errors import library_errors

LARGEST_PAGE: Final = 1_000
WINDOW: Final = 20_000
"""Positions that one page looks at: a filter that lets little through must not read the log to
its end while somebody waits."""


class Page(NamedTuple):
    """Entries, and where to go on."""

    entries: list[Recorded]
    next: int
    """The last position that was looked at: everything up to it is in this page or those before,
    or does not pass the filter."""
    head: int
    """The end of the log."""


_READ: Final = f"""
    SELECT {READ_COLUMNS} FROM ledger.events
    WHERE book = %(book)s AND position > %(after)s AND position <= %(until)s
      AND (%(types)s::text[] IS NULL OR regexp_replace(type, '\\.v[0-9]+$', '') = ANY(%(types)s))
      AND (%(clinic)s::text IS NULL OR ledger.clinic_of(book, stream) = %(clinic)s)
    ORDER BY position LIMIT %(limit)s
"""  # noqa: S608  (columns of our own)


def page(
    ledger: Ledger,
    *,
    after: int,
    limit: int = LARGEST_PAGE,
    types: Sequence[str] = (),
    clinic: str | None = None,
) -> Page:
    """What comes after a position: entries whose event has one of the names, of one clinic's
    streams. Without names or a clinic, all of them.
    """
    head = ledger.recorder.head().position
    until = min(head, after + WINDOW)
    if until <= after:
        return Page([], after, head)
    given = {
        "book": ledger.book,
        "after": after,
        "until": until,
        "types": list(types) or None,
        "clinic": clinic,
        "limit": limit,
    }
    with library_errors(), ledger.engine.connect() as connection:
        rows = connection.exec_driver_sql(_READ, given).all()
    entries = [ledger.mapper.recorded(StoredEntry._make(row)) for row in rows]
    return Page(entries, entries[-1].position if len(entries) == limit else until, head)
