"""On which cases does something fall due, and when first?

A row for each case with anything on its agenda; what exactly is due is worked out from the case's
own events when its day has come (``ledger.application.ticking``).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Connection, text

from ledger.domain.clinic import Clinic
from ledger.domain.due import agenda
from ledger.domain.events import CaseOpened, ClinicPolicySet, InvoiceIssued
from ledger.domain.recorded import Recorded
from ledger.domain.rules import Rules
from ledger.log.entries import READ_COLUMNS, StoredEntry
from ledger.projections.histories import History
from ledger.projections.projection import StreamProjection, copy_lines, escaped, forget
from ledger.projections.streams import mapper, read_whole
from ledger.rules import load


class DueRow(NamedTuple):
    """A case, and the first thing that falls due on it."""

    case: UUID
    reference: str
    creditor: str
    due_on: date
    name: str


class DueWork(StreamProjection):
    """The first item of each case's agenda."""

    name = "due_work"
    version = 4
    tables: ClassVar[Mapping[str, str]] = {
        "due_work": """
            book text COLLATE "C" NOT NULL,
            stream uuid NOT NULL,
            reference text NOT NULL,
            creditor text COLLATE "C" NOT NULL,
            due_on date NOT NULL,
            name text NOT NULL,
            PRIMARY KEY (book, stream)
        """
    }
    indexes: ClassVar[Mapping[str, Sequence[str]]] = {"due_work": ["(book, due_on, stream)"]}
    clinic: ClassVar[Mapping[str, str]] = {"due_work": "creditor"}

    @cached_property
    def _rules(self) -> Rules:
        return Rules(rates=load())

    def write(
        self,
        cursor: Any,
        table: Mapping[str, str],
        book: str,
        histories: Sequence[History],
        until: int,
    ) -> None:
        """Work out the agenda of every case that something happened to."""
        stale = [history.stream for history in histories if not history.begins_here]
        histories = [*histories, *self._of_clinics(cursor, table, book, histories, until, stale)]
        forget(cursor, table["due_work"], book, stale)
        cases = [h.case for h in histories if _has_agenda(h.entries) and h.case is not None]
        if not cases:
            return
        policies = self._policies(cursor, book, {case.creditor for case in cases}, until)
        rows = []
        for case in cases:
            rules = policies.get(case.creditor or "", self._rules)
            due = next(iter(agenda(case, case.latest, rules)), None)
            if due is not None:
                rows.append(
                    f"{book}\t{case.id}\t{escaped(case.reference or '')}\t"
                    f"{escaped(case.creditor or '')}\t{due.due_on}\t{escaped(due.name)}\n"
                )
        copy_lines(
            cursor, table["due_work"], "book, stream, reference, creditor, due_on, name", rows
        )

    def _of_clinics(
        self,
        cursor: Any,
        table: Mapping[str, str],
        book: str,
        histories: Iterable[History],
        until: int,
        stale: list[str],
    ) -> list[History]:
        """The other cases of clinics whose policy has changed: their agendas may have moved, and
        what was written of them is ``stale`` too."""
        touched = {history.stream for history in histories}
        changed = [
            history.stream
            for history in histories
            if any(isinstance(entry.event, ClinicPolicySet) for entry in history.new)
        ]
        if not changed:
            return []
        cursor.execute(
            f"SELECT due.stream::text FROM {table['due_work']} AS due"
            " JOIN ledger.names ON names.book = due.book AND names.name = due.creditor"
            " WHERE due.book = %s AND names.kind = 'clinic' AND names.stream = ANY(%s::uuid[])",
            (book, changed),
        )
        others = [stream for (stream,) in cursor.fetchall() if stream not in touched]
        stale += others
        found = read_whole(cursor, book, others, until)
        return [History(stream, entries, until) for stream, entries in found]

    def _policies(
        self, cursor: Any, book: str, creditors: Iterable[str | None], last: int
    ) -> dict[str, Rules]:
        """The rules of each clinic that has set a policy of its own."""
        cursor.execute(
            f"SELECT {READ_COLUMNS} FROM ledger.events WHERE book = %s AND position <= %s"
            " AND stream IN (SELECT stream FROM ledger.names WHERE book = %s AND kind = 'clinic'"
            " AND name = ANY(%s)) ORDER BY stream, version",
            (book, last, book, list(creditors)),
        )
        recorded = map(mapper().recorded, map(StoredEntry._make, cursor.fetchall()))
        found = {}
        for stream, entries in groupby(recorded, attrgetter("stream")):
            clinic = Clinic.fold(UUID(stream), entries)
            if clinic.clinic is not None:
                found[clinic.clinic] = msgspec.structs.replace(self._rules, policy=clinic.policy)
        return found


def _has_agenda(entries: Sequence[Recorded]) -> bool:
    """Whether it is a case, and one with a due date: imported history often has none, and nothing
    ever falls due on it."""
    return isinstance(entries[0].event, CaseOpened) and any(
        isinstance(entry.event, InvoiceIssued) and entry.event.due_date is not None
        for entry in entries
    )


def due_until(
    connection: Connection, book: str, until: date, limit: int, after: UUID | None = None
) -> list[DueRow]:
    """Cases on which something is due by a date, in the order of their ids."""
    rows = connection.execute(
        text(
            "SELECT stream, reference, creditor, due_on, name FROM projections.due_work"
            " WHERE book = :book AND due_on <= :until AND stream > :after"
            " ORDER BY stream LIMIT :limit"
        ),
        {"book": book, "until": until, "after": after or UUID(int=0), "limit": limit},
    )
    return [DueRow._make(row) for row in rows]


def first_due(connection: Connection, book: str, after: date) -> date | None:
    """The first day after a date on which anything falls due."""
    query = "SELECT min(due_on) FROM projections.due_work WHERE book = :book AND due_on > :after"
    found = connection.execute(text(query), {"book": book, "after": after})
    first: date | None = found.scalar_one()
    return first
