"""The answer to "what do you keep about me?" (GDPR art. 15), in words that people use."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from ledger.application.ledger import Ledger
from ledger.domain.case import Case
from ledger.domain.personal import Address, Authorisation, Field, Reader, Retention
from ledger.domain.recorded import Recorded
from ledger.domain.refusals import Refusal
from ledger.people.cases import histories_of
from ledger.people.erasure import erasures_of
from ledger.people.vault import Note, Read, Vault, View
from ledger.wording.amounts import Language, day, money
from ledger.wording.events import lines
from ledger.wording.people import (
    CONTACT_CHANNELS,
    FIELDS,
    LANGUAGES,
    PROTECTIONS,
    PURPOSES,
    REPORT,
    RETENTIONS,
    SCOPES,
    name_of,
)

_OSLO: Final = ZoneInfo("Europe/Oslo")


class Section(msgspec.Struct, frozen=True):
    """A heading and what stands under it."""

    heading: str
    lines: tuple[str, ...]


class AccessReport(msgspec.Struct, frozen=True):
    """A report that can be handed to the person."""

    title: str
    intro: str
    sections: tuple[Section, ...]

    def __str__(self) -> str:
        """The report as plain text."""
        parts = [self.title, self.intro]
        for section in self.sections:
            parts.append("\n".join([section.heading, *(f"  {line}" for line in section.lines)]))
        return "\n\n".join(parts)


def access_report(
    vault: Vault, ledger: Ledger, subject: UUID, reader: Reader, language: Language, today: date
) -> AccessReport | Refusal:
    """All that is kept about a subject, from the vault and from the events of its cases.

    Making it is a read like any other, and stands in it. Holders of authorisations are other
    people: what is told of them is how they stand to the person (art. 15(4)).
    """
    view = vault.read(subject, reader, "access_request")
    if isinstance(view, Refusal):
        return view
    notes = vault.notes(subject, reader, "access_request")
    held = vault.authorisations(subject, reader, "access_request")
    assert not isinstance(notes, Refusal)
    assert not isinstance(held, Refusal)
    say = _Words(language)
    currency = ledger.recorder.currency()
    cases: list[str] = []
    for events in histories_of(ledger, subject):
        cases += _case(say, events, currency)
    erased = erasures_of(vault.engine, vault.book, subject)
    sections = [
        (say("person"), _person(say, view)),
        (say("why"), _why(say, view)),
        (say("cases"), cases),
        (say("notes"), [_note(say, note) for note in notes]),
        (say("authorisations"), [_authorisation(say, authorised) for authorised in held]),
        (say("reads"), [_read(say, read) for read in vault.reads(subject)]),
        (say("erasures"), [_erasure(say, at, what) for at, what in erased]),
        (say("rights"), [say("rights_text")]),
    ]
    return AccessReport(
        title=say("title"),
        intro=say("intro", book=vault.book, on=day(today, language)),
        sections=tuple(
            Section(heading, tuple(said) or (say("nothing"),)) for heading, said in sections
        ),
    )


class _Words:
    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **facts: str) -> str:
        return self.pick(REPORT[key]).format(**facts)

    def pick(self, both: tuple[str, str]) -> str:
        return both[0] if self.language == "nb" else both[1]

    def all_of(self, retentions: Any) -> str:
        names: list[Retention] = list(retentions)
        return ", ".join(self.pick(RETENTIONS[name]) for name in names)

    def at(self, moment: datetime) -> str:
        local = moment.astimezone(_OSLO)
        return f"{day(local.date(), self.language)} {local:%H:%M}"


def _person(say: _Words, view: View) -> list[str]:
    found = []
    for field, name in FIELDS.items():
        value = getattr(view.person, field)
        if value not in (None, ()):
            found.append(f"{say.pick(name)}: {_value(say, field, value)}")
    if view.withheld is not None:
        found.append(say("protected"))
    if view.unreadable:
        found.append(say("unreadable", what=say.all_of(view.unreadable)))
    if view.erased_at is not None and view.person.name is None:
        found.append(name_of(view.person, say.language))
    return found


def _value(say: _Words, field: Field, value: Any) -> str:
    if field == "addresses":
        return "; ".join(_address(say, address) for address in value)
    if field == "birth_date":
        return day(value, say.language)
    if field == "language":
        return say.pick(LANGUAGES[value])
    if field == "preferred_channel":
        return say.pick(CONTACT_CHANNELS[value])
    return str(value)


def _address(say: _Words, address: Address) -> str:
    place = " ".join(part for part in (address.postcode, address.place) if part)
    written = ", ".join(part for part in (*address.lines, place, address.country) if part)
    if address.protection == "none":
        return written
    return f"{written} ({say.pick(PROTECTIONS[address.protection])})"


def _why(say: _Words, view: View) -> list[str]:
    found = [say("why_claims"), say("why_kept"), say("sources")]
    if view.kept_until is not None:
        found.append(say("kept_until", until=day(view.kept_until, say.language)))
    return found


def _case(say: _Words, events: list[Recorded], currency: str) -> list[str]:
    case = Case.fold(UUID(events[0].stream), events)
    named = say("case", reference=case.reference or "", creditor=case.creditor or "")
    found = [named]
    for entry in events:
        line = say.pick(lines(entry.event, currency))
        found.append(f"  {day(entry.event.value_date, say.language)}  {line}")
    found.append("  " + say("owed", amount=money(case.outstanding, currency, say.language)))
    return found


def _note(say: _Words, note: Note) -> str:
    text = note.text
    if text is None:
        text = say("unreadable", what=say.all_of(["notes"]))
    return f"{say.at(note.written_at)} ({note.written_by}): {text}"


def _authorisation(say: _Words, held: Authorisation) -> str:
    end = say("until_revoked")
    if held.valid_to is not None:
        end = say("until", date=day(held.valid_to, say.language))
    return say(
        "authorisation",
        relation=held.relation,
        scope=say.pick(SCOPES[held.scope]),
        start=day(held.valid_from, say.language),
        end=end,
    )


def _read(say: _Words, read: Read) -> str:
    what = ", ".join(_looked_at(say, name) for name in read.what) or "-"
    if read.refused:
        what = f"{what}; {read.refused}"
    purpose = say.pick(PURPOSES[read.purpose])
    return say("read", at=say.at(read.at), actor=read.actor, purpose=purpose, what=what)


def _looked_at(say: _Words, name: str) -> str:
    kind, _, rest = name.partition(":")
    if kind in FIELDS:
        return say.pick(FIELDS[name]).lower()  # type: ignore[index]
    return say.pick(REPORT[f"looked_{kind}"]) + (f" ({rest})" if rest else "")


def _erasure(say: _Words, at: datetime, retentions: Any) -> str:
    return say("erasure", at=say.at(at), what=say.all_of(retentions))
