"""For which days the tables have something to say."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec

from ledger.domain.rate_missing import RateMissing
from ledger.domain.rates import (
    WEAKEST_FIRST,
    CollectionRate,
    Confidence,
    Rates,
    Table,
    Unknown,
)
from ledger.rules.loader import FILES, REGIMES


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """One table: the days that it covers, what is unknown between them, and how sure it is."""

    table: str
    by: str
    """Which day it is asked for: that of the letter or payment, or the claim's due date."""
    covered_from: date
    covered_through: date
    reviewed_through: date
    unknown: tuple[Unknown, ...]
    weakest: Confidence
    """The confidence of its weakest row; of the regimes, of the weakest figure in force."""
    covers: bool
    """Whether it covers the day asked about."""


def coverage(rates: Rates, on: date) -> list[Coverage]:
    """What there is for one day: the regimes first, then each table."""
    return [_regimes(rates, on), *(_table(rates, table_named(rates, name), on) for name in FILES)]


def table_named(rates: Rates, name: str) -> Table[Any]:
    """A table by its name, which is one of ``FILES``."""
    table = getattr(rates, name)
    assert isinstance(table, Table)
    return table


def _regimes(rates: Rates, on: date) -> Coverage:
    try:
        in_force = rates.regime(on)
    except RateMissing:
        in_force = rates.regime(rates.first_regime_from)
    return Coverage(
        table=REGIMES,
        by="day of sending",
        covered_from=rates.first_regime_from,
        covered_through=rates.reviewed_through,
        reviewed_through=rates.reviewed_through,
        unknown=(),
        weakest=_weakest(basis.confidence for basis in in_force.basis.values()),
        covers=rates.first_regime_from <= on and rates.reviewed(on),
    )


def _table(rates: Rates, table: Table[Any], on: date) -> Coverage:
    return Coverage(
        table=table.name,
        by=FILES[table.name].by,
        covered_from=table.rows[0].valid_from,
        covered_through=table.rows[-1].valid_to,
        reviewed_through=table.reviewed_through,
        unknown=table.unknown,
        weakest=_weakest(row.confidence for row in table.rows),
        covers=_has(rates, table, on),
    )


def _has(rates: Rates, table: Table[Any], on: date) -> bool:
    try:
        row = table.on(on)
        return not isinstance(row, CollectionRate) or row.regime == rates.regime(on).code
    except RateMissing:
        return False


def _weakest(confidences: Iterable[Confidence]) -> Confidence:
    return min(confidences, key=WEAKEST_FIRST.index)
