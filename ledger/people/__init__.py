"""The vault: personal data under keys that can be destroyed, apart from the log that never is.

``vault`` reads and writes, ``erasure`` destroys, ``keys`` and ``sealing`` are what both rest on.
"""
