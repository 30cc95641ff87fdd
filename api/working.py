"""What may be done with a case, what was refused, and what falls due."""

from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from api.answers import Entry, entry_of, written
from api.bodies import PossibleDate, body_from
from api.books import InBook
from api.cases import (
    CASE_PROBLEMS,
    ENTRY_PROBLEMS,
    CaseRef,
    EffectiveOn,
    KnownAt,
    KnownPosition,
    ok,
    one_moment,
    read_at,
)
from api.cursors import Cursors
from api.nouns import NOUNS, Noun
from api.positions import AT_POSITION, MinPosition, lists_have_reached, log_has_reached
from api.problems import Rejected, language_of, responses
from api.structs import answer_of
from api.versions import ETAG, etag
from ledger.access.callers import Caller
from ledger.application.batch import refusals_of
from ledger.application.explaining import explanation_view
from ledger.application.ledger import CaseNotFound
from ledger.domain.actions import Action, allowed_actions, next_step
from ledger.domain.commands import Command
from ledger.domain.events import Component
from ledger.domain.explanation import Explanation
from ledger.domain.explanation import explain as explained
from ledger.domain.refusals import Code, Refusal
from ledger.projections.due_work import due_until
from ledger.wording.amounts import Language
from ledger.wording.refusals import refusal_text

router = APIRouter(prefix="/v1/books/{book}", tags=["work"])

_NOUNS: Final[dict[type[Command], Noun]] = {noun.command: noun for noun in NOUNS}

OnDay = Annotated[PossibleDate | None, Query(description="The day; today if none is given.")]


class Why(BaseModel):
    """Why something is refused."""

    code: Code
    detail: str
    facts: dict[str, Any]
    earliest: date | None
    source: str | None


class PossibleAction(BaseModel):
    """Something that can be asked of the case, and the answer it would get."""

    action: str
    allowed: bool
    earliest: date | None = Field(description="The first day on which it is no longer refused.")
    why_not: Why | None
    permitted: bool = Field(description="Whether the caller's role may ask for it.")
    noun: str = Field(description="Under which it is given: POST …/cases/{case}/<noun>.")
    body: dict[str, Any] = Field(description="With which it is given; amounts are proposals.")


class NextStep(BaseModel):
    """What the clock will do next by itself."""

    step: str
    on: date | None = Field(description="null: not before something changes.")
    why_not_now: Why | None


class Actions(BaseModel):
    """What may be done with a case on a day, what may not yet and why, and what comes next."""

    book: str
    case: UUID
    version: int
    on: date
    actions: list[PossibleAction]
    next: NextStep | None


class DueCase(BaseModel):
    """A case on which something falls due, and the first of it."""

    case: UUID
    reference: str
    creditor: str
    due_on: date
    what: str


class DuePage(BaseModel):
    """Cases on which something falls due."""

    book: str
    until: date
    cases: list[DueCase]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


class Words(BaseModel):
    """Lines to be read out."""

    nb: list[str]
    en: list[str]


class ExplainedCase(answer_of(Explanation)):  # type: ignore[misc]
    """A case's balance and all that led to it, on a day. Amounts are minor units."""

    book: str
    to_pay: int = Field(description="What settles the case on the day.")
    text: Words


class Refusals(BaseModel):
    """What was asked of a case and refused, oldest first."""

    book: str
    case: UUID
    refusals: list[Entry]


@router.get(
    "/cases/{case}/actions",
    operation_id="cases.actions",
    responses={
        **ok("What may be done.", AT_POSITION, ETAG),
        **responses(*CASE_PROBLEMS),
    },
)
def read_actions(
    request: Request,
    response: Response,
    view: InBook,
    case: CaseRef,
    on: OnDay = None,
    min_position: MinPosition = None,
) -> Actions:
    """What may be done with a case on a day, what may not yet and why, and what comes next.

    Each action was put to the decisions themselves: what is allowed here will be carried out.
    """
    found = read_at(view, response, case, min_position)
    day = on or view.ledger.today()
    rules = view.ledger.rules_of(found.creditor)
    language = language_of(request)
    currency = view.ledger.recorder.currency()
    step = next_step(found, day, rules)
    response.headers["ETag"] = etag(found.version)
    return Actions(
        book=view.book,
        case=found.id,
        version=found.version,
        on=day,
        actions=[
            _action(action, view.caller, language, currency)
            for action in allowed_actions(found, day, rules, actor=view.caller.actor)
        ],
        next=None
        if step is None
        else NextStep(
            step=step.name, on=step.on, why_not_now=why(step.waits_for, language, currency)
        ),
    )


