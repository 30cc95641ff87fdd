"""The tables of the log. They are made by the migrations; a test holds the two together.

Every key begins with ``book``, and nothing crosses books in a transaction, so that the
schema can be distributed by book.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)

SCHEMA: Final = "ledger"
APPLICATION_ROLE: Final = "caseledger_app"
"""The database role that the application works as: no UPDATE, DELETE or TRUNCATE on the log."""
READER_ROLE: Final = "caseledger_reader"
"""The database role of whoever may read everything here and write nothing: auditors, reports."""
CLINIC_ROLE: Final = "caseledger_clinic"
"""The database role of whoever reads for a clinic: each table it may read has a policy for it."""

metadata = MetaData(schema=SCHEMA)

books = Table(
    "books",
    metadata,
    Column("book", Text, primary_key=True),
    Column("currency", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

book_head = Table(
    "book_head",
    metadata,
    Column("book", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("root", LargeBinary, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("book", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("stream", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("type", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("command_id", Uuid, nullable=False),
    Column("payload", Text, nullable=False),
    PrimaryKeyConstraint("book", "position", name="events_pkey"),
    UniqueConstraint("book", "stream", "version", name="events_stream_version_key"),
)

commands = Table(
    "commands",
    metadata,
    Column("book", Text, nullable=False),
    Column("command_id", Uuid, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("stream", Uuid, nullable=False),
    Column("first_position", BigInteger, nullable=False),
    Column("last_position", BigInteger, nullable=False),
    PrimaryKeyConstraint("book", "command_id", name="commands_pkey"),
)

names = Table(
    "names",
    metadata,
    Column("book", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("stream", Uuid, nullable=False),
    PrimaryKeyConstraint("book", "kind", "name", name="names_pkey"),
)

tracking = Table(
    "tracking",
    metadata,
    Column("book", Text, nullable=False),
    Column("consumer", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    PrimaryKeyConstraint("book", "consumer", name="tracking_pkey"),
)

tree = Table(
    "tree",
    metadata,
    Column("book", Text, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("tile", BigInteger, nullable=False),
    Column("first", SmallInteger, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
    PrimaryKeyConstraint("book", "level", "tile", "first", name="tree_pkey"),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("book", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column(
        "made_at",
        DateTime(timezone=True),
        nullable=False,
        server_default=func.clock_timestamp(),
    ),
    Column("note", Text, nullable=False),
    PrimaryKeyConstraint("book", "size", "made_at", name="checkpoints_pkey"),
)

APPEND_ONLY: Final = ("books", "events", "commands", "names", "tree", "checkpoints")
