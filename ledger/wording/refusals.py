"""Refusals in words: what was refused, why, and what to do instead."""

from collections import defaultdict
from datetime import date
from typing import Any, Final

from ledger.domain.refusals import Code, Refusal
from ledger.wording.amounts import Language, day, money
from ledger.wording.closed_lists import (
    CHANNELS,
    CLOSE_REASONS,
    DISCLOSED,
    HOLDS,
    KINDS,
    Words,
    words,
)
from ledger.wording.components import COMPONENTS
from ledger.wording.people import FACTS

_AMOUNTS: Final = frozenset(
    {
        "amount", "charged", "claimed", "least", "limit", "most", "on_terminal", "outstanding",
        "owed", "parts", "total",
    }
)  # fmt: skip
"""Facts that are amounts, where they are numbers."""
_DATES: Final = frozenset(
    {
        "answered", "date", "deadline", "demanded", "due", "due_date", "from", "last", "limit",
        "on", "reviewed_through", "sent", "shortest", "since", "until",
    }
)  # fmt: skip
"""Facts that are dates, where they are texts."""
_TABLES: Final[dict[str, Words]] = {
    "channel": CHANNELS,
    "component": {str(name): called for name, called in COMPONENTS.items()},
    "disclosed": DISCLOSED,
    "hold": HOLDS,
    "kind": KINDS,
    "reason": CLOSE_REASONS,
}
"""Facts that are members of closed lists."""

