"""The words of the guides: what an agent checks, says, and leaves unsaid.

What is said speaks to the one who calls; checks and what must not be said speak to the agent.
"""

from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from ledger.domain.conversations import Check, Guide, MustNot, Say, Spoken, Topic
from ledger.wording.amounts import Language, day, money
from ledger.wording.commands import COMMANDS
from ledger.wording.explanations import NOTHING_DISCLOSED, THE_LINE

_OSLO: Final = ZoneInfo("Europe/Oslo")

TOPICS: Final[dict[Topic, tuple[str, str]]] = {
    "third_party": ("En annen enn pasienten ringer", "Somebody other than the patient calls"),
    "frikort": ("«Jeg har frikort»", "“I have an exemption card”"),
    "record_copy": ("«Jeg har aldri vært der»", "“I have never been there”"),
    "terminal_zero": ("«Terminalen viste null»", "“The terminal showed zero”"),
    "terminal_split": ("«Jeg betalte i terminalen»", "“I paid at the terminal”"),
    "cannot_pay": ("Kan ikke betale nå", "Can't pay now"),
    "basis": ("Spør hva fakturaen gjelder", "Asks what the invoice is for"),
    "cannot_agree": ("Fortsatt uenig", "Still disagrees"),
}
CHECKS: Final[dict[Check, tuple[str, str]]] = {
    "who_is_calling": (
        "Spør hvem som ringer, og om det er pasienten selv.",
        "Ask who is calling, and whether it is the patient.",
    ),
    "name_and_birth_date": (
        "Få fullt navn og fødselsdato.",
        "Get the full name and the date of birth.",
    ),
    "one_more_fact": (
        "Få én opplysning til som bare den rette kjenner, som KID eller fakturanummer.",
        "Get one more fact that only the right person knows, such as the KID or invoice number.",
    ),
    "guardian": (
        "Pasienten var under 18: forsikre deg om at du snakker med vergen eller pasienten selv.",
        "The patient was under 18: be sure that you speak with the guardian or the patient.",
    ),
    "estate_contact": (
        "Det er et dødsbo: snakk bare med den som er registrert for boet.",
        "It is an estate: speak only with whoever is registered for it.",
    ),
    "authorisation": (
        "Se etter en gyldig fullmakt, og hva den omfatter.",
        "Look for a valid authorisation, and what it covers.",
    ),
    "patient_present": (
        "Er pasienten til stede, kan du snakke med pasienten selv.",
        "If the patient is present, you may speak with the patient.",
    ),
}
SAYS: Final[dict[Say, tuple[str, str]]] = {
    "neither_confirm_nor_deny": NOTHING_DISCLOSED,
    "authorisation_needed": (
        "For å hjelpe deg trenger vi en fullmakt fra den det gjelder. Vi sender skjemaet dit.",
        "To help you we need an authorisation from the person concerned. We send the form there.",
    ),
    "authorisation_held": (
        "Det ligger en gyldig fullmakt her. Den gjelder {scope}.",
        "There is a valid authorisation here. It covers {scope}.",
    ),
    "patient_may_join": (
        "Er den det gjelder sammen med deg, kan vi ta samtalen med begge.",
        "If the person concerned is with you, we can talk with both of you.",
    ),
    "frikort_covers_egenandel": (
        "Frikortet dekker egenandelen, men ikke alt annet.",
        "The exemption card covers the patient's share, but not everything else.",
    ),
    "frikort_not_this": (
        "{the_line} på {amount} dekkes ikke av frikortet.",
        "{the_line} of {amount} is not covered by the exemption card.",
    ),
    "frikort_egenandel_credited": (
        "Hadde du frikort den dagen, skal egenandelen på {amount} strykes. Vi spør klinikken.",
        "If you had a card that day, the share of {amount} is to be cancelled. We ask the clinic.",
    ),
    "frikort_egenandel_refunded": (
        "Hadde du frikort den dagen, betaler du egenandelen på {amount}, og Helfo betaler den"
        " tilbake.",
        "If you had a card that day, you pay the share of {amount}, and Helfo pays it back.",
    ),
    "record_copy_costs": (
        "Regningen på {amount} gjelder en kopi av journalen. Den kan koste noe selv om du ikke var"
        " på klinikken.",
        "The bill of {amount} is for a copy of the record. It may cost something although you were"
        " not at the clinic.",
    ),
    "record_copy_clinic_answers": (
        "Hvorfor den ble sendt, og til hvem, er det klinikken som svarer på.",
        "Why it was sent, and to whom, is for the clinic to answer.",
    ),
    "zero_before_charge": (
        "Kl. {at} viste terminalen null. Beløpet på {amount} ble registrert kl. {charged_at}.",
        "At {at} the terminal showed zero. The amount of {amount} was registered at {charged_at}.",
    ),
    "charged_afterwards": (
        "Derfor ble ingenting betalt da, og du fikk fakturaen i etterkant.",
        "So nothing was paid then, and the invoice came afterwards.",
    ),
    "paid_this_at_terminal": (
        "{the_line} på {amount} nådde terminalen kl. {shown_at} og ble betalt kl. {paid_at}.",
        "{the_line} of {amount} reached the terminal at {shown_at} and was paid at {paid_at}.",
    ),
    "missed_by_terminal": (
        "{the_line} på {amount} ble registrert kl. {registered_at} og nådde aldri terminalen.",
        "{the_line} of {amount} was registered at {registered_at} and never reached the terminal.",
    ),
    "invoice_for_missing_only": (
        "Du betaler bare det terminalen ikke fikk, og ikke noe to ganger.",
        "You pay only what the terminal did not get, and nothing twice.",
    ),
    "fees_may_be_waived": (
        "Gebyrene på {amount} kan jeg stryke, siden du handlet i god tro.",
        "I can drop the fees of {amount}, since you acted in good faith.",
    ),
    "to_pay_today": (
        "I dag er det {amount} å betale i alt.",
        "Today there is {amount} to pay in all.",
    ),
    "to_pay_without_interest": (
        "Det er {amount} å betale, og rente kommer i tillegg; satsen er ikke kjent ennå.",
        "There is {amount} to pay, and interest comes on top; its rate is not known yet.",
    ),
    "deferral_possible": (
        "Du kan få utsettelse, senest til {until}. Etter forfall løper det rente.",
        "You can have more time, until {until} at the latest. After the due date interest runs.",
    ),
    "deferral_runs": (
        "Du har fått utsettelse til {until}. Til da skjer det ingenting.",
        "You have until {until}. Nothing happens before that.",
    ),
    "plan_possible": (
        "Du kan betale i avdrag. Opptil {count} avdrag koster ikke noe tillegg.",
        "You can pay in instalments. Up to {count} instalments cost no supplement.",
    ),
    "plan_runs": (
        "Du har en avdragsordning. Neste avdrag er {amount} den {due}.",
        "You have an instalment plan. The next instalment is {amount} on {due}.",
    ),
    "plan_costs_more": (
        "Flere enn {count} avdrag kan koste inntil {amount} mer. Det må du vite før du sier ja.",
        "More than {count} instalments may cost up to {amount} more. You must know that before you"
        " agree.",
    ),
    "other_agreement_possible": (
        "Passer ikke det, kan vi spørre klinikken om en annen avtale.",
        "If that does not suit, we can ask the clinic for another agreement.",
    ),
    "clinic_answers_basis": (
        "Hva fakturaen gjelder, svarer klinikken på. Vi har ikke opplysninger om behandlingen.",
        "What the invoice is for is for the clinic to answer. We hold nothing on the treatment.",
    ),
    "we_can_ask_the_clinic": (
        "Du kan ringe klinikken selv, eller vi kan spørre for deg.",
        "You can call the clinic yourself, or we can ask for you.",
    ),
    "objection_holds_case": (
        "Sier du deg uenig, står saken stille til du har fått svar.",
        "If you object, the case stands still until you have an answer.",
    ),
    "misunderstanding_hold": (
        "Er du uenig, venter vi med alt til {until} mens du får svar.",
        "If you disagree, we wait with everything until {until} while you get an answer.",
    ),
    "clinic_decides": (
        "Blir vi ikke enige, er det klinikken som avgjør. Vi ber om svar innen {days} dager.",
        "If we can't agree, the clinic decides. We ask it to answer within {days} days.",
    ),
    "conciliation_costs": (
        "Til klinikken: forliksrådet koster {cost}, og kravet er på {amount}.",
        "To the clinic: the conciliation board costs {cost}, and the claim is {amount}.",
    ),
    "credit_recommended": (
        "Til klinikken: vi anbefaler å kreditere et så lite krav.",
        "To the clinic: we recommend a credit of so small a claim.",
    ),
    "conciliation_recommended": (
        "Til klinikken: vi anbefaler forliksrådet hvis kravet menes å være riktig.",
        "To the clinic: we recommend the conciliation board if the claim is held to be right.",
    ),
}
MUST_NOTS: Final[dict[MustNot, tuple[str, str]]] = {
    "confirm_the_case": (
        "Ikke si om det finnes en sak, heller ikke ved å si at den er lukket.",
        "Don't say whether there is a case, not even by saying that it is closed.",
    ),
    "say_what_lines_are": (
        "Ikke si hva linjene på fakturaen er, uten fullmakt til det.",
        "Don't say what the invoice's lines are, without an authorisation for it.",
    ),
    "say_why_treated": (
        "Ikke si noe om hvorfor pasienten var hos klinikken.",
        "Say nothing about why the patient was at the clinic.",
    ),
    "ask_why_treated": (
        "Ikke spør om helsen til pasienten.",
        "Don't ask about the patient's health.",
    ),
    "write_health_down": (
        "Ikke skriv helseopplysninger i notater, heller ikke når pasienten forteller dem.",
        "Don't write health information in notes, not even when the patient tells it.",
    ),
    "read_address": (
        "Ikke les opp eller bekreft adressen: den er sperret.",
        "Don't read out or confirm the address: it is protected.",
    ),
    "promise_credit": (
        "Ikke lov at kravet blir strøket: det avgjør klinikken.",
        "Don't promise that the claim will be cancelled: the clinic decides that.",
    ),
    "threaten_costs": (
        "Ikke bruk kostnader som kan komme, som press.",
        "Don't use costs that may come as pressure.",
    ),
    "decide_the_basis": (
        "Ikke avgjør om fakturaen er riktig: grunnlaget er klinikkens.",
        "Don't decide whether the invoice is right: the basis is the clinic's.",
    ),
    "blame_the_patient": (
        "Ikke legg skylden på pasienten: dette skjer folk i god tro.",
        "Don't blame the patient: this happens to people in good faith.",
    ),
    "hide_plan_costs": (
        "Ikke avtal flere avdrag uten å ha sagt hva de koster.",
        "Don't agree on more instalments without having said what they cost.",
    ),
    "claim_costs_from_minor": (
        "Ikke krev gebyr eller salær: kravet er fra da pasienten var under 18.",
        "Don't claim fees: the claim is from when the patient was under 18.",
    ),
}
SCOPES: Final[dict[str, tuple[str, str]]] = {
    "payment": ("beløp og betaling", "amounts and payment"),
    "basis": ("beløp, betaling og hva linjene er", "amounts, payment and what the lines are"),
}

