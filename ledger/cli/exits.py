"""How the command ends. The codes are stable: scripts may rely on them."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes, as the manual lists them."""

    OK = 0
    FAILURE = 1
    """Something went wrong; the message says what to do."""
    USAGE = 2
    """The command line can't be understood, or names what is not there."""
    INTEGRITY = 3
    """`verify` found a difference, or the signer a log that does not continue what it signed."""
    DATABASE = 5
    """The database can't be reached or started."""
    MIGRATION = 6
    """The database has not the tables that this program needs: run `caseledger migrate`."""
    PARTIAL = 7
    """An import refused some of the file's cases; all others were recorded."""
    FILE = 8
    """An import's file can't be read, or not to its end; whole cases before that were recorded."""
    INTERRUPTED = 130
    """Ctrl-C."""


class Failed(Exception):
    """Ends the command with a message and a code."""

    def __init__(self, message: str, code: Exit = Exit.FAILURE) -> None:
        super().__init__(message)
        self.code = code
