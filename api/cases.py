"""One case: its state, its history, and payments to it."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal
from uuid import NAMESPACE_OID, UUID, uuid5

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from api.books import ONE_LINE, ledger_of
from api.problems import PROBLEM, Rejected, language_of, refused
from ledger.application.ledger import Ledger
from ledger.application.orders import Order
from ledger.application.views import case_view, entry_view
from ledger.domain.commands import ReceivePayment
from ledger.domain.money import MAX_AMOUNT
from ledger.domain.refusals import Refusal

router = APIRouter(prefix="/v1/books/{book}/cases/{case}", tags=["cases"])

PROBLEMS: Final[dict[int | str, dict[str, Any]]] = dict.fromkeys((400, 404, 422, 503), PROBLEM)
ACTOR = "api:local"
"""Who gives commands through a server that only this machine can reach."""


def _written(form: str, example: str) -> BeforeValidator:
    """Text in one form only: pydantic also takes numbers, as seconds since 1970."""

    def check(value: object) -> object:
        if isinstance(value, str) and re.match(form, value, re.ASCII):
            return value
        raise PydanticCustomError("form", "Write it as {example}.", {"example": example})

    return BeforeValidator(check)


PlainDate = Annotated[date, _written(r"\d{4}-\d\d-\d\d\Z", "2026-05-04")]
Instant = Annotated[AwareDatetime, _written(r"\d{4}-\d\d-\d\dT", "2026-05-04T12:00:00Z")]

InBook = Annotated[Ledger, Depends(ledger_of)]
CaseRef = Annotated[
    str,
    Path(description="The case's number or id.", min_length=1, max_length=100, pattern=ONE_LINE),
]
KnownPosition = Annotated[
    int | None,
    Query(alias="position", ge=0, le=2**62, description="As known at a position of the log."),
]
KnownAt = Annotated[
    Instant | None, Query(description="As known at an instant (RFC 3339 with offset).")
]
EffectiveOn = Annotated[PlainDate | None, Query(description="As in effect on a date.")]


class InvoiceState(BaseModel):
    """An invoice of the case. Amounts are minor units."""

    invoice: str
    issued_on: date
    due_date: date | None
    kid: str | None
    principal: int
    delivered_on: date | None


class ChargeState(BaseModel):
    """A terminal charge of the case. Amounts are minor units."""

    charge: str
    category: str
    amount: int
    registered_at: datetime
    sent_to_terminal_at: datetime | None
    paid_at: datetime | None
    invoice: str | None


class DisputeState(BaseModel):
    """A dispute of the case."""

    dispute: str
    raised_on: date
    referred_on: date | None
    answered_on: date | None
    outcome: str | None


class CaseState(BaseModel):
    """A case at the moment that was asked for. Amounts are minor units of ``currency``."""

    book: str
    case: UUID
    reference: str | None
    creditor: str | None
    debtor: str | None
    currency: str | None
    state: Literal["unknown", "open", "closed"]
    stage: str
    holds: list[str]
    close_reason: str | None
    balance: dict[str, int]
    outstanding: int
    overpaid: int
    invoices: list[InvoiceState]
    charges: list[ChargeState]
    disputes: list[DisputeState]
    version: int
    known_at: int | datetime | None
    effective_on: date | None


class Line(BaseModel):
    """What happened, in words."""

    nb: str
    en: str


class Entry(BaseModel):
    """One event of a case, with who recorded it when and how."""

    position: int
    version: int
    type: str
    value_date: date
    recorded_at: datetime
    actor: str
    channel: str
    command_id: UUID
    data: dict[str, Any]
    line: Line


class Entries(BaseModel):
    """A case's history, oldest first."""

    book: str
    case: UUID
    events: list[Entry]


class Money(BaseModel):
    """An amount in whole minor units (øre) of its currency."""

    model_config = ConfigDict(extra="forbid", strict=True)

    amount: int = Field(gt=0, le=MAX_AMOUNT, description="Minor units: 45000 is 450.00.")
    currency: str = Field(pattern="^[A-Z]{3}$")


