"""The tree of RFC 6962, against published vectors and against its definition."""

import base64
import os
import struct
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.log.merkle import EMPTY_ROOT, HASH_BYTES, Frontier, leaf_hash, node_hash

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


def published_log() -> Path | None:
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    folder = Path(os.environ.get("CASELEDGER_TEST_DATA", beside)) / "tlog"
    return folder if folder.is_dir() else None


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


@pytest.mark.skipif(published_log() is None, reason="../shared/data/tlog is not at hand")
def test_a_published_log_with_its_checkpoints() -> None:
    """transparency-dev/tessera, testdata/log: each checkpoint's root from the entries."""
    folder = published_log()
    assert folder is not None
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
