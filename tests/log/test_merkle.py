"""The tree of RFC 6962, against published vectors and against its definition."""

import base64
import json
import random
import struct
from hashlib import sha256
from typing import Any

import pytest

from ledger.log.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    TILE_WIDTH,
    Frontier,
    Growth,
    consistency_ranges,
    inclusion_ranges,
    leaf_hash,
    node_hash,
    nodes_of,
    proves_consistency,
    proves_inclusion,
    roots_of,
    split_hashes,
    subtree_root,
    tile_of,
)
from tests.published import published

# The reference tree of Certificate Transparency: certificate-transparency,
# cpp/merkletree/merkle_tree_test.cc; transparency-dev/merkle, testonly/constants.go.
REFERENCE_LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
REFERENCE_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    match len(leaves):
        case 0:
            return sha256().digest()
        case 1:
            return sha256(b"\x00" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\x01" + naive_root(leaves[:half]) + naive_root(leaves[half:])).digest()


def test_the_root_of_nothing() -> None:
    assert EMPTY_ROOT.hex() == REFERENCE_ROOTS[0]
    assert Frontier().root() == EMPTY_ROOT
    assert Frontier().to_bytes() == b""
    assert Frontier.from_bytes(0, b"").root() == EMPTY_ROOT


def test_the_reference_tree() -> None:
    frontier = Frontier()
    for size, leaf in enumerate(REFERENCE_LEAVES, start=1):
        frontier.append(leaf_hash(leaf))
        assert frontier.size == size
        assert frontier.root().hex() == REFERENCE_ROOTS[size]


def test_every_small_tree_is_that_of_the_definition() -> None:
    """Sizes 0 to 300, each continued from what is stored of the one before."""
    leaves: list[bytes] = []
    frontier = Frontier()
    for size in range(301):
        assert frontier.size == size
        assert frontier.root() == naive_root(leaves)
        stored = frontier.to_bytes()
        assert len(stored) == size.bit_count() * HASH_BYTES
        frontier = Frontier.from_bytes(size, stored)
        leaf = b"leaf %d" % size
        leaves.append(leaf)
        frontier.append(leaf_hash(leaf))


def test_the_frontier_holds_the_complete_subtrees_largest_first() -> None:
    frontier = Frontier()
    for leaf in REFERENCE_LEAVES[:7]:
        frontier.append(leaf_hash(leaf))
    four, two, one = (frontier.to_bytes()[at : at + 32] for at in (0, 32, 64))
    assert four == naive_root(REFERENCE_LEAVES[:4])
    assert two == naive_root(REFERENCE_LEAVES[4:6])
    assert one == leaf_hash(REFERENCE_LEAVES[6])
    assert frontier.root() == node_hash(four, node_hash(two, one))


def test_leaves_and_nodes_hash_differently() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


@pytest.mark.parametrize(("size", "peaks"), [(1, 0), (1, 2), (2, 2), (3, 1), (7, 2), (0, 1)])
def test_a_frontier_that_does_not_fit_its_size_is_no_frontier(size: int, peaks: int) -> None:
    with pytest.raises(ValueError, match=str(size)):
        Frontier(size, [EMPTY_ROOT] * peaks)
    with pytest.raises(ValueError, match=str(size)):
        Frontier.from_bytes(size, EMPTY_ROOT * peaks)


def test_a_frontier_of_odd_bytes_is_no_frontier() -> None:
    with pytest.raises(ValueError, match="33 bytes"):
        Frontier.from_bytes(1, b"x" * 33)


def test_a_published_log_with_its_checkpoints() -> None:
    """transparency-dev/tessera, testdata/log: each checkpoint's root from the entries."""
    folder = published("tlog")
    bundle = (folder / "tile/entries/000.p/15").read_bytes()
    leaves: list[bytes] = []
    while bundle:
        (length,) = struct.unpack(">H", bundle[:2])
        leaves.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    assert leaves[0] == b"one"
    assert len(leaves) == 15
    frontier = Frontier()
    for size in range(16):
        _, stated_size, root, *_ = (folder / f"checkpoint.{size}").read_text().split("\n")
        assert int(stated_size) == size
        assert base64.b64encode(frontier.root()).decode() == root
        if size < 15:
            frontier.append(leaf_hash(leaves[size]))
    assert base64.b64encode(frontier.root()) == b"rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs="


def vectors(kind: str) -> list[tuple[str, dict[str, Any]]]:
    folder = published("merkle") / kind
    files = sorted(folder.rglob("*.json"))
    return [(str(file.relative_to(folder)), json.loads(file.read_text())) for file in files]


def decoded(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def test_the_published_inclusion_proofs() -> None:
    """transparency-dev/merkle, testdata/inclusion: good and bad ones, as they say themselves."""
    found = vectors("inclusion")
    assert len(found) == 98
    for name, case in found:
        proof = [decoded(hash) for hash in case["proof"] or []]
        holds = proves_inclusion(
            case["leafIdx"], case["treeSize"], decoded(case["leafHash"]), proof,
            decoded(case["root"]),
        )  # fmt: skip
        assert holds is not case["wantErr"], (name, case["desc"])


def test_the_published_consistency_proofs() -> None:
    """transparency-dev/merkle, testdata/consistency."""
    found = vectors("consistency")
    assert len(found) == 98
    for name, case in found:
        proof = [decoded(hash) for hash in case["proof"] or []]
        holds = proves_consistency(
            case["size1"], case["size2"], proof, decoded(case["root1"]), decoded(case["root2"])
        )
        assert holds is not case["wantErr"], (name, case["desc"])


def test_what_a_textbook_verifier_takes_for_proof() -> None:
    """An old size of zero proves nothing, and what has no 32 bytes is no hash."""
    assert not proves_consistency(0, 0, [], EMPTY_ROOT, EMPTY_ROOT)
    assert not proves_consistency(0, 1, [], EMPTY_ROOT, leaf_hash(b""))
    assert not proves_inclusion(0, 1, b"", [], b"")
    assert proves_inclusion(0, 1, leaf_hash(b""), [], leaf_hash(b""))


class Stored:
    """A tree whose tiles are kept piece by piece, as transactions of these sizes add them."""

    def __init__(self, sizes: list[int]) -> None:
        self.leaves = [leaf_hash(b"leaf %d" % n) for n in range(sum(sizes))]
        self.tiles: dict[tuple[int, int], bytes] = {}
        size, frontier = 0, b""
        for more in sizes:
            growth = Growth.from_bytes(size, frontier)
            for leaf in self.leaves[size : size + more]:
                growth.append(leaf)
            for level, tile, first, hashes in growth.take():
                assert len(self.tiles.get((level, tile), b"")) == first * HASH_BYTES
                self.tiles[level, tile] = self.tiles.get((level, tile), b"") + hashes
            size, frontier = growth.size, growth.to_bytes()

    def node(self, place: tuple[int, int]) -> bytes:
        level, tile, first, number = tile_of(place)
        hashes = self.tiles[level, tile][first * HASH_BYTES : (first + number) * HASH_BYTES]
        assert len(hashes) == number * HASH_BYTES
        return subtree_root(hashes)

    def root(self, size: int) -> bytes:
        return roots_of([(0, size)], self.node)[0]


def test_every_proof_of_small_trees_from_their_tiles() -> None:
    tree = Stored([1, 2, 30, 7, 40])
    for size in range(1, 81):
        frontier = Frontier()
        for leaf in tree.leaves[:size]:
            frontier.append(leaf)
        root = frontier.root()
        assert tree.root(size) == root
        for index in range(size):
            proof = roots_of(inclusion_ranges(index, size), tree.node)
            assert proves_inclusion(index, size, tree.leaves[index], proof, root)
            assert not proves_inclusion(index, size, leaf_hash(b"other"), proof, root)
        for old in range(1, size + 1):
            proof = roots_of(consistency_ranges(old, size), tree.node)
            assert proves_consistency(old, size, proof, tree.root(old), root)
            assert not proves_consistency(old, size, proof, leaf_hash(b"other"), root)


def test_proofs_of_a_tree_with_three_levels_of_tiles() -> None:
    rng = random.Random(5)
    sizes = [rng.choice([1, 3, 255, 256, 257, 4000]) for _ in range(60)] + [40_000]
    size = sum(sizes)
    tree = Stored(sizes)
    assert size > TILE_WIDTH**2
    assert {level for level, _ in tree.tiles} == {0, 1, 2}
    root = tree.root(size)
    frontier = Frontier()
    for leaf in tree.leaves:
        frontier.append(leaf)
    assert root == frontier.root()
    assert [tree.node(place) for place in nodes_of((0, size))] == split_hashes(frontier.to_bytes())
    for _ in range(300):
        index, old = rng.randrange(size), rng.randrange(1, size)
        proof = roots_of(inclusion_ranges(index, size), tree.node)
        assert proves_inclusion(index, size, tree.leaves[index], proof, root)
        proof = roots_of(consistency_ranges(old, size), tree.node)
        assert proves_consistency(old, size, proof, tree.root(old), root)


def test_there_is_no_proof_of_what_is_not_there() -> None:
    for index, size in ((0, 0), (1, 1), (-1, 1)):
        with pytest.raises(ValueError, match="no leaf"):
            inclusion_ranges(index, size)
    with pytest.raises(ValueError, match="never had"):
        consistency_ranges(2, 1)
    assert consistency_ranges(0, 5) == consistency_ranges(5, 5) == []
