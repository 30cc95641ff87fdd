"""Commands: one route for each noun, and one for many commands at once.

A command is carried out once for each idempotency key. The key is the caller's own: two callers
may use the same one.
"""

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, Signature
from typing import Annotated, Any, Final, Literal, NamedTuple, Union
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec
from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, create_model

from api import access
from api.answers import Done, Preview, Recorded, entry_of, state_of, written
from api.bodies import ONE_LINE, WrongCurrency, body_of, command_from, example_of
from api.books import InBook, View
from api.cases import ENTRY_PROBLEMS
from api.nouns import NOUNS, Noun, Of
from api.positions import AT_POSITION, POSITION
from api.problems import REFUSALS, Problem, Rejected, refused, rejection, responses
from api.versions import ETAG, IfMatch, IfMatchOrNot, etag, expected_version
from ledger.application.ledger import OSLO, CaseNotFound
from ledger.application.orders import Order, Receipt
from ledger.domain.case import Case
from ledger.domain.commands import TakeNote
from ledger.domain.events import CaseOpened
from ledger.domain.recorded import Recorded as LogEntry
from ledger.domain.refusals import Refusal

router = APIRouter(prefix="/v1/books/{book}")

LARGEST_BATCH: Final = 100
"""Commands of one request: they share a transaction, others wait for it, and each is answered
with its case: a few seconds on a busy machine."""
_KEY: Final = r"^[!-~]{1,200}$"
REPLAYED: Final = "Idempotent-Replayed"

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        description="Names this request: sent again with the same key and body, it gets the first"
        " answer and is carried out once.",
        pattern=_KEY,
    ),
]

_COMMAND_PROBLEMS: Final = (
    "malformed_body",
    "idempotency_key_missing",
    "body_too_large",
    *(code for code in REFUSALS if code != "version_conflict"),
)


Told = tuple[int, dict[str, Any], dict[str, str]] | JSONResponse
"""Status, answer and headers; or a problem."""

NOTHING_FOUND: Final[Mapping[str, UUID]] = {}


class Wish(NamedTuple):
    """How a command is to be carried out."""

    dry: bool
    brief: bool
    """Whether the caller does not care what was recorded. Only asked of batches."""


DryRun = Annotated[
    bool, Query(description="Answer with the events that it would record; record nothing.")
]
Prefer = Annotated[
    str | None,
    Header(
        max_length=200,
        description="``dry-run`` does what ?dry_run=true does. ``return=minimal`` (RFC 7240)"
        " has a batch answered with the position of each command alone, which is quicker.",
    ),
]


def wish_of(dry_run: bool, prefer: str | None) -> Wish:
    """What a caller says of how a command is to be carried out."""
    asked = {part.strip().lower() for part in (prefer or "").split(",")}
    return Wish(dry_run or "dry-run" in asked, "return=minimal" in asked)


def command_id(view: View, key: str) -> UUID:
    """The id of the command that this caller names with this key."""
    return uuid5(NAMESPACE_OID, f"{view.book}\n{view.caller.actor}\n{key}")


def order_of(
    view: View,
    noun: Noun,
    body: BaseModel,
    *,
    case: UUID | None,
    key: str,
    version: int | None,
    tell: bool = True,
) -> Order:
    """What the application is to carry out. A command that makes a case makes its id too."""
    id = command_id(view, key)
    return Order(
        case=case or uuid5(id, "case"),
        command=command_from(body, noun.command, view.ledger.recorder.currency()),
        command_id=id,
        actor=view.caller.actor,
        channel="api",
        expected_version=version,
        tell=tell,
    )


def asked_of(
    view: View, noun: Noun, reference: str, found_before: Mapping[str, UUID] = NOTHING_FOUND
) -> UUID:
    """The stream that a command is for. Raises ``CaseNotFound`` or ``Rejected``, also for what is
    another's.
    """
    if noun.of == "case":
        if view.sees_some:
            return view.find(reference).id
        # Whoever may see all cases learns from the answer itself that there is none.
        return found_before.get(reference) or view.ledger.find(reference)
    found = view.ledger.recorder.stream_named(noun.of, reference)
    if found is None:
        raise Rejected(f"{noun.of}_not_found")
    return found if noun.beside is None else noun.beside(found)


