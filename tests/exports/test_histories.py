"""Case histories for process mining tools: XES and OCEL 2.0."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import jsonschema_rs
import pytest
from msgspec.structs import replace

from ledger.application.ledger import ClinicNotFound, Ledger
from ledger.domain import events as e
from ledger.domain.recorded import Recorded
from ledger.exports.histories import ocel, xes
from ledger.exports.reading import Reading
from ledger.files.mapping import load_mapping
from ledger.files.ocel import OcelEvent, write_ocel
from ledger.files.plain_values import kinds
from ledger.files.xes import Trace, read_traces
from ledger.files.xes_writing import write_xes
from ledger.imports.histories import import_histories
from ledger.proof.notes import Note
from tests.domain.samples import BESIDE_CASES, CASE, EVENTS, OF_A_CASE
from tests.orders import fill, give, invoice, opening, order, payment, receipt

NOTE = Note("example.org/ledger/book\n0\n\n")
AT = datetime(2026, 7, 1, 12, 30, 0, 1, tzinfo=UTC)

MAPPING = """
source = "own"
creditor = "clinic-1"
currency = "NOK"
[activities.case_opened]
records = "nothing"
[activities.invoice_issued]
records = "claimed"
amount = "amount"
[activities.payment_received]
records = "paid"
amount = "amount"
"""

_NAMED = {"type": "string"}
_WHEN = {"type": "string", "format": "date-time"}


def _list(*required: str, **properties: Any) -> dict[str, Any]:
    item = {"type": "object", "properties": properties, "required": list(required)}
    return {"type": "array", "items": item}


_ATTRIBUTES = _list("name", "type", name=_NAMED, type=_NAMED)
_TIES = _list("objectId", "qualifier", objectId=_NAMED, qualifier=_NAMED)
SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "required": ["eventTypes", "objectTypes", "events", "objects"],
    "properties": {
        "eventTypes": _list("name", "attributes", name=_NAMED, attributes=_ATTRIBUTES),
        "objectTypes": _list("name", "attributes", name=_NAMED, attributes=_ATTRIBUTES),
        "events": _list(
            "id", "type", "time",
            id=_NAMED, type=_NAMED, time=_WHEN, relationships=_TIES,
            attributes=_list("name", "value", name=_NAMED, value=_NAMED),
        ),
        "objects": _list(
            "id", "type",
            id=_NAMED, type=_NAMED, relationships=_TIES,
            attributes=_list("name", "value", "time", name=_NAMED, value=_NAMED, time=_WHEN),
        ),
    },
}  # fmt: skip
"""What the standard's schema demands of the JSON form (ocel-standard.org, OCEL 2.0)."""

READS: dict[str, Callable[[str], object]] = {
    "string": str,
    "integer": int,
    "float": Decimal,
    "boolean": {"true": True, "false": False}.__getitem__,
    "time": datetime.fromisoformat,
}


def recorded(position: int, stream: str, version: int, event: e.Event) -> Recorded:
    who = ("agent:a1", "cli", str(UUID(int=position)))
    return Recorded(position, stream, version, AT, *who, event)


def checked(data: bytes) -> Any:
    """An object-centric log that is whole: by the schema, and by what it declares and refers to."""
    log = json.loads(data)
    jsonschema_rs.validate(SCHEMA, log, validate_formats=True)
    objects = {each["id"] for each in log["objects"]}
    assert len(objects) == len(log["objects"])
    assert len({each["id"] for each in log["events"]}) == len(log["events"])
    for things, types in (("events", "eventTypes"), ("objects", "objectTypes")):
        declared = {
            each["name"]: {a["name"]: a["type"] for a in each["attributes"]} for each in log[types]
        }
        for thing in log[things]:
            of = declared[thing["type"]]
            for attribute in thing["attributes"]:
                READS[of[attribute["name"]]](attribute["value"])
            for tie in thing["relationships"]:
                assert tie["objectId"] in objects, thing
        assert {thing["type"] for thing in log[things]} == set(declared)
    return log


def read(data: bytes, folder: Path) -> list[Trace]:
    (folder / "log.xes").write_bytes(data)
    traces = list(read_traces(folder / "log.xes"))
    assert [problem for trace in traces for problem in trace.problems] == []
    return traces


@pytest.fixture
def reading(ledger: Ledger) -> Reading:
    fill(ledger, 12)
    return Reading(ledger.engine, ledger.book, last=ledger.recorder.head().position)


def test_events_of_every_type_in_xes(tmp_path: Path) -> None:
    opened, *others = OF_A_CASE
    case = [recorded(1, CASE, 1, opened)]
    case += [recorded(n, CASE, n, event) for n, event in enumerate(others, start=2)]
    file = io.BytesIO()
    write_xes(file, [case], "NOK", [("concept:name", "<&\"'\x00☃")])
    (trace,) = read(file.getvalue(), tmp_path)
    assert (trace.name, trace.attributes["identity:id"]) == ("2026-1", CASE)
    by_position = {event.attributes["position"]: event for event in trace.events}
    assert len(by_position) == len(case)
    for entry in case:
        found = by_position[entry.position]
        assert found.activity == entry.event.name
        assert found.timestamp.date() == entry.event.value_date
        assert found.attributes["recorded_at"] == AT
        for name, kind in kinds(type(entry.event)).items():
            value = getattr(entry.event, name, None)
            if kind == "amount" and value is not None:
                assert found.attributes[name] == Decimal(value) / 100
            elif kind == "date" and value is not None and name != "value_date":
                when = found.attributes[name]
                assert isinstance(when, datetime)
                assert when.date() == value
            elif kind in {"text", "number", "truth", "instant"}:
                assert found.attributes.get(name) == value
    days = [event.timestamp.date() for event in trace.events]
    assert days == sorted(days)


