"""Who may be told what about a person (scenarios 30 and 34)."""

from datetime import date

import pytest

from ledger.domain.disclosure import show_address, tell_third_party
from ledger.domain.personal import Address, Authorisation, Person, Protection, Reader, Scope

SPOUSE = Authorisation(
    holder="Test Testesen",
    relation="ektefelle",
    scope="payment",
    valid_from=date(2026, 1, 1),
    valid_to=date(2026, 12, 31),
    verified_by="signed_form",
)


def living(*grades: Protection) -> Person:
    return Person(addresses=tuple(Address(lines=("Vei 1",), protection=g) for g in grades))


@pytest.mark.parametrize("grade", ["confidential", "strictly_confidential", "client_address"])
def test_a_protected_address_is_for_the_cleared(grade: Protection) -> None:
    refusal = show_address(living("none", grade), Reader("agent:1"))
    assert refusal is not None
    assert (refusal.code, refusal.facts) == ("protected_address", {"protection": grade})
    assert show_address(living("none", grade), Reader("agent:2", cleared=True)) is None


def test_any_other_address_is_for_all() -> None:
    assert show_address(living(), Reader("agent:1")) is None
    assert show_address(living("none"), Reader("agent:1")) is None


def test_the_strictest_grade_counts() -> None:
    assert living("client_address", "strictly_confidential").protection == "strictly_confidential"


@pytest.mark.parametrize(
    ("scope", "on", "told"),
    [
        ("payment", date(2026, 1, 1), True),
        ("payment", date(2026, 12, 31), True),
        ("payment", date(2027, 1, 1), False),
        ("payment", date(2025, 12, 31), False),
        ("basis", date(2026, 6, 1), False),
    ],
)
def test_an_authorisation_is_for_its_scope_and_time(scope: Scope, on: date, told: bool) -> None:
    refusal = tell_third_party([SPOUSE], scope, on)
    assert (refusal is None) == told
    assert refusal is None or refusal.code == "no_authority"


def test_without_an_authorisation_nobody_is_told() -> None:
    refusal = tell_third_party([], "payment", date(2026, 6, 1))
    assert refusal is not None
    assert refusal.code == "no_authority"
