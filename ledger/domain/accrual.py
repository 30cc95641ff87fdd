"""Late interest of a case: what has run, what of it was fixed, and what is still running.

Interest is claimed by an event (``InterestFixed``) when a payment pays it or a letter shows it;
until then it runs, and is worked out from the principal's history whenever somebody asks.
"""

from datetime import date, timedelta
from typing import Final

from ledger.domain.allocation import allocate, by_line
from ledger.domain.case import Case
from ledger.domain.events import Event, InterestFixed, InterestLowered
from ledger.domain.interest import Interest, interest
from ledger.domain.rate_missing import RateMissing
from ledger.domain.rules import Rules

CURRENCY: Final = "NOK"
"""The rates are those of Norwegian law; claims in other currencies come from elsewhere."""

NONE: Final = Interest((), 0)
_DAY: Final = timedelta(days=1)
_FOREVER: Final = date.max


def run_until(case: Case, invoice: str, until: date, rules: Rules) -> Interest:
    """All the interest of an invoice from its due date up to a day, that day included.

    None on what a minor owes (policy), on claims in other currencies, or while it is paused.
    Bankruptcy and debt settlement stop it from the day on which they open, for older claims.
    Raises ``RateMissing`` for days whose rate is not known.
    """
    claim = case.invoices[invoice]
    if claim.due_date is None or until <= claim.due_date or case.currency != CURRENCY:
        return NONE
    if claim.patient != "adult" and case.debtor_role == "patient":
        return NONE
    pauses = [*case.interest_pauses, *claim.pauses]
    insolvency = (case.circumstances.get("bankruptcy"), case.circumstances.get("debt_settlement"))
    for known in insolvency:
        if known is not None and claim.covered_by(known):
            pauses.append((known.since, _FOREVER))
    return interest(
        claim.steps,
        claim.due_date,
        until,
        lambda day: rules.rates.interest_rate(day).rate_bp,
        pauses,
    )


def running(case: Case, until: date, rules: Rules) -> dict[str, int]:
    """The interest of each invoice that has run and was not fixed yet, in minor units.

    None on a closed case: what ran before and was not claimed was given up with the rest.
    """
    found: dict[str, int] = {}
    if case.state == "closed":
        return found
    for name, invoice in case.invoices.items():
        amount = run_until(case, name, until, rules).amount - invoice.interest_fixed
        if amount > 0:
            found[name] = amount
    return found


def counts_from(case: Case, on: date) -> date:
    """The day from which on something given up on a day counts: not before interest was claimed.

    Given up freely, a principal bore the interest that was claimed of it until then.
    """
    return max([on, *(i.interest_until for i in case.invoices.values() if i.interest_until)])


def fixed(case: Case, on: date, until: date, rules: Rules) -> list[InterestFixed]:
    """The events that claim all interest up to a day.

    Days whose rate is not known yet are left running: money that comes in is never turned away
    because a rate is missing.
    """
    events: list[InterestFixed] = []
    if case.state == "closed":
        return events
    for name, invoice in case.invoices.items():
        if invoice.interest_until is not None and until <= invoice.interest_until:
            continue
        try:
            run = run_until(case, name, until, rules)
        except RateMissing:
            continue
        amount = run.amount - invoice.interest_fixed
        if amount > 0:
            events.append(
                InterestFixed(
                    value_date=on, claim=name, amount=amount, until=until, segments=run.segments
                )
            )
    return events


def lowered(case: Case, on: date, rules: Rules) -> list[Event]:
    """The events that take back interest which, as is known now, never ran.

    What of it had been paid pays what else is owed, the invoice's own principal first, and then
    is the debtor's. It counts from ``on``, but not before the interest itself did.
    """
    events: list[Event] = []
    now = case
    for name in case.invoices:
        invoice = now.invoices[name]
        if invoice.interest_until is None or invoice.interest_fixed_on is None:
            continue
        try:
            run = run_until(now, name, invoice.interest_until, rules)
        except RateMissing:
            continue
        too_much = invoice.interest_fixed - run.amount
        if too_much <= 0:
            continue
        owed = dict(now.owed)
        unpaid = min(too_much, owed.get(("interest", name), 0))
        freed = min(too_much - unpaid, now.paid.get(("interest", name, None), 0))
        owed["interest", name] = owed.get(("interest", name), 0) - unpaid
        others = [other for other in now.oldest_first() if other != name]
        moved, overpaid = allocate(freed, owed, "principal_interest_costs", [name, *others])
        lower = InterestLowered(
            value_date=max(on, invoice.interest_fixed_on),
            claim=name,
            unpaid=unpaid,
            moved=by_line(now, moved),
            overpaid=overpaid,
            until=invoice.interest_until,
            segments=run.segments,
        )
        events.append(lower)
        now = now.after([lower])
    return events
