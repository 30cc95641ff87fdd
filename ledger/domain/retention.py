"""How long personal data are kept, and whether they may be erased today."""

from collections.abc import Iterable
from datetime import date
from typing import Final

import msgspec

from ledger.domain.personal import AT_ONCE, RETENTIONS, HoldReason, Retention
from ledger.domain.refusals import Refusal

BOOKKEEPING_YEARS: Final = 5
"""Primary documentation: five years after the end of the financial year (bokføringsloven § 13)."""
BOOKKEEPING_LAW: Final = "bokføringsloven § 13"


class Involvement(msgspec.Struct, frozen=True):
    """A case that a person owes on: its number, and the day on which it was closed, if it is."""

    case: str
    closed_on: date | None


class Erasure(msgspec.Struct, frozen=True):
    """What goes now, what stays and until when."""

    now: tuple[Retention, ...]
    kept: tuple[Retention, ...]
    kept_until: date | None
    """The last day on which the law keeps the rest; ``None`` if nothing is kept."""


def kept_until(closed_on: date) -> date:
    """The last day on which bookkeeping law keeps what a closed case rests on.

    The financial year is the calendar year.
    """
    return date(closed_on.year + BOOKKEEPING_YEARS, 12, 31)


def decide_erasure(
    cases: Iterable[Involvement], holds: Iterable[HoldReason], today: date
) -> Erasure | Refusal:
    """What of a person may be erased on a date.

    Contact data, notes and what others told about themselves go at once; whose money the books
    are about goes when no law keeps it any more. Nothing goes under a legal hold, nor while a
    claim is still pursued (GDPR art. 17(3)(e)).
    """
    for reason in sorted(holds):
        return Refusal("legal_hold", {"reason": reason}, source="GDPR art. 17(3)(e)")
    known = list(cases)
    for open_case in (case for case in known if case.closed_on is None):
        return Refusal("claim_pursued", {"reference": open_case.case}, source="GDPR art. 17(3)(e)")
    until = max((kept_until(case.closed_on) for case in known if case.closed_on), default=None)
    if until is None or until < today:
        return Erasure(now=RETENTIONS, kept=(), kept_until=None)
    return Erasure(now=AT_ONCE, kept=("identity",), kept_until=until)