def test_events_of_every_type_in_ocel() -> None:
    beside = str(uuid4())
    events = [
        OcelEvent(recorded(n, CASE, n, event), True, "clinic-1")
        for n, event in enumerate(OF_A_CASE, start=1)
    ]
    events += [
        OcelEvent(recorded(n, beside, n, event), False, "clinic-1")
        for n, event in enumerate(BESIDE_CASES, start=len(events) + 1)
    ]
    file = io.BytesIO()
    write_ocel(file, events, "NOK")
    log = checked(file.getvalue())
    assert len(log["events"]) == len(EVENTS)
    assert {each["name"] for each in log["eventTypes"]} == {event.name for event in EVENTS}
    assert {each["name"] for each in log["objectTypes"]} == {
        "case", "charge", "clinic", "debtor", "dispute", "invoice", "legal_step", "letter",
        "payment", "plan", "receipt", "remittance", "settlement",
    }  # fmt: skip
    assert all(each["relationships"] for each in log["events"]), "each concerns something"


@pytest.mark.database
def test_objects_of_a_book(ledger: Ledger, reading: Reading) -> None:
    file = io.BytesIO()
    ocel(file, reading, NOTE)
    log = checked(file.getvalue())
    assert [int(each["id"]) for each in log["events"]] == list(range(1, reading.last + 1))
    objects = {each["id"]: each for each in log["objects"]}
    stream = str(ledger.find("case-5"))
    claim = objects[f"invoice:{stream}:case-5-1"]
    told = {each["name"]: each["value"] for each in claim["attributes"]}
    assert told["amount"] == "300.05"
    assert told["due_date"] == "2026-04-01T00:00:00+02:00"
    assert claim["relationships"] == [{"objectId": f"case:{stream}", "qualifier": "case"}]
    of = {
        each["qualifier"]: each["objectId"] for each in objects[f"case:{stream}"]["relationships"]
    }
    assert of["creditor"] == "clinic:clinic-1"
    assert of["debtor"].startswith("debtor:subject-")
    paid = next(each for each in log["events"] if each["type"] == "payment_received")
    assert {each["qualifier"] for each in paid["relationships"]} == {"case", "payment", "parts"}


@pytest.mark.database
def test_cases_of_a_book_that_is_in_use(ledger: Ledger, reading: Reading, tmp_path: Path) -> None:
    fill(ledger, 3, first=100)
    file = io.BytesIO()
    xes(file, reading, NOTE)
    traces = read(file.getvalue(), tmp_path)
    assert {trace.name for trace in traces} == {f"case-{n}" for n in range(1, 13)}
    assert sum(len(trace.events) for trace in traces) == reading.last


@pytest.mark.database
def test_one_clinic(ledger: Ledger, reading: Reading, tmp_path: Path) -> None:
    receipt(ledger.execute(order(replace(opening("c-9"), creditor="clinic-9"))))
    last = ledger.recorder.head().position
    file = io.BytesIO()
    xes(file, Reading(ledger.engine, ledger.book, last=last, clinic="clinic-9"), NOTE)
    assert [trace.name for trace in read(file.getvalue(), tmp_path)] == ["c-9"]
    file = io.BytesIO()
    ocel(file, Reading(ledger.engine, ledger.book, last=last, clinic="clinic-9"), NOTE)
    assert [each["id"] for each in checked(file.getvalue())["events"]] == [f"{last:012d}"]
    for write in (xes, ocel):
        with pytest.raises(ClinicNotFound):
            write(io.BytesIO(), Reading(ledger.engine, "book", last=last, clinic="none"), NOTE)


@pytest.mark.database
def test_what_is_exported_can_be_imported(ledger: Ledger, tmp_path: Path) -> None:
    """Into another book, by a mapping file: the same amounts are owed on the same days."""
    for number in range(3):
        name = f"r-{number}"
        commands = (opening(name), invoice(f"{name}-1", 300_00 + number), payment("p", 100_01))
        give(ledger, uuid4(), *commands)
    file = io.BytesIO()
    last = ledger.recorder.head().position
    xes(file, Reading(ledger.engine, ledger.book, last=last), NOTE)
    (tmp_path / "own.xes").write_bytes(file.getvalue())
    (tmp_path / "own.toml").write_text(MAPPING)
    other = Ledger(ledger.engine, "other")
    other.recorder.create_book("NOK")
    mapping = load_mapping(str(tmp_path / "own.toml"))
    report = import_histories(other, tmp_path / "own.xes", mapping)
    assert (report.cases_recorded, report.cases_refused) == (3, 0)
    for number in range(3):
        name = f"r-{number}"
        before, after = (book.case(book.find(name)) for book in (ledger, other))
        assert after.outstanding == before.outstanding == 200_00 - 1 + number
