"""The clock: does what is due, once, and leaves to people what is theirs."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from ledger.application.ledger import Ledger
from ledger.application.orders import Order, Receipt
from ledger.application.ticking import Ticked, tick
from ledger.domain import commands as c
from ledger.domain.commands import Command
from ledger.domain.events import InvoiceLine
from ledger.domain.policy import ClinicPolicy
from ledger.projections.due_work import due_until
from ledger.projections.engine import Projector

pytestmark = pytest.mark.database

ISSUED = date(2026, 3, 2)
Tick = Callable[[str], Ticked]


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    ledger = Ledger(engine, "book", today=lambda: date(2026, 12, 31))
    ledger.recorder.create_book("NOK")
    return ledger


def ask(ledger: Ledger, stream: UUID, command: Command, by: str = "agent:a1") -> None:
    outcome = ledger.execute(
        Order(case=stream, command=command, command_id=uuid4(), actor=by, channel="test")
    )
    assert isinstance(outcome, Receipt), outcome


def claim(ledger: Ledger, number: int, creditor: str = "clinic-1") -> UUID:
    """A claim of 413.00, due on 16 March."""
    case = uuid4()
    ask(ledger, case, c.OpenCase(on=ISSUED, reference=f"2026-{number}", creditor=creditor))
    lines = (InvoiceLine(1, "consultation", 413_00),)
    name = f"K{number}"
    ask(
        ledger,
        case,
        c.IssueInvoice(on=ISSUED, invoice=name, lines=lines, due_date=date(2026, 3, 16)),
    )
    ask(ledger, case, c.ConfirmDelivery(on=ISSUED, invoice=name, channel="post"))
    return case


def run(ledger: Ledger, day: str) -> Ticked:
    """A tick on read models that are up to date."""
    Projector(ledger.engine).catch_up(ledger.book)

    def due_cases(until: date, limit: int, after: UUID | None) -> list[UUID]:
        with ledger.engine.connect() as connection:
            return [r.case for r in due_until(connection, ledger.book, until, limit, after)]

    return tick(ledger, date.fromisoformat(day), due_cases)


def test_nothing_is_done_before_its_day(ledger: Ledger) -> None:
    claim(ledger, 1)
    assert run(ledger, "2026-03-29").done == {}
    assert run(ledger, "2026-03-30").done == {"reminder": 1}


def test_a_tick_that_is_run_again_does_nothing_twice(ledger: Ledger) -> None:
    cases = [claim(ledger, number) for number in range(5)]
    first = run(ledger, "2026-03-30")
    position = ledger.recorder.head().position
    again = run(ledger, "2026-03-30")
    assert (first.done, again.done) == ({"reminder": 5}, {})
    assert ledger.recorder.head().position == position
    assert {ledger.case(case).balance["reminder_fee"] for case in cases} == {38_00}


def test_two_ticks_at_once_are_one(ledger: Ledger) -> None:
    cases = [claim(ledger, number) for number in range(20)]
    with ThreadPoolExecutor(2) as both:
        done = list(both.map(lambda _: run(ledger, "2026-03-30"), range(2)))
    assert sum(ticked.done.get("reminder", 0) for ticked in done) == len(cases)
    assert all(len(ledger.case(case).letters) == 1 for case in cases)


def test_days_without_a_tick_are_made_up_for_at_the_dates_of_the_law(ledger: Ledger) -> None:
    case = claim(ledger, 1)
    for day in ("2026-05-01", "2026-05-02", "2026-05-20", "2026-06-10"):
        run(ledger, day)
    letters = [(letter.kind, letter.sent_on) for letter in ledger.case(case).letters.values()]
    assert letters == [
        ("reminder", date(2026, 5, 1)),
        ("collection_notice", date(2026, 5, 20)),  # reminder's deadline 15 May + 3 + 1 = 19 May
        ("payment_demand", date(2026, 6, 10)),
    ]


def test_a_payment_that_came_in_between_is_seen(ledger: Ledger) -> None:
    case = claim(ledger, 1)
    Projector(ledger.engine).catch_up("book")
    ask(ledger, case, c.ReceivePayment(on=date(2026, 3, 10), payment="B1", amount=413_00))
    # The read model has not seen the payment; the case itself has.
    assert (
        tick(ledger, date(2026, 3, 30), lambda until, limit, after: [] if after else [case]).done
        == {}
    )
    assert not ledger.case(case).letters


def test_a_clinic_that_wants_its_letters_proposed(ledger: Ledger) -> None:
    clinic = uuid4()
    ask(
        ledger,
        clinic,
        c.RegisterClinic(
            on=ISSUED,
            clinic="clinic-2",
            organisation_number="999000002",
            trade_name="clinic-2",
            account="15032080119",
        ),
        "operator:o1",
    )
    policy = ClinicPolicy(letters="proposed")
    ask(ledger, clinic, c.SetClinicPolicy(on=ISSUED, policy=policy), "operator:o1")
    case, other = claim(ledger, 1, "clinic-2"), claim(ledger, 2)
    done = run(ledger, "2026-03-30")
    assert done.done == {"reminder": 1}
    assert [(p.case, p.name) for p in done.proposed] == [(case, "step:reminder")]
    assert ledger.case(other).stage == "reminded"


def test_a_policy_that_changes_moves_what_is_due(ledger: Ledger) -> None:
    clinic = uuid4()
    ask(
        ledger,
        clinic,
        c.RegisterClinic(
            on=ISSUED,
            clinic="clinic-1",
            organisation_number="999000002",
            trade_name="clinic-1",
            account="15032080119",
        ),
        "operator:o1",
    )
    claim(ledger, 1)
    Projector(ledger.engine).catch_up("book")
    later = ClinicPolicy(reminder_after_days=30)
    ask(ledger, clinic, c.SetClinicPolicy(on=ISSUED, policy=later), "operator:o1")
    assert run(ledger, "2026-04-14").done == {}
    assert run(ledger, "2026-04-15").done == {"reminder": 1}


def test_a_rebuild_says_the_same_as_following_did(ledger: Ledger) -> None:
    for number in range(4):
        claim(ledger, number)
    run(ledger, "2026-03-30")
    projector = Projector(ledger.engine)
    projector.catch_up("book")
    with ledger.engine.connect() as connection:
        followed = due_until(connection, "book", date.max, 100)
    projector.rebuild(["due_work"])
    with ledger.engine.connect() as connection:
        assert due_until(connection, "book", date.max, 100) == followed
    assert len(followed) == 4


def test_a_step_that_has_no_rate_any_more_is_counted_and_harms_no_other(engine: Engine) -> None:
    ledger = Ledger(engine, "book", today=lambda: date(2027, 1, 31))
    ledger.recorder.create_book("NOK")
    waits, deferred = claim(ledger, 1), claim(ledger, 2)
    ask(ledger, deferred, c.GrantDeferral(on=date(2026, 3, 13), until=date(2026, 4, 15)))
    ticked = run(ledger, "2027-01-04")
    assert ticked.refused == {"rates_missing": 2}
    assert ticked.done == {"deferral_ended": 1}
    assert "reminder_fee" not in ledger.case(waits).balance
    assert run(ledger, "2026-12-28").done == {"reminder": 1}
