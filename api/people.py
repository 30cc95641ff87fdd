"""People, by the cases on which they owe: who they are, who looked, and whose cases are theirs.

Personal data are in bodies and never in an address, which ends up in other people's logs.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, Self, TypeVar
from uuid import UUID

import msgspec
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.access import clinic_asked_for
from api.answers import CaseLine, CasePage
from api.bodies import ONE_LINE, PossibleDate, body_of, command_from
from api.books import InBook, View
from api.cases import CASE_PROBLEMS, ENTRY_PROBLEMS, MOST_LISTED, CaseRef, ok
from api.commands import IdempotencyKey
from api.cursors import Cursors
from api.positions import AT_POSITION, MinPosition, lists_have_reached
from api.problems import Rejected, language_of, refused, responses
from api.structs import answer_of
from api.vaults import For, InVault, Looking
from api.working import Why, why
from ledger.access.callers import Caller
from ledger.domain import national_identity
from ledger.domain import personal as p
from ledger.domain.personal import Reader
from ledger.domain.refusals import Refusal
from ledger.people import access_report
from ledger.people.case_notes import notes_on
from ledger.people.search import SearchKeys, SearchKind
from ledger.people.vault import Read
from ledger.people.vault import View as Seen
from ledger.projections.debtors import owing_in_sight
from ledger.projections.worklist import Filter, cases

router = APIRouter(prefix="/v1/books/{book}", tags=["people"])

_LOOK: Final = ("vault_closed", "purpose_missing", "purpose_not_permitted")
_BODY: Final = ("malformed_body", "body_too_large")
_CASE: Final = tuple(code for code in CASE_PROBLEMS if code != "position_not_reached")
_NO_STORE: Final = {
    "Cache-Control": {"description": "Always no-store.", "schema": {"type": "string"}}
}
_PERSON: Final[type[BaseModel]] = body_of(p.Person)

Outcome = TypeVar("Outcome")


class Registered(BaseModel):
    """A person who was taken in."""

    subject: UUID = Field(description="Names the person in events: what a case's debtor is.")


class Corrected(BaseModel):
    """What is put right of a person."""

    subject: UUID
    changed: list[p.Field]


class DebtorState(BaseModel):
    """Who owes on a case, as the caller may see them."""

    subject: UUID
    person: answer_of(p.Person)  # type: ignore[valid-type]
    erased_at: datetime | None
    kept_until: date | None = Field(
        description="Of who has been erased: until when bookkeeping law keeps what is left."
    )
    withheld: Why | None = Field(description="Why the addresses are not shown.")
    unreadable: list[p.Retention] = Field(description="What is there, but its key is gone.")


class NoteState(BaseModel):
    """A note on the case. Its text is null once it was erased, or where it was never kept."""

    note: str
    position: int
    on: date
    taken_at: datetime
    taken_by: str
    text: str | None


class NotesOnCase(BaseModel):
    """The notes on a case, oldest first."""

    book: str
    case: UUID
    notes: list[NoteState]


class Look(BaseModel):
    """That somebody looked at a person's data, or was told no."""

    at: datetime
    actor: str
    purpose: p.Purpose
    what: list[str]
    refused: str | None

    @classmethod
    def of(cls, read: Read) -> Self:
        """A read as it is answered."""
        return cls.model_validate(read, from_attributes=True)


class Looks(BaseModel):
    """Who looked at the data of a case's debtor, oldest first."""

    subject: UUID
    reads: list[Look]


class ByNameAndBirthDate(BaseModel):
    """A name and a date of birth: neither alone tells people apart."""

    model_config = ConfigDict(extra="forbid")

    by: Literal["name_and_birth_date"]
    name: str = Field(
        min_length=1,
        max_length=200,
        pattern=ONE_LINE,
        description="In full; case, spaces and punctuation do not matter, nor Surname, First.",
    )
    birth_date: PossibleDate

    def entry(self, search: SearchKeys, today: date) -> tuple[SearchKind, bytes] | Refusal:
        """Under what it is found."""
        return search.name_and_birth_date(self.name, self.birth_date)


class ByPhone(BaseModel):
    """A phone number, however it is written."""

    model_config = ConfigDict(extra="forbid")

    by: Literal["phone"]
    phone: str = Field(min_length=3, max_length=30, pattern=r"^\+?[\d ()./-]+$")

    def entry(self, search: SearchKeys, today: date) -> tuple[SearchKind, bytes] | Refusal:
        """Under what it is found."""
        return search.phone(self.phone)


class ByNationalIdentityNumber(BaseModel):
    """A national identity number, D number or help number."""

    model_config = ConfigDict(extra="forbid")

    by: Literal["national_identity_number"]
    national_identity_number: str = Field(min_length=1, max_length=30, pattern=ONE_LINE)

    def entry(self, search: SearchKeys, today: date) -> tuple[SearchKind, bytes] | Refusal:
        """Under what it is found."""
        if national_identity.parse(self.national_identity_number, today) is None:
            return Refusal("invalid_national_identity_number")
        return search.number(self.national_identity_number)


