"""What happened at the terminal: a zero that came too early, and a charge that never came."""

import pytest

from ledger.domain.events import Event
from ledger.domain.visits import Unpaid, Visited, split, visited
from tests.scenarios import facts
from tests.scenarios.facts import moment, part
from tests.scenarios.story import given

CHARGED = facts.charge_registered("visit", 413_00, at="2026-05-04 10:36")


def of(*events: Event) -> Visited:
    """The visit's charge, after what happened at the terminal."""
    (found,) = visited(given(facts.case_opened(on="2026-05-04"), *events).case)
    return found


@pytest.mark.parametrize(
    ("zero_at", "unpaid"),
    [
        ("2026-05-04 10:35", "approved_before_the_charge"),
        ("2026-05-04 10:36", "not_on_terminal"),  # the charge was there
        ("2026-05-03 22:36", "approved_before_the_charge"),  # twelve hours before
        ("2026-05-03 22:35", "not_on_terminal"),  # another visit
    ],
)
def test_a_zero_that_was_approved_before_the_charge_explains_it_within_one_visit(
    zero_at: str, unpaid: Unpaid
) -> None:
    found = of(facts.terminal_attempt_recorded(0, at=zero_at), CHARGED)
    assert found.unpaid == unpaid
    assert found.zero_at == (moment(zero_at) if unpaid == "approved_before_the_charge" else None)


def test_only_a_zero_that_was_approved_explains_it() -> None:
    declined = facts.terminal_attempt_recorded(0, at="2026-05-04 10:31", result="declined")
    assert of(declined, CHARGED).zero_at is None
    more = facts.terminal_attempt_recorded(1_00, at="2026-05-04 10:31")
    assert of(more, CHARGED).zero_at is None
    last = facts.terminal_attempt_recorded(0, at="2026-05-04 10:33")
    first = facts.terminal_attempt_recorded(0, at="2026-05-04 10:31")
    assert of(first, last, CHARGED).zero_at == moment("2026-05-04 10:33")


def test_a_zero_before_a_payment_belongs_to_what_was_paid() -> None:
    zero = facts.terminal_attempt_recorded(0, at="2026-05-04 10:31")
    early = facts.charge_registered("early", 10_00, at="2026-05-04 10:32")
    sent = facts.charge_sent_to_terminal("early", at="2026-05-04 10:33")
    paid = facts.terminal_payment_received(
        "T1", 10_00, part("charge", 10_00, "early"), at="2026-05-04 10:34"
    )
    case = given(facts.case_opened(on="2026-05-04"), zero, early, sent, paid, CHARGED).case
    first, second = visited(case)
    assert (first.charge, first.unpaid, first.paid_at) == (
        "early", None, moment("2026-05-04 10:34")
    )  # fmt: skip
    assert (second.unpaid, second.zero_at) == ("not_on_terminal", None)
    assert split((first, second))


def test_what_reached_the_terminal_and_was_not_paid_is_no_split_visit() -> None:
    sent = facts.charge_sent_to_terminal("visit", at="2026-05-04 10:37")
    found = of(CHARGED, sent)
    assert (found.unpaid, found.sent_at) == ("not_paid_at_terminal", moment("2026-05-04 10:37"))
    assert not split((found,))
