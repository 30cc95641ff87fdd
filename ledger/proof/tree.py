"""A book's tree as its nodes are stored: any root, proof or tile costs O(log n), not a scan."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter

from sqlalchemy import Connection

from ledger.log.errors import LogError
from ledger.log.merkle import (
    HASH_BYTES,
    Node,
    Range,
    consistency_ranges,
    fold,
    inclusion_ranges,
    nodes_of,
    roots_of,
    split_hashes,
    subtree_root,
    tile_of,
)

Place = tuple[int, int]
"""Tile level and tile."""

# OFFSET 0 keeps the planner from reading the whole book to find a few tiles of it, which it was
# seen to do while it knew nothing of a table that had grown.
_READ_TILES = """
    SELECT asked.level, asked.tile, first, hashes
    FROM unnest(%s::smallint[], %s::bigint[]) AS asked(level, tile), LATERAL (
        SELECT first, hashes FROM ledger.tree
        WHERE book = %s AND level = asked.level AND tile = asked.tile OFFSET 0
    ) AS found
    ORDER BY level, tile, first
"""


class NodeMissing(LogError):
    """A node of the tree is not stored: somebody took it away. `caseledger verify` says which."""


class BookTree:
    """The stored tree of one book, seen through a connection.

    Tiles that were read once are kept: for many proofs of one tree, use one of these.
    """

    def __init__(self, connection: Connection, book: str) -> None:
        self._connection = connection
        self._book = book
        self._tiles: dict[Place, bytes] = {}

    def root(self, size: int) -> bytes:
        """The root that the tree had when it held ``size`` leaves."""
        return fold(self.peaks(size))

    def peaks(self, size: int) -> list[bytes]:
        """The frontier that the tree had when it held ``size`` leaves, largest subtree first."""
        places = nodes_of((0, size))
        self._read(places)
        return [self._node(place) for place in places]

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The proof that leaf ``index`` (from 0) is in the tree of ``size`` leaves."""
        return self._roots(inclusion_ranges(index, size))

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that the tree of ``new`` leaves continues that of ``old``; none from 0."""
        return self._roots(consistency_ranges(old, new))

    def leaves(self, start: int, end: int) -> list[bytes]:
        """The hashes of leaves from the first up to but without the second (both from 0)."""
        places = [(0, tile) for tile in range(start >> 8, (end + 255) >> 8)]
        self._read_tiles(places)
        found = split_hashes(b"".join(self._tiles[place] for place in places))
        before = start & 255
        return found[before : before + end - start]

    def tile(self, level: int, number: int, width: int) -> bytes:
        """The first ``width`` hashes of a tile. ``NodeMissing`` if there are fewer."""
        self._read_tiles([(level, number)])
        hashes = self._tiles[level, number]
        if len(hashes) < width * HASH_BYTES:
            raise NodeMissing(f"tile {number} of level {level} has no {width} hashes")
        return hashes[: width * HASH_BYTES]

    def _roots(self, ranges: Sequence[Range]) -> list[bytes]:
        self._read(place for range in ranges for place in nodes_of(range))
        return roots_of(ranges, self._node)

    def _node(self, place: Node) -> bytes:
        level, tile, first, number = tile_of(place)
        start, end = first * HASH_BYTES, (first + number) * HASH_BYTES
        hashes = self._tiles[level, tile][start:end]
        if len(hashes) != end - start:
            raise NodeMissing(f"tile {tile} of level {level} lacks hash {first} or one after it")
        return subtree_root(hashes)

    def _read(self, nodes: Iterable[Node]) -> None:
        self._read_tiles(sorted({tile_of(node)[:2] for node in nodes}))

    def _read_tiles(self, places: Sequence[Place]) -> None:
        wanted = [place for place in places if place not in self._tiles]
        if not wanted:
            return
        levels, tiles = zip(*wanted, strict=True)
        rows = self._connection.exec_driver_sql(
            _READ_TILES, (list(levels), list(tiles), self._book)
        ).all()
        self._tiles |= dict.fromkeys(wanted, b"")
        for (level, tile), pieces in groupby(rows, itemgetter(0, 1)):
            hashes = b""
            for _, _, first, piece in pieces:
                if first * HASH_BYTES != len(hashes):
                    raise NodeMissing(f"tile {tile} of level {level} has a gap or an overlap")
                hashes += bytes(piece)
            self._tiles[level, tile] = hashes
