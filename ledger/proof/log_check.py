"""Is the log what was appended? Each entry against its leaf, its command, time and place.

A leaf that is stored tells the very entry that is another one now. Whoever changes the leaf as
well changes a node above it, or the root; whoever changes all of these differs from the
checkpoints that were signed before, which the database's owner can't make.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text

from ledger.log.entries import Head, StoredEntry
from ledger.log.leaf import envelope, microseconds
from ledger.log.merkle import HASH_BYTES, TILE_HEIGHT, TILE_WIDTH, Growth, leaf_hash
from ledger.log.snapshot import Snapshot
from ledger.proof.checkpoints import Anchor, kept
from ledger.proof.command_ranges import CommandRanges
from ledger.proof.difference import Difference, Report
from ledger.proof.keys import VerifierKey
from ledger.proof.nodes import StoredNodes
from ledger.proof.notes import BadNote, Checkpoint, Note, verified_checkpoint
from ledger.proof.tree import BookTree, NodeMissing


def stored_leaf(book: str, entry: StoredEntry) -> bytes:
    """The leaf's envelope of a row of the log."""
    return envelope(
        book, entry.position, entry.stream, entry.version, entry.type,
        microseconds(entry.recorded_at), entry.actor, entry.channel, entry.command_id,
        entry.payload.encode(),
    )  # fmt: skip


