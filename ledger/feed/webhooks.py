"""Webhooks: the feed pushed to an address, signed (Standard Webhooks), until it arrives.

An entry is delivered at least once, under an id that stays the same. What an address does not
take is tried again after a while, and does not hold up what comes after it; what it never takes
is kept as dead, to be looked at and sent again by hand.
"""

import secrets
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from threading import Event, Thread
from typing import Any, Final
from uuid import UUID, uuid4

import httpx2
import msgspec
from eventsourcing.persistence import PersistenceError
from sqlalchemy import Connection, Engine, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import SQLAlchemyError
from standardwebhooks import Webhook as Signer

from ledger.access.schema import webhook_failures, webhooks
from ledger.application.ledger import Ledger
from ledger.domain.recorded import Recorded
from ledger.feed.envelope import cloud_event
from ledger.feed.pages import page
from ledger.log.errors import library_errors

RETRY_AFTER: Final = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 60, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""After each failed attempt: about three days in all, then the entry is dead for this address."""
TIMEOUT_SECONDS: Final = 10.0
ROUND_ENTRIES: Final = 50
"""Of one address in one transaction, while nothing fails."""
POLL_SECONDS: Final = 0.5
PAUSE_AFTER_ERROR_SECONDS: Final = 5.0
ERROR_CHARS: Final = 200
GONE: Final = 410
"""An address that answers so wants no more."""

Send = Callable[[str, bytes, dict[str, str]], int]
"""Posts a body with headers to an address; returns the status. Raises ``httpx2.HTTPError``."""


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """An address to which a book's log is pushed. Its secret is told once and not shown."""

    book: str
    webhook: UUID
    url: str
    types: tuple[str, ...]
    clinic: str | None
    position: int
    """Up to here every entry was delivered, or is among the failures, or was not asked for."""
    created_at: datetime
    created_by: str
    ended_at: datetime | None


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that an address has not taken yet, or never will (``next_attempt_at`` is None)."""

    position: int
    attempts: int
    failed_at: datetime
    next_attempt_at: datetime | None
    status: int | None
    error: str


def create(
    engine: Engine,
    book: str,
    *,
    url: str,
    created_by: str,
    after: int,
    types: Sequence[str] = (),
    clinic: str | None = None,
) -> tuple[Webhook, str]:
    """Push what comes after a position to an address; returns the webhook and its secret."""
    secret = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
    with library_errors(), engine.begin() as connection:
        row = connection.execute(
            insert(webhooks)
            .values(
                book=book,
                webhook=uuid4(),
                url=url,
                secret=secret,
                types=list(types),
                clinic=clinic,
                position=after,
                created_at=func.clock_timestamp(),
                created_by=created_by,
            )
            .returning(*_columns(Webhook, webhooks))
        ).one()
    return _struct(Webhook, row), secret


def listed(engine: Engine, book: str) -> list[Webhook]:
    """The webhooks of a book, oldest first, those that have ended among them."""
    query = select(*_columns(Webhook, webhooks)).where(webhooks.c.book == book)
    with library_errors(), engine.connect() as connection:
        rows = connection.execute(query.order_by(webhooks.c.created_at)).all()
    return [_struct(Webhook, row) for row in rows]


def end(engine: Engine, book: str, webhook: UUID) -> bool:
    """Push no more to an address; whether there was one."""
    with library_errors(), engine.begin() as connection:
        return _end(connection, book, webhook)


def failures(engine: Engine, book: str, webhook: UUID) -> list[Failure] | None:
    """What an address has not taken, by position; ``None`` if there is no such webhook."""
    query = select(*_columns(Failure, webhook_failures)).where(
        webhook_failures.c.book == book, webhook_failures.c.webhook == webhook
    )
    with library_errors(), engine.connect() as connection:
        known = connection.execute(
            select(webhooks.c.webhook).where(webhooks.c.book == book, webhooks.c.webhook == webhook)
        ).one_or_none()
        if known is None:
            return None
        rows = connection.execute(query.order_by(webhook_failures.c.position).limit(1_000)).all()
    return [_struct(Failure, row) for row in rows]


def redeliver(engine: Engine, book: str, webhook: UUID, position: int) -> bool:
    """Try a failed entry again at once, and as often as a new one; whether there was one."""
    with library_errors(), engine.begin() as connection:
        changed = connection.execute(
            update(webhook_failures)
            .where(
                webhook_failures.c.book == book,
                webhook_failures.c.webhook == webhook,
                webhook_failures.c.position == position,
            )
            .values(attempts=0, next_attempt_at=func.clock_timestamp())
        )
    return changed.rowcount == 1


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Post to an address and read no more of its answer than the status."""
    with _client().stream("POST", url, content=body, headers=headers) as response:
        return response.status_code


@cache
def _client() -> httpx2.Client:
    """One for all: it keeps connections open, and making one reads all certificates.

    It follows no redirect: a webhook goes where its operator said.
    """
    return httpx2.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False)


