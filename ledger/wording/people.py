"""What is kept about people, why somebody looked and what a note was refused for, in words."""

from collections.abc import Mapping
from typing import Any, Final

from ledger.domain.personal import (
    ContactChannel,
    Field,
    HoldReason,
    Language,
    LegalBasis,
    Person,
    Protection,
    Purpose,
    Retention,
    Scope,
)
from ledger.domain.screening import FindingKind
from ledger.wording.amounts import Language as Interface

ERASED: Final = ("slettet person", "erased subject")
"""What stands for a person in every view, once the name is gone."""


def name_of(person: Person, language: Interface) -> str:
    """A person's name as every view shows it: one that is gone is no error."""
    return person.name or (ERASED[0] if language == "nb" else ERASED[1])


FIELDS: Final[dict[Field, tuple[str, str]]] = {
    "name": ("Navn", "Name"),
    "birth_date": ("Fødselsdato", "Date of birth"),
    "national_identity_number": ("Fødselsnummer eller D-nummer", "National identity number"),
    "addresses": ("Adresse", "Address"),
    "phone": ("Telefon", "Phone"),
    "email": ("E-post", "E-mail"),
    "language": ("Språk", "Language"),
    "preferred_channel": ("Ønsket kanal", "Preferred channel"),
}

RETENTIONS: Final[dict[Retention, tuple[str, str]]] = {
    "contact": ("kontaktopplysninger", "contact data"),
    "notes": ("notater", "notes"),
    "third_parties": ("opplysninger om fullmektiger", "data about authorised persons"),
    "identity": (
        "navn, fødselsdato og fødselsnummer",
        "name, date of birth and national identity number",
    ),
}

PURPOSES: Final[dict[Purpose, tuple[str, str]]] = {
    "answer_caller": ("besvare en henvendelse", "answering an enquiry"),
    "send_letter": ("sende brev", "sending a letter"),
    "collect_claim": ("følge opp et krav", "following up a claim"),
    "decide_dispute": ("behandle en innsigelse", "deciding a dispute"),
    "reconcile": ("avstemme innbetalinger", "reconciling payments"),
    "legal_step": ("rettslig skritt", "a legal step"),
    "correct_data": ("rette opplysninger", "correcting data"),
    "access_request": ("svare på innsynskrav", "answering an access request"),
    "erasure": ("slette opplysninger", "erasing data"),
    "support": ("teknisk feilsøking", "technical support"),
    "audit": ("revisjon", "audit"),
}

HOLDS: Final[dict[HoldReason, tuple[str, str]]] = {
    "legal_claim": ("et rettskrav", "a legal claim"),
    "court_case": ("en sak for retten", "a case in court"),
    "complaint": ("en klagesak", "a complaint"),
    "bookkeeping_audit": ("et bokettersyn", "an audit of the books"),
    "criminal_investigation": ("en etterforskning", "a criminal investigation"),
}

LEGAL_BASES: Final[dict[LegalBasis, tuple[str, str]]] = {
    "asked_by_the_person": ("personen ba om det", "the person asked for it"),
    "retention_ended": ("lagringstiden er ute", "the retention period has ended"),
    "unlawful_processing": ("opplysningene ble behandlet ulovlig", "the processing was unlawful"),
    "court_or_authority": ("pålegg fra domstol eller tilsyn", "an order of a court or authority"),
    "kept_by_mistake": ("opplysningene ble lagret ved en feil", "the data were kept by mistake"),
}

PROTECTIONS: Final[dict[Protection, tuple[str, str]]] = {
    "none": ("ikke skjermet", "not protected"),
    "confidential": ("fortrolig (kode 7)", "confidential (code 7)"),
    "strictly_confidential": ("strengt fortrolig (kode 6)", "strictly confidential (code 6)"),
    "client_address": ("klientadresse", "client address"),
}

SCOPES: Final[dict[Scope, tuple[str, str]]] = {
    "payment": ("betaling", "payment"),
    "basis": ("grunnlag og betaling", "grounds and payment"),
}

FINDINGS: Final[dict[FindingKind, tuple[str, str]]] = {
    "too_long": ("for mye tekst", "too much text"),
    "national_identity_number": ("et fødselsnummer", "a national identity number"),
    "diagnosis_code": ("en diagnosekode", "a diagnosis code"),
    "tariff_code": ("en takstkode", "a tariff code"),
    "health": ("helseopplysninger", "data about health"),
    "religion": ("opplysninger om religion", "data about religion"),
    "union": ("opplysninger om fagforening", "data about trade union membership"),
    "criminal": ("opplysninger om straffbare forhold", "data about criminal matters"),
    "politics_and_origin": (
        "opplysninger om politikk eller opprinnelse",
        "data about politics or origin",
    ),
    "sexuality": ("opplysninger om seksualitet", "data about sexuality"),
}

