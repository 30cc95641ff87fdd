"""All that a case knows, as plain data, so that two states can be compared."""

from typing import Any

from ledger.domain.case import Case, Charge, Dispute, Invoice


def snapshot(known: object) -> Any:
    """A deep copy that shares nothing with the case: a change of the case does not change it."""
    match known:
        case Case() | Charge() | Dispute() | Invoice():
            return {name: snapshot(getattr(known, name)) for name in known.__slots__}
        case dict():
            return [(key, snapshot(value)) for key, value in known.items()]
        case set():
            return set(known)
        case _:
            return known
