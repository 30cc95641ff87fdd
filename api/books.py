"""The books that this server answers for."""

from collections.abc import Iterator
from threading import Lock
from typing import Annotated, Final

from fastapi import Path, Request
from sqlalchemy import Engine

from ledger.application.ledger import Ledger
from ledger.log.recorder import BookRecorder


class Books:
    """One application for each book, made when it is first asked for."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._ledgers: dict[str, Ledger] = {}
        self._lock = Lock()

    def ledger(self, book: str) -> Ledger:
        """The book's application. Raises ``BookNotFound``."""
        with self._lock:
            found = self._ledgers.get(book)
        if found is None:
            BookRecorder(self.engine, book).currency()
            with self._lock:
                found = self._ledgers.setdefault(book, Ledger(self.engine, book))
        return found

    def __iter__(self) -> Iterator[Ledger]:
        """The books that have been asked for."""
        with self._lock:
            return iter(list(self._ledgers.values()))


ONE_LINE: Final = r"^[^\x00-\x1f\x7f]+$"
"""What a name may hold; the database could not even look for some of what this keeps out."""

BookName = Annotated[str, Path(description="The book's name.", max_length=63, pattern=ONE_LINE)]


def ledger_of(request: Request, book: BookName) -> Ledger:
    """Dependency: the book that the path names."""
    books: Books = request.app.state.books
    return books.ledger(book)
