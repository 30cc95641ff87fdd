"""``caseledger rules``: what a lawyer or an operator is told of the tables."""

from datetime import timedelta
from pathlib import Path
from shutil import copytree

import pytest

from ledger.application.ledger import oslo_today
from tests.cli.command import PROJECT, Caseledger, finished


@pytest.fixture
def program(tmp_path: Path) -> Caseledger:
    """The program alone: the tables need no database."""
    return Caseledger(tmp_path / "home", tmp_path)


def test_check_of_a_day_that_is_covered(program: Caseledger) -> None:
    ended = program.run("rules", "check", "--on", "2026-05-04")
    assert ended.err == ""
    lines = [line.split() for line in ended.out.splitlines()]
    assert ["late_interest", "day", "that", "bears", "interest", "2019-01-01", "2026-12-31", "H",
            "yes"] in lines  # fmt: skip
    assert "NOTHING" not in ended.out
    assert "the act of 2026 is not in force. Reviewed through 2026-12-31." in ended.out
    assert "Neither the fee of 2025" in ended.out
    assert not program.home.exists()


def test_check_of_a_day_that_is_not_covered(program: Caseledger) -> None:
    ended = program.run("rules", "check", "--on", "2025-12-31", code=1)
    assert ended.out.count("NOTHING") == 3
    assert ended.err.startswith("Nothing for 2025-12-31 in conciliation_fee, attachment_fee,")


def test_check_answers_in_json(program: Caseledger) -> None:
    covered = program.run("rules", "check", "--on", "2026-12-31", "--json")
    assert covered.err == ""
    data = covered.json
    tables = {table["table"]: table for table in data.pop("tables")}
    assert data == {
        "on": "2026-12-31",
        "covered": True,
        "missing": [],
        "reviewed_through": "2026-12-31",
        "regime": "1988",
        "second_regime_from": None,
    }
    assert tables["plan_share"] == {
        "table": "plan_share",
        "by": "day of the agreement",
        "covered_from": "2017-01-01",
        "covered_through": "2026-12-31",
        "reviewed_through": "2026-12-31",
        "unknown": [],
        "weakest": "M",
        "covers": True,
    }
    too_early = program.run("rules", "check", "--on", "1999-01-01", "--json", code=1).json
    assert too_early["regime"] is None
    assert too_early["missing"] == list(tables)
    assert too_early["covered"] is False


def test_check_asks_about_today(program: Caseledger) -> None:
    ended = finished(program.begin("rules", "check", "--json"))
    assert ended.json["on"] in {str(oslo_today()), str(oslo_today() - timedelta(days=1))}
    assert ended.code == (0 if ended.json["covered"] else 1)
    assert ended.json["covered"] is (ended.json["missing"] == [])


def test_show_a_table(program: Caseledger) -> None:
    bands = program.run("rules", "show", "collection_bands").out
    assert "1/4 up to NOK\N{NO-BREAK SPACE}500.00, 7/20 up to" in bands
    assert "36/5 above" in bands
    fees = program.run("rules", "show", "conciliation_fee").out
    first = fees.splitlines()[2].split()
    assert first[:5] == ["2024-01-01", "2024-12-31", "RGL-7", "NOK", "1,404.70"]
    assert "Unknown from 2025-01-01 through 2025-12-31: Neither" in fees


def test_show_in_json(program: Caseledger) -> None:
    shown = program.run("rules", "show", "collection_rate", "--json").json
    assert (shown["table"], shown["reviewed_through"]) == ("collection_rate", "2026-12-31")
    assert shown["rows"][-1] == {
        "valid_from": "2026-01-01",
        "valid_to": "2026-12-31",
        "source": "FOR-2025-12-19-2709",
        "confidence": "H",
        "regime": "1988",
        "amount": 750_00,
        "fees_rounded_to": 100,
    }
    bands = program.run("rules", "show", "collection_bands", "--json").json["rows"][1]["bands"]
    assert bands[0] == {"times": "1/4", "up_to": 500_00}
    assert bands[-1] == {"times": "36/5", "up_to": None}


def test_show_the_regimes(program: Caseledger) -> None:
    out = program.run("rules", "show", "regimes").out
    assert "monday 08:00-21:00" in out
    assert "saturday 09:00-15:00" in out
    assert "creditor_may_send_notice" in out


def test_tables_of_ones_own(program: Caseledger, tmp_path: Path) -> None:
    tables = Path(copytree(PROJECT / "ledger/rules/tables", tmp_path / "tables"))
    vat = tables / "vat.toml"
    vat.write_text(vat.read_text("utf-8").replace("percent = 25", "percent = 26"), "utf-8")
    own = program.run("rules", "show", "vat", "--json", "--tables", str(tables)).json
    assert own["rows"][0]["rate_bp"] == 26_00
    vat.write_text(vat.read_text("utf-8").replace("source", "sorce"), "utf-8")
    said = program.refuses("rules", "check", "--tables", str(tables), code=2)
    assert said.startswith("caseledger: vat.toml, row 1 (from 2017-01-01): Object")


def test_what_the_command_does_not_know(program: Caseledger) -> None:
    assert "there is no table 'fees'" in program.refuses("rules", "show", "fees", code=2)
    assert "--on" in program.refuses("rules", "check", "--on", "soon", code=2)
