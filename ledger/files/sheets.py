"""Tables for spreadsheet programs: CSV, and workbooks of any size (XLSX).

What stands in a cell comes from clinics, callers and other systems, and a spreadsheet program runs
a text that looks like a formula. So numbers, dates and instants are written as what they are, and a
text that may be taken for a formula is kept from being one: in CSV by an apostrophe before it, in
XLSX as text that its cell marks as quoted, so that it is no other text.

CSV is UTF-8 with a byte order mark, which Excel needs to know it by, commas, and lines that end in
CR LF (RFC 4180). A number has a decimal point there, whatever the language.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, Final, NamedTuple, cast

Cell = str | int | Decimal | date | datetime | None
"""A datetime is UTC."""

SHEET_ROWS: Final = 1_048_576
"""What a sheet of a workbook can hold, its heading included."""
TEXT_CHARS: Final = 32_767
"""What a cell of a workbook can hold."""
FIRST_YEAR: Final = 1900
"""The first year that dates of a workbook know."""
_BEGINS_FORMULA: Final = frozenset("=+-@\N{MINUS SIGN}")
_PLAIN: Final = re.compile("[0-9A-Za-zÆØÅæøå][^;\t\r\n]*")
_CELL_ENDS: Final = re.compile("([;\t\r\n])")


class Sheet(NamedTuple):
    """A table with a heading."""

    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def harmless(text: str) -> str:
    """A text that no spreadsheet program takes for a formula: as it is, or with apostrophes.

    What can't be seen is passed over, and a full-width sign is taken for the plain one: programs
    do so too (OWASP, *CSV Injection*). Where commas are decimal, as in Norway, a program ends a
    cell at a semicolon, so that what follows one begins a cell too.
    """
    if _PLAIN.fullmatch(text):  # as nearly all are
        return text
    found = "".join(
        f"'{part}" if _begins_formula(part) else part for part in _CELL_ENDS.split(text)
    )
    return f"'{found}" if found[:1] in {"\t", "\r", "\n"} else found


def _begins_formula(text: str) -> bool:
    for character in text:
        if unicodedata.category(character)[0] not in "ZC":
            return unicodedata.normalize("NFKC", character)[:1] in _BEGINS_FORMULA
    return False


def write_csv(file: BinaryIO, sheet: Sheet) -> None:
    """Write one table."""
    text = io.TextIOWrapper(cast(Any, file), encoding="utf-8-sig", newline="")
    try:
        writer = csv.writer(text)
        writer.writerow(sheet.columns)
        writer.writerows(map(_plain, row) for row in sheet.rows)
    finally:
        text.detach()


def write_xlsx(file: BinaryIO, sheets: Iterable[Sheet], about: Sequence[tuple[str, str]]) -> None:
    """Write a workbook: the tables, and a last sheet that tells what they are.

    A table that is too long for one sheet goes on in the next. Rows are written as they come, so
    that no sheet is held in memory.
    """
    import xlsxwriter  # type: ignore[import-untyped]

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
    }
    with xlsxwriter.Workbook(file, options) as book:
        write = _Writer(book)
        for sheet in sheets:
            write.table(sheet)
        write.table(Sheet("About", ("About", ""), about))


def _plain(cell: Cell) -> object:
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="microseconds")
    return cell


class _Writer:
    """Writes into one workbook."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._heading = book.add_format({"bold": True})
        self._quoted = book.add_format({"quote_prefix": True})
        self._money = book.add_format({"num_format": "#,##0.00"})
        self._date = book.add_format({"num_format": "yyyy-mm-dd"})
        self._instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})

    def table(self, sheet: Sheet) -> None:
        """A table, on as many sheets as it takes."""
        number, row, page = 1, 0, self._page(sheet, sheet.title)
        for cells in sheet.rows:
            row += 1
            if row == SHEET_ROWS:
                number, row = number + 1, 1
                page = self._page(sheet, f"{sheet.title} {number}")
            for column, cell in enumerate(cells):
                self._cell(page, row, column, cell)

    def _page(self, sheet: Sheet, title: str) -> Any:
        page = self._book.add_worksheet(title)
        page.freeze_panes(1, 0)
        page.set_column(0, len(sheet.columns) - 1, 16)
        for column, name in enumerate(sheet.columns):
            page.write_string(0, column, name, self._heading)
        return page

    def _cell(self, page: Any, row: int, column: int, cell: Cell) -> None:
        match cell:
            case str():
                quoted = None if harmless(cell) == cell else self._quoted
                shown = cell if len(cell) <= TEXT_CHARS else f"{cell[: TEXT_CHARS - 1]}…"
                page.write_string(row, column, shown, quoted)
            case date(year=year) if year < FIRST_YEAR:
                page.write_string(row, column, cell.isoformat())
            case datetime():
                page.write_datetime(row, column, cell, self._instant)
            case date():
                page.write_datetime(row, column, cell, self._date)
            case Decimal():
                page.write_number(row, column, cell, self._money)
            case int():
                page.write_number(row, column, cell)
