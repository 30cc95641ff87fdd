"""Errors as problem details (RFC 9457): each says what is wrong and what to do next."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from typing import Any, Final, get_args

from eventsourcing.persistence import PersistenceError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from ledger.access.tokens import KeysUnavailable
from ledger.application.ledger import CaseNotFound, NotKnown
from ledger.domain.refusals import Code, Refusal
from ledger.log.errors import BookNotFound, SchemaMissing
from ledger.people.keys import NoKeys
from ledger.projections.engine import Behind
from ledger.wording.amounts import Language
from ledger.wording.problems import PROBLEMS, REFUSED
from ledger.wording.refusals import TEXTS, refusal_text

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = "2"
MOST_LISTED: Final = 20
"""Faults of a request that are listed: a caller who made more has made one many times."""
NAME_CHARS: Final = 100
"""Of the name of an unknown field that are repeated."""

REFUSALS: Final[tuple[str, ...]] = get_args(Code)

_REFUSAL_STATUS: Final[dict[str, int]] = {
    "command_id_reused": 422,
    "wrong_currency": 422,
    "case_not_open": 404,
    "invalid_national_identity_number": 422,
    "version_conflict": 412,
}
"""Of refusals that are none of the case's state; all others are 409."""

STATUS: Final[dict[str, int]] = {
    "malformed_body": 400,
    "invalid_cursor": 400,
    "two_moments": 400,
    "idempotency_key_missing": 400,
    "purpose_missing": 400,
    "token_missing": 401,
    "token_refused": 401,
    "not_permitted": 403,
    "purpose_not_permitted": 403,
    "book_not_found": 404,
    "case_not_found": 404,
    "clinic_not_found": 404,
    "receipt_not_found": 404,
    "not_known": 404,
    "debtor_not_registered": 404,
    "no_signer": 503,
    "vault_closed": 503,
    "log_does_not_continue": 409,
    "not_durable": 503,
    "no_checkpoint": 404,
    "no_such_tile": 404,
    "webhook_not_found": 404,
    "delivery_not_found": 404,
    "problem_not_found": 404,
    "no_such_page": 404,
    "method_not_allowed": 405,
    "body_too_large": 413,
    "invalid_request": 422,
    "version_missing": 428,
    "too_many_requests": 429,
    "unexpected": 500,
    "database_unavailable": 503,
    "keys_unavailable": 503,
    "migration_needed": 503,
    "position_not_reached": 412,
    "too_many_streams": 503,
    "http_error": 400,
    **{code: _REFUSAL_STATUS.get(code, 409) for code in REFUSALS},
}
"""Every kind of problem there is, refusals among them, and the status that it is answered with."""

_OF_STATUS: Final = {
    400: "malformed_body",
    404: "no_such_page",
    405: "method_not_allowed",
    413: "body_too_large",
}
_MISSING_HEADERS: Final = {
    "idempotency-key": "idempotency_key_missing",
    "if-match": "version_missing",
    "ledger-purpose": "purpose_missing",
}
"""Headers whose absence is a problem of its own."""


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    pointer: str = Field(description="A JSON pointer into the body, or a parameter's name.")
    detail: str


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="The kind of problem, as an address that explains it.")
    title: str
    status: int
    detail: str
    instance: str | None = Field(default=None, description="This very request, for support.")
    code: str = Field(description="The kind of problem, for programs.")
    errors: list[Fault] = Field(default=[], description="Of an invalid request: its first faults.")
    facts: dict[str, Any] = Field(default={}, description="Of a refusal: what led to it.")
    earliest: date | None = Field(
        default=None, description="Of a refusal: the first date on which the answer changes."
    )
    source: str | None = Field(default=None, description="Of a refusal: the law or policy.")
    events: list[dict[str, Any]] = Field(
        default=[], description="Of a version conflict: what others have recorded meanwhile."
    )


class ProblemType(BaseModel):
    """A kind of problem."""

    type: str
    code: str
    status: int
    title: str
    detail: str = Field(description="What is said of one; {…} stands for its facts.")


