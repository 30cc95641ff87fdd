"""The words of the readable report that comes with evidence."""

from typing import Final

EVIDENCE: Final[dict[str, tuple[str, str]]] = {
    "title": ("Bevis for sak {reference}", "Evidence of case {reference}"),
    "made": (
        "Laget {made_at} av boken {book}, som da hadde {size} hendelser.",
        "Made {made_at} from the book {book}, which then had {size} entries.",
    ),
    "subject": ("Hvem saken gjelder", "Whom the case is about"),
    "what": ("Opplysning", "What"),
    "is": ("Verdi", "Value"),
    "name": ("Navn", "Name"),
    "subject_id": ("Tilfeldig id i loggen", "Random id in the log"),
    "erased_on": ("Slettet", "Erased on"),
    "kept_until": ("Resten beholdes til og med", "The rest is kept until"),
    "read_by": (
        "Lest av {actor} ({purpose}). Det er loggført, og den det gjelder kan få vite det.",
        "Read by {actor} ({purpose}). That is on record, and the person may ask.",
    ),
    "explanation": ("Hvorfor saldoen er som den er", "Why the balance is what it is"),
    "rule": ("Regel", "Rule"),
    "source": ("Lest i", "Read in"),
    "rules": ("Reglene og satsene som ble brukt", "The rules and rates that were applied"),
    "rules_version": (
        "Tabellene i program {program} (SHA-256 {tables}), gjennomgått til og med {reviewed}."
        " Beløp i tabellene er i øre, satser i hundredels prosent.",
        "The tables of program {program} (SHA-256 {tables}), reviewed through {reviewed}."
        " Amounts in the tables are in øre, rates in hundredths of a percent.",
    ),
    "figures": ("Tabell og tall", "Table and figures"),
    "in_force": ("Gjelder", "In force"),
    "confidence": ("Hvor sikkert", "How sure"),
    "confidence_H": ("lest i loven eller i to kilder", "read in the law or in two sources"),
    "confidence_M": ("lest i én god kilde", "read in one good source"),
    "confidence_L": ("ikke bekreftet", "to be verified"),
    "confidence_J": ("vårt eget valg", "a choice of ours"),
    "no_source": ("fulgte med importert historikk", "came with imported history"),
    "regime": ("{law} (brev: {letters})", "{law} (letters: {letters})"),
    "figure": ("Krav", "Figure"),
    "balance": ("Saldo", "Balance"),
    "component": ("Hva", "What"),
    "amount": ("Beløp", "Amount"),
    "outstanding": ("Å betale", "Outstanding"),
    "overpaid": ("Betalt for mye, tilhører debitor", "Overpaid, and the debtor's money"),
    "nothing": ("Ingenting er utestående.", "Nothing is outstanding."),
    "history": ("Hva som har skjedd", "What happened"),
    "value_date": ("Gjelder fra", "Counts from"),
    "recorded": ("Registrert (UTC)", "Recorded (UTC)"),
    "event": ("Hendelse", "Event"),
    "by": ("Av", "By"),
    "position": ("Nr.", "No."),
    "postings": ("Hvordan saldoen er blitt til", "How the balance came about"),
    "account": ("Konto", "Account"),
    "claim": ("Krav", "Claim"),
    "debit": ("Debet", "Debit"),
    "credit": ("Kredit", "Credit"),
    "proof": ("Hvordan dette kan kontrolleres", "How this can be checked"),
    "how": (
        "Denne siden er til å lese. Beviset er JSON-filen som hører til, med SHA-256 {digest}."
        " Kontroller den uten forbindelse til oss med verify_evidence.py og nøkkelen nedenfor,"
        " som du bør ha fått fra oss på en annen måte også.",
        "This page is for reading. The evidence is the JSON file that belongs to it, with SHA-256"
        " {digest}. Check it without any connection to us by verify_evidence.py and the key"
        " below, which you should also have had from us in another way.",
    ),
    "proved": (
        "Loggen beviser hendelsene med tidspunkt og hvem som registrerte dem, posteringene,"
        " saldoen og hvert beløp i forklaringen.",
        "The log proves the events with their times and who recorded them, the postings, the"
        " balance and each amount of the explanation.",
    ),
    "our_word": (
        "Vår påstand, signert med bokens nøkkel: ordlyden, hva reglene sier og hvor de er lest,"
        " renter som ennå løper, hvem saken gjelder, og at ingen senere hendelse er utelatt.",
        "Our word, signed by the book's key: the wording, what the rules say and where they were"
        " read, interest that still runs, whom the case is about, and that no later event is left"
        " out.",
    ),
    "checkpoint": ("Signert sjekkpunkt", "Signed checkpoint"),
    "keys": ("Nøkler", "Keys"),
}
"""(nb, en) by name."""
