"""Bank days: weekends, fixed holidays and those that follow Easter."""

from datetime import date

import pytest

from ledger.domain.bank_days import add_bank_days, is_bank_day, is_holiday, next_bank_day
from ledger.domain.rate_missing import RateMissing
from ledger.domain.rates import Rates


@pytest.mark.parametrize(
    "holiday",
    [
        "2026-01-01", "2026-04-02", "2026-04-03", "2026-04-05", "2026-04-06", "2026-05-01",
        "2026-05-14", "2026-05-17", "2026-05-24", "2026-05-25", "2026-12-25", "2026-12-26",
        "2025-04-17", "2025-04-18", "2025-04-21", "2025-05-29", "2025-06-09",
    ],
)  # fmt: skip
def test_public_holidays(holiday: str) -> None:
    assert is_holiday(date.fromisoformat(holiday))
    assert not is_bank_day(date.fromisoformat(holiday))


@pytest.mark.parametrize("day", ["2026-04-01", "2026-05-15", "2026-12-24", "2026-12-31"])
def test_days_between_and_before_holidays_are_bank_days(day: str) -> None:
    assert is_bank_day(date.fromisoformat(day))


def test_a_weekend_has_no_bank_day_and_is_no_holiday() -> None:
    for day in (date(2026, 3, 14), date(2026, 3, 15)):
        assert not is_bank_day(day)
        assert not is_holiday(day)


@pytest.mark.parametrize(
    ("day", "following"),
    [
        ("2026-03-16", "2026-03-16"),
        ("2026-03-14", "2026-03-16"),
        ("2026-04-02", "2026-04-07"),  # Easter
        ("2026-05-01", "2026-05-04"),  # a Friday
        ("2026-12-25", "2026-12-28"),
    ],
)
def test_the_next_bank_day(day: str, following: str) -> None:
    assert next_bank_day(date.fromisoformat(day)) == date.fromisoformat(following)


@pytest.mark.parametrize(
    ("day", "n", "result"),
    [
        ("2026-03-14", 0, "2026-03-14"),
        ("2026-03-14", 1, "2026-03-16"),
        ("2026-03-16", 3, "2026-03-19"),
        ("2026-04-01", 1, "2026-04-07"),
        ("2026-04-01", 3, "2026-04-09"),
        ("2026-12-31", 1, "2027-01-04"),
    ],
)
def test_bank_days_are_counted_from_the_day_after(day: str, n: int, result: str) -> None:
    assert add_bank_days(date.fromisoformat(day), n) == date.fromisoformat(result)
    assert Rates.add_bank_days(date.fromisoformat(day), n) == date.fromisoformat(result)


def test_bank_days_are_not_counted_backwards() -> None:
    with pytest.raises(ValueError, match="forwards"):
        add_bank_days(date(2026, 3, 16), -1)


@pytest.mark.parametrize("day", [date(1900, 12, 31), date(2101, 1, 1)])
def test_years_whose_holidays_are_not_known(day: date) -> None:
    with pytest.raises(RateMissing) as caught:
        is_bank_day(day)
    assert (caught.value.table, caught.value.on) == ("holidays", day)
    assert is_holiday(date(1901, 1, 1))
    assert is_holiday(date(2100, 12, 25))
