"""States that are kept between transactions are what the log says, whoever wrote it."""

import random
from typing import Any, get_args, get_origin
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import Engine, text

import ledger.application.kept as kept_module
import ledger.domain.case as case_module
from ledger.application.ledger import Ledger
from ledger.application.orders import Receipt
from ledger.domain.case import Case
from ledger.log.append import Append
from tests.domain.snapshots import snapshot
from tests.orders import TODAY, charge, fill, order, payment, refusal

pytestmark = pytest.mark.database


def open_book(engine: Engine) -> Ledger:
    ledger = Ledger(engine, "book", today=lambda: TODAY)
    ledger.recorder.create_book("NOK")
    return ledger


def kept(ledger: Ledger) -> dict[UUID, Any]:
    return dict(ledger._kept._states)


def assert_kept_as_logged(ledger: Ledger, cases: list[UUID], *, all_of_them: bool = False) -> None:
    states = kept(ledger)
    assert not all_of_them or set(cases) <= set(states)
    for case in cases:
        if case in states:
            assert snapshot(states[case]) == snapshot(ledger.case(case))


def test_what_is_kept_is_what_a_replay_says(engine: Engine) -> None:
    ledger = open_book(engine)
    cases = fill(ledger, 12)
    assert_kept_as_logged(ledger, cases, all_of_them=True)
    for number in range(3):
        ledger.execute_many([order(payment(f"p{number}", 1_00), case) for case in cases])
    assert_kept_as_logged(ledger, cases, all_of_them=True)


def test_two_programs_take_turns_on_the_same_cases(engine: Engine) -> None:
    programs = [open_book(engine), open_book(engine)]
    cases = [case for number, case in enumerate(fill(programs[0], 8), 1) if number % 4]
    rng = random.Random(3)
    for number in range(120):
        program = rng.choice(programs)
        chosen = rng.sample(cases, rng.randint(1, 3))
        given = [order(rng.choice([payment(f"p{number}", 7), charge(5)]), case) for case in chosen]
        assert all(isinstance(outcome, Receipt) for outcome in program.execute_many(given))
        if not number % 20:
            for each in programs:
                each.execute_many([order(charge(1), chosen[0])])
                assert_kept_as_logged(each, cases)
    for program in programs:
        program.execute_many([order(payment("twice", 1), chosen[0])])
        outcome = program.execute(order(payment("twice", 1), chosen[0]))
        assert refusal(outcome).code == "duplicate_receipt"


def test_too_much_of_others_is_not_followed_but_read_anew(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_module, "MOST_FOLLOWED", 3)
    mine, other = open_book(engine), open_book(engine)
    cases = fill(mine, 4)
    other.execute_many([order(charge(1), case) for case in cases])
    mine.execute(order(charge(2), cases[0]))
    assert set(kept(mine)) == {cases[0]}
    assert_kept_as_logged(mine, cases)


def test_what_was_not_committed_is_not_kept(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = open_book(engine)
    cases = fill(ledger, 4)
    finish = Append.finish

    def fails(self: Append) -> None:
        finish(self)
        raise RuntimeError("no room on the disk")

    with monkeypatch.context() as patched:
        patched.setattr(Append, "finish", fails)
        with pytest.raises(RuntimeError):
            ledger.execute_many([order(payment("lost", 5), case) for case in cases])
    assert kept(ledger) == {}
    assert isinstance(ledger.execute(order(payment("lost", 5), cases[0])), Receipt)
    assert_kept_as_logged(ledger, cases)


def test_a_log_that_was_put_back_is_not_mistaken_for_the_one_that_was_read(
    engine: Engine, owner_engine: Engine
) -> None:
    """A backup is restored while the program runs, and goes another way to the same position."""
    ledger, other = open_book(engine), open_book(engine)
    case = fill(ledger, 1)[0]
    with owner_engine.begin() as connection:
        head = connection.execute(text("SELECT * FROM ledger.book_head")).mappings().one()
    ledger.execute(order(payment("p", 5), case))
    with owner_engine.begin() as connection:
        for table in ("events", "tree", "book_head"):
            connection.execute(text(f"ALTER TABLE ledger.{table} DISABLE TRIGGER ALL"))
        connection.execute(text("DELETE FROM ledger.events WHERE position > :position"), dict(head))
        connection.execute(text("DELETE FROM ledger.tree WHERE level = 0 AND first >= :position"),
                           dict(head))  # fmt: skip
        connection.execute(
            text(
                "UPDATE ledger.book_head SET position = :position, recorded_at = :recorded_at,"
                " frontier = :frontier, root = :root"
            ),
            dict(head),
        )
    other.execute(order(charge(9), case))
    ledger.execute(order(charge(1), case))
    assert_kept_as_logged(ledger, [case], all_of_them=True)


def test_no_more_is_kept_than_was_said(engine: Engine) -> None:
    ledger = open_book(engine)
    ledger._kept._most = 5
    cases = fill(ledger, 12)
    assert set(kept(ledger)) == set(cases[-5:])


def test_a_copy_has_its_own_of_everything_that_changes() -> None:
    """Each mapping of a case to records that can change is known to ``copy``."""
    found = set()
    for field in msgspec.structs.fields(Case):
        held = get_args(field.type)[-1] if get_origin(field.type) is dict else None
        if (
            isinstance(held, type)
            and issubclass(held, msgspec.Struct)
            and not held.__struct_config__.frozen
        ):
            found.add(field.name)
    assert found == set(case_module._HOLD_WHAT_CHANGES)
