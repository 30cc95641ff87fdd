"""A process of its own that keeps the read models of books up with the log."""

from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Final

from eventsourcing.persistence import PersistenceError
from sqlalchemy.exc import SQLAlchemyError

from ledger.log.engine import connect
from ledger.processes import CONTEXT, start_child
from ledger.projections.engine import Projector, RebuildRunning

POLL_SECONDS: Final = 0.05
"""How soon a read model sees a new entry. Writers don't notify: see ``ledger.log.recorder``."""
PAUSE_AFTER_ERROR_SECONDS: Final = 1.0


@contextmanager
def following(url: str, books: list[str] | None = None) -> Iterator[None]:
    """While inside, another process brings the read models up to the log again and again.

    All books, or the named ones. It ends on leaving, or when this process is gone.
    """
    theirs, ours = CONTEXT.Pipe(duplex=False)
    follower = start_child(_follow, theirs, url, books)
    theirs.close()
    try:
        yield
    finally:
        ours.close()
        follower.join()


def _follow(parent: Connection, url: str, books: list[str] | None) -> None:
    """Until the other end of the pipe is closed."""
    engine = connect(url)
    projector = Projector(engine)
    pause = 0.0
    while not parent.poll(pause):
        pause = POLL_SECONDS
        try:
            for book in projector.behind() if books is None else books:
                projector.catch_up(book)
        except (PersistenceError, SQLAlchemyError, RebuildRunning):
            # The database is away, or somebody rebuilds: what was not applied comes next.
            pause = PAUSE_AFTER_ERROR_SECONDS
    engine.dispose()
