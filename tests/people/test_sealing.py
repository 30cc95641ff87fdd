"""What is sealed opens in its own place and nowhere else."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.people.sealing import CannotOpen, derived, digest, new_key, open_sealed, place, seal

SUBJECT, OTHER = UUID(int=1), UUID(int=2)
HERE = place("book", SUBJECT, "name", 1)


@given(st.binary(max_size=300))
def test_there_and_back(plain: bytes) -> None:
    key = new_key()
    sealed = seal(key, plain, HERE)
    assert open_sealed(key, sealed, HERE) == plain
    assert seal(key, plain, HERE) != sealed, "a nonce is used once"
    assert len(sealed) == len(plain) + 29


@pytest.mark.parametrize(
    "elsewhere",
    [
        place("another", SUBJECT, "name", 1),
        place("book", OTHER, "name", 1),
        place("book", SUBJECT, "phone", 1),
        place("book", SUBJECT, "name", 2),
    ],
)
def test_nothing_can_be_moved(elsewhere: bytes) -> None:
    key = new_key()
    sealed = seal(key, b"Generert", HERE)
    with pytest.raises(CannotOpen):
        open_sealed(key, sealed, elsewhere)


def test_nothing_can_be_altered() -> None:
    key = new_key()
    sealed = seal(key, b"Generert", HERE)
    for at in range(len(sealed)):
        altered = bytearray(sealed)
        altered[at] ^= 1
        with pytest.raises(CannotOpen):
            open_sealed(key, bytes(altered), HERE)
    for length in range(len(sealed)):
        with pytest.raises(CannotOpen):
            open_sealed(key, sealed[:length], HERE)
    with pytest.raises(CannotOpen):
        open_sealed(new_key(), sealed, HERE)


def test_a_derived_key_is_for_one_purpose() -> None:
    root = new_key()
    made = {derived(root, purpose) for purpose in ("a", "b", "c")}
    assert len(made) == 3
    assert root not in made
    assert derived(root, "a") in made


def test_the_library_is_used_as_the_standard_says() -> None:
    """RFC 5869 A.3 for HKDF-SHA-256 without salt (first 32 bytes), RFC 4231 case 2 for HMAC."""
    expected = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
    assert derived(b"\x0b" * 22, "").hex() == expected
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert digest(b"Jefe", "what do ya want for nothing?").hex() == expected
