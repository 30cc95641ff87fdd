"""The rules and policies that decisions are judged by, as data that is handed to them.

The dated rates, deadlines and fee ceilings of the Norwegian regimes belong here. A decision
reads them from its ``rules`` argument and from nowhere else, so that a case can be judged
by the rules of any date.
"""

from datetime import date
from typing import Final

import msgspec

from ledger.domain.events import AllocationOrder

EARLIEST_VALUE_DATE: Final = date(1990, 1, 1)
"""Nothing that a book holds can have happened before: an earlier date was typed wrong."""


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What decisions may depend on beside the case, the command and today's date."""

    allocation_order: AllocationOrder = "costs_interest_principal"
    """The creditor's choice where the debtor has made none (Lovavdelingen 1998/11444)."""
