"""The tables of keys, cursors and webhooks. They are made by the migrations."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

from ledger.log.schema import metadata

api_keys = Table(
    "api_keys",
    metadata,
    Column("book", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("clinic", Text),
    Column("operations", ARRAY(Text), nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("last_used_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("book", "key", name="api_keys_pkey"),
)

cursor_keys = Table(
    "cursor_keys",
    metadata,
    Column("book", Text, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    PrimaryKeyConstraint("book", name="cursor_keys_pkey"),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("book", Text, nullable=False),
    Column("webhook", Uuid, nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("types", ARRAY(Text), nullable=False),
    Column("clinic", Text),
    Column("position", BigInteger, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("created_by", Text, nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("book", "webhook", name="webhooks_pkey"),
)

webhook_failures = Table(
    "webhook_failures",
    metadata,
    Column("book", Text, nullable=False),
    Column("webhook", Uuid, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failed_at", DateTime(timezone=True), nullable=False),
    Column("next_attempt_at", DateTime(timezone=True)),
    Column("status", Integer),
    Column("error", Text, nullable=False),
    PrimaryKeyConstraint("book", "webhook", "position", name="webhook_failures_pkey"),
    Index(
        "webhook_failures_next",
        "book",
        "next_attempt_at",
        postgresql_where=text("next_attempt_at IS NOT NULL"),
    ),
)
