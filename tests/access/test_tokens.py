"""Tokens that let nobody in, of an issuer whose keys come over HTTP; and those that do."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ledger.access.tokens import (
    KEYS_KEPT_SECONDS,
    LATELY_SECONDS,
    LEEWAY_SECONDS,
    Issuer,
    KeysUnavailable,
    LocalIssuer,
    SettingsError,
    TokenRefused,
    Tokens,
    issuer_of,
)

ISSUER = "https://login.example"
AUDIENCE = "caseledger"
RSA = rsa.generate_private_key(65537, 2048)
OTHER_RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())


class KeyServer:
    """An issuer's address of keys, which counts how often it is asked."""

    def __init__(self) -> None:
        self.keys: list[dict[str, Any]] = [published(RSA, "rsa-1"), published(EC, "ec-1")]
        self.asked = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                body = json.dumps({"keys": outer.keys}).encode()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/jwks"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def published(key: Any, kid: str) -> dict[str, Any]:
    algorithm: Any = (
        jwt.algorithms.RSAAlgorithm
        if isinstance(key, rsa.RSAPrivateKey)
        else jwt.algorithms.ECAlgorithm
    )
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"}


@pytest.fixture
def server() -> Iterator[KeyServer]:
    server = KeyServer()
    yield server
    server.close()


@pytest.fixture
def tokens(server: KeyServer) -> Tokens:
    return Tokens(Issuer(issuer=ISSUER, audience=AUDIENCE, jwks_url=server.url))


def claims(**changed: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    good = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "u-17",
        "exp": now + timedelta(minutes=5),
        "role": "agent",
        "book": "book",
    }
    return {name: value for name, value in (good | changed).items() if value is not None}


def signed(key: Any = RSA, algorithm: str = "RS256", kid: str | None = "rsa-1", **more: Any) -> str:
    headers = {} if kid is None else {"kid": kid}
    return jwt.encode(claims(**more), key, algorithm=algorithm, headers=headers)


def public_pem() -> bytes:
    return RSA.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def hs256_with_the_public_key() -> str:
    """What an attacker sends who hopes that the public key is taken for a shared secret."""
    from jwt.algorithms import HMACAlgorithm
    from jwt.utils import base64url_encode

    header = base64url_encode(json.dumps({"alg": "HS256", "typ": "JWT", "kid": "rsa-1"}).encode())
    now = int(time.time())
    body = base64url_encode(json.dumps(claims(exp=now + 300)).encode())
    mac = HMACAlgorithm(HMACAlgorithm.SHA256)
    signature = base64url_encode(mac.sign(header + b"." + body, public_pem()))
    return b".".join((header, body, signature)).decode()


def test_a_good_token(tokens: Tokens) -> None:
    caller = tokens.caller(signed())
    assert (caller.role, caller.actor, caller.books) == ("agent", "agent:u-17", frozenset({"book"}))
    assert tokens.caller(signed(EC, "ES256", "ec-1", role="auditor", book="*")).may_enter("any")
    assert tokens.caller(signed(book=["a", "b"])).books == {"a", "b"}
    clinic = tokens.caller(signed(role="clinic", clinic="clinic-1"))
    assert clinic.clinic == "clinic-1"
    assert tokens.caller(signed(role=["something", "senior"])).role == "senior"


