"""RFC 6962 Merkle tree hashing, kept incrementally as a frontier.

The frontier of a tree holds the roots of its complete subtrees, largest first: one hash for
each bit that is set in its size. Appending a leaf costs two hashes on average, whatever the
size, and the root can be had at any moment.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final, Self

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """RFC 6962 section 2.1: SHA-256(0x00 || leaf)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 section 2.1: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree."""

    __slots__ = ("_peaks", "size")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self._peaks = list(peaks)
        if len(self._peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} peaks")

    @classmethod
    def from_bytes(cls, size: int, packed: bytes) -> Self:
        """The frontier that ``to_bytes`` packed. ``ValueError`` if it does not fit the size."""
        if len(packed) != size.bit_count() * HASH_BYTES:
            raise ValueError(f"{len(packed)} bytes can't be the frontier of {size} leaves")
        return cls(size, (packed[i : i + HASH_BYTES] for i in range(0, len(packed), HASH_BYTES)))

    def to_bytes(self) -> bytes:
        """The peaks, largest subtree first, 32 bytes each."""
        return b"".join(self._peaks)

    def append(self, leaf: bytes) -> None:
        """Add a leaf, given as its ``leaf_hash``."""
        size, peaks = self.size, self._peaks
        while size & 1:
            leaf = node_hash(peaks.pop(), leaf)
            size >>= 1
        peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The tree's head: 32 bytes."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root
