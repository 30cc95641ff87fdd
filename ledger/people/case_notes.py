"""What the notes on cases say: kept in the vault under the debtor's key, and erased with it."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

import msgspec

from ledger.application.ledger import Ledger
from ledger.domain.events import NoteTaken
from ledger.domain.personal import Actor, Purpose, Reader
from ledger.domain.refusals import Refusal
from ledger.people.vault import Vault


class CaseNote(msgspec.Struct, frozen=True, kw_only=True):
    """A note on a case. Its text is ``None`` once it was erased, or where it was never kept."""

    note: str
    position: int
    on: date
    taken_at: datetime
    taken_by: Actor
    text: str | None

    def __repr__(self) -> str:
        """Which note, and not what it says."""
        return f"CaseNote({self.note})"


class VaultTexts:
    """Keeps the texts of notes in the vault, which is asked for when a note comes."""

    def __init__(self, vault: Callable[[], Vault]) -> None:
        self._vault = vault

    def keep(self, debtor: str | None, note: UUID, text: str, actor: str) -> bool | Refusal:
        """Keep a text under the debtor's key. A debtor whom the vault does not know has none."""
        subject = subject_of(debtor)
        if isinstance(subject, Refusal):
            return subject
        return self._vault().keep_note(subject, note, text, actor)

    def take_back(self, debtor: str | None, note: UUID) -> None:
        """Keep it no longer."""
        subject = subject_of(debtor)
        if not isinstance(subject, Refusal):
            self._vault().take_back_note(subject, note)


def notes_on(
    vault: Vault, ledger: Ledger, case: UUID, reader: Reader, purpose: Purpose
) -> list[CaseNote] | Refusal:
    """The notes on a case, oldest first; the read is on record before it returns.

    Raises ``CaseNotFound``.
    """
    history = ledger.history(case)
    subject = subject_of(ledger.case(case).debtor)
    if isinstance(subject, Refusal):
        return subject
    kept = vault.notes(subject, reader, purpose)
    if isinstance(kept, Refusal):
        return kept
    texts = {str(note.note): note.text for note in kept}
    return [
        CaseNote(
            note=entry.event.note,
            position=entry.position,
            on=entry.event.value_date,
            taken_at=entry.recorded_at,
            taken_by=entry.actor,
            text=texts.get(entry.command_id),
        )
        for entry in history
        if isinstance(entry.event, NoteTaken)
    ]


def subject_of(debtor: str | None) -> UUID | Refusal:
    """The vault's id of a case's debtor: other systems' ids, and none, are nobody it knows."""
    try:
        return UUID(debtor)
    except (TypeError, ValueError):
        return Refusal("unknown_subject", {"subject": str(debtor)})
