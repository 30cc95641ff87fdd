"""Write case histories as an XES log (IEEE 1849-2016), for process mining tools.

A trace is a case: its number is ``concept:name``, its stream ``identity:id``. An event's activity
is the event's name, and its time the value date, at midnight in Oslo: the day on which it counts,
and not that on which we got to know it, which is ``recorded_at``. Events of a trace are in the
order of their days, and on one day in that of recording. Amounts are ``float`` in the currency's
own unit, written as decimals. Who did it is ``org:resource`` and ``org:role``.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Final
from xml.sax.saxutils import quoteattr

from ledger.domain.events import CaseOpened
from ledger.domain.recorded import Recorded
from ledger.files.plain_values import Kind, Value, as_text, values

_EXTENSIONS: Final = ("Concept", "Time", "Organizational", "Lifecycle", "Identity")
_PREFIXES: Final = {"Organizational": "org"}
_ELEMENTS: Final[dict[Kind, str]] = {
    "text": "string",
    "number": "int",
    "amount": "float",
    "truth": "boolean",
    "date": "date",
    "instant": "date",
}
_PLAIN: Final = re.compile("[ !#-%'-;=?-~\xa0-\xff]*")
# All that XML 1.0 has no place for, escaped or not.
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_xes(
    file: BinaryIO,
    cases: Iterable[Sequence[Recorded]],
    currency: str,
    about: Sequence[tuple[str, str]],
) -> None:
    """Write a trace for each case; ``about`` are attributes of the log itself."""
    for piece in _document(cases, currency, about):
        file.write(piece.encode())


def _document(
    cases: Iterable[Sequence[Recorded]], currency: str, about: Sequence[tuple[str, str]]
) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield '<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">\n'
    for name in _EXTENSIONS:
        prefix = _PREFIXES.get(name, name.lower())
        uri = f"http://www.xes-standard.org/{prefix}.xesext"
        yield f'<extension name="{name}" prefix="{prefix}" uri="{uri}"/>\n'
    yield '<global scope="trace">\n<string key="concept:name" value=""/>\n</global>\n'
    yield '<global scope="event">\n<string key="concept:name" value=""/>\n'
    yield '<date key="time:timestamp" value="1970-01-01T00:00:00Z"/>\n'
    yield '<string key="lifecycle:transition" value="complete"/>\n</global>\n'
    yield '<classifier name="Activity" scope="event" keys="concept:name"/>\n'
    for key, text in about:
        yield _attribute(key, "text", text)
    for case in cases:
        yield "".join(_trace(case, currency))
    yield "</log>\n"


def _trace(case: Sequence[Recorded], currency: str) -> Iterator[str]:
    opened = case[0].event
    assert isinstance(opened, CaseOpened), "a case begins by being opened"
    yield "<trace>\n"
    yield _attribute("concept:name", "text", opened.reference)
    yield f'<id key="identity:id" value="{case[0].stream}"/>\n'
    yield _attribute("clinic", "text", opened.creditor)
    yield _attribute("currency", "text", opened.currency)
    for entry in sorted(case, key=lambda entry: (entry.event.value_date, entry.version)):
        yield from _event(entry, currency)
    yield "</trace>\n"


def _event(entry: Recorded, currency: str) -> Iterator[str]:
    yield "<event>\n"
    yield _attribute("concept:name", "text", entry.event.name)
    yield _attribute("time:timestamp", "date", entry.event.value_date)
    yield _attribute("lifecycle:transition", "text", "complete")
    yield _attribute("org:resource", "text", entry.actor)
    yield _attribute("org:role", "text", entry.actor.partition(":")[0])
    yield _attribute("recorded_through", "text", entry.channel)
    yield _attribute("position", "number", entry.position)
    yield _attribute("recorded_at", "instant", entry.recorded_at)
    for name, kind, value in values(entry.event, currency):
        if name != "value_date":  # it is the time
            yield _attribute(name, kind, value)
    yield "</event>\n"


def _attribute(key: str, kind: Kind, value: Value) -> str:
    return f'<{_ELEMENTS[kind]} key="{key}" value={_quoted(as_text(value))}/>\n'


def _quoted(text: str) -> str:
    if _PLAIN.fullmatch(text):  # as nearly all are: the long way takes half of the time
        return f'"{text}"'
    return quoteattr(_NO_XML.sub("\N{REPLACEMENT CHARACTER}", text))
