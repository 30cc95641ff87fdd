"""What a subject owes, or owed: from the log, as it is now."""

from uuid import UUID

from ledger.application.ledger import Ledger
from ledger.domain.case import Case
from ledger.domain.events import SubjectErased
from ledger.domain.recorded import Recorded
from ledger.domain.retention import Involvement
from ledger.projections.debtors import cases_of
from ledger.projections.engine import Projector


def owed_on(ledger: Ledger, subject: UUID) -> list[UUID]:
    """The cases that a subject owes on, or owed."""
    Projector(ledger.engine).catch_up(ledger.book)
    with ledger.engine.connect() as connection:
        return cases_of(connection, ledger.book, str(subject))


def histories_of(ledger: Ledger, subject: UUID) -> list[list[Recorded]]:
    """The events of each of a subject's cases, oldest case first."""
    histories = (ledger.history(case) for case in owed_on(ledger, subject))
    return sorted(histories, key=lambda events: events[0].position)


def involvements(ledger: Ledger, subject: UUID) -> list[Involvement]:
    """The cases that a subject owes on, and when each was closed.

    What was recorded on a case after it was closed belongs to it too: the last value date counts,
    save that of an erasure, which must not put off the next one.
    """
    return [_involvement(events) for events in histories_of(ledger, subject)]


def _involvement(events: list[Recorded]) -> Involvement:
    case = Case.fold(UUID(events[0].stream), events)
    last = max(e.event.value_date for e in events if not isinstance(e.event, SubjectErased))
    return Involvement(case.reference or str(case.id), last if case.state == "closed" else None)
