"""What the server answers with: models for the document, and values of the same shape."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

import msgspec
from fastapi import Response
from pydantic import BaseModel, Field

from ledger.application.ledger import Ledger
from ledger.application.views import case_view, entry_view
from ledger.domain import events as e
from ledger.domain.case import Case, Hold, Stage, State
from ledger.domain.recorded import Recorded as LogEntry
from ledger.projections.worklist import CaseRow

EventName = Literal[tuple(event.name for event in e.EVENT_TYPES)]  # type: ignore[valid-type]


class LineState(BaseModel):
    """A line of an invoice, and what is still owed of it. Amounts are minor units."""

    line: int
    category: e.LineCategory
    amount: int
    egenandel: bool
    owed: int


class InvoiceState(BaseModel):
    """An invoice of the case. Amounts are minor units."""

    invoice: str
    issued_on: date
    due_date: date | None
    kid: str | None
    principal: int
    delivered_on: date | None
    service_date: date | None
    lines: list[LineState]


class LetterState(BaseModel):
    """A letter that was sent. ``fee`` is in minor units."""

    letter: str
    kind: e.LetterKind
    sent_on: date
    deadline: date | None
    channel: e.DeliveryChannel
    fee: int
    void: bool


class PaymentState(BaseModel):
    """A payment. Amounts are minor units."""

    payment: str
    amount: int
    value_date: date
    overpaid: int
    reversed: bool


class InstalmentState(BaseModel):
    """What is to be paid of a plan, and when. The amount is in minor units."""

    due: date
    amount: int


class PlanState(BaseModel):
    """An instalment plan. ``paid`` is in minor units."""

    plan: str
    instalments: list[InstalmentState]
    paid: int
    broken_on: date | None
    completed_on: date | None


class AuthorisationState(BaseModel):
    """Somebody whom the patient lets ask and answer, by a random id."""

    authorisation: str
    scope: e.AuthorisationScope
    valid_from: date
    valid_to: date | None
    valid: bool


class TaskState(BaseModel):
    """Something that somebody must look at."""

    task: str
    kind: e.TaskKind
    due_on: date


class ApprovalState(BaseModel):
    """Something that takes two people, and how far that has come."""

    approval: str
    action: str | None
    requested_by: str
    outcome: Literal["pending", "given", "declined"]


class ChargeState(BaseModel):
    """A terminal charge of the case. Amounts are minor units."""

    charge: str
    category: e.LineCategory
    amount: int
    registered_at: datetime
    sent_to_terminal_at: datetime | None
    paid_at: datetime | None
    invoice: str | None


class DisputeState(BaseModel):
    """A dispute of the case."""

    dispute: str
    category: str | None
    raised_on: date
    referred_on: date | None
    answered_on: date | None
    outcome: e.DisputeOutcome | None


class Line(BaseModel):
    """What happened, in words."""

    nb: str
    en: str


class ErasedState(BaseModel):
    """That what was known of the debtor was destroyed, and how a reader is told so."""

    on: date
    kept_until: date | None = Field(
        description="The last day on which bookkeeping law keeps who it was; null if nothing is."
    )
    text: Line


class CaseState(BaseModel):
    """A case at the moment that was asked for. Amounts are minor units of ``currency``."""

    book: str
    case: UUID
    reference: str | None
    creditor: str | None
    debtor: str | None
    debtor_role: e.DebtorRole
    debtor_erased: ErasedState | None
    currency: str | None
    state: State
    stage: Stage
    holds: list[Hold]
    hold_ends: dict[Hold, date | None]
    close_reason: e.CloseReason | None
    balance: dict[e.Component, int]
    outstanding: int
    overpaid: int
    on: date = Field(description="The day for what depends on one: holds, interest.")
    interest_running: int | None = Field(
        description="Interest up to that day that no event has fixed; null without a rate."
    )
    invoices: list[InvoiceState]
    charges: list[ChargeState]
    letters: list[LetterState]
    payments: list[PaymentState]
    disputes: list[DisputeState]
    plans: list[PlanState]
    circumstances: dict[e.Circumstance, date]
    authorisations: list[AuthorisationState]
    contact_channel: e.ContactChannel | None
    tasks: list[TaskState]
    approvals: list[ApprovalState]
    legal_decision_awaited: e.LegalReason | None
    version: int
    known_at: int | datetime | None
    effective_on: date | None


class Entry(BaseModel):
    """One event of a case, with who recorded it when and how."""

    position: int
    version: int
    type: EventName  # type: ignore[valid-type]
    value_date: date
    recorded_at: datetime
    actor: str
    channel: str
    command_id: UUID
    currency: str
    data: dict[str, Any] = Field(description="The fact itself; amounts are minor units.")
    line: Line


class Entries(BaseModel):
    """A case's history, oldest first."""

    book: str
    case: UUID
    events: list[Entry]


