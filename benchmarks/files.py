"""Files in and out of a book: an import with its read models, and each export.

Each is one run of the command, as a user would start it, its start-up included. Against COPY of the
same rows as the limit, and for the import against pm4py reading the same file. The most memory that
a command took is noted for a book and for one four times as large: it should not grow.
"""

import os
import subprocess
import sys
import tempfile
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Final

from benchmarks.cases import open_book
from benchmarks.harness import OUT, Bench, Contestant, rate
from benchmarks.reads import grow
from benchmarks.replay import copied
from ledger.cli.database import DATABASE_URL, HOME
from tests.cli.histories import MAPPING, fines, written

LARGER: Final = 4
"""How many times as large the larger book is."""
EXPORTS: Final = {
    "log, lines": ("log", "log.jsonl"),
    "log, lines packed": ("log", "log.jsonl.gz"),
    "log, Parquet": ("log", "log.parquet"),
    "XES": ("xes", "cases.xes.gz"),
    "OCEL": ("ocel", "cases.json.gz"),
    "journal, CSV": ("journal", "journal.csv"),
    "journal, XLSX": ("journal", "journal.xlsx"),
}
EVENTS_OF_A_FINE: Final = 3
_IMPORTED: Final = count(1)


def run(bench: Bench) -> None:
    """Events a second, ratios to COPY, and memory."""
    size = bench.size(30_000, 400)
    with tempfile.TemporaryDirectory(dir=OUT) as folder:
        smaller, larger = (_Files(bench, Path(folder), size * times) for times in (1, LARGER))
        smaller_once = smaller.contestants()
        for contestant in smaller_once.values():
            contestant()
        bench.compare(
            "files",
            "events/s",
            {
                "COPY": lambda: rate(larger.events, lambda: copied(bench, larger.book)),
                **larger.contestants(),
                "pm4py reads the file": lambda: bench.peer("pm4py_read.py", larger.file),
            },
            rounds=3,
        )
    for what in smaller_once:
        bench.ratio(f"files: {what} to COPY", f"files/{what}", "files/COPY")
        bench.report.notes[f"files: most MiB of {what}"] = {
            "a book": smaller.memory[what],
            f"{LARGER} times as large": larger.memory[what],
        }
    bench.ratio(
        "files: import with read models to pm4py reading the file",
        "files/import with read models",
        "files/pm4py reads the file",
    )


class _Files:
    """A book to export and a file to import, of so many events."""

    def __init__(self, bench: Bench, folder: Path, events: int) -> None:
        self.bench = bench
        self.folder = folder
        self.book = f"files-{events}"
        ledger = open_book(bench.engine, self.book)
        grow(ledger, events)
        self.events = ledger.recorder.position()
        self.file = folder / f"{events}.xes"
        self.read = events // EVENTS_OF_A_FINE * EVENTS_OF_A_FINE
        written(self.file, *fines(1, events // EVENTS_OF_A_FINE))
        self.memory: dict[str, int] = {}
        """The most that a command has taken, in MiB."""

    def contestants(self) -> dict[str, Contestant]:
        """What is run."""
        some = islice(EXPORTS.items(), self.bench.size(len(EXPORTS), 2))
        exports: dict[str, Contestant] = {
            f"export: {what}": partial(self._export, f"export: {what}", kind, name)
            for what, (kind, name) in some
        }
        return {**exports, "import with read models": self._import}

    def _export(self, what: str, kind: str, name: str) -> float:
        out = self.folder / name
        try:
            return rate(
                self.events,
                lambda: self._command(what, "export", kind, "--book", self.book, "--out", out),
            )
        finally:
            out.unlink(missing_ok=True)

    def _import(self) -> float:
        """Into a book of its own each time: what is there already is not recorded again."""
        book = f"imported-{next(_IMPORTED)}"
        how = ("--mapping", MAPPING, "--book", book)
        return rate(
            self.read,
            lambda: self._command("import with read models", "import", "xes", self.file, *how),
        )

    def _command(self, what: str, *arguments: object) -> None:
        """Run ``caseledger``, and note the most memory that it or a child of it took."""
        home = str(self.folder / "home")
        process = subprocess.Popen(
            [sys.executable, "-m", "ledger.cli", *map(str, arguments)],
            env={**os.environ, DATABASE_URL: self.bench.url, HOME: home},
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"caseledger {arguments} failed: {said.decode()[-2000:]}")
        self.memory[what] = max(self.memory.get(what, 0), usage.ru_maxrss // 1024)
