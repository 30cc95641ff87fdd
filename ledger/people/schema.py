"""The tables of the vault. They are made by the migrations; a test holds the two together.

UPDATE and DELETE are allowed here, unlike in the log, and on purpose: what the law wants gone
must go. Only who read what, what was erased and that a subject once was are append-only.
"""

from typing import Final

from sqlalchemy import (
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

SCHEMA: Final = "people"
VAULT_ROLE: Final = "caseledger_people"
"""The database role that works in the vault: it sees nothing of the log, and the application's
role sees nothing of the vault but which subjects have been erased."""

metadata = MetaData(schema=SCHEMA)

subjects = Table(
    "subjects",
    metadata,
    Column("book", Text, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("registered_by", Text, nullable=False),
    Column("erased_at", DateTime(timezone=True)),
    Column("kept_until", Date),
    PrimaryKeyConstraint("book", "subject", name="subjects_pkey"),
)

data_keys = Table(
    "data_keys",
    metadata,
    Column("book", Text, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("retention", Text, nullable=False),
    Column("generation", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("book", "subject", "retention", name="data_keys_pkey"),
)

fields = Table(
    "fields",
    metadata,
    Column("book", Text, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("field", Text, nullable=False),
    Column("retention", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("book", "subject", "field", name="fields_pkey"),
)

notes = Table(
    "notes",
    metadata,
    Column("book", Text, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("note", Uuid, nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False),
    Column("written_by", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("book", "subject", "note", name="notes_pkey"),
)

authorisations = Table(
    "authorisations",
    metadata,
    Column("book", Text, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("authorisation", Uuid, nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("book", "subject", "authorisation", name="authorisations_pkey"),
)

search_keys = Table(
    "search_keys",
    metadata,
    Column("book", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("retention", Text, nullable=False),
    PrimaryKeyConstraint("book", "kind", "digest", "subject", name="search_keys_pkey"),
    Index("search_keys_subject", "book", "subject"),
)

book_keys = Table(
    "book_keys",
    metadata,
    Column("book", Text, nullable=False),
    Column("generation", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("book", name="book_keys_pkey"),
)

legal_holds = Table(
    "legal_holds",
    metadata,
    Column("book", Text, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("hold", Uuid, nullable=False),
    Column("reason", Text, nullable=False),
    Column("placed_at", DateTime(timezone=True), nullable=False),
    Column("placed_by", Text, nullable=False),
    Column("released_at", DateTime(timezone=True)),
    Column("released_by", Text),
    PrimaryKeyConstraint("book", "subject", "hold", name="legal_holds_pkey"),
)

reads = Table(
    "reads",
    metadata,
    Column("book", Text, nullable=False),
    Column("read", Uuid, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("what", ARRAY(Text), nullable=False),
    Column("refused", Text),
    PrimaryKeyConstraint("book", "read", name="reads_pkey"),
    Index("reads_subject", "book", "subject", "at"),
)

erasures = Table(
    "erasures",
    metadata,
    Column("book", Text, nullable=False),
    Column("erasure", Uuid, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("legal_basis", Text, nullable=False),
    Column("retentions", ARRAY(Text), nullable=False),
    Column("kept_until", Date),
    PrimaryKeyConstraint("book", "erasure", name="erasures_pkey"),
    Index("erasures_subject", "book", "subject"),
)

APPEND_ONLY: Final = ("reads", "erasures")
ERASABLE: Final = ("data_keys", "fields", "notes", "authorisations", "search_keys")
"""What holds something of a person, under a key or as a digest: to be scrubbed after erasing."""
