"""Costs that no letter carries, and giving costs up."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from ledger.domain import accrual
from ledger.domain.accrual import CURRENCY
from ledger.domain.allocation import allocate, by_line
from ledger.domain.calendar import add_months
from ledger.domain.case import Case, Letter
from ledger.domain.commands import ChargeFee, ReclaimFee, VoidLetter, WaiveFees
from ledger.domain.decisions.closing import closed_if_settled
from ledger.domain.decisions.standing import (
    costs_barred,
    covered_by_insolvency,
    held,
    of_a_minor,
    of_an_estate,
    one_person_only,
    unreviewed,
)
from ledger.domain.events import (
    Event,
    FeeCharged,
    FeeComponent,
    FeeWaived,
    InterestFixed,
    LetterVoided,
    Part,
    VoidReason,
    WaiverReason,
)
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Setting

SMALL_FEE_LETTERS: Final = ("reminder", "collection_notice")
"""The letters that may cost a twentieth of the rate (INKF § 1-2)."""


def charge_fee(case: Case, command: ChargeFee, setting: Setting) -> list[Event] | Refusal:
    """Court fees that were paid, and drafting a petition: after a legal step, at their rate.

    Whatever else costs something comes with the letter, invoice or plan that it is for.
    """
    if command.claim is not None and command.claim not in case.invoices:
        return Refusal("unknown_invoice", {"invoice": command.claim})
    if command.component not in {"court_fee", "drafting_fee"} or case.currency != CURRENCY:
        return Refusal("fee_not_allowed", {"component": command.component}, None, "INKL § 17 (1)")
    if not command.amount:
        return Refusal("amount_missing")
    unpaid = [name for name in case.oldest_first() if case.owed.get(("principal", name))]
    for name in [command.claim] if command.claim else unpaid:
        refusal = of_a_minor(case, name) or covered_by_insolvency(case, name)
        if refusal is not None:
            return refusal
    if "estate" in case.circumstances:
        return of_an_estate()
    latest = next(reversed(case.filings.values()), None)
    if latest is None or command.on < latest.filed_on:
        filed_on = None if latest is None else latest.filed_on
        return Refusal(
            "legal_without_clinic", {}, filed_on, "founding document: the clinic decides"
        )
    refusal = unreviewed(command.on, setting)
    if refusal is not None:
        return refusal
    rates = setting.rules.rates
    if command.component == "drafting_fee":
        most = rates.drafting_fee(command.on)
    elif latest.step == "conciliation":
        most = rates.court_fee("conciliation", latest.filed_on)
    else:
        most = rates.court_fee("attachment", latest.filed_on)
    charged = sum(
        fee.amount
        for fee in case.fees
        if fee.component == command.component and fee.charged_on >= latest.filed_on
    )
    if charged + command.amount > most.amount:
        facts = {"amount": charged + command.amount, "most": most.amount}
        return Refusal("fee_above_max", facts, None, most.source)
    return [
        FeeCharged(
            value_date=command.on,
            component=command.component,
            amount=command.amount,
            claim=command.claim,
            rule=most.rule,
            letter=None,
        )
    ]


def waive_fees(case: Case, command: WaiveFees, setting: Setting) -> list[Event] | Refusal:
    """Costs and interest can be given up as far as they are owed; a principal is credited.

    Interest that is still running is claimed up to the day first, so that it can be given up.
    """
    if not any(part.amount for part in command.parts):
        return Refusal("amount_missing")
    fixed: list[InterestFixed] = []
    if any(part.component == "interest" for part in command.parts):
        fixed = accrual.fixed(case, command.on, command.on, setting.rules)
    now = case.after(fixed)
    for part in command.parts:
        if part.component in {"principal", "charge"}:
            return Refusal("fee_not_allowed", {"component": part.component})
    refusal = more_than_owed(now, command.parts)
    if refusal is not None:
        return refusal
    events = [*fixed, *waived(now, command.on, command.parts, command.reason)]
    return closed_if_settled(case, events, "paid")


def more_than_owed(case: Case, parts: Iterable[Part]) -> Refusal | None:
    """Whether parts are more than is owed of their component and claim, or of its line."""
    left = dict(case.owed)
    lines = {
        (name, line): amount
        for name, invoice in case.invoices.items()
        for line, amount in invoice.lines_owed.items()
    }
    for part in parts:
        key = (part.component, part.claim)
        owed = left.get(key, 0)
        left[key] = owed - part.amount
        if part.line is not None:
            place = (part.claim or "", part.line)
            of_line = lines.get(place, 0) if part.component == "principal" else 0
            owed = min(owed, of_line)
            lines[place] = of_line - part.amount
        if part.amount > owed:
            facts = {"component": part.component, "amount": part.amount, "owed": max(0, owed)}
            return Refusal("more_than_owed", facts)
    return None


def waived(case: Case, on: date, parts: Iterable[Part], reason: WaiverReason) -> list[Event]:
    """The events that give up parts that are owed, one for each letter that they came with.

    Costs are paid oldest first, so what is still owed of them is what came last.
    """
    by_letter: dict[str | None, list[Part]] = {}
    standing = dict(case.fees_standing)
    for part in parts:
        rest = part.amount
        for key in reversed(standing):
            letter, component, claim = key
            if (component, claim) != (part.component, part.claim):
                continue
            taken = min(rest, standing[key])
            if taken:
                by_letter.setdefault(letter, []).append(Part(component, taken, claim))
                standing[key] -= taken
                rest -= taken
        if rest:
            by_letter.setdefault(None, []).append(Part(part.component, rest, part.claim))
    return [
        FeeWaived(value_date=on, parts=tuple(found), reason=reason, letter=name)
        for name, found in by_letter.items()
    ]


def given_back(
    case: Case, on: date, letters: Sequence[str | None], reason: WaiverReason
) -> list[FeeWaived]:
    """The events that take back the fees of letters, whether they were paid or not.

    What was paid of them pays the claim instead, principal first, and is the debtor's money
    beyond that. Costs are paid oldest first, so what is unpaid is what came last. ``None`` among
    the letters stands for the fees that came without one.
    """
    standing = [
        (letter, component, claim, amount)
        for (letter, component, claim), amount in case.fees_standing.items()
        if letter in letters and amount
    ]
    return _returned(case, on, standing, reason)


def lowered_fee(
    case: Case, on: date, letter: str, too_much: Mapping[FeeComponent, int], reason: WaiverReason
) -> list[FeeWaived]:
    """The events that take back a part of a letter's fees, by component."""
    left = dict(too_much)
    standing = []
    for (component, claim), amount in reversed(case.fees_of(letter).items()):
        taken = min(amount, left.get(component, 0))
        if taken > 0:
            left[component] -= taken
            standing.append((letter, component, claim, taken))
    return _returned(case, on, standing, reason)