class Deliverer:
    """Pushes what is due. Several servers may do this at once: each address is one's at a time."""

    def __init__(
        self,
        engine: Engine,
        send: Send = post,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine = engine
        self._send = send
        self._now = now
        self._ledgers: dict[str, Ledger] = {}

    def deliver(self) -> int:
        """One round: each address gets what is due, up to its first failure; returns how many
        entries arrived.
        """
        with library_errors(), self._engine.connect() as connection:
            query = select(webhooks.c.book, webhooks.c.webhook).where(webhooks.c.ended_at.is_(None))
            live = connection.execute(query).all()
        return sum(self._one(book, webhook) for book, webhook in live)

    def _one(self, book: str, webhook: UUID) -> int:
        """What is due to one address, unless another server is at it."""
        with library_errors(), self._engine.begin() as connection:
            row = connection.execute(
                select(*_columns(Webhook, webhooks), webhooks.c.secret)
                .where(
                    webhooks.c.book == book,
                    webhooks.c.webhook == webhook,
                    webhooks.c.ended_at.is_(None),
                )
                .with_for_update(skip_locked=True)
            ).one_or_none()
            if row is None:
                return 0
            *fields, secret = row
            found = _struct(Webhook, fields)
            return self._again(connection, found, secret) + self._on(connection, found, secret)

    def _again(self, connection: Connection, webhook: Webhook, secret: str) -> int:
        """What failed before and is due again."""
        mine = (webhook_failures.c.book == webhook.book) & (
            webhook_failures.c.webhook == webhook.webhook
        )
        due = connection.execute(
            select(webhook_failures.c.position, webhook_failures.c.attempts)
            .where(mine, webhook_failures.c.next_attempt_at <= self._now())
            .order_by(webhook_failures.c.next_attempt_at, webhook_failures.c.position)
            .limit(ROUND_ENTRIES)
        ).all()
        arrived = 0
        for position, attempts in due:
            (entry,) = self._ledger(webhook.book).recorder.read_log(position - 1, 1)
            recorded = self._ledger(webhook.book).mapper.recorded(entry)
            if not self._try(connection, webhook, secret, recorded, attempts):
                break
            connection.execute(
                delete(webhook_failures).where(mine, webhook_failures.c.position == position)
            )
            arrived += 1
        return arrived

    def _on(self, connection: Connection, webhook: Webhook, secret: str) -> int:
        """What has been recorded since."""
        found = page(
            self._ledger(webhook.book),
            after=webhook.position,
            limit=ROUND_ENTRIES,
            types=webhook.types,
            clinic=webhook.clinic,
        )
        arrived, reached = 0, found.next
        for entry in found.entries:
            if not self._try(connection, webhook, secret, entry, 0):
                reached = entry.position
                break
            arrived += 1
        if reached > webhook.position:
            connection.execute(
                update(webhooks)
                .where(webhooks.c.book == webhook.book, webhooks.c.webhook == webhook.webhook)
                .values(position=reached)
            )
        return arrived

    def _try(
        self,
        connection: Connection,
        webhook: Webhook,
        secret: str,
        entry: Recorded,
        attempts: int,
    ) -> bool:
        """Send one entry; a failure is written down with when to try again."""
        status, error = self._sent(webhook, secret, entry)
        if error is None:
            return True
        if status == GONE:
            _end(connection, webhook.book, webhook.webhook)
        now = self._now()
        wait = RETRY_AFTER[attempts] if attempts < len(RETRY_AFTER) else None
        kept = {
            "attempts": attempts + 1,
            "failed_at": now,
            "next_attempt_at": None if wait is None or status == GONE else now + wait,
            "status": status,
            "error": error[:ERROR_CHARS],
        }
        connection.execute(
            upsert(webhook_failures)
            .values(book=webhook.book, webhook=webhook.webhook, position=entry.position, **kept)
            .on_conflict_do_update(index_elements=["book", "webhook", "position"], set_=kept)
        )
        return False

    def _sent(
        self, webhook: Webhook, secret: str, entry: Recorded
    ) -> tuple[int | None, str | None]:
        """The status of the answer, and what was wrong with it."""
        currency = self._ledger(webhook.book).recorder.currency()
        body = msgspec.json.encode(cloud_event(entry, webhook.book, currency))
        number, now = f"{webhook.book}.{entry.position}", datetime.now(UTC)
        headers = {
            "Content-Type": "application/cloudevents+json",
            "webhook-id": number,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Signer(secret).sign(number, now, body.decode()),
        }
        try:
            status = self._send(webhook.url, body, headers)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            return None, f"{type(error).__name__}: {error}"
        return status, None if 200 <= status < 300 else f"answered with {status}"

    def _ledger(self, book: str) -> Ledger:
        if book not in self._ledgers:
            self._ledgers[book] = Ledger(self._engine, book)
        return self._ledgers[book]


class Delivering:
    """A thread that delivers until it is told to end."""

    def __init__(self, deliverer: Deliverer) -> None:
        self._deliverer = deliverer
        self._stop = Event()
        self._thread = Thread(target=self._run, name="webhooks", daemon=True)

    def __enter__(self) -> "Delivering":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        pause = 0.0
        while not self._stop.wait(pause):
            try:
                pause = 0.0 if self._deliverer.deliver() else POLL_SECONDS
            except (PersistenceError, SQLAlchemyError):
                pause = PAUSE_AFTER_ERROR_SECONDS  # the database is away; nothing is lost


def _end(connection: Connection, book: str, webhook: UUID) -> bool:
    ended = connection.execute(
        update(webhooks)
        .where(
            webhooks.c.book == book, webhooks.c.webhook == webhook, webhooks.c.ended_at.is_(None)
        )
        .values(ended_at=func.clock_timestamp())
    )
    return ended.rowcount == 1


def _columns(struct: type[msgspec.Struct], table: Any) -> list[Any]:
    return [table.c[name] for name in struct.__struct_fields__]


def _struct(struct: Any, row: Any) -> Any:
    return msgspec.convert(dict(zip(struct.__struct_fields__, row, strict=True)), struct)
