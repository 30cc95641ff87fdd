"""What somebody with all rights on the database may do to a book, and where it must be seen."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from ledger.application.ledger import Ledger
from ledger.log.entries import READ_COLUMNS, StoredEntry
from ledger.log.merkle import Growth, leaf_hash
from ledger.projections.engine import Projector
from ledger.projections.verification import Verification, verify
from ledger.proof.checkpoints import anchors_of, make_checkpoint
from ledger.proof.log_check import stored_leaf
from ledger.proof.signer import Signer
from tests.orders import TODAY, fill

LOG: Final = ("events", "commands", "names", "tree", "checkpoints", "book_head")
READ_MODELS: Final = ("balances", "journal", "audit_trail", "account_totals")
FAKE: Final = UUID("00000000-0000-4000-8000-000000000000")


@dataclass(frozen=True)
class Tampering:
    """What was done, and the first position that verification must name; none where it is a case
    or an account that is wrong. ``at_most`` is set where nobody can tell more than a range.
    """

    what: str
    position: int | None
    at_most: int | None = None


class Victim:
    """A book with read models and several checkpoints, and a copy of what it was after each.

    Between ``tampered`` books it is always what it was.
    """

    def __init__(self, owner: Engine, folder: Path, book: str, rng: random.Random) -> None:
        self.owner = owner
        self.book = book
        self.rng = rng
        self.signer = Signer(folder, "example.org/ledger")
        self.ledger = Ledger(owner, book, today=lambda: TODAY)
        self.ledger.recorder.create_book("NOK")
        self.heads: list[int] = []
        for stage in range(3):
            fill(self.ledger, rng.randint(4, 40), first=1 + 1_000 * stage)
            fill(self.ledger, rng.randint(1, 3), first=501 + 1_000 * stage)
            Projector(owner).catch_up(book)
            self.heads.append(make_checkpoint(owner, book, self.signer).size)
            with owner.begin() as connection:
                self._keep(connection, f"{book}_{stage}".replace("-", "_"))
        self.end = self.heads[-1]

    def verified(self) -> Verification:
        """What verification says now, with the signer's memory beside it."""
        keys = self.signer.keys(self.book)
        anchors = anchors_of(self.signer.history(self.book), keys, "the signer")
        return verify(self.owner, self.book, anchors=anchors, keys=keys)

    @contextmanager
    def tampered(self) -> Iterator[Tampering]:
        """The book while it has been tampered with at random."""
        kinds = KINDS
        kind = self.rng.choice(kinds)
        try:
            with self.owner.begin() as connection:
                done = kind(self, connection)
            if done.what.startswith("fork"):
                fill(self.ledger, 60, first=7_001)
            yield done
        finally:
            with self.owner.begin() as connection:
                self.restore(connection, len(self.heads) - 1, read_models=True)

    def entries(self, connection: Connection) -> list[StoredEntry]:
        """The log as it is."""
        query = f"SELECT {READ_COLUMNS} FROM ledger.events WHERE book = :book ORDER BY position"
        return [StoredEntry._make(row) for row in connection.execute(text(query), self._named())]

    def do(self, connection: Connection, statement: str, **values: Any) -> int:
        """A statement that must change something; returns how many rows."""
        changed = connection.execute(text(statement), self._named(**values)).rowcount
        assert changed > 0, (statement, values)
        return changed

    def one(self, connection: Connection, query: str, **values: Any) -> Any:
        """The one row of a query."""
        return connection.execute(text(query), self._named(**values)).one()

    def restore(self, connection: Connection, stage: int, *, read_models: bool = False) -> None:
        """Make the book what it was at a stage, without leaving traces in the log."""
        folder = f"{self.book}_{stage}".replace("-", "_")
        places = [("ledger", table) for table in LOG]
        if read_models:
            places += [("projections", table) for table in READ_MODELS]
        for schema, table in places:
            connection.execute(
                text(f"DELETE FROM {schema}.{table} WHERE book = :book"), self._named()
            )
            connection.execute(text(f"INSERT INTO {schema}.{table} SELECT * FROM {folder}.{table}"))

    def plant_tree(self, connection: Connection) -> None:
        """Make the stored tree and the head those of the entries as they are now."""
        growth = Growth()
        entries = self.entries(connection)
        for entry in entries:
            growth.append(leaf_hash(stored_leaf(self.book, entry)))
        connection.execute(text("DELETE FROM ledger.tree WHERE book = :book"), self._named())
        for piece in growth.take():
            self.do(
                connection,
                "INSERT INTO ledger.tree VALUES (:book, :level, :tile, :first, :hashes)",
                **piece._asdict(),
            )
        self.do(
            connection,
            "UPDATE ledger.book_head SET position = :position, root = :root,"
            " frontier = :frontier, recorded_at = :at WHERE book = :book",
            position=growth.size, root=growth.root(), frontier=growth.to_bytes(),
            at=entries[-1].recorded_at,
        )  # fmt: skip

    def _named(self, **values: Any) -> dict[str, Any]:
        return {"book": self.book, **values}

    def _keep(self, connection: Connection, folder: str) -> None:
        connection.execute(text(f"CREATE SCHEMA {folder}"))
        places = [("ledger", table) for table in LOG]
        places += [("projections", table) for table in READ_MODELS]
        for schema, table in places:
            connection.execute(
                text(
                    f"CREATE TABLE {folder}.{table} AS"
                    f" SELECT * FROM {schema}.{table} WHERE book = :book"
                ),
                self._named(),
            )


