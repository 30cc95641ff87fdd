"""Events as the log stores them: a stable type name and compact JSON.

A type is ``<name>.v<version>``: never a module path, so that code can move. When an event
changes its shape, its ``version`` is raised and an upcaster turns the payload of the version
before into the next; what is stored is never touched.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from ledger.domain.events import EVENT_TYPES, Event

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

UPCASTERS: Final[dict[tuple[str, int], Upcaster]] = {}
"""(event name, version) to the function that makes a payload of the next version of it."""


class UndecodableEvent(Exception):
    """The log holds an entry that this program can't read. Use a program at least as new."""


class Codec:
    """Encodes events and decodes all their versions."""

    def __init__(
        self,
        types: tuple[type[Event], ...] = EVENT_TYPES,
        upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS,
    ) -> None:
        self._types = {event.name: event for event in types}
        if len(self._types) != len(types):
            raise ValueError("two event types share a name")
        self._upcasters = upcasters
        self._encode = msgspec.json.Encoder().encode
        self._type_of = {event: f"{event.name}.v{event.version}" for event in types}
        self._decode: dict[str, Callable[[bytes | str], Event]] = {
            self._type_of[event]: msgspec.json.Decoder(event).decode for event in types
        }

    def types_of(self, event: type[Event]) -> list[str]:
        """The types under which events of this kind stand in the log, of all their versions."""
        return [f"{event.name}.v{version}" for version in range(1, event.version + 1)]

    def encode(self, event: Event) -> tuple[str, bytes]:
        """The type and payload to store. Raises ``ValueError`` for what could not be read again.

        The constructors of events check nothing, and what is in the log stays there: an amount
        below zero would make its case unreadable for ever.
        """
        stored, payload = self._type_of[type(event)], self._encode(event)
        try:
            self._decode[stored](payload)
        except msgspec.MsgspecError as error:
            raise ValueError(f"an event of type {stored!r} can't be recorded: {error}") from error
        return stored, payload

    def decode(self, type: str, payload: bytes | str) -> Event:
        """The event in its newest version. Raises ``UndecodableEvent``."""
        decode = self._decode.get(type)
        try:
            return self._upcast(type, payload) if decode is None else decode(payload)
        except msgspec.MsgspecError as error:
            raise UndecodableEvent(f"an event of type {type!r} is damaged: {error}") from error

    def _upcast(self, type: str, payload: bytes | str) -> Event:
        name, _, number = type.rpartition(".v")
        target = self._types.get(name)
        if target is None or not number.isdecimal() or int(number) > target.version:
            raise UndecodableEvent(f"this program does not know events of type {type!r}")
        data = msgspec.json.decode(payload, type=dict[str, Any])
        for version in range(int(number), target.version):
            upcast = self._upcasters.get((name, version))
            if upcast is None:
                raise UndecodableEvent(f"no upcaster from version {version} of {name!r}")
            data = upcast(data)
        return msgspec.convert(data, target)
