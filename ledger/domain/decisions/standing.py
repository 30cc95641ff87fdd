"""What stands in the way of any step against the debtor: holds, disputes, plans, circumstances.

Each question is answered with a refusal, or ``None`` where nothing stands in the way.
"""

from datetime import date, timedelta
from typing import Final, Literal

from ledger.domain.calendar import add_years
from ledger.domain.case import Case, Hold
from ledger.domain.refusals import Code, Refusal
from ledger.domain.rules import TIME_FOR_ANSWER_DAYS, Setting

DAY: Final = timedelta(days=1)
INSOLVENCY: Final[tuple[Literal["bankruptcy", "debt_settlement"], ...]] = (
    "bankruptcy",
    "debt_settlement",
)

_CODES: Final[dict[Hold, Code]] = {
    "dispute": "disputed",
    "deferral": "deferral_active",
    "instalment_plan": "instalment_plan_active",
    "estate": "estate",
    "bankruptcy": "bankruptcy",
    "debt_settlement": "debt_settlement",
}
_SOURCES: Final[dict[Code, str]] = {
    "disputed": "INKL § 8, § 17 (2)",
    "deferral_active": "god inkassoskikk, INKL § 8",
    "instalment_plan_active": "god inkassoskikk, INKL § 8",
    "estate": "domain policy: nothing goes to the deceased",
    "bankruptcy": "konkursloven; individual collection stops",
    "debt_settlement": "gjeldsordningsloven; collection stops",
    "on_hold": "god inkassoskikk, INKL § 8",
}


def not_before(cause: date, on: date) -> Refusal:
    """What answers something can't have come before it."""
    facts: dict[str, object] = {"date": on.isoformat(), "from": cause.isoformat()}
    return Refusal("date_out_of_range", facts, cause)


def held(
    case: Case, on: date, setting: Setting, *, costs: bool = False, besides: Hold | None = None
) -> Refusal | None:
    """Whether a hold keeps anything from going out on a day, ``besides`` one that does not count.

    An objection that holds letters back for some days only, keeps ``costs`` away until answered.
    Insolvency is not looked at: it covers older claims only (``covered_by_insolvency``).
    """
    holds = case.holds_on(on)
    if besides is not None:
        holds.pop(besides, None)
    settlement = case.settlement
    if settlement is not None and "dispute" not in holds:
        first_day = settlement.pay_by + (setting.rules.policy.grace_days + 1) * DAY
        if on < first_day:
            facts_of_it = {"until": settlement.pay_by.isoformat()}
            return Refusal("settlement_active", facts_of_it, first_day, _SOURCES["deferral_active"])
    for kind in sorted(holds, key=_severity):
        if kind in INSOLVENCY:
            continue
        until = holds[kind]
        if kind not in _CODES:  # of those with one code the last to end counts
            placed = [last for other, last in holds.items() if other not in _CODES]
            until = None if None in placed else max(last for last in placed if last)
        barred = until is None or (costs and kind == "dispute")
        earliest = None if barred or until is None else until + DAY
        code = _CODES.get(kind, "on_hold")
        facts: dict[str, object] = {} if code != "on_hold" else {"hold": kind}
        if code == "instalment_plan_active" and case.plan is not None:
            due = case.plan.next_unpaid()
            if due is not None:
                facts["due"] = due.due.isoformat()
        if code == "deferral_active" and until is not None:
            facts["until"] = until.isoformat()
        return Refusal(code, facts, earliest, _SOURCES[code])
    return None


def _severity(kind: Hold) -> int:
    order = ("dispute", "estate", "instalment_plan", "deferral")
    return order.index(kind) if kind in order else len(order)


def covered_by_insolvency(case: Case, invoice: str) -> Refusal | None:
    """Whether a claim is older than the debtor's bankruptcy or debt settlement, which stops it."""
    claim = case.invoices[invoice]
    for kind in INSOLVENCY:
        known = case.circumstances.get(kind)
        if known is not None and claim.covered_by(known):
            return Refusal(kind, {"since": known.since.isoformat()}, None, _SOURCES[kind])
    return None


def unreviewed(on: date, setting: Setting) -> Refusal | None:
    """Whether nobody has read the law yet that is in force on a day: then nothing is sent."""
    rates = setting.rules.rates
    if rates.reviewed(on):
        return None
    facts = {"date": on.isoformat(), "reviewed_through": rates.reviewed_through.isoformat()}
    return Refusal("regime_not_reviewed", facts, None, "policy: no fee or letter under unread law")


def costs_barred(case: Case, invoices: list[str], on: date, setting: Setting) -> Refusal | None:
    """Whether the debtor bears no costs of any of these claims, whatever step is taken."""
    if "estate" in case.circumstances:
        return of_an_estate()
    for name in invoices:
        invoice = case.invoices[name]
        refusal = of_a_minor(case, name)
        if refusal is not None:
            return refusal
        if invoice.late:
            return Refusal("late_first_invoice_fee", {"invoice": name}, None, "2026 act § 18 (6)")
        if invoice.delivered_on is None or invoice.delivered_on > on:
            source = "INKL § 3 a, FinKN 2017-492"
            return Refusal("not_delivered", {"invoice": name}, invoice.delivered_on, source)
    return after_objection(case, invoices, on, setting)


def of_an_estate() -> Refusal:
    """Whoever has died bears no new costs, and nor does the estate."""
    return Refusal("estate", {}, None, _SOURCES["estate"])


