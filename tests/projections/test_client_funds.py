"""To whom the money belongs, whatever happened to it; and that verification would notice."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, text

from ledger.application.ledger import Ledger
from ledger.domain.commands import RefundOverpayment, ReturnReceipt, ReversePayment
from ledger.projections.client_funds import cases_held, held, overdue
from ledger.projections.engine import Projector
from ledger.projections.receipts import receipts_in, unidentified
from ledger.projections.reconciliation import reconciliation
from ledger.projections.refusals import refusals_in
from ledger.projections.verification import verify
from tests.application.streams import (
    BOOKED,
    arriving,
    claimed,
    clinic,
    kid_of,
    matching,
    remitted,
)
from tests.orders import TODAY, give, order, payment, receipt, refusal
from tests.projections.test_verification import tampered

pytestmark = pytest.mark.database


@pytest.fixture
def lived(ledger: Ledger) -> Ledger:
    """A book in which everything that can happen to client funds has happened.

    Case 1 was paid 413.00, remitted on 20 March; case 2 paid 500.00, of which 87.00 too much,
    and 50.00 of that refunded; case 3 paid 100.00, taken off again; R4 waits without a KID
    (70.00), R5 was returned (30.00), R6 was matched to case 4 by hand (200.00).
    """
    own = clinic(ledger)
    cases = [claimed(ledger, number) for number in range(1, 5)]
    give(ledger, uuid4(), arriving("R1", 413_00, kid_of(1)))
    receipt(remitted(ledger, own, "M1", until=BOOKED, on=date(2026, 3, 20)))
    give(ledger, uuid4(), arriving("R2", 500_00, kid_of(2), booked=date(2026, 3, 16)))
    give(ledger, cases[1], RefundOverpayment(on=date(2026, 3, 25), refund="B1", amount=50_00))
    give(ledger, uuid4(), arriving("R3", 100_00, kid_of(3)))
    taken_off = ReversePayment(on=date(2026, 3, 26), payment="R3", reason="wrong_case")
    give(ledger, cases[2], taken_off)
    give(ledger, uuid4(), arriving("R4", 70_00))
    give(ledger, uuid4(), arriving("R5", 30_00), ReturnReceipt(on=date(2026, 3, 27)))
    give(ledger, uuid4(), arriving("R6", 200_00), matching(cases[3]))
    refusal(ledger.execute(order(payment("P9", 0), cases[3])))
    return ledger


def caught_up(ledger: Ledger) -> Connection:
    Projector(ledger.engine).catch_up(ledger.book)
    return ledger.engine.connect()


def test_what_is_held_and_since_when(lived: Ledger) -> None:
    with caught_up(lived) as connection:
        rows = held(connection, "book")
        position, streams = cases_held(connection, "book", "clinic-1")
        nothing = cases_held(connection, "book", "clinic-2")
    assert [(r.reference, r.principal, r.received_on) for r in rows] == [
        ("case-2", 413_00, date(2026, 3, 16)),
        ("case-4", 200_00, BOOKED),
    ]
    assert position == lived.recorder.head().position
    assert set(streams) == {row.case for row in rows}
    assert nothing == (position, [])
    assert rows[1].pay_out_by == date(2026, 3, 26)
    assert overdue(rows, date(2026, 3, 26)) == []
    assert overdue(rows, date(2026, 3, 27)) == [rows[1]]


def test_held_at_an_earlier_day(lived: Ledger) -> None:
    with caught_up(lived) as connection:
        rows = held(connection, "book", until=date(2026, 3, 19))
    assert {row.reference: row.principal for row in rows} == {
        "case-1": 413_00,
        "case-2": 413_00,
        "case-3": 100_00,
        "case-4": 200_00,
    }


def test_money_that_came_after_a_remittance_is_dated_by_its_own_day(ledger: Ledger) -> None:
    own = clinic(ledger)
    claimed(ledger, 1)
    for day, amount in ((1, 100_00), (8, 50_00), (15, 25_00)):
        booked = date(2026, 3, 2) + timedelta(days=day)
        give(ledger, uuid4(), arriving(f"R{day}", amount, kid_of(1), booked=booked))
    receipt(remitted(ledger, own, "M1", until=date(2026, 3, 4), on=date(2026, 3, 20)))
    with caught_up(ledger) as connection:
        (row,) = held(connection, "book")
    assert (row.creditors, row.received_on) == (75_00, date(2026, 3, 10))


def test_the_queue_of_receipts(lived: Ledger) -> None:
    with caught_up(lived) as connection:
        queue = receipts_in(connection, "book")
        all_of_them = receipts_in(connection, "book", state=None)
        then = unidentified(connection, "book", date(2026, 3, 26))
    assert [(row.receipt, row.reason) for row in queue] == sorted(
        [("R3", "unmatched"), ("R4", "no_kid")], key=lambda pair: _stream(lived, pair[0])
    )
    assert {row.receipt: row.state for row in all_of_them} == {
        "R1": "matched", "R2": "matched", "R3": "queued",
        "R4": "queued", "R5": "returned", "R6": "matched",
    }  # fmt: skip
    assert {row.receipt for row in then} == {"R3", "R4", "R5"}


def _stream(ledger: Ledger, name: str) -> UUID:
    found = ledger.recorder.stream_named("receipt", name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("until", "bank", "clinics", "overpaid", "waiting"),
    [
        (date(2026, 3, 15), 813_00, 713_00, 0, 100_00),
        (date(2026, 3, 19), 1313_00, 1126_00, 87_00, 100_00),
        (date(2026, 3, 20), 900_00, 713_00, 87_00, 100_00),
        (date(2026, 3, 26), 850_00, 613_00, 37_00, 200_00),
        (TODAY, 820_00, 613_00, 37_00, 170_00),
    ],
)
def test_four_ways_agree(
    lived: Ledger, until: date, bank: int, clinics: int, overpaid: int, waiting: int
) -> None:
    with caught_up(lived) as connection:
        found = reconciliation(connection, "book", until, bank)
    assert found.agrees, found.differences
    assert found.ledger == found.liability == found.subledgers == bank
    assert sum(client.amount for client in found.clients) == clinics
    assert found.overpaid == overpaid
    assert sum(row.amount for row in found.unidentified) == waiting
    assert not found.negative


def test_a_difference_to_the_bank_is_shown_and_explained(lived: Ledger) -> None:
    give(lived, claimed(lived, 9), payment("cash", 40_00))
    with caught_up(lived) as connection:
        explained = reconciliation(connection, "book", TODAY, 820_00)
        unexplained = reconciliation(connection, "book", TODAY, 819_00)
        not_said = reconciliation(connection, "book", TODAY)
    assert not explained.agrees
    assert (explained.differences[0].difference, explained.without_receipt) == (-40_00, 40_00)
    assert explained.differences[0].because is not None
    assert unexplained.differences[0].because is None
    assert not_said.agrees
    assert len(not_said.differences) == 2


def test_a_clinic_that_got_too_much_is_below_zero(ledger: Ledger) -> None:
    own, case = clinic(ledger), claimed(ledger, 1)
    give(ledger, uuid4(), arriving("R1", 413_00, kid_of(1)))
    receipt(remitted(ledger, own, "M1"))
    give(ledger, case, ReversePayment(on=TODAY, payment="R1", reason="returned_by_bank"))
    with caught_up(ledger) as connection:
        found = reconciliation(connection, "book", TODAY)
    assert [(client.clinic, client.amount) for client in found.negative] == [("clinic-1", -413_00)]
    assert not found.agrees
    assert found.ledger == found.liability == found.subledgers == -413_00


def test_refusals_can_be_listed(lived: Ledger) -> None:
    case = lived.find("case-4")
    with caught_up(lived) as connection:
        (row,) = refusals_in(connection, "book")
        assert refusals_in(connection, "book", case=case, code="amount_missing") == [row]
        assert refusals_in(connection, "book", case=uuid4()) == []
        assert refusals_in(connection, "book", code="case_closed") == []
        assert refusals_in(connection, "book", after=row.position) == []
    assert (row.stream, row.command, row.code) == (case, "ReceivePayment", "amount_missing")
    assert (row.actor, row.channel, row.facts) == ("agent:test", "test", {})


def test_in_parts_as_in_one_go(lived: Ledger) -> None:
    with caught_up(lived) as connection:
        before = held(connection, "book"), receipts_in(connection, "book", state=None)
    give(lived, _stream(lived, "R4"), ReturnReceipt(on=TODAY))
    with caught_up(lived) as connection:
        in_parts = held(connection, "book"), receipts_in(connection, "book", state=None)
    assert before[1] != in_parts[1]
    Projector(lived.engine).rebuild()
    with lived.engine.connect() as connection:
        assert (held(connection, "book"), receipts_in(connection, "book", state=None)) == in_parts
    assert verify(lived.engine, "book").ok


def test_verify_knows_what_each_stream_is(lived: Ledger) -> None:
    Projector(lived.engine).catch_up("book")
    found = verify(lived.engine, "book")
    assert found.ok, found.listed
    assert found.cases == 4
    assert found.streams == {
        "cases": 4, "clinics": 1, "receipts": 6, "remittances": 1, "refusals": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("UPDATE projections.client_funds SET principal = principal + 1", "client_funds"),
        ("DELETE FROM projections.client_funds WHERE paid_out", "client_funds"),
        ("UPDATE projections.client_funds SET clinic = 'x'", "client_funds"),
        ("UPDATE projections.receipts SET state = 'matched' WHERE receipt = 'R4'", "receipts"),
        ("DELETE FROM projections.receipts WHERE receipt = 'R1'", "receipts"),
        ("UPDATE projections.refusals SET code = 'case_closed'", "refusals"),
        ("DELETE FROM projections.refusals", "refusals"),
        (
            "UPDATE ledger.events SET version = 9 WHERE type = 'receipt_queued.v1' AND version = 2",
            "version",
        ),
    ],
)
def test_verify_notices(lived: Ledger, owner_engine: Engine, change: str, what: str) -> None:
    Projector(lived.engine).catch_up("book")
    with lived.engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    found = tampered(lived, owner_engine, change)
    assert what in {difference.what for difference in found.listed}
