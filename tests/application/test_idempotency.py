"""A command is carried out once, however often and by however many it is sent."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from uuid import uuid4

import msgspec
import pytest

from ledger.application.ledger import Ledger
from ledger.application.orders import Receipt
from ledger.domain.refusals import Refusal
from tests.orders import (
    OPENED,
    charge,
    give,
    invoice,
    invoiced_case,
    opening,
    order,
    payment,
    receipt,
    refusal,
)

pytestmark = [pytest.mark.database]


def test_the_same_order_again_gets_the_same_receipt(ledger: Ledger) -> None:
    case = invoiced_case(ledger, "1")
    paying = order(payment("bank-1", 413_00), case)
    first = receipt(ledger.execute(paying))
    invoiced_case(ledger, "2")
    head = ledger.recorder.head()
    again = receipt(ledger.execute(paying))
    assert not first.repeated
    assert again == msgspec.structs.replace(first, repeated=True)
    assert (first.first_position, first.last_position) == (3, 4)
    assert ledger.recorder.head() == head
    assert [entry.position for entry in ledger.entries(again)] == [3, 4]


def test_again_much_later_and_by_another_program(ledger: Ledger) -> None:
    case = invoiced_case(ledger, "1")
    paying = order(payment("bank-1", 413_00), case)
    first = receipt(ledger.execute(paying))
    another = Ledger(ledger.engine, ledger.book, today=lambda: date(2031, 1, 1))
    assert receipt(another.execute(paying)).first_position == first.first_position
    assert ledger.recorder.head().position == 4


def test_the_same_id_with_another_content_is_refused(ledger: Ledger) -> None:
    case = invoiced_case(ledger, "1")
    first = order(payment("bank-1", 100_00), case)
    receipt(ledger.execute(first))
    head = ledger.recorder.head()
    for other in (
        order(payment("bank-1", 100_01), case, command_id=first.command_id),
        order(payment("bank-1", 100_00, date(2026, 3, 23)), case, command_id=first.command_id),
        order(payment("bank-2", 100_00), case, command_id=first.command_id),
        order(charge(100_00), case, command_id=first.command_id),
        order(payment("bank-1", 100_00), uuid4(), command_id=first.command_id),
    ):
        said = refusal(ledger.execute(other))
        assert said.code == "command_id_reused"
        assert said.facts == {"command_id": str(first.command_id)}
    assert ledger.recorder.head() == head


def test_who_sends_it_again_and_what_he_expects_does_not_matter(ledger: Ledger) -> None:
    """A retry after a time-out may come through another clerk, and after others have written."""
    case = invoiced_case(ledger, "1")
    first = order(payment("bank-1", 100_00), case, expected_version=2)
    done = receipt(ledger.execute(first))
    give(ledger, case, charge())
    again = order(
        payment("bank-1", 100_00),
        case,
        command_id=first.command_id,
        actor="agent:other",
        expected_version=2,
    )
    assert receipt(ledger.execute(again)).first_position == done.first_position


def test_a_refused_command_may_be_sent_again_and_is_judged_anew(ledger: Ledger) -> None:
    case = uuid4()
    paying = order(payment("bank-1", 413_00), case)
    assert refusal(ledger.execute(paying)).code == "case_not_open"
    give(ledger, case, opening("1"), invoice("I-1"))
    assert not receipt(ledger.execute(paying)).repeated


def test_the_same_order_twice_in_one_batch(ledger: Ledger) -> None:
    case = invoiced_case(ledger, "1")
    paying = order(payment("bank-1", 413_00), case)
    first, again = map(receipt, ledger.execute_many([paying, paying]))
    assert (first.repeated, again.repeated) == (False, True)
    assert again == msgspec.structs.replace(first, repeated=True)
    assert ledger.recorder.head().position == 4


def test_the_same_id_with_another_content_in_one_batch(ledger: Ledger) -> None:
    case = invoiced_case(ledger, "1")
    paying = order(payment("bank-1", 100_00), case)
    other = order(payment("bank-2", 100_00), case, command_id=paying.command_id)
    first, second = ledger.execute_many([paying, other])
    receipt(first)
    assert refusal(second).code == "command_id_reused"
    assert ledger.recorder.head().position == 3


def test_the_same_id_in_one_batch_after_a_refusal(ledger: Ledger) -> None:
    """A refused order has used nothing up, not even within its batch."""
    case = invoiced_case(ledger, "1")
    nothing = order(payment("bank-1", 0), case)
    paying = order(payment("bank-1", 100_00), case, command_id=nothing.command_id)
    first, second = ledger.execute_many([nothing, paying])
    assert refusal(first).code == "amount_missing"
    assert not receipt(second).repeated


def test_thirty_two_threads_with_the_same_order(ledger: Ledger) -> None:
    case = invoiced_case(ledger, "1")
    paying = order(payment("bank-1", 413_00), case)
    start = Barrier(32)

    def send(_: int) -> Receipt:
        start.wait()
        return receipt(ledger.execute(paying))

    with ThreadPoolExecutor(32) as threads:
        receipts = list(threads.map(send, range(32)))
    assert sum(not each.repeated for each in receipts) == 1
    assert {(each.first_position, each.last_position) for each in receipts} == {(3, 4)}
    assert ledger.recorder.head().position == 4
    assert ledger.case(case).outstanding == 0


def test_thirty_two_threads_with_the_same_id_and_other_contents(ledger: Ledger) -> None:
    case = invoiced_case(ledger, "1")
    id = uuid4()
    start = Barrier(32)

    def send(number: int) -> Refusal | int:
        start.wait()
        paid = payment(f"bank-{number}", 100 + number)
        outcome = ledger.execute(order(paid, case, command_id=id))
        return outcome if isinstance(outcome, Refusal) else outcome.first_position

    with ThreadPoolExecutor(32) as threads:
        outcomes = list(threads.map(send, range(32)))
    assert outcomes.count(3) == 1
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    assert [each.code for each in refused] == ["command_id_reused"] * 31
    assert ledger.recorder.head().position == 3


def test_ids_are_remembered_by_book(ledger: Ledger) -> None:
    other = Ledger(ledger.engine, "other", today=lambda: OPENED)
    other.recorder.create_book("NOK")
    opened = order(opening("1"))
    assert not receipt(ledger.execute(opened)).repeated
    assert not receipt(other.execute(opened)).repeated
