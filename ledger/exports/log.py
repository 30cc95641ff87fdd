"""The log for auditors: every entry as it was hashed, with a checkpoint to hold it against."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import BinaryIO

from sqlalchemy import Engine

from ledger.exports.reading import NoSuchPosition, Reading
from ledger.files.log_lines import LogHeader, LogLine
from ledger.log.errors import library_errors
from ledger.log.leaf import microseconds
from ledger.log.merkle import Frontier, leaf_hash
from ledger.proof.checkpoints import kept
from ledger.proof.keys import VerifierKey
from ledger.proof.log_check import stored_leaf
from ledger.proof.notes import Note, verified_checkpoint
from ledger.proof.signer import SignerRefusal
from ledger.proof.tree import BookTree

Write = Callable[[BinaryIO, LogHeader, Iterable[LogLine]], None]


def write_log(
    file: BinaryIO, write: Write, reading: Reading, note: Note, keys: Iterable[VerifierKey]
) -> None:
    """Write the entries of a reading, which ends where the checkpoint does.

    Raises ``BadNote`` if none of the keys has signed the checkpoint, and ``SignerRefusal`` if the
    entries are not those that it is of: then what was written is no export.
    """
    keys = tuple(keys)
    checkpoint = verified_checkpoint(note, keys)
    if checkpoint.size != reading.last:
        raise ValueError(f"a checkpoint of {checkpoint.size} entries is none of {reading.last}")
    with library_errors(), reading.engine.connect() as connection:
        peaks = BookTree(connection, reading.book).peaks(reading.first - 1)
    header = LogHeader(
        book=reading.book,
        currency=reading.currency,
        first=reading.first,
        last=reading.last,
        clinic=reading.clinic,
        frontier=tuple(peak.hex() for peak in peaks),
        checkpoint=str(note),
        keys=tuple(map(str, keys)),
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    tree = Frontier(reading.first - 1, peaks)
    write(file, header, _lines(reading, tree))
    if (tree.size, tree.root()) != (checkpoint.size, checkpoint.root):
        raise SignerRefusal(
            f"the log of book {reading.book!r} is not the one that its checkpoint of"
            f" {checkpoint.size:,} entries is of; `caseledger verify` says where they part"
        )


def checkpoint_of(engine: Engine, book: str, size: int) -> Note:
    """The newest checkpoint of so many entries that was made. Raises ``NoSuchPosition``."""
    with library_errors(), engine.connect() as connection:
        made = dict(kept(connection, book))
    if size in made:
        return Note.parse(made[size])
    near = [f"{at:,}" for at in sorted(made, key=lambda at: abs(at - size))[:3]]
    there = f"there are some at {', '.join(near)}" if near else "there is none at all"
    raise NoSuchPosition(f"no checkpoint was made at position {size:,} of book {book!r}: {there}")


def _lines(reading: Reading, tree: Frontier) -> Iterator[LogLine]:
    for entry, told in reading.stored():
        hash = leaf_hash(stored_leaf(reading.book, entry))
        tree.append(hash)
        if not told:
            yield LogLine(entry.position, leaf_hash=hash.hex())
            continue
        yield LogLine(
            entry.position,
            entry.stream,
            entry.version,
            entry.type,
            microseconds(entry.recorded_at),
            entry.actor,
            entry.channel,
            entry.command_id,
            entry.payload,
        )
