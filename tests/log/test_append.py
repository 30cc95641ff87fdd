"""Appending: whole, in order, without gaps, and byte for byte what was given."""

import json
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent
from sqlalchemy import Engine, text

from ledger.log import statements
from ledger.log.append import COPY_FROM_ROWS
from ledger.log.engine import connect
from ledger.log.entries import NewEntry, StoredEntry, Write
from ledger.log.errors import BookMismatch, BookNotFound
from ledger.log.leaf import envelope, microseconds
from ledger.log.mapper import JsonTranscoder
from ledger.log.merkle import EMPTY_ROOT, Frontier, leaf_hash
from ledger.log.recorder import BookRecorder, book_names
from ledger.processes import CONTEXT
from tests.waiting import eventually, waiting_for_locks

pytestmark = [pytest.mark.database]

CONTENT: Final = sha256(b"content").digest()


@pytest.fixture
def recorder(engine: Engine) -> BookRecorder:
    recorder = BookRecorder(engine, "book")
    recorder.create_book("NOK")
    return recorder


def write(
    *payloads: bytes,
    stream: UUID | None = None,
    after: int = 0,
    command_id: UUID | None = None,
    actor: str = "agent:test",
    channel: str = "test",
    type: str = "noted.v1",
    names: list[tuple[str, str]] | None = None,
) -> Write:
    """A command that adds these payloads to a stream."""
    stream = stream or uuid4()
    entries = [
        NewEntry(stream, version, type, payload)
        for version, payload in enumerate(payloads, start=after + 1)
    ]
    return Write(command_id or uuid4(), CONTENT, actor, channel, stream, entries, names or [])


def append(recorder: BookRecorder, *writes: Write) -> list[tuple[int, int]]:
    with recorder.append() as appending:
        return [appending.add(each) for each in writes]


def assert_whole(recorder: BookRecorder) -> list[StoredEntry]:
    """Positions 1..head, times that never run back, and the head is that of the entries."""
    entries = recorder.read_log(0, 1_000_000)
    head = recorder.head()
    assert [entry.position for entry in entries] == list(range(1, head.position + 1))
    times = [entry.recorded_at for entry in entries]
    assert times == sorted(times)
    assert not times or times[-1] == head.recorded_at
    frontier = Frontier()
    for entry in entries:
        frontier.append(leaf_hash(leaf_of(recorder.book, entry)))
    assert (frontier.to_bytes(), frontier.root()) == (head.frontier, head.root)
    versions: dict[str, int] = {}
    for entry in entries:
        assert entry.version == versions.get(entry.stream, 0) + 1
        versions[entry.stream] = entry.version
    return entries


def leaf_of(book: str, entry: StoredEntry) -> bytes:
    return envelope(
        book,
        entry.position,
        entry.stream,
        entry.version,
        entry.type,
        microseconds(entry.recorded_at),
        entry.actor,
        entry.channel,
        entry.command_id,
        entry.payload.encode(),
    )


# ---------------------------------------------------------------- books


def test_a_new_book_is_empty(recorder: BookRecorder) -> None:
    head = recorder.head()
    assert (head.position, head.frontier, head.root) == (0, b"", EMPTY_ROOT)
    assert recorder.read_log(0, 10) == []
    assert recorder.max_notification_id() is None


def test_making_a_book_again_changes_nothing(recorder: BookRecorder) -> None:
    append(recorder, write(b"{}"))
    before = recorder.head()
    recorder.create_book("NOK")
    assert recorder.head() == before


def test_a_book_keeps_its_currency(recorder: BookRecorder) -> None:
    with pytest.raises(BookMismatch, match="kept in NOK, not in EUR"):
        recorder.create_book("EUR")
    assert recorder.currency() == "NOK"


@pytest.mark.parametrize(
    "name",
    ["", "Book", "-book", "my book", "bøk", "b" * 64, "book\n", "a/b", "x\t", "a.b", "b\x00"],
)
def test_a_name_that_no_book_can_have(engine: Engine, name: str) -> None:
    """A book's name stands in every leaf, in addresses and in the lines of COPY."""
    with pytest.raises(BookMismatch):
        BookRecorder(engine, name).create_book("NOK")
    assert book_names(engine) == []


def test_books_know_nothing_of_each_other(engine: Engine) -> None:
    stream, command_id = uuid4(), uuid4()
    for name, other in (("one", "two"), ("two", "one")):
        recorder = BookRecorder(engine, name)
        recorder.create_book("NOK")
        same = write(b"{}", stream=stream, command_id=command_id, names=[("case", "1")])
        assert append(recorder, same) == [(1, 1)]
        assert recorder.stream_named("case", "1") == stream
        assert_whole(recorder)
        with suppress(BookNotFound):
            assert BookRecorder(engine, other).head().root != recorder.head().root


def test_a_book_that_is_not_there(engine: Engine) -> None:
    recorder = BookRecorder(engine, "nowhere")
    with pytest.raises(BookNotFound, match="nowhere"):
        append(recorder, write(b"{}"))
    with pytest.raises(BookNotFound):
        recorder.head()
    with pytest.raises(BookNotFound):
        recorder.currency()


# ---------------------------------------------------------------- exact bytes

TEXTS: Final = [
    "blåbærsyltetøy æøå ÆØÅ",
    "e\u0301 is not \u00e9",
    "emoji \U0001f9fe and \U0010ffff, beyond the first plane",
    "right-to-left \u202e and zero width \u200b",
    "line one\nline two\r\nthree\rfour",
    "tab\there",
    "back\\slash, \\n as two characters, \\\\, \\N, \\.",
    "\\.",
    "\\N",
    "",
    " leading and trailing ",
    "quote ' and \" and `; DROP TABLE ledger.events; --",
    "%s %(name)s %% {} $1 :name",
    "\x01\x08\x0b\x0c\x1f\x7f\u0080\u2028\u2029\ufeff\ufffd",
    "x" * 100_000,
]
JSONS: Final = [
    '{"a":1.0,"b":1,"c":1e2,"d":123456789012345678901234567890}',
    '{"a":1,"a":2}',
    '{"z":1,"a":2}',
    '{ "a" :  1 }',
    '{"nul":"\\u0000","escaped":"\\u00e5\\ud83e\\uddfe\\/"}',
    '{"_type_":"uuid_hex","_data_":"no uuid"}',
    '{"_type_":"ledger.nowhere:Nothing","_data_":{"_type_":"x","_data_":[]}}',
]


@pytest.fixture(params=["by COPY", "by INSERT"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How rows get in: COPY is refused to a role that row-level security holds for."""
    if request.param == "by INSERT":
        asks = "row_security_active('ledger.events')"
        prepare = statements._PREPARE_HEAD
        assert asks in prepare
        monkeypatch.setattr(statements, "_PREPARE_HEAD", prepare.replace(asks, "true"))


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("rows", [1, COPY_FROM_ROWS - 1, COPY_FROM_ROWS, 5 * COPY_FROM_ROWS])
def test_a_payload_is_kept_byte_for_byte(recorder: BookRecorder, rows: int) -> None:
    """What is read has the bytes that were given and hashed."""
    for given in TEXTS + JSONS:
        payloads = [given.encode()] * rows
        stream = uuid4()
        append(recorder, write(*payloads, stream=stream))
        assert [entry.payload.encode() for entry in recorder.read_stream(stream)] == payloads
        if rows > COPY_FROM_ROWS:
            break
    assert_whole(recorder)


@pytest.mark.usefixtures("way")
def test_all_kinds_of_payloads_in_one_go(recorder: BookRecorder) -> None:
    payloads = [text.encode() for text in TEXTS + JSONS] * 3
    assert len(payloads) > COPY_FROM_ROWS
    append(recorder, write(*payloads))
    assert [entry.payload.encode() for entry in assert_whole(recorder)] == payloads


@pytest.mark.usefixtures("way")
def test_names_and_commands_are_kept_as_they_were_given(recorder: BookRecorder) -> None:
    odd = [
        "plain",
        "tab\tname",
        "back\\slash",
        "\\N",
        "\\.",
        "new\nline",
        "blå \U0001f9fe",
        "'",
        " ",
    ]
    for writes in (1, COPY_FROM_ROWS + 1):
        given = [
            write(b"{}", names=[("case", f"{name}{writes}-{number}")])
            for name in odd
            for number in range(writes)
        ]
        places = append(recorder, *given)
        for each, place in zip(given, places, strict=True):
            [(kind, name)] = each.names
            assert recorder.stream_named(kind, name) == each.stream
            stored = recorder.command(each.command_id)
            assert stored is not None
            assert (stored.first_position, stored.last_position) == place
            assert (stored.stream, bytes(stored.content_hash)) == (each.stream, CONTENT)
    assert_whole(recorder)


def test_json_that_looks_like_a_type_of_the_library_is_just_json(recorder: BookRecorder) -> None:
    """eventsourcing's own transcoder raises on reading such an event, for ever after."""
    poison = {"_type_": "nowhere:Nothing", "_data_": {"_type_": "uuid_hex", "_data_": "no uuid"}}
    transcoder = JsonTranscoder()
    encoded = transcoder.encode(poison)
    append(recorder, write(encoded))
    [entry] = recorder.read_log(0, 10)
    assert transcoder.decode(entry.payload.encode()) == poison == json.loads(entry.payload)
    [notification] = recorder.select_notifications(1, 10)
    assert notification.state == encoded


@pytest.mark.usefixtures("way")
def test_a_payload_that_no_text_can_hold_is_refused(recorder: BookRecorder) -> None:
    for payload in (b"\xff\xfe", b"nul \x00 byte"):
        for rows in (1, COPY_FROM_ROWS):
            with pytest.raises(Exception, match=r"utf-8|NUL|0x00"):
                append(recorder, write(*[payload] * rows))
    assert recorder.head().position == 0
    append(recorder, write(b"{}"))
    assert_whole(recorder)


# ---------------------------------------------------------------- labels and names


@pytest.mark.parametrize("field", ["actor", "channel", "type"])
@pytest.mark.parametrize(
    "label",
    ["", "two words", "line\nfeed", "tab\t", "kåre", "back\\slash", "x" * 201, "nul\x00", "\x7f",
     "agent:1\n", "é", "\u00a0"],
)  # fmt: skip
def test_what_is_no_label(recorder: BookRecorder, field: str, label: str) -> None:
    good = write(b"{}")
    bad = write(
        b"{}",
        actor=label if field == "actor" else "a",
        channel=label if field == "channel" else "c",
        type=label if field == "type" else "t",
    )
    with recorder.append() as appending:
        with pytest.raises(ValueError, match="label"):
            appending.add(bad)
        assert appending.add(good) == (1, 1)
    assert [entry.stream for entry in assert_whole(recorder)] == [str(good.stream)]


@pytest.mark.usefixtures("way")
def test_labels_may_hold_all_other_printable_ascii(recorder: BookRecorder) -> None:
    label = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) != "\\")
    for rows in (1, COPY_FROM_ROWS):
        append(recorder, write(*[b"{}"] * rows, actor=label, channel=label, type=label))
    assert {(e.actor, e.channel, e.type) for e in assert_whole(recorder)} == {(label,) * 3}


