"""What a clinic may decide for itself, within what the law allows.

Most of it is judgement and no law (domain.md marks it so); each default says where it comes from.
"""

from typing import Annotated, Literal

import msgspec

from ledger.domain.events import AllocationOrder, DeliveryChannel
from ledger.domain.money import Amount

Days = Annotated[int, msgspec.Meta(ge=0, le=365)]


class ClinicPolicy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a clinic wants its cases handled."""

    allocation_order: AllocationOrder = "costs_interest_principal"
    """The creditor's choice where the debtor has made none (Lovavdelingen 1998/11444)."""
    vat_deductible: bool = False
    """Health services are exempt (mval. § 3-2), so a clinic can't deduct the VAT of the collection
    fee; cosmetic treatment without medical purpose is liable, and its clinic can."""
    grace_days: Days = 3
    """Days after a deadline in which a payment may still be on its way from the bank: the first
    day on which anything may be done is deadline + grace + 1."""
    charges_reminder_fees: bool = True
    invoicing_fee_most: Amount = 45_00
    """At most what an invoice costs the clinic (finansavtaleloven § 2-4 (1))."""
    late_invoice_days: Days = 60
    """An invoice that comes later than this after the visit was sent late by error."""
    small_remainder: Amount = 10_00
    """A rest up to this that is no principal is written off with the payment that leaves it."""
    smallest_letter: Amount = 50_00
    """Nobody is written to about less."""
    frikort_billed_in_error: Literal["credit", "pay_and_refund"] = "credit"
    """Whether an egenandel that was billed in spite of a frikort is credited, or paid and refunded
    by Helfo."""
    waives_interest_when_slow: bool = True
    """No interest runs through a dispute that the clinic took more than two weeks to answer."""
    letters: Literal["automatic", "proposed"] = "automatic"
    """Whether due letters are sent by the clock, or proposed to somebody who sends them."""
    letter_channel: DeliveryChannel = "post"
    reminder_after_days: Days = 14
    """Days after the due date: a reminder before the fourteenth carries no fee."""
    letter_deadline_days: Annotated[int, msgspec.Meta(ge=14, le=90)] = 14
    legal_decision_after_days: Days = 30
    """Days after the heavy collection fee before the clinic is asked what to do."""
