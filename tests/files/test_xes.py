"""The reader of XES event logs: what it gives, what it refuses, where it says that the fault is."""

import gzip
import io
import os
import random
import threading
import tracemalloc
import zipfile
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from ledger.files import xes
from ledger.files.xes import NO_TIMESTAMP, Problem, Reason, Trace, XesError, read_traces
from tests.fines_oracle import fines_file

CREATED = '<string key="concept:name" value="Create Fine"/>'
WHEN = '<date key="time:timestamp" value="2006-07-24T00:00:00+02:00"/>'
EVENT = f"<event>{CREATED}{WHEN}</event>"
NAMED = '<string key="concept:name" value="A1"/>'


def trace(*children: str, name: str = NAMED) -> str:
    return f"<trace>{name}{''.join(children)}</trace>"


def event(*attributes: str) -> str:
    return f"<event>{CREATED}{WHEN}{''.join(attributes)}</event>"


def log(*children: str) -> bytes:
    return f'<log xes.version="1.0">{"".join(children)}</log>'.encode()


def zipped(*members: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


class Reader:
    """Reads bytes as a file called `log.xes`."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "log.xes"

    def all(self, content: bytes) -> list[Trace]:
        self.path.write_bytes(content)
        return list(read_traces(self.path))

    def one(self, content: bytes) -> Trace:
        [only] = self.all(content)
        return only

    def problem(self, content: bytes) -> Problem:
        [only] = self.one(content).problems
        return only

    def error(self, content: bytes, kind: type[XesError]) -> XesError:
        with pytest.raises(kind) as caught:
            self.all(content)
        assert type(caught.value) is kind
        assert caught.value.file == str(self.path)
        assert str(caught.value).startswith(str(self.path))
        assert str(caught.value).endswith(caught.value.message)
        return caught.value


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


# ---------------------------------------------------------------- what it gives


def test_a_trace_is_read_with_its_events_in_order(read: Reader) -> None:
    second = '<event><string key="concept:name" value="Payment"/>' + WHEN + "</event>"
    only = read.one(log(trace('<string key="book" value="b"/>', EVENT, second)))
    assert only.name == "A1"
    assert only.attributes == {"book": "b"}
    assert [each.activity for each in only.events] == ["Create Fine", "Payment"]
    assert only.events[0].timestamp == datetime(2006, 7, 24, tzinfo=timezone(timedelta(hours=2)))
    assert only.events[0].attributes == {}
    assert only.problems == []


def test_attributes_of_a_trace_may_follow_its_events(read: Reader) -> None:
    assert read.one(log(trace(EVENT, NAMED, name=""))).name == "A1"


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ('<string key="k" value=" a &amp; å "/>', " a & å "),
        ('<string key="k" value=""/>', ""),
        ('<string value="turned round" key="k"/>', "turned round"),
        ('<string key="k" value="v" lang="nb"/>', "v"),
        ('<id key="k" value="3f2a"/>', "3f2a"),
        ('<int key="k" value="-157"/>', -157),
        ('<int key="k" value=" 9223372036854775807 "/>', 2**63 - 1),
        ('<float key="k" value="35.0"/>', Decimal("35.0")),
        ('<float key="k" value="0.1"/>', Decimal("0.1")),
        ('<float key="k" value="4.248252E8"/>', Decimal(424825200)),
        ('<float key="k" value="-.5"/>', Decimal("-0.5")),
        ('<boolean key="k" value="true"/>', True),
        ('<boolean key="k" value="0"/>', False),
        ('<date key="k" value="2006-07-24T10:00:00Z"/>', datetime(2006, 7, 24, 10, tzinfo=UTC)),
    ],
)
def test_a_value_has_the_type_of_its_element(read: Reader, attribute: str, value: object) -> None:
    found = read.one(log(trace(event(attribute)))).events[0].attributes["k"]
    assert found == value
    assert type(found) is type(value)


def test_a_float_keeps_the_decimals_that_are_written(read: Reader) -> None:
    found = read.one(log(trace(event('<float key="amount" value="22.10"/>')))).events[0]
    assert str(found.attributes["amount"]) == "22.10"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2006-07-24T00:00:00+02:00", date(2006, 7, 24)),
        ("2006-07-24T23:59:59-08:00", date(2006, 7, 24)),
        ("2006-07-24T00:00:00.000Z", date(2006, 7, 24)),
        ("2006-07-24T00:00:00.123456789+02:00", date(2006, 7, 24)),
        ("2006-07-24T00:00:00", date(2006, 7, 24)),
    ],
)
def test_the_date_of_a_timestamp_is_the_date_as_written(
    read: Reader, written: str, day: date
) -> None:
    when = f'<date key="time:timestamp" value="{written}"/>'
    only = read.one(log(trace(f"<event>{CREATED}{when}</event>")))
    assert only.events[0].timestamp.date() == day
    assert (only.events[0].timestamp.tzinfo is None) == (len(written) == 19)


@pytest.mark.parametrize(
    "content",
    [
        '<log xmlns="http://www.xes-standard.org/">{}</log>',
        '<log xmlns="http://www.xes-standard.org">{}</log>',
        '<?xml version="1.0" encoding="UTF-8"?><!-- one --><log>{}</log><!-- two -->\n',
        "\ufeff<log>{}</log>",
    ],
)
def test_the_namespace_does_not_matter(read: Reader, content: str) -> None:
    only = read.one(content.format(trace(EVENT)).encode())
    assert (only.name, len(only.events), only.problems) == ("A1", 1, [])


def test_elements_may_have_a_prefix(read: Reader) -> None:
    plain = log('<extension name="x" prefix="y" uri="z"/>', trace(EVENT)).decode()
    prefixed = plain.replace("</", "<//").replace("<", "<x:").replace("<x://", "</x:")
    prefixed = prefixed.replace("<x:log", '<x:log xmlns:x="http://www.xes-standard.org/"')
    only = read.one(prefixed.encode())
    assert (only.name, len(only.events), only.problems) == ("A1", 1, [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_the_declared_encoding_is_used(read: Reader, encoding: str) -> None:
    text = log(trace(EVENT, name='<string key="concept:name" value="Ås"/>')).decode()
    content = f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)
    assert read.one(content).name == "Ås"


def test_globals_are_not_applied(read: Reader) -> None:
    declared = (
        f'<global scope="event">{CREATED}{WHEN}<float key="amount" value="1.0"/></global>'
        '<classifier name="Event Name" keys="concept:name"/><string key="source" value="x"/>'
    )
    only = read.one(log(declared, trace("<event/>")))
    assert only.events[0].attributes == {}
    assert [each.reason for each in only.problems] == [Reason.NO_ACTIVITY, Reason.NO_TIMESTAMP]


def test_nested_attributes_lists_and_containers_are_read_past(read: Reader) -> None:
    nested = (
        '<float key="amount" value="35.0"><float key="amount" value="no"/><event/></float>'
        '<list key="l"><values><string key="concept:name" value="x"/></values></list>'
        '<container key="c"><int key="concept:name" value="x"/></container>'
    )
    only = read.one(log(trace(nested.replace("amount", "limit"), event(nested))))
    assert only.problems == []
    assert only.attributes == {"limit": Decimal("35.0")}
    assert only.events[0].attributes == {"amount": Decimal("35.0")}
    assert len(only.events) == 1


def test_name_and_time_are_found_under_the_declared_prefix(read: Reader) -> None:
    declared = (
        '<extension name="Concept" prefix="c" uri="http://www.xes-standard.org/concept.xesext"/>'
        '<extension name="Time" prefix="t" uri="http://www.xes-standard.org/time.xesext"/>'
    )
    traces = trace(EVENT).replace("concept:", "c:").replace("time:", "t:")
    only = read.one(log(declared, traces))
    assert (only.name, only.events[0].activity, only.problems) == ("A1", "Create Fine", [])


def test_a_number_may_be_a_name(read: Reader) -> None:
    assert read.one(log(trace(EVENT, name='<int key="concept:name" value="17"/>'))).name == "17"


def test_a_log_may_be_empty(read: Reader) -> None:
    assert read.all(b"<log/>") == []
    assert read.one(b"<log><trace>" + NAMED.encode() + b"</trace></log>").events == []


def test_lines_are_those_of_the_file(read: Reader) -> None:
    content = (
        '<?xml version="1.0"?>\n<!-- two\nthree -->\n<log>\n'
        f"<trace>\n{NAMED}\n<event\n>{CREATED}\n{WHEN}\n"
        '<string\n key="note" value="a\nb"/>\n<float key="amount" value="x"/></event>\n'
        f"<event>{CREATED}\n</event>\n</trace>\n</log>"
    )
    only = read.one(content.encode())
    assert only.line == 5
    assert [each.line for each in only.events] == [7, 14]
    assert [(each.line, each.event, each.key) for each in only.problems] == [
        (13, 0, "amount"),
        (14, 1, "time:timestamp"),
    ]


def test_lines_stay_right_over_many_pieces(read: Reader) -> None:
    count = 5_000
    traces = [f"<trace>\n{NAMED}\n{EVENT}</trace>\n" for _ in range(count)]
    found = read.all(log(*traces))
    assert [each.line for each in found] == [1 + 3 * number for number in range(count)]
    assert found[-1].events[0].line == 3 * count


# ---------------------------------------------------------------- containers

GOOD = log(trace(EVENT))


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        gzip.compress(GOOD),
        gzip.compress(GOOD[:20]) + gzip.compress(GOOD[20:]),
        zipped(("a.xes", GOOD)),
        zipped(("folder/", b""), ("folder/A.XML", GOOD), ("readme.txt", b"...")),
        zipped(("a.xes", GOOD), compression=zipfile.ZIP_STORED),
        zipped(("a.xes", GOOD), ("__MACOSX/._a.xes", b"Mac"), ("._b.xes", b"Mac")),
    ],
)
@pytest.mark.parametrize("name", ["log.xes", "log.xes.gz", "log.zip", "no suffix, with space"])
def test_the_content_and_not_the_name_tells_the_container(
    tmp_path: Path, content: bytes, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert [each.name for each in read_traces(path)] == ["A1"]
    assert [each.name for each in read_traces(str(path))] == ["A1"]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ([], "the zip holds no .xes or .xml file"),
        ([("a.csv", b"a,b")], "the zip holds no .xes or .xml file"),
        ([("a.xes", GOOD), ("b.xml", GOOD)], "the zip holds 2 logs (a.xes, b.xml)"),
    ],
)
def test_a_zip_must_hold_one_log(
    read: Reader, members: list[tuple[str, bytes]], message: str
) -> None:
    assert message in read.error(zipped(*members), xes.ArchiveError).message


def test_a_zip_must_be_one_that_we_unpack(read: Reader) -> None:
    other = zipped(("a.xes", GOOD), compression=zipfile.ZIP_BZIP2)
    assert "compression" in read.error(other, xes.ArchiveError).message
    encrypted = bytearray(zipped(("a.xes", GOOD)))
    encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in read.error(bytes(encrypted), xes.ArchiveError).message


LONG = log(*[trace(EVENT)] * 5_000)


@pytest.mark.parametrize("content", [LONG, gzip.compress(LONG), zipped(("a.xes", LONG))])
def test_progress_counts_the_bytes_on_the_disk(read: Reader, content: bytes) -> None:
    read.path.write_bytes(content)
    calls: list[tuple[int, int]] = []
    for _ in read_traces(read.path, progress=lambda done, total: calls.append((done, total))):
        pass
    done = [each for each, _ in calls]
    assert len(done) > 5
    assert 0 < done[0] <= done[-1] == len(content)
    assert done == sorted(done)
    assert {total for _, total in calls} == {len(content)}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize("content", [GOOD, gzip.compress(GOOD)])
def test_a_pipe_can_be_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(content,), daemon=True)
    writer.start()
    assert [each.name for each in read_traces(path, progress=lambda *_: None)] == ["A1"]
    writer.join(timeout=5)


# ---------------------------------------------------------------- what is wrong with the file


def test_a_file_must_be_there_and_be_a_file(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.xes", tmp_path):
        with pytest.raises(xes.UnreadableError, match="cannot be read"):
            next(read_traces(path))


@pytest.mark.parametrize(
    "content", [b"a,b,c\n1,2,3\n", b"%PDF-1.7\n\x00\xff", b'{"log": []}', b"<log><trace></log>"]
)
def test_what_is_not_xml_is_refused(read: Reader, content: bytes) -> None:
    assert read.error(content, xes.NotXmlError).line == 1


@pytest.mark.parametrize("length", range(len(GOOD)))
def test_a_log_that_is_cut_off_anywhere_is_refused(read: Reader, length: int) -> None:
    error = read.error(GOOD[:length], xes.CutOffError)
    opened = GOOD.index(b'"A1"/>') + len(b'"A1"/>') <= length < GOOD.index(b"</trace>") + 8
    assert error.case == ("A1" if opened else None)


def test_traces_before_the_cut_are_given_with_the_line_and_case_of_the_error(
    read: Reader,
) -> None:
    whole = trace(EVENT) + "\n"
    broken = trace(name='<string key="concept:name" value="A2"/>')[: -len("</trace>")]
    read.path.write_bytes(log(whole, whole)[: -len("</log>")] + broken.encode())
    given: list[Trace] = []
    with pytest.raises(xes.CutOffError) as caught:
        given.extend(read_traces(read.path))
    assert (caught.value.line, caught.value.case) == (3, "A2")
    assert "line 3, case A2: the file ends before its log does" in str(caught.value)
    # extend keeps what it took before the error.
    assert [each.line for each in given] == [1, 2]


def test_an_error_in_the_middle_names_its_line_and_case(read: Reader) -> None:
    error = read.error(log(f"<trace>\n{NAMED}\n<event></trace>"), xes.NotXmlError)
    assert (error.line, error.case) == (3, "A1")
    assert "mismatched tag" in error.message


@pytest.mark.parametrize("lost", [1, 9, 100, 5_000])
def test_a_compressed_file_that_is_cut_off_is_refused(read: Reader, lost: int) -> None:
    content = log(*[trace(event(f'<int key="n" value="{n}"/>')) for n in range(5_000)])
    read.error(gzip.compress(content)[:-lost], xes.CutOffError)
    read.error(zipped(("a.xes", content))[:-lost], xes.CutOffError)


def test_a_wrong_checksum_is_found(read: Reader) -> None:
    packed = bytearray(gzip.compress(GOOD))
    packed[-8] ^= 0xFF
    assert "CRC" in read.error(bytes(packed), xes.DamagedError).message
    packed = bytearray(zipped(("a.xes", GOOD), compression=zipfile.ZIP_STORED))
    packed[packed.index(b"A1")] ^= 0x01
    assert "CRC" in read.error(bytes(packed), xes.DamagedError).message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html><body/></html>", "the root element is <html>, not <log>"),
        (b'<x:pnml xmlns:x="urn:x"/>', "the root element is <pnml>, not <log>"),
        (b"<log><logentry/></log>", "<logentry> has no place in a <log>"),
        (log(EVENT), "an event stands outside all traces"),
    ],
)
def test_what_is_not_xes_is_refused(read: Reader, content: bytes, message: str) -> None:
    error = read.error(content, xes.NotXesError)
    assert message in error.message
    assert error.line == 1


LAUGHS = "".join(
    f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' if n else '<!ENTITY lol0 "lol">' for n in range(10)
)


@pytest.mark.parametrize(
    "doctype",
    [
        f"<!DOCTYPE log [{LAUGHS}]>",
        '<!DOCTYPE log SYSTEM "http://127.0.0.1:1/log.dtd">',
        '<!DOCTYPE log [<!ENTITY lol9 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE log [<!ENTITY % p SYSTEM "http://127.0.0.1:1/p"> %p;]>',
        "<!DOCTYPE log>",
    ],
)
def test_a_doctype_is_refused_whatever_it_says(read: Reader, doctype: str) -> None:
    body = log(trace(event('<string key="note" value="&lol9;"/>'))).decode()
    error = read.error(f'<?xml version="1.0"?>\n{doctype}\n{body}'.encode(), xes.UnsafeXmlError)
    assert error.line == 2


def test_an_entity_that_nobody_defined_is_not_xml(read: Reader) -> None:
    error = read.error(log(trace(event('<string key="note" value="&lol;"/>'))), xes.NotXmlError)
    assert "undefined entity" in error.message
    assert error.case == "A1"


# ---------------------------------------------------------------- what is wrong with one case


@pytest.mark.parametrize(
    ("attribute", "reason", "message"),
    [
        ('<float key="amount" value="12,5"/>', Reason.BAD_NUMBER, "amount is no number: '12,5'"),
        ('<float key="amount" value=""/>', Reason.BAD_NUMBER, "amount is no number: ''"),
        ('<float key="amount" value="NaN"/>', Reason.BAD_NUMBER, "amount is no number"),
        ('<float key="amount" value="-INF"/>', Reason.BAD_NUMBER, "amount is no number"),
        ('<float key="amount" value="1_000"/>', Reason.BAD_NUMBER, "amount is no number"),
        ('<float key="amount" value="1٣"/>', Reason.BAD_NUMBER, "amount is no number"),
        ('<float key="amount" value="1E999999999"/>', Reason.BAD_NUMBER, "amount is no number"),
        (f'<float key="amount" value="1E{"9" * 30}"/>', Reason.BAD_NUMBER, "amount is no number"),
        (f'<float key="amount" value="{"9" * 65}"/>', Reason.BAD_NUMBER, "amount is no number"),
        ('<int key="points" value="1.0"/>', Reason.BAD_NUMBER, "points is no whole number"),
        (f'<int key="points" value="{2**63}"/>', Reason.BAD_NUMBER, "points is no whole number"),
        ('<boolean key="paid" value="yes"/>', Reason.BAD_BOOLEAN, "paid is neither true nor false"),
        ('<date key="due" value="2006-02-30T00:00:00Z"/>', Reason.BAD_DATE, "due is no date"),
        ('<date key="due" value="2006-02-03"/>', Reason.BAD_DATE, "due is no date"),
        ('<date key="due" value="2006-W05-5T00:00:00"/>', Reason.BAD_DATE, "due is no date"),
        ('<date key="due" value="24/07/2006"/>', Reason.BAD_DATE, "due is no date"),
        ('<string value="x"/>', Reason.NO_KEY, "an attribute has no key"),
        ('<string key="" value="x"/>', Reason.NO_KEY, "an attribute has no key"),
        ('<string key="note"/>', Reason.NO_VALUE, "note has no value"),
        ('<decimal key="amount" value="1"/>', Reason.UNKNOWN_ELEMENT, "<decimal> has no place"),
        ("<event/>", Reason.UNKNOWN_ELEMENT, "<event> has no place here"),
        ("<trace/>", Reason.UNKNOWN_ELEMENT, "<trace> has no place here"),
        (CREATED, Reason.DUPLICATE_KEY, "concept:name is given twice"),
    ],
)
def test_a_fault_in_an_event_is_a_problem_of_its_case_alone(
    read: Reader, attribute: str, reason: Reason, message: str
) -> None:
    broken, sound = read.all(log(trace(EVENT, "\n", event(attribute), EVENT), trace(EVENT)))
    [problem] = broken.problems
    assert (problem.reason, problem.line, problem.event) == (reason, 2, 1)
    assert message in problem.message
    assert len(broken.events) == 3
    assert broken.events[1].activity == "Create Fine"
    assert sound.problems == []


def test_a_fault_in_an_attribute_of_the_trace_names_no_event(read: Reader) -> None:
    problem = read.problem(log(trace('<float key="limit" value="x"/>', EVENT)))
    assert (problem.reason, problem.event, problem.key) == (Reason.BAD_NUMBER, None, "limit")


@pytest.mark.parametrize(
    ("content", "reason", "key"),
    [
        (f"<event>{WHEN}</event>", Reason.NO_ACTIVITY, "concept:name"),
        (
            f'<event><string key="concept:name" value=""/>{WHEN}</event>',
            Reason.NO_ACTIVITY,
            "concept:name",
        ),
        (f"<event>{CREATED}</event>", Reason.NO_TIMESTAMP, "time:timestamp"),
        (
            f'<event>{CREATED}<string key="time:timestamp" value="2006"/></event>',
            Reason.NO_TIMESTAMP,
            "time:timestamp",
        ),
        (
            f'<event>{CREATED}<date key="time:timestamp" value="soon"/></event>',
            Reason.BAD_DATE,
            "time:timestamp",
        ),
    ],
)
def test_an_event_needs_an_activity_and_a_timestamp(
    read: Reader, content: str, reason: Reason, key: str
) -> None:
    only = read.one(log("\n", trace("\n", content)))
    [problem] = only.problems
    assert (problem.reason, problem.key, problem.line, problem.event) == (reason, key, 3, 0)
    [broken] = only.events
    assert broken.activity == "" or broken.timestamp == NO_TIMESTAMP


@pytest.mark.parametrize(
    "name",
    ["", '<string key="concept:name" value=""/>', '<float key="concept:name" value="1.5"/>'],
)
def test_a_case_needs_a_name(read: Reader, name: str) -> None:
    only = read.one(log("\n", trace(EVENT, name=name)))
    assert only.name == ""
    [problem] = only.problems
    assert (problem.reason, problem.line, problem.event) == (Reason.NO_CASE_NAME, 2, None)


def test_all_that_is_wrong_with_a_case_is_told_at_once(read: Reader) -> None:
    bad = '<float key="amount" value="x"/><float key="amount" value="y"/>'
    only = read.one(log(trace(f"<event>{bad}</event>", EVENT, f"<event>{WHEN}</event>")))
    assert Counter((each.reason, each.event) for each in only.problems) == {
        (Reason.BAD_NUMBER, 0): 2,
        (Reason.NO_ACTIVITY, 0): 1,
        (Reason.NO_TIMESTAMP, 0): 1,
        (Reason.NO_ACTIVITY, 2): 1,
    }


# ---------------------------------------------------------------- limits and memory


def test_a_value_may_be_so_long_and_no_longer(
    read: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xes, "MAX_VALUE_CHARS", 100)
    fits, too_long = (
        read.one(log(trace(event(f'<string key="note" value="{"å" * length}"/>'))))
        for length in (100, 101)
    )
    assert fits.problems == []
    [problem] = too_long.problems
    assert (problem.reason, problem.key) == (Reason.VALUE_TOO_LONG, "note")
    assert too_long.events[0].attributes == {}


def test_a_trace_may_have_so_many_events_and_no_more(
    read: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xes, "MAX_EVENTS_PER_TRACE", 10)
    assert len(read.one(log(trace(EVENT * 10))).events) == 10
    error = read.error(log(trace(EVENT * 11)), xes.LimitError)
    assert error.message == "more than 10 events in a trace"
    assert error.case == "A1"


def test_of_many_problems_the_first_are_told(read: Reader) -> None:
    only = read.one(log(trace(*["<event/>"] * 10_000)))
    assert len(only.events) == 10_000
    assert len(only.problems) == xes.MAX_PROBLEMS_PER_TRACE
    assert only.problems[0].event == 0


def test_elements_may_be_so_deep_and_no_deeper(read: Reader) -> None:
    def nested(levels: int) -> bytes:
        return log(trace(event('<string key="k" value="v">' * levels + "</string>" * levels)))

    assert read.one(nested(xes.MAX_DEPTH - 3)).problems == []
    error = read.error(nested(xes.MAX_DEPTH - 2), xes.LimitError)
    assert "deep" in error.message


def test_a_trace_may_not_grow_without_end(read: Reader) -> None:
    many = "".join(f'<int key="{number}" value="1"/>' for number in range(800_000))
    error = read.error(log(trace(f"<event>{many}</event>")), xes.LimitError)
    assert "a trace longer than" in error.message


@pytest.mark.parametrize("start", [b"<!--", b"<", b"<log><!--", b'<log><string key="', b"<log>"])
def test_a_bomb_is_refused_before_it_fills_the_memory(read: Reader, start: bytes) -> None:
    bomb = gzip.compress(start + b"a" * 100_000_000, compresslevel=1)
    tracemalloc.start()
    try:
        error = read.error(bomb, xes.LimitError)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "no element in" in error.message
    assert peak_bytes < 10_000_000


def test_memory_does_not_grow_with_the_file(read: Reader) -> None:
    amounts = "".join(trace(event(f'<float key="amount" value="{n}.5"/>')) for n in range(2_000))
    opened, piece, closed = (
        gzip.compress(part) for part in (b"<log>", amounts.encode(), b"</log>")
    )

    def peak_bytes(pieces: int) -> int:
        read.path.write_bytes(opened + piece * pieces + closed)
        tracemalloc.start()
        try:
            assert sum(1 for _ in read_traces(read.path)) == 2_000 * pieces
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak_bytes(1)
    small, large = peak_bytes(4), peak_bytes(40)
    assert large < small + 500_000
    assert large < 5_000_000


# ---------------------------------------------------------------- anything at all


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_in_the_file_the_answer_is_traces_or_an_error_of_ours(
    read: Reader, seed: int
) -> None:
    chance = random.Random(seed)
    content = log(*[trace(event('<float key="amount" value="35.0"/>'))] * 3)
    for good in (content, gzip.compress(content), zipped(("a.xes", content))):
        for _ in range(25):
            bad = bytearray(good)
            for _ in range(chance.randint(1, 4)):
                bad[chance.randrange(len(bad))] = chance.randrange(256)
            if chance.random() < 0.3:
                del bad[chance.randrange(len(bad)) :]
            try:
                read.all(bytes(bad))
            except XesError as error:
                assert error.message


# ---------------------------------------------------------------- the real log


@pytest.mark.slow
@pytest.mark.skipif(fines_file() is None, reason="the road traffic fines log is not here")
def test_the_road_traffic_fines_log_is_read_whole() -> None:
    path = fines_file()
    assert path is not None
    cases = problems = 0
    activities: Counter[str] = Counter()
    last_line = 0
    for each in read_traces(path):
        cases += 1
        problems += len(each.problems)
        assert each.line > last_line
        for happened in each.events:
            activities[happened.activity] += 1
            assert happened.line > last_line
            last_line = happened.line
    assert (cases, activities.total(), problems) == (150_370, 561_470, 0)
    # What the log says of itself in its attribute meta_concept:named_events_total.
    assert activities == {
        "Create Fine": 150_370,
        "Send Fine": 103_987,
        "Insert Fine Notification": 79_860,
        "Add penalty": 79_860,
        "Payment": 77_601,
        "Send for Credit Collection": 59_013,
        "Insert Date Appeal to Prefecture": 4_188,
        "Send Appeal to Prefecture": 4_141,
        "Receive Result Appeal from Prefecture": 999,
        "Notify Result Appeal to Offender": 896,
        "Appeal to Judge": 555,
    }
