"""The complete log of a real collection process, whole, against a plain sum over its XML."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from ledger.application.ledger import Ledger
from ledger.files.mapping import load_mapping
from ledger.imports.histories import import_histories
from ledger.projections.engine import Projector
from ledger.projections.follower import following
from ledger.projections.journal import trial_balance
from ledger.projections.verification import verify
from tests.fines_oracle import fines_file, read

pytestmark = [
    pytest.mark.database,
    pytest.mark.slow,
    pytest.mark.skipif(fines_file() is None, reason="the road traffic fines log is not here"),
]


def test_the_whole_log(database_url: str, engine: Engine) -> None:
    path = fines_file()
    assert path is not None
    file, mapping = Path(path), load_mapping("road-traffic-fines")
    ledger = Ledger(engine, "fines")
    ledger.recorder.create_book("EUR")
    with following(database_url, ["fines"]):
        report = import_histories(ledger, file, mapping)
    assert (report.cases, report.cases_recorded) == (150_370, 150_370)
    assert (report.events_read, report.events_recorded) == (561_470, 561_470)
    assert (report.events_refused, report.events_already_recorded) == (0, 0)
    assert sum(counts["read"] for counts in report.activities.values()) == 561_470

    Projector(engine).catch_up("fines")
    found = verify(engine, "fines")
    assert found.ok, found.listed[:3]
    assert (found.cases, found.events) == (150_370, report.position)

    truth = read(path)
    with engine.connect() as connection:
        accounts = trial_balance(connection, "fines")
        rows = connection.execute(
            text(
                "SELECT name, coalesce(sum(amount) FILTER (WHERE component <> 'overpaid'), 0),"
                " coalesce(sum(amount) FILTER (WHERE component = 'overpaid'), 0)"
                " FROM ledger.names LEFT JOIN projections.balances USING (book, stream)"
                " WHERE book = 'fines' AND kind = 'case' GROUP BY name"
            )
        ).all()
    assert sum(accounts.values()) == 0
    owed = sum(amount for name, amount in accounts.items() if name.startswith("receivable."))
    totals = truth.totals()
    assert owed == totals.outstanding == 811_641_398
    assert -accounts["liability.overpayment"] == totals.overpayment == 2_190_194
    assert accounts["bank.client_funds"] == totals.paid == 360_146_453
    ours = {name: (int(owes), int(over)) for name, owes, over in rows}
    theirs = {name: (c.outstanding, c.overpayment) for name, c in truth.cases.items()}
    assert ours == theirs

    again = import_histories(ledger, file, mapping)
    assert (again.events_recorded, again.events_already_recorded) == (0, 561_470)
    assert (again.cases_already_recorded, again.position) == (150_370, report.position)
