"""National identity numbers: eleven digits, two of them for checking, by today's rule and 2032's.

Nothing is read out of a number but its kind. What was once in it, gender and century, is not in
those given from 2032 on (Skatteetaten, *Nye fødselsnummer og d-nummer fra 2032*), and a date of
birth belongs to the person and not to the number.
"""

import re
from datetime import date
from typing import Final, Literal

import msgspec

Kind = Literal["birth_number", "d_number", "h_number", "fh_number"]
"""Fødselsnummer; D-number (day + 40); H-number of a hospital (month + 40); FH-number (first digit
8 or 9, nothing in it). H-numbers are unique in one hospital only."""

RULE_OF_2032: Final = date(2032, 1, 1)
"""From here on birth numbers and D-numbers are given out whose first check digit may leave a
remainder of 0, 1, 2 or 3; older numbers stay what they are."""

_FIRST_WEIGHTS: Final = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_SECOND_WEIGHTS: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_REMAINDERS_OF_2032: Final = frozenset({1, 2, 3})
_LONGEST_MONTH_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SEPARATORS: Final = re.compile(r"[\s.\-\N{EN DASH}]+")


class NationalIdentityNumber(msgspec.Struct, frozen=True):
    """A number whose check digits are right. That it was given to anybody is another question."""

    number: str
    """Eleven digits."""
    kind: Kind
    synthetic: bool
    """Made for tests: Skatteetaten's Tenor adds 80 to the month. Never given to a person."""
    only_from_2032: bool
    """Whether the rule of 2032 alone admits it."""


def parse(text: str, on: date | None = None) -> NationalIdentityNumber | None:
    """The number in a text that holds nothing else, or ``None``.

    Spaces, dots and dashes between the digits are ignored. On a date before 2032 a number that
    only the later rule admits is a slip of the pen; without a date either rule will do.
    """
    number = _SEPARATORS.sub("", text)
    if len(number) != 11 or not number.isascii() or not number.isdigit():
        return None
    found = _kind(number)
    if found is None:
        return None
    kind, synthetic = found
    digits = [int(digit) for digit in number]
    if _remainder(digits, _SECOND_WEIGHTS):
        return None
    first = _remainder(digits, _FIRST_WEIGHTS)
    if first == 0:
        return NationalIdentityNumber(number, kind, synthetic, only_from_2032=False)
    if first not in _REMAINDERS_OF_2032 or kind in {"h_number", "fh_number"}:
        return None
    if on is not None and on < RULE_OF_2032:
        return None
    return NationalIdentityNumber(number, kind, synthetic, only_from_2032=True)


def _kind(number: str) -> tuple[Kind, bool] | None:
    """The kind, and whether the number is synthetic; ``None`` if its date can't be."""
    if number[0] in "89":
        return "fh_number", False
    day, month, year = int(number[:2]), int(number[2:4]), int(number[4:6])
    kind: Kind = "birth_number"
    synthetic = month > 80
    if synthetic:
        month -= 80
    if day > 40:
        kind, day = "d_number", day - 40
    if month > 40:
        if kind == "d_number":
            return None
        kind, month = "h_number", month - 40
    if not 1 <= month <= 12 or not 1 <= day <= _LONGEST_MONTH_DAYS[month - 1]:
        return None
    if (day, month) == (29, 2) and year % 4:
        return None
    return kind, synthetic


def _remainder(digits: list[int], weights: tuple[int, ...]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=False)) % 11
