"""Errors as problem details (RFC 9457): each says what is wrong and what to do next."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from eventsourcing.persistence import PersistenceError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from ledger.application.ledger import CaseNotFound, NotKnown
from ledger.domain.refusals import Refusal
from ledger.log.errors import BookNotFound, SchemaMissing
from ledger.wording.amounts import Language
from ledger.wording.refusals import refusal_text

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = "2"
MOST_LISTED: Final = 20
"""Faults of a request that are listed: a caller who made more has made one many times."""
NAME_CHARS: Final = 100
"""Of the name of an unknown field that are repeated."""


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    pointer: str = Field(description="A JSON pointer into the body, or a parameter's name.")
    detail: str


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="The kind of problem, for programs.")
    errors: list[Fault] = Field(default=[], description="Of an invalid request: its first faults.")
    facts: dict[str, Any] = Field(default={}, description="Of a refusal: what led to it.")
    earliest: date | None = Field(
        default=None, description="Of a refusal: the first date on which the answer changes."
    )
    source: str | None = Field(default=None, description="Of a refusal: the law or policy.")


PROBLEM: Final[dict[str, Any]] = {"model": Problem}
"""For the ``responses`` of a route."""


class Rejected(Exception):
    """Ends a request with a problem."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail


_TITLES: Final = {
    400: "The request can't be understood",
    404: "Not found",
    405: "Method not allowed",
    409: "Refused",
    413: "The request is too large",
    422: "The request can't be used",
    500: "Unexpected error",
    503: "Not available now",
}


_STATUS: Final[dict[str, int]] = {"command_id_reused": 422, "case_not_open": 404}
"""Of refusals that are none of the case's state."""

_CODES: Final = {
    400: "malformed_body",
    404: "no_such_page",
    405: "method_not_allowed",
    413: "body_too_large",
}


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """A problem as a response. ``type`` is a relative reference that names the kind."""
    body: dict[str, Any] = {
        "type": f"/problems/{code.replace('_', '-')}",
        "title": _TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "code": code,
        **(extra or {}),
    }
    return JSONResponse(body, status, dict(headers or {}), MEDIA_TYPE)


def refused(refusal: Refusal, currency: str, language: Language) -> JSONResponse:
    """A refusal as a response."""
    status = _STATUS.get(refusal.code, 409)
    extra = {
        "facts": refusal.facts,
        "earliest": None if refusal.earliest is None else refusal.earliest.isoformat(),
        "source": refusal.source,
    }
    return problem(status, refusal.code, refusal_text(refusal, language, currency), extra=extra)


def language_of(request: Request) -> Language:
    """Norwegian where it is asked for first, else English."""
    wanted = request.headers.get("accept-language", "").lower().lstrip()
    return "nb" if wanted.startswith(("nb", "no", "nn")) else "en"


def install(app: FastAPI) -> None:
    """Have every error of the application answered with a problem."""

    @app.exception_handler(Rejected)
    def _rejected(request: Request, error: Rejected) -> JSONResponse:
        return problem(error.status, error.code, error.detail)

    @app.exception_handler(BookNotFound)
    def _no_book(request: Request, error: BookNotFound) -> JSONResponse:
        return problem(404, "book_not_found", f"There is no book {error.book!r}.")

    @app.exception_handler(CaseNotFound)
    def _no_case(request: Request, error: CaseNotFound) -> JSONResponse:
        return problem(404, "case_not_found", str(error))

    @app.exception_handler(NotKnown)
    def _not_known(request: Request, error: NotKnown) -> JSONResponse:
        return problem(404, "not_known", str(error))

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> JSONResponse:
        code = _CODES.get(error.status_code, "http_error")
        return problem(error.status_code, code, str(error.detail), headers=error.headers)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        found = error.errors()
        if found[0]["type"] == "json_invalid":
            detail = f"The body is no JSON: {found[0]['ctx']['error']} ({found[0]['loc'][1]})."
            return problem(400, "malformed_body", detail)
        errors = [
            {"pointer": _pointer(fault["loc"]), "detail": str(fault["msg"])}
            for fault in found[:MOST_LISTED]
        ]
        detail = "; ".join(f"{e['pointer'] or 'the body'}: {e['detail']}" for e in errors)
        return problem(422, "invalid_request", detail, extra={"errors": errors})

    @app.exception_handler(SchemaMissing)
    def _schema(request: Request, error: SchemaMissing) -> JSONResponse:
        return problem(503, "migration_needed", str(error))

    @app.exception_handler(PersistenceError)
    @app.exception_handler(SQLAlchemyError)
    def _database(request: Request, error: Exception) -> JSONResponse:
        detail = "The database can't be reached. Try again in a moment, with the same key."
        headers = {"Retry-After": RETRY_AFTER_SECONDS}
        return problem(503, "database_unavailable", detail, headers=headers)

    @app.exception_handler(Exception)
    def _unexpected(request: Request, error: Exception) -> JSONResponse:
        detail = "Something unexpected went wrong. Try again with the same key."
        return problem(500, "unexpected", detail)


def described(document: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI document in which problems have their own media type."""
    for path in document["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400 and "application/json" in response["content"]:
                    response["content"][MEDIA_TYPE] = response["content"].pop("application/json")
    return document


def _pointer(location: tuple[int | str, ...]) -> str:
    """Where the fault is: a JSON pointer into the body, or the parameter's name."""
    place, *rest = (str(step)[:NAME_CHARS] for step in location)
    if place == "body":
        return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in rest)
    return ".".join((place, *rest))
