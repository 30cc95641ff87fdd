"""What lets others check the log: tree proofs, signed checkpoints, witnesses, tiles, evidence.

Nothing here changes the log. Formats are those of C2SP (signed-note, tlog-checkpoint,
tlog-cosignature, tlog-tiles, tlog-witness) and RFC 6962, so that programs of others can check it.
"""