BAD: dict[str, Callable[[], str]] = {
    "expired": lambda: signed(exp=datetime.now(UTC) - timedelta(seconds=LEEWAY_SECONDS + 5)),
    "not yet": lambda: signed(nbf=datetime.now(UTC) + timedelta(seconds=LEEWAY_SECONDS + 5)),
    "without end": lambda: signed(exp=None),
    "wrong audience": lambda: signed(aud="another"),
    "no audience": lambda: signed(aud=None),
    "wrong issuer": lambda: signed(iss="https://login.example.evil"),
    "no issuer": lambda: signed(iss=None),
    "none": lambda: jwt.encode(claims(), "", algorithm="none", headers={"kid": "rsa-1"}),
    "HS256 with the public key": hs256_with_the_public_key,
    "unknown key id": lambda: signed(OTHER_RSA, kid="rsa-9"),
    "known key id, other key": lambda: signed(OTHER_RSA),
    "no key id": lambda: signed(kid=None),
    "key of another kind": lambda: signed(EC, "ES256", "rsa-1"),
    "an algorithm that is not configured": lambda: signed(algorithm="RS512"),
    "no subject": lambda: signed(sub=None),
    "empty subject": lambda: signed(sub=""),
    "no role": lambda: signed(role=None),
    "no role of ours": lambda: signed(role="admin"),
    "two roles": lambda: signed(role=["agent", "auditor"]),
    "role of another type": lambda: signed(role={"agent": True}),
    "no book": lambda: signed(book=None),
    "clinic without clinic": lambda: signed(role="clinic"),
    "clinic with two": lambda: signed(role="clinic", clinic=["a", "b"]),
    "clinic of every book": lambda: signed(role="clinic", clinic="a", book="*"),
    "cut": lambda: signed()[:-6],
    "changed": lambda: signed()[:-6] + ("AAAAAA" if signed()[-6:] != "AAAAAA" else "BBBBBB"),
    "empty": lambda: "",
    "no token": lambda: "a.b.c",
    "long": lambda: signed(filler="x" * 10_000),
    "deep": lambda: "[" * 7_000,
    "not ASCII": lambda: "ø.æ.å",
    "surrogate": lambda: "\ud800.a.b",
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_token(tokens: Tokens, kind: str) -> None:
    with pytest.raises(TokenRefused):
        tokens.caller(BAD[kind]())
    assert tokens.caller(signed()).role == "agent"  # nothing is spoilt for the others


def test_clocks_may_differ_a_little(tokens: Tokens) -> None:
    just_over = datetime.now(UTC) - timedelta(seconds=LEEWAY_SECONDS - 10)
    assert tokens.caller(signed(exp=just_over)).role == "agent"


def test_claims_may_have_other_names_and_be_nested(server: KeyServer) -> None:
    issuer = Issuer(
        issuer=ISSUER,
        audience=AUDIENCE,
        jwks_url=server.url,
        role_claim="realm_access.roles",
        book_claim="https://caseledger.example/books",
        clinic_claim="org.number",
    )
    token = signed(
        role=None,
        book=None,
        realm_access={"roles": ["clinic"]},
        org={"number": "923609016"},
        **{"https://caseledger.example/books": ["a"]},  # type: ignore[arg-type]
    )
    caller = Tokens(issuer).caller(token)
    assert (caller.role, caller.clinic, caller.books) == ("clinic", "923609016", frozenset({"a"}))


def test_keys_are_kept_and_asked_for_anew_when_they_change(
    server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = Tokens(Issuer(issuer=ISSUER, audience=AUDIENCE, jwks_url=server.url))
    for _ in range(50):
        tokens.caller(signed())
    assert server.asked == 1
    for number in range(50):  # nobody can have the issuer asked again and again
        with pytest.raises(TokenRefused):
            tokens.caller(signed(OTHER_RSA, kid=f"unknown-{number}"))
    assert server.asked <= 2
    server.keys = [published(OTHER_RSA, "rsa-2")]
    later = time.monotonic() + 60
    monkeypatch.setattr("jwt.jwks_client.time.monotonic", lambda: later)
    assert tokens.caller(signed(OTHER_RSA, kid="rsa-2")).role == "agent"
    with pytest.raises(TokenRefused):
        tokens.caller(signed())


def test_a_token_that_was_good_is_not_verified_again(
    tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = signed()
    assert tokens.seen_lately(token) is None
    caller = tokens.caller(token)
    with monkeypatch.context() as without:
        without.delattr("jwt.decode")
        assert tokens.caller(token) == tokens.seen_lately(token) == caller
    changed = token[:-6] + ("AAAAAA" if token[-6:] != "AAAAAA" else "BBBBBB")
    assert tokens.seen_lately(changed) is None
    with pytest.raises(TokenRefused):
        tokens.caller(changed)


def test_a_token_that_was_good_ends_when_it_says(
    tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = datetime.now(UTC) + timedelta(seconds=2 - LEEWAY_SECONDS)
    token = signed(exp=end)
    caller = tokens.caller(token)
    over = int(end.timestamp()) + LEEWAY_SECONDS
    monkeypatch.setattr("ledger.access.tokens.time", lambda: over - 0.5)
    assert tokens.seen_lately(token) == tokens.caller(token) == caller
    monkeypatch.setattr("ledger.access.tokens.time", lambda: float(over))
    assert tokens.seen_lately(token) is None
    time.sleep(max(0.0, over - time.time()))
    with pytest.raises(TokenRefused):
        tokens.caller(token)


def test_a_token_that_was_good_ends_with_the_key_of_its_issuer(
    server: KeyServer, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = signed()
    tokens.caller(token)
    server.keys = [published(OTHER_RSA, "rsa-1")]  # the same name, for another key
    later = time.monotonic() + KEYS_KEPT_SECONDS + 1
    monkeypatch.setattr("jwt.jwks_client.time.monotonic", lambda: later)
    with pytest.raises(TokenRefused):
        tokens.caller(token)
    soon = time.time() + LATELY_SECONDS
    monkeypatch.setattr("ledger.access.tokens.time", lambda: soon)
    assert tokens.seen_lately(token) is None


def test_few_tokens_are_remembered(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.access.tokens.MOST_KNOWN", 3)
    several = [signed(sub=f"u-{number}") for number in range(5)]
    for token in several:
        tokens.caller(token)
    assert [tokens.seen_lately(token) is None for token in several] == [True] * 2 + [False] * 3


def test_an_issuer_out_of_reach_is_no_wrong_token(server: KeyServer) -> None:
    tokens = Tokens(Issuer(issuer=ISSUER, audience=AUDIENCE, jwks_url="http://127.0.0.1:9/jwks"))
    with pytest.raises(KeysUnavailable):
        tokens.caller(signed())


@pytest.mark.parametrize(
    "settings",
    [
        {"CASELEDGER_OIDC_AUDIENCE": "a"},
        {"CASELEDGER_OIDC_ISSUER": "i"},
        {"CASELEDGER_OIDC_ISSUER": "i", "CASELEDGER_OIDC_AUDIENCE": "a"},
        {
            "CASELEDGER_OIDC_ISSUER": "i",
            "CASELEDGER_OIDC_AUDIENCE": "a",
            "CASELEDGER_OIDC_JWKS_URL": "http://far.example/jwks",
        },
        *(
            {
                "CASELEDGER_OIDC_ISSUER": "i",
                "CASELEDGER_OIDC_AUDIENCE": "a",
                "CASELEDGER_OIDC_JWKS_URL": "https://login.example/jwks",
                "CASELEDGER_OIDC_ALGORITHMS": algorithms,
            }
            for algorithms in ("none", "HS256", "RS256,HS256", " ")
        ),
    ],
)
def test_half_an_issuer_is_none(settings: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        issuer_of(settings)


def test_the_issuer_of_the_environment() -> None:
    assert issuer_of({}) is None
    found = issuer_of(
        {
            "CASELEDGER_OIDC_ISSUER": "i",
            "CASELEDGER_OIDC_AUDIENCE": "a",
            "CASELEDGER_OIDC_JWKS_URL": "https://login.example/jwks",
            "CASELEDGER_OIDC_ALGORITHMS": "ES256, EdDSA",
        }
    )
    assert found is not None
    assert found.algorithms == ("ES256", "EdDSA")


def test_our_own_issuer_keeps_its_key(tmp_path: Path) -> None:
    file = tmp_path / "home" / "key.pem"
    first = LocalIssuer.kept_in(file)
    assert file.stat().st_mode & 0o777 == 0o600
    token = first.mint(role="clinic", book="book", clinic="clinic-1", subject="Åse Ø. <x>")
    caller = LocalIssuer.kept_in(file).tokens().caller(token)
    assert caller.actor == "clinic:%C3%85se%20%C3%98.%20%3Cx%3E"
    with pytest.raises(TokenRefused):
        LocalIssuer.new().tokens().caller(token)
    assert list(file.parent.iterdir()) == [file]