Standing = tuple[str | None, FeeComponent, str | None, int]
"""Letter, component, claim, and the amount in minor units."""


def _returned(
    case: Case, on: date, standing: Iterable[Standing], reason: WaiverReason
) -> list[FeeWaived]:
    owed = dict(case.owed)
    paid = dict(case.paid)
    by_letter: dict[str | None, tuple[list[Part], list[Part]]] = {}
    for letter, component, claim, amount in reversed(list(standing)):
        open_amount = min(amount, owed.get((component, claim), 0))
        was_paid = min(amount - open_amount, paid.get((component, claim, None), 0))
        unpaid_parts, paid_parts = by_letter.setdefault(letter, ([], []))
        if open_amount:
            owed[component, claim] -= open_amount
            unpaid_parts.append(Part(component, open_amount, claim))
        if was_paid:
            paid[component, claim, None] -= was_paid
            paid_parts.append(Part(component, was_paid, claim))
    events: list[FeeWaived] = []
    now = case
    for letter, (unpaid, returned) in by_letter.items():
        if not unpaid and not returned:
            continue
        freed = sum(part.amount for part in returned)
        moved, overpaid = allocate(freed, owed, "principal_interest_costs", now.oldest_first())
        for part in moved:
            owed[part.component, part.claim] -= part.amount
        event = FeeWaived(
            value_date=max(
                accrual.counts_from(case, on) if moved else on, _charged_on(case, letter)
            ),
            parts=tuple(unpaid),
            reason=reason,
            letter=letter,
            returned=tuple(returned),
            moved=by_line(now, moved),
            overpaid=overpaid,
        )
        events.append(event)
        now = now.after([event])
    return events


def _charged_on(case: Case, letter: str | None) -> date:
    """The last day on which a fee of a letter was charged: it can't fall away before."""
    return max((fee.charged_on for fee in case.fees if fee.letter == letter), default=date.min)


