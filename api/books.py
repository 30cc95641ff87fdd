"""The books that this server answers for, and how a caller sees them."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Annotated, Final

from fastapi import Depends, Path, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Engine

from api import access
from api.bodies import ONE_LINE
from api.problems import Rejected
from ledger.access.callers import Caller
from ledger.access.rows import seen_by
from ledger.application.ledger import CaseNotFound, Ledger, Reading
from ledger.application.note_texts import NoteTexts
from ledger.domain.case import Case
from ledger.log.recorder import BookRecorder
from ledger.projections.client_funds import cases_held

MOST_VIEWS_KEPT: Final = 1_000
"""Of ledgers as clinics see them: each is some kilobytes, and made anew in no time."""


class Books:
    """One application for each book, made when it is first asked for."""

    def __init__(
        self,
        engine: Engine,
        for_clinics: Engine,
        texts: Callable[[str], NoteTexts] | None = None,
    ) -> None:
        """``texts`` gives what keeps the texts of a book's notes; without it, nothing does."""
        self.engine = engine
        self._texts = texts
        self._for_clinics = for_clinics
        self._ledgers: dict[str, Ledger] = {}
        self._views: OrderedDict[tuple[object, ...], Ledger] = OrderedDict()
        self._lock = Lock()

    def ledger(self, book: str) -> Ledger:
        """The book's application. Raises ``BookNotFound``."""
        with self._lock:
            found = self._ledgers.get(book)
        if found is None:
            BookRecorder(self.engine, book).currency()
            texts = None if self._texts is None else self._texts(book)
            with self._lock:
                found = self._ledgers.setdefault(
                    book, Ledger(self.engine, book, cases_held=cases_held, texts=texts)
                )
        return found

    def view(self, book: str, caller: Caller) -> Ledger:
        """The book as a caller may see it. For a clinic, the database shows only its own rows."""
        if caller.role != "clinic":
            return self.ledger(book)
        key = (book, caller.clinic, caller.books)
        with self._lock:
            found = self._views.get(key)
            if found is not None:
                self._views.move_to_end(key)
                return found
        made = Ledger(seen_by(self._for_clinics, caller), book)
        made.recorder.currency()
        with self._lock:
            self._views[key] = made
            while len(self._views) > MOST_VIEWS_KEPT:
                self._views.popitem(last=False)
        return made

    def at_hand(self, book: str, caller: Caller) -> bool:
        """Whether ``view`` need not ask the database."""
        if caller.role != "clinic":
            return book in self._ledgers
        return (book, caller.clinic, caller.books) in self._views

    def __iter__(self) -> Iterator[Ledger]:
        """The books that have been asked for."""
        with self._lock:
            return iter(list(self._ledgers.values()))


class View:
    """A book as the caller of this request sees it."""

    def __init__(self, books: Books, book: str, caller: Caller) -> None:
        self.books = books
        self.book = book
        self.caller = caller
        self.ledger = books.view(book, caller)
        """What is read through this holds nothing that the caller may not see."""

    @property
    def sees_some(self) -> bool:
        """Whether some of the book's cases are hidden from the caller."""
        return self.caller.role == "clinic"

    def find(self, reference: str) -> Case:
        """A case by its number or id, as it is now. Raises ``CaseNotFound``."""
        return self.read(reference).case

    def read(self, reference: str) -> Reading:
        """A case by its number or id, as it is now, and where the log ends then."""
        found = self.ledger.read(self.ledger.find(reference))
        if not access.may_see(self.caller, found.case):
            raise CaseNotFound(reference, self.book)
        return found


BookName = Annotated[str, Path(description="The book's name.", max_length=63, pattern=ONE_LINE)]


async def view_of(request: Request, book: BookName) -> View:
    """Dependency: the book that the path names. A book of others is answered like none.

    Who calls is asked here and not by a dependency of its own: the framework takes as long for
    each of them as for what they do.
    """
    caller = await access.caller_of(request)
    if not may_enter(caller, book):
        raise Rejected("book_not_found")
    books: Books = request.app.state.books
    if not books.at_hand(book, caller):
        await run_in_threadpool(books.view, book, caller)
    return View(books, book, caller)


def may_enter(caller: Caller, book: str) -> bool:
    """Whether a book is open to a caller: the application's check, before the database's."""
    return caller.may_enter(book)


InBook = Annotated[View, Depends(view_of)]
