"""Clinics and bank receipts: the streams beside the cases."""

from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from api.answers import Entry, entry_of, written
from api.bodies import ONE_LINE
from api.books import InBook, View
from api.cases import ENTRY_PROBLEMS, ok
from api.positions import AT_POSITION, MinPosition, log_has_reached
from api.problems import Rejected, responses
from api.structs import answer_of
from api.versions import ETAG, etag
from ledger.domain.clinic import Clinic
from ledger.domain.policy import ClinicPolicy
from ledger.domain.receipt import Receipt
from ledger.domain.recorded import Recorded
from ledger.log.recorder import BookRecorder

router = APIRouter(prefix="/v1/books/{book}", tags=["parties"])

PROBLEMS: Final = (*ENTRY_PROBLEMS, "position_not_reached")

ClinicName = Annotated[
    str, Path(description="The clinic's name.", min_length=1, max_length=100, pattern=ONE_LINE)
]
ReceiptName = Annotated[
    str, Path(description="The receipt's name.", min_length=1, max_length=100, pattern=ONE_LINE)
]


class ClinicState(BaseModel):
    """A clinic, and how it wants its cases handled."""

    book: str
    clinic: str
    organisation_number: str | None
    trade_name: str | None
    account: str | None
    policy: answer_of(ClinicPolicy) = Field(  # type: ignore[valid-type]
        description="What differs from the defaults; øre and days."
    )
    version: int


class ReceiptState(BaseModel):
    """Money on the client account, and what became of it."""

    book: str
    receipt: str
    state: Literal["unknown", "queued", "matched", "returned"]
    case: str | None
    version: int
    events: list[Entry]


@router.get(
    "/clinics/{clinic}",
    operation_id="clinics.read",
    response_model_exclude_unset=True,
    responses={
        **ok("The clinic.", AT_POSITION, ETAG),
        **responses(*PROBLEMS, "clinic_not_found"),
    },
)
def read_clinic(
    response: Response, view: InBook, clinic: ClinicName, min_position: MinPosition = None
) -> ClinicState:
    """A clinic with its policy and its account."""
    log_has_reached(view, min_position, response)
    if view.caller.clinic not in {None, clinic}:
        raise Rejected("clinic_not_found")
    entries = _history(view, "clinic", clinic)
    found = Clinic.fold(view.ledger.clinic(clinic).id, entries)
    response.headers["ETag"] = etag(found.version)
    return ClinicState(
        book=view.book,
        clinic=clinic,
        organisation_number=found.organisation_number,
        trade_name=found.trade_name,
        account=found.account,
        policy=_policy(found),
        version=found.version,
    )


@router.get(
    "/receipts/{receipt}",
    operation_id="receipts.read",
    response_model=ReceiptState,
    responses={
        **ok("The receipt.", AT_POSITION, ETAG),
        **responses(*PROBLEMS, "receipt_not_found"),
    },
)
def read_receipt(
    response: Response, view: InBook, receipt: ReceiptName, min_position: MinPosition = None
) -> Response:
    """A bank receipt: what it was, and the case that it was matched to."""
    log_has_reached(view, min_position, response)
    entries = _history(view, "receipt", receipt)
    found = Receipt.fold(UUID(entries[0].stream), entries)
    currency = view.ledger.recorder.currency()
    response.headers["ETag"] = etag(found.version)
    told = {
        "book": view.book,
        "receipt": receipt,
        "state": found.state,
        "case": found.case,
        "version": found.version,
        "events": [entry_of(entry, currency) for entry in entries],
    }
    return written(told, response.headers)


def _history(view: View, kind: str, name: str) -> list[Recorded]:
    """The entries of the stream with this name. Raises ``Rejected``."""
    recorder: BookRecorder = view.ledger.recorder
    stream = recorder.stream_named(kind, name)
    if stream is None:
        raise Rejected(f"{kind}_not_found")
    return view.ledger.history(stream)


def _policy(clinic: Clinic) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(clinic.policy)
    return found
