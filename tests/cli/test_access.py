"""What lets people and machines in: made, listed, taken, and ended."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest

from tests.cli.command import Caseledger, interrupted

pytestmark = pytest.mark.database


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def serving(program: Caseledger) -> Iterator[str]:
    """The address of a server of this home."""
    process = program.begin("serve", "--port", str(free_port()))
    assert process.stderr is not None
    line = ""
    while "Serving at" not in line:
        line = process.stderr.readline()
        assert line, "it ended early"
    try:
        yield line.split()[2]
    finally:
        assert interrupted(process).code == 0


def status(address: str, token: str, path: str = "/v1/books/demo/cases/1001") -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx2.get(address + path, headers=headers).status_code


def test_tokens_and_keys_from_making_to_ending(caseledger: Caseledger) -> None:
    caseledger.run("demo", "--once")
    with serving(caseledger) as address:
        ended = caseledger.run("token", "--role", "agent", "--book", "demo")
        token = ended.out.strip()
        assert ended.out.count("\n") == 1, "the bare token, and nothing else"
        assert status(address, token) == 200
        other = caseledger.run("token", "--role", "agent", "--book", "another").out.strip()
        assert status(address, other) == 404
        clinic = ("token", "--role", "clinic", "--book", "demo", "--clinic")
        own = caseledger.run(*clinic, "clinic-fjord").out.strip()
        assert status(address, own) == 200
        assert status(address, caseledger.run(*clinic, "clinic-by").out.strip()) == 404

        made = caseledger.run("api-key", "create", "bank", "--role", "system", "--book", "demo")
        key = made.out.strip()
        assert status(address, key) == 200
        listed: list[dict[str, Any]] = caseledger.run(
            "api-key", "list", "--book", "demo", "--json"
        ).json
        (found,) = listed
        assert (found["name"], found["role"], found["revoked_at"]) == ("bank", "system", None)
        assert found["last_used_at"]
        assert key not in json.dumps(listed)
        assert found["key"] in caseledger.run("api-key", "list", "--book", "demo").out
        caseledger.run("api-key", "revoke", found["key"], "--book", "demo")
        assert status(address, key) == 401
        caseledger.refuses("api-key", "revoke", found["key"], "--book", "demo", code=2)


def test_what_can_not_be_asked_for(caseledger: Caseledger) -> None:
    token = ("token", "--book", "demo", "--role")
    caseledger.refuses(*token, "king", code=2)
    caseledger.refuses(*token, "clinic", code=2)
    caseledger.refuses(*token, "agent", "--clinic", "c", code=2)
    caseledger.refuses("token", "--role", "clinic", "--clinic", "c", "--book", "*", code=2)
    caseledger.refuses("serve", "--host", "0.0.0.0", code=2)  # noqa: S104


def test_our_own_issuer_ends_where_a_real_one_is_named(caseledger: Caseledger) -> None:
    real = caseledger.having(
        CASELEDGER_OIDC_ISSUER="https://login.example",
        CASELEDGER_OIDC_AUDIENCE="caseledger",
        CASELEDGER_OIDC_JWKS_URL="http://127.0.0.1:9/jwks",
    )
    token = caseledger.run("token", "--role", "agent", "--book", "demo").out.strip()
    real.refuses("token", "--role", "agent", "--book", "demo", code=2)
    real.refuses("demo", "--once", code=2)
    with serving(real) as address:
        assert status(address, token) == 401
    half = caseledger.having(CASELEDGER_OIDC_ISSUER="https://login.example")
    assert "CASELEDGER_OIDC_AUDIENCE" in half.refuses("serve", code=2)
