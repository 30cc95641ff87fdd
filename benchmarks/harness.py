"""What every benchmark stands on: a server of its own, contestants in turn, ratios in a report.

A machine is never quiet and never the same twice, so nothing here is a figure by itself: what is
compared runs in the same minutes on the same server, in turns that change their order (A B, B A),
after a round that does not count. A ratio is the median of the rounds' ratios, with its spread.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import Engine, make_url

from ledger.log.engine import connect
from ledger.log.migrate import upgrade
from ledger.postgres.binaries import find_binaries
from ledger.postgres.embedded import ROOT_FOLDER_VARIABLE, EmbeddedPostgres

OUT: Final = Path(__file__).parent / "out"
PEERS: Final = Path(__file__).parent / "peers"
PEERS_PYTHON: Final = PEERS / ".venv" / "bin" / "python"

Contestant = Callable[[], float]
"""Runs once, and returns what it achieved: things a second, so that more is better."""


Measured = tuple[str, str]
"""A contestant, and one that was measured with it."""


class PeerMissing(Exception):
    """The environment of the peers is not set up; ``make bench`` does it."""


@dataclass
class Ratio:
    """How one contestant did beside another."""

    value: float
    low: float
    high: float
    of: str
    to: str
    aim: float | None = None


@dataclass
class Report:
    """All that was measured, by name."""

    quick: bool
    rates: dict[str, dict[str, Any]] = field(default_factory=dict)
    ratios: dict[str, Ratio] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        """One JSON file, ``report.json``; what other runs wrote under other names stays."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "report.json"
        whole: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        whole["machine"] = machine()
        for part, values in (
            ("rates", self.rates),
            ("ratios", {name: vars(ratio) for name, ratio in self.ratios.items()}),
            ("notes", self.notes),
        ):
            quick = {name: {**value, "quick": self.quick} for name, value in values.items()}
            whole[part] = {**whole.get(part, {}), **quick}
        path.write_text(json.dumps(whole, indent=1, sort_keys=True) + "\n")
        (folder / "report.md").write_text(table(whole))
        return path


def table(whole: dict[str, Any]) -> str:
    """The report as a page to read."""
    lines = ["# Benchmarks", "", f"Measured on: {whole['machine']}. Ratios: more is better.", ""]
    lines += ["| ratio | median | from | to | aim |", "|---|---|---|---|---|"]
    for name, ratio in sorted(whole["ratios"].items()):
        aim = "" if ratio["aim"] is None else f"{ratio['aim']:.2f}"
        quick = " (quick)" if ratio["quick"] else ""
        numbers = f"{ratio['value']:.2f} | {ratio['low']:.2f} | {ratio['high']:.2f} | {aim}"
        lines.append(f"| {name}{quick} | {numbers} |")
    lines += ["", "| contestant | median | from | to | unit |", "|---|---|---|---|---|"]
    for name, rates in sorted(whole["rates"].items()):
        rounds = rates["rounds"]
        numbers = f"{rates['median']:,.0f} | {min(rounds):,.0f} | {max(rounds):,.0f}"
        lines.append(f"| {name} | {numbers} | {rates['unit']} |")
    lines += ["", *(f"{name}: {note}" for name, note in sorted(whole["notes"].items()))]
    return "\n".join(lines) + "\n"


