"""Amounts and dates as people write them."""

from datetime import date
from functools import lru_cache
from typing import Literal

from ledger.domain.money import plain

Language = Literal["nb", "en"]

_NBSP = "\N{NO-BREAK SPACE}"


@lru_cache(maxsize=20_000)
def money(amount: int, currency: str, language: Language) -> str:
    """``123450`` øre as ``1 234,50 kr`` or ``NOK 1,234.50``."""
    whole, _, rest = plain(amount, currency).partition(".")
    grouped = f"{int(whole.lstrip('-')):,}"
    sign = "-" if amount < 0 else ""
    if language == "en":
        return f"{currency}{_NBSP}{sign}{grouped}.{rest}"
    unit = "kr" if currency == "NOK" else currency
    return f"{sign}{grouped.replace(',', _NBSP)},{rest}{_NBSP}{unit}"


def day(when: date, language: Language) -> str:
    """``30.03.2026`` or ``2026-03-30``."""
    return f"{when:%d.%m.%Y}" if language == "nb" else when.isoformat()
