"""Each refusal that there is, is given for something, says why, and until when."""

import ast
from datetime import date, timedelta
from pathlib import Path
from typing import get_args

import msgspec
import pytest

import ledger
from ledger.domain.commands import Command
from ledger.domain.decisions import decide
from ledger.domain.refusals import Code, Refusal
from tests.scenarios.grounds import GROUNDS
from tests.scenarios.people import OF_PEOPLE, OF_THE_VAULT
from tests.scenarios.refusals import (
    OF_OTHER_STREAMS,
    OF_RELATED_CASES,
    OF_THE_APPLICATION,
    OF_THE_DOMAIN,
)
from tests.scenarios.story import given, told

CODES: frozenset[str] = frozenset(get_args(Code))
TODAY = date(2027, 12, 31)
DAY = timedelta(days=1)


@pytest.mark.parametrize("code", OF_THE_DOMAIN)
def test_the_domain_refuses(code: Code) -> None:
    of = OF_THE_DOMAIN[code]
    today = "2026-12-31" if code == "date_out_of_range" else TODAY.isoformat()
    refusal = given(*of.happened, rules=of.rules, today=today).when(of.asked, by=of.by).refusal()
    assert refusal.code == code
    assert of.facts.items() <= refusal.facts.items(), refusal
    assert refusal.source == of.source
    assert refusal.earliest == (of.earliest and date.fromisoformat(of.earliest))


@pytest.mark.parametrize("code", [c for c, of in OF_THE_DOMAIN.items() if of.earliest])
def test_on_its_earliest_day_and_not_before_a_refusal_is_over(code: Code) -> None:
    of = OF_THE_DOMAIN[code]
    assert of.earliest is not None
    case = given(*of.happened, rules=of.rules, today=TODAY.isoformat()).case
    earliest = date.fromisoformat(of.earliest)

    def refused_on(day: date) -> str | None:
        command = on(of.asked, day)
        today = day if code != "date_out_of_range" else min(day, earliest)
        answer = decide(case, command, of.rules, today, actor=of.by)
        return answer.code if isinstance(answer, Refusal) else None

    assert refused_on(earliest) != code
    if code != "date_out_of_range":
        assert refused_on(earliest - DAY) == code


def on(command: Command, day: date) -> Command:
    """The command as it would be given on another day, its deadline as far away."""
    by = day - command.on
    changed = {
        name: getattr(command, name) + by
        for name in ("deadline", "at")
        if getattr(command, name, None) is not None
    }
    return msgspec.structs.replace(command, on=day, **changed)


@pytest.mark.parametrize(
    "refusal", (*OF_THE_APPLICATION, *OF_PEOPLE, *OF_THE_VAULT), ids=lambda refusal: refusal.code
)
def test_what_is_refused_elsewhere_has_its_words(refusal: Refusal) -> None:
    told(refusal)


def test_no_code_is_forgotten() -> None:
    theirs = {refusal.code for refusal in OF_THE_APPLICATION}
    of_people = {refusal.code for refusal in (*OF_PEOPLE, *OF_THE_VAULT)}
    everybodys = [set(OF_THE_DOMAIN), theirs, of_people, OF_OTHER_STREAMS, OF_RELATED_CASES]
    assert set().union(*everybodys) == CODES == set(GROUNDS)
    assert not theirs & set(OF_THE_DOMAIN)


def test_each_code_is_given_by_the_layer_that_can_know_it() -> None:
    folder = Path(next(iter(ledger.__path__)))
    given_by_domain = {
        code for file in (folder / "domain").rglob("*.py") for code in given_in(file)
    }
    ours = set(OF_THE_DOMAIN) | OF_OTHER_STREAMS | OF_RELATED_CASES
    ours |= {refusal.code for refusal in OF_PEOPLE}
    by_a_table = {"bankruptcy", "debt_settlement", "deferral_active", "on_hold"}
    assert given_by_domain | by_a_table == ours


def given_in(file: Path) -> set[str]:
    """The codes of the refusals that a module makes."""
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Refusal"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }
