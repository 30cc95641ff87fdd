"""Read event logs in XES (IEEE 1849), one trace at a time.

A log holds traces, a trace holds the events of one case in the order in which they happened, and
both carry typed attributes. `read_traces` takes a plain, gzipped or zipped file, tells them apart
by content, and keeps no more than one piece of the file and its traces in memory.

Four rules say what the grammar of IEEE 1849 (section 5) leaves to the reader:

* Globals are not applied. Section 4.3 lets a log declare the attributes that every event has, each
  with a value; published logs put `__INVALID__` and the year 1970 there. A ledger records what
  happened, so what an event does not say stays unsaid.
* Attributes nested in an attribute, lists and containers are read past: they qualify values and
  are none themselves, so that a key names one value or nothing.
* A key may stand once in a trace or an event. Of two amounts nobody can say which is meant, so the
  case has a problem.
* Name and time are found by extension (sections 7.1 and 7.4): `concept:name` and `time:timestamp`,
  or under the prefix that the log declares for these two extensions.

What is wrong with the file raises an `XesError`. What is wrong with one case is a `Problem` on its
trace, so that a caller can refuse that case whole and go on with the next.
"""

import errno
import gzip
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import ClassVar, Final, NamedTuple
from xml.parsers import expat

MAX_VALUE_CHARS: Final = 65_536
"""Longest attribute value. No fact that a ledger records is longer; a document is not a value."""

MAX_NUMBER_CHARS: Final = 64
"""Longest number or date. A double needs 24 characters; also bounds what the caches below hold."""

MAX_EVENTS_PER_TRACE: Final = 20_000
"""Most events in a trace: one a day for fifty years. A trace is held in memory whole."""

MAX_PROBLEMS_PER_TRACE: Final = 100
"""Most problems noted of a trace, the first ones. One refuses the case, and nobody reads more."""

MAX_TRACE_BYTES: Final = 16 * 1024 * 1024
"""Longest trace, in bytes of XML, give or take one piece. Bounds what a trace can hold in ways that
no other limit counts, such as a million attributes on one event."""

MAX_GAP_BYTES: Final = 1024 * 1024
"""Most bytes from one element to the next. The parser keeps a tag or a comment until it ends, so
one that never ends would take all memory."""

MAX_DEPTH: Final = 64
"""Deepest nesting of elements. A log needs four levels, nested attributes a few more."""

NO_TIMESTAMP: Final = datetime.min.replace(tzinfo=UTC)
"""What `Event.timestamp` holds where the file gives none; the trace then has a problem."""

Value = str | int | bool | Decimal | datetime
"""A typed attribute: `string` and `id` as str, `int` as int, `boolean` as bool, `date` as datetime,
and `float` as Decimal, exactly as written, so that money never passes through a binary float."""

Progress = Callable[[int, int], None]
"""Takes the bytes consumed and the bytes in all of the file as it lies on the disk."""


class Reason(StrEnum):
    """Why a case cannot be taken as it stands. The codes are stable: reports count by them."""

    NO_CASE_NAME = "no_case_name"
    NO_ACTIVITY = "no_activity"
    NO_TIMESTAMP = "no_timestamp"
    BAD_DATE = "bad_date"
    BAD_NUMBER = "bad_number"
    BAD_BOOLEAN = "bad_boolean"
    NO_KEY = "no_key"
    NO_VALUE = "no_value"
    DUPLICATE_KEY = "duplicate_key"
    VALUE_TOO_LONG = "value_too_long"
    UNKNOWN_ELEMENT = "unknown_element"


class Problem(NamedTuple):
    """One thing that is wrong with a case."""

    reason: Reason
    message: str
    """What is wrong, in English, with the attribute's key."""
    line: int
    """Line of the element at fault, from 1."""
    event: int | None
    """Index in `Trace.events` of the event at fault; None where it is the trace itself."""
    key: str | None
    """Key of the attribute at fault; None where it has none."""


class Event(NamedTuple):
    """One event of a case."""

    activity: str
    """`concept:name`; empty only in a trace with problems."""
    timestamp: datetime
    """`time:timestamp` with the offset that the file gives, naive where it gives none: `.date()` is
    the date as written. `NO_TIMESTAMP` only in a trace with problems."""
    attributes: dict[str, Value]
    """The event's other attributes, by key."""
    line: int
    """Line of the event's tag, from 1."""


class Trace(NamedTuple):
    """One case with its events in the file's order."""

    name: str
    """`concept:name`; empty only in a trace with problems."""
    attributes: dict[str, Value]
    """The other attributes of the trace itself, by key."""
    events: list[Event]
    """Every event of the trace, those with problems too, so that counts agree with the file."""
    line: int
    """Line of the trace's tag, from 1."""
    problems: list[Problem]
    """Empty where the case can be taken as it stands; at most `MAX_PROBLEMS_PER_TRACE`."""


class XesError(Exception):
    """A file that cannot be read, or cannot be read further.

    `code` names the kind, for programs; `file` is the path as given; `line` (from 1) and `case` say
    where in the file, and are None where the reader had not come so far.
    """

    code: ClassVar[str] = "xes"

    def __init__(self, file: str, case: str | None, line: int | None, message: str) -> None:
        super().__init__(file, case, line, message)
        self.file = file
        self.case = case
        self.line = line
        self.message = message

    def __str__(self) -> str:
        """Return file, line, case and message on one line."""
        line = "" if self.line is None else f", line {self.line}"
        case = "" if self.case is None else f", case {self.case}"
        return f"{self.file}{line}{case}: {self.message}"


class UnreadableError(XesError):
    """The file cannot be opened or read: missing, a folder, no permission, a failing disk."""

    code = "unreadable"


class ArchiveError(XesError):
    """A zip that is sound but does not hold exactly one log that can be read."""

    code = "archive"


class DamagedError(XesError):
    """Compressed data that does not unpack, or not to what its checksum says."""

    code = "damaged"


class CutOffError(XesError):
    """The file ends before its log does."""

    code = "cut_off"


class NotXmlError(XesError):
    """The file is not well-formed XML."""

    code = "not_xml"


class NotXesError(XesError):
    """The file is XML but not an XES log of traces."""

    code = "not_xes"


class UnsafeXmlError(XesError):
    """The file has a DOCTYPE. That is where entities are defined, and no log needs one."""

    code = "unsafe_xml"


class LimitError(XesError):
    """The file goes beyond a limit of this module that guards memory."""

    code = "limit"


def read_traces(path: str | os.PathLike[str], progress: Progress | None = None) -> Iterator[Trace]:
    """Yield the traces of an XES log in the file's order.

    `path` is a plain, gzipped or zipped file; a zip holds exactly one `.xes` or `.xml` file. It is
    opened when the first trace is asked for, and closed at the end or when the iterator is closed.
    `progress` is called for every piece read (64 KiB of XML) and once at the end; not at all where
    the file is a pipe.

    Traces that are whole are yielded before an error in what follows them is raised.

    Raises:
        XesError: the file cannot be read, or cannot be read further; see its subclasses.
    """
    file = os.fspath(path)
    log = _LogParser(file)
    with closing(_pieces(file, log)) as pieces:
        while True:
            error: XesError | None = None
            piece = b""
            try:
                piece, bytes_read, bytes_total = next(pieces)
                log.feed(piece)
            except XesError as caught:
                error = caught
            yield from log.take_traces()
            if error is not None:
                raise error
            if progress is not None and bytes_total:
                progress(bytes_read, bytes_total)
            if not piece:
                return


_PIECE_BYTES: Final = 64 * 1024


