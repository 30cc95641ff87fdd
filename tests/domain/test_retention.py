"""How long personal data are kept (domain.md 4.3, scenario 47)."""

from datetime import date
from typing import Final

import pytest

from ledger.domain.personal import HoldReason
from ledger.domain.refusals import Refusal
from ledger.domain.retention import Erasure, Involvement, decide_erasure, kept_until

ALL: Final = ("contact", "notes", "third_parties", "identity")
AT_ONCE: Final = ("contact", "notes", "third_parties")
CLOSED = Involvement("K1", date(2026, 7, 15))


def test_kept_to_the_end_of_the_fifth_year_after_the_year_of_closing() -> None:
    assert kept_until(date(2026, 7, 15)) == date(2031, 12, 31)
    assert kept_until(date(2026, 1, 1)) == date(2031, 12, 31)
    assert kept_until(date(2026, 12, 31)) == date(2031, 12, 31)
    assert kept_until(date(2027, 1, 1)) == date(2032, 12, 31)


def test_scenario_47() -> None:
    kept = Erasure(now=AT_ONCE, kept=("identity",), kept_until=date(2031, 12, 31))
    assert decide_erasure([CLOSED], [], date(2026, 8, 1)) == kept
    assert decide_erasure([CLOSED], [], date(2031, 12, 31)) == kept
    gone = Erasure(now=ALL, kept=(), kept_until=None)
    assert decide_erasure([CLOSED], [], date(2032, 1, 1)) == gone


def test_the_last_case_decides() -> None:
    later = Involvement("K2", date(2028, 2, 29))
    decided = decide_erasure([CLOSED, later], [], date(2032, 1, 1))
    assert decided == Erasure(now=AT_ONCE, kept=("identity",), kept_until=date(2033, 12, 31))


def test_who_never_owed_anything_goes_at_once() -> None:
    assert decide_erasure([], [], date(2026, 8, 1)) == Erasure(ALL, (), None)


def test_an_open_case_is_still_pursued() -> None:
    decided = decide_erasure([CLOSED, Involvement("K2", None)], [], date(2040, 1, 1))
    assert isinstance(decided, Refusal)
    assert (decided.code, decided.facts) == ("claim_pursued", {"reference": "K2"})


@pytest.mark.parametrize("reason", ["legal_claim", "criminal_investigation"])
def test_nothing_goes_under_a_hold(reason: HoldReason) -> None:
    decided = decide_erasure([CLOSED], [reason], date(2040, 1, 1))
    assert isinstance(decided, Refusal)
    assert (decided.code, decided.facts) == ("legal_hold", {"reason": reason})
