"""Amounts: read exactly or refused, never a float, never rounded."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.money import MAX_AMOUNT, MINOR_DIGITS, NotAnAmount, minor_units, plain


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", 0),
        ("0.0", 0),
        ("0.01", 1),
        ("413", 413_00),
        ("413.5", 413_50),
        ("413.00", 413_00),
        ("0413.50", 413_50),
        ("413.5000", 413_50),
        ("10000000000000", MAX_AMOUNT),
        ("10000000000000.00", MAX_AMOUNT),
        ("9999999999999.99", MAX_AMOUNT - 1),
    ],
)
def test_an_amount_is_read(text: str, amount: int) -> None:
    assert minor_units(text, "NOK") == amount
    assert minor_units(Decimal(text), "NOK") == amount


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "413,00", "1 000", "1,000.00", "1_000", " 413", "413 ", "413\n", "\n413",
        "+413", "-413", "-0", "--1", "413-", "413.", ".5", ".", "4.1.3", "0x10",
        "1e3", "1E3", "1e-2", "1E+3", "NaN", "nan", "sNaN", "Infinity", "-Infinity", "inf",
        "\uff14\uff11\uff13", "\u0664\u0661\u0663", "\u096a\u0967\u0969",
        "413\u00a0", "413\u200b", "½", "Ⅷ", "kr 413", "413 kr", "1/2",
        "null", "None", "True", "1" * 21, "0." + "0" * 21, "1" * 100_000,
    ],
)  # fmt: skip
def test_a_text_that_is_no_plain_number_is_refused(text: str) -> None:
    with pytest.raises(NotAnAmount, match="no decimal number") as caught:
        minor_units(text, "NOK")
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "number",
    [
        "-0.01", "-1", "NaN", "-NaN", "sNaN", "Infinity", "-Infinity", "1E+400", "1E+999999",
        "10000000000000.01", "10000000000001", "99999999999999999999",
    ],
)  # fmt: skip
def test_a_number_beyond_the_limits_is_refused(number: str) -> None:
    with pytest.raises(NotAnAmount) as caught:
        minor_units(Decimal(number), "NOK")
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "number",
    [
        "0.001", "413.005", "413.999", "0.00000000000000000001", "1E-3", "1E-324",
        "35.00000000000000000000000000001",
        "1000000000000.00000000000000000001",
        "34.99999999999999999999999999999",
    ],
)  # fmt: skip
def test_fractions_of_an_ore_are_refused_and_never_rounded(number: str) -> None:
    with pytest.raises(NotAnAmount, match="fractions of the minor unit of NOK"):
        minor_units(Decimal(number), "NOK")


@pytest.mark.parametrize(("number", "amount"), [("35.0", 35_00), ("3.5E+1", 35_00), ("-0", 0)])
def test_a_decimal_may_be_written_in_any_way(number: str, amount: int) -> None:
    assert minor_units(Decimal(number), "EUR") == amount


def test_whole_kroner() -> None:
    assert minor_units(413, "NOK") == 413_00
    with pytest.raises(NotAnAmount):
        minor_units(-1, "NOK")
    with pytest.raises(NotAnAmount):
        minor_units(10**5000, "NOK")


def test_amounts_as_files_and_logs_write_them() -> None:
    assert plain(0) == "0.00"
    assert plain(5) == "0.05"
    assert plain(413_00) == "413.00"
    assert plain(1_234_567_89) == "1234567.89"
    assert plain(-5) == "-0.05"
    assert plain(-413_50, "EUR") == "-413.50"


@given(st.integers(0, MAX_AMOUNT), st.sampled_from(sorted(MINOR_DIGITS)))
def test_what_is_written_is_read_again(amount: int, currency: str) -> None:
    written = plain(amount, currency)
    assert minor_units(written, currency) == amount
    assert minor_units(Decimal(written), currency) == amount


@given(st.integers(), st.sampled_from(sorted(MINOR_DIGITS)))
def test_what_is_written_is_the_amount(amount: int, currency: str) -> None:
    assert Decimal(plain(amount, currency)) * 100 == amount or abs(amount) > 10**27


@given(st.one_of(st.text(), st.decimals(), st.integers()))
def test_whatever_is_given_it_is_an_amount_or_refused(value: str | Decimal | int) -> None:
    try:
        amount = minor_units(value, "NOK")
    except NotAnAmount:
        return
    assert 0 <= amount <= MAX_AMOUNT
    assert Decimal(amount) / 100 == Decimal(value)


def test_sums_of_thousands_of_amounts_fit_into_the_database() -> None:
    assert 9_000 * MAX_AMOUNT < 2**63
