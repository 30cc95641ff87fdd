"""Ed25519 keys as C2SP signed-note writes them.

A verifier key is ``<name>+<key id>+<base64 of type and public key>``; a signing key the same
with the private seed, behind ``PRIVATE+KEY+`` (as Go's ``note`` package has it). The key id is
the first four bytes of SHA-256 over name, line feed, type and public key.
"""

import base64
import binascii
from hashlib import sha256
from typing import Final, NamedTuple, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

ED25519: Final = 0x01
COSIGNATURE: Final = 0x04
"""A witness's signature, which says when it was made (C2SP tlog-cosignature)."""
KEY_BYTES: Final = 32
NAME_CHARS_MAX: Final = 200

_PRIVATE: Final = "PRIVATE+KEY+"


class BadKey(ValueError):
    """A text is no key of a kind that is known here."""


class VerifierKey(NamedTuple):
    """A public key with the name that it signs under."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys of one name apart; no protection against look-alikes."""
        return key_id(self.name, self.kind, self.public)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ``BadKey``."""
        name, id, (kind, public) = _parsed(text.strip())
        found = cls(check_name(name), kind, public)
        if found.id.hex() != id:
            raise BadKey(f"the key id of {name!r} does not fit the key: a part of it was changed")
        return found

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_encoded(self.kind, self.public)}"

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether this key made an Ed25519 signature of a message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


class SigningKey:
    """A private key with the name that it signs under."""

    def __init__(self, name: str, kind: int, seed: bytes) -> None:
        self.kind = kind
        self._seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        public = self._key.public_key().public_bytes_raw()
        self.verifier: Final = VerifierKey(check_name(name), kind, public)

    @classmethod
    def generate(cls, name: str, kind: int = ED25519) -> Self:
        """A new key of the system's randomness."""
        return cls(name, kind, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ``BadKey``, whose message does not repeat the text."""
        if not text.startswith(_PRIVATE):
            raise BadKey("this is no private key")
        name, id, (kind, seed) = _parsed(text.strip().removeprefix(_PRIVATE))
        found = cls(name, kind, seed)
        if found.verifier.id.hex() != id:
            raise BadKey(f"the key id of {name!r} does not fit the key: a part of it was changed")
        return found

    def __str__(self) -> str:
        """What a key file holds: a secret."""
        verifier = self.verifier
        return f"{_PRIVATE}{verifier.name}+{verifier.id.hex()}+{_encoded(self.kind, self._seed)}"

    def __repr__(self) -> str:
        return f"<signing key of {self.verifier}>"

    def sign(self, message: bytes) -> bytes:
        """An Ed25519 signature: 64 bytes."""
        return self._key.sign(message)


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """The first four bytes of SHA-256(name || line feed || type || public key)."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def check_name(name: str) -> str:
    """A key's name: no spaces, no plus sign, nothing that would break a note's line."""
    if (
        not 0 < len(name) <= NAME_CHARS_MAX
        or "+" in name
        or any(character.isspace() or not character.isprintable() for character in name)
    ):
        raise BadKey(f"{name[:50]!r} can't name a key: use text without spaces and plus signs")
    return name


def decode_base64(text: str) -> bytes:
    """Standard base64 in its one canonical form. Raises ``ValueError`` for anything else."""
    try:
        found = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
    if base64.b64encode(found).decode() != text:
        raise ValueError("base64 is not in its canonical form")
    return found


def _parsed(text: str) -> tuple[str, str, tuple[int, bytes]]:
    """Name, key id as it stands there, and (type, key)."""
    try:
        # The last part is base64, in which plus signs may stand; a name has none.
        name, id, encoded = text.split("+", 2)
        data = decode_base64(encoded)
    except ValueError:
        raise BadKey("a key is written as name+id+base64") from None
    if len(data) != 1 + KEY_BYTES or data[0] not in {ED25519, COSIGNATURE}:
        raise BadKey("only Ed25519 keys are known here")
    return name, id, (data[0], data[1:])


def _encoded(kind: int, key: bytes) -> str:
    return base64.b64encode(bytes([kind]) + key).decode()
