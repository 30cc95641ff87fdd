"""Checkpoints by the clock: of every book that has grown since its last one."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from eventsourcing.persistence import PersistenceError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from ledger.log.engine import connect
from ledger.log.errors import LogError, library_errors
from ledger.proof.checkpoints import make_checkpoint
from ledger.proof.signer import Signer, SignerRefusal
from ledger.proof.witnesses import RemoteWitness

EVERY_SECONDS: Final = 300

_GROWN: Final = """
    SELECT book FROM ledger.book_head AS head
    WHERE position > coalesce(
        (SELECT max(size) FROM ledger.checkpoints WHERE book = head.book), 0
    ) ORDER BY book
"""


@contextmanager
def checkpointing(
    url: str,
    signer: Signer,
    witnesses: Callable[[], Sequence[RemoteWitness]],
    report: Callable[[str], None],
    every_seconds: float = EVERY_SECONDS,
) -> Iterator[None]:
    """While inside, a thread makes checkpoints; ``report`` is told what an operator must know.

    A refusal of the signer is told each time: it does not go away by itself.
    """
    ended = threading.Event()

    def run() -> None:
        engine = connect(url)
        while not ended.wait(every_seconds):
            try:
                with library_errors(), engine.connect() as connection:
                    grown = connection.execute(text(_GROWN)).scalars().all()
            except (PersistenceError, SQLAlchemyError, LogError):
                continue  # the database is away: there is nothing to sign
            for book in grown:
                try:
                    made = make_checkpoint(engine, book, signer, witnesses())
                except (SignerRefusal, LogError, ValueError, OSError) as error:
                    report(f"no checkpoint of book {book}: {error}")
                    continue
                except (PersistenceError, SQLAlchemyError):
                    break
                for answer in made.witnesses:
                    if answer.problem is not None:
                        report(f"witness {answer.witness}: {answer.problem}")
        engine.dispose()

    thread = threading.Thread(target=run, name="checkpoints", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
