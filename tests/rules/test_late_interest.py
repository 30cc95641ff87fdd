"""The rates of late interest, and what they come to, to the øre."""

from datetime import date, timedelta

import pytest

from ledger.domain.interest import interest
from ledger.domain.rate_missing import RateMissing
from ledger.domain.rates import Rates

D = date.fromisoformat
DAY = timedelta(days=1)

HALF_YEARS = [
    # First and last day, the rate, and what 10,000 kroner bear from before the first to the last.
    ("2019-01-01", "2019-06-30", 8_75, 433_90),
    ("2019-07-01", "2019-12-31", 9_25, 466_30),
    ("2020-01-01", "2020-06-30", 9_50, 473_70),
    ("2020-07-01", "2020-12-31", 8_00, 403_29),
    ("2021-01-01", "2021-06-30", 8_00, 396_71),
    ("2021-07-01", "2021-12-31", 8_00, 403_29),
    ("2022-01-01", "2022-06-30", 8_50, 421_51),
    ("2022-07-01", "2022-12-31", 9_25, 466_30),
    ("2023-01-01", "2023-06-30", 10_75, 533_08),
    ("2023-07-01", "2023-12-31", 11_75, 592_33),
    ("2024-01-01", "2024-06-30", 12_50, 623_29),
    ("2024-07-01", "2024-12-31", 12_50, 630_14),
    ("2025-01-01", "2025-06-30", 12_50, 619_86),
    ("2025-07-01", "2025-12-31", 12_25, 617_53),
    ("2026-01-01", "2026-06-30", 12_00, 595_07),
    ("2026-07-01", "2026-12-31", 12_25, 617_53),
]


def amount(rates: Rates, principal: int, due: str, until: str) -> int:
    steps = [(D(due) - timedelta(14), principal)]
    return interest(steps, D(due), D(until), lambda day: rates.interest_rate(day).rate_bp).amount


@pytest.mark.parametrize(("first", "last", "rate_bp", "borne"), HALF_YEARS)
def test_a_half_year(rates: Rates, first: str, last: str, rate_bp: int, borne: int) -> None:
    for on in (first, last):
        found = rates.interest_rate(D(on))
        assert (found.rate_bp, found.rule) == (rate_bp, f"FRL-3/{first}")
    before = str(D(first) - DAY)
    assert amount(rates, 10_000_00, before, last) == borne


def test_rates_that_were_read_in_a_regulation_name_it(rates: Rates) -> None:
    assert [rates.interest_rate(D(first)).source for first, *_ in HALF_YEARS[-4:]] == [
        "FOR-2024-12-19-3279",
        "FOR-2025-06-23-1321",
        "FOR-2025-12-18-2658",
        "FOR-2026-06-25-1372",
    ]


@pytest.mark.parametrize("on", ["2018-12-31", "2027-01-01", "2027-07-01"])
def test_no_rate_without_a_row(rates: Rates, on: str) -> None:
    with pytest.raises(RateMissing) as caught:
        rates.interest_rate(D(on))
    assert (caught.value.table, caught.value.on) == ("late_interest", D(on))


def test_interest_into_days_without_a_rate_is_missing(rates: Rates) -> None:
    assert amount(rates, 1_000_00, "2026-12-30", "2026-12-31") == 34
    with pytest.raises(RateMissing):
        amount(rates, 1_000_00, "2026-12-31", "2027-01-01")
    assert amount(rates, 1_000_00, "2018-12-31", "2019-01-01") == 24
    with pytest.raises(RateMissing):
        amount(rates, 1_000_00, "2018-12-30", "2019-01-01")


@pytest.mark.parametrize(
    ("principal", "due", "until", "borne"),
    [
        (413_00, "2026-03-16", "2026-07-15", 16_47),
        (1_000_00, "2025-12-01", "2026-01-31", 20_26),
        (10_000_00, "2026-06-30", "2026-07-01", 3_36),
        (10_000_00, "2026-06-29", "2026-06-30", 3_29),
        (2_500_00, "2024-02-15", "2024-03-15", 24_83),
        (413_00, "2026-03-16", "2026-04-27", 5_70),
    ],
)
def test_interest_across_a_change_of_rate(
    rates: Rates, principal: int, due: str, until: str, borne: int
) -> None:
    assert amount(rates, principal, due, until) == borne