@pytest.mark.parametrize("name", ["", "nul\x00byte", "half \ud83e pair", "x" * 3000, "🧾" * 1000])
def test_what_is_no_name(recorder: BookRecorder, name: str) -> None:
    """A name that no index can hold must not fail whoever shares its transaction."""
    good = write(b"{}", names=[("case", "1")])
    with recorder.append() as appending:
        with pytest.raises(ValueError, match="name"):
            appending.add(write(b"{}", names=[("case", name)]))
        appending.add(good)
    assert_whole(recorder)
    assert recorder.stream_named("case", "1") == good.stream


def test_a_command_without_events_is_refused(recorder: BookRecorder) -> None:
    with recorder.append() as appending:
        with pytest.raises(ValueError, match="no events"):
            appending.add(write())
        assert appending.add(write(b"{}")) == (1, 1)
    assert_whole(recorder)


@pytest.mark.parametrize("column", ["actor", "channel", "type"])
def test_the_table_itself_refuses_a_line_feed(owner_engine: Engine, column: str) -> None:
    """What the proof depends on holds even against those who write past the program."""
    values = {"actor": "'a'", "channel": "'c'", "type": "'t'"} | {column: "E'a\\nb'"}
    with owner_engine.connect() as connection, pytest.raises(Exception, match="events_one_line"):
        connection.execute(
            text(
                "INSERT INTO ledger.events (book, position, stream, version, type, recorded_at,"
                " actor, channel, command_id, payload) VALUES ('b', 1, gen_random_uuid(), 1,"
                f" {values['type']}, now(), {values['actor']}, {values['channel']},"
                " gen_random_uuid(), '{}')"
            )
        )


# ---------------------------------------------------------------- whole or not at all


def test_what_fails_at_the_end_leaves_nothing(recorder: BookRecorder) -> None:
    stream = uuid4()
    append(recorder, write(b"{}", stream=stream))
    before = recorder.head()
    with pytest.raises(IntegrityError):
        append(recorder, write(b"{}"), write(b"{}", stream=stream), write(b"{}"))
    assert recorder.head() == before
    assert len(assert_whole(recorder)) == 1


def test_an_error_of_the_caller_leaves_nothing(recorder: BookRecorder) -> None:
    with pytest.raises(ZeroDivisionError), recorder.append() as appending:
        appending.add(write(b"{}"))
        raise ZeroDivisionError
    assert recorder.head().position == 0
    append(recorder, write(b"{}"))
    assert_whole(recorder)


def test_what_is_discarded_leaves_nothing(recorder: BookRecorder) -> None:
    with recorder.append() as appending:
        assert appending.add(write(b"{}", b"{}")) == (1, 2)
        appending.discard()
        assert appending.add(write(b"{}")) == (1, 1)
    assert len(assert_whole(recorder)) == 1