def wrong_currency(request: Request, view: View, error: WrongCurrency) -> JSONResponse:
    """An amount that the book can't hold, as the refusal that the domain would give."""
    refusal = Refusal("wrong_currency", {"currency": error.currency})
    return refused(request, refusal, view.ledger.recorder.currency())


async def answer(request: Request, view: View, order: Order, wish: Wish) -> Told:
    """Carry an order out, or only try it. What needs the database is done in a thread."""
    if wish.dry:
        return await run_in_threadpool(tried, request, view, order)
    ledger = view.ledger
    if view.sees_some:
        ledger = await run_in_threadpool(view.books.ledger, view.book)
    outcome = await ledger.execute_soon(order)
    if isinstance(outcome, Refusal):
        return await run_in_threadpool(_refused, request, view, order, outcome)
    currency = ledger.recorder.currency()
    if outcome.told is None:
        return 201, *(await run_in_threadpool(recorded, view, outcome, currency))
    return 201, *recorded(view, outcome, currency)


def tried(request: Request, view: View, order: Order) -> Told:
    """What an order would be answered with; nothing is recorded."""
    ledger = view.books.ledger(view.book)
    currency = ledger.recorder.currency()
    found = ledger.preview(order)
    if isinstance(found, Refusal):
        return _refused(request, view, order, found)
    preview = {
        "dry_run": True,
        "events": [entry_of(entry, currency) for entry in found],
        "case": _case_with(view, order, found),
    }
    return 200, preview, {"Preference-Applied": "dry-run"}


def recorded(view: View, receipt: Receipt, currency: str) -> tuple[dict[str, Any], dict[str, str]]:
    """A ``Recorded``: the answer to a command that was carried out, the same however often it is
    asked for; with its headers.
    """
    told = receipt.told
    entries = told.entries if told else view.ledger.entries(receipt)
    versions = [entry.version for entry in entries if entry.stream == str(receipt.case)]
    headers = {POSITION: str(receipt.last_position), "ETag": etag(max(versions))}
    if receipt.repeated:
        headers[REPLAYED] = "true"
    body = {
        "command_id": receipt.command_id,
        "position": receipt.last_position,
        "events": [entry_of(entry, currency) for entry in entries],
        "case": _case_after(view, receipt, entries[-1]),
    }
    return body, headers


def _case_after(view: View, receipt: Receipt, last: LogEntry) -> dict[str, Any] | None:
    """The case as it stood at an entry, on that entry's day: the same whenever it is asked."""
    on = last.recorded_at.astimezone(OSLO).date()
    if receipt.told is not None:
        case = receipt.told.case
        return None if case is None else state_of(view.ledger, case, on=on)
    history = view.ledger.history(receipt.case, known_at=last.position)
    if not isinstance(history[0].event, CaseOpened):
        return None
    return state_of(view.ledger, Case.fold(receipt.case, history), on=on)


def _case_with(view: View, order: Order, found: Sequence[LogEntry]) -> dict[str, Any] | None:
    """The case as it would be with these entries."""
    try:
        known = view.ledger.history(order.case)
    except CaseNotFound:
        known = []
    new = [entry for entry in found if entry.version > len(known)]
    whole = [entry for entry in (*known, *new) if entry.stream == str(order.case)]
    if not isinstance(whole[0].event, CaseOpened):
        return None
    return state_of(view.ledger, Case.fold(order.case, whole))


def _history(view: View, order: Order) -> list[Any]:
    return list(view.ledger.history(order.case))


def _refused(request: Request, view: View, order: Order, refusal: Refusal) -> JSONResponse:
    currency = view.ledger.recorder.currency()
    if refusal.code == "case_not_open":
        return rejection(request, Rejected("case_not_found"))
    if refusal.code == "name_taken" and view.caller.role == "clinic":
        hidden = {name: fact for name, fact in refusal.facts.items() if name != "case"}
        refusal = Refusal(refusal.code, hidden)
    newer: list[dict[str, Any]] = []
    if refusal.code == "version_conflict" and order.expected_version is not None:
        newer = [
            entry_of(entry, currency)
            for entry in _history(view, order)
            if entry.version > order.expected_version
        ]
    return refused(request, refusal, currency, msgspec.to_builtins(newer))


