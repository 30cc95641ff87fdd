"""Errors of the API in words: what is wrong, and what to do next."""

from typing import Final, NamedTuple

from ledger.wording.amounts import Language


class ProblemText(NamedTuple):
    """A kind of problem: its name, and what is said of one; ``{…}`` stands for its facts."""

    title_nb: str
    title_en: str
    detail_nb: str
    detail_en: str

    def title(self, language: Language) -> str:
        """The name of the kind."""
        return self.title_nb if language == "nb" else self.title_en

    def detail(self, language: Language) -> str:
        """What is wrong and what to do, with places for the facts."""
        return self.detail_nb if language == "nb" else self.detail_en


REFUSED: Final = ("Avvist", "Refused")
"""The title of every refusal: a decision of the ledger, and no fault of the request's form."""

PROBLEMS: Final[dict[str, ProblemText]] = {
    "malformed_body": ProblemText(
        "Uleselig innhold",
        "The body can't be read",
        "Innholdet er ikke JSON: {why}.",
        "The body is no JSON: {why}.",
    ),
    "invalid_cursor": ProblemText(
        "Ugyldig markør",
        "Invalid cursor",
        "Markøren er ikke fra denne listen. Begynn på nytt uten den.",
        "The cursor is not one of this list. Begin again without it.",
    ),
    "two_moments": ProblemText(
        "To tidspunkter",
        "Two moments",
        "Oppgi enten position eller known_at, ikke begge.",
        "Name a position or known_at, not both.",
    ),
    "idempotency_key_missing": ProblemText(
        "Nøkkel mangler",
        "Idempotency key missing",
        "Send hodet Idempotency-Key med en nøkkel som er ny for hver ny forespørsel.",
        "Send an Idempotency-Key header, with a key that is new for each new request.",
    ),
    "token_missing": ProblemText(
        "Ikke innlogget",
        "Not logged in",
        "Send hodet Authorization: Bearer med et token eller en API-nøkkel.",
        "Send an Authorization: Bearer header with a token or an API key.",
    ),
    "token_refused": ProblemText(
        "Ugyldig innlogging",
        "Login refused",
        "Tokenet eller nøkkelen gjelder ikke. Skaff et nytt.",
        "The token or key is not valid. Get a new one.",
    ),
    "not_permitted": ProblemText(
        "Ikke tillatt",
        "Not permitted",
        "Rollen {role} har ikke adgang til {operation}.",
        "The role {role} may not do {operation}.",
    ),
    "purpose_missing": ProblemText(
        "Formål mangler",
        "Purpose missing",
        "Send hodet Ledger-Purpose: innsyn i personopplysninger lagres med formålet.",
        "Send a Ledger-Purpose header: a look at personal data is recorded with its purpose.",
    ),
    "purpose_not_permitted": ProblemText(
        "Formålet er ikke rollens",
        "Not a purpose of this role",
        "Rollen {role} leser ikke personopplysninger for {purpose}. Mulige formål: {possible}.",
        "The role {role} does not read personal data for {purpose}. Possible: {possible}.",
    ),
    "book_not_found": ProblemText(
        "Ukjent bok", "No such book", "Det finnes ingen slik bok.", "There is no such book."
    ),
    "case_not_found": ProblemText(
        "Ukjent sak",
        "No such case",
        "Det finnes ingen slik sak i boken.",
        "There is no such case in the book.",
    ),
    "clinic_not_found": ProblemText(
        "Ukjent klinikk",
        "No such clinic",
        "Det finnes ingen slik klinikk i boken.",
        "There is no such clinic in the book.",
    ),
    "receipt_not_found": ProblemText(
        "Ukjent innbetaling",
        "No such receipt",
        "Det finnes ingen slik innbetaling i boken.",
        "There is no such receipt in the book.",
    ),
    "not_known": ProblemText(
        "Ikke kjent",
        "Not known",
        "Loggen kan ikke svare for dette tidspunktet: {why}.",
        "The log can't answer for this moment: {why}.",
    ),
    "debtor_not_registered": ProblemText(
        "Skyldneren er ikke registrert",
        "The debtor is not registered",
        "Det er ikke registrert noen personopplysninger om skyldneren i denne saken.",
        "No personal data of this case's debtor have been registered.",
    ),
    "vault_closed": ProblemText(
        "Personopplysningene er utilgjengelige",
        "The vault is closed",
        "Serveren mangler nøklene til personopplysningene. Meld fra til driften.",
        "The server lacks the keys of the vault. Tell whoever runs it.",
    ),
    "no_signer": ProblemText(
        "Ingen signering",
        "No signer",
        "Denne serveren kan ikke signere, og bevis trenger en signatur.",
        "This server has no signer, which evidence needs.",
    ),
    "log_does_not_continue": ProblemText(
        "Loggen fortsetter ikke",
        "The log does not continue",
        "Loggen fortsetter ikke den som sist ble signert: {why}.",
        "The log does not continue the one that was last signed: {why}.",
    ),
    "not_durable": ProblemText(
        "Ikke sikret ennå",
        "Not durable yet",
        "Loggens slutt er ikke sikret ennå: {why}. Prøv igjen om litt.",
        "The end of the log is not durable yet: {why}. Try again in a moment.",
    ),
    "no_checkpoint": ProblemText(
        "Intet kontrollpunkt",
        "No checkpoint",
        "Det er ikke laget noe kontrollpunkt av boken ennå: `caseledger checkpoint` lager ett.",
        "No checkpoint has been made of this book yet: `caseledger checkpoint` makes one.",
    ),
    "no_such_tile": ProblemText(
        "Ukjent flis",
        "No such tile",
        "Det finnes ingen slik flis: {why}.",
        "There is no such tile: {why}.",
    ),
    "webhook_not_found": ProblemText(
        "Ukjent webhook",
        "No such webhook",
        "Det finnes ingen slik webhook i boken.",
        "There is no such webhook in the book.",
    ),
    "delivery_not_found": ProblemText(
        "Ukjent levering",
        "No such delivery",
        "Webhooken har ingen mislykket levering fra denne posisjonen.",
        "The webhook has no failed delivery of this position.",
    ),
    "no_such_page": ProblemText(
        "Ukjent adresse",
        "No such page",
        "Det finnes ingenting på denne adressen; se /openapi.json.",
        "There is nothing at this address; see /openapi.json.",
    ),
    "problem_not_found": ProblemText(
        "Ukjent problemtype",
        "No such kind of problem",
        "Det finnes ingen slik problemtype; se /problems.",
        "There is no such kind of problem; see /problems.",
    ),
    "method_not_allowed": ProblemText(
        "Metoden kan ikke brukes her",
        "Method not allowed",
        "Adressen finnes, men ikke med denne metoden; se hodet Allow.",
        "The address exists, but not with this method; see the Allow header.",
    ),
    "body_too_large": ProblemText(
        "For stort innhold",
        "The body is too large",
        "Innholdet kan ha høyst {most} byte.",
        "A body may have {most} bytes at most.",
    ),
    "invalid_request": ProblemText(
        "Ugyldig forespørsel",
        "Invalid request",
        "Forespørselen kan ikke brukes; se errors.",
        "The request can't be used; see errors.",
    ),
    "version_missing": ProblemText(
        "Versjon mangler",
        "Version missing",
        'Send hodet If-Match med saksversjonen som svaret bygger på, f.eks. "v17".',
        'Send an If-Match header with the version of the case that you have seen, such as "v17".',
    ),
    "too_many_requests": ProblemText(
        "For mange forespørsler",
        "Too many requests",
        "Høyst {most}. Vent så lenge som Retry-After sier.",
        "At most {most}. Wait for as long as Retry-After says.",
    ),
    "unexpected": ProblemText(
        "Uventet feil",
        "Unexpected error",
        "Noe uventet gikk galt. Prøv igjen med samme nøkkel, og meld fra om det gjentar seg.",
        "Something unexpected went wrong. Try again with the same key, and report it if it stays.",
    ),
    "database_unavailable": ProblemText(
        "Ikke tilgjengelig nå",
        "Not available now",
        "Databasen kan ikke nås. Prøv igjen om litt med samme nøkkel.",
        "The database can't be reached. Try again in a moment, with the same key.",
    ),
    "keys_unavailable": ProblemText(
        "Ikke tilgjengelig nå",
        "Not available now",
        "Utstederens nøkler kan ikke hentes, så tokenet kan ikke prøves. Prøv igjen om litt.",
        "The issuer's keys can't be fetched, so the token can't be judged. Try again in a moment.",
    ),
    "migration_needed": ProblemText(
        "Ikke tilgjengelig nå",
        "Not available now",
        "Databasen mangler tabeller: kjør `caseledger migrate`.",
        "The database lacks tables: run `caseledger migrate`.",
    ),
    "position_not_reached": ProblemText(
        "Ikke kommet så langt",
        "Not that far yet",
        "Posisjon {position} er ikke nådd ennå. Prøv igjen om litt.",
        "Position {position} has not been reached yet. Try again in a moment.",
    ),
    "too_many_streams": ProblemText(
        "For mange strømmer",
        "Too many streams",
        "Serveren har ikke plass til flere strømmer nå. Les feeden side for side.",
        "The server has no room for more streams now. Read the feed page by page.",
    ),
    "http_error": ProblemText("Feil", "Error", "{why}", "{why}"),
}
"""By code."""
