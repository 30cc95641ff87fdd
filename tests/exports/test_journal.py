"""The journal and the trial balance as they stand in files."""

import csv
import gzip
import io
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from msgspec.structs import replace

from ledger.application.ledger import Ledger
from ledger.exports.journal import as_csv, as_xlsx, journal, trial_balance
from ledger.exports.reading import Reading
from ledger.files.sheets import Sheet
from ledger.files.whole import whole_file
from ledger.projections.engine import Projector
from ledger.projections.journal import trial_balance as kept_balance
from ledger.proof.notes import Note
from tests.orders import fill, invoice, opening, order, receipt

pytestmark = pytest.mark.database
NOTE = Note("example.org/ledger/book\n0\n\n")


@pytest.fixture
def whole(ledger: Ledger) -> Reading:
    """A book with overpayments and disputes."""
    fill(ledger, 40)
    return Reading(ledger.engine, ledger.book, last=ledger.recorder.head().position)


def rows_of(reading: Reading, sheet: Sheet) -> list[dict[str, str]]:
    file = io.BytesIO()
    as_csv(file, sheet, reading, NOTE)
    return list(csv.DictReader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline="")))


def test_each_event_comes_to_zero_and_all_to_the_balance(ledger: Ledger, whole: Reading) -> None:
    events: dict[str, int] = defaultdict(int)
    accounts: dict[str, int] = defaultdict(int)
    for row in rows_of(whole, journal(whole, "nb")):
        amount = int(row["amount_minor"])
        events[row["position"]] += amount
        accounts[row["account"]] += amount
        debit, credit = Decimal(row["debit"] or 0), Decimal(row["credit"] or 0)
        assert (debit - credit) * 100 == amount
        assert not debit or not credit
        assert (row["currency"], row["clinic"]) == ("NOK", "clinic-1")
        assert row["case"].startswith("case-")
    assert len(events) > 100
    assert set(events.values()) == {0}
    Projector(ledger.engine).catch_up(ledger.book)
    with ledger.engine.connect() as connection:
        assert accounts == kept_balance(connection, ledger.book)


def test_the_trial_balance_comes_to_zero(ledger: Ledger, whole: Reading) -> None:
    *accounts, total = rows_of(whole, trial_balance(whole))
    Projector(ledger.engine).catch_up(ledger.book)
    with ledger.engine.connect() as connection:
        kept = kept_balance(connection, ledger.book)
    assert {row["account"]: int(row["amount_minor"]) for row in accounts} == kept
    assert (total["account"], total["amount_minor"]) == ("total", "0")
    debits = sum(Decimal(row["debit"] or 0) for row in accounts)
    assert total["debit"] == total["credit"] == str(debits) != "0"


def test_parts_come_to_the_whole(ledger: Ledger, whole: Reading) -> None:
    middle = whole.last // 2
    before = Reading(ledger.engine, ledger.book, last=middle)
    after = Reading(ledger.engine, ledger.book, first=middle + 1, last=whole.last)
    both = [*rows_of(before, journal(before, "en")), *rows_of(after, journal(after, "en"))]
    assert both == rows_of(whole, journal(whole, "en"))


def test_one_clinic(ledger: Ledger, whole: Reading) -> None:
    case = uuid4()
    receipt(ledger.execute(order(replace(opening("c-9"), creditor="clinic-9"), case)))
    receipt(ledger.execute(order(invoice("c-9-1"), case)))
    last = ledger.recorder.head().position
    of_clinic = Reading(ledger.engine, ledger.book, last=last, clinic="clinic-9")
    rows = rows_of(of_clinic, trial_balance(of_clinic))
    found = {row["account"]: row["amount_minor"] for row in rows}
    assert found == {
        "claimed.principal": "-41300", "receivable.principal": "41300", "total": "0"
    }  # fmt: skip


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\N{FULLWIDTH EQUALS SIGN}"])
def test_what_others_call_things_is_no_formula(ledger: Ledger, sign: str) -> None:
    """A clinic, a case number and an invoice, each named by somebody who means harm."""
    evil, case = f"{sign}cmd|' /C calc'!A0", uuid4()
    receipt(ledger.execute(order(replace(opening(evil), creditor=evil), case)))
    receipt(ledger.execute(order(invoice(evil), case)))
    found = Reading(ledger.engine, ledger.book, last=2)
    row = rows_of(found, journal(found, "nb"))[0]
    assert row["case"] == row["clinic"] == row["claim"] == f"'{evil}"
    assert row["amount_minor"] == "41300"


def test_workbook_and_packed_file(whole: Reading, tmp_path: Path) -> None:
    with whole_file(tmp_path / "journal.xlsx") as file:
        as_xlsx(file, journal(whole, "nb"), whole, NOTE)
    assert (tmp_path / "journal.xlsx").read_bytes().startswith(b"PK")
    with whole_file(tmp_path / "journal.csv.gz") as file:
        as_csv(file, journal(whole, "nb"), whole, NOTE)
    plain = io.BytesIO()
    as_csv(plain, journal(whole, "nb"), whole, NOTE)
    assert gzip.decompress((tmp_path / "journal.csv.gz").read_bytes()) == plain.getvalue()