def without_triggers(owner: Engine) -> None:
    """What the owner of the tables can do, and the application's role can't."""
    with owner.begin() as connection:
        for table in LOG:
            connection.execute(text(f"ALTER TABLE ledger.{table} DISABLE TRIGGER ALL"))


Kind = Callable[[Victim, Connection], Tampering]


def _column(column: str, value: str) -> Kind:
    def change(victim: Victim, connection: Connection) -> Tampering:
        at = victim.rng.randint(1, victim.end)
        victim.do(
            connection,
            f"UPDATE ledger.events SET {column} = {value} WHERE book = :book AND position = :at"
            f" AND {column} IS DISTINCT FROM {value}",
            at=at, any=victim.rng.randint(1, 10**9),
        )  # fmt: skip
        return Tampering(f"event: {column}", at)

    return change


def _payload_byte(victim: Victim, connection: Connection) -> Tampering:
    at = victim.rng.randint(1, victim.end)
    (payload,) = victim.one(
        connection, "SELECT payload FROM ledger.events WHERE book = :book AND position = :at", at=at
    )
    place = victim.rng.randrange(len(payload))
    other = victim.rng.choice([c for c in '0123456789abcxyz"{}:, ' if c != payload[place]])
    changed = payload[:place] + other + payload[place + 1 :]
    _set_payload(victim, connection, at, changed)
    return Tampering("event: one byte of its payload", at)


def _set_payload(victim: Victim, connection: Connection, at: int, payload: str) -> None:
    victim.do(
        connection,
        "UPDATE ledger.events SET payload = :payload WHERE book = :book AND position = :at",
        at=at, payload=payload,
    )  # fmt: skip


def _delete(victim: Victim, connection: Connection) -> Tampering:
    at = victim.rng.randint(1, victim.end)
    victim.do(connection, "DELETE FROM ledger.events WHERE book = :book AND position = :at", at=at)
    return Tampering("delete an event", at)


def _move(victim: Victim, connection: Connection) -> Tampering:
    at = victim.rng.randint(1, victim.end)
    victim.do(
        connection,
        "UPDATE ledger.events SET position = :to WHERE book = :book AND position = :at",
        at=at, to=victim.end + victim.rng.randint(1, 5),
    )  # fmt: skip
    # The last one moved by one place leaves its own place empty all the same.
    return Tampering("event: position", at)


