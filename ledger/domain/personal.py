"""What the vault keeps about a person, for how long, who may ask for it and why.

None of it is ever in an event: events name a person by a random subject id.
"""

from datetime import date
from typing import Annotated, Final, Literal, get_args

import msgspec

Retention = Literal["contact", "notes", "third_parties", "identity"]
"""What goes together. ``identity`` says whose money the books are about, and is kept for as long
as bookkeeping law asks; everything else goes as soon as it is asked to."""

RETENTIONS: Final[tuple[Retention, ...]] = get_args(Retention)
AT_ONCE: Final[tuple[Retention, ...]] = ("contact", "notes", "third_parties")
"""What no law keeps when somebody asks to be forgotten and nothing is owed any more."""

Protection = Literal["none", "confidential", "strictly_confidential", "client_address"]
"""Folkeregisteret's grades: code 7, code 6, and an address at an institution or a shelter."""

Language = Literal["nb", "nn", "en", "se", "pl", "uk", "ar", "so", "other"]
ContactChannel = Literal["post", "email", "sms", "phone", "efaktura", "digital_mailbox"]

Field = Literal[
    "name",
    "birth_date",
    "national_identity_number",
    "addresses",
    "phone",
    "email",
    "language",
    "preferred_channel",
]
RETENTION_OF: Final[dict[Field, Retention]] = {
    "name": "identity",
    "birth_date": "identity",
    "national_identity_number": "identity",
    "addresses": "contact",
    "phone": "contact",
    "email": "contact",
    "language": "contact",
    "preferred_channel": "contact",
}

Line = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A line of text; 200 characters hold the longest names of the population register."""
Phone = Annotated[str, msgspec.Meta(min_length=3, max_length=30, pattern=r"^\+?[\d ()./-]+$")]
Email = Annotated[str, msgspec.Meta(max_length=254, pattern=r"^[^\s@]+@[^\s@]+$")]


class Address(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where letters go."""

    lines: Annotated[tuple[Line, ...], msgspec.Meta(min_length=1, max_length=5)]
    postcode: Line | None = None
    place: Line | None = None
    country: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$")] = "NO"
    protection: Protection = "none"

    def __repr__(self) -> str:
        """Nothing of it: whatever is shown of an error may be logged."""
        return f"{type(self).__name__}(…)"


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of a person; any of it may be missing (a tourist has no Norwegian number)."""

    name: Line | None = None
    birth_date: date | None = None
    national_identity_number: Line | None = None
    addresses: Annotated[tuple[Address, ...], msgspec.Meta(max_length=5)] = ()
    phone: Phone | None = None
    email: Email | None = None
    language: Language | None = None
    preferred_channel: ContactChannel | None = None

    def __repr__(self) -> str:
        """Nothing of it: whatever is shown of an error may be logged."""
        return f"{type(self).__name__}(…)"

    @property
    def protection(self) -> Protection:
        """The strictest grade of the addresses."""
        strict: tuple[Protection, ...] = ("strictly_confidential", "confidential", "client_address")
        grades = {address.protection for address in self.addresses}
        return next((grade for grade in strict if grade in grades), "none")


FIELDS: Final[tuple[Field, ...]] = get_args(Field)

Purpose = Literal[
    "answer_caller",
    "send_letter",
    "collect_claim",
    "decide_dispute",
    "reconcile",
    "legal_step",
    "correct_data",
    "access_request",
    "erasure",
    "support",
    "audit",
]
"""Why somebody reads personal data: a closed list, since the person may ask who did and why."""

Actor = Annotated[str, msgspec.Meta(max_length=100, pattern=r"^[!-\[\]-~]+$")]
"""Who, as ``role:id``: never a name."""


class Reader(msgspec.Struct, frozen=True):
    """Somebody who reads personal data."""

    actor: Actor
    cleared: bool = False
    """Whether protected addresses may be shown."""


Scope = Literal["payment", "basis"]
"""How much a holder of an authorisation may be told: what is owed and paid, or what for as well."""


class Authorisation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A power of attorney (fullmakt), or a guardian's mandate: who may be told how much until when.

    The holder is another person, whose data go when the subject's do.
    """

    holder: Line
    relation: Line
    phone: Phone | None = None
    scope: Scope
    valid_from: date
    valid_to: date | None
    """The last day; ``None`` until revoked."""
    verified_by: Literal["signed_form", "digital_signature", "guardianship", "patient_present"]

    def __repr__(self) -> str:
        """Nothing of it: whatever is shown of an error may be logged."""
        return f"{type(self).__name__}(…)"


HoldReason = Literal[
    "legal_claim",
    "court_case",
    "complaint",
    "bookkeeping_audit",
    "criminal_investigation",
]
"""Why nothing of a person may be erased (GDPR art. 17(3)(b) and (e), art. 18(2))."""

LegalBasis = Literal[
    "asked_by_the_person",
    "retention_ended",
    "unlawful_processing",
    "court_or_authority",
    "kept_by_mistake",
]
"""Why a person is erased (GDPR art. 17(1))."""