def _pieces(file: str, log: "_LogParser") -> Generator[tuple[bytes, int, int], None, None]:
    """Yield the XML of a plain, gzipped or zipped file piece by piece, the last one empty.

    With each go the bytes of the file consumed so far, and those in all (0 for a pipe). Errors say
    how far `log` has come.
    """
    try:
        with Path(file).open("rb") as raw:
            bytes_total = os.fstat(raw.fileno()).st_size if raw.seekable() else 0
            read = _unpacker(file, raw)
            while piece := read(_PIECE_BYTES):
                yield piece, raw.tell() if bytes_total else 0, bytes_total
        yield b"", bytes_total, bytes_total
    except EOFError:
        raise CutOffError(file, log.case, log.line, "the compressed file is cut off") from None
    except (zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as cause:
        message = f"the compressed file is damaged ({cause})"
        raise DamagedError(file, log.case, log.line, message) from None
    except OSError as cause:
        if cause.errno == errno.EINVAL:
            # Where a damaged zip puts a member before the file's first byte.
            raise DamagedError(file, log.case, log.line, "the compressed file is damaged") from None
        message = f"cannot be read ({cause.strerror or cause})"
        raise UnreadableError(file, log.case, log.line, message) from None


def _unpacker(file: str, raw: BufferedReader) -> Callable[[int], bytes]:
    """Return the function that reads a file's XML, which its first bytes tell how to find."""
    start = raw.peek(4)
    if start.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=raw).read
    if not start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return raw.read
    try:
        archive = zipfile.ZipFile(raw)
    except zipfile.BadZipFile:
        # A zip has its directory at the end, so this is how one looks that was cut off.
        raise CutOffError(file, None, None, "the zip is cut off or damaged") from None
    except _DAMAGED_ZIP as cause:
        raise DamagedError(file, None, None, f"the compressed file is damaged ({cause})") from None
    member = _only_log(file, archive.infolist())
    try:
        return archive.open(member).read
    except _DAMAGED_ZIP as cause:
        raise DamagedError(file, None, None, f"the compressed file is damaged ({cause})") from None


# What zipfile lets escape, beside its own error, on fields of a header that make no sense.
_DAMAGED_ZIP: Final = (ValueError, NotImplementedError, OverflowError, struct.error)


