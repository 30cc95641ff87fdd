"""Who owes on which case is known, and verification sees when that is tampered with."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

from ledger.application.ledger import Ledger
from ledger.domain.commands import OpenCase
from ledger.projections.debtors import cases_of
from ledger.projections.engine import Projector
from ledger.projections.verification import verify
from tests.orders import OPENED, give

pytestmark = [pytest.mark.database]


def opened(ledger: Ledger, reference: str, debtor: str | None, creditor: str = "clinic-1") -> UUID:
    case = uuid4()
    opening = OpenCase(on=OPENED, reference=reference, creditor=creditor, debtor=debtor)
    give(ledger, case, opening)
    return case


def found(ledger: Ledger, debtor: str) -> list[UUID]:
    with ledger.engine.connect() as connection:
        return cases_of(connection, "book", debtor)


def test_the_cases_of_a_subject(ledger: Ledger) -> None:
    strange = "subject\\2 å"
    mine = {opened(ledger, "K1", "subject-1"), opened(ledger, "K2", "subject-1", "clinic-2")}
    other = opened(ledger, "K3", strange)
    opened(ledger, "K4", None)
    Projector(ledger.engine).catch_up("book")
    assert found(ledger, "subject-1") == sorted(mine)
    assert found(ledger, strange) == [other]
    assert found(ledger, "nobody") == []
    assert verify(ledger.engine, "book").ok


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE projections.debtors SET debtor = 'subject-2' WHERE debtor = 'subject-1'",
        "DELETE FROM projections.debtors",
        "INSERT INTO projections.debtors VALUES ('book', 'subject-1', gen_random_uuid())",
        "INSERT INTO projections.debtors SELECT book, 'subject-3', stream FROM projections.debtors",
    ],
)
def test_verification_sees_a_changed_row(ledger: Ledger, owner_engine: Engine, change: str) -> None:
    opened(ledger, "K1", "subject-1")
    opened(ledger, "K2", None)
    Projector(ledger.engine).catch_up("book")
    with owner_engine.begin() as connection:
        assert connection.execute(text(change)).rowcount == 1
    verified = verify(ledger.engine, "book")
    assert verified.differences == 1
