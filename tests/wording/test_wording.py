"""Every event and every refusal has words in both languages, and all its facts in them."""

import re
from datetime import date
from typing import get_args

import pytest

from ledger.domain.events import EVENT_TYPES
from ledger.domain.refusals import Code, Refusal
from ledger.wording.amounts import money
from ledger.wording.components import COMPONENTS
from ledger.wording.events import _LINES, lines
from ledger.wording.refusals import TEXTS, refusal_text
from tests.domain.samples import EVENTS
from tests.scenarios.refusals import OF_THE_DOMAIN
from tests.scenarios.story import given


def test_each_type_has_a_line() -> None:
    assert set(_LINES) == set(EVENT_TYPES)


def test_each_refusal_has_a_text() -> None:
    assert set(TEXTS) == set(get_args(Code))
    for nb, en in TEXTS.values():
        fields = re.compile(r"\{(\w+)\}")
        assert set(fields.findall(nb)) == set(fields.findall(en))


def test_each_component_has_a_name() -> None:
    assert all(nb and en for nb, en in COMPONENTS.values())


def test_amounts() -> None:
    space = "\N{NO-BREAK SPACE}"
    assert money(1_234_50, "NOK", "nb") == f"1{space}234,50{space}kr"
    assert money(1_234_50, "NOK", "en") == f"NOK{space}1,234.50"
    assert money(-5, "EUR", "nb") == f"-0,05{space}EUR"


def test_a_refusal_says_from_when() -> None:
    refusal = Refusal("nothing_owed", earliest=date(2026, 3, 30))
    assert refusal_text(refusal, "nb").endswith("Tidligst 30.03.2026.")
    assert refusal_text(refusal, "en").endswith("Not before 2026-03-30.")


@pytest.mark.parametrize("code", OF_THE_DOMAIN)
def test_no_fact_is_missing(code: Code) -> None:
    happened, command = OF_THE_DOMAIN[code]
    refusal = given(*happened).when(command).refusal()
    assert "?" not in refusal_text(refusal, "nb") + refusal_text(refusal, "en")


def test_the_lines_of_events() -> None:
    for event in EVENTS:
        for line in lines(event, "NOK"):
            assert line
            assert "\n" not in line
