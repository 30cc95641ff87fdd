"""A server on a fresh book, and callers of every role."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from ledger.access.callers import Role
from ledger.access.tokens import LocalIssuer
from ledger.application.ledger import Ledger
from ledger.people.keys import KeyFile
from ledger.proof.signer import Signer
from tests.orders import TODAY, invoiced_case

ISSUER = LocalIssuer.new()

Login = Callable[..., TestClient]


def bearer(role: Role, book: str = "book", clinic: str | None = None, **more: Any) -> str:
    """The Authorization header of a caller."""
    if role == "clinic":
        clinic = clinic or "clinic-1"
    return f"Bearer {ISSUER.mint(role=role, book=book, clinic=clinic, **more)}"


@pytest.fixture
def app(database_url: str, ledger: Ledger, tmp_path: Path) -> FastAPI:
    """The API on the test's database, with a signer and a vault's keys of its own."""
    signer = Signer(tmp_path / "signer", "example.org/ledger")
    keys = KeyFile(tmp_path / "keys" / "people.json")
    keys.make(TODAY)
    return create_app(database_url, ISSUER.tokens(), signer, keys)


@pytest.fixture
def login(app: FastAPI) -> Iterator[Login]:
    """A client for each caller that is asked for, on one running server."""
    with TestClient(app, raise_server_exceptions=False) as running:

        def client(role: Role, book: str = "book", clinic: str | None = None) -> TestClient:
            other = TestClient(app, raise_server_exceptions=False)
            other.portal = running.portal
            other.headers["Authorization"] = bearer(role, book, clinic)
            return other

        yield client


@pytest.fixture
def client(login: Login, ledger: Ledger) -> TestClient:
    """An agent, and case 1001 with one invoice of 413.00."""
    invoiced_case(ledger, "1001")
    return login("agent")


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The problem that a response holds, which must be of this kind."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = response.json()
    assert (found["status"], found["code"]) == (status, code)
    assert found["type"] == f"/problems/{code.replace('_', '-')}"
    assert found["instance"] == f"urn:request:{response.headers['X-Request-Id']}"
    assert "Traceback" not in response.text
    return found
