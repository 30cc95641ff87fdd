"""The tables of fees, rates and legal regimes, as files that a lawyer can read and change."""

from ledger.rules.loader import RulesError, load

__all__ = ["RulesError", "load"]