LANGUAGES: Final[dict[Language, tuple[str, str]]] = {
    "nb": ("bokmål", "Norwegian (bokmål)"),
    "nn": ("nynorsk", "Norwegian (nynorsk)"),
    "en": ("engelsk", "English"),
    "se": ("nordsamisk", "Northern Sámi"),
    "pl": ("polsk", "Polish"),
    "uk": ("ukrainsk", "Ukrainian"),
    "ar": ("arabisk", "Arabic"),
    "so": ("somali", "Somali"),
    "other": ("et annet språk", "another language"),
}

CONTACT_CHANNELS: Final[dict[ContactChannel, tuple[str, str]]] = {
    "post": ("post", "post"),
    "email": ("e-post", "e-mail"),
    "sms": ("SMS", "text message"),
    "phone": ("telefon", "phone"),
    "efaktura": ("eFaktura", "eFaktura"),
    "digital_mailbox": ("digital postkasse", "digital mailbox"),
}

FACTS: Final[dict[str, Mapping[Any, tuple[str, str]]]] = {
    "kind": FINDINGS,
    "reason": HOLDS,
}
"""The closed lists that facts of refusals come from, by the fact's name."""

REPORT: Final[dict[str, tuple[str, str]]] = {
    "title": ("Innsyn i personopplysninger", "Access to personal data"),
    "intro": (
        "Dette er alt som er lagret om deg i boken {book} per {on} (GDPR artikkel 15).",
        "This is all that is kept about you in the book {book} as of {on} (GDPR article 15).",
    ),
    "person": ("Om deg", "About you"),
    "why": ("Hvorfor, og hvor lenge", "Why, and for how long"),
    "why_claims": (
        "Vi følger opp krav som du skylder, og fører regnskap over dem (GDPR artikkel 6 nr. 1"
        " bokstav c og f, artikkel 9 nr. 2 bokstav f).",
        "We follow up claims that you owe, and keep books of them (GDPR article 6(1)(c) and (f),"
        " article 9(2)(f)).",
    ),
    "why_kept": (
        "Navn, fødselsdato og fødselsnummer beholdes i fem år etter det regnskapsåret saken ble"
        " avsluttet i (bokføringsloven § 13). Kontaktopplysninger, notater og opplysninger om"
        " fullmektiger slettes når du ber om det og ingen sak er åpen.",
        "Name, date of birth and national identity number are kept for five years after the"
        " financial year in which the case was closed (Bookkeeping Act section 13). Contact data,"
        " notes and data about authorised persons are erased when you ask for it and no case is"
        " open.",
    ),
    "kept_until": (
        "Opplysningene om hvem du er, beholdes til {until} og slettes deretter.",
        "Who you are is kept until {until} and erased after that.",
    ),
    "sources": (
        "Opplysningene kommer fra klinikken som krevet gjelder, fra deg selv og fra"
        " Folkeregisteret.",
        "The data come from the clinic that the claim is of, from yourself and from the population"
        " register.",
    ),
    "cases": ("Sakene dine", "Your cases"),
    "case": ("Sak {reference} hos {creditor}", "Case {reference} of {creditor}"),
    "owed": ("Skyldig nå: {amount}", "Owed now: {amount}"),
    "notes": ("Notater", "Notes"),
    "authorisations": ("Hvem som kan spørre for deg", "Who may ask on your behalf"),
    "authorisation": (
        "{relation}: {scope}, fra {start} {end}",
        "{relation}: {scope}, from {start} {end}",
    ),
    "until": ("til {date}", "until {date}"),
    "until_revoked": ("til den trekkes tilbake", "until revoked"),
    "reads": ("Hvem som har sett opplysningene", "Who has looked at the data"),
    "read": ("{at}: {actor}, for {purpose} ({what})", "{at}: {actor}, for {purpose} ({what})"),
    "looked_notes": ("notater", "notes"),
    "looked_authorisations": ("fullmakter", "authorisations"),
    "looked_search": ("søk", "search"),
    "looked_third_party": ("henvendelse fra andre", "an enquiry by somebody else"),
    "erasures": ("Slettinger", "Erasures"),
    "erasure": ("{at}: {what} ble slettet", "{at}: {what} were erased"),
    "nothing": ("Ingen.", "None."),
    "rights": ("Rettighetene dine", "Your rights"),
    "rights_text": (
        "Du kan be om å få opplysninger rettet eller slettet, be om begrenset behandling,"
        " protestere mot behandlingen, og klage til Datatilsynet.",
        "You may ask for data to be corrected or erased, ask for restriction, object to the"
        " processing, and complain to Datatilsynet.",
    ),
    "protected": (
        "Adressen er skjermet og vises ikke i denne utskriften.",
        "The address is protected and not shown on this print.",
    ),
    "unreadable": (
        "{what}: nøkkelen finnes ikke lenger, og opplysningene kan ikke leses.",
        "{what}: the key is gone, and the data can't be read.",
    ),
}
"""The parts of an access report (nb, en)."""
