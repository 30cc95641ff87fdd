"""What the road traffic fines log says about money, computed without any code of the ledger.

The import is right when the ledger's balances equal these. So that an error can't hide on both
sides, this file uses the standard library alone and goes by the words of the mapping
`road-traffic-fines`, case by case in the file's order:

* `Create Fine` charges `amount` as principal; `Send Fine` charges `expense` as a postage fee.
* `Add penalty` gives in `amount` the new total of fine and penalty. It charges the difference to
  the principal and the penalties charged so far.
* `Payment` pays `paymentAmount`: first what is owed, and what is left over is an overpayment. An
  overpayment is the debtor's money and stays so; it pays no later charge by itself.
* An appeal event whose `dismissal` is `#` or `G` credits what is then still owed.

Amounts are integer cents. Run as a program, it prints the totals as JSON:

    python tests/fines_oracle.py FILE
"""

import gzip
import json
import os
import sys
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import IO

FILE_NAME = "road-traffic-fines.xes.zip"

APPEALS = frozenset(
    {
        "Insert Date Appeal to Prefecture",
        "Send Appeal to Prefecture",
        "Receive Result Appeal from Prefecture",
        "Notify Result Appeal to Offender",
        "Appeal to Judge",
    }
)
UPHELD = frozenset({"#", "G"})


@dataclass(slots=True)
class CaseTotals:
    """Where the money of one case stands after its last event, in cents."""

    principal: int = 0
    postage: int = 0
    penalty: int = 0
    paid: int = 0
    credited: int = 0
    outstanding: int = 0
    overpayment: int = 0

    def charge(self, cents: int) -> None:
        """Let the debtor owe more."""
        self.outstanding += cents

    def pay(self, cents: int) -> None:
        """Pay what is owed; the rest is an overpayment."""
        covered = min(cents, self.outstanding)
        self.paid += cents
        self.outstanding -= covered
        self.overpayment += cents - covered

    def credit(self) -> None:
        """Give up all that is owed."""
        self.credited += self.outstanding
        self.outstanding = 0

    def check(self) -> None:
        """Assert that every cent charged is owed, paid or credited, and none is negative."""
        charged = self.principal + self.postage + self.penalty
        assert charged == self.outstanding + self.credited + self.paid - self.overpayment
        assert all(cents >= 0 for cents in asdict(self).values())


@dataclass(slots=True)
class Oracle:
    """The whole file: its cases by name, and its events by activity."""

    cases: dict[str, CaseTotals] = field(default_factory=dict)
    events: Counter[str] = field(default_factory=Counter)

    def totals(self) -> CaseTotals:
        """Return the sums over all cases."""
        sums = CaseTotals()
        for case in self.cases.values():
            for name in CaseTotals.__dataclass_fields__:
                setattr(sums, name, getattr(sums, name) + getattr(case, name))
        sums.check()
        return sums


def fines_file() -> Path | None:
    """Return the real log where it is at hand, None elsewhere; the project does not contain it."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    path = Path(os.environ.get("CASELEDGER_TEST_DATA", beside)) / FILE_NAME
    return path if path.exists() else None


def read(path: Path) -> Oracle:
    """Return what the log at `path` (plain, gzipped or zipped) says about money."""
    oracle = Oracle()
    with _opened(path) as stream:
        elements = ET.iterparse(stream, events=("start", "end"))  # noqa: S314 - one known file
        _, log = next(elements)
        for what, element in elements:
            if what == "end" and _tag(element) == "trace":
                name, events = _attribute(element, "concept:name"), _events(element)
                assert name not in oracle.cases
                oracle.cases[name] = _case(events)
                oracle.events.update(event["concept:name"] for event in events)
                log.clear()
    return oracle


def _case(events: list[dict[str, str]]) -> CaseTotals:
    case = CaseTotals()
    for event in events:
        match event["concept:name"]:
            case "Create Fine":
                cents = _cents(event["amount"])
                case.principal += cents
                case.charge(cents)
            case "Send Fine":
                cents = _cents(event["expense"])
                case.postage += cents
                case.charge(cents)
            case "Add penalty":
                cents = _cents(event["amount"]) - (case.principal + case.penalty)
                case.penalty += cents
                case.charge(cents)
            case "Payment":
                case.pay(_cents(event["paymentAmount"]))
            case appeal if appeal in APPEALS and event.get("dismissal") in UPHELD:
                case.credit()
    case.check()
    return case


def _cents(euros: str) -> int:
    cents = Decimal(euros) * 100
    assert cents == int(cents) >= 0
    return int(cents)


def _events(trace: ET.Element) -> list[dict[str, str]]:
    return [
        {attribute.attrib["key"]: attribute.attrib["value"] for attribute in element}
        for element in trace
        if _tag(element) == "event"
    ]


def _attribute(element: ET.Element, key: str) -> str:
    return next(child.attrib["value"] for child in element if child.get("key") == key)


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            [name] = [n for n in archive.namelist() if not n.startswith("__MACOSX/")]
            with archive.open(name) as stream:
                yield stream
    elif path.suffix == ".gz":
        with gzip.open(path) as stream:
            yield stream
    else:
        with path.open("rb") as stream:
            yield stream


if __name__ == "__main__":
    found = read(Path(sys.argv[1]))
    cases = {"cases": len(found.cases), "events": found.events.total()}
    print(json.dumps(cases | asdict(found.totals()), indent=2))
