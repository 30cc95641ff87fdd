"""The OpenAPI document: the one that is committed, and whole."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.access import OPEN, OPERATIONS
from api.app import create_app
from api.bodies import body_of, command_from, example_of
from api.nouns import NOUNS
from api.problems import MEDIA_TYPE, STATUS
from ledger.domain.clinic import CLINIC_COMMANDS
from ledger.domain.commands import Remit
from ledger.domain.decisions import COMMANDS

COMMITTED: Final = Path(__file__).parents[2] / "docs" / "openapi.json"
NOWHERE: Final = "postgresql+psycopg2://nobody@127.0.0.1:1/none"


@pytest.fixture(scope="module")
def described() -> FastAPI:
    """An application that is only asked what it is."""
    return create_app(NOWHERE)


@pytest.fixture(scope="module")
def operations(described: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    paths = described.openapi()["paths"]
    return [(path, method, o) for path, item in paths.items() for method, o in item.items()]


def test_the_committed_document_is_this_one(described: FastAPI) -> None:
    """`make openapi` writes it anew; whoever builds on it sees in the diff what changed."""
    document = {**described.openapi(), "info": {**described.openapi()["info"], "version": "0"}}
    committed = json.loads(COMMITTED.read_text(encoding="utf-8"))
    assert document == committed, "run `make openapi` and read the diff"


def test_operations_have_ids_and_somebody_who_may(operations: Any) -> None:
    ids = [operation["operationId"] for _, _, operation in operations]
    assert len(set(ids)) == len(ids) > 30
    guarded = {o["operationId"] for _, _, o in operations if "security" in o}
    assert guarded == set(OPERATIONS), "a role table that is complete, and holds nothing else"
    assert set(ids) - guarded == OPEN - {"documentation"}


def test_every_error_is_a_problem_with_an_example(described: FastAPI, operations: Any) -> None:
    examples = described.openapi()["components"]["examples"]
    shared = described.openapi()["components"]["responses"]
    assert set(examples) == set(STATUS)
    for path, _, operation in operations:
        errors = {
            status: shared[response["$ref"].rpartition("/")[2]]
            for status, response in operation["responses"].items()
            if int(status) >= 400
        }
        assert errors or path == "/health/live"
        for status, response in errors.items():
            assert list(response["content"]) == [MEDIA_TYPE]
            for code in response["content"][MEDIA_TYPE].get("examples", ()):
                assert STATUS[code] == int(status)


def test_every_problem_has_its_address(described: FastAPI) -> None:
    client = TestClient(described)
    listed = client.get("/problems", headers={"Accept-Language": "nb"}).json()
    assert {kind["code"] for kind in listed} == set(STATUS)
    for kind in listed:
        assert kind["title"] and kind["detail"]
        assert client.get(kind["type"], headers={"Accept-Language": "nb"}).json() == kind
        assert client.get(kind["type"]).json()["title"] != ""
    missing = client.get("/problems/none")
    assert (missing.status_code, missing.json()["code"]) == (404, "problem_not_found")


def test_every_command_has_its_noun() -> None:
    for of, commands in (("case", COMMANDS), ("clinic", (*CLINIC_COMMANDS, Remit))):
        assert {noun.command for noun in NOUNS if noun.of == of} == set(commands)
    assert len({noun.template for noun in NOUNS}) == len(NOUNS)
    assert len({noun.path for noun in NOUNS}) == len(NOUNS), "a batch names them by it"


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.path)
def test_examples_are_bodies(noun: Any) -> None:
    model = body_of(noun.command)
    command = command_from(model.model_validate(example_of(model)), noun.command, "NOK")
    assert isinstance(command, noun.command)
    assert noun.command.__doc__


def test_the_interactive_page_needs_no_outside_host(described: FastAPI) -> None:
    client = TestClient(described)
    page = client.get("/docs")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "://" not in page.text
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert f"/docs/assets/{asset}" in page.text
        assert client.get(f"/docs/assets/{asset}").status_code == 200
    assert client.get("/docs/assets/../../__init__.py").status_code == 404
