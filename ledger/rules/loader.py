"""Reading the tables: a folder of TOML files becomes ``Rates``, or an error that says where.

One file holds one table. Its rows follow each other by date: a row ends the day before the next
one begins, and the last on the day that the file was reviewed through, unless ``valid_to`` says
otherwise. Days between rows are an error unless an ``[[unknown]]`` says why nothing is known.
"""

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Generic, TypeGuard, TypeVar, get_args

import msgspec

from ledger.domain import rates as r
from ledger.domain.money import NotAnAmount, minor_units
from ledger.domain.rates import AnyRow, Basis, Rates, Regime, RegimeCode, Table, Unknown

T = TypeVar("T")

REGIMES: Final = "regimes"

_DAY: Final = timedelta(days=1)
_REGIMES_FILE: Final = f"{REGIMES}.toml"
_PLAIN_KEYS: Final = {"law"}
_WHAT_TO_DO: Final = "see the comments in the file"


class RulesError(Exception):
    """A table can't be used; the message names the file and the row, and says what to change."""


class TableFile(Generic[AnyRow]):
    """Where a table comes from, what its rows are, and which day they go by."""

    def __init__(self, name: str, row: type[AnyRow], *, by: str) -> None:
        self.name = name
        self.row = row
        self.by = by

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.name.replace('_', '-')}.toml"

    def read(self, folder: Traversable) -> Table[AnyRow]:
        """The table. Raises ``RulesError``."""
        content = _content(folder, self.file)
        _only(self.file, content, {"reviewed_through", "row", "unknown"})
        reviewed = _date(self.file, content, "reviewed_through")
        raw = _tables(self.file, content, "row")
        if not raw:
            raise RulesError(f"{self.file}: has no [[row]]: add at least one")
        rows = self._rows(raw, reviewed)
        unknown = tuple(
            _converted(f"{self.file}, unknown {place}", stretch, Unknown)
            for place, stretch in enumerate(_tables(self.file, content, "unknown"), 1)
        )
        table = Table(name=self.name, reviewed_through=reviewed, rows=rows, unknown=unknown)
        _check_dates(self.file, table)
        return table

    def _rows(self, raw: list[dict[str, Any]], reviewed: date) -> tuple[AnyRow, ...]:
        rows = []
        for place, entry in enumerate(raw, 1):
            where = f"{self.file}, row {place} (from {entry.get('valid_from', 'no date')})"
            following = raw[place].get("valid_from") if place < len(raw) else None
            end = following - _DAY if _is_date(following) else reviewed
            rows.append(_converted(where, {"valid_to": end, **entry}, self.row))
        return tuple(rows)


COLLECTION_RATE: Final = TableFile(
    "collection_rate", r.CollectionRate, by="day of sending or payment"
)
FEE_SHARES: Final = TableFile("fee_shares", r.FeeShares, by="due date of the claim")
COLLECTION_BANDS: Final = TableFile(
    "collection_bands", r.CollectionBands, by="due date of the claim"
)
PLAN_SHARE: Final = TableFile("plan_share", r.PlanShare, by="day of the agreement")
LATE_INTEREST: Final = TableFile("late_interest", r.HalfYearRate, by="day that bears interest")
VAT: Final = TableFile("vat", r.VatRate, by="day of sending or payment")
COURT_UNIT: Final = TableFile("court_unit", r.FixedFee, by="day of filing")
CONCILIATION_FEE: Final = TableFile("conciliation_fee", r.FixedFee, by="day of filing")
ATTACHMENT_FEE: Final = TableFile("attachment_fee", r.FixedFee, by="day of filing")
DRAFTING: Final = TableFile("drafting", r.FixedFee, by="day of filing")
FRIKORT: Final = TableFile("frikort", r.YearsCeiling, by="calendar year")

FILES: Final[Mapping[str, TableFile[Any]]] = {
    table.name: table
    for table in (
        COLLECTION_RATE, FEE_SHARES, COLLECTION_BANDS, PLAN_SHARE, LATE_INTEREST, VAT, COURT_UNIT,
        CONCILIATION_FEE, ATTACHMENT_FEE, DRAFTING, FRIKORT,
    )
}  # fmt: skip


def load(folder: Path | None = None) -> Rates:
    """The tables of a folder; without one, those that ship with the program.

    Raises ``RulesError`` for the first thing that is wrong.
    """
    place = resources.files("ledger.rules") / "tables" if folder is None else folder
    _check_names(place)
    content = _content(place, _REGIMES_FILE)
    codes: tuple[RegimeCode, ...] = get_args(RegimeCode)
    dates = {"reviewed_through", "first_regime_from", "second_regime_from"}
    _only(_REGIMES_FILE, content, dates | set(codes))
    second = "second_regime_from"
    rates = Rates(
        reviewed_through=_date(_REGIMES_FILE, content, "reviewed_through"),
        first_regime_from=_date(_REGIMES_FILE, content, "first_regime_from"),
        second_regime_from=_date(_REGIMES_FILE, content, second) if second in content else None,
        regimes={code: _regime(code, content.get(code)) for code in codes},
        collection_rate=COLLECTION_RATE.read(place),
        fee_shares=FEE_SHARES.read(place),
        collection_bands=COLLECTION_BANDS.read(place),
        plan_share=PLAN_SHARE.read(place),
        late_interest=LATE_INTEREST.read(place),
        vat=VAT.read(place),
        court_unit=COURT_UNIT.read(place),
        conciliation_fee=CONCILIATION_FEE.read(place),
        attachment_fee=ATTACHMENT_FEE.read(place),
        drafting=DRAFTING.read(place),
        frikort=FRIKORT.read(place),
    )
    ends = [d for d in (rates.second_regime_from, rates.reviewed_through) if d is not None]
    if min(ends) <= rates.first_regime_from:
        raise RulesError(
            f"{_REGIMES_FILE}: first_regime_from {rates.first_regime_from} is not before"
            f" {min(ends)}: put the dates in order"
        )
    return rates


