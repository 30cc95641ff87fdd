"""Small event logs, one element a line, so that tests can tell lines."""

from pathlib import Path
from typing import Final

MAPPING: Final = "road-traffic-fines"
HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0">\n'
TAIL: Final = "</log>\n"
LINES_BEFORE: Final = HEAD.count("\n")


def event(activity: str, when: str, key: str | None = None, amount: str = "") -> str:
    """One event, with an attribute of a number if it has one."""
    attribute = "" if key is None else f'<float key="{key}" value="{amount}"/>\n'
    return (
        "<event>\n"
        f'<string key="concept:name" value="{activity}"/>\n'
        f'<date key="time:timestamp" value="{when}T00:00:00+02:00"/>\n'
        f"{attribute}</event>\n"
    )


def trace(name: str, *events: str) -> str:
    """One case."""
    return f'<trace>\n<string key="concept:name" value="{name}"/>\n{"".join(events)}</trace>\n'


def fine(name: str, amount: str = "35.0") -> str:
    """Fine and postage of 46.00, of which 20.00 was paid: 3 events of the file, 4 of ours."""
    return trace(
        name,
        event("Create Fine", "2019-05-02", "amount", amount),
        event("Send Fine", "2019-06-03", "expense", "11.0"),
        event("Payment", "2019-07-04", "paymentAmount", "20.0"),
    )


def fines(first: int, count: int) -> list[str]:
    """Such cases: F1, F2 and so on."""
    return [fine(f"F{number}") for number in range(first, first + count)]


def written(file: Path, *traces: str) -> str:
    """The path of a file that holds these cases."""
    file.write_text(HEAD + "".join(traces) + TAIL, encoding="utf-8")
    return str(file)
