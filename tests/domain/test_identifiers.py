"""KID and organisation numbers, against the vectors of domain.md 5.1 and their definition."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.domain.identifiers import (
    KidAlgorithm,
    is_kid,
    is_organisation_number,
    kid_check_digit,
    make_kid,
)

PAYLOADS = st.text("0123456789", min_size=3, max_size=24)
ALGORITHMS = st.sampled_from(["MOD10", "MOD11"])


@pytest.mark.parametrize(
    ("payload", "algorithm", "check"),
    [
        ("12345678", "MOD10", "2"),
        ("001001", "MOD10", "7"),
        ("1234567", "MOD10", "4"),
        ("12345678", "MOD11", "5"),
        ("1000005", "MOD11", "-"),
    ],
)
def test_published_check_digits(payload: str, algorithm: KidAlgorithm, check: str) -> None:
    assert kid_check_digit(payload, algorithm) == check
    assert is_kid(payload + check)


def test_the_kid_of_k1() -> None:
    assert make_kid("001001") == "0010017"


@given(PAYLOADS)
def test_mod10_is_its_definition(payload: str) -> None:
    total = 0
    for place, digit in enumerate(reversed(payload)):
        product = int(digit) * (2 if place % 2 == 0 else 1)
        total += product // 10 + product % 10
    assert kid_check_digit(payload, "MOD10") == str((10 - total % 10) % 10)


@given(PAYLOADS)
def test_mod11_is_its_definition(payload: str) -> None:
    weights = [2, 3, 4, 5, 6, 7] * 4
    total = sum(int(digit) * w for digit, w in zip(payload[::-1], weights, strict=False))
    check = kid_check_digit(payload, "MOD11")
    value = 10 if check == "-" else int(check)
    assert (total + value) % 11 == 0


@given(PAYLOADS, ALGORITHMS)
def test_a_kid_that_we_make_is_one(payload: str, algorithm: KidAlgorithm) -> None:
    kid = make_kid(payload, algorithm)
    assert is_kid(kid)
    assert kid.startswith(payload)
    assert 4 <= len(kid) <= 25


@given(PAYLOADS, ALGORITHMS, st.integers(0, 23), st.integers(1, 9))
def test_one_wrong_digit_changes_the_check_digit(
    payload: str, algorithm: KidAlgorithm, place: int, by: int
) -> None:
    place %= len(payload)
    wrong = payload[:place] + str((int(payload[place]) + by) % 10) + payload[place + 1 :]
    assert kid_check_digit(wrong, algorithm) != kid_check_digit(payload, algorithm)


@given(PAYLOADS, st.integers(0, 22))
def test_with_mod11_two_digits_swapped_change_the_check_digit(payload: str, place: int) -> None:
    place %= len(payload) - 1
    first, second = payload[place], payload[place + 1]
    assume(first != second)
    wrong = payload[:place] + second + first + payload[place + 2 :]
    assert kid_check_digit(wrong, "MOD11") != kid_check_digit(payload, "MOD11")


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "1",
        "12",
        "1" * 25,
        "12a4",
        "12 34",
        "\uff11\uff12\uff13\uff14",
        "-123",
        "12.4",
        "1234\n",
    ],
)
def test_a_payload_that_can_be_no_kid(payload: str) -> None:
    with pytest.raises(ValueError, match="KID"):
        make_kid(payload)


@pytest.mark.parametrize(
    "kid",
    [
        "", "7", "-", "--", "0010018", "0010010", "001-0017", "0010017 ", " 0010017", "0010017\n",
        "\uff10\uff10\uff11\uff10\uff10\uff11\uff17", "\u0660\u0660\u0661\u0660\u0660\u0661\u0667",
        "1000005-0", "12345678-", "kid", "0" * 26, "1" * 1_000_000,
    ],
)  # fmt: skip
def test_what_is_no_kid(kid: str) -> None:
    assert not is_kid(kid)


def test_kids_of_other_lengths_than_ours_are_known() -> None:
    assert is_kid("18")
    assert is_kid("0" * 25)


@given(st.text())
def test_any_text_can_be_asked_about(text: str) -> None:
    assert is_kid(text) in {True, False}
    assert is_organisation_number(text) in {True, False}


@pytest.mark.parametrize("number", ["974760673", "923609016", "889640782"])
def test_organisation_numbers_that_exist(number: str) -> None:
    assert is_organisation_number(number)


@pytest.mark.parametrize(
    "number",
    [
        "974760674", "974760637", "174760673", "97476067", "9747606730", "", "974 760 673",
        "NO974760673MVA", "974760673MVA", "\uff19\uff17\uff14\uff17\uff16\uff10\uff16\uff17\uff13",
        "97476067-", "97476067x",
        "974760673\n",
    ],
)  # fmt: skip
def test_what_is_no_organisation_number(number: str) -> None:
    assert not is_organisation_number(number)


@given(st.integers(80_000_000, 99_999_999))
def test_an_organisation_number_has_one_check_digit_at_most(first: int) -> None:
    total = sum(
        int(digit) * weight
        for digit, weight in zip(str(first), (3, 2, 7, 6, 5, 4, 3, 2), strict=True)
    )
    valid = [str(last) for last in range(10) if (total + last) % 11 == 0]
    assert [last for last in "0123456789" if is_organisation_number(f"{first}{last}")] == valid
    assert len(valid) <= 1
