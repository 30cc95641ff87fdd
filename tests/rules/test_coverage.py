"""Which days the tables have something to say about."""

from datetime import date

import msgspec
import pytest

from ledger.domain.rates import Rates
from ledger.rules.coverage import Coverage, coverage

D = date.fromisoformat


def by_table(rates: Rates, on: str) -> dict[str, Coverage]:
    return {c.table: c for c in coverage(rates, D(on))}


def missing(rates: Rates, on: str) -> set[str]:
    return {name for name, c in by_table(rates, on).items() if not c.covers}


@pytest.mark.parametrize("on", ["2026-01-01", "2026-11-25", "2026-12-31"])
def test_all_of_2026_is_covered(rates: Rates, on: str) -> None:
    assert missing(rates, on) == set()


def test_nothing_is_covered_after_it(rates: Rates) -> None:
    assert missing(rates, "2027-01-01") == set(by_table(rates, "2027-01-01"))


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2025-12-31", {"conciliation_fee", "attachment_fee", "drafting"}),
        ("2024-12-31", {"attachment_fee", "drafting"}),
        ("2018-12-31", {"late_interest", "court_unit", "conciliation_fee", "attachment_fee",
                        "drafting", "frikort"}),
    ],
)  # fmt: skip
def test_what_is_missing_of_earlier_days(rates: Rates, on: str, expected: set[str]) -> None:
    assert missing(rates, on) == expected


def test_nothing_is_covered_before_the_tables_begin(rates: Rates) -> None:
    assert missing(rates, "2016-12-31") == set(by_table(rates, "2016-12-31"))


def test_what_a_table_tells_of_itself(rates: Rates) -> None:
    found = by_table(rates, "2026-05-04")
    fee = found["conciliation_fee"]
    assert (fee.covered_from, fee.covered_through) == (D("2024-01-01"), D("2026-12-31"))
    assert [(u.valid_from, u.valid_to) for u in fee.unknown] == [(D("2025-01-01"), D("2025-12-31"))]
    assert fee.weakest == "M"
    assert found["late_interest"].weakest == "H"
    assert found["court_unit"].weakest == "L"
    assert found["regimes"].weakest == "J"
    assert found["fee_shares"].by == found["collection_bands"].by == "due date of the claim"


def test_rates_of_an_act_that_is_no_longer_in_force_cover_nothing(rates: Rates) -> None:
    switched = msgspec.structs.replace(rates, second_regime_from=D("2026-07-01"))
    assert missing(switched, "2026-06-30") == set()
    assert missing(switched, "2026-07-01") == {"collection_rate"}
