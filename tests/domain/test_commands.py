"""What can be asked: every command has a decision, and what it takes is checked when it is read."""

from datetime import UTC, date, datetime
from typing import Any, get_args

import msgspec
import pytest

from ledger.domain.clinic import CLINIC_COMMANDS
from ledger.domain.commands import (
    AnyCommand,
    AnyPastEvent,
    Command,
    ImportHistory,
    MatchReceipt,
    OpenCase,
    PastEvent,
    RecordTerminalAttempt,
    RegisterCharge,
    RegisterReceipt,
    Remit,
    ReturnReceipt,
)
from ledger.domain.decisions import COMMANDS, names_claimed
from ledger.domain.money import MAX_AMOUNT
from tests.scenarios.asked import (
    issue_invoice,
    open_case,
    pay,
    register_charge,
)
from tests.scenarios.facts import line
from tests.scenarios.refusals import OF_THE_DOMAIN, past

COMMAND: msgspec.json.Decoder[Command] = msgspec.json.Decoder(AnyCommand)

CHARGE: dict[str, Any] = {
    "type": "RegisterCharge",
    "on": "2026-05-04",
    "charge": "lab",
    "category": "lab",
    "amount": 183_00,
    "at": "2026-05-04T10:50:00+02:00",
}


def read(data: dict[str, Any]) -> Command:
    return COMMAND.decode(msgspec.json.encode(data))


def test_there_is_a_decision_for_every_command() -> None:
    of_other_streams = {*CLINIC_COMMANDS, RegisterReceipt, MatchReceipt, ReturnReceipt, Remit}
    assert set(get_args(AnyCommand)) == set(Command.__subclasses__())
    assert set(COMMANDS) == set(get_args(AnyCommand)) - of_other_streams


def test_every_kind_of_past_event_can_be_imported() -> None:
    def all_kinds(kind: type[PastEvent]) -> set[type[PastEvent]]:
        return {kind}.union(*(all_kinds(sub) for sub in kind.__subclasses__()))

    assert set(get_args(AnyPastEvent)) == all_kinds(PastEvent) - {PastEvent}


@pytest.mark.parametrize("code", OF_THE_DOMAIN)
def test_a_command_is_read_as_it_was_written(code: Any) -> None:
    command = OF_THE_DOMAIN[code].asked
    assert COMMAND.decode(msgspec.json.encode(command)) == command


def test_what_a_command_leaves_to_its_default_is_not_written() -> None:
    """So that its hash stays what it was when a later version adds a field."""
    command = OpenCase(on=date(2026, 3, 2), reference="2026-1", creditor="clinic-10001")
    assert msgspec.json.decode(msgspec.json.encode(command)) == {
        "type": "OpenCase",
        "on": "2026-03-02",
        "reference": "2026-1",
        "creditor": "clinic-10001",
    }


def test_a_sound_command_is_read() -> None:
    assert read(CHARGE) == RegisterCharge(
        on=date(2026, 5, 4),
        charge="lab",
        category="lab",
        amount=183_00,
        at=datetime(2026, 5, 4, 8, 50, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "Delete"},
        {"on": "2026-02-30"},
        {"on": None},
        {"charge": ""},
        {"charge": "x" * 101},
        {"charge": "a\nb"},
        {"charge": "a\x00"},
        {"charge": "\x7f"},
        {"charge": 1},
        {"category": "surgery"},
        {"amount": -1},
        {"amount": MAX_AMOUNT + 1},
        {"amount": 183.5},
        {"amount": "183"},
        {"at": "2026-05-04T10:50:00"},
        {"at": "2026-05-04"},
        {"more": True},
    ],
    ids=str,
)
def test_an_unsound_command_is_not_read(wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        read(CHARGE | wrong)


def test_times_without_a_zone_can_not_be_compared_and_are_not_read() -> None:
    with pytest.raises(msgspec.ValidationError, match="timezone"):
        msgspec.convert(
            {
                "type": "RecordTerminalAttempt",
                "on": "2026-05-04",
                "payment": "T1",
                "amount": 0,
                "result": "approved",
                "at": "2026-05-04T10:31:00",
            },
            RecordTerminalAttempt,
        )


def test_a_case_number_and_a_kid_belong_to_one_case_of_a_book() -> None:
    lab = line("lab", 183_00)
    assert names_claimed(open_case()) == [("case", "2026-1")]
    assert names_claimed(past()) == [("case", "F-17")]
    assert isinstance(past(), ImportHistory)
    assert names_claimed(
        issue_invoice("K1", lab, on="2026-03-02", due="2026-03-16", kid="0010017")
    ) == [("kid", "0010017")]
    assert names_claimed(issue_invoice("K1", lab, on="2026-03-02", due="2026-03-16")) == []
    assert names_claimed(pay(413_00, on="2026-03-13")) == []
    assert names_claimed(register_charge("lab", 183_00, at="2026-05-04 10:50")) == []
