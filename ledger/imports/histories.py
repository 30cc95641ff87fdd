"""Bring case histories from another system into a book.

A case is one command with an id of its own: it is recorded whole or not at all, and once,
however often a file is imported. So an import that was stopped is completed by running it
again.
"""

from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from time import perf_counter
from typing import Final
from uuid import UUID, uuid5

import msgspec

from ledger.application.ledger import Ledger
from ledger.application.orders import Order, Outcome, Receipt
from ledger.domain.commands import ImportHistory
from ledger.domain.refusals import Refusal
from ledger.files.mapping import CaseProblem, Mapping
from ledger.files.xes import XesError
from ledger.imports.reader import Progress, ReadCase, read_cases
from ledger.log.errors import BookNotFound
from ledger.wording.refusals import refusal_text

MOST_LISTED: Final = 100
"""Refused cases that are described one by one; all are counted."""

ACTOR: Final = "system:import"
CHANNEL: Final = "import"

_HISTORIES: Final = UUID("6f1d6bd5-97a4-5d2c-8f6c-3c1d0f1b7a10")
"""Namespace of the ids that are derived from a case's name, so that it always gets the same."""


class RefusedCase(msgspec.Struct, frozen=True):
    """A case that was not taken, and why."""

    case: str
    line: int
    reason: str
    message: str


class ImportReport(msgspec.Struct, kw_only=True):
    """What was read, and what became of it. Events are those of the file.

    Read = recorded + already recorded + refused, for cases, for events, and for the events of
    each activity. With ``check`` nothing is recorded: ``recorded`` then counts what would be.
    """

    file: str
    book: str
    check: bool
    cases: int = 0
    cases_recorded: int = 0
    cases_already_recorded: int = 0
    cases_refused: int = 0
    events_read: int = 0
    events_recorded: int = 0
    events_already_recorded: int = 0
    events_refused: int = 0
    activities: dict[str, dict[str, int]] = {}
    """Activity to how many of its events were read, recorded, already recorded, refused."""
    refused_for: dict[str, int] = {}
    """Reason to how many events were refused with their case for it."""
    refused_by_activity: dict[str, dict[str, int]] = {}
    """Activity to reason to events."""
    refused: list[RefusedCase] = []
    """The first refused cases, at most ``MOST_LISTED``."""
    position: int = 0
    """The end of the book's log afterwards."""
    seconds: float = 0.0

    def count(self, case: ReadCase, fate: str) -> None:
        """Count a case and its events as recorded, already_recorded or refused."""
        self.cases += 1
        self.events_read += case.events
        setattr(self, f"cases_{fate}", getattr(self, f"cases_{fate}") + 1)
        setattr(self, f"events_{fate}", getattr(self, f"events_{fate}") + case.events)
        for activity, count in case.activities.items():
            counts = self.activities.setdefault(
                activity, {"read": 0, "recorded": 0, "already_recorded": 0, "refused": 0}
            )
            counts["read"] += count
            counts[fate] += count

    def refuse(self, case: ReadCase, problem: CaseProblem) -> None:
        """Count a case as refused, and say why."""
        self.count(case, "refused")
        before = self.refused_for.get(problem.reason, 0)
        self.refused_for[problem.reason] = before + case.events
        for activity, count in case.activities.items():
            reasons = self.refused_by_activity.setdefault(activity, {})
            reasons[problem.reason] = reasons.get(problem.reason, 0) + count
        if len(self.refused) < MOST_LISTED:
            self.refused.append(
                RefusedCase(case.name, problem.line, problem.reason, problem.message)
            )


class ImportStopped(Exception):
    """The file can't be read to its end. The cases before the fault have been recorded, each
    whole; importing the mended file adds the rest.
    """

    def __init__(self, report: ImportReport, error: XesError) -> None:
        super().__init__(str(error))
        self.report = report
        self.error = error


def import_histories(
    ledger: Ledger,
    file: Path,
    mapping: Mapping,
    *,
    check: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Read a file of case histories and record them in the ledger's book.

    With ``check`` everything is read and decided, and nothing is recorded. The file is read by
    a process of its own while cases are being recorded. Raises ``ImportStopped`` for a file
    that can't be read to its end.
    """
    report = ImportReport(file=str(file), book=ledger.book, check=check)
    carry_out = ledger.dry_run if check else ledger.execute_many
    started = perf_counter()
    try:
        with closing(read_cases(file, mapping, progress)) as batches:
            for batch in batches:
                sound = list(_sound(report, batch))
                outcomes = carry_out([order_for(ledger.book, history) for _, history in sound])
                for (case, _), outcome in zip(sound, outcomes, strict=True):
                    _account_for(report, case, outcome)
    except XesError as error:
        raise ImportStopped(report, error) from error
    finally:
        with suppress(BookNotFound):  # --check makes no book
            report.position = ledger.recorder.head().position
        report.seconds = round(perf_counter() - started, 3)
    return report


def order_for(book: str, history: ImportHistory) -> Order:
    """The order that takes over a case: the same ids whenever the same case is imported."""
    id = uuid5(_HISTORIES, f"{book}/{history.source}/{history.reference}")
    return Order(
        case=id,
        command=history,
        command_id=id,
        actor=ACTOR,
        channel=CHANNEL,
    )


def _sound(report: ImportReport, batch: list[ReadCase]) -> Iterator[tuple[ReadCase, ImportHistory]]:
    """The cases that the mapping could read; the others are refused."""
    for case in batch:
        if isinstance(case.history, CaseProblem):
            report.refuse(case, case.history)
        else:
            yield case, case.history


def _account_for(report: ImportReport, case: ReadCase, outcome: Outcome) -> None:
    match outcome:
        case Receipt(repeated=True):
            report.count(case, "already_recorded")
        case Receipt():
            report.count(case, "recorded")
        case Refusal(code="command_id_reused"):
            message = "imported before with another content; it has been left as it was"
            report.refuse(case, CaseProblem("imported_differently", message, case.line))
        case Refusal():
            text = refusal_text(outcome, "en")
            report.refuse(case, CaseProblem(outcome.code, text, case.line))
