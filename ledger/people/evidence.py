"""Who the debtor of a case is, as far as the reader may know it, for evidence to hold."""

from typing import Any

import msgspec

from ledger.domain.case import Case
from ledger.domain.personal import Purpose, Reader
from ledger.domain.refusals import Refusal
from ledger.people.case_notes import subject_of
from ledger.people.vault import Vault
from ledger.wording.people import name_of


def debtor_for_evidence(
    vault: Vault, case: Case, reader: Reader, purpose: Purpose
) -> dict[str, Any] | Refusal:
    """What the vault tells of a case's debtor; the read is on record before it returns.

    ``name`` is what a reader is shown: "erased subject" for one who was erased.
    """
    subject = subject_of(case.debtor)
    if isinstance(subject, Refusal):
        return subject
    view = vault.read(subject, reader, purpose)
    if isinstance(view, Refusal):
        return view
    known = msgspec.to_builtins(view.person)
    return {
        "subject": str(subject),
        "name": {"nb": name_of(view.person, "nb"), "en": name_of(view.person, "en")},
        "person": {field: value for field, value in known.items() if value},
        "erased_at": None if view.erased_at is None else view.erased_at.isoformat(),
        "kept_until": None if view.kept_until is None else view.kept_until.isoformat(),
        "withheld": None if view.withheld is None else view.withheld.code,
        "unreadable": list(view.unreadable),
        "read_by": reader.actor,
        "purpose": purpose,
    }
