"""A simulated instalment plan in words: what is paid when, and what it costs in all."""

from typing import Final

from ledger.domain.plans import PlanSimulation
from ledger.wording.amounts import Language, day, money

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "today": ("Betaler du i dag, er det {owed}.", "Paying today costs {owed}."),
    "instalment": ("{due}: {amount}", "{due}: {amount}"),
    "interest": (
        "Rente som løper fram til siste avdrag: {interest}. Den betales etter siste avdrag.",
        "Interest that runs until the last instalment: {interest}. It is paid after the last one.",
    ),
    "no_interest": ("Ingen rente løper.", "No interest runs."),
    "estimate": (
        "Av renten er {estimated} et anslag: satsen fra {since} er ikke fastsatt ennå.",
        "Of the interest, {estimated} is an estimate: the rate from {since} is not set yet.",
    ),
    "supplement": (
        "Så mange avdrag koster et tillegg på {supplement} og {vat} i merverdiavgift. Det må sies"
        " før du sier ja.",
        "So many instalments cost a supplement of {supplement} and {vat} in VAT. You must be told"
        " before you agree.",
    ),
    "supplement_only": (
        "Så mange avdrag koster et tillegg på {supplement}. Det må sies før du sier ja.",
        "So many instalments cost a supplement of {supplement}. You must be told before you agree.",
    ),
    "total": (
        "I alt {total}, som er {dearer} mer enn å betale i dag.",
        "In all {total}, which is {dearer} more than paying today.",
    ),
    "as_today": (
        "I alt {total}, det samme som å betale i dag.",
        "In all {total}, the same as paying today.",
    ),
}


def plan_text(plan: PlanSimulation, language: Language, currency: str) -> list[str]:
    """The plan as sentences and one line for each instalment."""

    def said(key: str, **words: str) -> str:
        return TEXTS[key][0 if language == "nb" else 1].format_map(words)

    def kroner(amount: int) -> str:
        return money(amount, currency, language)

    found = [said("today", owed=kroner(plan.owed))]
    found += [
        said("instalment", due=day(row.due, language), amount=kroner(row.amount))
        for row in plan.instalments
    ]
    if plan.supplement:
        key = "supplement" if plan.supplement_vat else "supplement_only"
        vat = kroner(plan.supplement_vat)
        found.append(said(key, supplement=kroner(plan.supplement), vat=vat))
    if plan.interest:
        found.append(said("interest", interest=kroner(plan.interest)))
    else:
        found.append(said("no_interest"))
    if plan.estimated_from is not None:
        since = day(plan.estimated_from, language)
        found.append(said("estimate", estimated=kroner(plan.interest_estimated), since=since))
    total, dearer = kroner(plan.total), kroner(plan.dearer_by)
    found.append(said("total" if plan.dearer_by else "as_today", total=total, dearer=dearer))
    return found