def test_a_name_or_a_command_can_be_recorded_once(recorder: BookRecorder) -> None:
    """The tables' own keys hold what the application checks first."""
    first = write(b"{}", names=[("case", "1")])
    append(recorder, first)
    with pytest.raises(IntegrityError):
        append(recorder, write(b"{}", names=[("case", "1")]))
    with pytest.raises(IntegrityError):
        append(recorder, write(b"{}", command_id=first.command_id))
    append(recorder, write(b"{}", names=[("kid", "1")]))
    assert len(assert_whole(recorder)) == 2


def test_the_library_conflict_is_an_integrity_error(recorder: BookRecorder) -> None:
    event = StoredEvent(uuid4(), 1, "noted.v1", b"{}")
    assert recorder.insert_events([event]) == [1]
    with pytest.raises(IntegrityError):
        recorder.insert_events([event])
    assert recorder.insert_events([]) is None


# ---------------------------------------------------------------- order


def test_time_never_runs_back_even_if_the_clock_does(
    recorder: BookRecorder, owner_engine: Engine
) -> None:
    """A clock that was ahead once leaves a head in the future; what follows gets its time."""
    append(recorder, write(b"{}"))
    ahead = datetime.now(UTC).replace(microsecond=123_457) + timedelta(hours=1)
    with owner_engine.begin() as connection:
        connection.execute(text("ALTER TABLE ledger.book_head DISABLE TRIGGER only_forward"))
        connection.execute(
            text("UPDATE ledger.book_head SET recorded_at = :ahead"), {"ahead": ahead}
        )
        connection.execute(text("ALTER TABLE ledger.book_head ENABLE ALWAYS TRIGGER only_forward"))
    append(recorder, write(b"{}"))
    append(recorder, write(b"{}"))
    times = [entry.recorded_at for entry in assert_whole(recorder)]
    assert times[0] < ahead
    assert times[1:] == [ahead, ahead]


def test_one_transaction_has_one_time_taken_when_the_head_was_free(
    recorder: BookRecorder, owner_engine: Engine
) -> None:
    """Not the time at which the transaction began to wait for it."""
    with ThreadPoolExecutor(1) as other:
        with recorder.append() as appending:
            appending.add(write(b"{}", b"{}"))
            waiting = other.submit(append, recorder, write(b"{}"))
            eventually(lambda: waiting_for_locks(owner_engine))
            with owner_engine.connect() as connection:
                released = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        waiting.result()
    first, second, third = (entry.recorded_at for entry in assert_whole(recorder))
    assert first == second < released < third


def test_positions_have_no_gaps_whoever_writes(recorder: BookRecorder, database_url: str) -> None:
    """Two processes of eight threads on one book, some of whose transactions fail."""
    with ProcessPoolExecutor(2, mp_context=CONTEXT) as processes:
        written = [processes.submit(_write_much, database_url, number) for number in range(2)]
        seen = [place for each in written for place in each.result()]
    entries = assert_whole(recorder)
    assert sum(last - first + 1 for first, last in seen) == len(entries)
    assert sorted(position for first, last in seen for position in range(first, last + 1)) == list(
        range(1, len(entries) + 1)
    )
    of_command: dict[str, list[int]] = {}
    for entry in entries:
        of_command.setdefault(entry.command_id, []).append(entry.position)
    for positions in of_command.values():
        assert positions == list(range(positions[0], positions[-1] + 1))


def _write_much(url: str, process: int) -> list[tuple[int, int]]:
    engine = connect(url)
    recorder = BookRecorder(engine, "book")
    taken = uuid4()

    def work(thread: int) -> list[tuple[int, int]]:
        places = []
        for number in range(25):
            payloads = [b"%d %d %d" % (process, thread, number)] * (1 + (number * thread) % 50)
            places += append(recorder, write(*payloads), write(b"{}"))
            with suppress(IntegrityError):  # all threads but the first fail here
                places += append(recorder, write(b"{}"), write(b"{}", stream=taken))
        return places

    with ThreadPoolExecutor(8) as threads:
        found = [place for places in threads.map(work, range(8)) for place in places]
    engine.dispose()
    return found


def test_a_reader_never_sees_a_gap(recorder: BookRecorder) -> None:
    """While four threads write, whoever follows by position sees 1, 2, 3, …"""
    with ThreadPoolExecutor(4) as threads:
        writing = [
            threads.submit(lambda: [append(recorder, write(b"{}", b"{}")) for _ in range(50)])
            for _ in range(4)
        ]
        position = 0
        while position < 400:
            ended = all(each.done() for each in writing)
            for entry in recorder.read_log(position, 1000):
                assert entry.position == position + 1
                position = entry.position
            head = recorder.head()
            assert len(recorder.read_log(0, 1000)) >= head.position
            assert position == 400 or not ended
    assert_whole(recorder)