class CaseSearch(BaseModel):
    """Whose cases are looked for."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "debtor": {
                        "by": "name_and_birth_date",
                        "name": "Generert Testperson",
                        "birth_date": "1982-10-30",
                    }
                }
            ]
        },
    )

    debtor: Annotated[
        ByNameAndBirthDate | ByPhone | ByNationalIdentityNumber, Field(discriminator="by")
    ]
    state: Literal["open", "closed"] | None = None
    cursor: str | None = Field(default=None, max_length=2_000, description="Of the page before.")
    limit: Annotated[int, Field(strict=True, ge=1, le=MOST_LISTED)] = 50


def _example(body: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"content": {"application/json": {"example": body}}}}


@router.post(
    "/people",
    operation_id="people.register",
    status_code=201,
    responses=responses(
        *ENTRY_PROBLEMS, *_BODY, "vault_closed", "idempotency_key_missing", "command_id_reused",
        "invalid_national_identity_number",
    ),
    response_model=Registered,
    openapi_extra=_example(
        {"name": "Generert Testperson", "birth_date": "1982-10-30", "phone": "22 33 44 55"}
    ),
)  # fmt: skip
def register_person(
    request: Request,
    view: InBook,
    vault: InVault,
    key: IdempotencyKey,
    body: _PERSON,  # type: ignore[valid-type]
) -> Registered | Response:
    """Take a person in; anything but what is known may be left out.

    The answer's ``subject`` is what a case is opened with as its debtor. Nobody is looked for: who
    may be known already is found by a search.
    """
    currency = view.ledger.recorder.currency()
    person = command_from(body, p.Person, currency)
    subject = vault.add(person, view.caller.actor, view.ledger.today(), key)
    if isinstance(subject, Refusal):
        return refused(request, subject, currency)
    return Registered(subject=subject)


@router.get(
    "/cases/{case}/debtor",
    operation_id="debtors.read",
    responses={
        **ok("Who owes.", _NO_STORE),
        **responses(*_CASE, *_LOOK, "debtor_not_registered"),
    },
    dependencies=[Looking],
)
def read_debtor(
    request: Request, response: Response, view: InBook, vault: InVault, case: CaseRef, purpose: For
) -> DebtorState:
    """Who owes on a case: name, birth date, contact. That you looked, and why, is on record.

    Protected addresses are withheld. What was erased is missing, and is no error.
    """
    seen = _found(vault.read(_debtor_of(view, case), _reader(view.caller), purpose))
    response.headers["Cache-Control"] = "no-store"
    return _told(request, view, seen)


@router.patch(
    "/cases/{case}/debtor",
    operation_id="debtors.correct",
    responses=responses(
        *_CASE, *_BODY, "vault_closed", "debtor_not_registered", "subject_erased",
        "protected_address", "invalid_national_identity_number",
    ),
    response_model=Corrected,
    dependencies=[Looking],
    openapi_extra=_example({"phone": "22 33 44 55"}),
)  # fmt: skip
def correct_debtor(
    request: Request,
    view: InBook,
    vault: InVault,
    case: CaseRef,
    body: _PERSON,  # type: ignore[valid-type]
) -> Corrected | Response:
    """Put right what is known of who owes on a case; what it replaces is gone.

    What is left out stays as it is; null takes a value away, [] the addresses. It is on record as
    a look for ``correct_data``.
    """
    currency = view.ledger.recorder.currency()
    given: BaseModel = body
    new = command_from(given, p.Person, currency)
    changes = {name: getattr(new, name) for name in p.FIELDS if name in given.model_fields_set}
    if not changes:
        fault = {"pointer": "", "detail": "Name at least one field."}
        raise Rejected("invalid_request", extra={"errors": [fault]})
    subject = _debtor_of(view, case)
    seen = vault.change(subject, changes, _reader(view.caller), view.ledger.today())
    if isinstance(seen, Refusal) and seen.code != "unknown_subject":
        return refused(request, seen, currency)
    return Corrected(subject=_found(seen).subject, changed=list(changes))


@router.get(
    "/cases/{case}/debtor/reads",
    operation_id="debtors.reads",
    responses={
        **ok("Who looked."),
        **responses(*_CASE, "vault_closed", "debtor_not_registered"),
    },
)
def read_looks(view: InBook, vault: InVault, case: CaseRef) -> Looks:
    """Who looked at the data of who owes on a case: when, why, and at what."""
    subject = _debtor_of(view, case)
    return Looks(subject=subject, reads=[Look.of(read) for read in vault.reads(subject)])


@router.get(
    "/cases/{case}/notes",
    operation_id="notes.read",
    responses={
        **ok("The notes.", _NO_STORE),
        **responses(*_CASE, *_LOOK, "debtor_not_registered"),
    },
    dependencies=[Looking],
)
def read_notes(
    response: Response, view: InBook, vault: InVault, case: CaseRef, purpose: For
) -> NotesOnCase:
    """What was written about a case. That you looked, and why, is on record."""
    id = view.find(case).id
    found = _found(notes_on(vault, view.ledger, id, _reader(view.caller), purpose))
    response.headers["Cache-Control"] = "no-store"
    notes = [NoteState.model_validate(one, from_attributes=True) for one in found]
    return NotesOnCase(book=view.book, case=id, notes=notes)


@router.get(
    "/cases/{case}/debtor/access-report",
    operation_id="debtors.accessReport",
    response_model=answer_of(access_report.AccessReport),
    responses={
        **ok("The report.", _NO_STORE),
        **responses(*_CASE, "vault_closed", "debtor_not_registered"),
    },
    dependencies=[Looking],
)
def read_access_report(
    request: Request, response: Response, view: InBook, vault: InVault, case: CaseRef
) -> Any:
    """All that is kept about who owes on a case, in words, to be handed to them (GDPR article 15).

    In the language of Accept-Language. It covers all of the person's cases in the book, and is
    itself on record as a look for ``access_request``.
    """
    language = language_of(request)
    report = access_report.access_report(
        vault,
        view.books.ledger(view.book),
        _debtor_of(view, case),
        _reader(view.caller),
        language,
        view.ledger.today(),
    )
    response.headers.update({"Cache-Control": "no-store", "Content-Language": language})
    return _found(report)


@router.post(
    "/case-searches",
    operation_id="cases.search",
    status_code=200,
    responses={
        **ok("A page of cases.", AT_POSITION, _NO_STORE),
        **responses(
            *ENTRY_PROBLEMS, *_BODY, *_LOOK, "invalid_cursor", "position_not_reached",
            "invalid_national_identity_number",
        ),
    },
    response_model=CasePage,
    dependencies=[Looking],
)  # fmt: skip
def search_cases(
    request: Request,
    response: Response,
    view: InBook,
    vault: InVault,
    purpose: For,
    body: CaseSearch,
    min_position: MinPosition = None,
) -> CasePage | Response:
    """The cases on which somebody owes, by name and birth date, phone or national identity number.

    Exact: who is known under another spelling is not found. Each person who is found is on record
    as having been looked for. A clinic finds its own cases, and learns nothing of others'.
    """
    lists_have_reached(view, min_position, response)
    response.headers["Cache-Control"] = "no-store"
    entry = body.debtor.entry(vault.search, view.ledger.today())
    if isinstance(entry, Refusal):
        return refused(request, entry, view.ledger.recorder.currency())
    among = _in_sight_of(view) if view.caller.role == "clinic" else None
    wanted = Filter(
        debtors=tuple(map(str, vault.find(entry, _reader(view.caller), purpose, among))),
        clinic=clinic_asked_for(view.caller, None),
        state=body.state,
    )
    cursors = Cursors(view.books.engine, view.book, "case-searches")
    after = int(cursors.read(body.cursor, wanted._asdict()) or 0)
    with view.ledger.engine.connect() as connection:
        rows = cases(connection, view.book, wanted, after=after, limit=body.limit + 1)
    page = rows[: body.limit]
    return CasePage(
        book=view.book,
        cases=[CaseLine.of(row) for row in page],
        next=cursors.write(page[-1].opened_at, wanted._asdict()) if len(rows) > len(page) else None,
    )


def _in_sight_of(view: View) -> Callable[[Sequence[UUID]], set[UUID]]:
    """Tells which subjects owe on a case that the caller may see: asked of the database as he."""

    def among(found: Sequence[UUID]) -> set[UUID]:
        with view.ledger.engine.connect() as connection:
            seen = owing_in_sight(connection, view.book, [str(subject) for subject in found])
        return {UUID(subject) for subject in seen}

    return among


def _debtor_of(view: View, reference: str) -> UUID:
    """The subject who owes on a case. Raises ``CaseNotFound`` or ``Rejected``."""
    debtor = view.find(reference).debtor
    try:
        return UUID(debtor or "")
    except ValueError:
        raise Rejected("debtor_not_registered") from None


def _reader(caller: Caller) -> Reader:
    """Nobody is cleared for protected addresses over HTTP."""
    return Reader(caller.actor)


def _found(outcome: Outcome | Refusal) -> Outcome:
    """What was found. Raises ``Rejected`` where the vault knows nobody by the id."""
    if isinstance(outcome, Refusal):
        assert outcome.code == "unknown_subject", outcome
        raise Rejected("debtor_not_registered")
    return outcome


def _told(request: Request, view: View, seen: Seen) -> DebtorState:
    currency = view.ledger.recorder.currency()
    return DebtorState(
        subject=seen.subject,
        person=msgspec.to_builtins(seen.person),
        erased_at=seen.erased_at,
        kept_until=seen.kept_until,
        withheld=why(seen.withheld, language_of(request), currency),
        unreadable=list(seen.unreadable),
    )
