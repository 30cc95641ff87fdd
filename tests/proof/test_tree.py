"""The stored tree of a book: every root, proof and tile of every size that it ever had."""

import random
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from ledger.application.ledger import Ledger
from ledger.log.entries import NewEntry, Write
from ledger.log.leaf import envelope, microseconds
from ledger.log.merkle import Frontier, leaf_hash, proves_consistency, proves_inclusion
from ledger.log.migrate import current
from ledger.proof.tree import BookTree, NodeMissing
from tests.orders import fill

pytestmark = pytest.mark.database


def hashes(ledger: Ledger) -> list[bytes]:
    """The leaves' hashes, from the entries and not from the tree."""
    return [
        leaf_hash(
            envelope(
                ledger.book, e.position, e.stream, e.version, e.type, microseconds(e.recorded_at),
                e.actor, e.channel, e.command_id, e.payload.encode(),
            )
        )
        for e in ledger.recorder.read_log(0, 100_000)
    ]  # fmt: skip


def grow(ledger: Ledger, entries: int) -> None:
    """One transaction with so many entries."""
    stream = uuid4()
    new = [NewEntry(stream, version, "noted.v1", b"{}") for version in range(1, entries + 1)]
    with ledger.recorder.append() as append:
        append.add(Write(uuid4(), None, "agent:test", "test", stream, new, []))


@pytest.fixture
def grown(ledger: Ledger) -> Ledger:
    """A book of transactions that end before, at and after the ends of tiles."""
    for entries in (1, 2, 252, 1, 1, 600, 167, 255, 257, 3):
        grow(ledger, entries)
    fill(ledger, 40)
    return ledger


def test_every_root_and_any_proof(grown: Ledger, engine: Engine) -> None:
    leaves = hashes(grown)
    size = grown.recorder.head().position
    assert len(leaves) == size > 6 * 256
    rng = random.Random(1)
    with engine.connect() as connection:
        tree = BookTree(connection, grown.book)
        frontier = Frontier()
        roots = [frontier.root()]
        for leaf in leaves:
            frontier.append(leaf)
            roots.append(frontier.root())
        assert [tree.root(n) for n in range(size + 1)] == roots
        assert b"".join(tree.peaks(size)) == grown.recorder.head().frontier
        assert roots[-1] == grown.recorder.head().root
        for _ in range(300):
            now = rng.randint(1, size)
            index, old = rng.randrange(now), rng.randint(1, now)
            proof = tree.inclusion(index, now)
            assert proves_inclusion(index, now, leaves[index], proof, roots[now])
            proof = tree.consistency(old, now)
            assert proves_consistency(old, now, proof, roots[old], roots[now])


def test_leaves_and_tiles(grown: Ledger, engine: Engine) -> None:
    leaves = hashes(grown)
    with engine.connect() as connection:
        tree = BookTree(connection, grown.book)
        for start, end in ((0, 1), (0, len(leaves)), (255, 257), (300, 300), (513, 1500)):
            assert tree.leaves(start, end) == leaves[start:end]
        assert tree.tile(0, 1, 256) == b"".join(leaves[256:512])
        assert tree.tile(0, 6, 7) == b"".join(leaves[1536:1543])
        assert tree.tile(1, 0, 2) == tree.root(256) + tree.tile(1, 0, 2)[32:]
        with pytest.raises(NodeMissing):
            tree.tile(1, 0, 7)


def test_a_proof_reads_three_tiles_and_not_the_log(grown: Ledger, engine: Engine) -> None:
    """One query for a proof, whatever the size; each level of tiles adds one tile to it."""
    asked: list[int] = []
    with engine.connect() as connection:
        tree = BookTree(connection, grown.book)
        read = tree._read_tiles

        def counted(places: list[tuple[int, int]]) -> None:
            asked.append(len(places))
            read(places)

        tree._read_tiles = counted  # type: ignore[method-assign,assignment]
        tree.inclusion(1000, grown.recorder.head().position)
    assert len(asked) == 1
    assert asked[0] <= 4


def test_a_transaction_that_fails_leaves_no_nodes(ledger: Ledger, engine: Engine) -> None:
    grow(ledger, 3)
    with pytest.raises(RuntimeError), ledger.recorder.append() as append:
        entry = NewEntry(uuid4(), 1, "noted.v1", b"{}")
        append.add(Write(uuid4(), None, "agent:test", "test", entry.stream, [entry], []))
        append.finish()
        raise RuntimeError
    grow(ledger, 2)
    with engine.connect() as connection:
        assert BookTree(connection, ledger.book).root(5) == ledger.recorder.head().root


def test_a_missing_node_is_said(grown: Ledger, owner_engine: Engine) -> None:
    with owner_engine.begin() as connection:
        connection.execute(text("ALTER TABLE ledger.tree DISABLE TRIGGER ALL"))
        connection.execute(text("DELETE FROM ledger.tree WHERE level = 0 AND tile = 0 AND first=1"))
    with owner_engine.connect() as connection, pytest.raises(NodeMissing, match="gap"):
        BookTree(connection, grown.book).inclusion(5, 1000)


def test_books_that_were_there_get_their_nodes(grown: Ledger, owner_engine: Engine) -> None:
    """The migration's own work, on books that were filled before it."""
    from importlib import import_module

    migration = import_module("migrations.versions.0002_tree")
    other = Ledger(owner_engine, "empty")
    other.recorder.create_book("NOK")
    with owner_engine.begin() as connection:
        assert current(connection) is not None
        kept = [tuple(row) for row in connection.execute(ALL_HASHES)]
        connection.execute(text("ALTER TABLE ledger.tree DISABLE TRIGGER ALL"))
        connection.execute(text("DELETE FROM ledger.tree"))
        migration._fill(connection)
        assert [tuple(row) for row in connection.execute(ALL_HASHES)] == kept
    grow(grown, 300)
    with owner_engine.connect() as connection:
        head = grown.recorder.head()
        assert BookTree(connection, grown.book).root(head.position) == head.root


ALL_HASHES = text(
    "SELECT book, level, tile, string_agg(hashes, '' ORDER BY first) FROM ledger.tree"
    " GROUP BY book, level, tile ORDER BY book, level, tile"
)