def machine() -> dict[str, Any]:
    """What the figures are from."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "load": round(os.getloadavg()[0], 1),
    }


class Bench:
    """One run of the benchmarks on a server of its own."""

    def __init__(self, url: str, report: Report) -> None:
        self.url = url
        self.engine: Engine = connect(url)
        self.report = report

    @property
    def quick(self) -> bool:
        """Whether only to see that everything runs."""
        return self.report.quick

    def size(self, whole: int, quick: int) -> int:
        """How much of something: as much as tells, or as little as runs."""
        return quick if self.quick else whole

    def size_of(self, whole: Sequence[int], quick: Sequence[int]) -> Sequence[int]:
        """``size`` of several sizes."""
        return quick if self.quick else whole

    def compare(
        self, name: str, unit: str, contestants: Mapping[str, Contestant], rounds: int = 5
    ) -> None:
        """Run contestants in turn. Those whose peer is not set up are left out, and said."""
        names = list(contestants)
        taken: dict[str, list[float]] = {each: [] for each in names}
        for number in range(1 + (1 if self.quick else rounds)):
            for each in names if number % 2 else names[::-1]:
                if each not in taken:
                    continue
                try:
                    rate = contestants[each]()
                except PeerMissing as error:
                    print(f"  {each}: left out, {error}")
                    del taken[each]
                    continue
                if number:
                    taken[each].append(rate)
        for each, rates in taken.items():
            key = f"{name}/{each}"
            self.report.rates[key] = {"unit": unit, "median": statistics.median(rates),
                                      "rounds": rates}  # fmt: skip
            spread = f"{min(rates):,.0f} to {max(rates):,.0f}"
            print(f"  {key}: {statistics.median(rates):,.0f} {unit} ({spread})", flush=True)

    def once(self, name: str, unit: str, contestants: Mapping[str, Contestant]) -> None:
        """Run each contestant once: for what takes minutes, and for rates that are put beside
        those of other sizes.
        """
        for each, contestant in contestants.items():
            rate = contestant()
            key = f"{name}/{each}"
            self.report.rates[key] = {"unit": unit, "median": rate, "rounds": [rate]}
            print(f"  {key}: {rate:,.0f} {unit}", flush=True)

    def ratio(self, name: str, of: str, to: str, aim: float | None = None) -> None:
        """How one did beside another, round by round; both were compared before."""
        rates = self.report.rates
        if of not in rates or to not in rates:
            return
        pairs = zip(rates[of]["rounds"], rates[to]["rounds"], strict=False)
        each = sorted(a / b for a, b in pairs)
        ratio = Ratio(statistics.median(each), each[0], each[-1], of, to, aim)
        self.report.ratios[name] = ratio
        wanted = "" if aim is None else f", aim {aim:g}"
        print(f"  {name}: {ratio.value:.2f} ({each[0]:.2f} to {each[-1]:.2f}{wanted})", flush=True)

    def drift(self, name: str, now: Measured, before: Measured, aim: float | None = None) -> None:
        """How one did beside another, against how it did at another time. What is measured minutes
        apart is first put beside something that was measured with it: the machine has changed.
        """
        rates = self.report.rates
        if any(which not in rates for which in (*now, *before)):
            return
        later, earlier = (
            sorted(a / b for a, b in zip(*(rates[w]["rounds"] for w in pair), strict=False))
            for pair in (now, before)
        )
        value = statistics.median(later) / statistics.median(earlier)
        ratio = Ratio(value, later[0] / earlier[-1], later[-1] / earlier[0], now[0], before[0], aim)
        self.report.ratios[name] = ratio
        wanted = "" if aim is None else f", aim {aim:g}"
        print(f"  {name}: {value:.2f} ({ratio.low:.2f} to {ratio.high:.2f}{wanted})", flush=True)

    def peer(self, script: str, *arguments: object) -> float:
        """What a peer achieved: the last line that a script of ``benchmarks/peers`` prints."""
        if not PEERS_PYTHON.exists():
            raise PeerMissing("the peers' environment is not there (`make bench` makes it)")
        return self._run([PEERS_PYTHON, PEERS / script, *arguments])

    def pgbench(self, script: str, clients: int, seconds: int) -> float:
        """Transactions a second of pgbench with a script, on the same server."""
        program = find_binaries().program("pgbench")
        if not program.exists():
            raise PeerMissing("this PostgreSQL comes without pgbench")
        url = make_url(self.url)
        query = parse_qs(urlsplit(self.url).query)
        host = url.host or query["host"][0]
        port = url.port or query.get("port", ["5432"])[0]
        environment = {"PGPASSWORD": url.password or ""}
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write(script)
            file.flush()
            found = subprocess.run(
                [program, "-n", "-c", str(clients), "-j", str(min(2, clients)), "-T", str(seconds),
                 "-f", file.name, "-h", host, "-p", str(port), "-U", str(url.username),
                 str(url.database)],
                check=True, capture_output=True, text=True, env={**os.environ, **environment},
            ).stdout  # fmt: skip
        line = next(line for line in found.splitlines() if line.startswith("tps"))
        return float(line.split()[2])

    def _run(self, command: list[object]) -> float:
        found = subprocess.run(
            [str(part) for part in command], check=False, capture_output=True, text=True,
            env={**os.environ, "BENCH_URL": self.url},
        )  # fmt: skip
        if found.returncode:
            raise RuntimeError(f"{command[1]} failed: {found.stderr[-2000:]}")
        return float(found.stdout.split()[-1])


@contextmanager
def server() -> Iterator[str]:
    """An embedded server on disk with fsync on, with our tables, for as long as it is needed."""
    with tempfile.TemporaryDirectory(dir=OUT) as folder:
        Path(folder).chmod(0o711)
        os.environ[ROOT_FOLDER_VARIABLE] = folder
        with EmbeddedPostgres(Path(folder) / "home").in_use() as running:
            owner = connect(running.url, role=None)
            upgrade(owner)
            owner.dispose()
            yield make_url(running.url).render_as_string(hide_password=False)


def rate(count: int, work: Callable[[], object]) -> float:
    """Things a second."""
    started = perf_counter()
    work()
    return count / (perf_counter() - started)


def main(benchmarks: Mapping[str, Callable[[Bench], None]]) -> int:
    """``python -m benchmarks [--quick] [--out FOLDER] [NAME …]``"""
    arguments = sys.argv[1:]
    quick = "--quick" in arguments
    folder = OUT
    if "--out" in arguments:
        folder = Path(arguments.pop(arguments.index("--out") + 1))
    names = [name for name in arguments if not name.startswith("--")] or list(benchmarks)
    if unknown := set(names) - set(benchmarks):
        print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(benchmarks)}")
        return 2
    OUT.mkdir(exist_ok=True)
    report = Report(quick)
    with server() as url:
        for name in names:
            print(f"{name}:", flush=True)
            bench = Bench(url, report)
            benchmarks[name](bench)
            bench.engine.dispose()
            written = report.write(folder)
    if PEERS_PYTHON.exists():
        subprocess.run([PEERS_PYTHON, PEERS / "plots.py", written], check=True)
    return 0
