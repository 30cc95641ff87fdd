"""The two statements by which the log grows, planned once by each connection.

To plan the write anew for each command took PostgreSQL longer than to carry it out.
"""

from typing import Final

from sqlalchemy import Connection

COLUMNS: Final[dict[str, dict[str, str]]] = {
    "events": {
        "position": "bigint", "stream": "uuid", "version": "integer", "type": "text",
        "actor": "text", "channel": "text", "command_id": "uuid", "payload": "text",
    },
    "commands": {
        "command_id": "uuid", "stream": "uuid", "first_position": "bigint",
        "last_position": "bigint", "content_hash": "bytea",
    },
    "names": {"kind": "text", "stream": "uuid", "name": "text"},
    "tree": {"level": "smallint", "tile": "bigint", "first": "smallint", "hashes": "bytea"},
}  # fmt: skip
"""What differs from row to row of each table, in this order, and its type."""
ALIKE: Final[dict[str, tuple[str, ...]]] = {
    "events": ("book", "recorded_at"),
    "commands": ("book",),
    "names": ("book",),
    "tree": ("book",),
}
"""What is the same in all rows of one transaction."""

_HEAD: Final = {
    "book": "text", "recorded_at": "timestamptz", "position": "bigint",
    "frontier": "bytea", "root": "bytea",
}  # fmt: skip

# Two statements, one round trip: the second has a snapshot of its own, taken when the row has been
# locked, and so sees what whoever held it before has committed.
LOCK_HEAD: Final = "EXECUTE caseledger_lock(%s); EXECUTE caseledger_head(%s, %s)"
"""Parameters: book; book, command ids. One row, or none for a book that is not there."""
_PREPARE_LOCK: Final = """
    PREPARE caseledger_lock (text) AS
    SELECT 1 FROM ledger.book_head WHERE book = $1 FOR NO KEY UPDATE
"""
_PREPARE_HEAD: Final = """
    PREPARE caseledger_head (text, uuid[]) AS
    SELECT position, recorded_at, frontier, root, clock_timestamp(),
           row_security_active('ledger.events'),
           (SELECT json_agg(json_build_array(
                command_id, encode(content_hash, 'hex'), stream, first_position, last_position))
            FROM ledger.commands
            WHERE book = $1 AND command_id = ANY($2))
    FROM ledger.book_head WHERE book = $1
"""


def _write() -> tuple[str, int]:
    """What prepares the write, and how many parameters it has: the head, then an array for each
    column of each table. All tables in one statement: none of them refers to another.
    """
    number = {name: f"${at}" for at, name in enumerate(_HEAD, 1)}
    types, inserts = list(_HEAD.values()), []
    for table, columns in COLUMNS.items():
        arrays = ", ".join(f"${len(types) + at}" for at in range(1, len(columns) + 1))
        types += [f"{type}[]" for type in columns.values()]
        alike = ", ".join(number[name] for name in ALIKE[table])
        inserts.append(
            f"{table}_rows AS (INSERT INTO ledger.{table} ({', '.join([*ALIKE[table], *columns])})"
            f" SELECT {alike}, * FROM unnest({arrays}))"
        )
    moved = ", ".join(f"{name} = {number[name]}" for name in _HEAD if name != "book")
    prepare = (
        f"PREPARE caseledger_write ({', '.join(types)}) AS WITH {', '.join(inserts)}"
        f" UPDATE ledger.book_head SET {moved} WHERE book = {number['book']}"
    )
    return prepare, len(types)


_PREPARE_WRITE, _PARAMETERS = _write()
WRITE: Final = f"EXECUTE caseledger_write({', '.join(['%s'] * _PARAMETERS)})"
"""Parameters: book, recorded-at, position, frontier, root; an array for each of ``COLUMNS``."""


def prepare(connection: Connection) -> None:
    """Have a connection plan the statements, if it has not done so before.

    What is prepared outlives a transaction that fails: what an attempt left behind goes first.
    """
    if "prepared" not in connection.info:
        connection.exec_driver_sql(
            "; ".join(("DEALLOCATE ALL", _PREPARE_LOCK, _PREPARE_HEAD, _PREPARE_WRITE))
        )
        connection.info["prepared"] = True
