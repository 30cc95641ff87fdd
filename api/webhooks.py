"""Webhooks: addresses to which the log is pushed."""

from datetime import datetime
from typing import Annotated, Final, Self
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from api.answers import EventName
from api.bodies import ONE_LINE
from api.books import InBook
from api.cases import ENTRY_PROBLEMS
from api.problems import Rejected, responses
from ledger.feed import webhooks

router = APIRouter(prefix="/v1/books/{book}/webhooks", tags=["webhooks"])

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost"})


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
        good = bool(parts.hostname) and (parts.scheme == "https" or plain) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise PydanticCustomError("address", "It must begin with https:// and name a host.")
    return url


Address = Annotated[
    str, Field(min_length=10, max_length=500, pattern=r"^[!-~]+$"), AfterValidator(_address)
]
WebhookId = Annotated[UUID, Path(description="The webhook's id.")]
Position = Annotated[int, Path(ge=1, le=2**62, description="The entry's position.")]


class NewWebhook(BaseModel):
    """Where to push what."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"url": "https://clinic.example/ledger", "types": ["payment_received"]}]
        },
    )

    url: Address
    types: list[EventName] = Field(  # type: ignore[valid-type]
        default=[], max_length=50, description="Events of these names only; empty: all."
    )
    clinic: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        pattern=ONE_LINE,
        description="Of this clinic's cases only.",
    )
    after: int | None = Field(
        default=None, ge=0, le=2**62, strict=True, description="From where on; else from now on."
    )


class WebhookState(BaseModel):
    """An address, and how far it has been told."""

    webhook: UUID
    url: str
    types: list[str]
    clinic: str | None
    position: int
    created_at: datetime
    created_by: str
    ended_at: datetime | None

    @classmethod
    def of(cls, webhook: webhooks.Webhook) -> Self:
        """A webhook as it is answered."""
        return cls.model_validate(webhook, from_attributes=True)


class CreatedWebhook(WebhookState):
    """A new address, with the secret that its deliveries are signed with."""

    secret: str = Field(description="Told this once. Verify with any Standard Webhooks library.")


class FailureState(BaseModel):
    """An entry that an address has not taken."""

    position: int
    attempts: int
    failed_at: datetime
    next_attempt_at: datetime | None = Field(description="null: it is dead, and tried no more.")
    status: int | None
    error: str


@router.post(
    "",
    operation_id="webhooks.create",
    status_code=201,
    responses=responses(*ENTRY_PROBLEMS, "malformed_body", "body_too_large"),
)
def create_webhook(view: InBook, body: NewWebhook) -> CreatedWebhook:
    """Push the log to an address from now on, signed and in CloudEvents envelopes."""
    head = view.ledger.recorder.head().position
    made, secret = webhooks.create(
        view.books.engine,
        view.book,
        url=body.url,
        types=body.types,
        clinic=body.clinic,
        after=head if body.after is None else body.after,
        created_by=view.caller.actor,
    )
    return CreatedWebhook(**WebhookState.of(made).model_dump(), secret=secret)


@router.get("", operation_id="webhooks.list", responses=responses(*ENTRY_PROBLEMS))
def list_webhooks(view: InBook) -> list[WebhookState]:
    """The addresses of the book, those that have ended among them."""
    return [WebhookState.of(w) for w in webhooks.listed(view.books.engine, view.book)]


@router.delete(
    "/{webhook}",
    operation_id="webhooks.end",
    status_code=204,
    responses=responses(*ENTRY_PROBLEMS, "webhook_not_found"),
)
def end_webhook(view: InBook, webhook: WebhookId) -> None:
    """Push no more to an address."""
    if not webhooks.end(view.books.engine, view.book, webhook):
        raise Rejected("webhook_not_found")


@router.get(
    "/{webhook}/failures",
    operation_id="webhooks.failures",
    responses=responses(*ENTRY_PROBLEMS, "webhook_not_found"),
)
def list_failures(view: InBook, webhook: WebhookId) -> list[FailureState]:
    """What an address has not taken, the first thousand by position, dead ones among them."""
    found = webhooks.failures(view.books.engine, view.book, webhook)
    if found is None:
        raise Rejected("webhook_not_found")
    return [FailureState.model_validate(failure, from_attributes=True) for failure in found]


@router.post(
    "/{webhook}/failures/{position}/redelivery",
    operation_id="webhooks.redeliver",
    status_code=202,
    responses=responses(*ENTRY_PROBLEMS, "delivery_not_found"),
)
def redeliver(view: InBook, webhook: WebhookId, position: Position) -> None:
    """Try a failed entry again at once, and as often as a new one."""
    if not webhooks.redeliver(view.books.engine, view.book, webhook, position):
        raise Rejected("delivery_not_found")
