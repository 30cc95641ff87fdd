"""Tables for spreadsheet programs: what is a number stays one, and nothing becomes a formula."""

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from ledger.files import sheets
from ledger.files.sheets import Cell, Sheet, harmless, write_csv, write_xlsx

DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\nx",
    "\N{FULLWIDTH EQUALS SIGN}1+1",
    "\N{FULLWIDTH PLUS SIGN}1",
    "\N{FULLWIDTH HYPHEN-MINUS}1",
    "\N{FULLWIDTH COMMERCIAL AT}x",
    "\N{SMALL EQUALS SIGN}1",
    "\N{MINUS SIGN}1",
    " =1",
    "\N{ZERO WIDTH SPACE}=1",
    "\N{NO-BREAK SPACE}=1",
    "\N{ZERO WIDTH NO-BREAK SPACE}=1",
    "Fjord;=cmd|' /C calc'!A0",
    "Fjord\t=1",
    "Fjord\r\n+1",
]
SIGNS = [text[0] for text in DANGEROUS if not text.startswith("Fjord")]
PLAIN = ["Fjord", "", "1-000047", "a=b", "x@y", "30,00 kr", "'=1", "ÆØÅ ☃", "a; b", "2026-03-02"]
NUMBERS: Sequence[Cell] = (-41_300, Decimal("-413.00"), Decimal("0.05"), 10**15)
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def as_csv(*rows: Sequence[Cell]) -> bytes:
    file = io.BytesIO()
    write_csv(file, Sheet("T", ["a", "b"], rows))
    return file.getvalue()


def as_xlsx(*rows: Sequence[Cell]) -> zipfile.ZipFile:
    file = io.BytesIO()
    write_xlsx(file, [Sheet("T", ["a", "b"], rows)], [("Book", "b")])
    return zipfile.ZipFile(file)


def page(book: zipfile.ZipFile, number: int = 1) -> ElementTree.Element:
    return ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_begins_a_formula(text: str) -> None:
    made = harmless(text)
    assert made.replace("'", "") == text.replace("'", "")
    # Whatever a program takes for the end of a cell: what follows begins with an apostrophe.
    for cell in re.split(r"[;\t\r\n]", made):
        assert not any(cell.startswith(sign) for sign in SIGNS), made
    (_, (cell, _)) = csv.reader(io.StringIO(as_csv((text, "")).decode("utf-8-sig"), newline=""))
    assert cell == made


@pytest.mark.parametrize("text", PLAIN)
def test_other_texts_are_as_they_are(text: str) -> None:
    assert harmless(text) == text


def test_csv() -> None:
    at = datetime(2026, 3, 2, 9, 42, 7, 250_000, tzinfo=UTC)
    data = as_csv((None, date(2026, 3, 2)), ('a,"b"', at), NUMBERS[:2], NUMBERS[2:])
    assert data.decode("utf-8") == (
        "\ufeffa,b\r\n"
        ",2026-03-02\r\n"
        '"a,""b""",2026-03-02T09:42:07.250000+00:00\r\n'
        "-41300,-413.00\r\n"
        "0.05,1000000000000000\r\n"
    )


def test_a_workbook_has_no_formulas_and_no_links() -> None:
    texts = [*DANGEROUS, *PLAIN, "http://example.org", "mailto:x@y", "12", "{=1}"]
    book = as_xlsx(*((text, None) for text in texts))
    sheet = page(book)
    assert not list(sheet.iter(f"{_MAIN}f"))
    assert not list(sheet.iter(f"{_MAIN}hyperlink"))
    cells = [cell for cell in sheet.iter(f"{_MAIN}c") if cell.get("r", "").startswith("A")][1:]
    styles = ElementTree.fromstring(book.read("xl/styles.xml"))  # noqa: S314
    formats = styles.find(f"{_MAIN}cellXfs")
    assert formats is not None
    for cell, text in zip(cells, texts, strict=True):
        assert cell.get("t") == "inlineStr"
        shown = "".join(part.text or "" for part in cell.iter(f"{_MAIN}t"))
        assert re.sub("_x000D_|[\r\n]", "", shown) == re.sub("[\r\n]", "", text), "no other text"
        quoted = formats[int(cell.get("s", 0))].get("quotePrefix") == "1"
        assert quoted == (text in DANGEROUS)


def test_a_workbook_keeps_numbers_and_dates() -> None:
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    sheet = page(as_xlsx(NUMBERS[:2], NUMBERS[2:], (date(2026, 3, 2), at), (date(1850, 1, 1), 0)))
    cells = {cell.get("r"): cell for cell in sheet.iter(f"{_MAIN}c")}
    numbers = {place: cell.findtext(f"{_MAIN}v") for place, cell in cells.items()}
    assert [numbers[place] for place in ("A2", "B2", "A3", "B3", "A4", "B4")] == [
        "-41300", "-413.00", "0.05", "1000000000000000", "46083", "46083.5"
    ]  # fmt: skip
    assert all(cells[place].get("t") in {None, "n"} for place in ("A2", "B2", "A3", "B3", "A4"))
    assert cells["A5"].get("t") == "inlineStr", "Excel knows no dates before 1900"


def test_a_long_table_goes_on_in_another_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "SHEET_ROWS", 4)
    book = as_xlsx(*((number, None) for number in range(7)))
    names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
    assert names == ["T", "T 2", "T 3", "About"]
    assert [len(list(page(book, number).iter(f"{_MAIN}row"))) for number in (1, 2, 3)] == [4, 4, 2]


def test_a_text_is_no_longer_than_a_cell() -> None:
    (_, cell) = [c for c in page(as_xlsx(("x" * 40_000, None))).iter(f"{_MAIN}t")][1:]
    assert cell.text == "x" * 32_766 + "…"
