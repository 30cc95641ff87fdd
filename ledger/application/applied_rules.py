"""The rules and rates that a case's balance rests on, as plain data, and how sure each is.

Amounts are øre, rates basis points, shares texts such as ``1/20``; dates are ISO 8601.
"""

from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import version
from typing import Any, Final, NamedTuple

import msgspec

from ledger.domain.case import Case
from ledger.domain.explanation import Explanation, source_of
from ledger.domain.rate_missing import RateMissing
from ledger.domain.rates import Rates, Regime, Row, Table
from ledger.domain.rules import Rules
from ledger.rules.loader import FILES
from ledger.rules.plain import plain

_SAID_BESIDE: Final = frozenset({*Row.__struct_fields__, "rule", "heavy_rule"})
"""What of a row is no figure."""


class _Applied(NamedTuple):
    table: Table[Any]
    row: Row


def applied_rules(case: Case, explanation: Explanation, rules: Rules) -> dict[str, Any]:
    """What the fees and the interest of a case were charged under, and the acts of its letters.

    ``version`` tells which program had these tables, and their SHA-256 as a whole. A rule without
    rows stands in no table of rates; one without a source came with imported history.
    """
    return {
        "version": {"program": version("caseledger"), "tables": digest_of(rules.rates)},
        "reviewed_through": rules.rates.reviewed_through.isoformat(),
        "applied": [
            {"rule": rule, "source": source_of(rule, rules), "rows": list(map(_row, rows))}
            for rule, rows in _named(explanation, rules).items()
        ],
        "regimes": list(_regimes(case, rules)),
    }


def digest_of(rates: Rates) -> str:
    """SHA-256 of all tables and regimes, in hex: another figure anywhere is another digest."""
    return sha256(msgspec.json.encode(rates, enc_hook=str, order="sorted")).hexdigest()


def _named(explanation: Explanation, rules: Rules) -> dict[str, list[_Applied]]:
    found: dict[str, dict[_Applied, None]] = {}
    for item in explanation.items:
        for charged in item.contributions:
            if charged.rule is None:
                continue
            rows = found.setdefault(charged.rule, dict.fromkeys(_rows_of(charged.rule, rules)))
            if item.component.endswith("_vat"):
                try:
                    row = rules.rates.vat.on(charged.value_date)
                except RateMissing:
                    continue
                rows[_Applied(rules.rates.vat, row)] = None
    for interest in explanation.interest:
        for stretch in (*interest.fixed_stretches, *interest.stretches):
            if stretch.rule is not None:
                found.setdefault(stretch.rule, dict.fromkeys(_rows_of(stretch.rule, rules)))
    return {rule: list(rows) for rule, rows in found.items()}


def _rows_of(rule: str, rules: Rules) -> list[_Applied]:
    return [_Applied(table, row) for table, row in rules.rates.rows_of(rule)]


def _row(applied: _Applied) -> dict[str, Any]:
    table, row = applied
    return {
        "table": table.name,
        "by": FILES[table.name].by,
        "reviewed_through": table.reviewed_through.isoformat(),
        "valid_from": row.valid_from.isoformat(),
        "valid_to": row.valid_to.isoformat(),
        "source": row.source,
        "confidence": row.confidence,
        "values": {name: value for name, value in plain(row).items() if name not in _SAID_BESIDE},
    }


def _regimes(case: Case, rules: Rules) -> Iterator[dict[str, Any]]:
    """The acts under which the letters of a case were sent, and what each asks for."""
    found: dict[str, tuple[Regime, list[str]]] = {}
    for name, letter in case.letters.items():
        try:
            regime = rules.rates.regime(letter.sent_on)
        except RateMissing:
            continue
        found.setdefault(regime.code, (regime, []))[1].append(name)
    for regime, letters in found.values():
        yield {
            "code": regime.code,
            "law": regime.law,
            "letters": letters,
            "figures": [
                {
                    "figure": figure,
                    "is": plain(getattr(regime, figure)),
                    "source": basis.source,
                    "confidence": basis.confidence,
                }
                for figure, basis in regime.basis.items()
            ],
        }
