"""Who may be told what about a person."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from ledger.domain.personal import Authorisation, Person, Purpose, Reader, Scope
from ledger.domain.refusals import Refusal

BOOKKEEPING_PURPOSES: Final[frozenset[Purpose]] = frozenset(
    {"access_request", "audit", "erasure", "legal_step", "reconcile"}
)
"""What an erased person's name may still be read for while bookkeeping law keeps it."""


def show_address(person: Person, reader: Reader) -> Refusal | None:
    """Whether the reader must not see the addresses (Folkeregisteret's codes 6 and 7)."""
    if person.protection == "none" or reader.cleared:
        return None
    return Refusal(
        "protected_address",
        {"protection": person.protection},
        source="Folkeregisteret",
    )


def tell_third_party(
    authorisations: Iterable[Authorisation], scope: Scope, today: date
) -> Refusal | None:
    """Whether somebody else must not be told (helsepersonelloven § 21, inkassoloven § 28).

    Without an authorisation that covers the question today, not even that there is a case may
    be confirmed or denied.
    """
    for held in authorisations:
        begun = held.valid_from <= today
        lasts = held.valid_to is None or today <= held.valid_to
        if begun and lasts and held.scope in {scope, "basis"}:
            return None
    return Refusal("no_authority", {"scope": scope}, source="helsepersonelloven § 21")