@router.get(
    "/cases/{case}/explanation",
    operation_id="cases.explanation",
    response_model=ExplainedCase,
    responses={
        **ok("The explanation.", AT_POSITION),
        **responses(*CASE_PROBLEMS, "two_moments", "not_known"),
    },
)
def read_explanation(
    response: Response,
    view: InBook,
    case: CaseRef,
    component: Annotated[Component | None, Query(description="One component only.")] = None,
    on: OnDay = None,
    position: KnownPosition = None,
    known_at: KnownAt = None,
    effective_on: EffectiveOn = None,
    min_position: MinPosition = None,
) -> Response:
    """Why the balance is what it is: fees, interest, payments, and the rule behind each.

    Interest is counted up to ``on``: without it, to ``effective_on``, or today. ``text`` is to be
    read out, in Norwegian and English.
    """
    log_has_reached(view, min_position, response)
    found = view.find(case)
    entries = view.ledger.history(found.id, known_at=one_moment(position, known_at))
    if effective_on is not None:
        entries = [entry for entry in entries if entry.event.value_date <= effective_on]
    day = on or effective_on or view.ledger.today()
    if not entries:
        raise Rejected("not_known", why=f"the case was not open on {effective_on}")
    explanation = explained(entries, day, view.ledger.rules_of(found.creditor))
    return written(explanation_view(view.book, explanation, component=component), response.headers)


@router.get(
    "/cases/{case}/refusals",
    operation_id="cases.refusals",
    response_model=Refusals,
    responses={**ok("The refusals.", AT_POSITION), **responses(*CASE_PROBLEMS)},
)
def read_refusals(
    response: Response, view: InBook, case: CaseRef, min_position: MinPosition = None
) -> Response:
    """What was asked of a case and refused: by whom, when, and why."""
    log_has_reached(view, min_position, response)
    id = view.find(case).id
    currency = view.ledger.recorder.currency()
    try:
        entries = view.ledger.history(refusals_of(id))
    except CaseNotFound:
        entries = []
    refusals = [entry_of(entry, currency) for entry in entries]
    return written({"book": view.book, "case": id, "refusals": refusals}, response.headers)


@router.get(
    "/due",
    operation_id="due.list",
    responses={
        **ok("A page of due work.", AT_POSITION),
        **responses(*ENTRY_PROBLEMS, "invalid_cursor", "position_not_reached"),
    },
)
def list_due(
    response: Response,
    view: InBook,
    until: OnDay = None,
    cursor: Annotated[
        str | None, Query(max_length=2_000, description="Of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    min_position: MinPosition = None,
) -> DuePage:
    """The cases on which something falls due by a day, and what comes first on each."""
    lists_have_reached(view, min_position, response)
    day = until or view.ledger.today()
    cursors = Cursors(view.books.engine, view.book, "due")
    asked = {"until": day}
    after = cursors.read(cursor, asked)
    with view.ledger.engine.connect() as connection:
        rows = due_until(
            connection, view.book, day, limit + 1, None if after is None else UUID(str(after))
        )
    page = rows[:limit]
    return DuePage(
        book=view.book,
        until=day,
        cases=[
            DueCase(
                case=row.case,
                reference=row.reference,
                creditor=row.creditor,
                due_on=row.due_on,
                what=row.name,
            )
            for row in page
        ],
        next=cursors.write(str(page[-1].case), asked) if len(rows) > limit else None,
    )


def _action(action: Action, caller: Caller, language: Language, currency: str) -> PossibleAction:
    noun = _NOUNS[type(action.command)]
    return PossibleAction(
        action=action.name,
        allowed=action.allowed,
        earliest=action.earliest,
        why_not=why(action.refusal, language, currency),
        permitted=caller.role in noun.roles,
        noun=noun.path,
        body=body_from(action.command, currency),
    )


def why(refusal: Refusal | None, language: Language, currency: str) -> Why | None:
    """A refusal as it is answered."""
    if refusal is None:
        return None
    return Why(
        code=refusal.code,
        detail=refusal_text(refusal, language, currency),
        facts=refusal.facts,
        earliest=refusal.earliest,
        source=refusal.source,
    )