def _good() -> dict[int | str, dict[str, Any]]:
    headers = {
        **AT_POSITION,
        **ETAG,
        REPLAYED: {
            "description": "The command had been carried out before; this is the first answer.",
            "schema": {"type": "string", "enum": ["true"]},
        },
    }
    return {
        201: {"model": Recorded, "description": "Recorded.", "headers": headers},
        200: {"model": Preview, "description": "A dry run: nothing was recorded."},
    }


_WHICH: Final[dict[Of, str]] = {
    "case": "The case's number or id.",
    "clinic": "The clinic's name.",
    "receipt": "The receipt's name.",
}
_REFERENCES: Final[dict[Of, Any]] = {
    of: Annotated[str, Path(description=text, min_length=1, max_length=100, pattern=ONE_LINE)]
    for of, text in _WHICH.items()
}


def _endpoint(noun: Noun) -> Callable[..., Any]:
    """The route of a noun: parse, carry out, render."""

    async def give(
        request: Request,
        view: View,
        body: BaseModel,
        key: str,
        dry_run: bool,
        prefer: str | None,
        if_match: str | None = None,
        **reference: str,
    ) -> Any:
        target = None
        if not noun.opens:
            named = reference[noun.of]
            if noun.of == "case" and not view.sees_some:
                target = view.ledger.found_before(named)
            target = target or await run_in_threadpool(asked_of, view, noun, named)
        try:
            order = order_of(
                view, noun, body, case=target, key=key, version=expected_version(if_match)
            )
        except WrongCurrency as error:
            return wrong_currency(request, view, error)
        told = await answer(request, view, order, wish_of(dry_run, prefer))
        if isinstance(told, JSONResponse):
            return told
        status, content, headers = told
        return written(content, headers, status)

    parameters: dict[str, Any] = {
        "request": Request,
        "view": InBook,
        "body": body_of(noun.command),
        "key": IdempotencyKey,
    }
    if not noun.opens:
        parameters[noun.of] = _REFERENCES[noun.of]
    if noun.decides:
        parameters["if_match"] = IfMatch
    optional: dict[str, tuple[Any, Any]] = {"dry_run": (DryRun, False), "prefer": (Prefer, None)}
    if not noun.opens and not noun.decides:
        optional["if_match"] = (IfMatchOrNot, None)
    ordered = [
        *(Parameter(n, Parameter.KEYWORD_ONLY, annotation=a) for n, a in parameters.items()),
        *(
            Parameter(n, Parameter.KEYWORD_ONLY, annotation=a, default=default)
            for n, (a, default) in optional.items()
        ),
    ]
    give.__signature__ = Signature(ordered)  # type: ignore[attr-defined]
    give.__doc__ = noun.command.__doc__
    give.__name__ = noun.operation.partition(".")[2]
    return give


def _problems_of(noun: Noun) -> dict[int | str, dict[str, Any]]:
    codes = [*ENTRY_PROBLEMS, *_COMMAND_PROBLEMS]
    if not noun.opens:
        codes += [f"{noun.of}_not_found", "version_conflict"]
    if noun.decides:
        codes.append("version_missing")
    if noun.command is TakeNote:
        codes.append("vault_closed")
    return responses(*codes)


def _summary(noun: Noun) -> str:
    return (noun.command.__doc__ or "").partition("\n")[0].rstrip(".")


for _noun in NOUNS:
    router.add_api_route(
        _noun.template,
        _endpoint(_noun),
        methods=["POST"],
        operation_id=_noun.operation,
        tags=["commands"],
        summary=_summary(_noun),
        status_code=201,
        response_model=None,
        responses={**_good(), **_problems_of(_noun)},
        openapi_extra={
            "requestBody": {
                "content": {"application/json": {"example": example_of(body_of(_noun.command))}}
            }
        },
    )


