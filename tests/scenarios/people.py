"""One refusal for each code of what is asked about people."""

from datetime import date
from typing import Final

from ledger.domain.disclosure import show_address, tell_third_party
from ledger.domain.personal import Address, Person, Reader
from ledger.domain.refusals import Refusal
from ledger.domain.retention import Erasure, Involvement, decide_erasure
from ledger.domain.screening import NOTE_MAX_CHARS, refuse_text

TODAY: Final = date(2026, 8, 1)
HIDDEN: Final = Person(addresses=(Address(lines=("Vei 1",), protection="strictly_confidential"),))

ASKED: Final[tuple[Erasure | Refusal | None, ...]] = (
    decide_erasure([Involvement("K1", None)], [], TODAY),
    decide_erasure([], ["court_case"], TODAY),
    show_address(HIDDEN, Reader("agent:1")),
    tell_third_party([], "payment", TODAY),
    refuse_text("F32.1, deprimert"),
    refuse_text("a" * (NOTE_MAX_CHARS + 1)),
)
OF_PEOPLE: Final[tuple[Refusal, ...]] = tuple(r for r in ASKED if isinstance(r, Refusal))
"""What the domain answers without a case."""

OF_THE_VAULT: Final[tuple[Refusal, ...]] = (
    Refusal("invalid_national_identity_number"),
    Refusal("subject_erased"),
    Refusal("unknown_subject", {"subject": "01890a5d-ac96-474b-bcce-b302099a8057"}),
)
"""What only the vault refuses, who knows people (``ledger/people``)."""
