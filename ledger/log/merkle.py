"""RFC 6962 Merkle tree: hashing, the frontier of a growing tree, proofs and their verification.

The frontier of a tree holds the roots of its complete subtrees, largest first: one hash for
each bit that is set in its size. Appending a leaf costs two hashes on average, whatever the
size, and the root can be had at any moment.

What proofs need of the rest of the tree is kept in tiles (C2SP tlog-tiles): tile level 0 is
the sequence of the leaves' hashes, and each further level the sequence of the roots of the
complete subtrees that lie over 256 hashes of the level below. Every node in between is at most
128 hashes of one tile.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Final, NamedTuple, Self

HASH_BYTES: Final = 32
TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
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
        return fold(self._peaks)


class Piece(NamedTuple):
    """Consecutive hashes of one tile: what a transaction adds to it."""

    level: int
    tile: int
    first: int
    """The place of the first hash within the tile, 0 to 255."""
    hashes: bytes


class Growth(Frontier):
    """A frontier that also keeps what the tiles of its tree gain."""

    __slots__ = ("_from", "_gained")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        super().__init__(size, peaks)
        self._from = size
        self._gained: defaultdict[int, list[bytes]] = defaultdict(list)

    def append(self, leaf: bytes) -> None:
        """Add a leaf, given as its ``leaf_hash``."""
        size, peaks, gained = self.size, self._peaks, self._gained
        gained[0].append(leaf)
        height = 0
        while size & 1:
            leaf = node_hash(peaks.pop(), leaf)
            size >>= 1
            height += 1
            if not height & 7:
                gained[height >> 3].append(leaf)
        peaks.append(leaf)
        self.size += 1

    def take(self) -> list[Piece]:
        """What the tiles gained since the last call, by level and place."""
        pieces: list[Piece] = []
        for level, hashes in sorted(self._gained.items()):
            place = self._from >> (TILE_HEIGHT * level)
            taken = 0
            while taken < len(hashes):
                tile, first = divmod(place + taken, TILE_WIDTH)
                some = hashes[taken : taken + TILE_WIDTH - first]
                pieces.append(Piece(level, tile, first, b"".join(some)))
                taken += len(some)
        self._from = self.size
        self._gained.clear()
        return pieces


Range = tuple[int, int]
"""Leaves from the first up to but without the second."""

Node = tuple[int, int]
"""A complete subtree: its height, and its number among those of that height."""


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The ranges whose roots prove leaf ``index`` to be in a tree (RFC 6962 section 2.1.1)."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    start, end, found = 0, size, list[Range]()
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """The ranges whose roots prove a tree to continue an older one (RFC 6962 section 2.1.2).

    Nothing needs to be shown for an old size of zero, or equal to the new one.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves never had {old}")
    if old in {0, new}:
        return []
    start, end, found = 0, new, list[Range]()
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    if start:
        found.append((start, end))
    return found[::-1]


def nodes_of(range: Range) -> list[Node]:
    """The complete subtrees that a range of a tree consists of, largest first."""
    start, end = range
    found: list[Node] = []
    while start < end:
        height = (end - start).bit_length() - 1
        found.append((height, start >> height))
        start += 1 << height
    return found


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over complete subtrees that stand side by side, largest first."""
    if not hashes:
        return EMPTY_ROOT
    *others, root = hashes
    for peak in reversed(others):
        root = node_hash(peak, root)
    return root


def roots_of(ranges: Sequence[Range], node: Callable[[Node], bytes]) -> list[bytes]:
    """The roots of ranges, from the subtrees' roots."""
    return [fold([node(place) for place in nodes_of(range)]) for range in ranges]


def tile_of(node: Node) -> tuple[int, int, int, int]:
    """Where a node is to be had from: tile level, tile, first place in it, number of hashes."""
    height, index = node
    level, above = divmod(height, TILE_HEIGHT)
    tile, first = divmod(index << above, TILE_WIDTH)
    return level, tile, first, 1 << above


def subtree_root(hashes: bytes) -> bytes:
    """The root over a power of two of hashes, given one after the other."""
    row = split_hashes(hashes)
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


def split_hashes(packed: bytes) -> list[bytes]:
    """Hashes that were given one after the other."""
    return [packed[i : i + HASH_BYTES] for i in range(0, len(packed), HASH_BYTES)]


def proves_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether a proof shows the leaf with this hash to be in the tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes((leaf, root, *proof)):
        return False
    number, last, found = index, size - 1, leaf
    for hash in proof:
        if not last:
            return False
        if number & 1 or number == last:
            found = node_hash(hash, found)
            while not number & 1 and number:
                number >>= 1
                last >>= 1
        else:
            found = node_hash(found, hash)
        number >>= 1
        last >>= 1
    return not last and found == root


def proves_consistency(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> bool:
    """Whether a proof shows the new tree to continue the old one (RFC 9162, 2.1.4.2).

    An old size of zero proves nothing and is refused: whoever begins with an empty tree checks
    its root against ``EMPTY_ROOT`` and wants no proof.
    """
    if not 0 < old <= new or not _are_hashes(proof):
        return False
    if old == new:
        return not proof and old_root == new_root
    path: Iterator[bytes] = iter(proof if old & (old - 1) else (old_root, *proof))
    number, last = old - 1, new - 1
    while number & 1:
        number >>= 1
        last >>= 1
    first = next(path, None)
    if first is None:
        return False
    found_old = found_new = first
    for hash in path:
        if not last:
            return False
        if number & 1 or number == last:
            found_old, found_new = node_hash(hash, found_old), node_hash(hash, found_new)
            while not number & 1 and number:
                number >>= 1
                last >>= 1
        else:
            found_new = node_hash(found_new, hash)
        number >>= 1
        last >>= 1
    return not last and found_old == old_root and found_new == new_root


def _split(size: int) -> int:
    """The largest power of two below a size."""
    return 1 << ((size - 1).bit_length() - 1)


def _are_hashes(values: Iterable[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
