"""A case as it was known at a moment, as it is in effect on a date, and both at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

from ledger.application.ledger import CaseNotFound, Ledger, NotKnown
from ledger.domain.events import Part, PaymentReceived
from ledger.log.entries import Write
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
)
from tests.waiting import eventually, waiting_for_locks

pytestmark = [pytest.mark.database]

PAID_ON = date(2026, 3, 22)
FEE_ON = date(2026, 4, 1)


@pytest.fixture
def case(ledger: Ledger) -> UUID:
    """Recorded in another order than that in which it counts, among entries of other cases.

    position 1 opened, 2 another case, 3 invoice 413.00 (2 March), 4 charge 38.00 (1 April),
    5 and 6 another case, 7 payment 100.00 (22 March).
    """
    case = uuid4()
    give(ledger, case, opening("1001"))
    give(ledger, uuid4(), opening("other"))
    give(ledger, case, invoice("I-1", 413_00), charge(38_00, FEE_ON))
    invoiced_case(ledger, "another")
    give(ledger, case, payment("bank-1", 100_00, PAID_ON))
    return case


def times(ledger: Ledger) -> dict[int, datetime]:
    return {entry.position: entry.recorded_at for entry in ledger.recorder.read_log(0, 100)}


def test_the_history_is_in_order_and_complete(ledger: Ledger, case: UUID) -> None:
    history = ledger.history(case)
    assert [(e.position, e.version, e.event.name) for e in history] == [
        (1, 1, "case_opened"),
        (3, 2, "invoice_issued"),
        (4, 3, "charge_registered"),
        (7, 4, "payment_received"),
    ]
    assert {entry.stream for entry in history} == {str(case)}


def test_a_case_is_current_at_once(ledger: Ledger, case: UUID) -> None:
    assert ledger.case(case).outstanding == 351_00
    give(ledger, case, payment("bank-2", 51_00))
    assert ledger.case(case).outstanding == 300_00


@pytest.mark.parametrize(
    ("position", "version", "outstanding"),
    [(1, 1, 0), (2, 1, 0), (3, 2, 413_00), (4, 3, 451_00), (5, 3, 451_00), (6, 3, 451_00),
     (7, 4, 351_00)],
)  # fmt: skip
def test_known_at_a_position(
    ledger: Ledger, case: UUID, position: int, version: int, outstanding: int
) -> None:
    known = ledger.case(case, known_at=position)
    assert (known.version, known.outstanding) == (version, outstanding)


def test_known_at_a_time(ledger: Ledger, case: UUID) -> None:
    """Up to and including the microsecond at which an entry was recorded."""
    recorded = times(ledger)
    for position, outstanding in ((1, 0), (3, 413_00), (4, 451_00), (6, 451_00), (7, 351_00)):
        assert ledger.case(case, known_at=recorded[position]).outstanding == outstanding
        assert ledger.case(case, known_at=position).outstanding == outstanding
    just_before = recorded[7] - timedelta(microseconds=1)
    assert ledger.case(case, known_at=just_before).outstanding == 451_00
    assert ledger.case(case, known_at=datetime.now(UTC) - timedelta(microseconds=1)).version == 4


@pytest.mark.parametrize(
    ("on", "outstanding"),
    [
        (OPENED, 413_00),
        (PAID_ON - timedelta(days=1), 413_00),
        (PAID_ON, 313_00),
        (FEE_ON - timedelta(days=1), 313_00),
        (FEE_ON, 351_00),
        (date(2030, 1, 1), 351_00),
    ],
)
def test_in_effect_on_a_date(ledger: Ledger, case: UUID, on: date, outstanding: int) -> None:
    assert ledger.case(case, effective_on=on).outstanding == outstanding


def test_in_effect_before_it_began(ledger: Ledger, case: UUID) -> None:
    early = ledger.case(case, effective_on=OPENED - timedelta(days=1))
    assert (early.state, early.outstanding, early.balance) == ("unknown", 0, {})


def test_known_at_one_moment_in_effect_on_another(ledger: Ledger, case: UUID) -> None:
    """Before the payment of 22 March was recorded, nobody knew that it counted on 25 March."""
    day = date(2026, 3, 25)
    assert ledger.case(case, known_at=4, effective_on=day).outstanding == 413_00
    assert ledger.case(case, known_at=7, effective_on=day).outstanding == 313_00
    assert ledger.case(case, known_at=4, effective_on=FEE_ON).outstanding == 451_00
    at = times(ledger)[6]
    assert ledger.case(case, known_at=at, effective_on=day).outstanding == 413_00


def test_what_was_known_at_a_position_never_changes(ledger: Ledger, case: UUID) -> None:
    before = [ledger.history(case, known_at=position) for position in range(1, 8)]
    give(ledger, case, payment("bank-2", 51_00, OPENED))
    assert [ledger.history(case, known_at=position) for position in range(1, 8)] == before


# ---------------------------------------------------------------- no answer


@pytest.mark.parametrize("position", [8, 10**12, -1])
def test_a_position_that_the_log_does_not_have(ledger: Ledger, case: UUID, position: int) -> None:
    with pytest.raises(NotKnown, match="ends at position 7"):
        ledger.case(case, known_at=position)


def test_a_position_at_which_the_case_was_not_known(ledger: Ledger, case: UUID) -> None:
    give(ledger, late := uuid4(), opening("late"))
    with pytest.raises(NotKnown, match="not known at 7"):
        ledger.case(late, known_at=7)
    with pytest.raises(NotKnown):
        ledger.case(case, known_at=0)
    assert ledger.case(late, known_at=8).reference == "late"


def test_a_time_at_which_the_case_was_not_known(ledger: Ledger, case: UUID) -> None:
    first = times(ledger)[1]
    with pytest.raises(NotKnown, match="not known"):
        ledger.case(case, known_at=first - timedelta(microseconds=1))


def test_a_time_that_has_not_come(ledger: Ledger, case: UUID) -> None:
    with pytest.raises(NotKnown, match="not come yet"):
        ledger.case(case, known_at=datetime.now(UTC) + timedelta(minutes=1))


def test_a_case_that_the_book_does_not_have(ledger: Ledger, case: UUID) -> None:
    for known_at in (None, 3, times(ledger)[3]):
        with pytest.raises(CaseNotFound):
            ledger.case(uuid4(), known_at=known_at)
    other = Ledger(ledger.engine, "other")
    other.recorder.create_book("NOK")
    with pytest.raises(CaseNotFound):
        other.case(case)


def test_what_was_known_at_a_time_waits_for_what_is_being_recorded(
    ledger: Ledger, owner_engine: Engine, case: UUID
) -> None:
    """An entry gets its time when its transaction has the head, and is seen when it commits.

    Whoever asks in between, for a time after that, must get the answer that he will get later.
    """
    paid = PaymentReceived(
        value_date=PAID_ON,
        payment="bank-2",
        amount=51_00,
        parts=(Part("principal", 51_00, "I-1"),),
        overpaid=0,
        order="costs_interest_principal",
    )
    entries = ledger.mapper.new_entries(case, 4, [paid])
    with ThreadPoolExecutor(1) as threads:
        with ledger.recorder.append() as appending:
            appending.add(Write(uuid4(), None, "agent:test", "test", case, entries, []))
            with owner_engine.connect() as connection:
                now = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
            assert now > appending.recorded_at
            asking = threads.submit(ledger.case, case, known_at=now)
            eventually(lambda: asking.done() or waiting_for_locks(owner_engine))
        told = asking.result()
    assert told.version == ledger.case(case, known_at=now).version == 5


# ---------------------------------------------------------------- finding


def test_a_case_is_found_by_its_number_or_its_id(ledger: Ledger, case: UUID) -> None:
    assert ledger.find("1001") == case
    assert ledger.find(str(case)) == case
    other = receipt(ledger.execute(order(opening(str(case))))).case
    assert other != case
    for asked in (ledger, Ledger(ledger.engine, ledger.book)):
        assert asked.find(str(case)) == case, "what is called after another's id is not it"
        assert asked.find_many([str(case), "1001", "1"]) == {str(case): case, "1001": case}


@pytest.mark.parametrize("reference", ["1002", "", "100", "nul\x00", "half \ud83e", "x" * 5000])
def test_a_number_that_no_case_has(ledger: Ledger, case: UUID, reference: str) -> None:
    with pytest.raises(CaseNotFound):
        ledger.find(reference)
