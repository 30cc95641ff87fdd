"""What happened at the payment terminal: which charges reached it, and why one was not paid there.

The founding document's two misunderstandings are told apart here: the patient approved zero
before the charge was there, or paid one charge while another never reached the terminal.
"""

from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from ledger.domain.case import Case
from ledger.domain.events import LineCategory

SAME_VISIT: Final = timedelta(hours=12)
"""A zero that was approved longer than this before a charge belongs to another visit."""

Unpaid = Literal["not_on_terminal", "approved_before_the_charge", "not_paid_at_terminal"]
"""Why the terminal did not take a charge: it never got it, the patient approved 0.00 before it was
there, or it stood on the screen and was not paid."""


class Visited(msgspec.Struct, frozen=True):
    """A charge and what the terminal did with it. ``amount`` is in minor units; times are UTC."""

    charge: str
    category: LineCategory
    amount: int
    registered_at: datetime
    sent_at: datetime | None
    paid_at: datetime | None
    invoice: str | None
    """The invoice that claims it."""
    unpaid: Unpaid | None
    """``None`` if it was paid at the terminal."""
    zero_at: datetime | None
    """When the patient approved 0.00, if that was before the charge was there."""


def visited(case: Case) -> tuple[Visited, ...]:
    """Every charge of the case, in the order in which they were registered."""
    found = []
    for name, charge in case.charges.items():
        zero_at = _zero_before(case, charge.sent_at or charge.registered_at)
        unpaid: Unpaid | None = None
        if charge.paid_at is None:
            unpaid = "not_on_terminal" if charge.sent_at is None else "not_paid_at_terminal"
            if zero_at is not None:
                unpaid = "approved_before_the_charge"
        found.append(
            Visited(
                charge=name,
                category=charge.category,
                amount=charge.amount,
                registered_at=charge.registered_at,
                sent_at=charge.sent_at,
                paid_at=charge.paid_at,
                invoice=charge.invoice,
                unpaid=unpaid,
                zero_at=zero_at if charge.paid_at is None else None,
            )
        )
    return tuple(sorted(found, key=lambda charge: charge.registered_at))


def split(charges: tuple[Visited, ...]) -> bool:
    """Whether one charge of a visit was paid at the terminal while another never reached it."""
    missed = [charge for charge in charges if charge.unpaid == "not_on_terminal"]
    return any(
        abs(paid.registered_at - other.registered_at) <= SAME_VISIT
        for other in missed
        for paid in charges
        if paid.paid_at is not None
    )


def _zero_before(case: Case, at: datetime) -> datetime | None:
    """The last time that 0.00 was approved before a charge, with no payment since."""
    zeros = [
        attempt.at
        for attempt in case.attempts
        if attempt.result == "approved"
        and not attempt.amount
        and attempt.at < at <= attempt.at + SAME_VISIT
    ]
    if not zeros:
        return None
    last = max(zeros)
    paid = [c.paid_at for c in case.charges.values() if c.paid_at is not None]
    return None if any(last < moment <= at for moment in paid) else last
