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
from benchmarks.harness import Bench, rate
from benchmarks.reads import grow
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


def run(bench: Bench) -> None:
    """Events a second, and ratios."""
    ledger = open_book(bench.engine, BOOK)
    grow(ledger, bench.size(150_000, 1_500))
    events = ledger.recorder.position()
    mapper = EventMapper(JsonTranscoder())

    def copy() -> float:
        with bench.engine.connect() as connection:
            cursor: Any = connection.connection.cursor()
            query = (
                f"COPY (SELECT {READ_COLUMNS} FROM ledger.events WHERE book = '{BOOK}'"
                " ORDER BY position) TO STDOUT"
            )
            return rate(events, lambda: cursor.copy_expert(query, _Nowhere()))

    def replay() -> float:
        def fold() -> None:
            with bench.engine.connect() as connection:
                entries = Snapshot(connection, BOOK).entries("stream, version", "true")
                recorded = map(mapper.recorded, entries)
                for stream, history in groupby(recorded, attrgetter("stream")):
                    Case.fold(UUID(stream), history)

        return rate(events, fold)

    def rebuild() -> float:
        return rate(events, lambda: Projector(bench.engine).rebuild())

    def verified() -> float:
        def check() -> None:
            found = verify(bench.engine, BOOK)
            assert found.ok, found.listed

        return rate(events, check)

    bench.compare(
        "replay",
        "events/s",
        {
            "COPY": copy,
            "replay with fold": replay,
            "rebuild of all read models": rebuild,
            "verify": verified,
            "stock": lambda: bench.peer("stock.py", "replay", bench.size(30_000, 500)),
        },
        rounds=3,
    )
    for name, of, to, aim in (
        ("replay: with fold to stock", "replay with fold", "stock", 6.0),
        ("replay: rebuild to stock's bare replay", "rebuild of all read models", "stock", 3.0),
        ("replay: verify to COPY", "verify", "COPY", 0.15),
        ("replay: with fold to COPY", "replay with fold", "COPY", None),
    ):
        bench.ratio(name, f"replay/{of}", f"replay/{to}", aim)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    bench.report.notes["replay: most memory of the benchmark's process"] = {"MiB": most}
