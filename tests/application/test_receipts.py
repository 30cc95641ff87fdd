"""Bank receipts: recorded with the case that they pay, in both streams or in neither."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from ledger.application.ledger import Ledger
from ledger.domain.commands import (
    Credit,
    ReceivePayment,
    ReturnReceipt,
    ReversePayment,
)
from ledger.domain.events import Part, ReceiptQueued
from ledger.domain.receipt import Receipt
from tests.application.streams import BOOKED, arriving, claimed, kid_of, kinds, matching
from tests.orders import TODAY, give, order, receipt, refusal

pytestmark = pytest.mark.database


def known(ledger: Ledger, stream: UUID) -> Receipt:
    stored = ledger.recorder.read_stream(stream)
    return Receipt.fold(stream, map(ledger.mapper.recorded, stored))


def test_a_receipt_with_a_kid_pays_its_case_in_one_command(ledger: Ledger) -> None:
    case, stream = claimed(ledger, 1), uuid4()
    before = ledger.recorder.head().position
    done = receipt(ledger.execute(order(arriving("R1", 413_00, kid_of(1)), stream)))
    assert kinds(ledger, stream) == ["receipt_registered", "receipt_matched"]
    assert kinds(ledger, case)[2:] == ["payment_received", "case_closed"]
    assert (done.first_position, done.last_position) == (before + 1, before + 4)
    assert known(ledger, stream).case == case
    assert ledger.case(case).payments["R1"].receipt == "R1"


@pytest.mark.parametrize(
    ("kid", "reason"),
    [(None, "no_kid"), ("000000013", "invalid_kid"), (kid_of(77), "unknown_kid")],
)
def test_a_receipt_that_names_no_case_waits(ledger: Ledger, kid: str | None, reason: str) -> None:
    claimed(ledger, 1)
    stream = uuid4()
    give(ledger, stream, arriving("R1", 413_00, kid))
    found = known(ledger, stream)
    assert (found.state, found.queued_for) == ("queued", reason)


def test_a_receipt_for_a_case_that_is_paid_or_credited_waits(ledger: Ledger) -> None:
    claimed(ledger, 1)
    give(ledger, uuid4(), arriving("R1", 413_00, kid_of(1)))
    credited = claimed(ledger, 2)
    owed = (Part("principal", 413_00, "case-2-1", 1),)
    credit = Credit(on=BOOKED, credit_note="C1", reason="goodwill", parts=owed)
    give(ledger, credited, credit)
    assert ledger.case(credited).state == "closed"
    for name, number in (("R2", 1), ("R3", 2)):
        stream = uuid4()
        give(ledger, stream, arriving(name, 413_00, kid_of(number)))
        found = known(ledger, stream)
        assert (found.state, found.queued_for) == ("queued", "case_closed")


def test_a_waiting_receipt_is_matched_once(ledger: Ledger) -> None:
    case, other, stream = claimed(ledger, 1), claimed(ledger, 2), uuid4()
    give(ledger, stream, arriving("R1", 100_00), matching(case))
    assert ledger.case(case).outstanding == 313_00
    said = refusal(ledger.execute(order(matching(other), stream)))
    assert (said.code, said.facts) == ("already_matched", {"name": "R1"})
    assert ledger.case(other).outstanding == 413_00
    said = refusal(ledger.execute(order(ReturnReceipt(on=BOOKED), stream)))
    assert said.code == "already_matched"


def test_matched_to_a_case_that_is_not_there(ledger: Ledger) -> None:
    stream, head = uuid4(), None
    give(ledger, stream, arriving("R1", 100_00))
    head = ledger.recorder.head().position
    assert refusal(ledger.execute(order(matching(uuid4()), stream))).code == "unknown_reference"
    assert ledger.recorder.head().position == head


def test_the_case_refuses_and_neither_stream_changes(ledger: Ledger) -> None:
    case, stream = claimed(ledger, 1), uuid4()
    give(ledger, stream, arriving("R1", 100_00))
    give(ledger, case, ReceivePayment(on=BOOKED, payment="R1", amount=5_00))
    before = ledger.recorder.head().position
    assert refusal(ledger.execute(order(matching(case), stream))).code == "duplicate_receipt"
    assert ledger.recorder.head().position == before
    assert known(ledger, stream).state == "queued"


def test_one_line_of_the_bank_counts_once_also_within_a_batch(ledger: Ledger) -> None:
    case = claimed(ledger, 1)
    first, second, renamed = ledger.execute_many(
        [
            order(arriving("R1", 100_00, kid_of(1), line="bank/7")),
            order(arriving("R2", 100_00, kid_of(1), line="bank/7")),
            order(arriving("R1", 100_00, kid_of(1), line="bank/8")),
        ]
    )
    receipt(first)
    assert refusal(second).code == "duplicate_source_line"
    assert refusal(renamed).code == "name_taken"
    assert ledger.case(case).outstanding == 313_00
    again = ledger.execute(order(arriving("R3", 100_00, kid_of(1), line="bank/7")))
    assert refusal(again).code == "duplicate_source_line"


def test_two_receipts_of_one_case_in_one_batch_see_each_other(ledger: Ledger) -> None:
    case = claimed(ledger, 1)
    streams = [uuid4(), uuid4(), uuid4()]
    for number, stream in enumerate(streams):
        assert stream not in streams[:number]
    outcomes = ledger.execute_many(
        [
            order(arriving(f"R{number}", 206_50, kid_of(1)), stream)
            for number, stream in enumerate(streams)
        ]
    )
    for outcome in outcomes:
        receipt(outcome)
    assert [known(ledger, stream).state for stream in streams] == ["matched", "matched", "queued"]
    assert known(ledger, streams[2]).queued_for == "case_closed"
    assert ledger.case(case).outstanding == ledger.case(case).overpaid == 0


def test_idempotency_and_expected_versions(ledger: Ledger) -> None:
    claimed(ledger, 1)
    stream = uuid4()
    asked = order(arriving("R1", 100_00, kid_of(1)), stream, expected_version=0)
    first = receipt(ledger.execute(asked))
    again = receipt(ledger.execute(asked))
    assert again.repeated
    assert (again.first_position, again.last_position) == (
        first.first_position,
        first.last_position,
    )
    stale = ledger.execute(order(ReturnReceipt(on=BOOKED), stream, expected_version=1))
    assert refusal(stale).facts == {"expected": 1, "actual": 2}


@pytest.mark.parametrize("reason", ["wrong_case", "recorded_in_error"])
def test_a_payment_taken_off_the_wrong_case_puts_its_receipt_back(
    ledger: Ledger, reason: str
) -> None:
    wrong, right, stream = claimed(ledger, 1), claimed(ledger, 2), uuid4()
    give(ledger, stream, arriving("R1", 413_00, kid_of(1)))
    reverse = ReversePayment(on=date(2026, 3, 20), payment="R1", reason=reason)  # type: ignore[arg-type]
    before = ledger.recorder.head().position
    done = receipt(ledger.execute(order(reverse, wrong)))
    written = ledger.recorder.read_log(before, 100)
    assert done.last_position == before + len(written)
    assert {entry.command_id for entry in written} == {str(done.command_id)}
    assert kinds(ledger, stream)[-1] == "receipt_unmatched"
    found = known(ledger, stream)
    assert (found.state, found.queued_for, found.since) == (
        "queued",
        "unmatched",
        date(2026, 3, 20),
    )
    give(ledger, stream, matching(right, date(2026, 3, 20)))
    assert (ledger.case(wrong).outstanding, ledger.case(right).outstanding) == (413_00, 0)
    assert known(ledger, stream).case == right


def test_a_receipt_may_come_back_to_the_case_it_was_taken_off(ledger: Ledger) -> None:
    case, stream = claimed(ledger, 1), uuid4()
    give(ledger, stream, arriving("R1", 413_00, kid_of(1)))
    give(ledger, case, ReversePayment(on=BOOKED, payment="R1", reason="wrong_case"))
    give(ledger, stream, matching(case))
    assert ledger.case(case).outstanding == 0
    assert known(ledger, stream).state == "matched"


def test_matched_and_taken_off_within_one_batch(ledger: Ledger) -> None:
    case, stream = claimed(ledger, 1), uuid4()
    outcomes = ledger.execute_many(
        [
            order(arriving("R1", 413_00, kid_of(1)), stream),
            order(ReversePayment(on=BOOKED, payment="R1", reason="wrong_case"), case),
            order(ReturnReceipt(on=BOOKED), stream),
        ]
    )
    for outcome in outcomes:
        receipt(outcome)
    assert known(ledger, stream).state == "returned"
    assert kinds(ledger, stream) == [
        "receipt_registered",
        "receipt_matched",
        "receipt_unmatched",
        "receipt_returned",
    ]


def test_what_the_bank_took_back_leaves_no_receipt_waiting(ledger: Ledger) -> None:
    case, stream = claimed(ledger, 1), uuid4()
    give(ledger, stream, arriving("R1", 413_00, kid_of(1)))
    give(ledger, case, ReversePayment(on=BOOKED, payment="R1", reason="returned_by_bank"))
    assert known(ledger, stream).state == "matched"
    assert ledger.case(case).outstanding == 413_00


def test_a_payment_that_names_a_receipt_takes_it(ledger: Ledger) -> None:
    """Whoever records a payment by its receipt directly can't use it twice, or one not there."""
    case, stream = claimed(ledger, 1), uuid4()

    def paying(name: str, amount: int) -> ReceivePayment:
        return ReceivePayment(on=BOOKED, payment=name, amount=amount, receipt="R1")

    assert refusal(ledger.execute(order(paying("P1", 100_00), case))).code == "unknown_reference"
    give(ledger, stream, arriving("R1", 100_00))
    assert refusal(ledger.execute(order(paying("P1", 200_00), case))).code == "more_than_owed"
    give(ledger, case, paying("P1", 100_00))
    assert known(ledger, stream).case == case
    assert refusal(ledger.execute(order(paying("P2", 100_00), case))).code == "already_matched"


def test_dates_that_can_not_be(ledger: Ledger) -> None:
    case, stream = claimed(ledger, 1), uuid4()
    late = arriving("R1", 100_00, booked=date(2026, 7, 1))
    assert refusal(ledger.execute(order(late))).code == "date_out_of_range"
    give(ledger, stream, arriving("R1", 100_00))
    for on in (date(2026, 3, 11), date(2026, 7, 1)):
        said = refusal(ledger.execute(order(matching(case, on), stream)))
        assert said.code == "date_out_of_range"
        assert refusal(ledger.execute(order(ReturnReceipt(on=on), stream))).code == said.code
    assert ledger.today() == TODAY
    events = [ledger.mapper.recorded(e).event for e in ledger.recorder.read_stream(stream)]
    assert isinstance(events[-1], ReceiptQueued)
