"""What a table or a regime holds, as plain data."""

from fractions import Fraction
from typing import Any

import msgspec

from ledger.domain.rates import Hours


def plain(value: Any) -> Any:
    """Øre and basis points as integers, shares as texts such as ``1/20``."""
    match value:
        case Hours():
            return f"{value.begins:%H:%M}-{value.ends:%H:%M}"
        case msgspec.Struct():
            fields = msgspec.structs.fields(value)
            return {field.name: plain(getattr(value, field.name)) for field in fields}
        case tuple():
            return [plain(each) for each in value]
        case dict():
            return {key: plain(each) for key, each in value.items()}
        case Fraction():
            return str(value)
        case _:
            return value