def reclaim_fee(case: Case, command: ReclaimFee, setting: Setting) -> list[Event] | Refusal:
    """A fee that was given up freely can be claimed again, by two people, where it may be today."""
    letter = case.letters.get(command.letter)
    if letter is None:
        return Refusal("unknown_reference", {"kind": "letter", "name": command.letter})
    given_up = {
        (component, claim): amount
        for (name, component, claim), amount in case.fees_given_up.items()
        if name == command.letter and amount
    }
    unpaid = [name for name in letter.invoices if case.owed.get(("principal", name))]
    if letter.void or not given_up or not unpaid:
        return Refusal("nothing_owed")
    refusal = one_person_only(setting) or held(case, command.on, setting, costs=True)
    if refusal is None:
        refusal = costs_barred(case, list(letter.invoices), command.on, setting)
    if refusal is None and letter.kind in SMALL_FEE_LETTERS:
        refusal = too_many_beside(case, command.letter, setting)
    if refusal is None:
        refusal = unreviewed(command.on, setting)
    if refusal is not None:
        return refusal
    rules = {fee.component: fee.rule for fee in case.fees if fee.letter == command.letter}
    return [
        FeeCharged(
            value_date=command.on,
            component=component,
            amount=amount,
            claim=claim,
            rule=rules[component],
            letter=command.letter,
            again=True,
        )
        for (component, claim), amount in given_up.items()
    ]


def with_small_fee(case: Case, claim: str) -> list[Letter]:
    """The reminders and notices about a claim whose fee stands, in the order of their days; to
    whichever of their claims it was charged: it was one fee for asking for all of them."""
    found = [
        letter
        for name, letter in case.letters.items()
        if letter.kind in SMALL_FEE_LETTERS
        and claim in letter.invoices
        and not letter.void
        and case.fee_of(name)
    ]
    return sorted(found, key=lambda letter: letter.sent_on)


def too_many_beside(case: Case, name: str, setting: Setting) -> Refusal | None:
    """Whether a letter's fee would be one too many, beside those that were charged around it."""
    letter = case.letters[name]
    regime = setting.rules.rates.regime(letter.sent_on)
    months = regime.small_fees_reset_months
    for claim in letter.invoices:
        near = [
            other
            for other in with_small_fee(case, claim)
            if other is not letter
            and add_months(min(other.sent_on, letter.sent_on), months)
            >= max(other.sent_on, letter.sent_on)
        ]
        if len(near) >= regime.small_fees_max:
            facts = {"count": len(near), "last": near[-1].sent_on.isoformat()}
            return Refusal("fee_count_exceeded", facts, None, "INKF § 1-3")
    return None


def void_letter(case: Case, command: VoidLetter, setting: Setting) -> list[Event] | Refusal:
    """A wrong letter takes its fee with it, and the fees of all that rested on it (§ 17 (4))."""
    if command.letter not in case.letters:
        return Refusal("unknown_reference", {"kind": "letter", "name": command.letter})
    if case.letters[command.letter].void:
        return Refusal("already_decided", {"name": command.letter})
    chain = resting_on(case, command.letter)
    events = voided(case, command.on, chain, command.reason, "letter_void")
    return closed_if_settled(case, events, "paid")


def voided(
    case: Case, on: date, letters: Sequence[str], reason: VoidReason, waiver: WaiverReason
) -> list[Event]:
    """The events that void letters and take their fees back.

    It counts from ``on``, but for no letter before the day on which it was sent.
    """
    events: list[Event] = [
        LetterVoided(
            value_date=max(on, case.letters[name].sent_on),
            letter=name,
            corrects=case.letters[name].version,
            reason=reason,
        )
        for name in letters
    ]
    return [*events, *given_back(case, on, letters, waiver)]


def resting_on(case: Case, letter: str) -> list[str]:
    """The letter itself, and the later ones that could not have been sent without it.

    A payment demand rests on a collection notice about each of its claims. A second small fee
    does not rest on the first: if that falls away, it is the first.
    """
    first = case.letters[letter]
    if first.kind != "collection_notice":
        return [letter]
    others = [n for n in case.letters_of("collection_notice") if n is not first]
    return [
        letter,
        *(
            name
            for name, later in case.letters.items()
            if later.kind == "payment_demand"
            and not later.void
            and later.version > first.version
            and any(
                invoice in first.invoices
                and not any(n.version < later.version and invoice in n.invoices for n in others)
                for invoice in later.invoices
            )
        ),
    ]
