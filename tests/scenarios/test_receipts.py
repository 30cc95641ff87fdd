"""Bank receipts: matched by their KID, queued with a reason, returned; each counts once."""

from uuid import UUID

import pytest

from ledger.domain import receipt as r
from ledger.domain.case import Case
from ledger.domain.commands import MatchReceipt, RegisterReceipt, ReturnReceipt
from ledger.domain.events import PaymentReceived, ReceiptMatched, ReceiptQueued, ReceiptRegistered
from ledger.domain.receipt import OnBoth, Receipt
from ledger.domain.refusals import Code, Refusal
from ledger.domain.rules import Setting
from tests.scenarios.asked import pay
from tests.scenarios.facts import K1, day
from tests.scenarios.story import RULES, given

SETTING = Setting(rules=RULES, today=day("2026-12-31"), actor="system:import")
NAME = UUID("01890a5d-ac96-774b-bcce-b302099a8059")


def line(
    kid: str | None = "0010017", amount: int = 413_00, on: str = "2026-03-16"
) -> RegisterReceipt:
    """A line of the bank's file, booked two days after the order was given."""
    return RegisterReceipt(
        on=day(on),
        receipt="line-1",
        account="15030000000",
        amount=amount,
        booked_on=day(on),
        ordered_on=day("2026-03-14"),
        kid=kid,
        source_line="sha256-1",
    )


def k1() -> Case:
    """K1 as it was issued."""
    return given(*K1).case


def refused(answer: OnBoth | Refusal) -> Code:
    """The code of a refusal."""
    assert isinstance(answer, Refusal)
    return answer.code


def done(answer: OnBoth | Refusal) -> OnBoth:
    """What is recorded on both."""
    assert isinstance(answer, OnBoth), answer
    return answer


def registered(kid: str | None = None) -> Receipt:
    """A receipt that waits."""
    receipt = Receipt(NAME)
    for event in done(r.register_receipt(receipt, line(kid), None, SETTING)).receipt:
        receipt.apply(event)
    return receipt


def test_a_valid_kid_pays_its_invoice() -> None:
    answer = done(r.register_receipt(Receipt(NAME), line(), k1(), SETTING))
    assert [type(event) for event in answer.receipt] == [ReceiptRegistered, ReceiptMatched]
    paid, closed = answer.case
    assert isinstance(paid, PaymentReceived)
    assert (paid.payment, paid.receipt, paid.designation) == ("line-1", "line-1", "invoice")
    assert (paid.value_date, paid.ordered_on) == (day("2026-03-16"), day("2026-03-14"))
    assert closed.name == "case_closed"


@pytest.mark.parametrize(
    ("kid", "reason"),
    [(None, "no_kid"), ("0010018", "invalid_kid"), ("12345674", "unknown_kid")],
)
def test_without_a_case_it_waits_and_is_the_payers(kid: str | None, reason: str) -> None:
    answer = done(r.register_receipt(Receipt(NAME), line(kid), None, SETTING))
    queued = answer.receipt[-1]
    assert isinstance(queued, ReceiptQueued)
    assert queued.reason == reason
    assert answer.case == []


def test_the_kid_of_a_closed_case_waits_too() -> None:
    closed = given(*K1).when(pay(413_00, on="2026-03-13")).done().case
    answer = done(r.register_receipt(Receipt(NAME), line(), closed, SETTING))
    queued = answer.receipt[-1]
    assert isinstance(queued, ReceiptQueued)
    assert queued.reason == "case_closed"


def test_what_the_case_knows_already_may_be_the_same_payment() -> None:
    known = given(*K1).when(pay(100_00, on="2026-03-13", name="line-1")).done().case
    answer = done(r.register_receipt(Receipt(NAME), line(), known, SETTING))
    queued = answer.receipt[-1]
    assert isinstance(queued, ReceiptQueued)
    assert queued.reason == "possible_duplicate"
    assert answer.case == []


def test_a_line_counts_once() -> None:
    assert refused(r.register_receipt(registered(), line(), k1(), SETTING)) == "duplicate_reference"


def test_a_line_of_nothing_or_of_tomorrow_is_refused() -> None:
    empty = Receipt(NAME)
    assert refused(r.register_receipt(empty, line(amount=0), k1(), SETTING)) == "amount_missing"
    late = line(on="2027-01-01")
    assert refused(r.register_receipt(empty, late, k1(), SETTING)) == "date_out_of_range"


def test_somebody_finds_out_what_it_is_for() -> None:
    receipt = registered()
    command = MatchReceipt(on=day("2026-03-20"), case=k1().id, invoice="K1")
    answer = done(r.match_receipt(receipt, command, k1(), SETTING))
    assert [type(event) for event in answer.receipt] == [ReceiptMatched]
    receipt.apply(answer.receipt[0])
    assert (receipt.state, receipt.case) == ("matched", k1().id)
    assert refused(r.match_receipt(receipt, command, k1(), SETTING)) == "already_matched"
    back = ReturnReceipt(on=day("2026-03-21"))
    assert refused(r.return_receipt(receipt, back, None, SETTING)) == "already_matched"


def test_a_receipt_is_matched_with_a_case_that_there_is() -> None:
    command = MatchReceipt(on=day("2026-03-20"), case=k1().id)
    unknown = Receipt(NAME)
    assert refused(r.match_receipt(unknown, command, k1(), SETTING)) == "unknown_reference"
    nowhere = Case(NAME)
    assert refused(r.match_receipt(registered(), command, nowhere, SETTING)) == "unknown_reference"
    other = MatchReceipt(on=day("2026-03-20"), case=k1().id, invoice="K7")
    assert refused(r.match_receipt(registered(), other, k1(), SETTING)) == "unknown_invoice"


def test_what_is_for_nobody_goes_back_to_its_payer() -> None:
    receipt = registered()
    back = ReturnReceipt(on=day("2026-03-21"))
    assert refused(r.return_receipt(Receipt(NAME), back, None, SETTING)) == "unknown_reference"
    for event in done(r.return_receipt(receipt, back, None, SETTING)).receipt:
        receipt.apply(event)
    assert receipt.state == "returned"
    assert refused(r.return_receipt(receipt, back, None, SETTING)) == "already_matched"
