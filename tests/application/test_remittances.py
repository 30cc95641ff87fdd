"""Client funds are paid out once, exactly, and what was taken back is deducted."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID, uuid4

import pytest

from ledger.application.ledger import Ledger
from ledger.application.orders import Receipt
from ledger.application.statements import RemittanceNotFound, remittance_statement
from ledger.domain.commands import ChangeClinicAccount, Remit, ReversePayment
from ledger.domain.events import ClientFundsRemitted
from ledger.domain.remittance import remittances_of
from ledger.projections.client_funds import cases_held
from ledger.projections.engine import Projector
from tests.application.streams import (
    OTHER_ACCOUNT,
    arriving,
    claimed,
    clinic,
    kid_of,
    matching,
    registering,
    remitted,
    remitting,
)
from tests.orders import TODAY, give, order, receipt, refusal

pytestmark = pytest.mark.database


@pytest.fixture(params=["log alone", "read model"])
def books(request: pytest.FixtureRequest, ledger: Ledger) -> Ledger:
    """The ledger, asking the whole log for what is held, or a read model that lags."""
    if request.param == "log alone":
        return ledger
    return Ledger(ledger.engine, ledger.book, today=lambda: TODAY, cases_held=cases_held)


def paid(ledger: Ledger, number: int, amount: int, *, on: date = date(2026, 3, 12)) -> UUID:
    """A receipt for the case of this number; its stream."""
    stream = uuid4()
    give(ledger, stream, arriving(f"R-{stream}", amount, kid_of(number), booked=on))
    return stream


def facts(ledger: Ledger, clinic: UUID, name: str, **dates: date) -> ClientFundsRemitted:
    """The remittance as it was recorded."""
    entries = ledger.entries(receipt(remitted(ledger, clinic, name, **dates)))
    assert len(entries) == 1
    event = entries[0].event
    assert isinstance(event, ClientFundsRemitted)
    return event


def test_what_was_received_is_paid_out_once(books: Ledger) -> None:
    own = clinic(books)
    first, second = claimed(books, 1), claimed(books, 2)
    paid(books, 1, 413_00)
    Projector(books.engine).catch_up(books.book)
    paid(books, 2, 100_00)  # the read model has not seen it
    done = facts(books, own, "M1")
    assert (done.amount, done.retained) == (513_00, 0)
    assert [(line.case, line.amount) for line in done.lines] == [
        (str(first), 413_00),
        (str(second), 100_00),
    ]
    said = refusal(remitted(books, own, "M2"))
    assert (said.code, said.facts["amount"]) == ("nothing_to_remit", 0)
    paid(books, 2, 13_00)
    assert [line.amount for line in facts(books, own, "M3").lines] == [13_00]


def test_only_what_came_until_the_date(books: Ledger) -> None:
    own = clinic(books)
    claimed(books, 1)
    paid(books, 1, 100_00, on=date(2026, 3, 10))
    paid(books, 1, 50_00, on=date(2026, 3, 20))
    done = facts(books, own, "M1", until=date(2026, 3, 19))
    assert (done.amount, done.lines[0].received_on) == (100_00, date(2026, 3, 10))
    rest = facts(books, own, "M2")
    assert (rest.amount, rest.lines[0].received_on) == (50_00, date(2026, 3, 20))


def test_a_payment_that_is_taken_back_is_deducted(books: Ledger) -> None:
    own = clinic(books)
    first = claimed(books, 1)
    claimed(books, 2)
    stream = paid(books, 1, 413_00)
    paid(books, 2, 100_00)
    assert facts(books, own, "M1").amount == 513_00
    give(books, first, ReversePayment(on=TODAY, payment=f"R-{stream}", reason="returned_by_bank"))
    Projector(books.engine).catch_up(books.book)
    said = refusal(remitted(books, own, "M2"))
    assert (said.code, said.facts["amount"]) == ("nothing_to_remit", -413_00)
    paid(books, 2, 313_00)
    assert refusal(remitted(books, own, "M2")).facts["amount"] == -100_00
    claimed(books, 3)
    paid(books, 3, 150_00)
    done = facts(books, own, "M2")
    assert done.amount == 50_00
    assert {line.reference: line.amount for line in done.lines} == {
        "case-1": -413_00,
        "case-2": 313_00,
        "case-3": 150_00,
    }
    assert refusal(remitted(books, own, "M3")).facts["amount"] == 0


def test_money_known_to_be_gone_is_not_paid_out_whatever_the_date(books: Ledger) -> None:
    own, case = clinic(books), claimed(books, 1)
    stream = paid(books, 1, 413_00)
    give(books, case, ReversePayment(on=TODAY, payment=f"R-{stream}", reason="wrong_case"))
    said = refusal(remitted(books, own, "M1", until=date(2026, 3, 31)))
    assert said.code == "nothing_to_remit"


def test_within_one_batch(books: Ledger) -> None:
    """Registered, received, remitted, taken back and received again, unseen by anybody else."""
    own, stream, case = uuid4(), uuid4(), claimed(books, 1)
    claimed(books, 2)
    give(books, own, registering())
    outcomes = books.execute_many(
        [
            order(arriving("R1", 413_00, kid_of(1)), stream),
            remitting(own, "M1"),
            remitting(own, "M2"),
            order(ReversePayment(on=TODAY, payment="R1", reason="wrong_case"), case),
            order(arriving("R2", 413_00, kid_of(2))),
            remitting(own, "M3"),
            order(matching(case, TODAY), stream),
            remitting(own, "M4"),
        ]
    )
    codes = ["" if isinstance(o, Receipt) else o.code for o in outcomes]
    # M3: what was received for case 2 makes good what was taken off case 1; nothing moves.
    assert codes == ["", "", "nothing_to_remit", "", "", "nothing_to_remit", "", ""]
    entry = books.entries(receipt(outcomes[7]))[0].event
    assert isinstance(entry, ClientFundsRemitted)
    assert (entry.amount, [line.reference for line in entry.lines]) == (413_00, ["case-2"])


def test_two_at_once_pay_out_once(books: Ledger) -> None:
    own = clinic(books)
    for number in range(1, 6):
        claimed(books, number)
        paid(books, number, 100_00)
    others = [
        Ledger(books.engine, books.book, today=lambda: TODAY, cases_held=books._cases_held)
        for _ in range(4)
    ]
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda n: others[n].execute(remitting(own, f"M{n}")), range(4)))
    done = [outcome for outcome in outcomes if isinstance(outcome, Receipt)]
    assert len(done) == 1
    assert {refusal(o).code for o in outcomes if o not in done} == {"nothing_to_remit"}


def test_sent_again_it_is_the_same_remittance(ledger: Ledger) -> None:
    own = clinic(ledger)
    claimed(ledger, 1)
    paid(ledger, 1, 100_00)
    asked = remitting(own, "M1")
    first, again = receipt(ledger.execute(asked)), receipt(ledger.execute(asked))
    assert again.repeated
    assert again.first_position == first.first_position
    paid(ledger, 1, 50_00)
    taken = refusal(remitted(ledger, own, "M1"))
    assert taken.code == "duplicate_reference"


def test_to_the_clinics_account_of_that_moment(ledger: Ledger) -> None:
    own = clinic(ledger)
    claimed(ledger, 1)
    paid(ledger, 1, 100_00)
    change = ChangeClinicAccount(on=TODAY, account=OTHER_ACCOUNT, requested_by="clinic:7")
    changed, done = ledger.execute_many([order(change, own), remitting(own, "M1")])
    receipt(changed)
    event = ledger.entries(receipt(done))[0].event
    assert isinstance(event, ClientFundsRemitted)
    assert event.account == OTHER_ACCOUNT


def test_a_clinic_that_is_not_there_or_another_stream(ledger: Ledger) -> None:
    nobody = uuid4()
    assert refusal(remitted(ledger, nobody, "M1")).code == "unknown_clinic"
    own = clinic(ledger)
    elsewhere = order(Remit(on=TODAY, remittance="M1", clinic="clinic-1", until=TODAY), uuid4())
    assert refusal(ledger.execute(elsewhere)).code == "unknown_reference"
    claimed(ledger, 1)
    paid(ledger, 1, 100_00)
    assert refusal(remitted(ledger, own, "M1", until=date(2026, 7, 1))).code == "date_out_of_range"
    stale = remitting(own, "M1")
    asked = order(stale.command, remittances_of(own), expected_version=1)
    assert refusal(ledger.execute(asked)).code == "version_conflict"


def test_another_clinics_money_stays(books: Ledger) -> None:
    clinic(books)
    other = clinic(books, "clinic-2")
    claimed(books, 1)
    paid(books, 1, 100_00)
    outcome = books.execute(remitting(other, "M1", of="clinic-2"))
    assert refusal(outcome).code == "nothing_to_remit"


def test_the_statement(ledger: Ledger) -> None:
    own = clinic(ledger)
    claimed(ledger, 1)
    paid(ledger, 1, 100_00)
    receipt(remitted(ledger, own, "M1"))
    paid(ledger, 1, 50_00)  # after it
    found = remittance_statement(ledger, "M1")
    assert {name: found[name] for name in ("claimed", "paid", "retained", "net")} == {
        "claimed": 413_00,
        "paid": 100_00,
        "retained": 0,
        "net": 100_00,
    }
    (line,) = found["lines"]
    assert (line["reference"], line["outstanding"]) == ("case-1", 313_00)
    assert (line["received_on"], line["pay_out_by"]) == ("2026-03-12", "2026-03-26")
    with pytest.raises(RemittanceNotFound):
        remittance_statement(ledger, "M2")
