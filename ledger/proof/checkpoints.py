"""Checkpoints of a book: made when its head is durable, kept in the database and by the signer."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Engine, insert, select

from ledger.log.errors import LogError, library_errors
from ledger.log.recorder import BookRecorder
from ledger.log.schema import checkpoints as table
from ledger.proof.keys import VerifierKey
from ledger.proof.notes import Checkpoint, Note, verified_checkpoint
from ledger.proof.signer import Observed, Signer, SignerRefusal
from ledger.proof.tree import BookTree
from ledger.proof.witnesses import Cosigned, RemoteWitness, cosign


class NotDurable(LogError):
    """A standby has not confirmed what would be signed. Nothing was signed; try again later."""


class Made(NamedTuple):
    """A checkpoint, and what each witness that was asked answered."""

    note: Note
    size: int
    witnesses: tuple[Cosigned, ...] = ()


def make_checkpoint(
    engine: Engine, book: str, signer: Signer, witnesses: Sequence[RemoteWitness] = ()
) -> Made:
    """Sign the book's head as it is now; the same head again gives the note that there is.

    Raises ``SignerRefusal`` if the head does not continue what was signed before, ``NotDurable``,
    and ``BookNotFound``.
    """
    with library_errors(), engine.connect() as connection:
        tree = BookTree(connection, book)

        def observe() -> Observed:
            head = BookRecorder(engine, book).head(connection)
            first = latest(connection, book) is None
            connection.rollback()
            wait_until_durable(connection)
            if tree.root(head.position) != head.root:
                raise SignerRefusal(
                    f"the head of book {book!r} has not the root of its tree; `caseledger verify`"
                    " says where they part"
                )
            return Observed(head.position, head.root, first)

        note = signer.sign(book, observe, tree.consistency)
        answers = tuple(cosign(note, witness, tree) for witness in witnesses)
        for answer in answers:
            note = note._replace(signatures=note.signatures + answer.signatures)
        size = Checkpoint.parse(note.text).size
        known = latest(connection, book)
        if known is None or known.text != note.text or not _holds(known, note):
            connection.execute(insert(table).values(book=book, size=size, note=str(note)))
        connection.commit()
        return Made(note, size, answers)


def wait_until_durable(connection: Connection) -> None:
    """Return when all that could be read before is on disk, on the synchronous standby too.

    A commit is visible on the primary before a standby has confirmed it: if that wait is cut
    short, the entry may be lost in a failover. A transaction of our own that is confirmed
    confirms all that was written before it.

    Raises ``NotDurable`` if the wait was cut short.
    """
    notices: list[str] = getattr(connection.connection.dbapi_connection, "notices", [])
    notices.clear()
    connection.exec_driver_sql("SET LOCAL synchronous_commit TO on")
    connection.exec_driver_sql("SELECT pg_logical_emit_message(true, 'caseledger', 'checkpoint')")
    connection.commit()
    if any("synchronous replication" in notice for notice in notices):
        raise NotDurable("the standby has not confirmed the head: no checkpoint was made of it")


def latest(connection: Connection, book: str) -> Note | None:
    """The newest checkpoint that the database holds; ``None`` before the first."""
    query = select(table.c.note).where(table.c.book == book)
    found = connection.execute(
        query.order_by(table.c.size.desc(), table.c.made_at.desc()).limit(1)
    ).scalar_one_or_none()
    return None if found is None else Note.parse(found)


def kept(connection: Connection, book: str) -> list[tuple[int, str]]:
    """All checkpoints that the database holds, as (size, note as it stands there), oldest first."""
    query = select(table.c.size, table.c.note).where(table.c.book == book)
    rows = connection.execute(query.order_by(table.c.size, table.c.made_at))
    return [(size, note) for size, note in rows]


class Anchor(NamedTuple):
    """A head that somebody vouches for: what verification holds the log against."""

    size: int
    root: bytes
    source: str


def anchors_of(notes: Sequence[Note], keys: Sequence[VerifierKey], source: str) -> list[Anchor]:
    """What signed notes say. Raises ``BadNote`` for one that none of the keys has signed."""
    found: list[Anchor] = []
    for note in notes:
        checkpoint = verified_checkpoint(note, keys)
        found.append(Anchor(checkpoint.size, checkpoint.root, source))
    return found


def _holds(known: Note, note: Note) -> bool:
    """Whether a note has all the signatures of another."""
    return set(note.signatures) <= set(known.signatures)
