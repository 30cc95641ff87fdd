"""The words of the readable report that comes with evidence."""

from typing import Final

EVIDENCE: Final[dict[str, tuple[str, str]]] = {
    "title": ("Bevis for sak {reference}", "Evidence of case {reference}"),
    "made": (
        "Laget {made_at} av boken {book}, som da hadde {size} hendelser.",
        "Made {made_at} from the book {book}, which then had {size} entries.",
    ),
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
    "checkpoint": ("Signert sjekkpunkt", "Signed checkpoint"),
    "keys": ("Nøkler", "Keys"),
}
"""(nb, en) by name."""
