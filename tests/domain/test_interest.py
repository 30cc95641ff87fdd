"""Late interest: to the øre, day by day, and with work only where something changes."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.events import InterestSegment
from ledger.domain.interest import interest

DUE = date(2026, 3, 16)
ISSUED = date(2026, 3, 2)
CLAIM = (ISSUED, 413_00)


def rate_of(day: date) -> int:
    """The rates of 2026, and one for all other days."""
    return {(2026, False): 12_00, (2026, True): 12_25}.get((day.year, day.month > 6), 12_50)


def segment(after: str, until: str, days: int, principal: int, rate_bp: int) -> InterestSegment:
    first, last = date.fromisoformat(after), date.fromisoformat(until)
    return InterestSegment(first, last, days, principal, rate_bp)


def test_a_stretch_is_split_where_the_rate_changes() -> None:
    found = interest([CLAIM], DUE, date(2026, 7, 15), rate_of)
    assert found.segments == (
        segment("2026-03-16", "2026-06-30", 106, 413_00, 12_00),
        segment("2026-06-30", "2026-07-15", 15, 413_00, 12_25),
    )
    assert found.amount == 16_47


def test_it_is_not_split_where_a_half_year_brings_the_same_rate() -> None:
    found = interest([(ISSUED, 100_00)], date(2026, 12, 31), date(2028, 1, 1), rate_of)
    assert found.segments == (segment("2026-12-31", "2028-01-01", 366, 100_00, 12_50),)
    assert found.amount == 12_53  # 12.534...


def test_the_day_of_a_payment_still_bears_interest_on_it() -> None:
    paid = (date(2026, 4, 27), -156_30)
    found = interest([CLAIM, paid], DUE, date(2026, 5, 27), rate_of)
    assert found.segments == (
        segment("2026-03-16", "2026-04-27", 42, 413_00, 12_00),
        segment("2026-04-27", "2026-05-27", 30, 256_70, 12_00),
    )
    assert found.amount == 8_23  # 5.7027... + 2.5318..., rounded once


def test_interest_until_a_payment() -> None:
    assert interest([CLAIM], DUE, date(2026, 4, 27), rate_of).amount == 5_70


def test_a_credit_from_the_due_date_reduces_all_of_it() -> None:
    credited = interest([CLAIM, (DUE, -113_00)], DUE, date(2026, 4, 16), rate_of)
    assert credited == interest([(ISSUED, 300_00)], DUE, date(2026, 4, 16), rate_of)


@pytest.mark.parametrize("until", ["2026-03-15", "2026-03-16"])
def test_nothing_runs_up_to_the_due_date(until: str) -> None:
    found = interest([CLAIM], DUE, date.fromisoformat(until), rate_of)
    assert (found.segments, found.amount) == ((), 0)


def test_nothing_runs_on_what_is_paid_or_overpaid_and_no_rate_is_asked_for() -> None:
    def none(day: date) -> int:
        raise AssertionError(day)

    for paid in (-413_00, -500_00):
        found = interest([CLAIM, (DUE, paid)], DUE, date(2030, 1, 1), none)
        assert (found.segments, found.amount) == ((), 0)


def test_both_ends_of_a_pause_are_free() -> None:
    pause = (date(2026, 3, 20), date(2026, 3, 29))
    found = interest([CLAIM], DUE, date(2026, 4, 2), rate_of, [pause])
    assert found.segments == (
        segment("2026-03-16", "2026-03-19", 3, 413_00, 12_00),
        segment("2026-03-29", "2026-04-02", 4, 413_00, 12_00),
    )
    assert found.amount == 95  # 0.9504...


def test_a_pause_of_one_day_costs_one_day() -> None:
    day = date(2026, 3, 17)
    found = interest([(ISSUED, 1_000_00)], DUE, date(2026, 3, 18), rate_of, [(day, day)])
    assert found.segments == (segment("2026-03-17", "2026-03-18", 1, 1_000_00, 12_00),)


@pytest.mark.parametrize(
    "pauses",
    [
        [(20, 29), (22, 24)],
        [(22, 24), (20, 29)],
        [(20, 25), (23, 29)],
        [(20, 24), (25, 29)],
        [(20, 29), (20, 20), (29, 29)],
    ],
)
def test_pauses_may_overlap(pauses: list[tuple[int, int]]) -> None:
    dated = [(date(2026, 3, first), date(2026, 3, last)) for first, last in pauses]
    found = interest([CLAIM], DUE, date(2026, 4, 2), rate_of, dated)
    assert found.segments == (
        segment("2026-03-16", "2026-03-19", 3, 413_00, 12_00),
        segment("2026-03-29", "2026-04-02", 4, 413_00, 12_00),
    )


def test_a_pause_may_have_begun_before_the_due_date() -> None:
    found = interest([CLAIM], DUE, date(2026, 3, 20), rate_of, [(date.min, date(2026, 3, 17))])
    assert found.segments == (segment("2026-03-17", "2026-03-20", 3, 413_00, 12_00),)


def test_a_pause_that_ends_before_it_begins_is_an_error() -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        interest([CLAIM], DUE, date(2026, 4, 2), rate_of, [(date(2026, 4, 2), date(2026, 4, 1))])


@pytest.mark.parametrize(
    ("principal", "days", "amount"),
    [
        # At 12.50 percent, 14.60 kr bear exactly half an øre a day.
        (14_59, 1, 0),
        (14_60, 1, 1),
        (43_79, 1, 1),
        (43_80, 1, 2),
        (7_30, 2, 1),
        (7_29, 2, 0),
    ],
)
def test_half_an_ore_is_rounded_up_once(principal: int, days: int, amount: int) -> None:
    due = date(2025, 3, 1)
    found = interest([(due, principal)], due, due + timedelta(days), rate_of)
    assert found.amount == amount


def test_the_rate_is_asked_for_once_a_stretch() -> None:
    asked: list[date] = []

    def noted(day: date) -> int:
        asked.append(day)
        return 8_00 + day.year % 10 + day.month

    found = interest([(date(1990, 1, 1), 1_000_00)], date(1990, 1, 1), date(2020, 1, 1), noted)
    assert len(asked) == len(found.segments) == 61
    assert sum(s.days for s in found.segments) == 10_957


DAYS = st.dates(date(2019, 11, 1), date(2021, 8, 31))
STEPS = st.lists(st.tuples(DAYS, st.integers(-10_000_00, 50_000_00)), min_size=1, max_size=8)
PAUSES = st.lists(st.tuples(DAYS, DAYS).map(lambda days: (min(days), max(days))), max_size=4)


def by_day(
    steps: Sequence[tuple[date, int]],
    due: date,
    until: date,
    rates: Sequence[int],
    pauses: Sequence[tuple[date, date]],
) -> Fraction:
    """The rule as it is written down: one day after the other, and nothing rounded."""
    total = Fraction(0)
    for n in range(1, (until - due).days + 1):
        day = due + timedelta(n)
        principal = sum(change for on, change in steps if on < day)
        if principal > 0 and not any(first <= day <= last for first, last in pauses):
            total += Fraction(principal * half_year(rates, day), 10_000 * 365)
    return total


def half_year(rates: Sequence[int], day: date) -> int:
    return rates[2 * (day.year - 2018) + (day >= date(day.year, 7, 1))]


@given(STEPS, DAYS, DAYS, st.lists(st.integers(0, 25_00), min_size=12, max_size=12), PAUSES)
def test_it_is_what_a_sum_day_by_day_gives(
    steps: list[tuple[date, int]],
    due: date,
    until: date,
    rates: list[int],
    pauses: list[tuple[date, date]],
) -> None:
    found = interest(steps, due, until, lambda day: half_year(rates, day), pauses)
    assert found.amount == floor(by_day(steps, due, until, rates, pauses) + Fraction(1, 2))
    for earlier, later in zip(found.segments, found.segments[1:], strict=False):
        assert earlier.until <= later.after
        if earlier.until == later.after:
            assert (earlier.principal, earlier.rate_bp) != (later.principal, later.rate_bp)
    for s in found.segments:
        assert due <= s.after < s.until <= until
        assert s.days == (s.until - s.after).days
        assert s.principal > 0
    years = 2 * (until.year - due.year + 1)
    assert len(found.segments) <= 1 + len(steps) + 2 * len(pauses) + max(0, years)
