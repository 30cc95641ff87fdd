"""`eventsourcing`'s mapper over our codec."""

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

import msgspec
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent, Transcoder

from ledger.domain.events import Event
from ledger.domain.recorded import Recorded
from ledger.log.codec import Codec
from ledger.log.entries import NewEntry, StoredEntry


class StreamEvent(msgspec.Struct, frozen=True):
    """An event with its place in a stream: what `eventsourcing` calls a domain event."""

    originator_id: UUID
    originator_version: int
    event: Event


class JsonTranscoder(Transcoder):
    """Plain JSON. No object is ever taken for a typed value because of how its keys are named."""

    def encode(self, obj: Any) -> bytes:
        """Compact JSON, UTF-8."""
        return msgspec.json.encode(obj)

    def decode(self, data: bytes) -> Any:
        """What the JSON says, and nothing else."""
        return msgspec.json.decode(data)


class EventMapper(Mapper[UUID]):
    """Between events of the domain and rows of the log: exact bytes, stable type names."""

    codec = Codec()

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        """An event as it is stored."""
        placed = cast(StreamEvent, domain_event)
        type, payload = self.codec.encode(placed.event)
        return StoredEvent(placed.originator_id, placed.originator_version, type, payload)

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        """A stored event as it is understood now."""
        event = self.codec.decode(stored_event.topic, stored_event.state)
        return StreamEvent(
            cast(UUID, stored_event.originator_id), stored_event.originator_version, event
        )

    def new_entries(self, stream: UUID, version: int, new: Iterable[Event]) -> list[NewEntry]:
        """Events that follow a version of a stream, as rows to append."""
        encode = self.codec.encode
        return [
            NewEntry(stream, place, *encode(event))
            for place, event in enumerate(new, start=version + 1)
        ]

    def recorded(self, entry: StoredEntry) -> Recorded:
        """A row of the log as an event with all that is known about it."""
        position, stream, version, type, recorded_at, actor, channel, command_id, payload = entry
        return Recorded(
            position,
            stream,
            version,
            recorded_at,
            actor,
            channel,
            command_id,
            self.codec.decode(type, payload),
        )
