"""Money: an integer number of minor units (øre, cent) of a case's currency. Never a float."""

import re
from decimal import Decimal
from typing import Annotated, Final

import msgspec

MAX_AMOUNT: Final = 10**15
"""Largest single amount: ten trillion kroner. Leaves sums of 9,000 such amounts within a
64-bit integer, so that no total of a book can overflow in the database."""

MINOR_DIGITS: Final = {"NOK": 2, "EUR": 2, "SEK": 2, "DKK": 2}
"""ISO 4217 currencies that a book may be kept in, with the digits of their minor unit."""

_DESCRIPTION: Final = "minor units (øre, cent), zero or more"
Amount = Annotated[int, msgspec.Meta(ge=0, le=MAX_AMOUNT, description=_DESCRIPTION)]

_SIGNED: Final = "minor units (øre, cent), of either sign"
Change = Annotated[int, msgspec.Meta(ge=-MAX_AMOUNT, le=MAX_AMOUNT, description=_SIGNED)]

_NUMBER = re.compile(r"\d{1,20}(\.\d{1,20})?", re.ASCII)


class NotAnAmount(ValueError):
    """The text is no decimal number, or holds fractions of a minor unit."""


def minor_units(value: str | int | Decimal, currency: str) -> int:
    """Minor units of an amount in major units, such as ``"413.50"`` or ``Decimal("35.0")``.

    Raises ``NotAnAmount`` for texts that are no plain decimal number (no exponents, no
    separators of thousands), fractions of a minor unit, and what is negative or too large.
    """
    if isinstance(value, str) and _NUMBER.fullmatch(value) is None:
        raise NotAnAmount(f"{value[:40]!r} is no decimal number such as 413.50")
    number = Decimal(value)
    if not number.is_finite() or not 0 <= number <= MAX_AMOUNT:
        raise NotAnAmount(f"{number:.12g} is not between 0 and {MAX_AMOUNT}")
    digits = MINOR_DIGITS[currency]
    minor = int(number.scaleb(digits))
    if Decimal(minor).scaleb(-digits) != number:  # `scaleb` rounds to 28 digits
        raise NotAnAmount(f"{number} has fractions of the minor unit of {currency}")
    if minor > MAX_AMOUNT:
        raise NotAnAmount(f"{number:.12g} is more than {MAX_AMOUNT} minor units")
    return minor


def plain(amount: int, currency: str = "NOK") -> str:
    """``41300`` as ``"413.00"``: the form of files and logs, without a currency sign."""
    digits = MINOR_DIGITS[currency]
    whole, rest = divmod(abs(amount), 10**digits)
    return f"{'-' if amount < 0 else ''}{whole}.{rest:0{digits}d}"
