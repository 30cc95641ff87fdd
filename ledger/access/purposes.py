"""What each role may read personal data for: nobody states a purpose that is not his work."""

from collections.abc import Mapping
from typing import Final, get_args

from ledger.access.callers import Role
from ledger.domain.personal import Purpose

_OF_STAFF: Final[frozenset[Purpose]] = frozenset(get_args(Purpose)) - {"audit"}

PURPOSES: Final[Mapping[Role, frozenset[Purpose]]] = {
    "agent": _OF_STAFF,
    "senior": _OF_STAFF,
    "clinic": frozenset({"answer_caller", "send_letter", "decide_dispute", "reconcile"}),
    "auditor": frozenset({"audit"}),
    "system": frozenset(),
    "operator": frozenset(),
}
