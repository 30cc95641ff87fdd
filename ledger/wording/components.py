"""What the components of a debt, and other closed lists, are called."""

from typing import Final

from ledger.domain.events import Component

COMPONENTS: Final[dict[Component, tuple[str, str]]] = {
    "charge": ("ikke fakturert", "not yet invoiced"),
    "principal": ("hovedkrav", "principal"),
    "invoicing_fee": ("fakturagebyr", "invoicing fee"),
    "postage_fee": ("porto", "postage"),
    "penalty": ("tilleggsgebyr", "penalty"),
    "reminder_fee": ("purregebyr", "reminder fee"),
    "demand_fee": ("gebyr for betalingsoppfordring", "payment demand fee"),
    "collection_fee": ("inkassosalær", "collection fee"),
    "collection_fee_vat": ("mva. av inkassosalær", "VAT on the collection fee"),
    "plan_supplement": ("avdragssalær", "instalment plan supplement"),
    "plan_supplement_vat": ("mva. av avdragssalær", "VAT on the plan supplement"),
    "court_fee": ("rettsgebyr", "court fee"),
    "drafting_fee": ("skrivesalær", "drafting fee"),
    "interest": ("forsinkelsesrente", "late interest"),
}
"""(nb, en) by component."""

LETTERS: Final = {
    "reminder": ("Purring", "Reminder"),
    "collection_notice": ("Inkassovarsel", "Debt collection notice"),
    "payment_demand": ("Betalingsoppfordring", "Payment demand"),
}
CHANNELS: Final = {
    "post": ("post", "post"),
    "email": ("e-post", "e-mail"),
    "sms": ("SMS", "SMS"),
    "efaktura": ("eFaktura", "eFaktura"),
    "digital_mailbox": ("digital postkasse", "digital mailbox"),
    "not_stated": ("ikke oppgitt", "not stated"),
}
OUTCOMES: Final = {
    "upheld": ("medhold", "upheld"),
    "partly_upheld": ("delvis medhold", "partly upheld"),
    "rejected": ("avvist", "rejected"),
    "not_stated": ("utfall ikke oppgitt", "outcome not stated"),
}
TERMINAL_RESULTS: Final = {
    "approved": ("godkjent", "approved"),
    "declined": ("avvist", "declined"),
    "cancelled": ("avbrutt", "cancelled"),
}
CLOSE_REASONS: Final = {
    "paid": ("betalt", "paid"),
    "credited": ("kreditert", "credited"),
    "written_off": ("avskrevet", "written off"),
    "recalled": ("trukket tilbake", "recalled"),
    "settled": ("forlik", "settled"),
    "time_barred": ("foreldet", "time-barred"),
    "estate_insolvent": ("insolvent dødsbo", "insolvent estate"),
}
CREDIT_REASONS: Final = {
    "dispute_upheld": ("medhold i innsigelse", "dispute upheld"),
    "clinic_decision": ("klinikkens avgjørelse", "the clinic's decision"),
    "charged_in_error": ("feil belastet", "charged in error"),
    "goodwill": ("kulanse", "goodwill"),
}
WRITE_OFF_REASONS: Final = {
    "small_remainder": ("liten rest", "small remainder"),
    "uncollectable": ("kan ikke inndrives", "uncollectable"),
    "time_barred": ("foreldet", "time-barred"),
    "estate_insolvent": ("insolvent dødsbo", "insolvent estate"),
}
