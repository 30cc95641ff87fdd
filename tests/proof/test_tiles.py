"""Tiles and bundles of entries, byte for byte those of a published log."""

import pytest

from ledger.log.merkle import Growth, leaf_hash
from ledger.proof.tiles import TilePlace, bundle, paths, tile_width, unbundle
from tests.published import published


def test_the_published_tiles_and_bundles() -> None:
    """transparency-dev/tessera, testdata/log: all that it holds, from its 15 entries alone."""
    folder = published("tlog")
    entries = unbundle((folder / "tile/entries/000.p/15").read_bytes())
    growth = Growth()
    for entry in entries:
        growth.append(leaf_hash(entry))
    ((level, tile, first, hashes),) = growth.take()
    assert (level, tile, first) == (0, 0, 0)
    built = {}
    for size in range(1, 16):
        tile_path, entries_path = paths(size)
        built[tile_path] = hashes[: 32 * size]
        built[entries_path] = bundle(entries[:size])
    kept = [file for file in (folder / "tile").rglob("*") if file.is_file()]
    assert built == {str(file.relative_to(folder)): file.read_bytes() for file in kept}
    assert len(built) == 30


@pytest.mark.parametrize(
    ("number", "path"),
    [
        (0, "000"),
        (67, "067"),
        (999, "999"),
        (1000, "x001/000"),
        (1234067, "x001/x234/067"),
        (10**9, "x001/x000/x000/000"),
    ],
)
def test_the_path_of_a_tile(number: int, path: str) -> None:
    """C2SP tlog-tiles: groups of three digits, all but the last with an x before them."""
    assert str(TilePlace(number, 256)) == path
    assert TilePlace.parse(path) == TilePlace(number, 256)
    assert str(TilePlace(number, 8)) == f"{path}.p/8"
    assert TilePlace.parse(f"{path}.p/8") == TilePlace(number, 8)


@pytest.mark.parametrize(
    "path",
    ["", "1", "0000", "x000/001", "001/002", "x001", "000.p/0", "000.p/256", "000.p/", "000.p/08",
     "000.p/999", "-01", "\u0660\u0660\u0660", "../000", "000/"],
)  # fmt: skip
def test_what_is_no_path_of_a_tile(path: str) -> None:
    with pytest.raises(ValueError, match="no path"):
        TilePlace.parse(path)


def test_how_wide_tiles_are() -> None:
    """A tree of 70,000: 273 tiles of leaves and 112 hashes more, 2 tiles above, one on top."""
    assert [tile_width(0, number, 70_000) for number in (0, 272, 273, 274)] == [256, 256, 112, 0]
    assert [tile_width(1, number, 70_000) for number in (0, 1, 2)] == [256, 17, 0]
    assert [tile_width(level, 0, 70_000) for level in (2, 3)] == [1, 0]
    listed = paths(70_000)
    assert len(listed) == 2 * 274 + 2 + 1
    assert listed[-1] == "tile/2/000.p/1"
    assert paths(0) == []


def test_a_bundle_that_is_cut_off() -> None:
    whole = bundle([b"one", b"", b"three"])
    assert unbundle(whole) == [b"one", b"", b"three"]
    for length in (1, 3, 6, 8):
        with pytest.raises(ValueError, match="ends within"):
            unbundle(whole[:length])
