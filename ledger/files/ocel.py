"""Write an object-centric event log (OCEL 2.0, its JSON form), for process mining tools.

An event's time is its value date, at midnight in Oslo: the day on which it counts; ``recorded_at``
is when we got to know it. Ids of events are positions, so that they sort as they were recorded.
Values are text, as the standard's schema asks for, and the types declare what they are; amounts are
decimals in the currency's own unit.

Objects are kept in a temporary file until all events are written, so that they take no memory.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from typing import Any, BinaryIO, Final, NamedTuple

import msgspec

from ledger.domain.events import Event
from ledger.domain.recorded import Recorded
from ledger.files.ocel_objects import Concerned, concerned
from ledger.files.plain_values import Kind, as_text, kinds, values

_encode: Final = msgspec.json.Encoder().encode

_TYPES: Final[dict[Kind, str]] = {
    "text": "string",
    "number": "integer",
    "amount": "float",
    "truth": "boolean",
    "date": "time",
    "instant": "time",
}
_OF_EVERY_EVENT: Final[dict[str, Kind]] = {
    "position": "number",
    "version": "number",
    "actor": "text",
    "recorded_through": "text",
    "recorded_at": "instant",
}
KEPT_BACK: Final = 5_000
"""Rows that are written to the temporary file together."""
_TABLES: Final = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA cache_size = -65536;
    CREATE TABLE objects (id TEXT PRIMARY KEY, type TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE told (id TEXT, place INTEGER, name TEXT, time TEXT, value TEXT,
        PRIMARY KEY (id, place, name)) WITHOUT ROWID;
    CREATE TABLE ties (id TEXT, other TEXT, qualifier TEXT,
        PRIMARY KEY (id, other, qualifier)) WITHOUT ROWID;
"""


class OcelEvent(NamedTuple):
    """An entry, and whose stream it is in: a case's, or that of something else of a clinic."""

    entry: Recorded
    of_case: bool
    clinic: str | None


def write_ocel(file: BinaryIO, events: Iterable[OcelEvent], currency: str) -> None:
    """Write the events, and all objects that they concern."""
    with closing(sqlite3.connect("")) as connection:  # a file without a name
        connection.executescript(_TABLES)
        objects = _Objects(connection)
        used: dict[str, dict[str, Kind]] = {}
        file.write(b'{"events":[\n')
        _write_list(file, _events(events, currency, objects, used))
        file.write(b'],\n"objects":[\n')
        _write_list(file, objects.written())
    file.write(b'],\n"eventTypes":')
    file.write(_encode([_type(name, _OF_EVERY_EVENT | of) for name, of in sorted(used.items())]))
    file.write(b',\n"objectTypes":')
    file.write(_encode([_type(name, of) for name, of in sorted(objects.types.items())]))
    file.write(b"}\n")


def _write_list(file: BinaryIO, items: Iterator[dict[str, Any]]) -> None:
    separator = b""
    for item in items:
        file.write(separator + _encode(item))
        separator = b",\n"


def _events(
    events: Iterable[OcelEvent],
    currency: str,
    objects: "_Objects",
    used: dict[str, dict[str, Kind]],
) -> Iterator[dict[str, Any]]:
    for entry, of_case, clinic in events:
        event = entry.event
        if event.name not in used:
            used[event.name] = _kinds_of(type(event))
        concerns = concerned(entry, of_case=of_case, clinic=clinic)
        told = {name: as_text(value) for name, _, value in values(event, currency)}
        time = told.pop("value_date")
        objects.add(entry, concerns, told, time)
        of_every = {
            "position": str(entry.position),
            "version": str(entry.version),
            "actor": entry.actor,
            "recorded_through": entry.channel,
            "recorded_at": as_text(entry.recorded_at),
        }
        yield {
            "id": f"{entry.position:012d}",
            "type": event.name,
            "time": time,
            "attributes": [
                {"name": name, "value": value} for name, value in (of_every | told).items()
            ],
            "relationships": [
                {"objectId": found.id, "qualifier": qualifier}
                for found, qualifier in concerns.objects
            ],
        }


def _kinds_of(event: type[Event]) -> dict[str, Kind]:
    return {name: kind for name, kind in kinds(event).items() if name != "value_date"}


def _type(name: str, of: dict[str, Kind]) -> dict[str, Any]:
    attributes = [{"name": each, "type": _TYPES[kind]} for each, kind in of.items()]
    return {"name": name, "attributes": attributes}


class _Objects:
    """All objects that the events concern, with what was told about them when."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.types: dict[str, dict[str, Kind]] = {}
        """The types that were met, each with its attributes."""
        self._found: list[tuple[str, str]] = []
        self._ties: list[tuple[str, str, str]] = []
        self._told: list[tuple[str, int, str, str, str]] = []

    def add(self, entry: Recorded, concerns: Concerned, told: dict[str, str], time: str) -> None:
        """Keep what an event says."""
        for object, _ in concerns.objects:
            self.types.setdefault(object.type, {})
            self._found.append((object.id, object.type))
        self._ties += [(one.id, other.id, qualifier) for one, other, qualifier in concerns.ties]
        if concerns.told is not None:
            object, names = concerns.told
            known = kinds(type(entry.event))
            self.types[object.type].update({name: known[name] for name in names})
            self._told += [
                (object.id, entry.position, n, time, told[n]) for n in names if n in told
            ]
        if len(self._found) >= KEPT_BACK:
            self._flush()

    def _flush(self) -> None:
        many = self._connection.executemany
        many("INSERT OR IGNORE INTO objects VALUES (?, ?)", self._found)
        many("INSERT OR IGNORE INTO ties VALUES (?, ?, ?)", self._ties)
        many("INSERT INTO told VALUES (?, ?, ?, ?, ?)", self._told)
        for rows in (self._found, self._ties, self._told):
            rows.clear()

    def written(self) -> Iterator[dict[str, Any]]:
        """Each object with its attributes, in the order in which they were told, and its ties."""
        self._flush()
        told = _Grouped(
            self._rows("SELECT id, name, time, value FROM told ORDER BY id, place, name")
        )
        ties = _Grouped(self._rows("SELECT id, other, qualifier FROM ties ORDER BY id, other"))
        for id, type in self._rows("SELECT id, type FROM objects ORDER BY id"):
            yield {
                "id": id,
                "type": type,
                "attributes": [
                    {"name": name, "time": time, "value": value}
                    for _, name, time, value in told.of(id)
                ],
                "relationships": [
                    {"objectId": other, "qualifier": qualifier}
                    for _, other, qualifier in ties.of(id)
                ],
            }

    def _rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        return self._connection.execute(query)


class _Grouped:
    """Rows that come ordered by their first column, asked for in that order."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._groups = groupby(rows, itemgetter(0))
        self._next = next(self._groups, None)

    def of(self, key: str) -> list[tuple[Any, ...]]:
        """The rows of a key; none if it has none."""
        if self._next is None or self._next[0] != key:
            return []
        found = list(self._next[1])
        self._next = next(self._groups, None)
        return found
