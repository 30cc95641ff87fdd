"""`caseledger case explain`, `simulate-plan` and `guide`, on a book of a clinic's."""

from uuid import uuid4

import pytest

from ledger.application.ledger import Ledger
from ledger.log.engine import connect
from ledger.postgres.embedded import EmbeddedPostgres
from tests.cli.command import Caseledger
from tests.domain.told import K1_REMINDED, SPLIT, TODAY, paid
from tests.orders import give

BOOK = "clinic"
SPACE = "\N{NO-BREAK SPACE}"


@pytest.fixture(scope="module")
def book(caseledger: Caseledger) -> str:
    """A book with the case of no. 15, by its number 2026-1, and a split charge in one more."""
    caseledger.run("migrate")
    engine = connect(EmbeddedPostgres(caseledger.home).start().url)
    for name, commands in (
        (BOOK, (*K1_REMINDED, paid("bank-1", 200_00, on="2026-04-27"))),
        ("split", SPLIT),
    ):
        ledger = Ledger(engine, name, today=lambda: TODAY)
        ledger.recorder.create_book("NOK")
        give(ledger, uuid4(), *commands)
    engine.dispose()
    return BOOK


def explained(caseledger: Caseledger, *arguments: str) -> list[str]:
    ended = caseledger.run("case", "explain", "2026-1", "--book", BOOK, *arguments)
    assert ended.err == ""
    return ended.out.replace(SPACE, " ").splitlines()


def test_explain_reads_out_the_balance(caseledger: Caseledger, book: str) -> None:
    english = explained(caseledger, "--on", "2026-04-27", "--language", "en")
    assert english[0] == "As of 2026-04-27 there is NOK 256.70 to pay, which is the bill itself."


def test_explain_one_component_at_another_moment(caseledger: Caseledger, book: str) -> None:
    before = explained(
        caseledger, "--known-at", "5", "--on", "2026-04-27", "--component", "reminder_fee"
    )
    assert before[0] == "Av purregebyret er det 38,00 kr å betale."
    assert explained(caseledger, "--effective-on", "2026-01-10") == ["Saken var ikke opprettet da."]


def test_explain_answers_in_json(caseledger: Caseledger, book: str) -> None:
    ended = caseledger.run(
        "case", "explain", "2026-1", "--book", book, "--on", "2026-04-27", "--json"
    )
    assert (ended.json["owed"], ended.json["on"]) == (256_70, "2026-04-27")
    assert sum(item["amount"] for item in ended.json["items"]) == 256_70


def test_simulate_plan(caseledger: Caseledger, book: str) -> None:
    asked = (
        "case", "simulate-plan", "2026-1", "--book", book, "--first", "2026-06-01",
        "--on", "2026-04-27",
    )  # fmt: skip
    ended = caseledger.run(*asked, "--instalments", "3", "--json")
    assert [row["amount"] for row in ended.json["instalments"]] == [85_56, 85_56, 85_58]
    words = caseledger.run(*asked, "--monthly", "10000").out.replace(SPACE, " ").splitlines()
    assert words[0] == "Betaler du i dag, er det 256,70 kr."
    assert words[1:4] == [
        "01.06.2026: 100,00 kr",
        "01.07.2026: 100,00 kr",
        "03.08.2026: 56,70 kr",
    ]
    assert caseledger.refuses(*asked, "--instalments", "0", code=1)
    assert "--monthly" in caseledger.refuses(*asked, code=2)


def test_guide(caseledger: Caseledger, book: str) -> None:
    asked = ("case", "guide", "2026-1", "--book", "split", "--on", "2026-05-10")
    out = caseledger.run(*asked).out.replace(SPACE, " ")
    assert "En annen enn pasienten ringer" in out.splitlines()[0]
    assert "Laboratorieprøven på 183,00 kr ble registrert kl. 10:50" in out
    guides = caseledger.run(*asked, "--json").json["guides"]
    assert "terminal_split" in {guide["topic"] for guide in guides}


def test_what_is_not_understood(caseledger: Caseledger, book: str) -> None:
    asked = ("case", "explain", "2026-1", "--book", book)
    assert "--language" in caseledger.refuses(*asked, "--language", "sv", code=2)
    assert "--component" in caseledger.refuses(*asked, "--component", "fine", code=2)
