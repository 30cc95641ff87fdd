"""Somebody who has shown who he is."""

from typing import Final, Literal, get_args
from urllib.parse import quote

import msgspec

Role = Literal["agent", "senior", "clinic", "auditor", "system", "operator"]
"""``agent`` answers patients, ``senior`` decides what agents may not, ``clinic`` sees its own
cases, ``auditor`` reads everything and writes nothing, ``system`` is a machine that reports what
happened, ``operator`` runs the ledger and touches no case."""

ROLES: Final[frozenset[Role]] = frozenset(get_args(Role))
EVERY_BOOK: Final = "*"
SUBJECT_MAX_CHARS: Final = 60
"""Of a caller's name, percent-encoded up to threefold: with its role it fits a label of the log."""


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls, and within which bounds."""

    role: Role
    subject: str
    """Who it is, as the issuer of the token or key names him; no personal data."""
    books: frozenset[str]
    """The books that are open to him; ``*`` stands for all there are."""
    clinic: str | None = None
    """Of the role ``clinic``: the creditor whose cases are his. ``None`` for all others."""
    operations: frozenset[str] = frozenset()
    """Of a key with a scope: the operations that it is for. Empty: all that the role may do."""

    def may_enter(self, book: str) -> bool:
        """Whether the book is open to him."""
        return book in self.books or EVERY_BOOK in self.books

    @property
    def actor(self) -> str:
        """The caller as the log names him: ``role:subject``, printable ASCII without spaces."""
        return f"{self.role}:{quote(self.subject[:SUBJECT_MAX_CHARS], safe='@._:+~-')[:180]}"
