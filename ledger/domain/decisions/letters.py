"""Letters of the collection ladder, and what each may cost.

Reminder (purring), collection notice (inkassovarsel, INKL § 9), payment demand
(betalingsoppfordring, § 10). What may be sent when, and at what price, is a set of guards: each
is a function that answers with a refusal or with nothing.
"""

from collections.abc import Callable
from datetime import date
from typing import Final

from ledger.domain.accrual import CURRENCY
from ledger.domain.calendar import add_months
from ledger.domain.case import Case, Letter
from ledger.domain.commands import ClaimHeavyFee, SendReminder
from ledger.domain.decisions.fees import SMALL_FEE_LETTERS, lowered_fee, with_small_fee
from ledger.domain.decisions.standing import (
    DAY,
    bearing_costs,
    covered_by_insolvency,
    deadline_open,
    held,
    plan_warning_due,
    soonest,
    time_barred,
    unreviewed,
)
from ledger.domain.events import Event, FeeCharged, FeeComponent, Part, ReminderSent
from ledger.domain.rate_missing import RateMissing
from ledger.domain.rates import CollectionFee
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Setting

_VAT_BP_OF_ONE: Final = 10_000

Fees = list[tuple[FeeComponent, int, str, str]]
"""What a letter charges: component, amount in minor units, the rule that allows it, the claim."""


def send_reminder(case: Case, command: SendReminder, setting: Setting) -> list[Event] | Refusal:
    """Send a letter about everything that is overdue, if nothing stands in the way.

    The fee is charged to the oldest claim that may bear it: one letter costs one fee.
    """
    if command.letter in case.letters:
        return Refusal("duplicate_reference", {"kind": "letter", "name": command.letter})
    if case.outstanding <= 0:
        return Refusal("nothing_owed")
    refusal = _not_now(case, command, setting)
    if refusal is not None:
        return refusal
    about = _about(case, command, setting)
    if isinstance(about, Refusal):
        return about
    for guard in (_form, _address, _deadline, _smallest):
        refusal = guard(case, command, setting)
        if refusal is not None:
            return refusal
    refusal = unreviewed(command.on, setting)
    if refusal is not None:
        return refusal
    fees = _fees(case, command, about, setting)
    if isinstance(fees, Refusal):
        return fees
    asked = [
        Part(component, amount, claim)
        for (component, claim), amount in case.owed.items()
        if (claim is None or claim in about) and amount > 0
    ]
    asked += [Part(component, amount, claim) for component, amount, _, claim in fees]
    sent = ReminderSent(
        value_date=command.on,
        letter=command.letter,
        kind=command.kind,
        channel=command.channel,
        deadline=command.deadline,
        sender=command.sender,
        invoices=tuple(about),
        asked=tuple(asked),
        regime=setting.rules.rates.regime(command.on).code,
    )
    charged = [
        FeeCharged(
            value_date=command.on,
            component=component,
            amount=amount,
            claim=claim,
            rule=rule,
            letter=command.letter,
        )
        for component, amount, rule, claim in fees
    ]
    return [sent, *charged]


def _not_now(case: Case, command: SendReminder, setting: Setting) -> Refusal | None:
    """Holds first: while there is one, no other reason matters."""
    refusal = held(case, command.on, setting, costs=bool(command.fee))
    if refusal is None or refusal.code != "deferral_active" or not command.fee:
        return refusal
    # What the deferral moved must also have been due for long enough to bear a fee.
    assert refusal.earliest is not None, "a deferral has an end"
    due = [
        invoice.due_date
        for name, invoice in case.invoices.items()
        if invoice.due_date is not None and case.owed.get(("principal", name))
    ]
    days = setting.rules.rates.regime(command.on).fee_days_after_due
    earliest = max(refusal.earliest, min(due, default=command.on) + days * DAY)
    return Refusal(refusal.code, refusal.facts, earliest, refusal.source)