def _swap(victim: Victim, connection: Connection) -> Tampering:
    one, other = victim.rng.sample(range(1, victim.end + 1), 2)
    for at, to in ((one, 10**6), (other, one), (10**6, other)):
        victim.do(
            connection,
            "UPDATE ledger.events SET position = :to WHERE book = :book AND position = :at",
            at=at, to=to,
        )  # fmt: skip
    return Tampering("swap two events", min(one, other))


def _insert(victim: Victim, connection: Connection) -> Tampering:
    at = victim.rng.randint(1, victim.end + 1)
    source = min(at, victim.end)
    for change in ("position + 1000000", "position - 999999"):
        connection.execute(
            text(
                f"UPDATE ledger.events SET position = {change} WHERE book = :book"
                f" AND position >= :at + CASE WHEN position > 900000 THEN 1000000 ELSE 0 END"
            ),
            {"book": victim.book, "at": at},
        )
    victim.do(
        connection,
        "INSERT INTO ledger.events SELECT book, :at, :stream, 1, type, recorded_at, actor,"
        " channel, command_id, payload FROM ledger.events WHERE book = :book"
        " AND position = :source",
        at=at, stream=FAKE, source=source if source < at else at + 1,
    )  # fmt: skip
    return Tampering("insert an event", at)


def _cut_tail(victim: Victim, connection: Connection) -> Tampering:
    last = victim.rng.randint(0, victim.end - 1)
    victim.do(connection, "DELETE FROM ledger.events WHERE book = :book AND position > :l", l=last)
    return Tampering("cut off the tail: events", last + 1)


def _cut_tail_whole(victim: Victim, connection: Connection) -> Tampering:
    last = victim.rng.randint(1, victim.end - 1)
    # A command of which some events are left is made to have had no more.
    for statement in (
        "DELETE FROM ledger.events WHERE book = :book AND position > :last",
        "DELETE FROM ledger.commands WHERE book = :book AND first_position > :last",
        "UPDATE ledger.commands SET last_position = :last WHERE book = :book"
        " AND last_position > :last",
        "DELETE FROM ledger.checkpoints WHERE book = :book AND size > :last",
    ):
        connection.execute(text(statement), {"book": victim.book, "last": last})
    victim.plant_tree(connection)
    return Tampering("cut off the tail: events, commands, tree and head", last + 1)


def _backup(victim: Victim, connection: Connection) -> Tampering:
    stage = victim.rng.randrange(2)
    victim.restore(connection, stage)
    return Tampering("restore a backup", victim.heads[stage] + 1)


def _fork(victim: Victim, connection: Connection) -> Tampering:
    stage = victim.rng.randrange(2)
    victim.restore(connection, stage)
    return Tampering("fork: restore a backup and go on", victim.heads[stage] + 1)


def _rewrite(victim: Victim, connection: Connection) -> Tampering:
    """An event, and all that the database holds of the tree: only checkpoints tell."""
    at = victim.rng.randint(1, victim.end)
    (payload,) = victim.one(
        connection, "SELECT payload FROM ledger.events WHERE book = :book AND position = :at", at=at
    )
    _set_payload(victim, connection, at, payload + " ")
    victim.plant_tree(connection)
    proved = max(head for head in (0, *victim.heads) if head < at)
    return Tampering("rewrite an event and the whole tree", proved + 1, at_most=at)


def _rewrite_leaf(victim: Victim, connection: Connection) -> Tampering:
    """An event and its leaf, and nothing above."""
    at = victim.rng.randint(1, victim.end)
    kept = victim.one(
        connection,
        "SELECT tile, first, hashes FROM ledger.tree WHERE book = :book AND level = 0"
        " AND tile * 256 + first < :at ORDER BY tile DESC, first DESC LIMIT 1", at=at,
    )  # fmt: skip
    _set_payload(victim, connection, at, '{"other": 1}')
    entry = victim.entries(connection)[at - 1]
    place = (at - 1 - kept.tile * 256 - kept.first) * 32
    hashes = bytearray(kept.hashes)
    hashes[place : place + 32] = leaf_hash(stored_leaf(victim.book, entry))
    _set_hashes(victim, connection, 0, kept.tile, kept.first, bytes(hashes))
    # '{"other": 1}' can't be read as an event, which is seen where it stands.
    return Tampering("rewrite an event and its leaf", 1, at_most=at)


