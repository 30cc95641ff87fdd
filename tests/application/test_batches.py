"""Many commands in one transaction: each judged for itself, in order, none harmed by another."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import StoredEvent
from sqlalchemy import text

from ledger.application import batch
from ledger.application.ledger import Ledger
from ledger.application.orders import Order, Receipt
from ledger.domain.case import Case
from ledger.domain.commands import ReceivePayment
from ledger.domain.decisions import Decision, decide
from ledger.domain.identifiers import make_kid
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Rules
from ledger.log.codec import UndecodableEvent
from tests.orders import (
    OPENED,
    TODAY,
    charge,
    fill,
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

KID = make_kid("00001234")


# ---------------------------------------------------------------- expected versions


def test_an_expected_version_that_is_still_right(ledger: Ledger) -> None:
    case = uuid4()
    assert isinstance(ledger.execute(order(opening("1"), case, expected_version=0)), Receipt)
    assert isinstance(ledger.execute(order(invoice("I-1"), case, expected_version=1)), Receipt)


@pytest.mark.parametrize("expected", [0, 1, 3, -1])
def test_an_expected_version_that_is_wrong(ledger: Ledger, expected: int) -> None:
    case = invoiced_case(ledger, "1")
    outcome = ledger.execute(order(charge(), case, expected_version=expected))
    said = refusal(outcome)
    assert said.code == "version_conflict"
    assert said.facts == {"expected": expected, "actual": 2}
    assert ledger.recorder.head().position == 2


def test_expected_versions_within_one_batch(ledger: Ledger) -> None:
    """Who comes second in a batch has not seen what the first did."""
    case = invoiced_case(ledger, "1")
    first, second, third = ledger.execute_many(
        [
            order(charge(), case, expected_version=2),
            order(charge(), case, expected_version=2),
            order(charge(), case, expected_version=3),
        ]
    )
    receipt(first)
    assert refusal(second).facts == {"expected": 2, "actual": 3}
    receipt(third)


# ---------------------------------------------------------------- names


def test_a_case_number_belongs_to_one_case(ledger: Ledger) -> None:
    case = invoiced_case(ledger, "1001")
    said = refusal(ledger.execute(order(opening("1001"))))
    assert said.code == "name_taken"
    assert said.facts == {"kind": "case", "name": "1001", "case": str(case)}
    assert ledger.find("1001") == case
    assert ledger.recorder.head().position == 2


def test_a_kid_belongs_to_one_case(ledger: Ledger) -> None:
    first, second = uuid4(), uuid4()
    give(ledger, first, opening("1"), invoice("I-1", kid=KID))
    give(ledger, second, opening("2"))
    said = refusal(ledger.execute(order(invoice("I-1", kid=KID), second)))
    assert (said.code, said.facts["kind"], said.facts["case"]) == ("name_taken", "kid", str(first))
    give(ledger, second, invoice("I-1", kid=make_kid("00001235")))


def test_a_name_is_taken_within_one_batch(ledger: Ledger) -> None:
    orders = [order(opening(number)) for number in ("1", "2", "1", "3", "2", "1")]
    outcomes = ledger.execute_many(orders)
    assert [isinstance(outcome, Receipt) for outcome in outcomes] == [1, 1, 0, 1, 0, 0]
    for outcome, owner in ((outcomes[2], 0), (outcomes[4], 1), (outcomes[5], 0)):
        assert refusal(outcome).facts["case"] == str(orders[owner].case)
    assert ledger.recorder.head().position == 3


def test_a_kid_is_taken_within_one_batch(ledger: Ledger) -> None:
    first, second = uuid4(), uuid4()
    outcomes = ledger.execute_many(
        [
            order(opening("1"), first),
            order(opening("2"), second),
            order(invoice("I-1", kid=KID), first),
            order(invoice("I-1", kid=KID), second),
        ]
    )
    assert [isinstance(outcome, Receipt) for outcome in outcomes] == [1, 1, 1, 0]
    assert refusal(outcomes[3]).code == "name_taken"


def test_a_name_that_a_refused_order_asked_for_stays_free(ledger: Ledger) -> None:
    case = invoiced_case(ledger, "1")
    outcomes = ledger.execute_many(
        [
            order(invoice("1-1", kid=KID), case),  # that invoice is there already
            order(invoice("1-2", kid=KID), case),
        ]
    )
    assert refusal(outcomes[0]).code == "duplicate_invoice"
    receipt(outcomes[1])


def test_names_of_two_kinds_are_two_names(ledger: Ledger) -> None:
    case, other = uuid4(), uuid4()
    give(ledger, case, opening(KID))
    give(ledger, other, opening("2"), invoice("I-1", kid=KID))
    assert ledger.find(KID) == case


# ---------------------------------------------------------------- harm to others


def test_orders_on_one_case_see_each_other(ledger: Ledger) -> None:
    case = uuid4()
    outcomes = ledger.execute_many(
        [
            order(payment("bank-0", 100), case),
            order(opening("1"), case),
            order(opening("2"), case),
            order(invoice("I-1"), case),
            order(payment("bank-1", 413_00), case),  # which also closes the case
            order(payment("bank-1", 413_00), case),
            order(charge(), case),
        ]
    )
    codes = [None if isinstance(o, Receipt) else refusal(o).code for o in outcomes]
    assert codes == ["case_not_open", None, "already_open", None, None, "duplicate_receipt",
                     "case_closed"]  # fmt: skip
    history = ledger.history(case)
    assert [entry.version for entry in history] == [1, 2, 3, 4]
    assert ledger.case(case).state == "closed"


def broken_decide(case: Case, command: Any, rules: Rules, today: date, **others: Any) -> Decision:
    """A decision with an error in it for one receipt, and one that forgets to say anything."""
    if isinstance(command, ReceivePayment) and command.payment == "raises":
        raise ZeroDivisionError("an error in a decision")
    if isinstance(command, ReceivePayment) and command.payment == "nothing":
        return []
    return decide(case, command, rules, today, **others)


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (payment("raises", 100), ZeroDivisionError),
        (payment("nothing", 100), ValueError),
        (payment("half \ud83e pair", 100), UnicodeEncodeError),
        (opening("nul\x00"), ValueError),
        (opening("half \ud83e pair"), UnicodeEncodeError),
        (opening("x" * 5000), ValueError),
        (opening(""), ValueError),
        (payment("bank-1", 10**40), (OverflowError, ValueError)),
    ],
)
def test_an_order_that_fails_harms_no_other(
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
    bad: Any,
    error: type[Exception] | tuple[type[Exception], ...],
) -> None:
    monkeypatch.setattr(batch, "decide", broken_decide)
    case = invoiced_case(ledger, "1")
    before, after = order(payment("bank-b", 100), case), order(payment("bank-a", 100), case)
    failing = order(bad, uuid4() if type(bad) is type(opening("")) else case)
    with pytest.raises(error):
        ledger.execute_many([before, failing, after])
    assert [each.event.name for each in ledger.history(case)][2:] == ["payment_received"] * 2
    for good in (before, after):
        assert receipt(ledger.execute(good)).repeated
    with pytest.raises(error):
        ledger.execute(failing)
    assert ledger.recorder.head().position == 4


@pytest.mark.parametrize("actor", ["", "two words", "line\nfeed", "kåre"])
def test_an_actor_that_no_leaf_can_hold_harms_no_other(ledger: Ledger, actor: str) -> None:
    case = invoiced_case(ledger, "1")
    good = order(payment("bank-1", 100), case)
    with pytest.raises(ValueError, match="label"):
        ledger.execute_many([order(payment("bank-0", 100), case, actor=actor), good])
    assert receipt(ledger.execute(good)).repeated
    assert ledger.recorder.head().position == 3


def test_a_kid_that_is_none_is_refused_and_harms_no_other(ledger: Ledger) -> None:
    case = invoiced_case(ledger, "1")
    bad, good = ledger.execute_many(
        [order(invoice("I-2", kid="nul\x00"), case), order(charge(), case)]
    )
    assert refusal(bad).code == "invalid_kid"
    receipt(good)


def test_a_case_that_cannot_be_read_harms_no_other(ledger: Ledger) -> None:
    """An entry of a newer program, say: orders on that case fail, and on that case only."""
    unreadable, sound = invoiced_case(ledger, "1"), invoiced_case(ledger, "2")
    ledger.recorder.insert_events([StoredEvent(unreadable, 3, "from_the_future.v9", b"{}")])
    bad, good = order(payment("b", 100), unreadable), order(payment("b", 100), sound)
    with pytest.raises(UndecodableEvent):
        ledger.execute_many([bad, good])
    assert receipt(ledger.execute(good)).repeated
    with pytest.raises(UndecodableEvent):
        ledger.execute(bad)
    assert len(ledger.recorder.read_stream(unreadable)) == 3


def test_many_good_and_bad_orders_in_one_batch(ledger: Ledger) -> None:
    cases = fill(ledger, 50)
    head = ledger.recorder.head().position
    orders: list[Order] = []
    for number, case in enumerate(cases):
        bad = payment("bank", 0) if number % 2 else payment("bank", 100)
        orders.append(order(bad, case))
    outcomes = ledger.execute_many(orders)
    assert [isinstance(outcome, Receipt) for outcome in outcomes] == [True, False] * 25
    positions = [o.first_position for o in outcomes if isinstance(o, Receipt)]
    assert positions == sorted(positions)
    refused = sum(isinstance(outcome, Refusal) for outcome in outcomes)
    assert ledger.recorder.head().position == head + refused + sum(
        o.last_position - o.first_position + 1 for o in outcomes if isinstance(o, Receipt)
    )


def test_an_empty_batch_records_nothing(ledger: Ledger) -> None:
    assert ledger.execute_many([]) == []
    assert ledger.recorder.head().position == 0


def test_a_batch_of_refusals_records_nothing(ledger: Ledger) -> None:
    before = ledger.recorder.head()
    outcomes = ledger.execute_many([order(charge()) for _ in range(3)])
    assert {refusal(outcome).code for outcome in outcomes} == {"case_not_open"}
    assert ledger.recorder.head() == before


# ---------------------------------------------------------------- dry runs


def test_a_dry_run_answers_and_records_nothing(ledger: Ledger) -> None:
    case = invoiced_case(ledger, "1")
    before = ledger.recorder.head()
    orders = [order(payment("bank-1", 413_00), case), order(opening("1")), order(opening("2"))]
    planned = ledger.dry_run(orders)
    assert ledger.recorder.head() == before
    assert ledger.recorder.command(orders[0].command_id) is None
    assert ledger.recorder.stream_named("case", "2") is None
    assert ledger.execute_many(orders) == planned
    assert receipt(planned[0]).first_position == 3


# ---------------------------------------------------------------- what is recorded


def test_what_is_recorded_of_an_order(ledger: Ledger) -> None:
    case = invoiced_case(ledger, "1")
    paying = order(payment("bank-1", 413_00), case, actor="agent:kari", channel="phone")
    done = receipt(ledger.execute(paying))
    entries = ledger.entries(done)
    assert [entry.event.name for entry in entries] == ["payment_received", "case_closed"]
    for entry in entries:
        assert UUID(entry.stream) == case
        assert UUID(entry.command_id) == paying.command_id
        assert (entry.actor, entry.channel) == ("agent:kari", "phone")
        assert entry.recorded_at.utcoffset() is not None
    with ledger.engine.connect() as connection:
        [content] = connection.execute(
            text("SELECT content_hash FROM ledger.commands WHERE command_id = :id"),
            {"id": paying.command_id},
        ).one()
    assert bytes(content) == paying.content_hash()


def test_the_business_date_is_the_ledgers(ledger: Ledger) -> None:
    tomorrow = opening("1", on=date(2026, 7, 1))
    said = refusal(ledger.execute(order(tomorrow)))
    assert (said.code, said.earliest) == ("date_out_of_range", date(2026, 7, 1))
    receipt(ledger.execute(order(opening("1", on=TODAY))))
    assert TODAY > OPENED
