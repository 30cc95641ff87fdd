"""The log as tiles (C2SP tlog-tiles): what monitors and mirrors read, cacheable for ever."""

import re
import struct
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from ledger.log.merkle import TILE_HEIGHT, TILE_WIDTH

MEDIA_TYPE: Final = "application/octet-stream"

_PATH: Final = re.compile(r"((?:x[0-9]{3}/){0,5})([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


class TilePlace(NamedTuple):
    """A tile and how many of its 256 hashes or entries are asked for."""

    number: int
    width: int

    @classmethod
    def parse(cls, path: str) -> "TilePlace":
        """``x001/x234/067`` or ``x001/x234/067.p/8``. Raises ``ValueError``."""
        matched = _PATH.fullmatch(path)
        if matched is None:
            raise ValueError(f"{path!r} is no path of a tile")
        number = int(matched[1].replace("x", "").replace("/", "") + matched[2])
        found = cls(number, int(matched[3] or TILE_WIDTH))
        # A number with more digits than it needs, or the width of a whole tile.
        if str(found) != path or found.width > TILE_WIDTH:
            raise ValueError(f"{path!r} is no path of a tile")
        return found

    def __str__(self) -> str:
        digits = f"{self.number:03d}"
        digits = digits.rjust(-len(digits) % 3 + len(digits), "0")
        *high, low = (digits[i : i + 3] for i in range(0, len(digits), 3))
        path = "".join(f"x{group}/" for group in high) + low
        return path if self.width == TILE_WIDTH else f"{path}.p/{self.width}"


def tile_width(level: int, number: int, size: int) -> int:
    """How many hashes a tile has in a tree of ``size`` leaves: 0 to 256."""
    return max(0, min((size >> (TILE_HEIGHT * level)) - number * TILE_WIDTH, TILE_WIDTH))


def paths(size: int) -> list[str]:
    """Every tile of a tree with ``size`` leaves, and every bundle of its entries."""
    found: list[str] = []
    level = 0
    while (size >> (TILE_HEIGHT * level)) > 0:
        for number in range(((size >> (TILE_HEIGHT * level)) + TILE_WIDTH - 1) // TILE_WIDTH):
            place = TilePlace(number, tile_width(level, number, size))
            found.append(f"tile/{level}/{place}")
            if level == 0:
                found.append(f"tile/entries/{place}")
        level += 1
    return found


def bundle(entries: Iterable[bytes]) -> bytes:
    """Entries one after the other, each with its length before it (two bytes, big-endian)."""
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def unbundle(data: bytes) -> Sequence[bytes]:
    """The entries of a bundle. Raises ``ValueError`` if it ends within one."""
    found: list[bytes] = []
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        entry = data[at + 2 : at + 2 + length]
        if len(data) - at < 2 or len(entry) != length:
            raise ValueError("the bundle ends within an entry")
        found.append(entry)
        at += 2 + length
    return found
