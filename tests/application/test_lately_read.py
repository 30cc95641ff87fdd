"""A case that is read again is what its log says, whoever has written to it since."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

import ledger.application.lately_read as module
from ledger.application.ledger import CaseNotFound, Ledger
from ledger.domain.case import Case
from tests.domain.snapshots import snapshot
from tests.orders import TODAY, charge, fill, give, order, payment

pytestmark = pytest.mark.database


def replayed(ledger: Ledger, case: Case) -> Case:
    return Case.fold(case.id, ledger.history(case.id))


def test_read_again_after_others_have_written(ledger: Ledger) -> None:
    other = Ledger(ledger.engine, ledger.book, today=lambda: TODAY)
    case = fill(ledger, 1)[0]
    for number in range(5):
        give(other, case, payment(f"p{number}", 1_00), charge(1))
        for program in (ledger, other):
            found = program.case(case)
            assert snapshot(found) == snapshot(replayed(program, found))
            assert program.case(case) is found


def test_what_was_read_before_does_not_change(ledger: Ledger) -> None:
    case = fill(ledger, 1)[0]
    before = ledger.case(case)
    kept = snapshot(before)
    give(ledger, case, payment("p", 1_00))
    assert ledger.case(case).version == before.version + 1
    assert snapshot(before) == kept


def test_a_log_that_went_another_way_is_read_anew(ledger: Ledger, owner_engine: Engine) -> None:
    case = fill(ledger, 1)[0]
    give(ledger, case, charge(7))
    assert ledger.case(case).outstanding
    with owner_engine.begin() as connection:
        connection.execute(text("ALTER TABLE ledger.events DISABLE TRIGGER ALL"))
        connection.execute(
            text(
                "UPDATE ledger.events SET payload = replace(payload, :mine, :other),"
                " command_id = gen_random_uuid()"
                " WHERE position = (SELECT max(position) FROM ledger.events)"
            ),
            {"mine": '"amount":7,', "other": '"amount":9,'},
        )
    found = ledger.case(case)
    assert snapshot(found) == snapshot(replayed(ledger, found))


def test_a_case_that_is_not_there_stays_away(ledger: Ledger) -> None:
    for _ in range(2):
        with pytest.raises(CaseNotFound):
            ledger.case(uuid4())


def test_many_readers_while_it_grows(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 2)
    cases = fill(ledger, 3)

    def read(number: int) -> tuple[int, int]:
        case = ledger.case(cases[number % 3])
        return case.version, sum(case.accounts.values())

    with ThreadPoolExecutor(8) as threads:
        reading = [threads.submit(read, number) for number in range(120)]
        for _ in range(10):
            ledger.execute_many([order(charge(1), case) for case in cases])
        found = [each.result() for each in reading]
    assert {total for _, total in found} == {0}
    assert all(ledger.case(case).version == len(ledger.history(case)) for case in cases)
