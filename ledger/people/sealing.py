"""AES-256-GCM under keys of one subject and one retention class.

What is sealed is bound to its place: book, subject, field and version are authenticated with it,
so that nothing can be moved to another person or replaced by what stood there before.
"""

import hashlib
import hmac
import secrets
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
"""Random. A data key seals some dozens of values, far below the 2³² that random nonces allow."""
FORMAT: Final = b"\x01"
"""The first byte of whatever is sealed: AES-256-GCM, 96-bit nonce in front, 128-bit tag behind."""


class CannotOpen(Exception):
    """It was sealed under another key, for another place, or has been altered."""

    def __init__(self) -> None:
        super().__init__("what is sealed in the vault does not open: it was altered or moved")


def new_key() -> bytes:
    """A random key of 256 bits."""
    return secrets.token_bytes(KEY_BYTES)


def seal(key: bytes, plain: bytes, place: bytes) -> bytes:
    """Encrypt for one place."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return FORMAT + nonce + AESGCM(key).encrypt(nonce, plain, FORMAT + place)


def open_sealed(key: bytes, sealed: bytes, place: bytes) -> bytes:
    """Decrypt what was sealed for a place. Raises ``CannotOpen``."""
    if sealed[:1] != FORMAT:
        raise CannotOpen
    nonce = sealed[1 : 1 + NONCE_BYTES]
    try:
        return AESGCM(key).decrypt(nonce, sealed[1 + NONCE_BYTES :], FORMAT + place)
    except (InvalidTag, ValueError) as error:
        raise CannotOpen from error


def place(book: str, subject: UUID, field: str, version: int) -> bytes:
    """Where a value belongs. No part can hold the separator: a book is ``[a-z0-9-]``."""
    return f"{book}|{subject}|{field}|{version}".encode()


def derived(root: bytes, purpose: str) -> bytes:
    """A key for one purpose, from which neither the root nor another purpose's key follows."""
    hkdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode())
    return hkdf.derive(root)


def digest(key: bytes, text: str) -> bytes:
    """HMAC-SHA-256: equal for equal texts, and nothing to be guessed from without the key."""
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