TEXTS: Final[dict[Code, tuple[str, str]]] = {
    "already_answered": (
        "Innsigelse {dispute} ble besvart {on}.",
        "Dispute {dispute} was answered on {on}.",
    ),
    "already_decided": (
        "{name} er allerede avgjort eller utført.",
        "{name} has been decided or done already.",
    ),
    "already_matched": (
        "Innbetalingen {name} er allerede behandlet.",
        "Receipt {name} has been dealt with already.",
    ),
    "already_open": (
        "Saken er allerede opprettet med saksnummer {reference}.",
        "The case is open already, with case number {reference}.",
    ),
    "already_paid": (
        "Belastning {charge} er betalt i terminalen og kan ikke faktureres.",
        "Charge {charge} was paid at the terminal and can't be invoiced.",
    ),
    "already_refunded": (
        "{amount} av innbetalingen er overbetalt, og bare {owed} av det er ikke"
        " tilbakebetalt ennå.",
        "{amount} of the payment was too much, and only {owed} of that has not been paid back yet.",
    ),
    "already_reversed": (
        "Innbetalingen {name} er allerede tilbakeført.",
        "Payment {name} has been reversed already.",
    ),
    "amount_missing": (
        "Beløpet må være større enn null.",
        "The amount must be more than zero.",
    ),
    "amount_too_large": (
        "Så mye kan ikke skyldes i én sak: høyst {most}.",
        "So much can't be owed on one case: {most} at most.",
    ),
    "approval_needed": (
        "Dette krever to personer. Be om godkjenning, så kan en annen godkjenne det.",
        "This takes two people. Ask for approval, and let somebody else agree to it.",
    ),
    "bankruptcy": (
        "Skyldneren er konkurs siden {since}: eldre krav meldes i boet og følges ikke opp ellers.",
        "The debtor has been bankrupt since {since}: older claims are lodged in the estate only.",
    ),
    "case_closed": (
        "Saken er avsluttet; ingenting mer kan gjøres med den.",
        "The case is closed; nothing more can be done with it.",
    ),
    "case_not_closed": (
        "Saken er ikke avsluttet, og kan ikke gjenåpnes.",
        "The case is not closed, and can't be reopened.",
    ),
    "case_not_open": (
        "Saken finnes ikke. Opprett den først.",
        "There is no such case. Open it first.",
    ),
    "claim_pursued": (
        "Sak {reference} er ikke avsluttet. Opplysningene trengs til kravet er ferdig behandlet.",
        "Case {reference} is not closed. The data are needed until the claim is settled.",
    ),
    "command_id_reused": (
        "Nøkkelen {command_id} er brukt før, for noe annet. Bruk en ny nøkkel.",
        "The key {command_id} has been used before, for something else. Use a new key.",
    ),
    "contact_hours": (
        "Klokkeslettet {at} er utenfor tiden da vi kan ringe eller sende SMS.",
        "{at} is outside the hours in which we may call or send messages.",
    ),
    "date_out_of_range": (
        "Datoen {date} kan ikke brukes her.",
        "The date {date} can't be used here.",
    ),
    "deadline_missing": (
        "Brevet må ha en betalingsfrist.",
        "The letter must give a deadline.",
    ),
    "deadline_too_short": (
        "Fristen {deadline} er for kort. Den kan tidligst være {shortest}.",
        "The deadline {deadline} is too short. It can be {shortest} at the earliest.",
    ),
    "debt_settlement": (
        "Skyldneren har gjeldsordning siden {since}: eldre krav kan ikke drives inn.",
        "The debtor has had a debt settlement since {since}: older claims can't be collected.",
    ),
    "deferral_active": (
        "Det er gitt betalingsutsettelse; ingenting sendes før den er over.",
        "Payment has been deferred; nothing goes out before that is over.",
    ),
    "demand_expired": (
        "Betalingsoppfordringen av {demanded} er over seks måneder gammel. Send en ny først.",
        "The payment demand of {demanded} is more than six months old. Send a new one first.",
    ),
    "disputed": (
        "Kravet er omtvistet, eller innsigelsen er nylig besvart. Svar på innsigelsen først.",
        "The claim is disputed, or the dispute has just been answered. Answer the dispute first.",
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
    "duplicate_reference": (
        "{name} finnes fra før i saken ({kind}).",
        "{name} is there already ({kind}).",
    ),
    "duplicate_source_line": (
        "Bankens linje {line} er bokført fra før.",
        "The bank's line {line} has been recorded already.",
    ),
    "estate": (
        "Skyldneren er død. Ingenting sendes til personen, og dødsboet belastes ingen gebyrer.",
        "The debtor has died. Nothing goes to the person, and the estate is charged no fees.",
    ),
    "fee_above_max": (
        "{amount} er mer enn det som er lov å kreve: høyst {most}.",
        "{amount} is more than may be charged: {most} at most.",
    ),
    "fee_count_exceeded": (
        "Det er allerede krevd {count} gebyrer for kravet, sist {last}. Send brevet uten gebyr.",
        "{count} fees have been charged for the claim already, the last on {last}. Send the letter"
        " without a fee.",
    ),
    "fee_not_allowed": (
        "Her kan det ikke kreves eller frafalles {component}.",
        "No {component} can be charged or waived here.",
    ),
    "fee_too_early": (
        "Gebyr kan tidligst kreves 14 dager etter forfall ({due_date}). Send brevet uten gebyr.",
        "A fee can be charged 14 days after the due date ({due_date}) at the earliest. Send the"
        " letter without one.",
    ),
    "heavy_and_light": (
        "Inkassosalær er allerede krevd for kravet. Tungt salær erstatter lett, det"
        " legges ikke til.",
        "A collection fee has been charged for the claim already. The heavy fee replaces the light"
        " one and is not added to it.",
    ),
    "heavy_too_early": (
        "Tungt salær kan kreves når fristen {deadline} er oversittet med mer enn 28 dager.",
        "The heavy fee can be charged more than 28 days after the deadline {deadline}.",
    ),
    "history_without_claim": (
        "Historikken til {reference} begynner ikke med et krav.",
        "The history of {reference} does not begin with a claim.",
    ),
    "instalment_plan_active": (
        "Det er en avdragsordning i saken; så lenge den holdes, sendes ingenting.",
        "There is an instalment plan; as long as it is kept, nothing goes out.",
    ),
    "invalid_account": (
        "{account} er ikke et gyldig kontonummer.",
        "{account} is no valid account number.",
    ),
    "invalid_kid": (
        "{kid} er ikke et gyldig KID-nummer: kontrollsifferet stemmer ikke.",
        "{kid} is no valid KID: its check digit is wrong.",
    ),
    "invalid_national_identity_number": (
        "Nummeret er ikke et gyldig fødselsnummer, D-nummer eller hjelpenummer.",
        "The number is no valid national identity number.",
    ),
    "invalid_organisation_number": (
        "{number} er ikke et gyldig organisasjonsnummer.",
        "{number} is no valid organisation number.",
    ),
    "late_first_invoice_fee": (
        "Faktura {invoice} kom for sent uten at skyldneren kan lastes for det, og bærer"
        " ingen gebyrer.",
        "Invoice {invoice} came late by no fault of the debtor, and bears no fees.",
    ),
    "legal_hold": (
        "Ingenting kan slettes: opplysningene holdes tilbake på grunn av {reason}.",
        "Nothing can be erased: the data are held because of {reason}.",
    ),
    "legal_without_clinic": (
        "Klinikken må velge dette steget først. Be om en avgjørelse.",
        "The clinic must choose this step first. Ask for a decision.",
    ),
    "minor_no_costs": (
        "Kravet oppsto før skyldneren fylte 18 år: det bærer ingen gebyrer eller salær, heller ikke"
        " senere.",
        "The claim was incurred before the debtor was 18: it bears no fees or costs, now or later.",
    ),
    "more_than_owed": (
        "{amount} er ikke det som skyldes ({owed}).",
        "{amount} is not what is owed ({owed}).",
    ),
    "name_taken": (
        "{name} tilhører en annen sak ({case}).",
        "{name} belongs to another case ({case}).",
    ),
    "negative_component": (
        "{amount} er mer enn det som skyldes av {component} ({owed}).",
        "{amount} is more than is owed of {component} ({owed}).",
    ),
    "no_authority": (
        "Innringeren har ingen gyldig fullmakt til dette. Verken bekreft eller avkreft at saken"
        " finnes; send fullmaktsskjema til pasienten, eller få pasienten med på samtalen.",
        "The caller has no valid authorisation for this. Neither confirm nor deny that the case"
        " exists; send the form to the patient, or have the patient join the call.",
    ),
    "no_decision_pending": (
        "Det venter ingen avgjørelse i saken.",
        "No decision is awaited on the case.",
    ),
    "no_valid_demand": (
        "Det er ikke sendt noen gyldig betalingsoppfordring.",
        "No valid payment demand has been sent.",
    ),
    "no_valid_notice": (
        "Det er ikke sendt noe gyldig inkassovarsel om kravet. Send det først.",
        "No valid collection notice has been sent about the claim. Send one first.",
    ),
    "not_delivered": (
        "Det er ikke dokumentert at faktura {invoice} er levert. Bekreft leveringen først.",
        "There is no evidence that invoice {invoice} was delivered. Confirm its delivery first.",
    ),
    "not_on_terminal": (
        "Terminalen viste {on_terminal}, ikke {amount}.",
        "The terminal showed {on_terminal}, not {amount}.",
    ),
    "not_overdue": (
        "Kravet forfaller {due_date} og er ikke forfalt ennå.",
        "The claim falls due on {due_date} and is not overdue yet.",
    ),
    "not_paid": (
        "Egenandelen på faktura {invoice} er ikke betalt.",
        "The patient's share of invoice {invoice} is not paid.",
    ),
    "note_too_long": (
        "Notatet er for langt: høyst {max} tegn. Det som gjelder grunnlaget, hører til klinikken.",
        "The note is too long: {max} characters at most. What is about the grounds goes to the"
        " clinic.",
    ),
    "nothing_owed": (
        "Det skyldes ingenting i saken.",
        "Nothing is owed on the case.",
    ),
    "nothing_to_remit": (
        "Det er ingenting å utbetale til klinikken.",
        "There is nothing to pay out to the clinic.",
    ),
    "notice_incomplete": (
        "Inkassovarselet mangler det loven krever: {missing}.",
        "The collection notice lacks what the law wants in it: {missing}.",
    ),
    "on_hold": (
        "Saken er stanset: {hold}.",
        "The case is on hold: {hold}.",
    ),
    "over_allocation": (
        "Delene er til sammen {parts}, ikke {amount} som ble betalt.",
        "The parts come to {parts}, not to the {amount} that was paid.",
    ),
    "own_notice_new_regime": (
        "Etter den nye inkassoloven kan bare et inkassoforetak sende inkassovarsel.",
        "Under the new act only a collection agency may send a collection notice.",
    ),
    "plan_cost_uninformed": (
        "Skyldneren må få vite at avdragsordningen øker kostnadene før tillegget kan kreves.",
        "The debtor must be told that the plan raises his costs before the supplement is charged.",
    ),
    "plan_kept": (
        "Avdragsordningen holdes; ingen avdrag er oversittet.",
        "The instalment plan is being kept; no instalment has been missed.",
    ),
    "plan_warning_missing": (
        "Avdragsordningen er brutt. Send skyldneren et varsel om det først.",
        "The instalment plan was broken. Send the debtor a warning about it first.",
    ),
    "prior_deadline_open": (
        "Fristen {deadline} i forrige brev, med dager for banken, er ikke ute.",
        "The deadline {deadline} of the letter before, with days for the bank, has not passed.",
    ),
    "protected_address": (
        "Skyldneren har beskyttet adresse. Bruk bare digital postkasse.",
        "The debtor's address is protected. Use the digital mailbox only.",
    ),
    "rates_missing": (
        "Det finnes ingen sats for {date} ({table}); den gjettes ikke.",
        "There is no rate for {date} ({table}); none is guessed.",
    ),
    "regime_not_reviewed": (
        "Ingen har lest loven som gjelder {date}; den er lest til og med {reviewed_through}.",
        "Nobody has read the law in force on {date}; it was read through {reviewed_through}.",
    ),
    "second_fee_no_deadline": (
        "Et gebyr til kan bare kreves når brevet av {sent} ga minst 14 dagers frist, og fristen er"
        " oversittet. Send brevet uten gebyr.",
        "A second fee can be charged only if the letter of {sent} gave at least 14 days and they"
        " have passed unpaid. Send the letter without a fee.",
    ),
    "self_approval": (
        "Den som ber om noe, kan ikke godkjenne det selv.",
        "Whoever asks for something can't approve it himself.",
    ),
    "senior_needed": (
        "Bare fagansvarlig, eller den det er delegert til, kan godkjenne.",
        "Only the professionally responsible person, or a delegate, can approve.",
    ),
    "sensitive_text": (
        "Teksten ser ut til å inneholde {kind} og er ikke lagret. Skriv den uten.",
        "The text seems to hold {kind} and has not been kept. Write it without.",
    ),
    "settlement_active": (
        "Det er inngått forlik om et mindre beløp i saken.",
        "A settlement for less has been agreed on the case.",
    ),
    "small_remainder": (
        "{outstanding} er ingen liten rest: det er den bare inntil {most}.",
        "{outstanding} is no small remainder: that is {most} at most.",
    ),
    "split_case": (
        "Skyldneren har en åpen sak hos samme klinikk ({reference}). Legg kravet i den.",
        "The debtor has an open case with the same clinic ({reference}). Add the claim to it.",
    ),
    "still_owed": (
        "Det skyldes fortsatt {outstanding}. Krediter eller avskriv det først.",
        "{outstanding} is still owed. Credit it or write it off first.",
    ),
    "subject_erased": (
        "Opplysningene om personen er slettet. Registrer en ny person ved behov.",
        "The person's data have been erased. Register a new person if need be.",
    ),
    "time_barred": (
        "Faktura {invoice} ble foreldet {limit} og kan ikke kreves.",
        "Invoice {invoice} was time-barred on {limit} and can't be demanded.",
    ),
    "too_small": (
        "Det skyldes bare {outstanding}; det sendes ikke brev om mindre enn {least}.",
        "Only {outstanding} is owed; nobody is written to about less than {least}.",
    ),
    "total_below_claim": (
        "Ny sum {total} er lavere enn kravet {claimed}.",
        "The new total {total} is less than the claim {claimed}.",
    ),
    "under_16_egenandel": (
        "Pasienter under 16 år betaler ikke egenandel (linje {line}).",
        "Patients under 16 pay no share of their own (line {line}).",
    ),
    "unknown_charge": (
        "Belastning {charge} er ikke registrert.",
        "Charge {charge} has not been registered.",
    ),
    "unknown_clinic": (
        "Klinikken finnes ikke. Registrer den først.",
        "There is no such clinic. Register it first.",
    ),
    "unknown_dispute": (
        "Det finnes ingen innsigelse {dispute} i saken.",
        "The case has no dispute {dispute}.",
    ),
    "unknown_invoice": (
        "Det finnes ingen faktura {invoice} i saken.",
        "The case has no invoice {invoice}.",
    ),
    "unknown_reference": (
        "Det finnes ingen {name} ({kind}).",
        "There is no {name} ({kind}).",
    ),
    "unknown_subject": (
        "Det finnes ingen person med id {subject}.",
        "There is no person with id {subject}.",
    ),
    "vat_on_fee": (
        "Det skal ikke være merverdiavgift på purregebyr eller rente.",
        "There is no VAT on reminder fees or interest.",
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
    told = {name: _word(name, fact, language, currency) for name, fact in refusal.facts.items()}
    text = (nb if language == "nb" else en).format_map(defaultdict(lambda: "–", told))
    if refusal.earliest is not None:
        when = day(refusal.earliest, language)
        text += f" Tidligst {when}." if language == "nb" else f" Not before {when}."
    return text


def source_text(refusal: Refusal) -> str:
    """The law, regulation or policy behind a refusal, in brackets; nothing where none is named."""
    return "" if refusal.source is None else f"({refusal.source})"


def _word(name: str, fact: Any, language: Language, currency: str) -> str:
    if name in _AMOUNTS and isinstance(fact, int):
        return money(fact, currency, language)
    if name in _DATES and isinstance(fact, str):
        return day(date.fromisoformat(fact[:10]), language)
    table = FACTS.get(name, {}) if str(fact) in FACTS.get(name, {}) else _TABLES.get(name)
    if table is not None and isinstance(fact, str):
        return words(table, fact)[0 if language == "nb" else 1]
    return str(fact)
