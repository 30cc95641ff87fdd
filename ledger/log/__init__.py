"""The event log on PostgreSQL: tables, codec, recorder, Merkle tree.

Everything here is about keeping entries whole, in order and provable; nothing here knows
what a fee or a dispute is.
"""
