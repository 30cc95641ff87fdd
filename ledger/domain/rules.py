"""The rules and policies that decisions are judged by, as data that is handed to them.

The law's rates, deadlines and ceilings are dated tables (``ledger.domain.rates``); what a clinic
may choose within them is its policy (``ledger.domain.policy``). A decision reads both from its
``setting`` and from nowhere else, so that a case can be judged by the rules of any date.
"""

from datetime import date
from typing import TYPE_CHECKING, Final

import msgspec

from ledger.domain.policy import ClinicPolicy
from ledger.domain.rates import Rates

if TYPE_CHECKING:
    from ledger.domain.case import Case

EARLIEST_VALUE_DATE: Final = date(1990, 1, 1)
"""Nothing that a book holds can have happened before: an earlier date was typed wrong."""

LATEST_DATE: Final = date(2100, 12, 31)
"""Nothing falls due later: it is as far as the calendar of bank days reaches."""

REFUND_BY_ONE_MOST: Final = 2_000_00
"""Øre that one person may pay back; more takes two (domain.md 7.2, four eyes)."""
WRITE_OFF_BY_ONE_MOST: Final = 500_00
"""Øre that one person may write off; more takes two."""
TIME_FOR_ANSWER_DAYS: Final = 14
"""A rejected objection is answered in writing, and no cost follows for two weeks; the clinic has
the same time to answer before interest is waived and the matter is raised."""
MISUNDERSTANDING_HOLD_DAYS: Final = 7
"""A plain misunderstanding holds a case for as long as its answer may take (2026 act § 17)."""


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What decisions may depend on beside the case, the command and today's date."""

    rates: Rates
    policy: ClinicPolicy = ClinicPolicy()


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """Under what a decision is made."""

    rules: Rules
    today: date
    actor: str
    """Who asks, as ``role:id``."""
    approved: bool = False
    """Whether a second person has agreed."""
    related: "tuple[Case, ...]" = ()
    """The other cases of the same creditor and debtor, for whoever opens one more."""

    @property
    def role(self) -> str:
        """What the one who asks is: ``agent``, ``senior``, ``clinic``, ``system`` …"""
        return self.actor.partition(":")[0]

    @property
    def person(self) -> str:
        """Who he is, whatever his role."""
        return self.actor.partition(":")[2]
