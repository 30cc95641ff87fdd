"""Each refusal that there is, is given for something."""

import ast
from pathlib import Path
from typing import get_args

import pytest

import ledger
from ledger.domain.refusals import Code
from tests.scenarios.refusals import OF_THE_APPLICATION, OF_THE_DOMAIN
from tests.scenarios.story import given

CODES: frozenset[str] = frozenset(get_args(Code))


@pytest.mark.parametrize("code", OF_THE_DOMAIN)
def test_the_domain_refuses(code: Code) -> None:
    happened, command = OF_THE_DOMAIN[code]
    assert given(*happened).when(command).refusal().code == code


def test_no_code_is_forgotten() -> None:
    ours = set(OF_THE_DOMAIN)
    theirs = {refusal.code for refusal in OF_THE_APPLICATION}
    assert ours | theirs == CODES
    assert not ours & theirs


def test_each_code_is_given_by_the_layer_that_can_know_it() -> None:
    folder = Path(next(iter(ledger.__path__)))
    given_by_domain = {
        code for file in (folder / "domain").rglob("*.py") for code in given_in(file)
    }
    given_by_others = {
        code
        for file in folder.rglob("*.py")
        if "domain" not in file.relative_to(folder).parts
        for code in given_in(file)
    }
    assert given_by_domain == set(OF_THE_DOMAIN)
    assert given_by_others == {refusal.code for refusal in OF_THE_APPLICATION}


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