def _set_hashes(
    victim: Victim, connection: Connection, level: int, tile: int, first: int, hashes: bytes
) -> None:
    victim.do(
        connection,
        "UPDATE ledger.tree SET hashes = :hashes WHERE book = :book AND level = :level"
        " AND tile = :tile AND first = :first",
        level=level, tile=tile, first=first, hashes=hashes,
    )  # fmt: skip


def _node(victim: Victim, connection: Connection) -> Tampering:
    pieces = connection.execute(
        text("SELECT level, tile, first, hashes FROM ledger.tree WHERE book = :book"),
        {"book": victim.book},
    ).all()
    level, tile, first, packed = victim.rng.choice(pieces)
    hashes = bytearray(packed)
    place = victim.rng.randrange(len(hashes))
    hashes[place] ^= 1 << victim.rng.randrange(8)
    _set_hashes(victim, connection, level, tile, first, bytes(hashes))
    return Tampering("tree: one bit", ((tile * 256 + first + place // 32) << (8 * level)) + 1)


def _piece(victim: Victim, connection: Connection) -> Tampering:
    pieces = connection.execute(
        text("SELECT level, tile, first FROM ledger.tree WHERE book = :book"),
        {"book": victim.book},
    ).all()
    level, tile, first = victim.rng.choice(pieces)
    victim.do(
        connection,
        "DELETE FROM ledger.tree WHERE book = :book AND level = :level AND tile = :tile"
        " AND first = :first", level=level, tile=tile, first=first,
    )  # fmt: skip
    return Tampering("tree: a piece", ((tile * 256 + first) << (8 * level)) + 1)


def _command(change: str) -> Kind:
    def tamper(victim: Victim, connection: Connection) -> Tampering:
        first, last, id = victim.one(
            connection,
            "SELECT first_position, last_position, command_id FROM ledger.commands"
            " WHERE book = :book ORDER BY md5(command_id::text || :salt) LIMIT 1",
            salt=str(victim.rng.random()),
        )
        statement = (
            "DELETE FROM ledger.commands"
            if change == "DELETE"
            else f"UPDATE ledger.commands SET {change}"
        )
        victim.do(
            connection,
            f"{statement} WHERE book = :book AND command_id = :id", id=id,
            **({"fake": FAKE} if ":fake" in change else {}),
        )  # fmt: skip
        wrong = last + 1 if "last_position +" in change else first
        return Tampering(f"command: {change}", wrong)

    return tamper


def _head(change: str) -> Kind:
    def tamper(victim: Victim, connection: Connection) -> Tampering:
        victim.do(connection, f"UPDATE ledger.book_head SET {change} WHERE book = :book")
        position = victim.end + (1 if change != "recorded_at = recorded_at + interval '1 s'" else 0)
        return Tampering(f"head: {change}", position)

    return tamper


def _checkpoint(victim: Victim, connection: Connection) -> Tampering:
    size = victim.rng.choice(victim.heads)
    (note,) = victim.one(
        connection, "SELECT note FROM ledger.checkpoints WHERE book = :book AND size = :s", s=size
    )
    place = victim.rng.randrange(len(note) - 1)
    changed = note[:place] + ("x" if note[place] != "x" else "y") + note[place + 1 :]
    victim.do(
        connection,
        "UPDATE ledger.checkpoints SET note = :note WHERE book = :book AND size = :size",
        note=changed, size=size,
    )  # fmt: skip
    return Tampering("checkpoint: one character", size)


def _name(victim: Victim, connection: Connection) -> Tampering:
    kind, name = victim.one(
        connection,
        "SELECT kind, name FROM ledger.names WHERE book = :book"
        " ORDER BY md5(name || :salt) LIMIT 1", salt=str(victim.rng.random()),
    )  # fmt: skip
    victim.do(
        connection,
        "UPDATE ledger.names SET stream = (SELECT stream FROM ledger.names WHERE book = :book"
        "  AND stream <> (SELECT stream FROM ledger.names WHERE book = :book AND kind = :kind"
        "   AND name = :name) LIMIT 1)"
        " WHERE book = :book AND kind = :kind AND name = :name", kind=kind, name=name,
    )  # fmt: skip
    return Tampering("name of another case", None)


def _row(table: str, change: str, where: str = "true") -> Kind:
    """One row of a read model, chosen at random."""

    def tamper(victim: Victim, connection: Connection) -> Tampering:
        has_position = table in {"journal", "audit_trail"}
        columns = "ctid, position" if has_position else "ctid, stream"
        (generation,) = victim.one(
            connection,
            "SELECT max(relname) FROM pg_class WHERE relkind = 'r' AND relname LIKE :like"
            " AND relnamespace = 'projections'::regnamespace AND :book = :book",
            like=f"{table}\\_%",
        )
        row = victim.one(
            connection,
            f"SELECT {columns} FROM projections.{generation} WHERE book = :book AND {where}"
            " ORDER BY md5(ctid::text || :salt) LIMIT 1", salt=str(victim.rng.random()),
        )  # fmt: skip
        verb = (
            f"DELETE FROM projections.{generation}"
            if change == "DELETE"
            else f"UPDATE projections.{generation} SET {change}"
        )
        victim.do(
            connection, f"{verb} WHERE book = :book AND ctid = CAST(:ctid AS tid)", ctid=row.ctid
        )
        if has_position:
            return Tampering(f"read model {table}: {change}", row.position)
        (last,) = victim.one(
            connection,
            "SELECT max(position) FROM ledger.events WHERE book = :book AND stream = :stream",
            stream=row.stream,
        )
        return Tampering(f"read model {table}: {change}", last)

    return tamper


def _totals(victim: Victim, connection: Connection) -> Tampering:
    victim.do(
        connection,
        "UPDATE projections.account_totals SET amount = amount + 1 WHERE book = :book"
        " AND account = 'bank.client_funds'",
    )
    return Tampering("read model account_totals", None)


KINDS: Final[tuple[Kind, ...]] = (
    _payload_byte,
    _payload_byte,
    _payload_byte,
    _column("recorded_at", "recorded_at + (:any || ' us')::interval"),
    _column("recorded_at", "recorded_at - (:any || ' us')::interval"),
    _column("actor", "'agent:' || :any"),
    _column("channel", "'library'"),
    _column("type", "'fee_waived.v1'"),
    _column("stream", "md5(CAST(:any AS text))::uuid"),
    _column("version", "version + :any"),
    _column("command_id", "md5(CAST(:any AS text))::uuid"),
    _move,
    _delete,
    _delete,
    _swap,
    _swap,
    _insert,
    _insert,
    _cut_tail,
    _cut_tail_whole,
    _cut_tail_whole,
    _backup,
    _backup,
    _fork,
    _rewrite,
    _rewrite,
    _rewrite_leaf,
    _node,
    _piece,
    _command("DELETE"),
    _command("command_id = :fake"),
    _command("stream = :fake"),
    _command("last_position = last_position + 1"),
    _head("position = position + 1"),
    _head("recorded_at = recorded_at + interval '1 s'"),
    _checkpoint,
    _name,
    _row("balances", "amount = amount + 1", "amount <> 0"),
    _row("balances", "DELETE", "amount <> 0"),
    _row("journal", "amount = amount + 1"),
    _row("journal", "DELETE"),
    _row("audit_trail", "line_nb = line_nb || '.'"),
    _row("audit_trail", "DELETE"),
    _totals,
)
