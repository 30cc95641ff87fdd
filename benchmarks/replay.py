"""Reading the whole log: replay with fold, rebuild of the read models, verification.

Against `eventsourcing` reading and folding as many events, and against COPY of the same rows to the
client as the limit. The most memory that any of ours took is noted.
"""

import resource
from itertools import groupby
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

from benchmarks.cases import open_book
from benchmarks.harness import Bench, Contestant, rate
from benchmarks.reads import grow
from ledger.application.ledger import Ledger
from ledger.domain.case import Case
from ledger.log.entries import READ_COLUMNS
from ledger.log.mapper import EventMapper, JsonTranscoder
from ledger.log.snapshot import Snapshot
from ledger.projections.engine import Projector
from ledger.projections.verification import verify

BOOK: Final = "replay"


class _Nowhere:
    """Where COPY writes to."""

    def write(self, data: bytes) -> int:
        return len(data)


def copied(bench: Bench, book: str) -> None:
    """All rows of a book to the client by COPY: as quick as reading them can be."""
    query = (
        f"COPY (SELECT {READ_COLUMNS} FROM ledger.events WHERE book = '{book}'"
        " ORDER BY position) TO STDOUT"
    )
    with bench.engine.connect() as connection:
        cursor: Any = connection.connection.cursor()
        cursor.copy_expert(query, _Nowhere())


def whole_log(bench: Bench, ledger: Ledger) -> dict[str, Contestant]:
    """All that reads a book from its beginning to its end. It is the only one on the server."""
    book, events = ledger.book, ledger.recorder.position()
    mapper = EventMapper(JsonTranscoder())

    def replay() -> None:
        with bench.engine.connect() as connection:
            entries = Snapshot(connection, book).entries("stream, version", "true")
            recorded = map(mapper.recorded, entries)
            for stream, history in groupby(recorded, attrgetter("stream")):
                Case.fold(UUID(stream), history)

    def verified() -> None:
        found = verify(bench.engine, book)
        assert found.ok, found.listed

    return {
        "COPY": lambda: rate(events, lambda: copied(bench, book)),
        "replay with fold": lambda: rate(events, replay),
        "rebuild of all read models": lambda: rate(events, Projector(bench.engine).rebuild),
        "verify": lambda: rate(events, verified),
    }


def run(bench: Bench) -> None:
    """Events a second, and ratios."""
    ledger = open_book(bench.engine, BOOK)
    grow(ledger, bench.size(150_000, 1_500))
    contestants = {
        **whole_log(bench, ledger),
        "stock": lambda: bench.peer("stock.py", "replay", bench.size(30_000, 500)),
    }
    bench.compare("replay", "events/s", contestants, rounds=3)
    for name, of, to, aim in (
        ("replay: with fold to stock", "replay with fold", "stock", 6.0),
        ("replay: rebuild to stock's bare replay", "rebuild of all read models", "stock", 3.0),
        ("replay: verify to COPY", "verify", "COPY", 0.15),
        ("replay: with fold to COPY", "replay with fold", "COPY", None),
    ):
        bench.ratio(name, f"replay/{of}", f"replay/{to}", aim)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    bench.report.notes["replay: most memory of the benchmark's process"] = {"MiB": most}
