"""A simulated book: whole, the same for the same seed, and lived by ordinary commands only."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from ledger.application.ledger import Ledger
from ledger.log.engine import connect
from ledger.projections.verification import verify
from ledger.simulation.run import BookNotEmpty, Simulated, Simulation
from ledger.simulation.stories import STORIES
from tests.conftest import Databases

pytestmark = [pytest.mark.database, pytest.mark.slow]

CASES = len(STORIES) + 8
MONTHS = 8


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


def test_the_same_seed_makes_the_same_book(database: Engine, simulated: Simulated) -> None:
    again = Simulation(database, "second", cases=CASES, months=MONTHS, seed=7).run()
    assert again.refused == simulated.refused
    assert facts(database, "second") == facts(database, "first")


def test_another_seed_makes_another(database: Engine, simulated: Simulated) -> None:
    Simulation(database, "third", cases=10, months=2, seed=8).run()
    assert facts(database, "third") != facts(database, "first")


def test_it_balances_and_its_read_models_agree(database: Engine, simulated: Simulated) -> None:
    found = verify(database, "first")
    assert found.ok, found.listed
    assert found.events == simulated.events


def test_people_try_what_is_refused_and_the_clock_does_its_work(simulated: Simulated) -> None:
    assert {
        "reminder",
        "collection_notice",
        "payment_demand",
        "egenandel",
    } <= simulated.steps.keys()
    assert {"no_authority", "minor_no_costs", "self_approval"} <= simulated.refused.keys()


def test_a_book_that_holds_something_is_not_lived_in(
    database: Engine, simulated: Simulated
) -> None:
    with pytest.raises(BookNotEmpty, match="name a new one"):
        Simulation(database, "first", cases=1, months=1, seed=1).run()