def _about(case: Case, command: SendReminder, setting: Setting) -> list[str] | Refusal:
    """The invoices that the letter is about, oldest first: all claims are collected as one."""
    overdue = case.overdue_on(command.on)
    if not overdue:
        due = [
            invoice.due_date
            for name, invoice in case.invoices.items()
            if invoice.due_date is not None and case.owed.get(("principal", name))
        ]
        if not due:
            return Refusal("nothing_owed")
        first = min(due)
        return Refusal(
            "not_overdue", {"due_date": first.isoformat()}, first + DAY, "INKL § 9, INKF § 1-2"
        )
    stopped = {name: covered_by_insolvency(case, name) for name in overdue}
    free = [name for name, refusal in stopped.items() if refusal is None]
    if not free:
        return next(refusal for refusal in stopped.values() if refusal is not None)
    if command.kind == "plan_warning":
        broken = any(plan.broken_on is not None for plan in case.plans.values())
        return free if broken else Refusal("plan_kept")
    refusal = None
    if command.kind != "reminder":
        refusal = plan_warning_due(case, free, command.on, setting)
    if refusal is not None:
        return refusal
    if command.kind != "payment_demand":
        return free
    for name in free:
        refusal = time_barred(case, name, command.on, setting)
        if refusal is not None:
            return refusal
    return _noticed(case, free, command.on, setting)


def _noticed(case: Case, invoices: list[str], on: date, setting: Setting) -> list[str] | Refusal:
    """Those that a valid collection notice was sent about, whose deadline has passed unpaid."""
    ready: list[str] = []
    waiting: list[Refusal] = []
    for name in invoices:
        notices = [n for n in case.letters_of("collection_notice") if name in n.invoices]
        if not notices:
            continue
        refusals = [deadline_open(notice.deadline, on, setting) for notice in notices]
        if None in refusals:
            ready.append(name)
        else:
            waiting += [refusal for refusal in refusals if refusal is not None]
    if ready:
        return ready
    if waiting:
        return soonest(waiting)
    return Refusal("no_valid_notice", {}, None, "INKL § 9, § 17 (4)")


def _form(case: Case, command: SendReminder, setting: Setting) -> Refusal | None:
    """Who may send it, and what it must say."""
    if command.kind != "collection_notice":
        return None
    regime = setting.rules.rates.regime(command.on)
    if command.sender == "clinic" and not regime.creditor_may_send_notice:
        return Refusal("own_notice_new_regime", {}, None, regime.source("creditor_may_send_notice"))
    missing = sorted(set(regime.notice_states) - set(command.statements))
    if regime.code == "2026" and missing:
        return Refusal("notice_incomplete", {"missing": ", ".join(missing)}, None, "2026 act § 20")
    return None


def _address(case: Case, command: SendReminder, setting: Setting) -> Refusal | None:
    """A protected address is never used by us: only what reaches the person without it."""
    if "protected_address" in case.circumstances and command.channel != "digital_mailbox":
        return Refusal(
            "protected_address", {"channel": command.channel}, None, "folkeregisterloven"
        )
    return None


def _deadline(case: Case, command: SendReminder, setting: Setting) -> Refusal | None:
    """A notice and a demand give at least two weeks; the day of sending is not counted."""
    if command.kind == "reminder":
        if command.deadline is not None and command.deadline <= command.on:
            facts = {
                "deadline": command.deadline.isoformat(), "shortest": (command.on + DAY).isoformat()
            }  # fmt: skip
            return Refusal("deadline_too_short", facts)
        return None
    if command.deadline is None:
        return Refusal("deadline_missing", {}, None, "INKL §§ 9, 10")
    regime = setting.rules.rates.regime(command.on)
    days = regime.demand_days if command.kind == "payment_demand" else regime.notice_days
    shortest = command.on + days * DAY
    if command.deadline < shortest:
        facts = {"deadline": command.deadline.isoformat(), "shortest": shortest.isoformat()}
        return Refusal("deadline_too_short", facts, None, "INKL §§ 9, 10")
    return None


def _smallest(case: Case, command: SendReminder, setting: Setting) -> Refusal | None:
    least = setting.rules.policy.smallest_letter
    if command.kind != "plan_warning" and case.outstanding < least:
        facts = {"outstanding": case.outstanding, "least": least}
        return Refusal("too_small", facts, None, "policy of the clinic")
    return None


def _fees(case: Case, command: SendReminder, about: list[str], setting: Setting) -> Fees | Refusal:
    """What the letter may charge."""
    if not command.fee:
        return Refusal("vat_on_fee", {}, None, "mval. § 4-1 (2)") if command.fee_vat else []
    if case.currency != CURRENCY:
        return Refusal("rates_missing", {"table": "currency", "date": command.on.isoformat()})
    bearing = bearing_costs(case, about, command.on, setting)
    if isinstance(bearing, Refusal):
        return bearing
    return _FEES_OF[command.kind](case, command, bearing, setting)


