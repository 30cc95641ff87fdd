"""What a case was refused is recorded, once for each time it was asked, and for good reasons."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from ledger.application import batch
from ledger.application.batch import refusals_of
from ledger.application.ledger import Ledger
from ledger.domain.commands import OpenCase
from ledger.domain.events import CommandRefused
from tests.application.streams import kid_of
from tests.orders import (
    OPENED,
    give,
    invoice,
    invoiced_case,
    opening,
    order,
    payment,
    receipt,
    refusal,
)

pytestmark = pytest.mark.database


def recorded(ledger: Ledger, case: UUID) -> list[CommandRefused]:
    stored = ledger.recorder.read_stream(refusals_of(case))
    found = [ledger.mapper.recorded(entry) for entry in stored]
    assert [entry.version for entry in found] == list(range(1, len(found) + 1))
    events = [entry.event for entry in found if isinstance(entry.event, CommandRefused)]
    assert len(events) == len(found)
    return events


def test_a_refusal_stands_beside_the_case(ledger: Ledger) -> None:
    case = invoiced_case(ledger, "1")
    asked = order(payment("P1", 0), case, actor="agent:9", channel="phone")
    said = refusal(ledger.execute(asked))
    (event,) = recorded(ledger, case)
    assert event == CommandRefused(
        value_date=asked.command.on,
        case=str(case),
        command="ReceivePayment",
        code=said.code,
        facts=said.facts,
        earliest=said.earliest,
        source=said.source,
    )
    (entry,) = ledger.recorder.read_stream(refusals_of(case))
    assert (entry.actor, entry.channel) == ("agent:9", "phone")
    assert entry.command_id == str(asked.command_id)
    assert ledger.case(case).version == 2


def test_asked_again_it_is_refused_again(ledger: Ledger) -> None:
    case = invoiced_case(ledger, "1")
    for count in range(1, 4):
        ledger.execute_many([order(payment("P1", 0), case), order(payment("P1", 0), case)])
        assert len(recorded(ledger, case)) == 2 * count


def test_the_same_order_sent_again_is_one_attempt(ledger: Ledger) -> None:
    case = invoiced_case(ledger, "1")
    asked = order(payment("P1", 0), case)
    ledger.execute_many([asked, asked])
    assert refusal(ledger.execute(asked)).code == "amount_missing"
    assert len(recorded(ledger, case)) == 1


def test_a_refused_order_may_be_given_again_when_it_can_be_carried_out(ledger: Ledger) -> None:
    case = invoiced_case(ledger, "1")
    give(ledger, case, invoice("I-2"))
    asked = order(invoice("I-2"), case)
    assert refusal(ledger.execute(asked)).code == "duplicate_invoice"
    other = order(invoice("I-3"), case, command_id=asked.command_id)
    assert not receipt(ledger.execute(other)).repeated


def test_what_is_no_judgement_of_the_case_is_not_recorded(ledger: Ledger) -> None:
    first, second = invoiced_case(ledger, "1"), invoiced_case(ledger, "2")
    give(ledger, first, invoice("I-2", kid=kid_of(1)))
    head = ledger.recorder.head()
    stale = order(payment("P1", 100), first, expected_version=1)
    assert refusal(ledger.execute(stale)).code == "version_conflict"
    taken = order(invoice("I-2", kid=kid_of(1)), second)
    assert refusal(ledger.execute(taken)).code == "name_taken"
    assert refusal(ledger.execute(order(payment("P1", 100)))).code == "case_not_open"
    (outcome,) = ledger.dry_run([order(payment("P1", 0), first)])
    assert refusal(outcome).code == "amount_missing"
    assert ledger.recorder.head() == head


def test_an_attempt_whose_commit_got_no_answer_is_recorded_once(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection breaks after the commit: the batch is tried again."""
    from eventsourcing.persistence import OperationalError

    case = invoiced_case(ledger, "1")
    carry_out, times = batch.Batch.carry_out, []

    def lost_once(self: batch.Batch, orders: Any) -> Any:
        outcomes = carry_out(self, orders)
        times.append(len(outcomes))
        if len(times) == 1:
            self._append.finish()
            self._append.connection.commit()
            raise OperationalError("server closed the connection unexpectedly")
        return outcomes

    monkeypatch.setattr(batch.Batch, "carry_out", lost_once)
    assert refusal(ledger.execute(order(payment("P1", 0), case))).code == "amount_missing"
    assert len(times) == 2
    assert len(recorded(ledger, case)) == 1


def test_a_second_case_of_the_same_two_is_refused(ledger: Ledger) -> None:
    def pair(reference: str) -> OpenCase:
        return OpenCase(on=OPENED, reference=reference, creditor="clinic-1", debtor="subject-7")

    first, second = ledger.execute_many([order(pair("1")), order(pair("2"))])
    receipt(first)
    assert refusal(second).code == "split_case"
    assert refusal(ledger.execute(order(pair("3")))).facts == {"reference": "1"}
    give(ledger, uuid4(), opening("4"))
    assert date(2026, 3, 2) == OPENED
