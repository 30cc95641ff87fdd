"""The leaf's exact bytes: what an auditor's own program must make of an entry, for ever."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from ledger.application.ledger import Ledger
from ledger.log.leaf import envelope, microseconds
from ledger.log.merkle import Frontier, leaf_hash
from tests.orders import fill

STREAM = UUID("0198C5D8-0F3A-7000-8000-00000000ABCD")
COMMAND = UUID("0198c5d8-0f3a-7000-8000-0000000000ff")
PAYLOAD = '{"value_date":"2026-03-02","text":"blåbær\\n\\u0000"}'.encode()

# Hashes by `printf | sha256sum`, not by this program.
GOLDEN = (
    b"caseledger/1\n"
    b"clinic-7\n"
    b"42\n"
    b"0198c5d8-0f3a-7000-8000-00000000abcd\n"
    b"3\n"
    b"payment_received.v1\n"
    b"1772445600000001\n"
    b"agent:kari\n"
    b"api\n"
    b"0198c5d8-0f3a-7000-8000-0000000000ff\n"
    b"a33a8fe3ca0909bc3cdadf0b9f2c16c93c6d72762f09e76b5e15fb23d3f9a42a"
)
GOLDEN_LEAF_HASH = "c8308ee23126b42d0933260b950a1d18ac1dd3939b48f08a010869aee36ebe20"


def golden(recorded_at: datetime) -> bytes:
    return envelope(
        "clinic-7",
        42,
        STREAM,
        3,
        "payment_received.v1",
        microseconds(recorded_at),
        "agent:kari",
        "api",
        COMMAND,
        PAYLOAD,
    )


def test_the_bytes_of_a_leaf() -> None:
    leaf = golden(datetime(2026, 3, 2, 10, 0, 0, 1, tzinfo=UTC))
    assert leaf == GOLDEN
    assert leaf_hash(leaf).hex() == GOLDEN_LEAF_HASH


def test_a_time_is_the_same_in_every_zone() -> None:
    oslo = timezone(timedelta(hours=1))
    assert golden(datetime(2026, 3, 2, 11, 0, 0, 1, tzinfo=oslo)) == GOLDEN


def test_microseconds_are_whole_and_exact() -> None:
    """Floating point would be wrong here by a microsecond or two."""
    assert microseconds(datetime(1970, 1, 1, tzinfo=UTC)) == 0
    assert microseconds(datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == (
        253_402_300_799_999_999
    )
    assert microseconds(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1


@pytest.mark.database
def test_the_root_can_be_had_from_the_rows_by_sql_alone(ledger: Ledger, engine: Engine) -> None:
    """The leaf is made of the columns as PostgreSQL shows them, so that none can be forgotten."""
    fill(ledger, 20)
    leaves = text(
        "SELECT convert_to(concat_ws(E'\\n', 'caseledger/1', book, position, stream, version, type,"
        " (extract(epoch FROM recorded_at) * 1000000)::bigint, actor, channel, command_id,"
        " encode(sha256(convert_to(payload, 'UTF8')), 'hex')), 'UTF8')"
        " FROM ledger.events ORDER BY position"
    )
    frontier = Frontier()
    with engine.connect() as connection:
        for (leaf,) in connection.execute(leaves):
            frontier.append(leaf_hash(bytes(leaf)))
    head = ledger.recorder.head()
    assert frontier.size == head.position > 100
    assert frontier.root() == head.root
    assert frontier.to_bytes() == head.frontier
