"""Is the server alive, and can it answer?"""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from api.books import Books, ledger_of
from api.problems import PROBLEM, Rejected
from ledger.application.ledger import Ledger
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


@router.get("/health/ready", operation_id="health.ready", responses={503: PROBLEM})
def ready(request: Request) -> Alive:
    """The database answers and has the schema that this program needs."""
    books: Books = request.app.state.books
    with books.engine.connect() as connection:
        found, wanted = migrate.current(connection), migrate.newest()
    if found != wanted:
        detail = f"The database is at {found}, and {wanted} is needed: run `caseledger migrate`."
        raise Rejected(503, "migration_needed", detail)
    return Alive()


@router.get(
    "/v1/books/{book}/health",
    operation_id="books.health",
    responses={404: PROBLEM, 422: PROBLEM, 503: PROBLEM},
)
def book_health(ledger: Annotated[Ledger, Depends(ledger_of)]) -> BookHealth:
    """The book can be read, and this is how far it has come."""
    return BookHealth(
        book=ledger.book,
        position=ledger.recorder.head().position,
        read_models_position=Projector(ledger.engine).position(ledger.book),
    )


@router.get(
    "/v1/books/{book}/ready",
    operation_id="books.ready",
    responses={404: PROBLEM, 422: PROBLEM, 503: PROBLEM},
)
def book_ready(request: Request, ledger: Annotated[Ledger, Depends(ledger_of)]) -> BookHealth:
    """The book can be read, and the database has the schema to write to it."""
    ready(request)
    return book_health(ledger)