_AMOUNTS: Final = frozenset({"amount", "cost"})


def spoken_text(spoken: Spoken, language: Language, currency: str) -> str:
    """What is said, with its amounts, dates and times by the clocks in Oslo."""
    place = 0 if language == "nb" else 1
    words = {name: _word(name, fact, language, currency) for name, fact in spoken.facts.items()}
    category: Any = spoken.facts.get("category")
    if category is not None:
        line = THE_LINE[category]
        the_line = line[0] if language == "nb" else line[2]
        words["the_line"] = the_line[:1].upper() + the_line[1:]
    return SAYS[spoken.say][place].format_map(words)


def guide_text(guide: Guide, language: Language, currency: str) -> list[str]:
    """The guide from its heading to what must not be said, one line each."""
    place = 0 if language == "nb" else 1
    headings = (
        ("Sjekk først", "Check first"),
        ("Si", "Say"),
        ("Gjør etter avtale", "Do as agreed"),
        ("Ikke", "Don't"),
    )
    return [
        TOPICS[guide.topic][place],
        f"{headings[0][place]}:",
        *(f"  {CHECKS[check][place]}" for check in guide.check),
        f"{headings[1][place]}:",
        *(f"  {spoken_text(spoken, language, currency)}" for spoken in guide.say),
        f"{headings[2][place]}:",
        *(f"  {COMMANDS[name][place]}" for name in guide.commands),
        f"{headings[3][place]}:",
        *(f"  {MUST_NOTS[one][place]}" for one in guide.must_not),
    ]


def _word(name: str, fact: Any, language: Language, currency: str) -> str:
    match fact:
        case datetime():
            return f"{fact.astimezone(_OSLO):%H:%M}"
        case date():
            return day(fact, language)
        case int() if name in _AMOUNTS:
            return money(fact, currency, language)
        case str() if name == "scope":
            return SCOPES[fact][0 if language == "nb" else 1]
        case _:
            return str(fact)