class Rejected(Exception):
    """Ends a request with a problem of a kind, and the facts that its text speaks of."""

    def __init__(
        self,
        code: str,
        *,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
        self.extra = extra
        self.headers = headers


def responses(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that may answer with problems of these kinds."""
    found: dict[int | str, dict[str, Any]] = {}
    for code in (*codes, "unexpected"):
        status = STATUS[code]
        response = found.setdefault(status, {"model": Problem, "codes": []})
        if code not in response["codes"]:
            response["codes"].append(code)
    for response in found.values():
        kinds = response.pop("codes")
        response["description"] = ", or ".join(dict.fromkeys(_title(code, "en") for code in kinds))
        response["content"] = {
            "application/json": {
                "examples": {code: {"$ref": f"#/components/examples/{code}"} for code in kinds}
            }
        }
    return found


def problem(
    request: Request,
    code: str,
    detail: str,
    *,
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    status: int | None = None,
) -> JSONResponse:
    """A problem as a response. ``type`` is a relative reference that names the kind."""
    language = language_of(request)
    number = getattr(request.state, "request_id", None)
    body: dict[str, Any] = {
        "type": _address(code),
        "title": _title(code, language),
        "status": status or STATUS[code],
        "detail": detail,
        "instance": None if number is None else f"urn:request:{number}",
        "code": code,
        **(extra or {}),
    }
    more = {"Content-Language": language, **(headers or {})}
    return JSONResponse(body, status or STATUS[code], more, MEDIA_TYPE)


def rejection(request: Request, error: Rejected, status: int | None = None) -> JSONResponse:
    """The problem that an exception stands for."""
    template = PROBLEMS[error.code].detail(language_of(request))
    detail = template.format_map(defaultdict(lambda: "?", error.facts))
    return problem(
        request, error.code, detail, extra=error.extra, headers=error.headers, status=status
    )


def refused(
    request: Request, refusal: Refusal, currency: str, events: Iterable[Mapping[str, Any]] = ()
) -> JSONResponse:
    """A refusal as a response, with the events that the caller had not seen."""
    extra: dict[str, Any] = {
        "facts": refusal.facts,
        "earliest": None if refusal.earliest is None else refusal.earliest.isoformat(),
        "source": refusal.source,
    }
    if seen := list(events):
        extra["events"] = seen
    return problem(
        request, refusal.code, refusal_text(refusal, language_of(request), currency), extra=extra
    )


_RANGE: Final = re.compile(r"([a-zA-Z*]{1,8})(?:-[a-zA-Z0-9-]*)?(?:\s*;\s*q=([01](?:\.\d{0,3})?))?")
_NORWEGIAN: Final = frozenset({"nb", "no", "nn"})


def language_of(request: Request) -> Language:
    """Norwegian where it is preferred to English (RFC 9110, 12.5.4), else English."""
    best: dict[Language, float] = {"nb": 0.0, "en": 0.0}
    for part in request.headers.get("accept-language", "")[:1_000].split(","):
        found = _RANGE.fullmatch(part.strip())
        if found is not None:
            tag, quality = found[1].lower(), float(found[2] or 1)
            if tag in _NORWEGIAN:
                best["nb"] = max(best["nb"], quality)
            elif tag == "en":
                best["en"] = max(best["en"], quality)
    return "nb" if best["nb"] > best["en"] else "en"


def install(app: FastAPI) -> None:
    """Have every error of the application answered with a problem."""

    @app.exception_handler(Rejected)
    def _rejected(request: Request, error: Rejected) -> JSONResponse:
        return rejection(request, error)

    @app.exception_handler(BookNotFound)
    def _no_book(request: Request, error: BookNotFound) -> JSONResponse:
        return rejection(request, Rejected("book_not_found"))

    @app.exception_handler(CaseNotFound)
    def _no_case(request: Request, error: CaseNotFound) -> JSONResponse:
        return rejection(request, Rejected("case_not_found"))

    @app.exception_handler(NotKnown)
    def _not_known(request: Request, error: NotKnown) -> JSONResponse:
        return rejection(request, Rejected("not_known", why=str(error)))

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> JSONResponse:
        code = _OF_STATUS.get(error.status_code, "http_error")
        headers = error.headers
        if error.status_code == 405:
            # The framework names the methods of one of the address's operations only.
            headers = {"Allow": ", ".join(methods_at(app, request.url.path))}
        told = Rejected(code, why=str(error.detail), most=str(error.detail), headers=headers)
        return rejection(request, told, error.status_code)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        found = error.errors()
        if found[0]["type"] == "json_invalid":
            why = f"{found[0]['ctx']['error']} ({found[0]['loc'][1]})"
            return rejection(request, Rejected("malformed_body", why=why))
        for fault in found:
            if fault["type"] == "missing" and fault["loc"][0] == "header":
                code = _MISSING_HEADERS.get(str(fault["loc"][-1]).lower())
                if code is not None:
                    return rejection(request, Rejected(code))
        return rejection(request, Rejected("invalid_request", extra={"errors": faults(found)}))

    @app.exception_handler(SchemaMissing)
    def _schema(request: Request, error: SchemaMissing) -> JSONResponse:
        return rejection(request, Rejected("migration_needed"))

    @app.exception_handler(KeysUnavailable)
    def _keys(request: Request, error: KeysUnavailable) -> JSONResponse:
        headers = {"Retry-After": RETRY_AFTER_SECONDS}
        return rejection(request, Rejected("keys_unavailable", headers=headers))

    @app.exception_handler(NoKeys)
    def _vault(request: Request, error: NoKeys) -> JSONResponse:
        return rejection(request, Rejected("vault_closed"))

    @app.exception_handler(Behind)
    def _behind(request: Request, error: Behind) -> JSONResponse:
        headers = {"Retry-After": RETRY_AFTER_SECONDS}
        position = request.headers.get("ledger-min-position", "?")
        return rejection(
            request, Rejected("position_not_reached", position=position, headers=headers)
        )

    @app.exception_handler(PersistenceError)
    @app.exception_handler(SQLAlchemyError)
    def _database(request: Request, error: Exception) -> JSONResponse:
        headers = {"Retry-After": RETRY_AFTER_SECONDS}
        return rejection(request, Rejected("database_unavailable", headers=headers))

    @app.exception_handler(Exception)
    def _unexpected(request: Request, error: Exception) -> JSONResponse:
        return rejection(request, Rejected("unexpected"))


def methods_at(app: FastAPI, path: str) -> list[str]:
    """The methods of an address, by the OpenAPI document."""
    return sorted(
        method.upper()
        for template, operations in app.openapi()["paths"].items()
        if compile_path(template)[0].fullmatch(path)
        for method in operations
    )


def faults(found: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The first faults of a request, each with the place where it is."""
    listed = list(found)[:MOST_LISTED]
    return [{"pointer": _pointer(fault["loc"]), "detail": str(fault["msg"])} for fault in listed]


def described(document: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI document in which problems have their own media type, and examples."""
    examples = document.setdefault("components", {}).setdefault("examples", {})
    for code in STATUS:
        examples[code] = {
            "summary": _title(code, "en"),
            "value": {
                "type": _address(code),
                "title": _title(code, "en"),
                "status": STATUS[code],
                "detail": type_of(code, "en").detail,
                "code": code,
            },
        }
    shared = document["components"].setdefault("responses", {})
    for path in document["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    merged: dict[str, Any] = {}
                    for content in response["content"].values():
                        merged |= content
                    response["content"] = {MEDIA_TYPE: merged}
                    name = _name_of(status, merged)
                    shared[name] = response
                    operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    return document


def _name_of(status: str, content: Mapping[str, Any]) -> str:
    """Of the responses with this status and these kinds of problems: the same in each document."""
    kinds = ",".join(sorted(content.get("examples", {})))
    return f"Problem{status}-{sha256(kinds.encode()).hexdigest()[:6]}"


def type_of(code: str, language: Language) -> ProblemType:
    """A kind of problem, in words."""
    if code in PROBLEMS:
        detail = PROBLEMS[code].detail(language)
    else:
        nb, en = TEXTS[code]  # type: ignore[index]  # every other code is a refusal's
        detail = nb if language == "nb" else en
    return ProblemType(
        type=_address(code),
        code=code,
        status=STATUS[code],
        title=_title(code, language),
        detail=detail,
    )


def _title(code: str, language: Language) -> str:
    if code in PROBLEMS:
        return PROBLEMS[code].title(language)
    return REFUSED[0] if language == "nb" else REFUSED[1]


def _address(code: str) -> str:
    return f"/problems/{code.replace('_', '-')}"


def _pointer(location: tuple[int | str, ...]) -> str:
    """Where the fault is: a JSON pointer into the body, or the parameter's name."""
    place, *rest = (str(step)[:NAME_CHARS] for step in location)
    if place == "body":
        return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in rest)
    return ".".join((place, *rest))
