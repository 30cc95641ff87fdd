"""Norwegian bank days: Monday to Friday without public holidays."""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import holidays

from ledger.domain.rate_missing import RateMissing

FIRST_YEAR: Final = 1901
LAST_YEAR: Final = 2100
"""The years that the ``holidays`` library knows for Norway; it raises nothing beyond them."""

_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


def is_holiday(day: date) -> bool:
    """Whether the day is a public holiday in Norway (helligdagsfredloven; 1 and 17 May).

    Sundays are none by themselves. Raises ``RateMissing`` for years that are not known.
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise RateMissing("holidays", day)
    return day in _holidays(day.year)


def is_bank_day(day: date) -> bool:
    """Whether banks settle on the day: Monday to Friday, no public holiday."""
    return not is_holiday(day) and day.weekday() < _SATURDAY


def next_bank_day(day: date) -> date:
    """The day itself if it is a bank day, else the first one after it."""
    while not is_bank_day(day):
        day += _DAY
    return day


def add_bank_days(day: date, n: int) -> date:
    """The ``n``-th bank day after the day, which itself is not counted; for 0 the day itself."""
    if n < 0:
        raise ValueError("bank days are counted forwards only")
    for _ in range(n):
        day = next_bank_day(day + _DAY)
    return day


@lru_cache(maxsize=LAST_YEAR - FIRST_YEAR + 1)
def _holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("NO", years=year))
