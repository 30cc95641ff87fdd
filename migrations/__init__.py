"""Alembic migrations. The tables of the log only ever grow: no downgrade is offered."""
