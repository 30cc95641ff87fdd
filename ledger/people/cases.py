"""What a subject owes, or owed: from the log, as it is now."""

from uuid import UUID

from ledger.application.ledger import Ledger
from ledger.domain.case import Case
from ledger.domain.recorded import Recorded
from ledger.domain.retention import Involvement
from ledger.projections.debtors import cases_of
from ledger.projections.engine import Projector


def histories_of(ledger: Ledger, subject: UUID) -> list[list[Recorded]]:
    """The events of each of a subject's cases, oldest case first."""
    Projector(ledger.engine).catch_up(ledger.book)
    with ledger.engine.connect() as connection:
        cases = cases_of(connection, ledger.book, str(subject))
    return sorted((ledger.history(case) for case in cases), key=lambda events: events[0].position)


def involvements(ledger: Ledger, subject: UUID) -> list[Involvement]:
    """The cases that a subject owes on, and when each was closed.

    What was recorded on a case after it was closed belongs to it too: the last value date counts.
    """
    return [_involvement(events) for events in histories_of(ledger, subject)]


def _involvement(events: list[Recorded]) -> Involvement:
    case = Case.fold(UUID(events[0].stream), events)
    last = max(entry.event.value_date for entry in events)
    return Involvement(case.reference or str(case.id), last if case.state == "closed" else None)
