"""One level of a stored tree, hash by hash."""

from collections.abc import Iterator
from typing import Any

from ledger.log.merkle import HASH_BYTES, TILE_HEIGHT, TILE_WIDTH
from ledger.log.snapshot import Snapshot


class StoredNodes:
    """The hashes of a level behind where a snapshot begins, taken in their order."""

    def __init__(self, snapshot: Snapshot, level: int) -> None:
        passed = snapshot.since >> (TILE_HEIGHT * level)
        only = f"level = {level:d} AND tile >= {passed // TILE_WIDTH:d}"
        pieces = snapshot.rows("tile, first, hashes", "ledger.tree", "tile, first", only)
        self._nodes = _unpacked(pieces, passed)
        self._next = next(self._nodes, None)
        self._strays = 0

    def at(self, index: int) -> bytes | None:
        """The hash at a place, which comes after all places that were asked for before."""
        while self._next is not None and self._next[0] < index:
            self._strays += 1
            self._next = next(self._nodes, None)
        if self._next is None or self._next[0] != index:
            return None
        found = self._next[1]
        self._next = next(self._nodes, None)
        return found

    def finish(self) -> int:
        """How many there are that nobody asked for."""
        return self._strays + (self._next is not None) + sum(1 for _ in self._nodes)


def _unpacked(pieces: Iterator[tuple[Any, ...]], passed: int) -> Iterator[tuple[int, bytes]]:
    for tile, first, hashes in pieces:
        packed = bytes(hashes)
        index = tile * TILE_WIDTH + first
        for start in range(0, len(packed), HASH_BYTES):
            if index >= passed:
                yield index, packed[start : start + HASH_BYTES]
            index += 1
