"""How far each consumer has read each book. Moved in the transaction of what it writes."""

from collections.abc import Iterable
from typing import cast

from eventsourcing.persistence import IntegrityError, Tracking, TrackingRecorder
from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from ledger.log.errors import library_errors
from ledger.log.schema import tracking as table


class Tracker(TrackingRecorder):
    """The positions of one consumer; an application's name is the book that it reads.

    Positions only move forward, by one compare-and-set: of two runners that try to apply
    the same entries, one waits for the other and then fails whole.
    """

    def __init__(self, engine: Engine, consumer: str) -> None:
        self.engine = engine
        self.consumer = consumer

    def insert_tracking(self, tracking: Tracking) -> None:
        """Move forward on its own. Raises ``IntegrityError`` if not forward."""
        with library_errors(), self.engine.begin() as connection:
            self.advance(connection, tracking)

    def advance(self, connection: Connection, tracking: Tracking) -> None:
        """Move forward within a transaction. Raises ``IntegrityError`` if not forward."""
        statement = upsert(table).values(
            book=tracking.application_name,
            consumer=self.consumer,
            position=tracking.notification_id,
        )
        moved = connection.execute(
            statement.on_conflict_do_update(
                index_elements=[table.c.book, table.c.consumer],
                set_={"position": statement.excluded.position},
                where=table.c.position < statement.excluded.position,
            ).returning(table.c.position)
        ).scalar_one_or_none()
        if moved is None:
            raise IntegrityError(
                f"{self.consumer} has read {tracking.application_name} to"
                f" {tracking.notification_id} or further already"
            )

    def max_tracking_id(self, application_name: str) -> int | None:
        """The last position that was read of a book."""
        with library_errors(), self.engine.connect() as connection:
            return self.position(connection, application_name)

    def position(self, connection: Connection, book: str, *, lock: bool = False) -> int | None:
        """The last position that was read of a book; locked until the transaction ends if asked."""
        query = select(table.c.position).where(
            table.c.book == book, table.c.consumer == self.consumer
        )
        if lock:
            query = query.with_for_update()
        return cast(int | None, connection.execute(query).scalar_one_or_none())

    @staticmethod
    def positions(connection: Connection, book: str, consumers: Iterable[str]) -> dict[str, int]:
        """The last positions that consumers have read of a book; 0 for those that began none."""
        asked = list(consumers)
        query = select(table.c.consumer, table.c.position).where(
            table.c.book == book, table.c.consumer.in_(asked)
        )
        return dict.fromkeys(asked, 0) | {row[0]: row[1] for row in connection.execute(query)}

    def begin(self, connection: Connection, book: str) -> None:
        """Make the row that ``position`` locks, at 0, if the book has not been read before."""
        connection.execute(
            upsert(table)
            .values(book=book, consumer=self.consumer, position=0)
            .on_conflict_do_nothing()
        )

    def forget(self, connection: Connection) -> None:
        """Drop all positions of this consumer."""
        connection.execute(delete(table).where(table.c.consumer == self.consumer))
