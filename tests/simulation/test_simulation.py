"""A simulated book: whole, the same for the same seed, and lived by ordinary commands only."""

import json
from collections.abc import Iterator
from typing import get_args

import pytest
from sqlalchemy import Engine

from api.answers import (
    Balance,
    CaseState,
    Entries,
    Recorded,
    balance_of,
    entry_of,
    state_of,
    written,
)
from api.working import ExplainedCase
from ledger.application.explaining import explanation_view
from ledger.application.ledger import Ledger
from ledger.domain.case import Hold, Stage
from ledger.domain.events import CloseReason
from ledger.domain.explanation import explain
from ledger.domain.refusals import Code
from ledger.log.engine import connect
from ledger.projections.verification import verify
from ledger.simulation.run import BookNotEmpty, Simulated, Simulation
from ledger.simulation.stories import STORIES
from tests.conftest import Databases

pytestmark = [pytest.mark.database, pytest.mark.slow]

CASES = len(STORIES)
"""Each story once."""
MONTHS = 24
"""Up to the act of 2026 and past the last day for which anybody has read the law."""
OF_THE_VAULT = {
    "claim_pursued",
    "invalid_national_identity_number",
    "legal_hold",
    "subject_erased",
    "unknown_subject",
}
"""Answers about a person's data. A simulated book has none: its debtors are ids, and nobody."""


@pytest.fixture(scope="module")
def database(databases: Databases) -> Iterator[Engine]:
    with databases.fresh() as url:
        engine = connect(url)
        yield engine
        engine.dispose()


@pytest.fixture(scope="module")
def simulated(database: Engine) -> Simulated:
    return Simulation(database, "first", cases=CASES, months=MONTHS, seed=7).run()


def facts(engine: Engine, book: str) -> list[tuple[object, ...]]:
    """All that was recorded, without when and under which book."""
    entries = Ledger(engine, book).recorder.read_log(0, 100_000)
    return [(e.position, e.stream, e.version, e.type, e.actor, e.payload) for e in entries]


def test_the_same_seed_makes_the_same_book_and_another_seed_another(database: Engine) -> None:
    one, same, _ = (
        Simulation(database, book, cases=CASES, months=2, seed=seed).run()
        for book, seed in (("one", 7), ("same", 7), ("other", 8))
    )
    assert same.refused == one.refused
    assert facts(database, "same") == facts(database, "one")
    assert facts(database, "other") != facts(database, "one")


def test_it_balances_and_its_read_models_agree(database: Engine, simulated: Simulated) -> None:
    found = verify(database, "first")
    assert found.ok, found.listed
    assert found.events == simulated.events


def test_every_refusal_is_met_but_those_about_personal_data(simulated: Simulated) -> None:
    assert simulated.refused.keys() == set(get_args(Code)) - OF_THE_VAULT


def test_every_stage_hold_and_end_of_a_case_is_met(simulated: Simulated) -> None:
    assert simulated.stages.keys() == set(get_args(Stage))
    assert simulated.holds.keys() == set(get_args(Hold))
    assert simulated.closed.keys() == set(get_args(CloseReason))


def test_the_clock_does_its_work(simulated: Simulated) -> None:
    assert {
        "reminder",
        "collection_notice",
        "payment_demand",
        "egenandel",
    } <= simulated.steps.keys()


@pytest.mark.usefixtures("simulated")
def test_answers_have_the_shape_that_the_document_shows(database: Engine) -> None:
    """What the API writes is not checked on its way out: here it is, for all that can happen."""
    ledger = Ledger(database, "first")
    rules, today = ledger.rules, ledger.today()
    told = 0
    for reference in ledger.recorder.named("case"):
        case = ledger.case(ledger.find(reference))
        history = ledger.history(case.id)
        events = [entry_of(entry, "NOK") for entry in history]
        state = state_of(ledger, case)
        for model, answer in (
            (CaseState, state),
            (Balance, balance_of(state)),
            (Entries, {"book": "first", "case": case.id, "events": events}),
            (Recorded, {"command_id": case.id, "position": 1, "events": events, "case": state}),
            (ExplainedCase, explanation_view("first", explain(history, today, rules))),
        ):
            text = bytes(written(answer, {}).body)
            read = model.model_validate_json(text)
            assert json.loads(read.model_dump_json()) == json.loads(text), model
            told += 1
    assert told == 5 * CASES


def test_a_book_that_holds_something_is_not_lived_in(
    database: Engine, simulated: Simulated
) -> None:
    with pytest.raises(BookNotEmpty, match="name a new one"):
        Simulation(database, "first", cases=1, months=1, seed=1).run()
