"""Who may do what: one table of roles by operation, and where it is enforced.

First who calls (401), then whether his role may do this at all (403), then whether the book is
open to him (404, as if there were none), then whether the case is his (404, as if there were none).
"""

from typing import Any, Final

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPBearer

from api.limits import Rates
from api.nouns import DESK, NOUNS, STAFF
from api.problems import Rejected
from ledger.access import keys
from ledger.access.callers import ROLES, Caller, Role
from ledger.access.keys import KeyRefused
from ledger.access.tokens import TokenRefused, Tokens
from ledger.domain.case import Case

_EVERYBODY: Final = ROLES
_READERS: Final[frozenset[Role]] = STAFF | {"clinic", "auditor", "system"}
_LOOKERS: Final[frozenset[Role]] = STAFF | {"clinic", "auditor"}
"""Who may look at personal data, for a purpose of his role (``ledger.access.purposes``)."""
_FOLLOWERS: Final[frozenset[Role]] = frozenset(
    {"senior", "clinic", "auditor", "system", "operator"}
)
_MONITORS: Final[frozenset[Role]] = frozenset({"auditor", "operator", "system"})
_OPERATORS: Final[frozenset[Role]] = frozenset({"operator"})

OPERATIONS: Final[dict[str, frozenset[Role]]] = {
    "books.health": _EVERYBODY,
    "books.ready": _EVERYBODY,
    "cases.list": _READERS,
    "cases.read": _READERS,
    "cases.balance": _READERS,
    "cases.events": _READERS,
    "cases.actions": _READERS,
    "cases.refusals": _READERS,
    "cases.explanation": _READERS,
    "cases.search": _LOOKERS,
    "people.register": DESK,
    "debtors.read": _LOOKERS,
    "notes.read": STAFF | {"auditor"},
    "debtors.correct": STAFF,
    "debtors.reads": frozenset({"senior", "auditor"}),
    "debtors.accessReport": STAFF,
    "due.list": DESK | {"auditor", "operator"},
    "clinics.read": _READERS | {"operator"},
    "receipts.read": DESK | {"auditor"},
    "commands.give": frozenset[Role]().union(*(noun.roles for noun in NOUNS)),
    "cases.evidence": STAFF | {"auditor"},
    "log.checkpoint": _MONITORS,
    "log.entries": _MONITORS,
    "log.tile": _MONITORS,
    "feed.page": _FOLLOWERS,
    "feed.stream": _FOLLOWERS,
    "webhooks.create": _OPERATORS,
    "webhooks.list": _OPERATORS | {"auditor"},
    "webhooks.end": _OPERATORS,
    "webhooks.failures": _OPERATORS | {"auditor"},
    "webhooks.redeliver": _OPERATORS,
    **{noun.operation: noun.roles for noun in NOUNS},
}
"""The roles that may use an operation, by its id. An operation that is missing is nobody's."""

OPEN: Final = frozenset(
    {"health.live", "health.ready", "problems.list", "problems.read", "documentation"}
)
"""Operations that need no login: they tell nothing of any book."""

_bearer: Final = HTTPBearer(
    auto_error=False,
    scheme_name="bearer",
    bearerFormat="JWT, or an API key",
    description="A token of the configured OpenID Connect issuer, or an API key (clk_…).",
)


def guarded(document: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI document that says which operations need a login."""
    scheme = {
        _bearer.scheme_name: _bearer.model.model_dump(mode="json", by_alias=True, exclude_none=True)
    }
    document["components"]["securitySchemes"] = scheme
    for path in document["paths"].values():
        for operation in path.values():
            if operation["operationId"] in OPERATIONS:
                operation["security"] = [{_bearer.scheme_name: []}]
    return document


class Doorkeeper:
    """Tells who calls, by a token or a key."""

    def __init__(self, tokens: Tokens, rates: Rates) -> None:
        self.tokens = tokens
        self.rates = rates


async def caller_of(request: Request) -> Caller:
    """Who calls, if he may use this operation. Raises ``Rejected``."""
    door: Doorkeeper = request.app.state.doorkeeper
    credentials = await _bearer(request)
    if credentials is None:
        door.rates.count_stranger(request)
        raise Rejected("token_missing", headers={"WWW-Authenticate": "Bearer"})
    presented = credentials.credentials
    caller = door.tokens.seen_lately(presented)
    if caller is None:
        caller = await run_in_threadpool(_recognised, request, presented)
    door.rates.count(caller)
    permit(caller, request.scope["route"].operation_id)
    return caller


def _recognised(request: Request, presented: str) -> Caller:
    """Whose key or token it is; may wait for the database or the issuer. Raises ``Rejected``."""
    door: Doorkeeper = request.app.state.doorkeeper
    try:
        if presented.startswith(keys.PREFIX):
            return keys.caller_with(request.app.state.books.engine, presented)
        return door.tokens.caller(presented)
    except (TokenRefused, KeyRefused):
        door.rates.count_stranger(request)
        headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        raise Rejected("token_refused", headers=headers) from None


def permit(caller: Caller, operation: str) -> None:
    """Let a caller use an operation. Raises ``Rejected``."""
    scoped_out = caller.operations and operation not in caller.operations
    if caller.role not in OPERATIONS.get(operation, ()) or scoped_out:
        raise Rejected("not_permitted", role=caller.role, operation=operation)


def may_see(caller: Caller, case: Case) -> bool:
    """Whether a case is one of his: the application's own check, before the database's."""
    return caller.role != "clinic" or case.creditor == caller.clinic


def clinic_asked_for(caller: Caller, wanted: str | None) -> str | None:
    """The clinic whose rows a caller gets: his own, whatever he asks for, if he is a clinic."""
    return caller.clinic if caller.role == "clinic" else wanted
