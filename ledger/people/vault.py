"""The vault of one book: who a subject id stands for, for those who may know and say why.

Whatever is read is first written down (who, when, why, what), in the transaction that reads it.
What was erased reads as erased; what can't be decrypted any more, as unreadable; neither is an
error, since every view has to go on without it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import Connection, Engine, Row, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.sql import func

from ledger.domain import national_identity
from ledger.domain.disclosure import BOOKKEEPING_PURPOSES, show_address, tell_third_party
from ledger.domain.personal import (
    FIELDS,
    RETENTION_OF,
    Actor,
    Authorisation,
    Field,
    HoldReason,
    Person,
    Purpose,
    Reader,
    Retention,
    Scope,
)
from ledger.domain.refusals import Refusal
from ledger.domain.screening import refuse_text
from ledger.people.keys import KeyGone, KeyService, NoKeys, Wrapped
from ledger.people.schema import (
    authorisations,
    book_keys,
    data_keys,
    fields,
    legal_holds,
    notes,
    reads,
    search_keys,
    subjects,
)
from ledger.people.sealing import new_key, open_sealed, place, seal
from ledger.people.search import REGISTRATION, SEARCH_KINDS, SearchKeys, SearchKind


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A person as one reader may see them for one purpose."""

    subject: UUID
    person: Person
    """Without what was erased, is withheld or can't be read."""
    erased_at: datetime | None
    kept_until: date | None
    """Until when bookkeeping law keeps what is left of an erased subject."""
    withheld: Refusal | None = None
    unreadable: tuple[Retention, ...] = ()
    """What is there but whose key is gone."""


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A note that somebody wrote about a subject; its text is ``None`` if the key is gone."""

    note: UUID
    written_at: datetime
    written_by: Actor
    text: str | None

    def __repr__(self) -> str:
        """Which note, and not what it says."""
        return f"Note({self.note})"


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody looked, or was told no."""

    at: datetime
    actor: Actor
    purpose: Purpose
    what: tuple[str, ...]
    refused: str | None


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """That nothing of a subject may be erased for now."""

    hold: UUID
    reason: HoldReason
    placed_at: datetime
    placed_by: Actor


Changes = Mapping[Field, Any]
"""New values by field; ``None`` takes one away."""

_SUBJECT: Final = (subjects.c.erased_at, subjects.c.kept_until)


