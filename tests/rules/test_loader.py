"""Reading the tables: what is wrong is said with its file, its row and what to do."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

from ledger.domain.rate_missing import RateMissing
from ledger.domain.rates import Rates
from ledger.rules import RulesError, load
from ledger.rules.loader import FILES

D = date.fromisoformat
INTEREST = "late-interest.toml"
REGIMES = "regimes.toml"
ROW_2026 = "\nvalid_from = 2026-01-01\n"


def changed(tables: Path, file: str, old: str, new: str) -> None:
    """Put one text in the place of another, which must be there."""
    text = (tables / file).read_text("utf-8")
    assert old in text
    (tables / file).write_text(text.replace(old, new, 1), "utf-8")


def refused(tables: Path) -> str:
    """What is said about tables that can't be used: one line, that names a file."""
    with pytest.raises(RulesError) as caught:
        load(tables)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_copy_is_read_like_the_shipped_tables(tables: Path, rates: Rates) -> None:
    assert msgspec.structs.asdict(load(tables)) == msgspec.structs.asdict(rates)


def test_each_table_has_its_file_and_each_file_its_table(tables: Path) -> None:
    names = {f.name for f in tables.iterdir()}
    assert names == {REGIMES, *(table.file for table in FILES.values())}


def test_a_lawyer_adds_a_half_year(tables: Path) -> None:
    changed(tables, INTEREST, "reviewed_through = 2026-12-31", "reviewed_through = 2027-06-30")
    with (tables / INTEREST).open("a", encoding="utf-8") as file:
        file.write(
            '\n[[row]]\nvalid_from = 2027-01-01\npercent = 11.75\nrule = "FRL-3"\n'
            'source = "FOR-2026-12-17-1"\nconfidence = "M"\n'
        )
    rates = load(tables)
    assert rates.interest_rate(D("2026-12-31")).rate_bp == 12_25
    assert rates.interest_rate(D("2027-01-01")).rate_bp == 11_75
    assert rates.interest_rate(D("2027-06-30")).source == "FOR-2026-12-17-1"
    with pytest.raises(RateMissing):
        rates.interest_rate(D("2027-07-01"))


def test_a_lawyer_puts_the_act_of_2026_in_force(tables: Path) -> None:
    changed(tables, REGIMES, "# second_regime_from", "second_regime_from")
    rates = load(tables)
    assert rates.second_regime_from == D("2027-01-01")
    assert rates.regime(D("2027-01-01")).code == "2026"


