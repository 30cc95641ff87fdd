"""The complete case log of a real collection process: from file to verified read models.

Against pm4py merely reading the file into memory. The file is not part of the project; README says
where it is to be had.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Final

from benchmarks.harness import OUT, Bench
from tests.fines_oracle import fines_file

EVENTS: Final = 561_470


def run(bench: Bench) -> None:
    """Seconds, memory, and the ratio."""
    file = fines_file()
    if bench.quick or file is None:
        print("  left out: " + ("quick" if bench.quick else "the file is not here"))
        return

    def imported() -> float:
        with tempfile.TemporaryDirectory(dir=OUT) as home:
            Path(home).chmod(0o711)
            environment = {**os.environ, "CASELEDGER_HOME": home}
            run = [sys.executable, "-m", "ledger.cli"]
            started = perf_counter()
            for command in (
                ["import", "xes", file, "--mapping", "road-traffic-fines", "--book", "fines"],
                ["verify", "--book", "fines"],
            ):
                subprocess.run([*run, *command], check=True, env=environment, capture_output=True)
            seconds = perf_counter() - started
            subprocess.run([*run, "stop"], check=True, env=environment, capture_output=True)
        return EVENTS / seconds

    bench.compare(
        "real log",
        "events/s",
        {
            "from file to verified read models": imported,
            "pm4py reads the file": lambda: bench.peer("pm4py_read.py", file),
        },
        rounds=1,
    )
    bench.ratio(
        "real log: file to verified read models, to pm4py reading it",
        "real log/from file to verified read models",
        "real log/pm4py reads the file",
        1.0,
    )
