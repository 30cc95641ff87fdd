"""Bearer tokens: JSON Web Tokens of an OpenID Connect issuer, or of our own where there is none.

An issuer of one's own is for trying and for tests: whoever can read its key file is anybody. It
ends where a real one is named.
"""

import os
import tempfile
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from time import time
from typing import Any, Final, NamedTuple, Protocol, cast

import jwt
import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.exceptions import PyJWKClientConnectionError, PyJWKClientError, PyJWKSetError

from ledger.access.callers import EVERY_BOOK, ROLES, Caller, Role

ISSUER: Final = "CASELEDGER_OIDC_ISSUER"
AUDIENCE: Final = "CASELEDGER_OIDC_AUDIENCE"
JWKS_URL: Final = "CASELEDGER_OIDC_JWKS_URL"
ALGORITHMS: Final = "CASELEDGER_OIDC_ALGORITHMS"
ROLE_CLAIM: Final = "CASELEDGER_OIDC_ROLE_CLAIM"
BOOK_CLAIM: Final = "CASELEDGER_OIDC_BOOK_CLAIM"
CLINIC_CLAIM: Final = "CASELEDGER_OIDC_CLINIC_CLAIM"

SAFE_ALGORITHMS: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
"""All that is signed with a private key. With a shared secret, a public key would do as one."""
LEEWAY_SECONDS: Final = 30
"""By how much the clocks of the issuer and ours may differ."""
TOKEN_MAX_CHARS: Final = 8_000
"""Servers on the way take headers of this length at most."""
KEYS_KEPT_SECONDS: Final = 300
KEYS_TIMEOUT_SECONDS: Final = 5
UNKNOWN_KEY_COOLDOWN_SECONDS: Final = 30
"""A token with an unknown key id has the keys fetched again, but no more often than this."""

MOST_KNOWN: Final = 1_000
"""Good tokens of which we remember whose they are, those that came last."""
LATELY_SECONDS: Final = 10
"""For so long a token that was good is not compared with the issuer's keys again."""

LOCAL_ISSUER: Final = "urn:caseledger:local"
LOCAL_AUDIENCE: Final = "caseledger"
LOCAL_VALID_FOR: Final = timedelta(hours=12)


class TokenRefused(Exception):
    """The token is none that lets anybody in."""


class KeysUnavailable(Exception):
    """The issuer's keys can't be fetched, so nobody can tell whether the token is good."""


class SettingsError(Exception):
    """The settings of the issuer can't be used."""


class Keys(Protocol):
    """Where the public keys of an issuer are."""

    def get_signing_key(self, kid: str) -> jwt.PyJWK:
        """The key of this id. Raises ``PyJWKClientError``."""


class Issuer(msgspec.Struct, frozen=True, kw_only=True):
    """Whose tokens are taken, and where in them it stands who somebody is."""

    issuer: str
    audience: str
    jwks_url: str | None = None
    """``None`` for our own."""
    algorithms: tuple[str, ...] = ("RS256", "PS256", "ES256")
    role_claim: str = "role"
    book_claim: str = "book"
    clinic_claim: str = "clinic"


def issuer_of(environment: Mapping[str, str]) -> Issuer | None:
    """The issuer that the environment names, or ``None``. Raises ``SettingsError``."""
    issuer = environment.get(ISSUER)
    if not issuer:
        stray = [name for name in (AUDIENCE, JWKS_URL) if environment.get(name)]
        if stray:
            raise SettingsError(f"{stray[0]} is set, and {ISSUER} is not")
        return None
    for name in (AUDIENCE, JWKS_URL):
        if not environment.get(name):
            raise SettingsError(f"{ISSUER} is set, so {name} must be too")
    if not environment[JWKS_URL].startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise SettingsError(f"{JWKS_URL} must begin with https://")
    algorithms = tuple(environment.get(ALGORITHMS, "RS256,PS256,ES256").replace(",", " ").split())
    if not algorithms or not set(algorithms) <= SAFE_ALGORITHMS:
        raise SettingsError(f"{ALGORITHMS} may name {', '.join(sorted(SAFE_ALGORITHMS))}")
    return Issuer(
        issuer=issuer,
        audience=environment[AUDIENCE],
        jwks_url=environment[JWKS_URL],
        algorithms=algorithms,
        role_claim=environment.get(ROLE_CLAIM, "role"),
        book_claim=environment.get(BOOK_CLAIM, "book"),
        clinic_claim=environment.get(CLINIC_CLAIM, "clinic"),
    )


class _Known(NamedTuple):
    """A token that was found good."""

    kid: str
    key: jwt.PyJWK
    expires_at: float
    caller: Caller
    found_at: float = 0.0


