"""Clinics: their policy is in force for the next command, and two people move their money."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import uuid4

import msgspec
import pytest

from ledger.application.ledger import ClinicNotFound, Ledger
from ledger.application.orders import Receipt
from ledger.domain.commands import ChangeClinicAccount, OpenCase, SetClinicPolicy
from ledger.domain.policy import ClinicPolicy
from tests.application.streams import (
    ACCOUNT,
    BOOKED,
    OTHER_ACCOUNT,
    arriving,
    claimed,
    clinic,
    kid_of,
    registering,
)
from tests.orders import OPENED, TODAY, give, invoice, opening, order, payment, receipt, refusal

pytestmark = pytest.mark.database

PRINCIPAL_FIRST = SetClinicPolicy(
    on=OPENED, policy=ClinicPolicy(allocation_order="principal_interest_costs")
)


def test_registered_once_by_its_name_and_found_by_it(ledger: Ledger) -> None:
    stream = clinic(ledger)
    found = ledger.clinic("clinic-1")
    assert (found.id, found.account, found.version) == (stream, ACCOUNT, 1)
    again = refusal(ledger.execute(order(registering(), stream)))
    assert again.code == "duplicate_reference"
    taken = refusal(ledger.execute(order(registering())))
    assert (taken.code, taken.facts["kind"]) == ("name_taken", "clinic")
    with pytest.raises(ClinicNotFound):
        ledger.clinic("clinic-2")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"organisation_number": "974760674"}, "invalid_organisation_number"),
        ({"account": "12345678901"}, "invalid_account"),
    ],
)
def test_numbers_that_are_none(ledger: Ledger, changed: dict[str, str], code: str) -> None:
    assert refusal(ledger.execute(order(registering(**changed)))).code == code
    assert ledger.recorder.head().position == 0


def test_the_money_goes_elsewhere_only_when_two_people_say_so(ledger: Ledger) -> None:
    stream = clinic(ledger)
    change = ChangeClinicAccount(on=TODAY, account=OTHER_ACCOUNT, requested_by="agent:1")
    alone = ledger.execute(order(change, stream, actor="senior:1"))
    assert refusal(alone).code == "self_approval"
    assert ledger.clinic("clinic-1").account == ACCOUNT
    receipt(ledger.execute(order(change, stream, actor="senior:2")))
    assert ledger.clinic("clinic-1").account == OTHER_ACCOUNT


def test_idempotency_and_expected_versions(ledger: Ledger) -> None:
    stream = uuid4()
    asked = order(registering(), stream, expected_version=0)
    receipt(ledger.execute(asked))
    assert receipt(ledger.execute(asked)).repeated
    stale = order(PRINCIPAL_FIRST, stream, expected_version=0)
    assert refusal(ledger.execute(stale)).facts == {"expected": 0, "actual": 1}
    receipt(ledger.execute(order(PRINCIPAL_FIRST, stream, expected_version=1)))


def test_a_date_that_has_not_come(ledger: Ledger) -> None:
    late = msgspec.structs.replace(registering(), on=date(2026, 7, 1))
    said = refusal(ledger.execute(order(late)))
    assert (said.code, said.earliest) == ("date_out_of_range", date(2026, 7, 1))


def test_a_policy_is_in_force_at_once(ledger: Ledger) -> None:
    stream, case = clinic(ledger), claimed(ledger, 1)
    give(ledger, case, payment("P1", 100_00))
    assert ledger.history(case)[-1].event.order == "costs_interest_principal"  # type: ignore[attr-defined]
    give(ledger, stream, PRINCIPAL_FIRST)
    give(ledger, case, payment("P2", 100_00))
    assert ledger.history(case)[-1].event.order == "principal_interest_costs"  # type: ignore[attr-defined]


def test_a_policy_is_in_force_within_its_batch(ledger: Ledger) -> None:
    """Also for a case that was opened in it, and for a receipt that pays it by its KID."""
    own, case, stream = uuid4(), uuid4(), uuid4()
    outcomes = ledger.execute_many(
        [
            order(registering(), own),
            order(opening("1"), case),
            order(invoice("I-1", kid=kid_of(1)), case),
            order(payment("P1", 100_00), case),
            order(PRINCIPAL_FIRST, own),
            order(payment("P2", 100_00), case),
            order(arriving("R1", 50_00, kid_of(1)), stream),
        ]
    )
    for outcome in outcomes:
        receipt(outcome)
    paid = [e.event for e in ledger.history(case) if e.event.name == "payment_received"]
    assert [event.order for event in paid] == [  # type: ignore[attr-defined]
        "costs_interest_principal",
        "principal_interest_costs",
        "principal_interest_costs",
    ]
    assert BOOKED > OPENED


def test_a_policy_that_could_not_be_read_again_is_not_recorded(ledger: Ledger) -> None:
    stream = clinic(ledger)
    wrong = SetClinicPolicy(on=OPENED, policy=ClinicPolicy(letter_deadline_days=3))
    with pytest.raises(msgspec.ValidationError):
        ledger.execute(order(wrong, stream))
    assert ledger.clinic("clinic-1").version == 1


def test_two_threads_open_one_case_for_a_pair(ledger: Ledger) -> None:
    others = [Ledger(ledger.engine, ledger.book, today=lambda: TODAY) for _ in range(8)]

    def open_one(number: int) -> bool:
        command = OpenCase(
            on=OPENED, reference=f"{number}", creditor="clinic-1", debtor="subject-7"
        )
        outcome = others[number].execute(order(command))
        if not isinstance(outcome, Receipt):
            assert outcome.code == "split_case"
        return isinstance(outcome, Receipt)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(open_one, range(8))) == 1


def test_whoever_takes_a_clinic_for_a_case_is_refused_and_harms_nobody(ledger: Ledger) -> None:
    clinic = uuid4()
    outcomes = ledger.execute_many(
        [
            order(payment("B1", 413_00), clinic),
            order(registering("clinic-9"), clinic),
            order(payment("B2", 413_00), clinic),
            order(SetClinicPolicy(on=OPENED, policy=ClinicPolicy(grace_days=7)), clinic),
        ]
    )
    codes = [getattr(outcome, "code", "done") for outcome in outcomes]
    assert codes == ["case_not_open", "done", "case_not_open", "done"]
    assert ledger.clinic("clinic-9").policy.grace_days == 7