def _small_fee(
    case: Case, command: SendReminder, about: list[str], setting: Setting
) -> Fees | Refusal:
    """At most a twentieth of the rate, from the fourteenth day on, twice (INKF §§ 1-2, 1-3)."""
    if command.fee_vat:
        return Refusal("vat_on_fee", {}, None, "mval. § 4-1 (2)")
    if not setting.rules.policy.charges_reminder_fees:
        facts = {"component": "reminder_fee"}
        return Refusal("fee_not_allowed", facts, None, "policy of the clinic")
    refusals: list[Refusal] = []
    for claim in about:
        found = _small_fee_on(case, command, claim, setting)
        if not isinstance(found, Refusal):
            return found
        refusals.append(found)
    return soonest(refusals)


def _small_fee_on(
    case: Case, command: SendReminder, claim: str, setting: Setting
) -> Fees | Refusal:
    due = _due(case, claim)
    regime = setting.rules.rates.regime(command.on)
    arrived = case.invoices[claim].delivered_on or due
    first_day = max(due, arrived) + regime.fee_days_after_due * DAY
    if command.on < first_day:
        return Refusal("fee_too_early", {"due_date": due.isoformat()}, first_day, "INKF § 1-2")
    most = setting.rules.rates.small_fee_max(command.on, due)
    if command.fee > most.amount:
        return _above(command.fee, most.amount, most.source)
    refusal = _too_many(case, claim, command.on, setting)
    return refusal if refusal is not None else [("reminder_fee", command.fee, most.rule, claim)]


def _too_many(case: Case, claim: str, on: date, setting: Setting) -> Refusal | None:
    regime = setting.rules.rates.regime(on)
    with_fee = with_small_fee(case, claim)
    if not with_fee:
        return None
    last = with_fee[-1]
    anew = add_months(last.sent_on, regime.small_fees_reset_months) + DAY
    if on >= anew:
        return None
    recent = _since_reset(with_fee, regime.small_fees_reset_months)
    if len(recent) >= regime.small_fees_max:
        facts = {"count": len(recent), "last": last.sent_on.isoformat()}
        return Refusal("fee_count_exceeded", facts, anew, "INKF § 1-3")
    return _deadline_missed(case, claim, on, last, setting)


def _deadline_missed(
    case: Case, claim: str, on: date, last: Letter, setting: Setting
) -> Refusal | None:
    """A second fee needs a letter that gave two weeks, and whose deadline has passed unpaid."""
    regime = setting.rules.rates.regime(on)
    grace = (setting.rules.policy.grace_days + 1) * DAY
    days = regime.second_fee_deadline_days * DAY
    passed = [
        letter.deadline + grace
        for letter in case.letters.values()
        if letter.kind in SMALL_FEE_LETTERS
        and claim in letter.invoices
        and not letter.void
        and letter.sent_on >= last.sent_on
        and letter.deadline is not None
        and letter.deadline >= letter.sent_on + days
    ]
    anew = add_months(last.sent_on, regime.small_fees_reset_months) + DAY
    earliest = min(passed, default=anew)
    if on >= earliest:
        return None
    facts = {"sent": last.sent_on.isoformat()}
    return Refusal("second_fee_no_deadline", facts, min(earliest, anew), "INKF § 1-3")


def _since_reset(letters: list[Letter], months: int) -> list[Letter]:
    """The letters since the last pause that was long enough for the count to begin anew."""
    recent: list[Letter] = []
    for letter in letters:
        if recent and letter.sent_on > add_months(recent[-1].sent_on, months):
            recent = []
        recent.append(letter)
    return recent


