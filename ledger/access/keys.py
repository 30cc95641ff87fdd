"""API keys of machines: shown once, kept as a hash, for one book, with an end.

A key reads ``clk_<book>_<id>_<secret>``, so that a scanner finds one that got into a file.
"""

import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Final

import msgspec
from sqlalchemy import Engine, func, insert, or_, select, update

from ledger.access.callers import Caller, Role
from ledger.access.schema import api_keys
from ledger.log.errors import library_errors

PREFIX: Final = "clk_"
USE_NOTED_EVERY: Final = timedelta(minutes=1)
"""When a key was last used is noted no more often than this: a row version each time."""

_KEY: Final = re.compile(r"clk_([a-z0-9][a-z0-9-]{0,62})_([0-9a-f]{12})_([0-9a-f]{64})", re.ASCII)


class KeyRefused(Exception):
    """There is no such key, or it has ended. Which of these is nobody's business."""


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key without its secret."""

    book: str
    key: str
    name: str
    role: Role
    clinic: str | None
    operations: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


_COLUMNS: Final = [api_keys.c[name] for name in ApiKey.__struct_fields__]


def create(
    engine: Engine,
    book: str,
    *,
    name: str,
    role: Role,
    valid_for: timedelta,
    clinic: str | None = None,
    operations: Iterable[str] = (),
) -> str:
    """Make a key; returns it with its secret, which is kept nowhere."""
    key, secret = secrets.token_hex(6), secrets.token_hex(32)
    with library_errors(), engine.begin() as connection:
        connection.execute(
            insert(api_keys).values(
                book=book,
                key=key,
                name=name,
                role=role,
                clinic=clinic,
                operations=sorted(operations),
                secret_hash=_hash(secret),
                created_at=func.clock_timestamp(),
                expires_at=func.clock_timestamp() + valid_for,
            )
        )
    return f"{PREFIX}{book}_{key}_{secret}"


def caller_with(engine: Engine, presented: str) -> Caller:
    """Whose key it is. Raises ``KeyRefused``."""
    parts = _KEY.fullmatch(presented)
    if parts is None:
        raise KeyRefused("this is no key of ours")
    book, key, secret = parts.groups()
    here = (api_keys.c.book == book) & (api_keys.c.key == key)
    stale = or_(
        api_keys.c.last_used_at.is_(None),
        api_keys.c.last_used_at < func.clock_timestamp() - USE_NOTED_EVERY,
    )
    with library_errors(), engine.begin() as connection:
        found = connection.execute(
            select(
                *_COLUMNS,
                api_keys.c.secret_hash,
                (api_keys.c.expires_at > func.clock_timestamp()).label("in_time"),
                stale.label("stale"),
            ).where(here)
        ).one_or_none()
        # The hash is compared also where there is no such key: the time taken must not tell.
        kept = bytes(32) if found is None else bytes(found.secret_hash)
        right = compare_digest(kept, _hash(secret))
        if found is None or not right or not found.in_time or found.revoked_at is not None:
            raise KeyRefused("the key is unknown, has expired or was revoked")
        if found.stale:
            connection.execute(
                update(api_keys).where(here, stale).values(last_used_at=func.clock_timestamp())
            )
    return Caller(
        role=found.role,
        subject=f"key.{key}",
        books=frozenset({book}),
        clinic=found.clinic,
        operations=frozenset(found.operations),
    )


def listed(engine: Engine, book: str) -> list[ApiKey]:
    """All keys of a book, oldest first, those that have ended among them."""
    query = select(*_COLUMNS).where(api_keys.c.book == book).order_by(api_keys.c.created_at)
    with library_errors(), engine.connect() as connection:
        rows = [
            dict(zip(ApiKey.__struct_fields__, row, strict=True))
            for row in connection.execute(query)
        ]
    return [msgspec.convert(row, ApiKey) for row in rows]


def revoke(engine: Engine, book: str, key: str) -> bool:
    """End a key at once; whether there was one to end."""
    with library_errors(), engine.begin() as connection:
        ended = connection.execute(
            update(api_keys)
            .where(api_keys.c.book == book, api_keys.c.key == key, api_keys.c.revoked_at.is_(None))
            .values(revoked_at=func.clock_timestamp())
        )
    return ended.rowcount == 1


def _hash(secret: str) -> bytes:
    """A secret of 256 random bits can't be guessed: a fast hash is as good as a slow one."""
    return sha256(secret.encode()).digest()