def _check_names(folder: Traversable) -> None:
    if not folder.is_dir():
        raise RulesError(f"{folder}: there is no such folder of tables")
    known = {_REGIMES_FILE, *(table.file for table in FILES.values())}
    for name in sorted(f.name for f in folder.iterdir() if f.name.endswith(".toml")):
        if name not in known:
            raise RulesError(f"{name}: is no table; the files are {', '.join(sorted(known))}")


def _content(folder: Traversable, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads((folder / file).read_text("utf-8"), parse_float=Decimal)
    except FileNotFoundError:
        raise RulesError(f"{file}: is missing; copy the one that ships and change that") from None
    except (OSError, UnicodeDecodeError) as error:
        raise RulesError(f"{file}: can't be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"{file}: is no TOML: {error}") from error


def _only(where: str, content: Mapping[str, Any], keys: set[str]) -> None:
    for key in content:
        if key not in keys:
            raise RulesError(f"{where}: unknown key {key!r}; there are {', '.join(sorted(keys))}")


def _date(where: str, content: Mapping[str, Any], key: str) -> date:
    value = content.get(key)
    if not _is_date(value):
        found = "is missing" if value is None else f"is no date: {value!r}"
        raise RulesError(f"{where}: {key} {found}; write {key} = 2026-12-31, without quotes")
    return value


def _is_date(value: object) -> TypeGuard[date]:
    return type(value) is date  # a point in time is a date too, and none of ours


def _tables(where: str, content: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    value = content.get(key, [])
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise RulesError(f"{where}: {key!r} must be written [[{key}]], once for each")
    return value


def _converted(where: str, raw: object, kind: type[T]) -> T:
    try:
        return msgspec.convert(raw, kind, dec_hook=_unit)
    except msgspec.ValidationError as error:
        raise RulesError(f"{where}: {error}; {_WHAT_TO_DO}") from error


def _unit(kind: type[Any], value: Any) -> Any:
    """Kroner, percent and shares, exactly: a number in TOML is an int or a ``Decimal`` here."""
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    share = kind is Fraction and isinstance(value, str)
    if not (number or share):
        raise ValueError(f"Expected a number, got {value!r}")
    try:
        return Fraction(value) if kind is Fraction else kind(minor_units(value, "NOK"))
    except NotAnAmount as error:
        raise ValueError(f"{value} is negative, too large or too fine ({error})") from error
    except (ValueError, ZeroDivisionError, OverflowError) as error:
        raise ValueError(f'{value!r} is no share such as 0.25 or "1/20"') from error


def _regime(code: RegimeCode, raw: object) -> Regime:
    where = f"{_REGIMES_FILE}, [{code}]"
    if not isinstance(raw, dict):
        raise RulesError(f"{where}: is missing; both acts must be described")
    plain: dict[str, Any] = {"code": code, "basis": {}}
    for figure, entry in raw.items():
        if figure in _PLAIN_KEYS:
            plain[figure] = entry
            continue
        if not isinstance(entry, dict):
            raise RulesError(
                f'{where}, {figure}: write {{ is = …, source = "…", confidence = "H" }}'
            )
        _only(f"{where}, {figure}", entry, {"is", "source", "confidence"})
        if "is" not in entry:
            raise RulesError(f"{where}, {figure}: has no `is`, the figure itself")
        plain[figure] = entry["is"]
        basis = {key: value for key, value in entry.items() if key != "is"}
        plain["basis"][figure] = _converted(f"{where}, {figure}", basis, Basis)
    return _converted(where, plain, Regime)


def _check_dates(file: str, table: Table[Any]) -> None:
    """Each day between the first row and the last is in one row, or is said to be unknown."""
    rows = [(f"row {n}", row.valid_from, row.valid_to) for n, row in enumerate(table.rows, 1)]
    dated = sorted(
        rows + [(f"unknown {n}", u.valid_from, u.valid_to) for n, u in enumerate(table.unknown, 1)],
        key=lambda entry: entry[1],
    )
    for name, begins, ends in dated:
        if ends < begins:
            raise RulesError(
                f"{file}, {name} (from {begins}): ends on {ends}, before it begins; put the rows"
                " in the order of their dates"
            )
        if name.startswith("row") and ends > table.reviewed_through:
            raise RulesError(
                f"{file}, {name} (from {begins}): valid_to {ends} is after reviewed_through"
                f" {table.reviewed_through}; read the law for those days, then move that date"
            )
    for (name, begins, ends), (next_name, next_begins, _) in pairwise(dated):
        if next_begins <= ends:
            raise RulesError(
                f"{file}, {next_name} (from {next_begins}): overlaps {name} (from {begins}), which"
                f" ends on {ends}; change a valid_from or valid_to"
            )
        if next_begins > ends + _DAY:
            raise RulesError(
                f"{file}, {next_name} (from {next_begins}): nothing holds from {ends + _DAY} to"
                f" {next_begins - _DAY}; add a row, or an [[unknown]] that says why"
            )
    if not dated[0][0].startswith("row") or not dated[-1][0].startswith("row"):
        raise RulesError(f"{file}: [[unknown]] is for days between two rows; remove the others")
