"""Runs the migrations on the connection that ``ledger.log.migrate`` hands over."""

from alembic import context

from ledger.log.schema import SCHEMA, metadata
from ledger.people.schema import metadata as people

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=[metadata, people],
    version_table="schema_version",
    version_table_schema=SCHEMA,
    include_schemas=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