def test_a_row_may_end_before_the_next_one_if_the_days_between_are_explained(tables: Path) -> None:
    changed(tables, INTEREST, ROW_2026, "\nvalid_from = 2026-01-01\nvalid_to = 2026-03-31\n")
    with (tables / INTEREST).open("a", encoding="utf-8") as file:
        file.write(
            "\n[[unknown]]\nvalid_from = 2026-04-01\nvalid_to = 2026-06-30\n"
            'why = "The regulation was not found."\n'
        )
    rates = load(tables)
    assert rates.interest_rate(D("2026-03-31")).rate_bp == 12_00
    with pytest.raises(RateMissing):
        rates.interest_rate(D("2026-04-01"))
    assert rates.interest_rate(D("2026-07-01")).rate_bp == 12_25


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        # Dates that don't fit together.
        (ROW_2026, "\nvalid_from = 2026-01-01\nvalid_to = 2026-06-29\n",
         "row 16 (from 2026-07-01): nothing holds from 2026-06-30 to 2026-06-30; add a row"),
        (ROW_2026, "\nvalid_from = 2026-01-01\nvalid_to = 2026-07-01\n",
         "row 16 (from 2026-07-01): overlaps row 15 (from 2026-01-01), which ends on 2026-07-01"),
        (ROW_2026, "\nvalid_from = 2025-07-01\n", "ends on 2025-06-30, before it begins"),
        (ROW_2026, "\nvalid_from = 2025-01-01\n", "before it begins; put the rows in the order"),
        (ROW_2026, "\nvalid_from = 2026-02-01\n", "begins on 1 January or 1 July"),
        ("\nvalid_from = 2026-07-01\n", "\nvalid_from = 2026-07-01\nvalid_to = 2027-06-30\n",
         "valid_to 2027-06-30 is after reviewed_through 2026-12-31; read the law"),
        ("reviewed_through = 2026-12-31", "reviewed_through = 2026-05-01",
         "row 15 (from 2026-01-01): valid_to 2026-06-30 is after reviewed_through 2026-05-01"),
        # Keys.
        (ROW_2026, "\nvalid_from = 2026-01-01\nvalid_until = 2026-06-30\n",
         "row 15 (from 2026-01-01): Object contains unknown field `valid_until`"),
        ("reviewed_through =", "reviewed_trough =", "unknown key 'reviewed_trough'; there are"),
        ("[[row]]", "[[rows]]", "unknown key 'rows'; there are reviewed_through, row, unknown"),
        (ROW_2026, "\n", "row 15 (from no date): Object missing required field `valid_from`"),
        ('source = "FOR-2025-12-18-2658"', "",
         "row 15 (from 2026-01-01): Object missing required field `source`"),
        ('source = "FOR-2025-12-18-2658"', 'source = ""',
         "row 15 (from 2026-01-01): Expected `str` of length >= 3 - at `$.source`"),
        ('source = "FOR-2025-12-18-2658"', 'source = "     "', "`$.source`"),
        ("reviewed_through = 2026-12-31", "", "reviewed_through is missing; write"),
        ("reviewed_through = 2026-12-31", 'reviewed_through = "2026-12-31"',
         "reviewed_through is no date: '2026-12-31'; write reviewed_through = 2026-12-31"),
        ("reviewed_through = 2026-12-31", "reviewed_through = 2026-12-31T00:00:00",
         "reviewed_through is no date"),
        # Values.
        (ROW_2026, "\nvalid_from = 2026\n", "row 15 (from 2026): Expected `date`, got `int`"),
        (ROW_2026, "\nvalid_from = 2026-01-01T10:00:00\n", "Expected `date`, got `datetime`"),
        ("percent = 12.00", 'percent = "12.00"', "row 15 (from 2026-01-01): Expected a number"),
        ("percent = 12.00", "percent = true", "Expected a number, got True"),
        ("percent = 12.00", "percent = 12.001", "12.001 is negative, too large or too fine"),
        ("percent = 12.00", "percent = -12", "-12 is negative, too large or too fine"),
        ("percent = 12.00", "percent = nan", "is negative, too large or too fine"),
        ("percent = 12.00", "percent = 12,00", "is no TOML"),
        ('confidence = "H"', 'confidence = "sure"', "Invalid enum value 'sure'"),
        ('rule = "FRL-3"', 'rule = "FRL § 3"', "Expected `str` matching regex"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_table(tables: Path, old: str, new: str, said: str) -> None:
    changed(tables, INTEREST, old, new)
    message = refused(tables)
    assert message.startswith(INTEREST)
    assert said in message


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("collection-bands.toml", "up_to_kroner = 500,", "up_to_kroner = 1000,",
         "row 2 (from 2020-10-01): up_to_kroner must rise from band to band"),
        ("collection-bands.toml", "up_to_kroner = 2500,", "up_to_kroner = 0,",
         "row 1 (from 2017-01-01): up_to_kroner must rise"),
        ("collection-bands.toml", "up_to_kroner = 2500,", "",
         "row 1 (from 2017-01-01): up_to_kroner must rise"),
        ("collection-bands.toml", "{ times = 8 }", "{ up_to_kroner = 900000, times = 8 }",
         "the last of the bands must have no up_to_kroner"),
        ("collection-bands.toml", "times = 4 }", "times = 1.5 }", "and not fall"),
        ("collection-bands.toml", "times = 0.5 }", "times = 0 }", "times must be more than zero"),
        ("collection-bands.toml", "times = 0.5 }", 'times = "half" }', "'half' is no share"),
        ("collection-bands.toml", "times = 0.5 }", 'times = "1/0" }', "'1/0' is no share"),
        ("collection-bands.toml", "times = 0.5 }", "times = inf }", "is no share"),
        ("collection-bands.toml", "heavy_times = 2", "heavy_times = 0.5", "heavy_times at least 1"),
        ("fee-shares.toml", '"1/20"', '"1/2"', "small_fee <= own_demand_fee <= 1 does not hold"),
        ("fee-shares.toml", '"1/20"', "-0.05", "0 < small_fee"),
        ("collection-rate.toml", "kroner = 750", "kroner = 0", "must be more than zero"),
        ("collection-rate.toml", "kroner = 750", "kroner = 750.005", "too fine"),
        ("collection-rate.toml", 'regime = "1988"', 'regime = "1887"', "Invalid enum value"),
        ("plan-share.toml", "times = 1.5", "times = 0", "times must be more than zero"),
        ("frikort.toml", "valid_from = 2021-01-01", "valid_from = 2021-02-01",
         "a ceiling begins on 1 January"),
        ("conciliation-fee.toml", "why =", "because =", "unknown 1: Object"),
        ("conciliation-fee.toml", "valid_to = 2025-12-31", "valid_to = 2025-12-30",
         "nothing holds from 2025-12-31 to 2025-12-31"),
        ("conciliation-fee.toml", "valid_to = 2025-12-31", "valid_to = 2026-01-01",
         "row 2 (from 2026-01-01): overlaps unknown 1 (from 2025-01-01)"),
        (REGIMES, "notice_days = { is = 14, ", "notice_days = { ", "[1988], notice_days: has no"),
        (REGIMES, 'is = 14, source = "INKL § 9", ', "is = 14, ",
         "[1988], notice_days: Object missing required field `source`"),
        (REGIMES, "is = 14, source", 'is = 14, note = "", source', "unknown key 'note'"),
        (REGIMES, "notice_days = { is = 14", 'notice_days = { is = "14"',
         "[1988]: Expected `int`, got `str` - at `$.notice_days`"),
        (REGIMES, "notice_days = {", "notise_days = {", "unknown field `notise_days`"),
        (REGIMES, 'notice_days = { is = 14, source = "INKL § 9", confidence = "H" }', "",
         "[1988]: Object missing required field `notice_days`"),
        (REGIMES, 'notice_days = { is = 14, source = "INKL § 9", confidence = "H" }',
         "notice_days = 14", "[1988], notice_days: write { is ="),
        (REGIMES, "[08:00:00, 21:00:00]", "[21:00:00, 08:00:00]", "must end after they begin"),
        (REGIMES, "monday =", "mandag =", "Invalid enum value 'mandag'"),
        (REGIMES, "first_regime_from = 2017-01-01", "first_regime_from = 2027-01-01",
         "first_regime_from 2027-01-01 is not before 2026-12-31: put the dates in order"),
        (REGIMES, "# second_regime_from = 2027-01-01", "second_regime_from = 2016-01-01",
         "first_regime_from 2017-01-01 is not before 2016-01-01"),
        (REGIMES, "# second_regime_from = 2027-01-01", 'second_regime_from = ""',
         "second_regime_from is no date"),
        (REGIMES, "first_regime_from =", "first =", "unknown key 'first'"),
        (REGIMES, "[2026]\n", "[2027]\n", "unknown key '2027'"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_other_files(
    tables: Path, file: str, old: str, new: str, said: str
) -> None:
    changed(tables, file, old, new)
    message = refused(tables)
    assert message.startswith(file)
    assert said in message


def test_days_are_unknown_between_rows_only(tables: Path) -> None:
    with (tables / INTEREST).open("a", encoding="utf-8") as file:
        file.write(
            '\n[[unknown]]\nvalid_from = 2027-01-01\nvalid_to = 2027-06-30\nwhy = "Not yet."\n'
        )
    assert "[[unknown]] is for days between two rows" in refused(tables)


def test_a_table_without_rows(tables: Path) -> None:
    (tables / "vat.toml").write_text("reviewed_through = 2026-12-31\n", "utf-8")
    assert refused(tables) == "vat.toml: has no [[row]]: add at least one"


@pytest.mark.parametrize("row", ["row = 1", "[row]\npercent = 25", "row = [1, 2]"])
def test_rows_that_are_no_list_of_tables(tables: Path, row: str) -> None:
    (tables / "vat.toml").write_text(f"reviewed_through = 2026-12-31\n{row}\n", "utf-8")
    assert refused(tables) == "vat.toml: 'row' must be written [[row]], once for each"


def test_an_act_that_is_not_described(tables: Path) -> None:
    text = (tables / REGIMES).read_text("utf-8")
    (tables / REGIMES).write_text(text[: text.index("[2026]\n")], "utf-8")
    assert refused(tables) == "regimes.toml, [2026]: is missing; both acts must be described"


@pytest.mark.parametrize("file", [REGIMES, "vat.toml"])
def test_a_file_that_is_missing(tables: Path, file: str) -> None:
    (tables / file).unlink()
    assert refused(tables) == f"{file}: is missing; copy the one that ships and change that"


def test_a_file_that_is_no_table(tables: Path) -> None:
    (tables / "vta.toml").write_text("", "utf-8")
    assert refused(tables).startswith("vta.toml: is no table; the files are attachment-fee.toml, ")


def test_a_file_that_is_not_utf8(tables: Path) -> None:
    (tables / "vat.toml").write_bytes(b"# \xf8re\n")
    assert refused(tables).startswith("vat.toml: can't be read: ")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "there is no such folder of tables" in refused(tmp_path / "none")
