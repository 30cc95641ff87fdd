"""A clinic's policy in words: what each of its settings is called, and what it is set to."""

from collections.abc import Mapping
from typing import Any, Final

from ledger.wording.amounts import Language, money
from ledger.wording.closed_lists import ALLOCATION_ORDERS, CHANNELS, Words

SETTINGS: Final[Words] = {
    "allocation_order": ("dekningsrekkefølge", "allocation order"),
    "vat_deductible": ("fradragsrett for mva.", "can deduct VAT"),
    "grace_days": ("slakk etter fristen", "grace after a deadline"),
    "charges_reminder_fees": ("krever purregebyr", "charges reminder fees"),
    "invoicing_fee_most": ("høyeste fakturagebyr", "largest invoicing fee"),
    "late_invoice_days": (
        "faktura regnes som for sen etter",
        "an invoice counts as late after",
    ),
    "small_remainder": ("rest som avskrives, inntil", "remainder written off, up to"),
    "smallest_letter": ("minste beløp å sende brev om", "smallest amount to write about"),
    "frikort_billed_in_error": (
        "egenandel fakturert tross frikort",
        "patient's share billed in spite of an exemption",
    ),
    "waives_interest_when_slow": (
        "ingen rente når klinikken svarer sent",
        "no interest when the clinic answers late",
    ),
    "letters": ("brev", "letters"),
    "letter_channel": ("brev sendes som", "letters go by"),
    "reminder_after_days": ("purring etter forfall", "reminder after the due date"),
    "letter_deadline_days": ("betalingsfrist i brev", "deadline in letters"),
    "legal_decision_after_days": (
        "klinikken spørres om rettslige skritt etter",
        "clinic asked about a legal step after",
    ),
}
"""(nb, en) by field of ``ledger.domain.policy.ClinicPolicy``."""

FRIKORT_ERRORS: Final[Words] = {
    "credit": ("krediteres", "credited"),
    "pay_and_refund": ("betales og refunderes av Helfo", "paid, and refunded by Helfo"),
}
LETTERS_GO: Final[Words] = {
    "automatic": ("sendes automatisk", "sent automatically"),
    "proposed": ("foreslås for en saksbehandler", "proposed to an agent"),
}
CHOICES: Final[Mapping[str, Words]] = {
    "allocation_order": ALLOCATION_ORDERS,
    "frikort_billed_in_error": FRIKORT_ERRORS,
    "letters": LETTERS_GO,
    "letter_channel": CHANNELS,
}
"""What the settings that name one of a few ways may be set to."""

AMOUNTS: Final = frozenset({"invoicing_fee_most", "small_remainder", "smallest_letter"})
"""The settings that are amounts in minor units."""


def policy_text(policy: Mapping[str, Any], language: Language, currency: str) -> str:
    """The settings that differ from the defaults, in the order of their names; or that none do."""
    at = 0 if language == "nb" else 1
    said = [
        f"{SETTINGS[name][at]}: {_value(name, value, language, currency)}"
        for name, value in sorted(policy.items())
    ]
    return "; ".join(said) or ("standard", "all defaults")[at]


def _value(name: str, value: Any, language: Language, currency: str) -> str:
    at = 0 if language == "nb" else 1
    if name in CHOICES:
        return CHOICES[name][value][at]
    if name in AMOUNTS:
        return money(value, currency, language)
    if isinstance(value, bool):
        return (("nei", "no"), ("ja", "yes"))[value][at]
    one, many = (("dag", "dager"), ("day", "days"))[at]
    return f"{value} {one if value == 1 else many}"