class Vault:
    """Personal data of one book. The engine works as the vault's own role."""

    def __init__(self, engine: Engine, book: str, keys: KeyService) -> None:
        self.engine = engine
        self.book = book
        self.keys = keys
        self._search: SearchKeys | None = None

    def add(
        self, person: Person, actor: Actor, today: date, key: str | None = None
    ) -> UUID | Refusal:
        """Take a person in; the random id under which events may name them.

        Under a key of the actor's own it is done once, and answered with the same id again.
        """
        normal = _normal(person, today)
        if isinstance(normal, Refusal):
            return normal
        search = self._search_keys()
        subject = uuid4() if key is None else search.registered_as(actor, key)
        with self.engine.begin() as connection:
            made = connection.execute(
                upsert(subjects)
                .values(book=self.book, subject=subject, registered_by=actor)
                .on_conflict_do_nothing()
            )
            if key is not None:
                content = search.content(normal)
                if made.rowcount != 1:
                    return self._as_before(connection, subject, content, key)
                self._remember(connection, subject, content)
            self._write(connection, subject, _given(normal))
            self._index(connection, subject, normal, search)
        return subject

    def change(
        self, subject: UUID, changes: Changes, reader: Reader, today: date
    ) -> View | Refusal:
        """Put right what is known of a person; what it replaces is gone.

        Addresses are replaced by those alone who may see what they replace.
        """
        asked = _normal(msgspec.convert(dict(changes), Person), today)
        if isinstance(asked, Refusal):
            return asked
        new = {field: value for field, value in _given(asked).items() if field in changes}
        search = self._search_keys()
        with self.engine.begin() as connection:
            row = self._subject(connection, subject, lock=True)
            if isinstance(row, Refusal):
                return row
            if row.erased_at is not None:
                return Refusal("subject_erased")
            before, unreadable = self._person(connection, subject)
            hidden = show_address(before, reader) if "addresses" in changes else None
            refused = None if hidden is None else hidden.code
            self._record(connection, subject, reader, "correct_data", sorted(changes), refused)
            if hidden is not None:
                return hidden
            if unreadable:
                raise NoKeys(f"subject {subject} can't be read: the key of {unreadable} is gone")
            after = Person(**{f: v for f, v in _given(before).items() if f not in changes} | new)
            self._write(connection, subject, new)
            self._unwrite(connection, subject, [field for field in changes if field not in new])
            self._index(connection, subject, after, search)
        return self._view(subject, after, row, reader)

    def read(self, subject: UUID, reader: Reader, purpose: Purpose) -> View | Refusal:
        """A person, as this reader may see them; the read is on record before it returns."""
        with self.engine.begin() as connection:
            row = self._subject(connection, subject)
            if isinstance(row, Refusal):
                return row
            person, unreadable = self._person(connection, subject)
            if row.erased_at is not None and purpose not in BOOKKEEPING_PURPOSES:
                person, unreadable = Person(), ()
            view = self._view(subject, person, row, reader, unreadable)
            refused = view.withheld.code if view.withheld else None
            self._record(connection, subject, reader, purpose, list(_given(view.person)), refused)
        return view

    def find(
        self,
        entry: tuple[SearchKind, bytes],
        reader: Reader,
        purpose: Purpose,
        among: Callable[[Sequence[UUID]], Collection[UUID]] | None = None,
    ) -> list[UUID]:
        """Subjects that are found under an entry of ``search``; each hit is on record.

        Who has been erased is found for the purposes of bookkeeping alone. ``among`` tells those
        of whom the reader may know; it is asked even if there is nobody, so that a search for
        somebody of whom he may not know takes as long as one for nobody.
        """
        kind, digest = entry
        query = (
            select(search_keys.c.subject)
            .join(
                subjects,
                (subjects.c.book == search_keys.c.book)
                & (subjects.c.subject == search_keys.c.subject),
            )
            .where(
                search_keys.c.book == self.book,
                search_keys.c.kind == kind,
                search_keys.c.digest == digest,
            )
            .order_by(subjects.c.registered_at, subjects.c.subject)
        )
        if purpose not in BOOKKEEPING_PURPOSES:
            query = query.where(subjects.c.erased_at.is_(None))
        with self.engine.begin() as connection:
            found = list(connection.execute(query).scalars())
            if among is not None:
                known = among(found)
                found = [subject for subject in found if subject in known]
            for subject in found:
                self._record(connection, subject, reader, purpose, [f"search:{kind}"])
        return found

    @property
    def search(self) -> SearchKeys:
        """What searches are made with."""
        return self._search_keys()

    def write_note(self, subject: UUID, text: str, actor: Actor) -> UUID | Refusal:
        """Keep a note, unless it holds what no note may; a refusal does not repeat it."""
        if (refusal := refuse_text(text)) is not None:
            return refusal
        note = uuid4()
        return self._keep(subject, "notes", notes, "note", note, text, written_by=actor)

    def keep_note(self, subject: UUID, note: UUID, text: str, actor: Actor) -> bool | Refusal:
        """Keep a note under an id that is given; whether it was not kept before.

        Another text under the same id is refused, and so is what no note may hold.
        """
        if (refusal := refuse_text(text)) is not None:
            return refusal
        where = f"note:{note}"
        with self.engine.begin() as connection:
            row = self._subject(connection, subject, lock=True)
            if isinstance(row, Refusal):
                return row
            if row.erased_at is not None:
                return Refusal("subject_erased")
            query = self._of(select(notes.c.sealed), notes, subject).where(notes.c.note == note)
            sealed = connection.execute(query).scalar_one_or_none()
            key = self._key_for_writing(connection, subject, "notes")
            if sealed is not None:
                same = self._text(key, sealed, subject, where) == text
                return False if same else Refusal("command_id_reused", {"command_id": str(note)})
            connection.execute(
                insert(notes).values(
                    book=self.book,
                    subject=subject,
                    note=note,
                    written_by=actor,
                    sealed=seal(key, text.encode(), place(self.book, subject, where, 1)),
                )
            )
        return True

    def take_back_note(self, subject: UUID, note: UUID) -> None:
        """Keep a note no longer."""
        with self.engine.begin() as connection:
            connection.execute(self._of(delete(notes), notes, subject).where(notes.c.note == note))

    def notes(self, subject: UUID, reader: Reader, purpose: Purpose) -> list[Note] | Refusal:
        """The notes about a person, oldest first; the read is on record before it returns."""
        query = self._of(select(notes), notes, subject).order_by(notes.c.written_at, notes.c.note)
        with self.engine.begin() as connection:
            row = self._subject(connection, subject)
            if isinstance(row, Refusal):
                return row
            rows = connection.execute(query).all()
            key = self._key(connection, subject, "notes")
            self._record(connection, subject, reader, purpose, ["notes"])
        return [
            Note(
                note=row.note,
                written_at=row.written_at,
                written_by=row.written_by,
                text=self._text(key, row.sealed, subject, f"note:{row.note}"),
            )
            for row in rows
        ]

    def authorise(
        self, subject: UUID, authorisation: Authorisation, actor: Actor
    ) -> UUID | Refusal:
        """Keep that somebody else may be told."""
        if (refusal := refuse_text(authorisation.relation)) is not None:
            return refusal
        text = msgspec.json.encode(authorisation).decode()
        id = uuid4()
        return self._keep(subject, "third_parties", authorisations, "authorisation", id, text)

    def revoke(self, subject: UUID, authorisation: UUID) -> Refusal | None:
        """End an authorisation now."""
        with self.engine.begin() as connection:
            row = self._subject(connection, subject)
            if isinstance(row, Refusal):
                return row
            connection.execute(
                self._of(update(authorisations), authorisations, subject)
                .where(
                    authorisations.c.authorisation == authorisation,
                    authorisations.c.revoked_at.is_(None),
                )
                .values(revoked_at=func.clock_timestamp())
            )
        return None

    def authorisations(
        self, subject: UUID, reader: Reader, purpose: Purpose
    ) -> list[Authorisation] | Refusal:
        """Those that have not been revoked; the read is on record before it returns."""
        with self.engine.begin() as connection:
            row = self._subject(connection, subject)
            if isinstance(row, Refusal):
                return row
            self._record(connection, subject, reader, purpose, ["authorisations"])
            return self._authorisations(connection, subject)

    def tell_third_party(
        self, subject: UUID, scope: Scope, reader: Reader, today: date
    ) -> Refusal | None:
        """Whether a caller who is not the person must not be told; a refusal is on record too."""
        with self.engine.begin() as connection:
            row = self._subject(connection, subject)
            held = [] if isinstance(row, Refusal) else self._authorisations(connection, subject)
            refusal = tell_third_party(held, scope, today)
            if not isinstance(row, Refusal):
                self._record(
                    connection, subject, reader, "answer_caller", [f"third_party:{scope}"],
                    refusal.code if refusal else None,
                )  # fmt: skip
        return refusal

    def reads(self, subject: UUID) -> list[Read]:
        """Who looked at a person's data, when, why and at what; oldest first."""
        query = self._of(select(reads), reads, subject).order_by(reads.c.at, reads.c.read)
        with self.engine.begin() as connection:
            rows = connection.execute(query).all()
        return [
            Read(
                at=row.at,
                actor=row.actor,
                purpose=row.purpose,
                what=tuple(row.what),
                refused=row.refused,
            )
            for row in rows
        ]

    def place_hold(self, subject: UUID, reason: HoldReason, actor: Actor) -> UUID | Refusal:
        """Keep everything of a subject from being erased."""
        hold = uuid4()
        with self.engine.begin() as connection:
            row = self._subject(connection, subject, lock=True)
            if isinstance(row, Refusal):
                return row
            connection.execute(
                insert(legal_holds).values(
                    book=self.book, subject=subject, hold=hold, reason=reason, placed_by=actor
                )
            )
        return hold

    def release_hold(self, subject: UUID, hold: UUID, actor: Actor) -> bool:
        """Let a hold go; whether there was one."""
        with self.engine.begin() as connection:
            released = connection.execute(
                self._of(update(legal_holds), legal_holds, subject)
                .where(legal_holds.c.hold == hold, legal_holds.c.released_at.is_(None))
                .values(released_at=func.clock_timestamp(), released_by=actor)
            )
        return released.rowcount == 1

    def holds(self, subject: UUID) -> list[Hold]:
        """The holds that have not been let go, oldest first."""
        query = (
            self._of(select(legal_holds), legal_holds, subject)
            .where(legal_holds.c.released_at.is_(None))
            .order_by(legal_holds.c.placed_at)
        )
        with self.engine.begin() as connection:
            rows = connection.execute(query).all()
        return [
            Hold(hold=r.hold, reason=r.reason, placed_at=r.placed_at, placed_by=r.placed_by)
            for r in rows
        ]

    # ------------------------------------------------------------ rows

    def _subject(self, connection: Connection, subject: UUID, lock: bool = False) -> Any:
        query = self._of(select(*_SUBJECT), subjects, subject)
        row = connection.execute(query.with_for_update() if lock else query).one_or_none()
        return Refusal("unknown_subject", {"subject": str(subject)}) if row is None else row

    def _of(self, statement: Any, table: Any, subject: UUID) -> Any:
        return statement.where(table.c.book == self.book, table.c.subject == subject)

    def _remember(self, connection: Connection, subject: UUID, content: bytes) -> None:
        """Keep what a registration held, as a digest: it goes as soon as anything of it goes."""
        connection.execute(
            insert(search_keys).values(
                book=self.book,
                kind=REGISTRATION,
                digest=content,
                subject=subject,
                retention="contact",
            )
        )

    def _as_before(
        self, connection: Connection, subject: UUID, content: bytes, key: str
    ) -> UUID | Refusal:
        """The subject that was registered under this key, if it was with the same content.

        What was erased since can't be compared any more.
        """
        query = self._of(select(search_keys.c.digest), search_keys, subject)
        first = connection.execute(
            query.where(search_keys.c.kind == REGISTRATION)
        ).scalar_one_or_none()
        if first is not None and bytes(first) != content:
            return Refusal("command_id_reused", {"command_id": key})
        return subject

    def _record(
        self,
        connection: Connection,
        subject: UUID,
        reader: Reader,
        purpose: Purpose,
        what: Iterable[str],
        refused: str | None = None,
    ) -> None:
        connection.execute(
            insert(reads).values(
                book=self.book,
                read=uuid4(),
                subject=subject,
                actor=reader.actor,
                purpose=purpose,
                what=list(what),
                refused=refused,
            )
        )

    def _person(
        self, connection: Connection, subject: UUID
    ) -> tuple[Person, tuple[Retention, ...]]:
        """What can be read, and what there is that can't."""
        rows = connection.execute(self._of(select(fields), fields, subject)).all()
        opened: dict[Retention, bytes | None] = {}
        values: dict[str, msgspec.Raw] = {}
        unreadable: dict[Retention, None] = {}
        for row in rows:
            if row.retention not in opened:
                opened[row.retention] = self._key(connection, subject, row.retention)
            where = place(self.book, subject, row.field, row.version)
            key = opened[row.retention]
            if key is None:
                unreadable[row.retention] = None
                continue
            values[row.field] = msgspec.Raw(open_sealed(key, row.sealed, where))
        person = msgspec.json.decode(msgspec.json.encode(values), type=Person)
        return person, tuple(unreadable)

    def _view(
        self,
        subject: UUID,
        person: Person,
        row: Row[Any],
        reader: Reader,
        unreadable: tuple[Retention, ...] = (),
    ) -> View:
        withheld = show_address(person, reader)
        if withheld is not None:
            person = msgspec.structs.replace(person, addresses=())
        return View(
            subject=subject,
            person=person,
            erased_at=row.erased_at,
            kept_until=row.kept_until,
            withheld=withheld,
            unreadable=unreadable,
        )

    def _write(self, connection: Connection, subject: UUID, values: Mapping[Field, Any]) -> None:
        versions = dict(
            connection.execute(
                self._of(select(fields.c.field, fields.c.version), fields, subject)
            ).all()
        )
        for field, value in values.items():
            retention = RETENTION_OF[field]
            version = versions.get(field, 0) + 1
            key = self._key_for_writing(connection, subject, retention)
            where = place(self.book, subject, field, version)
            row = {
                "retention": retention,
                "version": version,
                "sealed": seal(key, msgspec.json.encode(value), where),
            }
            connection.execute(
                upsert(fields)
                .values(book=self.book, subject=subject, field=field, **row)
                .on_conflict_do_update(constraint="fields_pkey", set_=row)
            )

    def _unwrite(self, connection: Connection, subject: UUID, gone: list[Field]) -> None:
        connection.execute(
            self._of(delete(fields), fields, subject).where(fields.c.field.in_(gone))
        )

    def _index(
        self, connection: Connection, subject: UUID, person: Person, search: SearchKeys
    ) -> None:
        connection.execute(
            self._of(delete(search_keys), search_keys, subject).where(
                search_keys.c.kind.in_(SEARCH_KINDS)
            )
        )
        for kind, digest, retention in search.of(person):
            connection.execute(
                insert(search_keys).values(
                    book=self.book, kind=kind, digest=digest, subject=subject, retention=retention
                )
            )

    def _keep(
        self,
        subject: UUID,
        retention: Retention,
        table: Any,
        name: str,
        id: UUID,
        text: str,
        **columns: Any,
    ) -> UUID | Refusal:
        with self.engine.begin() as connection:
            row = self._subject(connection, subject, lock=True)
            if isinstance(row, Refusal):
                return row
            if row.erased_at is not None:
                return Refusal("subject_erased")
            key = self._key_for_writing(connection, subject, retention)
            sealed = seal(key, text.encode(), place(self.book, subject, f"{name}:{id}", 1))
            connection.execute(
                insert(table).values(
                    book=self.book, subject=subject, sealed=sealed, **{name: id}, **columns
                )
            )
        return id

    def _authorisations(self, connection: Connection, subject: UUID) -> list[Authorisation]:
        rows = connection.execute(
            self._of(select(authorisations), authorisations, subject)
            .where(authorisations.c.revoked_at.is_(None))
            .order_by(authorisations.c.authorisation)
        ).all()
        key = self._key(connection, subject, "third_parties")
        texts = (
            self._text(key, row.sealed, subject, f"authorisation:{row.authorisation}")
            for row in rows
        )
        return [msgspec.json.decode(text, type=Authorisation) for text in texts if text is not None]

    # ------------------------------------------------------------ keys

    def _text(self, key: bytes | None, sealed: bytes, subject: UUID, field: str) -> str | None:
        if key is None:
            return None
        return open_sealed(key, sealed, place(self.book, subject, field, 1)).decode()

    def _key(self, connection: Connection, subject: UUID, retention: Retention) -> bytes | None:
        """The data key; ``None`` where there is none, or none that can be unwrapped."""
        row = connection.execute(
            self._of(select(data_keys.c.generation, data_keys.c.sealed), data_keys, subject).where(
                data_keys.c.retention == retention
            )
        ).one_or_none()
        if row is None:
            return None
        context = key_context(self.book, subject, retention)
        try:
            return self.keys.unwrap(Wrapped(row.generation, row.sealed), context)
        except KeyGone:
            return None

    def _key_for_writing(
        self, connection: Connection, subject: UUID, retention: Retention
    ) -> bytes:
        """The data key, made if there is none. The subject's row is locked or new."""
        key = self._key(connection, subject, retention)
        if key is not None:
            return key
        key = new_key()
        wrapped = self.keys.wrap(key, key_context(self.book, subject, retention))
        made = connection.execute(
            upsert(data_keys)
            .values(
                book=self.book,
                subject=subject,
                retention=retention,
                generation=wrapped.generation,
                sealed=wrapped.sealed,
            )
            .on_conflict_do_nothing()
        )
        if made.rowcount != 1:
            raise NoKeys(f"the key of subject {subject} can't be unwrapped any more")
        return key

    def _search_keys(self) -> SearchKeys:
        if self._search is None:
            with self.engine.begin() as connection:
                self._search = SearchKeys(self.book, self._book_key(connection))
        return self._search

    def _book_key(self, connection: Connection) -> bytes:
        """The root of the blind indexes' keys, made when the book has none."""
        query = select(book_keys.c.generation, book_keys.c.sealed).where(
            book_keys.c.book == self.book
        )
        row = connection.execute(query).one_or_none()
        if row is None:
            wrapped = self.keys.wrap(new_key(), book_key_context(self.book))
            connection.execute(
                upsert(book_keys)
                .values(book=self.book, generation=wrapped.generation, sealed=wrapped.sealed)
                .on_conflict_do_nothing()
            )
            row = connection.execute(query).one()
        try:
            wrapped = Wrapped(row.generation, row.sealed)
            return self.keys.unwrap(wrapped, book_key_context(self.book))
        except KeyGone as error:
            raise NoKeys(
                f"generation {error} of the key is not here, and book {self.book!r} is sealed under"
                " it; restore the key file from its own backup"
            ) from error


def key_context(book: str, subject: UUID, retention: Retention) -> bytes:
    """What a wrapped data key is bound to."""
    return place(book, subject, f"key:{retention}", 1)


def book_key_context(book: str) -> bytes:
    """What a wrapped root key of blind indexes is bound to."""
    return f"{book}|search|1".encode()


def _normal(person: Person, today: date) -> Person | Refusal:
    """The person with a national identity number of eleven digits, if any."""
    if person.national_identity_number is None:
        return person
    found = national_identity.parse(person.national_identity_number, today)
    if found is None:
        return Refusal("invalid_national_identity_number")
    return msgspec.structs.replace(person, national_identity_number=found.number)


def _given(person: Person) -> dict[Field, Any]:
    """The fields that are known."""
    found = ((field, getattr(person, field)) for field in FIELDS)
    return {field: value for field, value in found if value not in (None, ())}
