"""Erasing a subject: what the law still needs is kept and said, the rest is destroyed at once.

The order is what makes it safe to be killed at any moment, and to be asked twice: first the list
outside the database, then ``SubjectErased`` in the log, then the keys and what is sealed under them
in one transaction, which also says in the vault that it was done. Whatever is on the list and not
said to be done, or still has a key, is erased by ``replay``: after a restore, and after a crash.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import Connection, Engine, delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from ledger.application.erasures import record_erasure
from ledger.application.ledger import OSLO, Ledger
from ledger.domain.events import SubjectErased
from ledger.domain.personal import (
    RETENTIONS,
    Actor,
    LegalBasis,
    Retention,
)
from ledger.domain.refusals import Refusal
from ledger.domain.retention import Erasure, Involvement, decide_erasure
from ledger.log.recorder import book_names
from ledger.people.cases import owed_on
from ledger.people.erasure_list import ErasureEntry, ErasureList
from ledger.people.schema import (
    authorisations,
    data_keys,
    erasures,
    fields,
    legal_holds,
    notes,
    search_keys,
    subjects,
)

REPLAY_SUBJECTS: Final = 1_000
"""Subjects that are looked up at once when the list is compared with the database."""


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What an erasure did, or had done before."""

    subject: UUID
    erased: tuple[Retention, ...]
    """What is gone now."""
    kept: tuple[Retention, ...]
    kept_until: date | None
    """The last day on which bookkeeping law keeps the rest."""
    repeated: bool
    """Whether there was nothing left to do."""


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What was erased again, and what the log had not heard of; oldest first."""

    erased: tuple[ErasureEntry, ...]
    recorded: tuple[ErasureEntry, ...]


def erase(
    engine: Engine,
    ledger: Ledger,
    kept_outside: ErasureList,
    subject: UUID,
    cases: Iterable[Involvement],
    *,
    legal_basis: LegalBasis,
    actor: Actor,
    now: datetime,
    today: date,
) -> Erased | Refusal:
    """Destroy what may go today of what is kept about a subject.

    ``cases`` are all that the subject owes on. Asked again it does nothing more, until the day
    comes on which the rest may go too. The engine works as the vault's own role.
    """
    book = ledger.book
    with engine.begin() as connection:
        row = _locked(connection, book, subject)
        if row is None:
            return Refusal("unknown_subject", {"subject": str(subject)})
        holds = _holds(connection, book, subject)
        decision = decide_erasure(cases, holds, today)
        if isinstance(decision, Refusal):
            return decision
        left = _left(connection, book, [subject]).get(subject, frozenset())
        now_gone = tuple(retention for retention in decision.now if retention in left)
        if row.erased_at is not None and not now_gone:
            return _outcome(subject, decision, left, repeated=True)
        entry = ErasureEntry(
            erasure=uuid4(),
            book=book,
            subject=subject,
            at=now,
            actor=actor,
            legal_basis=legal_basis,
            retentions=decision.now,
            kept_until=None if decision.kept_until is None else decision.kept_until.isoformat(),
        )
        kept_outside.append(entry)
        _record(ledger, entry)
        _destroy(connection, entry)
    return _outcome(subject, decision, left, repeated=False)


def due(engine: Engine, book: str, today: date) -> list[UUID]:
    """Subjects of whom the law keeps nothing any more, and something is left."""
    query = (
        select(subjects.c.subject)
        .where(subjects.c.book == book, subjects.c.kept_until < today)
        .order_by(subjects.c.kept_until, subjects.c.subject)
    )
    with engine.begin() as connection:
        found = list(connection.execute(query).scalars())
        left = _left(connection, book, found)
    return [subject for subject in found if subject in left]


def outstanding(engine: Engine, kept_outside: ErasureList) -> list[ErasureEntry]:
    """Erasures on the list of which something is in the database (again).

    Raises ``ErasureListDamaged``.
    """
    by_book: dict[str, list[ErasureEntry]] = {}
    for entry in kept_outside.entries():
        by_book.setdefault(entry.book, []).append(entry)
    found: list[ErasureEntry] = []
    with engine.begin() as connection:
        for book, entries in by_book.items():
            for first in range(0, len(entries), REPLAY_SUBJECTS):
                some = entries[first : first + REPLAY_SUBJECTS]
                left = _left(connection, book, [entry.subject for entry in some])
                unsaid = _not_said(connection, book, [entry.erasure for entry in some])
                known = _known(connection, book, [entry.subject for entry in some])
                found += [
                    entry
                    for entry in some
                    if left.get(entry.subject, frozenset()) & set(entry.retentions)
                    or (entry.erasure in unsaid and entry.subject in known)
                ]
    return found


def replay(engine: Engine, log: Engine, kept_outside: ErasureList) -> Replayed:
    """Erase again what the list says and the database holds, and have it in the log.

    Legal holds don't count: what was erased before they were placed stays erased. ``log`` works
    as the application. Raises ``ErasureListDamaged``.
    """
    erased = tuple(outstanding(engine, kept_outside))
    ledgers = {book: Ledger(log, book) for book in book_names(log)}
    recorded = []
    for entry in kept_outside.entries():
        ledger = ledgers.get(entry.book)
        if ledger is None or ledger.recorder.command(entry.erasure) is not None:
            continue
        with engine.begin() as connection:
            known = _known(connection, entry.book, [entry.subject])
        if known and _record(ledger, entry):
            recorded.append(entry)
    for entry in erased:
        with engine.begin() as connection:
            if _locked(connection, entry.book, entry.subject) is not None:
                _destroy(connection, entry)
    return Replayed(erased=erased, recorded=tuple(recorded))


def _record(ledger: Ledger, entry: ErasureEntry) -> bool:
    """Have an erasure in the log; whether it was not there."""
    kept_until = _kept_until(entry)
    kept = () if kept_until is None else tuple(r for r in RETENTIONS if r not in entry.retentions)
    event = SubjectErased(
        value_date=entry.at.astimezone(OSLO).date(),
        erasure=str(entry.erasure),
        subject=str(entry.subject),
        legal_basis=entry.legal_basis,
        erased=entry.retentions,
        kept=kept,
        kept_until=kept_until,
    )
    cases = owed_on(ledger, entry.subject)
    return record_erasure(ledger, entry.erasure, event, cases, entry.actor)


def _kept_until(entry: ErasureEntry) -> date | None:
    return None if entry.kept_until is None else date.fromisoformat(entry.kept_until)


def erasures_of(engine: Engine, book: str, subject: UUID) -> list[tuple[datetime, Sequence[str]]]:
    """When what of a subject was erased, oldest first."""
    query = (
        select(erasures.c.at, erasures.c.retentions)
        .where(erasures.c.book == book, erasures.c.subject == subject)
        .order_by(erasures.c.at)
    )
    with engine.begin() as connection:
        return [(at, retentions) for at, retentions in connection.execute(query)]


def _locked(connection: Connection, book: str, subject: UUID) -> Any:
    return connection.execute(
        select(subjects.c.erased_at)
        .where(subjects.c.book == book, subjects.c.subject == subject)
        .with_for_update()
    ).one_or_none()


def _holds(connection: Connection, book: str, subject: UUID) -> list[Any]:
    return list(
        connection.execute(
            select(legal_holds.c.reason).where(
                legal_holds.c.book == book,
                legal_holds.c.subject == subject,
                legal_holds.c.released_at.is_(None),
            )
        ).scalars()
    )


def _left(
    connection: Connection, book: str, of: Sequence[UUID]
) -> dict[UUID, frozenset[Retention]]:
    """What there is in the vault of each subject; nothing for those of whom nothing is left."""
    found: dict[UUID, set[Retention]] = {}
    for table in (data_keys, fields, search_keys):
        rows = connection.execute(
            select(table.c.subject, table.c.retention)
            .where(table.c.book == book, table.c.subject.in_(of))
            .distinct()
        )
        for subject, retention in rows:
            found.setdefault(subject, set()).add(retention)
    return {subject: frozenset(retentions) for subject, retentions in found.items()}


def _not_said(connection: Connection, book: str, of: Sequence[UUID]) -> set[UUID]:
    """Those of the erasures that the database knows nothing of."""
    said = connection.execute(
        select(erasures.c.erasure).where(erasures.c.book == book, erasures.c.erasure.in_(of))
    ).scalars()
    return set(of).difference(said)


def _known(connection: Connection, book: str, of: Sequence[UUID]) -> set[UUID]:
    return set(
        connection.execute(
            select(subjects.c.subject).where(subjects.c.book == book, subjects.c.subject.in_(of))
        ).scalars()
    )


def _destroy(connection: Connection, entry: ErasureEntry) -> None:
    """The keys, what is sealed under them, and the digests by which it was found."""
    at = {"book": entry.book, "subject": entry.subject}
    for table in (data_keys, fields, search_keys):
        connection.execute(
            delete(table).where(
                table.c.book == entry.book,
                table.c.subject == entry.subject,
                table.c.retention.in_(entry.retentions),
            )
        )
    for retention, table in (("notes", notes), ("third_parties", authorisations)):
        if retention in entry.retentions:
            connection.execute(
                delete(table).where(table.c.book == entry.book, table.c.subject == entry.subject)
            )
    kept_until = _kept_until(entry)
    connection.execute(
        update(subjects)
        .where(subjects.c.book == entry.book, subjects.c.subject == entry.subject)
        .values(erased_at=entry.at, kept_until=kept_until)
    )
    connection.execute(
        upsert(erasures)
        .values(
            **at,
            erasure=entry.erasure,
            at=entry.at,
            actor=entry.actor,
            legal_basis=entry.legal_basis,
            retentions=list(entry.retentions),
            kept_until=kept_until,
        )
        .on_conflict_do_nothing()
    )


def _outcome(
    subject: UUID, decision: Erasure, left: frozenset[Retention], *, repeated: bool
) -> Erased:
    kept = tuple(retention for retention in decision.kept if retention in left)
    return Erased(
        subject=subject,
        erased=tuple(retention for retention in RETENTIONS if retention not in kept),
        kept=kept,
        kept_until=decision.kept_until if kept else None,
        repeated=repeated,
    )
