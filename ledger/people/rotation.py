"""Another key-encryption key: every data key is wrapped anew, and no data are touched."""

from datetime import date
from typing import Final

import msgspec
from sqlalchemy import Connection, Engine, select, tuple_, update

from ledger.people.keys import KeyFile, KeyGone, KeyService, Wrapped
from ledger.people.schema import book_keys, data_keys
from ledger.people.vault import book_key_context, key_context

BATCH_KEYS: Final = 500
"""Data keys that are wrapped anew in one transaction: others wait for as long as it takes."""


class Rotation(msgspec.Struct, frozen=True):
    """What a rotation did."""

    generation: str
    """The generation in use now."""
    rewrapped: int
    unreadable: int
    """Keys that can't be unwrapped any more, so that they could not be wrapped anew."""
    destroyed: tuple[str, ...]
    """Generations that are gone from now on, and with them what only they open."""


def rotate(engine: Engine, keys: KeyService, today: date, keep_days: int) -> Rotation:
    """Take a new key-encryption key into use, and destroy what was retired ``keep_days`` ago.

    Only a key file is rotated by us: a key service, or whoever sets the environment, makes new
    generations and destroys old ones; ours is to wrap everything under the one in use.
    """
    if isinstance(keys, KeyFile):
        keys.rotate(today)
    rewrapped, unreadable = rewrap(engine, keys)
    gone = keys.forget(today, keep_days, in_use(engine)) if isinstance(keys, KeyFile) else ()
    return Rotation(keys.generation, rewrapped, unreadable, tuple(gone))


def rewrap(engine: Engine, keys: KeyService) -> tuple[int, int]:
    """Wrap all keys of all books under the present generation.

    Returns how many were wrapped anew, and how many can't be: their generation is gone. May be
    interrupted and asked again.
    """
    present = keys.generation
    done = lost = 0
    with engine.begin() as connection:
        for book, generation, sealed in connection.execute(
            select(book_keys).where(book_keys.c.generation != present).with_for_update()
        ):
            new = _rewrapped(keys, Wrapped(generation, sealed), book_key_context(book))
            if new is None:
                lost += 1
                continue
            connection.execute(
                update(book_keys)
                .where(book_keys.c.book == book)
                .values(generation=new.generation, sealed=new.sealed)
            )
            done += 1
    after: tuple[object, ...] | None = None
    while True:
        with engine.begin() as connection:
            after, some, gone = _batch(connection, keys, present, after)
        done, lost = done + some, lost + gone
        if after is None:
            return done, lost


def in_use(engine: Engine) -> set[str]:
    """The generations that something is wrapped under."""
    with engine.begin() as connection:
        return {
            generation
            for table in (book_keys, data_keys)
            for generation in connection.execute(select(table.c.generation).distinct()).scalars()
        }


def _batch(
    connection: Connection, keys: KeyService, present: str, after: tuple[object, ...] | None
) -> tuple[tuple[object, ...] | None, int, int]:
    """The key of the last row, or ``None`` at the end; how many were wrapped, and how many not."""
    place = (data_keys.c.book, data_keys.c.subject, data_keys.c.retention)
    query = (
        select(data_keys)
        .where(data_keys.c.generation != present)
        .order_by(*place)
        .limit(BATCH_KEYS)
        .with_for_update()
    )
    if after is not None:
        query = query.where(tuple_(*place) > after)
    rows = connection.execute(query).all()
    done = 0
    for row in rows:
        context = key_context(row.book, row.subject, row.retention)
        new = _rewrapped(keys, Wrapped(row.generation, row.sealed), context)
        if new is None:
            continue
        connection.execute(
            update(data_keys)
            .where(
                data_keys.c.book == row.book,
                data_keys.c.subject == row.subject,
                data_keys.c.retention == row.retention,
            )
            .values(generation=new.generation, sealed=new.sealed)
        )
        done += 1
    last = (rows[-1].book, rows[-1].subject, rows[-1].retention) if rows else None
    return last, done, len(rows) - done


def _rewrapped(keys: KeyService, wrapped: Wrapped, context: bytes) -> Wrapped | None:
    try:
        return keys.wrap(keys.unwrap(wrapped, context), context)
    except KeyGone:
        return None
