"""The embedded PostgreSQL server: its binaries, its life cycle, and what can go wrong with it."""