def _demand_fee(
    case: Case, command: SendReminder, about: list[str], setting: Setting
) -> Fees | Refusal:
    """An agency charges the light collection fee, a clinic a fee of its own.

    Claims that were demanded before bear no second fee; together with a new one they bear what
    the fee of them all exceeds what was charged.
    """
    before = [
        name
        for name, letter in case.letters.items()
        if letter.kind == "payment_demand"
        and not letter.void
        and case.fee_of(name)
        and set(letter.invoices) & set(about)
    ]
    charged = set().union(*(case.letters[name].invoices for name in before))
    new = [name for name in about if name not in charged]
    if not new:
        return _charged_already(case)
    if command.sender == "clinic":
        return _own_demand_fee(case, command, new, setting)
    cap = collection_fee_cap(case, about, command.on, setting, heavy=False)
    most = max(0, cap.net - sum(case.fee_of(name, "collection_fee") for name in before))
    if command.fee > most:
        return _above(command.fee, most, cap.source)
    vat = vat_of(command.fee, command.on, setting)
    if command.fee_vat is not None and command.fee_vat != vat:
        return _above(command.fee_vat, vat, "mval. § 3-2, § 5-1")
    return _with_vat(command.fee, vat, cap.rule, new[0])


def _own_demand_fee(
    case: Case, command: SendReminder, about: list[str], setting: Setting
) -> Fees | Refusal:
    if command.fee_vat:
        return Refusal("vat_on_fee", {}, None, "mval. § 4-1 (2)")
    regime = setting.rules.rates.regime(command.on)
    if not regime.own_demand_fee_allowed:
        source = regime.source("own_demand_fee_allowed")
        return Refusal("fee_not_allowed", {"component": "demand_fee"}, None, source)
    most = setting.rules.rates.own_demand_fee_max(command.on, _due(case, about[0]))
    if command.fee > most.amount:
        return _above(command.fee, most.amount, most.source)
    return [("demand_fee", command.fee, most.rule, about[0])]


def _no_fee(case: Case, command: SendReminder, about: list[str], setting: Setting) -> Refusal:
    return Refusal("fee_not_allowed", {"component": "reminder_fee"}, None, "INKL § 17 (1)")


_FEES_OF: Final[dict[str, Callable[[Case, SendReminder, list[str], Setting], Fees | Refusal]]] = {
    "reminder": _small_fee,
    "collection_notice": _small_fee,
    "payment_demand": _demand_fee,
    "plan_warning": _no_fee,
}


def claim_heavy_fee(case: Case, command: ClaimHeavyFee, setting: Setting) -> list[Event] | Refusal:
    """More than 28 days after the demand's deadline, the heavy fee replaces the light one."""
    demanded = _demand_with_fee(case)
    if demanded is None:
        return Refusal("no_valid_demand", {}, None, "INKF § 2-3")
    name, demand = demanded
    if demand.heavy or not command.replaces_light:
        return _charged_already(case)
    about = [invoice for invoice in demand.invoices if case.owed.get(("principal", invoice))]
    bearing = _heavy_refused(case, command.on, about, setting)
    if isinstance(bearing, Refusal):
        return bearing
    assert demand.deadline is not None, "a demand has a deadline"
    days = setting.rules.rates.regime(command.on).heavy_after_days
    earliest = demand.deadline + (days + 1) * DAY
    if command.on < earliest:
        facts = {"deadline": demand.deadline.isoformat()}
        return Refusal("heavy_too_early", facts, earliest, "INKF § 2-3")
    cap = collection_fee_cap(case, bearing, command.on, setting, heavy=True)
    net = cap.net if command.amount is None else command.amount
    if net > cap.net:
        return _above(net, cap.net, cap.source)
    others = [
        other
        for other, letter in case.letters.items()
        if letter.kind == "payment_demand"
        and not letter.void
        and set(letter.invoices) & set(bearing)
    ]
    more = [
        (component, whole - sum(case.fee_of(other, component) for other in others), rule)
        for component, whole, rule, _ in _with_vat(
            net, vat_of(net, command.on, setting), cap.rule, bearing[0]
        )
    ]
    if more[0][1] <= 0:
        return _charged_already(case)
    return [
        FeeCharged(
            value_date=command.on,
            component=component,
            amount=amount,
            claim=bearing[0],
            rule=rule,
            letter=name,
            heavy=True,
        )
        for component, amount, rule in more
        if amount > 0
    ]


def _heavy_refused(case: Case, on: date, about: list[str], setting: Setting) -> list[str] | Refusal:
    """The claims that may bear a heavy fee on a day, or why none may."""
    refusal = held(case, on, setting, costs=True)
    if refusal is None and not about:
        refusal = Refusal("nothing_owed")
    if refusal is None:
        refusal = next((r for i in about if (r := covered_by_insolvency(case, i))), None)
    if refusal is None:
        refusal = plan_warning_due(case, about, on, setting) or unreviewed(on, setting)
    return refusal or bearing_costs(case, about, on, setting)


