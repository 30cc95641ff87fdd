"""Cases: one as it is or was, and lists of them."""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Header, Path, Query, Response

from api.access import clinic_asked_for
from api.answers import (
    Balance,
    CaseLine,
    CasePage,
    CaseState,
    Entries,
    balance_of,
    entry_of,
    state_of,
    written,
)
from api.bodies import ONE_LINE, Moment, PlainDate, PossibleDate
from api.books import InBook, View
from api.cursors import Cursors
from api.positions import AT_POSITION, POSITION, MinPosition, lists_have_reached, log_has_reached
from api.problems import Rejected, responses
from api.versions import ETAG, etag
from ledger.domain.case import Case, Stage
from ledger.projections.worklist import Filter, cases

router = APIRouter(prefix="/v1/books/{book}/cases", tags=["cases"])

MOST_LISTED: Final = 200
"""Cases on a page: a page that is read in a moment."""

ENTRY_PROBLEMS: Final = (
    "token_missing",
    "token_refused",
    "not_permitted",
    "book_not_found",
    "invalid_request",
    "too_many_requests",
    "database_unavailable",
    "keys_unavailable",
    "migration_needed",
)
"""What may stand between a caller and any operation in a book."""
CASE_PROBLEMS: Final = (*ENTRY_PROBLEMS, "case_not_found", "position_not_reached")

CaseRef = Annotated[
    str,
    Path(description="The case's number or id.", min_length=1, max_length=100, pattern=ONE_LINE),
]
KnownPosition = Annotated[
    int | None,
    Query(alias="position", ge=0, le=2**62, description="As known at a position of the log."),
]
KnownAt = Annotated[
    Moment | None, Query(description="As known at an instant (RFC 3339 with offset).")
]
EffectiveOn = Annotated[PlainDate | None, Query(description="As in effect on a date.")]
Number = Annotated[str | None, Query(min_length=1, max_length=100, pattern=ONE_LINE)]


def ok(description: str, *headers: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` entry of a good answer with these headers."""
    merged: dict[str, Any] = {}
    for header in headers:
        merged |= header
    return {200: {"description": description, "headers": merged}}


@router.get(
    "",
    operation_id="cases.list",
    responses={
        **ok("A page of cases.", AT_POSITION),
        **responses(*ENTRY_PROBLEMS, "invalid_cursor", "position_not_reached"),
    },
)
def list_cases(
    response: Response,
    view: InBook,
    reference: Number = None,
    kid: Number = None,
    invoice: Number = None,
    clinic: Number = None,
    state: Annotated[Literal["open", "closed"] | None, Query()] = None,
    stage: Annotated[Stage | None, Query()] = None,
    hold: Number = None,
    due_before: Annotated[PossibleDate | None, Query()] = None,
    cursor: Annotated[
        str | None, Query(max_length=2_000, description="Of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 50,
    min_position: MinPosition = None,
) -> CasePage:
    """Cases by number, KID, invoice, clinic, state or due date, oldest first."""
    lists_have_reached(view, min_position, response)
    wanted = Filter(
        reference=reference,
        kid=kid,
        invoice=invoice,
        clinic=clinic_asked_for(view.caller, clinic),
        state=state,
        stage=stage,
        hold=hold,
        due_before=due_before,
    )
    cursors = Cursors(view.books.engine, view.book, "cases")
    after = int(cursors.read(cursor, wanted._asdict()) or 0)
    if clinic is not None and wanted.clinic != clinic:
        return CasePage(book=view.book, cases=[], next=None)
    with view.ledger.engine.connect() as connection:
        rows = cases(connection, view.book, wanted, after=after, limit=limit + 1)
    more = len(rows) > limit
    page = rows[:limit]
    return CasePage(
        book=view.book,
        cases=[CaseLine.of(row) for row in page],
        next=cursors.write(page[-1].opened_at, wanted._asdict()) if more else None,
    )


@router.get(
    "/{case}",
    operation_id="cases.read",
    response_model=CaseState,
    responses={
        **ok("The case.", AT_POSITION, ETAG),
        304: {"description": "The case has not changed since the version in If-None-Match."},
        **responses(*CASE_PROBLEMS, "two_moments", "not_known"),
    },
)
def read_case(
    response: Response,
    view: InBook,
    case: CaseRef,
    position: KnownPosition = None,
    known_at: KnownAt = None,
    effective_on: EffectiveOn = None,
    min_position: MinPosition = None,
    if_none_match: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """A case with its balance: now, as it was known, or as it is in effect on a date."""
    known = one_moment(position, known_at)
    found = read_at(view, response, case, min_position, known, effective_on)
    if known is None and effective_on is None:
        response.headers["ETag"] = etag(found.version)
        if if_none_match == etag(found.version):
            return Response(status_code=304, headers=dict(response.headers))
    state = state_of(view.ledger, found, known_at=known, effective_on=effective_on)
    return written(state, response.headers)


@router.get(
    "/{case}/balance",
    operation_id="cases.balance",
    response_model=Balance,
    responses={
        **ok("What is owed.", AT_POSITION),
        **responses(*CASE_PROBLEMS, "two_moments", "not_known"),
    },
)
def read_balance(
    response: Response,
    view: InBook,
    case: CaseRef,
    position: KnownPosition = None,
    known_at: KnownAt = None,
    effective_on: EffectiveOn = None,
    min_position: MinPosition = None,
) -> Response:
    """What is owed on a case, by component: now, as it was known, or in effect on a date."""
    known = one_moment(position, known_at)
    found = read_at(view, response, case, min_position, known, effective_on)
    state = state_of(view.ledger, found, known_at=known, effective_on=effective_on)
    return written(balance_of(state), response.headers)


@router.get(
    "/{case}/events",
    operation_id="cases.events",
    response_model=Entries,
    responses={
        **ok("The history.", AT_POSITION),
        **responses(*CASE_PROBLEMS, "two_moments", "not_known"),
    },
)
def read_events(
    response: Response,
    view: InBook,
    case: CaseRef,
    position: KnownPosition = None,
    known_at: KnownAt = None,
    min_position: MinPosition = None,
) -> Response:
    """Everything that happened on a case, in the order in which it was recorded."""
    log_has_reached(view, min_position, response)
    id = view.find(case).id
    entries = view.ledger.history(id, known_at=one_moment(position, known_at))
    currency = view.ledger.recorder.currency()
    events = [entry_of(entry, currency) for entry in entries]
    return written({"book": view.book, "case": id, "events": events}, response.headers)


def read_at(
    view: View,
    response: Response,
    reference: str,
    min_position: int | None,
    known: int | datetime | None = None,
    effective_on: date | None = None,
) -> Case:
    """The case at a moment, and in the answer's headers where the log ended when it was read."""
    if min_position is not None:  # a case that is not there yet may come with it
        log_has_reached(view, min_position, response)
    if known is None and effective_on is None:
        found = view.read(reference)
    else:
        id = view.find(reference).id if view.sees_some else view.ledger.find(reference)
        found = view.ledger.read(id, known_at=known, effective_on=effective_on)
    response.headers[POSITION] = str(found.position)
    return found.case


def one_moment(position: int | None, known_at: datetime | None) -> int | datetime | None:
    """The moment that was asked for, if any. Raises ``Rejected`` for two."""
    if position is not None and known_at is not None:
        raise Rejected("two_moments")
    return known_at if position is None else position
