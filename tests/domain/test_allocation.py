"""What a payment pays: all of it accounted for, never more than is owed, in the order agreed."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.accounts import COMPONENTS
from ledger.domain.allocation import SEQUENCE, all_of, allocate
from ledger.domain.events import AllocationOrder, Component, Part
from ledger.domain.money import MAX_AMOUNT

Owed = dict[tuple[Component, str | None], int]

CLAIMS = (None, "K1", "K2", "K3")
OWED = st.dictionaries(
    st.tuples(st.sampled_from(COMPONENTS), st.sampled_from(CLAIMS)),
    st.one_of(st.integers(0, 20), st.integers(0, MAX_AMOUNT)),
    max_size=8,
)
AMOUNTS = st.one_of(st.integers(0, 100), st.integers(0, MAX_AMOUNT))
ORDERS = st.sampled_from(sorted(get_args(AllocationOrder)))
OLDEST_FIRST = st.permutations(["K1", "K2", "K3"])

COSTS = set(COMPONENTS) - {"interest", "principal", "charge"}


@pytest.mark.parametrize("order", get_args(AllocationOrder))
def test_each_component_has_one_place_in_each_order(order: AllocationOrder) -> None:
    assert sorted(SEQUENCE[order]) == sorted(COMPONENTS)


def test_costs_interest_principal() -> None:
    owed: Owed = {
        ("principal", "K1"): 413_00,
        ("interest", "K1"): 5_70,
        ("reminder_fee", "K1"): 38_00,
    }
    assert allocate(200_00, owed, "costs_interest_principal", ["K1"]) == (
        (
            Part("reminder_fee", 38_00, "K1"),
            Part("interest", 5_70, "K1"),
            Part("principal", 156_30, "K1"),
        ),
        0,
    )


def test_principal_interest_costs() -> None:
    owed: Owed = {
        ("reminder_fee", "K1"): 38_00,
        ("interest", "K1"): 5_70,
        ("principal", "K1"): 413_00,
    }
    assert allocate(420_00, owed, "principal_interest_costs", ["K1"]) == (
        (
            Part("principal", 413_00, "K1"),
            Part("interest", 5_70, "K1"),
            Part("reminder_fee", 1_30, "K1"),
        ),
        0,
    )


def test_costs_of_the_whole_case_come_before_those_of_an_invoice() -> None:
    owed: Owed = {("reminder_fee", "K1"): 38_00, ("reminder_fee", None): 38_00}
    assert allocate(38_00, owed, "costs_interest_principal", ["K1"])[0] == (
        Part("reminder_fee", 38_00, None),
    )


def test_what_is_invoiced_is_paid_before_what_is_not() -> None:
    owed: Owed = {("charge", "lab"): 94_00, ("principal", "K1"): 413_00}
    for order in get_args(AllocationOrder):
        assert allocate(413_00, owed, order, ["K1"])[0] == (Part("principal", 413_00, "K1"),)


def test_a_claim_of_which_no_age_is_known_comes_last() -> None:
    owed: Owed = {("principal", "A"): 1_00, ("principal", "K1"): 1_00}
    assert allocate(1_00, owed, "costs_interest_principal", ["K1"])[0] == (
        Part("principal", 1_00, "K1"),
    )


def test_what_is_more_than_settled_takes_no_part() -> None:
    owed: Owed = {("principal", "K1"): -5_00, ("interest", "K1"): 0}
    assert allocate(1_00, owed, "costs_interest_principal", ["K1"]) == ((), 1_00)
    assert all_of(owed) == ()


@given(AMOUNTS, OWED, ORDERS, OLDEST_FIRST)
def test_parts_and_rest_are_the_amount(
    amount: int, owed: Owed, order: AllocationOrder, oldest_first: list[str]
) -> None:
    parts, rest = allocate(amount, owed, order, oldest_first)
    assert sum(part.amount for part in parts) + rest == amount
    assert rest >= 0
    assert rest == max(0, amount - sum(owed.values()))


@given(AMOUNTS, OWED, ORDERS, OLDEST_FIRST)
def test_nothing_is_paid_twice_or_beyond_what_is_owed(
    amount: int, owed: Owed, order: AllocationOrder, oldest_first: list[str]
) -> None:
    parts, _ = allocate(amount, owed, order, oldest_first)
    paid = [(part.component, part.claim) for part in parts]
    assert len(set(paid)) == len(paid)
    assert all(0 < part.amount <= owed[part.component, part.claim] for part in parts)


@given(AMOUNTS, OWED, ORDERS, OLDEST_FIRST)
def test_nothing_is_paid_before_what_comes_first(
    amount: int, owed: Owed, order: AllocationOrder, oldest_first: list[str]
) -> None:
    """If a debt was paid in part or not at all, then nothing was paid of those after it."""
    parts, _ = allocate(amount, owed, order, oldest_first)
    paid = {(part.component, part.claim): part.amount for part in parts}

    def kind(component: Component) -> int:
        kinds = 0 if component in COSTS else 1 if component == "interest" else 2
        return kinds if order == "costs_interest_principal" else -kinds

    for one, due in owed.items():
        if paid.get(one, 0) == due:
            continue
        for other in paid:
            assert kind(other[0]) <= kind(one[0])
            if other != one and other[0] == one[0]:
                age = (None, *oldest_first)
                assert age.index(other[1]) < age.index(one[1])


@given(OWED)
def test_all_of_it_is_all_that_is_owed(owed: Owed) -> None:
    parts = all_of(owed)
    assert {(part.component, part.claim): part.amount for part in parts} == {
        key: due for key, due in owed.items() if due
    }