def _only_log(file: str, members: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    """Return the one log in a zip, passing over what macOS adds to every zip that it makes."""
    logs = [
        member
        for member in members
        if member.filename.lower().endswith((".xes", ".xml"))
        and not member.filename.startswith("__MACOSX/")
        and not PurePosixPath(member.filename).name.startswith("._")
    ]
    if not logs:
        raise ArchiveError(file, None, None, "the zip holds no .xes or .xml file")
    if len(logs) > 1:
        names = ", ".join(member.filename for member in logs[:3])
        message = f"the zip holds {len(logs)} logs ({names}); unpack it and read them one by one"
        raise ArchiveError(file, None, None, message)
    if logs[0].flag_bits & 0x1:
        raise ArchiveError(file, None, None, "the zip is encrypted; unpack it first")
    if logs[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        message = "the zip uses a compression other than deflate; unpack it first"
        raise ArchiveError(file, None, None, message)
    return logs[0]


class _BadValue(ValueError):
    """A value that its type does not allow."""

    def __init__(self, reason: Reason, wanted: str) -> None:
        super().__init__(reason, wanted)
        self.reason = reason
        self.wanted = wanted


# Logs repeat the same dates and amounts all along; remembering them saves a seventh of the
# time on a log of 561,470 events. A value that is refused is not remembered.
_remembered = lru_cache(maxsize=16_384)

_XML_SPACE: Final = " \t\r\n"
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_FLOAT: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_INT: Final = re.compile(r"[+-]?\d+", re.ASCII)
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}


@_remembered
def _date(text: str) -> datetime:
    """Return an xs:dateTime; fractions of a second beyond the sixth digit are dropped."""
    text = text.strip(_XML_SPACE)
    try:
        if len(text) <= MAX_NUMBER_CHARS and _DATE.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise _BadValue(Reason.BAD_DATE, "is no date and time (as 2006-07-24T00:00:00+02:00)")


@_remembered
def _decimal(text: str) -> Decimal:
    """Return an xs:double as the decimal that is written.

    Infinities and NaN are no amounts. Exponents end where those of a double do (about ±308): with
    a longer one, a few characters would make an integer that fills the memory.
    """
    text = text.strip(_XML_SPACE)
    try:
        if len(text) <= MAX_NUMBER_CHARS and _FLOAT.fullmatch(text):
            number = Decimal(text)
            if -324 <= number.adjusted() <= 308:
                return number
    except InvalidOperation:
        pass
    raise _BadValue(Reason.BAD_NUMBER, "is no number")


@_remembered
def _integer(text: str) -> int:
    """Return an xs:long."""
    text = text.strip(_XML_SPACE)
    if len(text) <= MAX_NUMBER_CHARS and _INT.fullmatch(text) and -(2**63) <= int(text) < 2**63:
        return int(text)
    raise _BadValue(Reason.BAD_NUMBER, "is no whole number of 64 bits")


def _boolean(text: str) -> bool:
    """Return an xs:boolean."""
    try:
        return _BOOLEANS[text.strip(_XML_SPACE)]
    except KeyError:
        raise _BadValue(Reason.BAD_BOOLEAN, "is neither true nor false") from None


_TYPES: Final[dict[str, Callable[[str], Value]]] = {
    "string": str,
    "id": str,
    "date": _date,
    "float": _decimal,
    "int": _integer,
    "boolean": _boolean,
}
_COLLECTIONS: Final = ("list", "container")
_DECLARATIONS: Final = ("global", "classifier")

_UNFINISHED: Final = frozenset(
    expat.errors.codes[text]
    for text in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
)


class _LogParser:
    """Turns pieces of XML into traces.

    expat, since it knows the line of every element and keeps nothing. `_start` and `_end` run four
    million times for a log of half a million events, which is why they are the only methods that
    put speed before brevity. An attribute is at `_attribute_depth` while its trace (3) or its event
    (4) is open; the depth is 0 outside all traces.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self._done: list[Trace] = []
        self._bytes_fed = 0
        self._gap_bytes = 0
        self._element_seen = False
        self._depth = 0
        self._attribute_depth = 0

        self._types: dict[str, Callable[[str], Value]] = {}
        self._namespace = ""
        self._name_key = "concept:name"
        self._time_key = "time:timestamp"

        self._attributes: dict[str, Value] = {}
        self._event_line = 0
        self._trace_attributes: dict[str, Value] = {}
        self._events: list[Event] = []
        self._problems: list[Problem] = []
        self._trace_line = 0
        self._trace_fed = 0

        self._expat = expat.ParserCreate(namespace_separator=" ")
        self._expat.ordered_attributes = True
        self._expat.StartElementHandler = self._start_log
        self._expat.EndElementHandler = self._end
        self._expat.StartDoctypeDeclHandler = self._refuse_doctype

    @property
    def line(self) -> int:
        """The line that the parser has come to, from 1."""
        return self._expat.CurrentLineNumber

    @property
    def case(self) -> str | None:
        """The name of the trace that is open, None where it has not been read or none is."""
        name = self._trace_attributes.get(self._name_key)
        return None if name is None else str(name)

    def take_traces(self) -> list[Trace]:
        """Return the traces completed since the last call."""
        done, self._done = self._done, []
        return done

    def feed(self, piece: bytes) -> None:
        """Parse the next piece of the file; an empty one says that the file ends here.

        Raises:
            XesError: this piece cannot be parsed, or ends what cannot end here.
        """
        self._element_seen = False
        try:
            self._expat.Parse(piece, not piece)
        except expat.ExpatError as cause:
            text = expat.ErrorString(cause.code)
            kind: type[XesError]
            if not self._bytes_fed and not piece:
                kind, message = CutOffError, "the file is empty"
            elif cause.code in _UNFINISHED:
                kind, message = CutOffError, f"the file ends before its log does ({text})"
            else:
                kind, message = NotXmlError, f"not well-formed XML ({text})"
            raise kind(self._file, self.case, cause.lineno, message) from None
        self._bytes_fed += len(piece)
        self._gap_bytes = 0 if self._element_seen else self._gap_bytes + len(piece)
        if self._gap_bytes > MAX_GAP_BYTES:
            raise self._limit(f"no element in {MAX_GAP_BYTES} bytes")
        if self._attribute_depth and self._bytes_fed - self._trace_fed > MAX_TRACE_BYTES:
            raise self._limit(f"a trace longer than {MAX_TRACE_BYTES} bytes")

    def _start_log(self, tag: str, pairs: list[str]) -> None:
        """Take the root element, whose namespace is that of all others, whichever it is."""
        namespace, space, name = tag.rpartition(" ")
        if name != "log":
            message = f"not XES: the root element is <{name}>, not <log>"
            raise NotXesError(self._file, None, self.line, message)
        self._namespace = namespace + space
        self._types = {self._namespace + name: convert for name, convert in _TYPES.items()}
        self._depth = 1
        self._element_seen = True
        self._expat.StartElementHandler = self._start

    def _start(self, tag: str, pairs: list[str]) -> None:
        """Take one attribute in the fast way, and leave all else to the other methods."""
        self._element_seen = True
        self._depth = depth = self._depth + 1
        if depth != self._attribute_depth:
            if depth == 2:
                self._start_in_log(tag, pairs)
            elif depth > MAX_DEPTH:
                raise self._limit(f"elements nested more than {MAX_DEPTH} deep")
            return
        convert = self._types.get(tag)
        if convert is None:
            self._start_in_trace(tag)
            return
        value: str | None
        if len(pairs) == 4 and pairs[0] == "key" and pairs[2] == "value":
            key, value = pairs[1], pairs[3]
        else:
            named = dict(zip(pairs[::2], pairs[1::2], strict=True))
            key, value = named.get("key", ""), named.get("value")
        if not key or value is None or key in self._attributes or len(value) > MAX_VALUE_CHARS:
            self._refuse(key, value)
        elif convert is str:
            self._attributes[key] = value
        else:
            try:
                self._attributes[key] = convert(value)
            except _BadValue as bad:
                message = f"{key} {bad.wanted}: {value[:MAX_NUMBER_CHARS]!r}"
                self._problem(bad.reason, message, key)

    def _refuse(self, key: str, value: str | None) -> None:
        """Note what is wrong with an attribute, whatever its type."""
        if not key:
            self._problem(Reason.NO_KEY, "an attribute has no key")
        elif value is None:
            self._problem(Reason.NO_VALUE, f"{key} has no value", key)
        elif key in self._attributes:
            self._problem(Reason.DUPLICATE_KEY, f"{key} is given twice", key)
        else:
            message = f"{key} is longer than {MAX_VALUE_CHARS} characters"
            self._problem(Reason.VALUE_TOO_LONG, message, key)

    def _end(self, tag: str) -> None:
        """Close the event or the trace that is open, where this is its end."""
        depth = self._depth
        self._depth = depth - 1
        if depth < self._attribute_depth:
            if depth == 3:
                self._end_event()
            else:
                self._end_trace()

    def _start_in_log(self, tag: str, pairs: list[str]) -> None:
        """Take an element of the log itself: a trace, or what is declared before the traces."""
        name = tag.removeprefix(self._namespace)
        if name == "trace":
            self._trace_attributes = self._attributes = {}
            self._events = []
            self._problems = []
            self._trace_line = self.line
            self._trace_fed = self._bytes_fed
            self._attribute_depth = 3
        elif name == "extension":
            self._declare_extension(dict(zip(pairs[::2], pairs[1::2], strict=True)))
        elif name == "event":
            message = "not a log of cases: an event stands outside all traces"
            raise NotXesError(self._file, None, self.line, message)
        elif name not in _DECLARATIONS and name not in _COLLECTIONS and tag not in self._types:
            message = f"not XES: <{name}> has no place in a <log>"
            raise NotXesError(self._file, None, self.line, message)

    def _declare_extension(self, declared: dict[str, str]) -> None:
        """Take the prefix under which this log uses the concept or the time extension."""
        prefix, uri = declared.get("prefix"), declared.get("uri", "")
        if prefix and uri.endswith("/concept.xesext"):
            self._name_key = f"{prefix}:name"
        elif prefix and uri.endswith("/time.xesext"):
            self._time_key = f"{prefix}:timestamp"

    def _start_in_trace(self, tag: str) -> None:
        """Take an element that is no attribute with a value."""
        name = tag.removeprefix(self._namespace)
        if name == "event" and self._attribute_depth == 3:
            if len(self._events) == MAX_EVENTS_PER_TRACE:
                raise self._limit(f"more than {MAX_EVENTS_PER_TRACE} events in a trace")
            self._attributes = {}
            self._event_line = self.line
            self._attribute_depth = 4
        elif name not in _COLLECTIONS:
            self._problem(Reason.UNKNOWN_ELEMENT, f"<{name}> has no place here")

    def _end_event(self) -> None:
        attributes = self._attributes
        activity = attributes.pop(self._name_key, None)
        timestamp = attributes.pop(self._time_key, None)
        if type(activity) is not str or not activity:
            activity = self._name(activity, Reason.NO_ACTIVITY, "the event", self._event_line)
        if type(timestamp) is not datetime:
            message = f"the event has no date {self._time_key}"
            self._missing(Reason.NO_TIMESTAMP, self._time_key, message, self._event_line)
            timestamp = NO_TIMESTAMP
        self._events.append(Event(activity, timestamp, attributes, self._event_line))
        self._attributes = self._trace_attributes
        self._attribute_depth = 3

    def _end_trace(self) -> None:
        attributes = self._trace_attributes
        name = attributes.pop(self._name_key, None)
        if type(name) is not str or not name:
            name = self._name(name, Reason.NO_CASE_NAME, "the trace", self._trace_line)
        self._done.append(Trace(name, attributes, self._events, self._trace_line, self._problems))
        self._trace_attributes = self._attributes = {}
        self._attribute_depth = 0

    def _name(self, value: Value | None, reason: Reason, owner: str, line: int) -> str:
        """Return a name that is not plain text: a number is one too, anything else is none."""
        if type(value) is int:
            return str(value)
        self._missing(reason, self._name_key, f"{owner} has no name {self._name_key}", line)
        return ""

    def _missing(self, reason: Reason, key: str, message: str, line: int) -> None:
        """Note that an attribute is not there, unless it is and its value was found bad."""
        event = self._event_index
        if not any(problem.event == event and problem.key == key for problem in self._problems):
            self._note(Problem(reason, message, line, event, key))

    def _problem(self, reason: Reason, message: str, key: str | None = None) -> None:
        self._note(Problem(reason, message, self.line, self._event_index, key))

    def _note(self, problem: Problem) -> None:
        if len(self._problems) < MAX_PROBLEMS_PER_TRACE:
            self._problems.append(problem)

    @property
    def _event_index(self) -> int | None:
        return len(self._events) if self._attribute_depth == 4 else None

    def _limit(self, message: str) -> LimitError:
        return LimitError(self._file, self.case, self.line, message)

    def _refuse_doctype(
        self, name: str, system_id: str | None, public_id: str | None, has_subset: bool
    ) -> None:
        message = "refused: a log has no DOCTYPE and needs no entities"
        raise UnsafeXmlError(self._file, None, self.line, message)
