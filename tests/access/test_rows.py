"""Row-level security by itself: what the database shows to whom, whatever is asked of it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from ledger.access.callers import Caller
from ledger.access.rows import connect_for_clinics, seen_by
from ledger.application.ledger import CaseNotFound, Ledger
from ledger.log.errors import BookNotFound
from ledger.projections.engine import Projector
from tests.orders import give, invoice, opening, order, payment, receipt

pytestmark = pytest.mark.database

TABLES = ("ledger.events", "ledger.names", "projections.balances", "projections.audit_trail",
          "projections.journal", "projections.worklist", "projections.case_numbers")  # fmt: skip


def clinic(name: str, *books: str) -> Caller:
    return Caller(role="clinic", subject="someone", clinic=name, books=frozenset(books))


@pytest.fixture
def clinics(database_url: str, ledger: Ledger) -> Iterator[Engine]:
    """Two clinics with two cases each in one book, and one of them with one in another."""
    other = Ledger(ledger.engine, "other", today=ledger._today)
    other.recorder.create_book("NOK")
    for book, number, creditor in (
        (ledger, "1", "clinic-a"),
        (ledger, "2", "clinic-a"),
        (ledger, "3", "clinic-b"),
        (ledger, "4", "clinic-b"),
        (other, "5", "clinic-a"),
    ):
        opened = opening(number)
        case = receipt(book.execute(order(opened.__replace__(creditor=creditor)))).case
        give(book, case, invoice(f"{number}-1", kid=None), payment("p", 100_00))
        Projector(ledger.engine).catch_up(book.book)
    engine = connect_for_clinics(database_url)
    yield engine
    engine.dispose()


def counted(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in TABLES
        }


def test_everybody_else_sees_all_of_it(clinics: Engine, ledger: Ledger) -> None:
    assert counted(ledger.engine)["ledger.events"] == 15
    assert counted(ledger.engine)["projections.worklist"] == 5


def test_a_clinic_sees_its_rows_in_its_books(clinics: Engine) -> None:
    seen = counted(seen_by(clinics, clinic("clinic-a", "book")))
    assert seen["ledger.events"] == 6
    assert seen["projections.worklist"] == 2
    assert all(seen.values())
    both = counted(seen_by(clinics, clinic("clinic-a", "book", "other")))
    assert both["projections.worklist"] == 3


@pytest.mark.parametrize("books", [(), ("nobook",), ("",)])
def test_without_a_book_it_sees_nothing(clinics: Engine, books: tuple[str, ...]) -> None:
    assert not any(counted(seen_by(clinics, clinic("clinic-a", *books))).values())


def test_without_a_caller_the_connection_sees_nothing(clinics: Engine) -> None:
    assert not any(counted(clinics).values())
    seen = seen_by(clinics, clinic("clinic-a", "book"))
    for _ in range(3):  # nor is anything left of the caller before, on the same connection
        assert any(counted(seen).values())
        assert not any(counted(clinics).values())


def test_a_ledger_on_it_answers_for_its_own_cases_only(clinics: Engine) -> None:
    seen = Ledger(seen_by(clinics, clinic("clinic-a", "book")), "book")
    assert seen.case(seen.find("1")).outstanding == 313_00
    with pytest.raises(CaseNotFound):
        seen.find("3")
    moment = seen.history(seen.find("1"))[-1].recorded_at
    assert seen.case(seen.find("1"), known_at=moment).outstanding == 313_00
    with pytest.raises(BookNotFound):
        Ledger(seen_by(clinics, clinic("clinic-a", "book")), "other").recorder.head()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM ledger.commands",
        "SELECT * FROM ledger.api_keys",
        "SELECT * FROM ledger.webhooks",
        "SELECT * FROM projections.account_totals",
        "INSERT INTO ledger.names VALUES ('book', 'case', 'x', gen_random_uuid())",
        "UPDATE ledger.events SET actor = 'x'",
        "UPDATE ledger.book_head SET position = position + 1",
        "DELETE FROM projections.worklist",
        "CREATE TABLE ledger.mine (a integer)",
        "CREATE TABLE projections.mine (a integer)",
    ],
)
def test_it_has_no_other_rights(clinics: Engine, statement: str) -> None:
    with (
        seen_by(clinics, clinic("clinic-a", "book")).connect() as connection,
        pytest.raises(ProgrammingError, match="permission denied"),
    ):
        connection.execute(text(statement))


def test_every_table_that_a_clinic_can_read_has_policies(
    clinics: Engine, owner_engine: Engine
) -> None:
    with owner_engine.connect() as connection:
        open_tables = connection.execute(
            text(
                "SELECT c.oid::regclass::text FROM pg_class AS c"
                " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
                " WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
                " AND c.relkind IN ('r', 'p', 'm') AND NOT c.relrowsecurity"
                " AND has_table_privilege('caseledger_clinic', c.oid, 'SELECT')"
            )
        ).scalars()
        assert list(open_tables) == ["ledger.schema_version"]


def test_the_log_can_be_written_without_the_exemption(
    clinics: Engine, ledger: Ledger, owner_engine: Engine
) -> None:
    """Where the owner may not give BYPASSRLS, COPY is refused and INSERT takes its place."""
    many = [payment(f"many-{number}", 1) for number in range(100)]
    case = ledger.find("1")
    with owner_engine.begin() as connection:
        connection.execute(text("ALTER ROLE caseledger_app NOBYPASSRLS"))
    try:
        for outcome in ledger.execute_many([order(command, case) for command in many]):
            receipt(outcome)
        assert len(ledger.history(case)) == 103
    finally:
        with owner_engine.begin() as connection:
            connection.execute(text("ALTER ROLE caseledger_app BYPASSRLS"))
