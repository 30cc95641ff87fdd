"""Refusals in words: what was refused, why, and what to do instead."""

from collections import defaultdict
from datetime import date
from typing import Any, Final

from ledger.domain.refusals import Code, Refusal
from ledger.wording.amounts import Language, day, money

_AMOUNTS: Final = frozenset(
    {"amount", "owed", "outstanding", "on_terminal", "total", "claimed", "most"}
)
_DATES: Final = frozenset({"date", "from", "until", "on"})

TEXTS: Final[dict[Code, tuple[str, str]]] = {
    "already_answered": (
        "Innsigelse {dispute} ble besvart {on}.",
        "Dispute {dispute} was answered on {on}.",
    ),
    "already_open": (
        "Saken er allerede opprettet med saksnummer {reference}.",
        "The case is open already, with case number {reference}.",
    ),
    "already_paid": (
        "Belastning {charge} er betalt i terminalen og kan ikke faktureres.",
        "Charge {charge} was paid at the terminal and can't be invoiced.",
    ),
    "amount_missing": (
        "Beløpet må være større enn null.",
        "The amount must be more than zero.",
    ),
    "amount_too_large": (
        "Så mye kan ikke skyldes i én sak: høyst {most}.",
        "So much can't be owed on one case: {most} at most.",
    ),
    "case_closed": (
        "Saken er avsluttet; ingenting mer kan gjøres med den.",
        "The case is closed; nothing more can be done with it.",
    ),
    "case_not_open": (
        "Saken finnes ikke. Opprett den først.",
        "There is no such case. Open it first.",
    ),
    "command_id_reused": (
        "Nøkkelen {command_id} er brukt før, for noe annet. Bruk en ny nøkkel.",
        "The key {command_id} has been used before, for something else. Use a new key.",
    ),
    "date_out_of_range": (
        "Datoen {date} kan ikke brukes her.",
        "The date {date} can't be used here.",
    ),
    "duplicate_charge": (
        "Belastning {charge} er registrert eller fakturert fra før.",
        "Charge {charge} has been registered or invoiced already.",
    ),
    "duplicate_dispute": (
        "Innsigelse {dispute} er registrert fra før.",
        "Dispute {dispute} has been raised already.",
    ),
    "duplicate_invoice": (
        "Faktura {invoice} finnes i saken fra før.",
        "Invoice {invoice} is in the case already.",
    ),
    "duplicate_receipt": (
        "Innbetaling {payment} er bokført fra før.",
        "Payment {payment} has been recorded already.",
    ),
    "history_without_claim": (
        "Historikken til {reference} begynner ikke med et krav.",
        "The history of {reference} does not begin with a claim.",
    ),
    "invalid_kid": (
        "{kid} er ikke et gyldig KID-nummer: kontrollsifferet stemmer ikke.",
        "{kid} is no valid KID: its check digit is wrong.",
    ),
    "more_than_owed": (
        "{amount} er ikke det som skyldes ({owed}).",
        "{amount} is not what is owed ({owed}).",
    ),
    "name_taken": (
        "{name} tilhører en annen sak ({case}).",
        "{name} belongs to another case ({case}).",
    ),
    "not_on_terminal": (
        "Terminalen viste {on_terminal}, ikke {amount}.",
        "The terminal showed {on_terminal}, not {amount}.",
    ),
    "nothing_owed": (
        "Det skyldes ingenting i saken.",
        "Nothing is owed on the case.",
    ),
    "still_owed": (
        "Det skyldes fortsatt {outstanding}. Krediter eller avskriv det først.",
        "{outstanding} is still owed. Credit it or write it off first.",
    ),
    "total_below_claim": (
        "Ny sum {total} er lavere enn kravet {claimed}.",
        "The new total {total} is less than the claim {claimed}.",
    ),
    "unknown_charge": (
        "Belastning {charge} er ikke registrert.",
        "Charge {charge} has not been registered.",
    ),
    "unknown_dispute": (
        "Det finnes ingen innsigelse {dispute} i saken.",
        "The case has no dispute {dispute}.",
    ),
    "unknown_invoice": (
        "Det finnes ingen faktura {invoice} i saken.",
        "The case has no invoice {invoice}.",
    ),
    "version_conflict": (
        "Saken er endret: den er i versjon {actual}, ikke {expected}. Les den på nytt.",
        "The case has changed: it is at version {actual}, not {expected}. Read it again.",
    ),
    "wrong_currency": (
        "Valutaen {currency} kan ikke brukes her.",
        "The currency {currency} can't be used here.",
    ),
}
"""(nb, en) by code."""


def refusal_text(refusal: Refusal, language: Language, currency: str = "NOK") -> str:
    """The refusal in one or two sentences, with the earliest date where there is one."""
    nb, en = TEXTS[refusal.code]
    words = {name: _word(name, fact, language, currency) for name, fact in refusal.facts.items()}
    text = (nb if language == "nb" else en).format_map(defaultdict(lambda: "?", words))
    if refusal.earliest is not None:
        when = day(refusal.earliest, language)
        text += f" Tidligst {when}." if language == "nb" else f" Not before {when}."
    return text


def _word(name: str, fact: Any, language: Language, currency: str) -> str:
    if name in _AMOUNTS and isinstance(fact, int):
        return money(fact, currency, language)
    if name in _DATES and isinstance(fact, str):
        return day(date.fromisoformat(fact), language)
    return str(fact)
