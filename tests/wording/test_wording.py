"""Every refusal has words in both languages, and all its facts in them."""

import re
from datetime import date
from typing import get_args

import pytest

from ledger.domain.refusals import Code, Refusal
from ledger.wording.amounts import money
from ledger.wording.evidence import EVIDENCE
from ledger.wording.people import FACTS
from ledger.wording.refusals import TEXTS, refusal_text
from tests.scenarios.people import OF_PEOPLE, OF_THE_VAULT
from tests.scenarios.refusals import OF_THE_DOMAIN
from tests.scenarios.story import given


def test_each_refusal_has_a_text() -> None:
    assert set(TEXTS) == set(get_args(Code))
    for nb, en in TEXTS.values():
        fields = re.compile(r"\{(\w+)\}")
        assert set(fields.findall(nb)) == set(fields.findall(en))


def test_the_words_of_evidence_have_the_same_facts_in_both_languages() -> None:
    for nb, en in EVIDENCE.values():
        fields = re.compile(r"\{(\w+)\}")
        assert nb != en or not nb
        assert set(fields.findall(nb)) == set(fields.findall(en))


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
    of = OF_THE_DOMAIN[code]
    today = "2026-12-31" if code == "date_out_of_range" else "2027-12-31"
    story = given(*of.happened, rules=of.rules, today=today)
    refusal = story.when(of.asked, by=of.by).refusal()
    told = refusal_text(refusal, "nb") + refusal_text(refusal, "en")
    assert not set("?–{") & set(told)


@pytest.mark.parametrize("refusal", OF_PEOPLE + OF_THE_VAULT, ids=lambda refusal: refusal.code)
def test_no_fact_about_people_is_missing(refusal: Refusal) -> None:
    for fact in refusal.facts.values():
        nb, en = refusal_text(refusal, "nb"), refusal_text(refusal, "en")
        assert "?" not in nb + en
        if str(fact) in OF_CLOSED_LISTS:
            assert str(fact) not in nb + en, "codes are put into words"


OF_CLOSED_LISTS = {code for words in FACTS.values() for code in words if "_" in code}
