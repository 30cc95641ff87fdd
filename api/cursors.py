"""Where a list goes on: text that callers can't read or make, bound to the list that it is of."""

import secrets
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import Engine, select
from sqlalchemy.dialects.postgresql import insert

from api.problems import Rejected
from ledger.access.schema import cursor_keys
from ledger.log.errors import library_errors


class Cursors:
    """The cursors of one list of a book. The key is the book's, so any server can go on."""

    def __init__(self, engine: Engine, book: str, listing: str) -> None:
        self._signed = URLSafeSerializer(_key_of(engine, book), salt=listing)

    def write(self, after: int | str, asked: dict[str, Any]) -> str:
        """The cursor of what comes after an item of an answer to these parameters."""
        return self._signed.dumps([after, _plain(asked)])

    def read(self, cursor: str | None, asked: dict[str, Any]) -> int | str | None:
        """After what to go on, as it was written; ``None`` at first. Raises ``Rejected``."""
        if cursor is None:
            return None
        try:
            after, of = self._signed.loads(cursor)
        except (BadData, ValueError, TypeError):
            raise Rejected("invalid_cursor") from None
        if of != _plain(asked) or not isinstance(after, int | str):
            raise Rejected("invalid_cursor")
        return after


def _plain(asked: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in sorted(asked.items()) if value is not None}


def _key_of(engine: Engine, book: str) -> bytes:
    with library_errors(), engine.begin() as connection:
        query = select(cursor_keys.c.secret).where(cursor_keys.c.book == book)
        found = connection.execute(query).scalar_one_or_none()
        if found is None:
            made = insert(cursor_keys).values(book=book, secret=secrets.token_bytes(32))
            connection.execute(made.on_conflict_do_nothing())
            found = connection.execute(query).scalar_one()
        return bytes(found)
