"""What the members of closed lists are called: each table gives (nb, en) by member.

The terms are those of the collection trade. A table covers its whole list; tests see to it.
"""

from collections.abc import Mapping
from typing import Final

Words = Mapping[str, tuple[str, str]]


def words(table: Words, member: str) -> tuple[str, str]:
    """What a member is called; what imported history says stands as it is."""
    return table.get(member, (member, member))


LETTERS: Final[Words] = {
    "reminder": ("purring", "reminder"),
    "collection_notice": ("inkassovarsel", "debt collection notice"),
    "payment_demand": ("betalingsoppfordring", "payment demand"),
    "plan_warning": ("varsel om misligholdt avdragsordning", "warning of a broken instalment plan"),
}
SENDERS: Final[Words] = {
    "agency": ("inkassoforetaket", "the agency"),
    "clinic": ("klinikken", "the clinic"),
}
CHANNELS: Final[Words] = {
    "post": ("post", "post"),
    "email": ("e-post", "e-mail"),
    "sms": ("SMS", "SMS"),
    "efaktura": ("eFaktura", "eFaktura"),
    "digital_mailbox": ("digital postkasse", "digital mailbox"),
    "not_stated": ("kanal ikke oppgitt", "channel not stated"),
}
CONTACT_CHANNELS: Final[Words] = {
    "phone": ("telefon", "phone"),
    "sms": ("SMS", "SMS"),
    "email": ("e-post", "e-mail"),
    "letter": ("brev", "letter"),
    "portal": ("nettportal", "portal"),
    "in_person": ("personlig oppmøte", "in person"),
}
DIRECTIONS: Final[Words] = {
    "incoming": ("Inngående kontakt", "Incoming contact"),
    "outgoing": ("Utgående kontakt", "Outgoing contact"),
}
TOPICS: Final[Words] = {
    "balance": ("saldo", "balance"),
    "basis": ("grunnlaget for kravet", "basis of the claim"),
    "frikort": ("frikort", "exemption card"),
    "record_copy": ("journalkopi", "copy of the medical record"),
    "terminal_zero": ("terminalen viste 0", "the terminal showed 0"),
    "terminal_split": ("delt betaling i terminalen", "split payment at the terminal"),
    "deferral": ("betalingsutsettelse", "payment deferral"),
    "instalment_plan": ("avdragsordning", "instalment plan"),
    "dispute": ("innsigelse", "dispute"),
    "payment": ("betaling", "payment"),
    "other": ("annet", "other"),
}
CALLERS: Final[Words] = {
    "debtor": ("skyldneren", "the debtor"),
    "guardian": ("vergen", "the guardian"),
    "third_party": ("en tredjepart", "a third party"),
    "clinic": ("klinikken", "the clinic"),
}
DISCLOSED: Final[Words] = {
    "nothing": ("ingen opplysninger gitt", "nothing disclosed"),
    "balance": ("saldo opplyst", "balance disclosed"),
    "lines": ("fakturalinjer opplyst", "invoice lines disclosed"),
}
CONTACT_OUTCOMES: Final[Words] = {
    "solved": ("løst", "solved"),
    "referred_to_clinic": ("henvist til klinikken", "referred to the clinic"),
    "callback": ("ringes tilbake", "to be called back"),
    "open": ("ikke avklart", "still open"),
}
SCOPES: Final[Words] = {
    "payment": ("betaling", "payment"),
    "basis": ("betaling og grunnlag", "payment and basis"),
}
VERIFIED_BY: Final[Words] = {
    "signed_form": ("signert skjema", "signed form"),
    "digital_signature": ("elektronisk signatur", "digital signature"),
    "guardianship": ("vergemål", "guardianship"),
    "patient_present": ("pasienten til stede", "the patient present"),
}
LINES: Final[Words] = {
    "consultation": ("konsultasjon", "consultation"),
    "lab": ("laboratorieprøve", "laboratory test"),
    "material": ("forbruksmateriell", "material"),
    "certificate": ("attest", "certificate"),
    "record_copy": ("journalkopi", "copy of the medical record"),
    "no_show": ("gebyr for ikke møtt", "no-show fee"),
    "expedition": ("ekspedisjonsgebyr", "expedition fee"),
    "vaccine_generic": ("vaksine", "vaccine"),
    "dental_work": ("tannbehandling", "dental work"),
    "other": ("annet", "other"),
}
DEBTOR_ROLES: Final[Words] = {
    "patient": ("pasienten", "the patient"),
    "guardian": ("vergen", "the guardian"),
    "estate": ("dødsboet", "the estate"),
}
PATIENT_AGES: Final[Words] = {
    "under_16": ("under 16 år", "under 16"),
    "minor": ("mindreårig", "a minor"),
    "adult": ("voksen", "an adult"),
}
STAGES: Final[Words] = {
    "new": ("ny", "new"),
    "charged": ("belastet", "charged"),
    "invoiced": ("fakturert", "invoiced"),
    "overdue": ("forfalt", "overdue"),
    "reminded": ("purret", "reminded"),
    "noticed": ("inkassovarslet", "collection notice sent"),
    "demanded": ("betalingsoppfordring sendt", "payment demanded"),
    "demanded_heavy": ("tungt salær påløpt", "heavy collection fee charged"),
    "collection": ("til inkasso", "in collection"),
    "legal_decision": ("venter på klinikkens avgjørelse", "waiting for the clinic's decision"),
    "conciliation": ("i forliksrådet", "before the conciliation board"),
    "enforcement": ("hos namsmannen", "with the enforcement officer"),
    "surveillance": ("overvåk", "dormant-debt surveillance"),
    "closed": ("avsluttet", "closed"),
}
HOLDS: Final[Words] = {
    "dispute": ("innsigelse", "dispute"),
    "deferral": ("betalingsutsettelse", "payment deferral"),
    "instalment_plan": ("avdragsordning", "instalment plan"),
    "estate": ("dødsbo", "deceased estate"),
    "bankruptcy": ("konkurs", "bankruptcy"),
    "debt_settlement": ("gjeldsordning", "debt settlement"),
    "clinic_query": ("spørsmål hos klinikken", "question to the clinic"),
    "minor_review": ("mindreårig til vurdering", "minor under review"),
    "address_unknown": ("ukjent adresse", "address unknown"),
    "payment_claimed": ("betaling hevdet", "payment claimed"),
    "regime_unreviewed": ("nytt regelverk ikke gjennomgått", "new law not yet reviewed"),
    "creditor_change": ("kreditorskifte", "change of creditor"),
    "identity_doubt": ("tvil om identitet", "doubt about identity"),
}
CIRCUMSTANCES: Final[Words] = {
    "estate": ("dødsbo", "deceased estate"),
    "bankruptcy": ("konkurs", "bankruptcy"),
    "debt_settlement": ("gjeldsordning", "debt settlement"),
    "protected_address": ("adressebeskyttelse", "protected address"),
}
DISPUTES: Final[Words] = {
    "misunderstanding_frikort": (
        "misforståelse om frikort",
        "misunderstanding of the exemption card",
    ),
    "terminal_showed_zero": ("terminalen viste 0", "the terminal showed 0"),
    "terminal_split": ("delt betaling i terminalen", "split payment at the terminal"),
    "never_visited": ("har ikke vært til konsultasjon", "never visited"),
    "record_copy": ("journalkopi", "copy of the medical record"),
    "already_paid": ("allerede betalt", "already paid"),
    "wrong_amount": ("feil beløp", "wrong amount"),
    "wrong_person": ("feil person", "wrong person"),
    "service": ("forhold ved tjenesten", "the service"),
    "other": ("annet", "other"),
    "imported": ("importert fra annet system", "imported from another system"),
}
INSTANCES: Final[Words] = {
    "clinic": ("klinikken", "the clinic"),
    "judge": ("domstolen", "the court"),
    "prefecture": ("forvaltningsmyndigheten", "the prefecture"),
    "not_stated": ("ukjent instans", "an unknown body"),
}
"""Who decides a dispute, where it is not somebody with a name of his own."""
OUTCOMES: Final[Words] = {
    "upheld": ("medhold", "upheld"),
    "partly_upheld": ("delvis medhold", "partly upheld"),
    "rejected": ("ikke medhold", "rejected"),
    "not_stated": ("utfall ikke oppgitt", "outcome not stated"),
}
TERMINAL_RESULTS: Final[Words] = {
    "approved": ("godkjent", "approved"),
    "declined": ("avvist", "declined"),
    "cancelled": ("avbrutt", "cancelled"),
}
CLOSE_REASONS: Final[Words] = {
    "paid": ("betalt", "paid"),
    "credited": ("kreditert", "credited"),
    "written_off": ("avskrevet", "written off"),
    "recalled": ("trukket tilbake", "recalled"),
    "settled": ("forlik", "settled"),
    "time_barred": ("foreldet", "time-barred"),
    "estate_insolvent": ("insolvent dødsbo", "insolvent estate"),
}
REOPEN_REASONS: Final[Words] = {
    "payment_returned": ("betaling tilbakeført", "payment returned"),
    "wrong_credit": ("feilaktig kreditering", "wrong credit"),
    "other": ("annen årsak", "other reason"),
}
CREDIT_REASONS: Final[Words] = {
    "dispute_upheld": ("medhold i innsigelse", "dispute upheld"),
    "clinic_decision": ("klinikkens avgjørelse", "the clinic's decision"),
    "charged_in_error": ("feil belastet", "charged in error"),
    "goodwill": ("kulanse", "goodwill"),
    "settlement": ("forlik", "settlement"),
}
WAIVER_REASONS: Final[Words] = {
    "good_faith_terminal": ("god tro etter terminalbruk", "good faith after using the terminal"),
    "goodwill": ("kulanse", "goodwill"),
    "paid_in_time": ("betalt innen fristen", "paid in time"),
    "paid_before_letter": ("betalt før brevet ble sendt", "paid before the letter was sent"),
    "dispute_upheld": ("medhold i innsigelse", "dispute upheld"),
    "letter_void": ("brevet er ugyldig", "the letter is void"),
    "not_delivered": ("ikke kommet fram", "not delivered"),
    "cap_lowered": ("lavere maksimalsats", "lower maximum"),
    "settlement": ("forlik", "settlement"),
}
VOID_REASONS: Final[Words] = {
    "wrong_content": ("feil innhold", "wrong content"),
    "wrong_recipient": ("feil mottaker", "wrong recipient"),
    "wrong_date": ("feil dato", "wrong date"),
    "paid_before": ("betalt før utsendelse", "paid before it was sent"),
    "not_delivered": ("ikke kommet fram", "not delivered"),
}
WRITE_OFF_REASONS: Final[Words] = {
    "small_remainder": ("liten rest", "small remainder"),
    "uncollectable": ("kan ikke inndrives", "uncollectable"),
    "time_barred": ("foreldet", "time-barred"),
    "estate_insolvent": ("insolvent dødsbo", "insolvent estate"),
    "recalled": ("trukket tilbake", "recalled"),
}
PAUSE_REASONS: Final[Words] = {
    "clinic_answered_late": ("klinikken svarte sent", "the clinic answered late"),
    "agreed": ("etter avtale", "as agreed"),
}
REVERSAL_REASONS: Final[Words] = {
    "returned_by_bank": ("returnert av banken", "returned by the bank"),
    "wrong_case": ("feil sak", "wrong case"),
    "recorded_in_error": ("feilført", "recorded in error"),
}
CORRECTION_REASONS: Final[Words] = {
    "payment_known_late": ("betaling kjent i ettertid", "a payment that became known late"),
    "credited_from_start": ("kreditert fra første dag", "credited from the start"),
    "payment_reversed": ("betaling tilbakeført", "payment reversed"),
    "letter_void": ("ugyldig brev", "void letter"),
}
ACKNOWLEDGEMENTS: Final[Words] = {
    "in_writing": ("skriftlig", "in writing"),
    "by_phone": ("på telefon", "by phone"),
    "by_agreement": ("ved avtale", "by agreement"),
}
ANSWERS: Final[Words] = {
    "told_patient": ("har svart pasienten", "has told the patient"),
    "claim_stands": ("kravet står ved lag", "the claim stands"),
    "will_credit": ("vil kreditere", "will credit"),
    "will_correct": ("vil rette", "will correct"),
}
LEGAL_REASONS: Final[Words] = {
    "disputed": ("omtvistet krav", "disputed claim"),
    "unpaid": ("ubetalt krav", "unpaid claim"),
}
CLINIC_CHOICES: Final[Words] = {
    "conciliation": ("forliksklage", "conciliation claim"),
    "enforcement": ("utleggsbegjæring", "petition for attachment"),
    "credit": ("kreditering", "credit"),
    "continue": ("fortsatt innkreving uten rettslige skritt", "further collection, no legal step"),
}
LEGAL_STEPS: Final[Words] = {
    "conciliation": ("Forliksklage", "Conciliation claim"),
    "enforcement": ("Utleggsbegjæring", "Petition for attachment"),
}
ENFORCEMENT_OUTCOMES: Final[Words] = {
    "attached": ("utlegg tatt", "attachment made"),
    "nothing_to_attach": ("intet til utlegg", "nothing to attach"),
    "judgment": ("dom avsagt", "judgment"),
    "dismissed": ("avvist", "dismissed"),
}
TASKS: Final[Words] = {
    "answer_overdue": ("svar på innsigelse er forsinket", "the answer to a dispute is overdue"),
    "clinic_answer_overdue": ("svar fra klinikken er forsinket", "the clinic's answer is overdue"),
    "deferral_ended": ("betalingsutsettelsen er utløpt", "the deferral has ended"),
    "egenandel_paid": ("betalt egenandel skal meldes", "report the paid patient's share"),
    "hold_review": ("sperre skal vurderes", "review the hold"),
    "limitation_warning": ("foreldelse nærmer seg", "limitation is near"),
    "plan_broken": ("avdragsordning misligholdt", "an instalment plan was broken"),
    "refund_due": ("overbetaling skal tilbakebetales", "refund the overpayment"),
    "settlement_missed": ("forlik ikke betalt", "a settlement was not paid"),
    "callback_due": ("skal ringes tilbake", "call back"),
}
DESIGNATIONS: Final[Words] = {
    "none": ("ingen øremerking", "no designation"),
    "invoice": ("øremerket en faktura", "designated to an invoice"),
    "letter": ("øremerket beløpet i et brev", "designated to a letter's amount"),
    "parts": ("øremerket bestemte poster", "designated to named parts"),
}
ALLOCATION_ORDERS: Final[Words] = {
    "costs_interest_principal": (
        "omkostninger, renter, hovedkrav",
        "costs, interest, principal",
    ),
    "principal_interest_costs": (
        "hovedkrav, renter, omkostninger",
        "principal, interest, costs",
    ),
}
QUEUE_REASONS: Final[Words] = {
    "no_kid": ("KID mangler", "no KID"),
    "invalid_kid": ("ugyldig KID", "invalid KID"),
    "unknown_kid": ("ukjent KID", "unknown KID"),
    "case_closed": ("saken er avsluttet", "the case is closed"),
    "possible_duplicate": ("mulig dobbeltbetaling", "possible duplicate"),
    "refused": ("saken tok ikke imot betalingen", "the case did not take it"),
}
KINDS: Final[Words] = {
    "approval": ("godkjenning", "approval"),
    "authorisation": ("fullmakt", "authorisation"),
    "callback": ("tilbakeringing", "callback"),
    "case": ("sak", "case"),
    "circumstance": ("omstendighet", "circumstance"),
    "clinic": ("klinikk", "clinic"),
    "contact": ("kontakt", "contact"),
    "filing": ("rettslig skritt", "filing"),
    "hold": ("sperre", "hold"),
    "letter": ("brev", "letter"),
    "line": ("linje", "line"),
    "note": ("notat", "note"),
    "payment": ("betaling", "payment"),
    "plan": ("avdragsordning", "instalment plan"),
    "question": ("spørsmål", "question"),
    "receipt": ("bankinnbetaling", "receipt"),
    "refund": ("tilbakebetaling", "refund"),
    "remittance": ("remittering", "remittance"),
    "settlement": ("forlik", "settlement"),
    "task": ("oppgave", "task"),
}
"""What a name in a refusal is the name of."""