class _Item(BaseModel):
    """One command of many."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(pattern=_KEY, description="What Idempotency-Key is to a single command.")


def _item_of(noun: Noun) -> type[BaseModel]:
    fields: dict[str, Any] = {
        "noun": (Literal[noun.path], ...),
        "command": (body_of(noun.command), ...),
    }
    if not noun.opens:
        fields[noun.of] = (
            Annotated[str, Field(min_length=1, max_length=100, pattern=ONE_LINE)],
            Field(description=_WHICH[noun.of]),
        )
        version = Annotated[int, Field(strict=True, ge=0, le=10**9)]
        described = Field(description="The version that the command rests on; null for any.")
        fields["version"] = (version | None, described) if noun.decides else (version | None, None)
    return create_model(f"{noun.command.__name__}Item", __base__=_Item, **fields)


_ITEMS: Final = tuple(_item_of(noun) for noun in NOUNS)
_BY_PATH: Final = {noun.path: noun for noun in NOUNS}
AnyItem = Annotated[Union[_ITEMS], Field(discriminator="noun")]  # type: ignore[valid-type]  # noqa: UP007


class Batch(BaseModel):
    """Commands that are carried out in one transaction, each for itself."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "commands": [
                        {
                            "noun": "payments",
                            "key": "bank-2026-05-04-17",
                            "case": "1001",
                            "command": example_of(body_of(_BY_PATH["payments"].command)),
                        }
                    ]
                }
            ]
        },
    )

    commands: list[AnyItem] = Field(min_length=1, max_length=LARGEST_BATCH)


class Result(BaseModel):
    """What became of one command: the status that it alone would have been answered with."""

    key: str
    status: int
    recorded: Recorded | Done | Preview | None = None
    problem: Problem | None = None


class Results(BaseModel):
    """What became of each command, in their order."""

    results: list[Result]


@router.post(
    "/commands",
    operation_id="commands.give",
    tags=["commands"],
    response_model=Results,
    responses=responses(*ENTRY_PROBLEMS, "malformed_body", "body_too_large", "vault_closed"),
)
def give_commands(
    request: Request,
    response: Response,
    view: InBook,
    body: Batch,
    dry_run: DryRun = False,
    prefer: Prefer = None,
) -> Response:
    """Carry out many commands in one transaction. A refused one harms no other.

    They are decided in their order, so that one may rest on those before it; a case that one of
    them opens can be named by its number only in a later request.
    """
    wish = wish_of(dry_run, prefer)
    results: list[dict[str, Any] | None] = []
    orders: list[Order] = []
    cases = [case for item in body.commands if (case := getattr(item, "case", None)) is not None]
    found = NOTHING_FOUND if view.sees_some else view.ledger.find_many(cases)
    for item in body.commands:
        made = _order_of_item(request, view, item, found, tell=not wish.brief)
        if isinstance(made, Order):
            orders.append(made)
            results.append(None)
        else:
            results.append(_failed(item, made))
    outcomes = iter(_carried_out(request, view, orders, wish))
    if wish.brief and not wish.dry:
        response.headers["Preference-Applied"] = "return=minimal"
    told = [
        _done(item, next(outcomes)) if result is None else result
        for item, result in zip(body.commands, results, strict=True)
    ]
    return written({"results": told}, response.headers)


def _order_of_item(
    request: Request, view: View, item: Any, found: Mapping[str, UUID], *, tell: bool
) -> Order | JSONResponse:
    noun = _BY_PATH[item.noun]
    try:
        access.permit(view.caller, noun.operation)
        target = None if noun.opens else asked_of(view, noun, getattr(item, noun.of), found)
        version = None if noun.opens else item.version
        return order_of(
            view, noun, item.command, case=target, key=item.key, version=version, tell=tell
        )
    except Rejected as error:
        return rejection(request, error)
    except CaseNotFound:
        return rejection(request, Rejected("case_not_found"))
    except WrongCurrency as error:
        return wrong_currency(request, view, error)


def _carried_out(request: Request, view: View, orders: list[Order], wish: Wish) -> list[Told]:
    if wish.dry:
        return [tried(request, view, order) for order in orders]
    currency = view.ledger.recorder.currency()
    told: list[Told] = []
    outcomes = view.books.ledger(view.book).execute_many(orders) if orders else []
    for order, outcome in zip(orders, outcomes, strict=True):
        if isinstance(outcome, Refusal):
            told.append(_refused(request, view, order, outcome))
        elif wish.brief:
            done = {"command_id": outcome.command_id, "position": outcome.last_position}
            told.append((201, done, {}))
        else:
            told.append((201, *recorded(view, outcome, currency)))
    return told


def _done(item: Any, told: Told) -> dict[str, Any]:
    if isinstance(told, JSONResponse):
        return _failed(item, told)
    status, body, _ = told
    return {"key": item.key, "status": status, "recorded": body, "problem": None}


def _failed(item: Any, response: JSONResponse) -> dict[str, Any]:
    problem = msgspec.Raw(response.body)
    return {"key": item.key, "status": response.status_code, "recorded": None, "problem": problem}
