"""All that a case knows, as plain data, so that two states can be compared."""

from typing import Any

import msgspec

from ledger.domain.case import Case, Invoice


def snapshot(known: object) -> Any:
    """A deep copy that shares nothing with the case: a change of the case does not change it."""
    match known:
        case Case() | Invoice():
            # What begins with an underscore is worked out from the rest, and remembered.
            names = [name for name in known.__struct_fields__ if name[0] != "_"]
            return {name: snapshot(getattr(known, name)) for name in names}
        case msgspec.Struct():
            return msgspec.structs.asdict(known)
        case list():
            return list(known)
        case dict():
            return [(key, snapshot(value)) for key, value in known.items()]
        case set():
            return set(known)
        case _:
            return known