class PaymentReceived(BaseModel):
    """Money that came in on the client account."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "payment": "bank-2026-05-04-17",
                    "amount": {"amount": 20000, "currency": "NOK"},
                    "value_date": "2026-05-04",
                }
            ]
        },
    )

    payment: str = Field(
        min_length=1,
        max_length=100,
        pattern=ONE_LINE,
        description="The receipt, as the bank or payer names it; counts once in a case.",
    )
    amount: Money
    value_date: PlainDate
    order: Literal["costs_interest_principal", "principal_interest_costs"] | None = Field(
        default=None, description="What the debtor wants to be paid first, if he said so."
    )


class Recorded(BaseModel):
    """What a command recorded, and the case after it."""

    command_id: UUID
    position: int = Field(description="The last position that the command's events took.")
    events: list[Entry]
    case: CaseState


@router.get("", operation_id="cases.read", responses=PROBLEMS)
def read_case(
    ledger: InBook,
    case: CaseRef,
    position: KnownPosition = None,
    known_at: KnownAt = None,
    effective_on: EffectiveOn = None,
) -> CaseState:
    """A case with its balance: now, as it was known, or as it is in effect on a date."""
    known = _one_moment(position, known_at)
    found = ledger.case(ledger.find(case), known_at=known, effective_on=effective_on)
    view = case_view(ledger.book, found, known_at=known, effective_on=effective_on)
    return CaseState.model_validate(view)


@router.get("/events", operation_id="cases.events", responses=PROBLEMS)
def read_events(
    ledger: InBook,
    case: CaseRef,
    position: KnownPosition = None,
    known_at: KnownAt = None,
) -> Entries:
    """Everything that happened on a case, in the order in which it was recorded."""
    id = ledger.find(case)
    entries = ledger.history(id, known_at=_one_moment(position, known_at))
    currency = ledger.recorder.currency()
    events = [Entry.model_validate(entry_view(entry, currency)) for entry in entries]
    return Entries(book=ledger.book, case=id, events=events)


@router.post(
    "/payments",
    operation_id="cases.receivePayment",
    status_code=201,
    responses={**PROBLEMS, 409: PROBLEM, 413: PROBLEM},
    response_model=Recorded,
)
def receive_payment(
    request: Request,
    response: Response,
    ledger: InBook,
    case: CaseRef,
    body: PaymentReceived,
    idempotency_key: Annotated[
        str | None,
        Header(
            description="Names this request: sent again with the same key and body, it gets the"
            " first answer and is carried out once.",
            max_length=200,
        ),
    ] = None,
) -> Recorded | JSONResponse:
    """Record a payment; it pays costs, interest and principal in the recorded order."""
    if not idempotency_key:
        raise Rejected(400, "idempotency_key_missing", "Send an Idempotency-Key header.")
    id = ledger.find(case)
    currency = ledger.recorder.currency()
    if body.amount.currency != currency:
        detail = f"Book {ledger.book!r} is kept in {currency}, not in {body.amount.currency}."
        raise Rejected(422, "wrong_currency", detail)
    order = Order(
        case=id,
        command=ReceivePayment(
            on=body.value_date,
            payment=body.payment,
            amount=body.amount.amount,
            order=body.order,
        ),
        command_id=_command_id(idempotency_key),
        actor=ACTOR,
        channel="api",
    )
    outcome = ledger.execute(order)
    if isinstance(outcome, Refusal):
        return refused(outcome, currency, language_of(request))
    entries = ledger.entries(outcome)
    after = ledger.case(id, known_at=outcome.last_position)
    if outcome.repeated:
        response.headers["Idempotent-Replayed"] = "true"
    return Recorded(
        command_id=outcome.command_id,
        position=outcome.last_position,
        events=[Entry.model_validate(entry_view(entry, currency)) for entry in entries],
        case=CaseState.model_validate(case_view(ledger.book, after)),
    )


def _one_moment(position: int | None, known_at: datetime | None) -> int | datetime | None:
    if position is not None and known_at is not None:
        raise Rejected(400, "two_moments", "Name a position or known_at, not both.")
    return known_at if position is None else position


def _command_id(key: str) -> UUID:
    """A key that is a UUID is the command's id; any other text stands for one."""
    try:
        return UUID(key)
    except ValueError:
        return uuid5(NAMESPACE_OID, key)
