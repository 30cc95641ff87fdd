"""Bank receipts: matched by their KID, queued with a reason, returned; each counts once."""

from uuid import UUID

import msgspec
import pytest

from ledger.domain import receipt as r
from ledger.domain.case import Case
from ledger.domain.commands import MatchReceipt, RegisterReceipt, ReturnReceipt
from ledger.domain.events import (
    PaymentReceived,
    PaymentReversed,
    ReceiptMatched,
    ReceiptQueued,
    ReceiptRegistered,
    ReceiptReturned,
    ReceiptUnmatched,
)
from ledger.domain.receipt import OnBoth, Receipt
from ledger.domain.refusals import Code, Refusal
from ledger.domain.rules import Setting
from tests.scenarios.asked import pay, reverse
from tests.scenarios.facts import K1, day
from tests.scenarios.story import RULES, given, told

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
    """The code of a refusal, which has its words."""
    assert isinstance(answer, Refusal)
    told(answer)
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


def test_what_was_refused_on_its_case_waits_for_somebody() -> None:
    """The bank's line says that the order was given before any day that a book can have."""
    known = given(*K1).when(pay(100_00, on="2026-03-13")).done().case
    from_long_ago = RegisterReceipt(
        on=day("2026-03-16"),
        receipt="line-1",
        account="15030000000",
        amount=1,
        booked_on=day("2026-03-16"),
        ordered_on=day("1989-12-31"),
        kid="0010017",
        source_line="sha256-1",
    )
    answer = done(r.register_receipt(Receipt(NAME), from_long_ago, known, SETTING))
    queued = answer.receipt[-1]
    assert isinstance(queued, ReceiptQueued)
    assert (queued.reason, answer.case) == ("refused", [])


def test_a_receipt_tells_what_the_bank_told() -> None:
    answer = done(r.register_receipt(Receipt(NAME), line(), k1(), SETTING))
    assert answer.receipt == [
        ReceiptRegistered(
            value_date=day("2026-03-16"),
            receipt="line-1",
            account="15030000000",
            amount=413_00,
            booked_on=day("2026-03-16"),
            ordered_on=day("2026-03-14"),
            kid="0010017",
            source_line="sha256-1",
        ),
        ReceiptMatched(
            value_date=day("2026-03-16"),
            receipt="line-1",
            case=str(k1().id),
            reference="2026-1",
        ),
    ]


def test_money_is_booked_by_the_day_on_which_it_is_told_and_not_before_the_ledgers_first() -> None:
    unknown = Receipt(NAME)
    early = line(on="1989-12-31")
    refusal = r.register_receipt(unknown, early, None, SETTING)
    assert refusal == Refusal("date_out_of_range", {"date": "1989-12-31", "from": "1990-01-01"})
    done(r.register_receipt(unknown, line(None, on="1990-01-01"), None, SETTING))
    told_before = msgspec.structs.replace(line(), on=day("2026-03-15"))
    assert refused(r.register_receipt(unknown, told_before, None, SETTING)) == "date_out_of_range"
    done(r.register_receipt(unknown, line(None, on="2026-12-31"), None, SETTING))
    told_later = msgspec.structs.replace(line(), on=day("2026-03-18"))
    answer = done(r.register_receipt(unknown, told_later, k1(), SETTING))
    assert [event.value_date for event in answer.receipt] == [day("2026-03-16"), day("2026-03-18")]


@pytest.mark.parametrize(("on", "booked"), [("2026-03-16", True), ("2026-03-15", False)])
def test_it_is_matched_or_returned_from_the_day_on_which_it_was_booked(
    on: str, booked: bool
) -> None:
    match = MatchReceipt(on=day(on), case=k1().id)
    back = ReturnReceipt(on=day(on))
    answers = [
        r.match_receipt(registered(), match, k1(), SETTING),
        r.return_receipt(registered(), back, None, SETTING),
    ]
    out_of_range = Refusal("date_out_of_range", {"date": on, "from": "2026-03-16"})
    assert all(isinstance(a, OnBoth) if booked else a == out_of_range for a in answers)
    today = SETTING.today
    done(r.match_receipt(registered(), MatchReceipt(on=today, case=k1().id), k1(), SETTING))
    done(r.return_receipt(registered(), ReturnReceipt(on=today), None, SETTING))
    ahead = MatchReceipt(on=day("2027-01-01"), case=k1().id)
    assert refused(r.match_receipt(registered(), ahead, k1(), SETTING)) == "date_out_of_range"
    late = ReturnReceipt(on=day("2027-01-01"))
    assert refused(r.return_receipt(registered(), late, None, SETTING)) == "date_out_of_range"


