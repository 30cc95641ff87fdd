"""National identity numbers under the rule of today and that of 2032."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.no import fodselsnummer

from ledger.domain.national_identity import parse

BEFORE, FROM = date(2031, 12, 31), date(2032, 1, 1)


@pytest.mark.parametrize("number", ["02013299997", "30108299920"])
def test_the_official_examples_of_both_rules(number: str) -> None:
    for on in (None, BEFORE, FROM):
        found = parse(number, on)
        assert found is not None
        assert (found.number, found.kind, found.only_from_2032) == (number, "birth_number", False)


def test_the_official_example_of_2032_alone() -> None:
    found = parse("30108299939")
    assert found is not None
    assert found.only_from_2032
    assert parse("30108299939", FROM) == found
    assert parse("30108299939", BEFORE) is None


@pytest.mark.parametrize(
    ("number", "kind", "synthetic"),
    [
        ("15108695088", "birth_number", False),
        ("17912099997", "birth_number", True),  # Tenor: month 11 + 80
        ("42059199212", "d_number", False),
        ("01415612385", "h_number", False),
        ("81234567802", "fh_number", False),
    ],
)
def test_each_kind(number: str, kind: str, synthetic: bool) -> None:
    found = parse(number)
    assert found is not None
    assert (found.kind, found.synthetic) == (kind, synthetic)


@pytest.mark.parametrize(
    "text",
    ["301082 99920", "301082-99920", " 30 10 82 999 20\n", "30.10.82.99920", "301082–99920"],
)
def test_separators_are_ignored(text: str) -> None:
    found = parse(text)
    assert found is not None
    assert found.number == "30108299920"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3010829992",
        "301082999200",
        "30108299921",  # second check digit
        "30108299929",  # first check digit
        "３０１０８２９９９２０",  # noqa: RUF001 - full-width digits are for the screening of notes
        "3010829992O",
        "32108299920",
    ],
)
def test_what_is_none(text: str) -> None:
    assert parse(text) is None


def checked(nine: str, remainder: int = 0) -> str | None:
    """The number with these nine digits and this remainder of the first check; None if none."""
    first = (remainder - sum(int(d) * w for d, w in zip(nine, FIRST, strict=True))) % 11
    ten = f"{nine}{first}"
    if first == 10:
        return None
    second = -sum(int(d) * w for d, w in zip(ten, SECOND, strict=True)) % 11
    return None if second == 10 else f"{ten}{second}"


FIRST, SECOND = (3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


@given(st.dates(date(1910, 1, 1), date(2009, 12, 31)), st.integers(0, 999), st.integers(0, 10))
def test_the_remainders_of_each_rule(born: date, individual: int, remainder: int) -> None:
    number = checked(f"{born:%d%m%y}{individual:03}", remainder)
    if number is None:
        return
    assert (parse(number, BEFORE) is not None) == (remainder == 0)
    assert (parse(number, FROM) is not None) == (remainder in {0, 1, 2, 3})


@given(st.dates(date(1940, 1, 1), date(1999, 12, 31)), st.integers(0, 499))
def test_the_library_agrees_under_the_rule_of_today(born: date, individual: int) -> None:
    number = checked(f"{born:%d%m%y}{individual:03}")
    if number is not None:
        assert fodselsnummer.is_valid(number)
        assert parse(number, BEFORE) is not None


@pytest.mark.parametrize(
    ("day_month_year", "exists"),
    [
        ("290204", True),
        ("290203", False),
        ("310401", False),
        ("001201", False),
        ("721201", False),
        ("410101", True),
        ("311299", True),
        ("319299", True),
        ("019301", False),
        ("415201", False),
        ("015301", False),
    ],
)
def test_the_date_in_it_must_be_one(day_month_year: str, exists: bool) -> None:
    numbers = [checked(f"{day_month_year}{individual:03}") for individual in range(100, 200)]
    assert {parse(n, BEFORE) is not None for n in numbers if n} == {exists}
