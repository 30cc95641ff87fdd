"""Is the server alive, and can it answer?"""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from api.books import Books, InBook
from api.cases import ENTRY_PROBLEMS
from api.problems import Rejected, responses
from ledger.log import migrate
from ledger.projections.engine import Projector

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class BookHealth(BaseModel):
    """How far the book's log has come, and how far its read models have followed."""

    status: Literal["ok"] = "ok"
    book: str
    position: int
    read_models_position: int


@router.get("/health/live", operation_id="health.live")
def live() -> Alive:
    """The process runs; nothing else is looked at."""
    return Alive()


@router.get(
    "/health/ready",
    operation_id="health.ready",
    responses=responses("database_unavailable", "migration_needed"),
)
def ready(request: Request) -> Alive:
    """The database answers and has the schema that this program needs."""
    books: Books = request.app.state.books
    with books.engine.connect() as connection:
        found, wanted = migrate.current(connection), migrate.newest()
    if found != wanted:
        raise Rejected("migration_needed")
    return Alive()


@router.get(
    "/v1/books/{book}/health",
    operation_id="books.health",
    responses=responses(*ENTRY_PROBLEMS),
)
def book_health(view: InBook) -> BookHealth:
    """The book can be read, and this is how far it has come."""
    return BookHealth(
        book=view.book,
        position=view.ledger.recorder.head().position,
        read_models_position=Projector(view.books.engine).position(view.book),
    )


@router.get(
    "/v1/books/{book}/ready",
    operation_id="books.ready",
    responses=responses(*ENTRY_PROBLEMS),
)
def book_ready(request: Request, view: InBook) -> BookHealth:
    """The book can be read, and the database has the schema to write to it."""
    ready(request)
    return book_health(view)
