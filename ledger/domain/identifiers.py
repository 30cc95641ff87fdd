"""Numbers with check digits that the domain itself must judge: KID and organisation number."""

import re
from typing import Final, Literal

from stdnum import luhn
from stdnum.no import orgnr

KidAlgorithm = Literal["MOD10", "MOD11"]

KID_MIN_DIGITS_ISSUED: Final = 4
"""The shortest KID that the payment system's manual allows to be issued: 3 digits and a check."""
KID_MIN_DIGITS_ACCEPTED: Final = 2
KID_MAX_DIGITS: Final = 25
"""The width of the KID field of an OCR giro line."""

_KID = re.compile(r"\d{1,24}[\d-]")


def kid_check_digit(payload: str, algorithm: KidAlgorithm) -> str:
    """The check digit of a KID's payload (domain.md 5.1).

    MOD10 is Luhn. MOD11 weighs 2..7 from the right; a remainder that gives 10 is written
    ``-``, which few payers can type: avoid such numbers or use MOD10.
    """
    if algorithm == "MOD10":
        return str(luhn.calc_check_digit(payload))
    weighted = sum(int(digit) * (2 + i % 6) for i, digit in enumerate(reversed(payload)))
    check = (11 - weighted % 11) % 11
    return "-" if check == 10 else str(check)


def make_kid(payload: str, algorithm: KidAlgorithm = "MOD10") -> str:
    """A KID that may be printed. ``ValueError`` for payloads that are not 3 to 24 digits."""
    if not payload.isascii() or not payload.isdigit():
        raise ValueError(f"a KID is made of digits, not {payload[:30]!r}")
    if not KID_MIN_DIGITS_ISSUED - 1 <= len(payload) <= KID_MAX_DIGITS - 1:
        raise ValueError("a KID has 3 to 24 digits before its check digit")
    return payload + kid_check_digit(payload, algorithm)


def is_kid(kid: str) -> bool:
    """Whether the text is a KID under either algorithm (each agreement has its own)."""
    if not KID_MIN_DIGITS_ACCEPTED <= len(kid) <= KID_MAX_DIGITS or not kid.isascii():
        return False
    if _KID.fullmatch(kid) is None:
        return False
    payload, check = kid[:-1], kid[-1]
    return check in {kid_check_digit(payload, "MOD10"), kid_check_digit(payload, "MOD11")}


def is_organisation_number(number: str) -> bool:
    """Whether the text is a Norwegian organisation number: nine digits, MOD11, from 8 or 9."""
    return (
        len(number) == 9
        and number.isascii()
        and number.isdigit()
        and number[0] in "89"
        and bool(orgnr.is_valid(number))
    )


def relation(creditor: str, debtor: str) -> str:
    """What the names of all cases between two begin with; each goes on with the case's id.

    Neither can hold the separator: names have no control characters.
    """
    return f"{creditor}\x1f{debtor}\x1f"