def of_a_minor(case: Case, invoice: str) -> Refusal | None:
    """Whether the claim was incurred by a minor who owes it himself: at no age it bears costs."""
    if case.invoices[invoice].patient == "adult" or case.debtor_role != "patient":
        return None
    source = "LOVA 2006/01456, 22.08.2017; 2026 act § 18 (5)"
    return Refusal("minor_no_costs", {"invoice": invoice}, None, source)


def bearing_costs(
    case: Case, invoices: list[str], on: date, setting: Setting
) -> list[str] | Refusal:
    """Those of the claims that may bear costs; where none may, why the first one may not."""
    refusals = {name: costs_barred(case, [name], on, setting) for name in invoices}
    found = [name for name, refusal in refusals.items() if refusal is None]
    return found or soonest([refusal for refusal in refusals.values() if refusal is not None])


def soonest(refusals: list[Refusal]) -> Refusal:
    """Of several refusals the one that time takes away first; else the first."""
    return min(refusals, key=lambda refusal: refusal.earliest or date.max)


def after_objection(case: Case, invoices: list[str], on: date, setting: Setting) -> Refusal | None:
    """Whether an objection keeps costs away from the claims that it can have been about.

    Unanswered it does, also when it no longer holds letters back. Answered, it does for the time
    that the answer takes to be read; under the act of 2026, for good unless it was groundless.
    """
    last: date | None = None
    for name, dispute in case.disputes.items():
        if all(case.invoices[i].issued_on > dispute.raised_on for i in invoices):
            continue
        if dispute.answered_on is None:
            return Refusal("disputed", {"dispute": name}, None, "INKL § 17 (2)")
        if dispute.outcome == "not_stated":
            continue
        regime = setting.rules.rates.regime(on)
        groundless_only = regime.costs_after_objection == "only_if_obviously_groundless"
        if groundless_only and not dispute.obviously_groundless:
            return Refusal("disputed", {"dispute": name}, None, "2026 act § 18 (3)")
        told = max(dispute.answered_on, dispute.notified_on or dispute.answered_on)
        last = max(last or told, told)
    if last is not None and on < last + TIME_FOR_ANSWER_DAYS * DAY:
        facts = {"answered": last.isoformat()}
        earliest = last + TIME_FOR_ANSWER_DAYS * DAY
        return Refusal("disputed", facts, earliest, "INKL § 8: time to take an answer in")
    return None


def plan_warning_due(case: Case, invoices: list[str], on: date, setting: Setting) -> Refusal | None:
    """After a broken plan nothing goes further before the debtor was warned and had time.

    An invoice that came after the plan was never part of it.
    """
    plan = next(reversed(case.plans.values()), None)
    if plan is None or plan.broken_on is None:
        return None
    if all(case.invoices[name].version > plan.version for name in invoices):
        return None
    warnings = [w for w in case.letters_of("plan_warning") if w.sent_on >= plan.broken_on]
    if not warnings:
        return Refusal("plan_warning_missing", {}, None, "god inkassoskikk, INKL § 8")
    return deadline_open(warnings[-1].deadline, on, setting)


def deadline_open(deadline: date | None, on: date, setting: Setting) -> Refusal | None:
    """Whether an earlier letter's deadline, and the days a payment may take, have not passed."""
    if deadline is None:
        return None
    earliest = deadline + (setting.rules.policy.grace_days + 1) * DAY
    if on >= earliest:
        return None
    return Refusal(
        "prior_deadline_open", {"deadline": deadline.isoformat()}, earliest, "INKL §§ 9, 10"
    )


def time_barred(case: Case, invoice: str, on: date, setting: Setting) -> Refusal | None:
    """Whether a claim is too old to be demanded (foreldelsesloven §§ 2, 3, 21)."""
    limit = limitation_date(case, invoice, setting)
    if limit is None or on <= limit:
        return None
    facts = {"invoice": invoice, "limit": limit.isoformat()}
    return Refusal("time_barred", facts, None, "foreldelsesloven §§ 2, 3")


def limitation_date(case: Case, invoice: str, setting: Setting) -> date | None:
    """The last day on which a claim can be demanded; ``None`` while that is not known."""
    claim = case.invoices[invoice]
    if claim.due_date is None:
        return None
    rates = setting.rules.rates
    regime = rates.regime(max(claim.due_date, rates.first_regime_from))
    judged = min(
        (f.decided_on for f in case.filings.values() if f.outcome == "judgment" and f.decided_on),
        default=date.max,
    )
    limit = add_years(claim.due_date, regime.limitation_years)
    for day, cause in sorted(claim.interruptions):
        if day > limit:
            break  # what is barred already is not revived by what comes after
        years = regime.limitation_years
        if day >= judged:
            years = regime.limitation_years_after_judgment
        filing = case.filings.get(cause)
        if filing is not None and filing.outcome == "dismissed" and filing.decided_on is not None:
            # A step that ends without a decision leaves one more year (foreldelsesloven § 22).
            limit = max(limit, add_years(filing.decided_on, 1))
        else:
            limit = max(limit, add_years(day, years))
    return limit


def one_person_only(setting: Setting, limit: int | None = None) -> Refusal | None:
    """What takes two people is refused to one: it is asked for, and another agrees to it."""
    if setting.approved:
        return None
    facts = {} if limit is None else {"limit": limit}
    return Refusal("approval_needed", facts, None, "policy: four eyes")
