"""What the components of a debt are called."""

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
