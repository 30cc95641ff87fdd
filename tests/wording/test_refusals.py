"""Each refusal that the domain can give brings along the facts that its text needs."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest

import ledger.domain
from ledger.domain.refusals import Code, Refusal
from ledger.wording.closed_lists import KINDS
from ledger.wording.refusals import _AMOUNTS, _DATES, _TABLES, TEXTS, refusal_text

SOURCES = sorted(Path(ledger.domain.__path__[0]).rglob("*.py"))


class Given(NamedTuple):
    """A place where a refusal is made; ``facts`` is ``None`` if they do not stand there."""

    place: str
    codes: frozenset[str]
    facts: frozenset[str] | None


def given() -> Iterator[Given]:
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                yield from _given_by(path.name, function)


def _given_by(file: str, function: ast.FunctionDef) -> Iterator[Given]:
    assigned: list[tuple[int, str, ast.expr]] = []
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            assigned.append((node.lineno, node.targets[0].id, node.value))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            assigned.append((node.lineno, node.target.id, node.value))
    for node in ast.walk(function):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        if node.func.id != "Refusal" or not node.args:
            continue
        codes = frozenset(
            part.value
            for part in ast.walk(node.args[0])
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
        )
        facts: ast.expr | None = node.args[1] if len(node.args) > 1 else ast.Dict([], [])
        if isinstance(facts, ast.Name):
            before = [e for at, name, e in assigned if name == facts.id and at < node.lineno]
            facts = before[-1] if before else None
        yield Given(f"{file}:{node.lineno}", codes, _keys(facts))


def _keys(facts: ast.expr | None) -> frozenset[str] | None:
    if not isinstance(facts, ast.Dict) or not all(isinstance(k, ast.Constant) for k in facts.keys):
        return None
    return frozenset(str(key.value) for key in facts.keys if isinstance(key, ast.Constant))


ALL = list(given())


@pytest.mark.parametrize("found", [g for g in ALL if g.facts is not None], ids=lambda g: g.place)
def test_a_refusal_brings_the_facts_of_its_text(found: Given) -> None:
    assert found.facts is not None
    for code, texts in TEXTS.items():
        if code in found.codes:
            for text in texts:
                assert set(re.findall(r"\{(\w+)\}", text)) <= found.facts, code


def test_nearly_all_refusals_are_looked_at() -> None:
    """Of a few the facts are put together elsewhere: they are added to those of a gate."""
    assert len([found for found in ALL if found.facts is None]) <= 5
    assert len(ALL) > 150


def test_each_kind_of_name_in_a_refusal_has_words() -> None:
    kinds = {
        str(value.value)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "kind" and isinstance(value, ast.Constant)
    }
    assert {"receipt", "hold", "plan"} <= kinds
    assert kinds <= set(KINDS)


def sample(field: str) -> Any:
    """A fact of that name as the domain gives it."""
    if field in _TABLES:
        return next(iter(_TABLES[field]))
    if field in _DATES:
        return "2026-03-30"
    return 1_234_50 if field in _AMOUNTS else "X1"


@pytest.mark.parametrize("code", get_args(Code))
def test_a_refusal_in_words(code: Code) -> None:
    fields = re.findall(r"\{(\w+)\}", TEXTS[code][0])
    refusal = Refusal(code, {field: sample(field) for field in fields}, date(2026, 4, 13))
    nb, en = refusal_text(refusal, "nb"), refusal_text(refusal, "en")
    assert nb.endswith(" Tidligst 13.04.2026.")
    assert en.endswith(" Not before 2026-04-13.")
    for text in (nb, en):
        assert text[0].isupper() or text[0].isdigit() or text.startswith("NOK")
        assert re.search(r"[?–{}_]|None|  ", text) is None
    assert re.search(r"\d{4}-\d\d-\d\d|NOK", nb) is None
    assert re.search(r"\d\d\.\d\d\.\d{4}|\bkr\b", en) is None