class LogCheck:
    """Is given every entry behind where the snapshot begins, in their order, and then the end."""

    def __init__(
        self, snapshot: Snapshot, head: Head, anchors: Iterable[Anchor], report: Report
    ) -> None:
        self._snapshot = snapshot
        self._head = head
        self._report = report
        self.position = snapshot.since
        """That of the entry that was looked at last."""
        self.anchors_compared = 0
        self._last_wrong = 0
        self._proved = snapshot.since
        self._whole = True
        self._growth = self._begin()
        self._anchors = self._compare_anchors(sorted(set(anchors)))
        self._leaves = StoredNodes(snapshot, 0)
        self._nodes: dict[int, StoredNodes] = {}
        self._commands = CommandRanges(snapshot)
        self._last_time = self._time_of(snapshot.since)

    def look_at(self, entry: StoredEntry) -> None:
        """Compare the next entry with all that is known of it."""
        number = self.position + 1
        if entry.position != number:
            self._wrong("entries are missing", number, None, number, entry.position)
            number, self._whole = entry.position, False
        self.position = number
        if number > self._head.position:
            self._wrong("entry beyond the head", number, entry.stream, self._head.position)
        if self._last_time is not None and entry.recorded_at < self._last_time:
            self._differs(
                "time runs back", number, entry.stream, self._last_time, entry.recorded_at
            )
        self._last_time = entry.recorded_at
        leaf = leaf_hash(stored_leaf(self._snapshot.book, entry))
        stored = self._leaves.at(number - 1)
        if stored is None:
            self._wrong("leaf of the tree is missing", number, entry.stream, found=leaf.hex())
        elif stored != leaf:
            what = "entry is not the one that was appended"
            self._wrong(what, number, entry.stream, stored.hex(), leaf.hex())
        problem = self._commands.problem(entry)
        if problem is not None:
            self._differs(problem, number, entry.stream, found=entry.command_id)
        if self._whole:
            self._grow(leaf)

    def end(self) -> None:
        """Compare what there is no entry of."""
        number, head = self.position, self._head
        if number < head.position:
            self._wrong("entries are missing", number + 1, None, head.position, number)
        elif self._whole and number == head.position:
            self._compare_head()
        for anchor in self._anchors:
            if anchor.size > head.position:
                self._wrong(
                    f"the log ends before a checkpoint of {anchor.source}",
                    min(number, head.position) + 1, None, anchor.size, head.position,
                )  # fmt: skip
        for level, nodes in [(0, self._leaves), *self._nodes.items()]:
            if strays := nodes.finish():
                self._differs(f"level {level} of the tree has nodes of no entry", found=strays)
        beyond = self._commands.beyond(number)
        if beyond is not None:
            self._differs("command of no entry", beyond)

    def _begin(self) -> Growth:
        """The tree up to where the snapshot begins, as its nodes have it."""
        since = self._snapshot.since
        try:
            tree = BookTree(self._snapshot.connection, self._snapshot.book)
            return Growth(since, tree.peaks(since))
        except NodeMissing as error:
            self._wrong("nodes of the tree are missing", since, found=str(error))
            self._whole = False
            return Growth()

    def _grow(self, leaf: bytes) -> None:
        growth = self._growth
        growth.append(leaf)
        if self._anchors and self._anchors[0].size == growth.size:
            self._anchors = self._compare_anchors(self._anchors)
        if not growth.size % TILE_WIDTH:
            self._compare_nodes()

    def _compare_nodes(self) -> None:
        """What the tree gained above its leaves, with what is stored of it."""
        for level, tile, first, hashes in self._growth.take():
            if level == 0:
                continue
            if level not in self._nodes:
                self._nodes[level] = StoredNodes(self._snapshot, level)
            for place in range(len(hashes) // HASH_BYTES):
                index = tile * TILE_WIDTH + first + place
                expected = hashes[place * HASH_BYTES : (place + 1) * HASH_BYTES]
                stored = self._nodes[level].at(index)
                begins = (index << (TILE_HEIGHT * level)) + 1
                # An entry that was named already makes all nodes above it other ones.
                if stored != expected and self._last_wrong < begins:
                    told = None if stored is None else stored.hex()
                    self._wrong("node of the tree", begins, None, expected.hex(), told)

    def _compare_anchors(self, anchors: Sequence[Anchor]) -> list[Anchor]:
        """Hold those of this size against the tree; returns those that are larger."""
        size, root = self._growth.size, self._growth.root()
        here = [anchor for anchor in anchors if anchor.size == size]
        wrong = [anchor for anchor in here if anchor.root != root]
        for anchor in wrong:
            self._differs(
                f"the log is not that of a checkpoint of {anchor.source}",
                self._unexplained(), None, anchor.root.hex(), root.hex(),
            )  # fmt: skip
        if here and not wrong:
            self._proved = size
        self.anchors_compared += len(here)
        return [anchor for anchor in anchors if anchor.size > size]

    def _compare_head(self) -> None:
        growth, head = self._growth, self._head
        if growth.root() != head.root or growth.to_bytes() != head.frontier:
            self._differs(
                "root of the tree", self._unexplained(), None,
                head.root.hex(), growth.root().hex(),
            )  # fmt: skip
        if self.position and self._last_time not in {None, head.recorded_at}:
            self._differs(
                "time of the head", self.position, None, self._last_time, head.recorded_at
            )

    def _unexplained(self) -> int | None:
        """Where to begin to look for what makes a root another one.

        ``None`` if that has been named already.
        """
        return None if self._last_wrong > self._proved else self._proved + 1

    def _time_of(self, position: int) -> datetime | None:
        found: datetime | None = self._snapshot.connection.execute(
            text("SELECT recorded_at FROM ledger.events WHERE book = :book AND position = :at"),
            {"book": self._snapshot.book, "at": position},
        ).scalar_one_or_none()
        return found

    def _wrong(
        self,
        what: str,
        position: int,
        case: str | None = None,
        expected: Any = None,
        found: Any = None,
    ) -> None:
        """A difference that by itself makes the tree another one."""
        self._last_wrong = max(self._last_wrong, position)
        self._differs(what, position, case, expected, found)

    def _differs(
        self,
        what: str,
        position: int | None = None,
        case: str | None = None,
        expected: Any = None,
        found: Any = None,
    ) -> None:
        self._report(Difference(what, position, case, expected, found))


def own_checkpoints(
    snapshot: Snapshot, keys: Sequence[VerifierKey], report: Report
) -> list[Anchor]:
    """What the database's checkpoints say. Those that none of the keys has signed are differences;
    without any keys, their signatures are not looked at.
    """
    found: list[Anchor] = []
    for size, kept_note in kept(snapshot.connection, snapshot.book):
        try:
            note = Note.parse(kept_note)
            checkpoint = verified_checkpoint(note, keys) if keys else Checkpoint.parse(note.text)
            if checkpoint.size != size:
                raise BadNote("it is kept under another size than its own")
        except BadNote as error:
            report(Difference("checkpoint", size, found=str(error)))
        else:
            found.append(Anchor(size, checkpoint.root, "the database"))
    return found