def _demand_with_fee(case: Case) -> tuple[str, Letter] | None:
    for name, letter in reversed(case.letters.items()):
        charged = case.fee_of(name, "collection_fee")
        if letter.kind == "payment_demand" and not letter.void and charged:
            return name, letter
    return None


def fees_above_cap(case: Case, on: date, setting: Setting) -> list[Event]:
    """What collection fees exceed the most that is allowed on a day, taken back.

    The most goes by the claim as it was demanded, without what was never owed of it, and by the
    rate of the day on which the principal is paid (INKF § 2-2).
    """
    events: list[Event] = []
    now = case
    for name, letter in case.letters.items():
        net = now.fee_of(name, "collection_fee")
        if letter.kind != "payment_demand" or letter.void or not net or not letter.principal:
            continue
        try:
            cap = setting.rules.rates.collection_fee_cap(
                letter.principal,
                _due(case, letter.invoices[0]),
                on,
                heavy=letter.heavy,
                vat_deductible=setting.rules.policy.vat_deductible,
            )
        except RateMissing:
            continue
        vat = now.fee_of(name, "collection_fee_vat")
        if net <= cap.net:
            continue
        too_much: dict[FeeComponent, int] = {
            "collection_fee": net - cap.net,
            "collection_fee_vat": max(0, vat - cap.vat),
        }
        lower = lowered_fee(now, max(on, letter.sent_on), name, too_much, "cap_lowered")
        events += lower
        now = now.after(lower)
    return events


def collection_fee_cap(
    case: Case, invoices: list[str], on: date, setting: Setting, *, heavy: bool
) -> CollectionFee:
    """The most that collecting these claims together may cost the debtor.

    The band is that of their principal; late interest and costs are not counted (INKF § 2-2).
    """
    principal = sum(case.owed.get(("principal", name), 0) for name in invoices)
    return setting.rules.rates.collection_fee_cap(
        principal,
        _due(case, invoices[0]),
        on,
        heavy=heavy,
        vat_deductible=setting.rules.policy.vat_deductible,
    )


def vat_of(net: int, on: date, setting: Setting) -> int:
    """The VAT on an agency's fee, in minor units, rounded half up; none if the clinic deducts it.

    Health services are exempt (mval. § 3-2), so that a clinic can't, and the debtor bears it.
    """
    if setting.rules.policy.vat_deductible:
        return 0
    return (net * setting.rules.rates.vat_rate_bp(on) + _VAT_BP_OF_ONE // 2) // _VAT_BP_OF_ONE


def _with_vat(net: int, vat: int, rule: str, claim: str) -> Fees:
    fees: Fees = [("collection_fee", net, rule, claim)]
    return [*fees, ("collection_fee_vat", vat, rule, claim)] if vat else fees


def _due(case: Case, invoice: str) -> date:
    due = case.invoices[invoice].due_date
    assert due is not None, "an overdue invoice has a due date"
    return due


def _above(amount: int, most: int, source: str) -> Refusal:
    return Refusal("fee_above_max", {"amount": amount, "most": most}, None, source)


def _charged_already(case: Case) -> Refusal:
    charged = case.balance.get("collection_fee", 0) + case.balance.get("collection_fee_vat", 0)
    return Refusal("heavy_and_light", {"charged": charged}, None, "INKF § 2-3")


def demand_fee_most(case: Case, on: date, setting: Setting) -> int:
    """The light collection fee without VAT that an agency's demand on a day could bear at most.

    Of the claims that it would be about, those that bear costs count; 0 where none does.
    """
    ready = _noticed(case, case.overdue_on(on), on, setting)
    bearing = ready if isinstance(ready, Refusal) else bearing_costs(case, ready, on, setting)
    if isinstance(bearing, Refusal) or not bearing or case.currency != CURRENCY:
        return 0
    before = [
        name
        for name in case.letters
        if case.fee_of(name, "collection_fee") and set(case.letters[name].invoices) & set(bearing)
    ]
    try:
        cap = collection_fee_cap(case, bearing, on, setting, heavy=False)
    except RateMissing:
        return 0
    return max(0, cap.net - sum(case.fee_of(name, "collection_fee") for name in before))
