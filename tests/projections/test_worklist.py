"""Lists of cases: a page of a large book costs no more than one of a small book."""

from typing import Any

import pytest
from sqlalchemy import event, text

from ledger.application.ledger import Ledger
from ledger.projections.engine import WORTH_STATISTICS, Projector
from ledger.projections.worklist import Filter, cases
from tests.orders import fill

pytestmark = pytest.mark.database

FILTERS = (
    Filter(),
    Filter(clinic="clinic-1"),
    Filter(state="open"),
    Filter(stage="reminded"),
    Filter(hold="estate"),
)


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
def test_a_page_comes_from_an_index_in_its_own_order(ledger: Ledger, wanted: Filter) -> None:
    fill(ledger, 1)
    Projector(ledger.engine).catch_up("book")
    asked: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    with ledger.engine.begin() as connection:
        event.listen(connection, "before_cursor_execute", note)
        cases(connection, "book", wanted, after=0, limit=51)
        event.remove(connection, "before_cursor_execute", note)
        [(statement, parameters)] = asked
        # So small a table would be read whole; of a large one, only what has no index is.
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        plan = "\n".join(
            connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars().all()
        )
    assert "Index Scan using worklist" in plan
    assert "Sort" not in plan, plan


def test_the_planner_knows_how_large_a_book_has_become(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert WORTH_STATISTICS > 1_000
    monkeypatch.setattr("ledger.projections.engine.WORTH_STATISTICS", 10)
    fill(ledger, 40)
    Projector(ledger.engine).catch_up("book")
    with ledger.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT reltuples FROM pg_class WHERE relname ~ '^worklist_[0-9]+$'")
        ).scalar_one()
    assert rows == 40