class Recorded(BaseModel):
    """What a command recorded, and the case after it."""

    command_id: UUID
    position: int = Field(description="The last position that the command's events took.")
    events: list[Entry]
    case: CaseState | None = Field(description="null after a command to a clinic or a receipt.")


class Done(BaseModel):
    """That a command was carried out, for whoever asked to be told no more."""

    command_id: UUID
    position: int = Field(description="The last position that the command's events took.")


class Preview(BaseModel):
    """What a command would record now, and the case after it. Nothing has been recorded."""

    dry_run: Literal[True] = True
    events: list[Entry]
    case: CaseState | None = Field(description="null after a command to a clinic or a receipt.")


class Balance(BaseModel):
    """What is owed on a case. Amounts are minor units of ``currency``."""

    book: str
    case: UUID
    currency: str | None
    balance: dict[e.Component, int]
    outstanding: int
    overpaid: int
    on: date
    interest_running: int | None
    version: int
    known_at: int | datetime | None
    effective_on: date | None


class CaseLine(BaseModel):
    """A case in a list. Amounts are minor units of ``currency``."""

    case: UUID
    reference: str
    creditor: str
    debtor: str | None
    currency: str
    state: State
    stage: Stage
    holds: list[Hold] = Field(description="Those included whose last day may have passed.")
    outstanding: int
    overpaid: int
    opened_on: date
    due_date: date | None = Field(description="When the first invoice falls due.")
    version: int

    @classmethod
    def of(cls, row: CaseRow) -> Self:
        """A row of the worklist."""
        return cls.model_validate({**row._asdict(), "case": row.stream})


class CasePage(BaseModel):
    """Cases in the order in which they were opened, and where the next page begins."""

    book: str
    cases: list[CaseLine]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


def state_of(
    ledger: Ledger,
    case: Case,
    *,
    on: date | None = None,
    known_at: int | datetime | None = None,
    effective_on: date | None = None,
) -> dict[str, Any]:
    """A ``CaseState``: a case as it is answered, on a day, which is today if none is given."""
    return case_view(
        ledger.book,
        case,
        on=on or ledger.today(),
        rules=ledger.rules,  # interest depends on no clinic's policy
        known_at=known_at,
        effective_on=effective_on,
    )


def balance_of(state: Mapping[str, Any]) -> dict[str, Any]:
    """A ``Balance``: what is owed, of the state of a case."""
    return {name: state[name] for name in Balance.model_fields}


def entry_of(entry: LogEntry, currency: str) -> dict[str, Any]:
    """An ``Entry``: an entry of the log as it is answered."""
    return {**entry_view(entry, currency), "currency": currency}


def written(answer: Any, headers: Mapping[str, str], status: int = 200) -> Response:
    """An answer that is made of plain values already.

    The framework would check each answer against its model, and write it value by value. That they
    agree is what the tests are for; here it took longer than to find the answer.
    """
    return Response(msgspec.json.encode(answer), status, headers, "application/json")