class Tokens:
    """Tells who somebody is by his token.

    To verify a signature takes longer than to read a case, and the same token comes with each
    request: one that was good stays so until it expires or the issuer's key is another one.
    """

    def __init__(self, issuer: Issuer, keys: Keys | None = None) -> None:
        self.issuer = issuer
        self._keys: Keys = keys or jwt.PyJWKClient(
            issuer.jwks_url or "",
            lifespan=KEYS_KEPT_SECONDS,
            timeout=KEYS_TIMEOUT_SECONDS,
            cooldown_duration=UNKNOWN_KEY_COOLDOWN_SECONDS,
        )
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = Lock()

    def caller(self, token: str) -> Caller:
        """Who it is. Raises ``TokenRefused``, or ``KeysUnavailable`` where that can't be told."""
        if len(token) > TOKEN_MAX_CHARS:
            raise TokenRefused("the token is too long")
        with self._lock:
            known = self._known.get(token)
        try:
            if known is not None and self._still_good(known):
                return self._keep(token, known)
            header = jwt.get_unverified_header(token)
            # Before a key is looked for: what has no chance must not make us ask the issuer.
            if header.get("alg") not in self.issuer.algorithms or "kid" not in header:
                raise TokenRefused("it is not signed in a way that is accepted here")
            told = jwt.decode(token, options={"verify_signature": False})
            if told.get("iss") != self.issuer.issuer:
                raise TokenRefused("it is another issuer's")
            kid = str(header["kid"])
            key = self._keys.get_signing_key(kid)
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=list(self.issuer.algorithms),
                issuer=self.issuer.issuer,
                audience=self.issuer.audience,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except PyJWKClientConnectionError as error:
            raise KeysUnavailable(str(error)) from error
        except (PyJWKClientError, PyJWKSetError) as error:
            raise TokenRefused("no key of the issuer has its key id") from error
        except jwt.InvalidTokenError as error:
            raise TokenRefused(str(error)) from error
        except (UnicodeError, RecursionError, OverflowError) as error:
            raise TokenRefused("it is no token") from error
        until = int(claims["exp"]) + LEEWAY_SECONDS
        return self._keep(token, _Known(kid, key, until, self._caller(claims)))

    def seen_lately(self, token: str) -> Caller | None:
        """Who it is, if ``caller`` has found that out a moment ago; never waits for an issuer."""
        with self._lock:
            known = self._known.get(token)
        now = time()
        if known is None or now >= min(known.expires_at, known.found_at + LATELY_SECONDS):
            return None
        return known.caller

    def _still_good(self, known: _Known) -> bool:
        return time() < known.expires_at and self._keys.get_signing_key(known.kid) is known.key

    def _keep(self, token: str, known: _Known) -> Caller:
        with self._lock:
            self._known[token] = known._replace(found_at=time())
            self._known.move_to_end(token)
            if len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
        return known.caller

    def _caller(self, claims: Mapping[str, Any]) -> Caller:
        roles = set(_texts(_claim(claims, self.issuer.role_claim))) & ROLES
        if len(roles) != 1:
            raise TokenRefused("it must name one role of ours")
        role = cast(Role, roles.pop())
        books = frozenset(_texts(_claim(claims, self.issuer.book_claim)))
        if not books:
            raise TokenRefused("it names no book")
        clinics = _texts(_claim(claims, self.issuer.clinic_claim)) if role == "clinic" else ()
        if role == "clinic" and (len(clinics) != 1 or EVERY_BOOK in books):
            raise TokenRefused("a clinic's token must name one clinic, and its books")
        subject = claims["sub"]
        if not isinstance(subject, str) or not subject:
            raise TokenRefused("it names no subject")
        return Caller(
            role=role, subject=subject, books=books, clinic=clinics[0] if clinics else None
        )


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name, or by a path of names with dots between."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for step in name.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found


def _texts(claim: Any) -> tuple[str, ...]:
    """A text, or a list of texts."""
    found = claim if isinstance(claim, list) else [claim]
    return tuple(text for text in found if isinstance(text, str) and text)


class LocalIssuer:
    """Mints tokens with a key of its own."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        public = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
        numbers = key.public_key().public_numbers()
        self.kid = f"local-{numbers.x:064x}"[:22]
        self._jwk = jwt.PyJWK({**public, "kid": self.kid, "alg": "ES256", "use": "sig"})
        self.issuer = Issuer(issuer=LOCAL_ISSUER, audience=LOCAL_AUDIENCE, algorithms=("ES256",))

    @classmethod
    def kept_in(cls, file: Path) -> "LocalIssuer":
        """With the key in a file that only its owner can read; made if it is not there."""
        try:
            pem = file.read_bytes()
        except FileNotFoundError:
            pem = _new_key_in(file)
        key = serialization.load_pem_private_key(pem, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise SettingsError(f"{file} holds no key of ours; remove it, and a new one is made")
        return cls(key)

    @classmethod
    def new(cls) -> "LocalIssuer":
        """With a key that ends with the process."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    def get_signing_key(self, kid: str) -> jwt.PyJWK:
        """Our only key. Raises ``PyJWKClientError`` for any other."""
        if kid != self.kid:
            raise PyJWKClientError("no such key")
        return self._jwk

    def mint(
        self,
        *,
        role: Role,
        book: str,
        clinic: str | None = None,
        subject: str = "local",
        valid_for: timedelta = LOCAL_VALID_FOR,
    ) -> str:
        """A token for a role in a book (or ``*``, all of them)."""
        now = datetime.now(UTC)
        claims: dict[str, Any] = {
            "iss": self.issuer.issuer,
            "aud": self.issuer.audience,
            "sub": subject,
            "iat": now,
            "exp": now + valid_for,
            "role": role,
            "book": book,
        }
        if clinic is not None:
            claims["clinic"] = clinic
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": self.kid})

    def tokens(self) -> Tokens:
        """What tells who somebody is by a token of ours."""
        return Tokens(self.issuer, self)


def _new_key_in(file: Path) -> bytes:
    """Of two programs that make it at once, both use the one that came first."""
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=file.parent)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(pem)
        os.link(made, file)
    except FileExistsError:
        return file.read_bytes()
    finally:
        Path(made).unlink()
    return pem