def test_what_its_case_refuses_is_not_matched() -> None:
    known = given(*K1).when(pay(100_00, on="2026-03-13", name="line-1")).done().case
    command = MatchReceipt(on=day("2026-03-20"), case=known.id)
    assert refused(r.match_receipt(registered(), command, known, SETTING)) == "duplicate_receipt"


def test_a_payment_takes_the_receipt_that_it_names() -> None:
    """The receipt waits for its case, and is of the payment's amount: else nothing is paid."""
    paid = given(*K1).when(pay(413_00, on="2026-03-16", receipt="line-1")).done()
    payment = paid.last[0]
    assert isinstance(payment, PaymentReceived)
    matched = ReceiptMatched(
        value_date=day("2026-03-16"),
        receipt="line-1",
        case=str(paid.case.id),
        reference="2026-1",
    )
    receipt = registered()
    assert r.beside(payment, receipt, paid.case) == matched
    less = msgspec.structs.replace(payment, amount=412_99)
    assert r.beside(less, receipt, paid.case) == Refusal(
        "more_than_owed", {"amount": 412_99, "owed": 413_00}
    )
    receipt.apply(matched)
    assert r.beside(payment, receipt, paid.case) == Refusal("already_matched", {"name": "line-1"})
    nothing = Refusal("unknown_reference", {"kind": "receipt", "name": "line-1"})
    assert r.beside(payment, None, paid.case) == nothing
    assert r.beside(payment, Receipt(NAME), paid.case) == nothing


def test_a_payment_without_a_receipt_has_nothing_beside_it() -> None:
    paid = given(*K1).when(pay(413_00, on="2026-03-16")).done()
    assert [r.beside(event, registered(), paid.case) for event in paid.last] == [None, None]


def test_a_payment_that_is_taken_off_leaves_its_receipt_waiting_again() -> None:
    receipt = Receipt(NAME)
    first = done(r.register_receipt(receipt, line(), k1(), SETTING))
    for event in first.receipt:
        receipt.apply(event)
    story = given(*K1).happened(*first.case)
    story.when(reverse("line-1", on="2026-03-20", reason="wrong_case")).done()
    taken_off = next(event for event in story.last if isinstance(event, PaymentReversed))
    beside = r.beside(taken_off, receipt, story.case)
    assert beside == ReceiptUnmatched(
        value_date=day("2026-03-20"), receipt="line-1", case=str(story.case.id), amount=413_00
    )
    receipt.apply(beside)
    assert (receipt.state, receipt.case, receipt.queued_for) == ("queued", None, "unmatched")
    assert (receipt.since, receipt.taken_off, receipt.version) == (day("2026-03-20"), 1, 3)
    command = MatchReceipt(on=day("2026-03-21"), case=story.case.id)
    again = done(r.match_receipt(receipt, command, story.case, SETTING))
    paid = again.case[0]
    assert isinstance(paid, PaymentReceived)
    assert (paid.payment, paid.receipt, paid.designation) == ("line-1/2", "line-1", "invoice")


def test_a_receipt_is_the_fold_of_its_stream() -> None:
    receipt = registered("0010018")
    assert (receipt.id, receipt.version, receipt.state) == (NAME, 2, "queued")
    assert (receipt.queued_for, receipt.since) == ("invalid_kid", day("2026-03-16"))
    back = done(r.return_receipt(receipt, ReturnReceipt(on=day("2026-03-21")), None, SETTING))
    assert back == OnBoth(
        [ReceiptReturned(value_date=day("2026-03-21"), receipt="line-1", amount=413_00)], []
    )
    receipt.apply(back.receipt[0])
    assert (receipt.queued_for, receipt.since) == (None, day("2026-03-21"))


def test_what_is_for_nobody_goes_back_to_its_payer() -> None:
    receipt = registered()
    back = ReturnReceipt(on=day("2026-03-21"))
    assert refused(r.return_receipt(Receipt(NAME), back, None, SETTING)) == "unknown_reference"
    for event in done(r.return_receipt(receipt, back, None, SETTING)).receipt:
        receipt.apply(event)
    assert receipt.state == "returned"
    assert refused(r.return_receipt(receipt, back, None, SETTING)) == "already_matched"
