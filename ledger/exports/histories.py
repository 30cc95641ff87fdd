"""Case histories for process mining tools."""

from collections.abc import Iterator
from typing import BinaryIO

from ledger.exports.reading import Reading
from ledger.files.ocel import OcelEvent, write_ocel
from ledger.files.xes_writing import write_xes
from ledger.proof.notes import Note


def xes(file: BinaryIO, reading: Reading, note: Note) -> None:
    """Every case as a trace, each whole; what is no case has no place in it."""
    about = [
        ("concept:name", reading.book),
        ("currency", reading.currency),
        ("last_position", str(reading.last)),
        ("checkpoint", str(note)),
    ]
    write_xes(file, reading.cases(), reading.currency, about)


def ocel(file: BinaryIO, reading: Reading, note: Note) -> None:
    """Every entry as an event, with the cases, invoices, payments … that it concerns.

    The format has no place for the note.
    """
    write_ocel(file, _events(reading), reading.currency)


def _events(reading: Reading) -> Iterator[OcelEvent]:
    for entry, of in reading.by_position():
        yield OcelEvent(entry, of.case is not None, of.clinic)
