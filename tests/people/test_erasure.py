"""Erasing: what goes, what stays and for how long, and that it stays gone."""

import random
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from ledger.application.erasures import erasures_of_subject
from ledger.application.ledger import Ledger
from ledger.application.views import case_view
from ledger.domain.events import SubjectErased
from ledger.domain.personal import Person
from ledger.domain.refusals import Refusal
from ledger.people import erasure
from ledger.people.access_report import access_report
from ledger.people.cases import involvements
from ledger.people.erasure import Erased, due, erase, erasures_of, outstanding, replay
from ledger.people.erasure_list import ErasureEntry, ErasureList, ErasureListDamaged
from ledger.people.schema import ERASABLE
from ledger.people.vault import Vault
from ledger.projections.audit_trail import trail_of
from ledger.projections.debtors import cases_of
from ledger.projections.engine import Projector
from ledger.projections.journal import trial_balance
from ledger.projections.verification import verify
from tests.orders import TODAY
from tests.people.persons import (
    AGENT,
    ASKED_ON,
    CLEARED,
    GENERATED,
    HIDDEN,
    HOLDER,
    NOW,
    done,
    owing,
    paid_up,
    refused,
)

pytestmark = [pytest.mark.database]

AT_ONCE: Final = ("contact", "notes", "third_parties")
ALL: Final = (*AT_ONCE, "identity")


@pytest.fixture
def subject(vault: Vault) -> UUID:
    """A person with everything that the vault may hold."""
    subject = done(vault.add(GENERATED, AGENT.actor, TODAY))
    done(vault.write_note(subject, "Ringte, avtalt utsettelse", AGENT.actor))
    done(vault.authorise(subject, HOLDER, AGENT.actor))
    return subject


def erased(
    vault: Vault, ledger: Ledger, listed: ErasureList, subject: UUID, on: date = ASKED_ON
) -> Erased | Refusal:
    return erase(
        vault.engine,
        ledger,
        listed,
        subject,
        involvements(ledger, subject),
        legal_basis="asked_by_the_person",
        actor=AGENT.actor,
        now=NOW,
        today=on,
    )


def again(vault: Vault, ledger: Ledger, listed: ErasureList) -> tuple[ErasureEntry, ...]:
    """What a replay has erased again."""
    return replay(vault.engine, ledger.engine, listed).erased


def said_of(ledger: Ledger, stream: UUID) -> list[SubjectErased]:
    """What the log says of erasures in a stream."""
    found = map(ledger.mapper.recorded, ledger.recorder.read_stream(stream))
    return [entry.event for entry in found if isinstance(entry.event, SubjectErased)]


def left(owner_engine: Engine, subject: UUID) -> dict[str, int]:
    """Rows that hold something of a subject, by table."""
    with owner_engine.connect() as connection:
        return {
            table: connection.execute(
                text(f"SELECT count(*) FROM people.{table} WHERE subject = :subject"),
                {"subject": subject},
            ).scalar_one()
            for table in ERASABLE
        }


def test_scenario_47(
    vault: Vault, ledger: Ledger, listed: ErasureList, subject: UUID, owner_engine: Engine
) -> None:
    paid_up(ledger, subject, "K1", date(2026, 6, 15))
    before = left(owner_engine, subject)
    assert before == {
        "data_keys": 4, "fields": 8, "notes": 1, "authorisations": 1, "search_keys": 3
    }  # fmt: skip

    outcome = done(erased(vault, ledger, listed, subject))
    assert outcome == Erased(
        subject=subject,
        erased=AT_ONCE,
        kept=("identity",),
        kept_until=date(2031, 12, 31),
        repeated=False,
    )
    assert left(owner_engine, subject) == {
        "data_keys": 1, "fields": 3, "notes": 0, "authorisations": 0, "search_keys": 2
    }  # fmt: skip

    for_agents = done(vault.read(subject, AGENT, "answer_caller"))
    assert for_agents.person == Person(), "for an agent it is an erased subject"
    assert (for_agents.erased_at, for_agents.kept_until) == (NOW, date(2031, 12, 31))
    for_books = done(vault.read(subject, AGENT, "reconcile"))
    assert for_books.person.name == GENERATED.name
    assert for_books.person.phone is None
    assert done(vault.notes(subject, AGENT, "audit")) == []
    assert done(vault.authorisations(subject, AGENT, "audit")) == []
    by_number = vault.search.number("30108299920")
    assert vault.find(by_number, AGENT, "answer_caller") == []
    assert vault.find(by_number, AGENT, "reconcile") == [subject]
    assert vault.find(vault.search.phone("22334455"), AGENT, "reconcile") == []

    assert due(vault.engine, vault.book, date(2031, 12, 31)) == []
    last_day = done(erased(vault, ledger, listed, subject, date(2031, 12, 31)))
    assert last_day.repeated
    assert due(vault.engine, vault.book, date(2032, 1, 1)) == [subject]
    gone = done(erased(vault, ledger, listed, subject, date(2032, 1, 1)))
    assert (gone.erased, gone.kept, gone.kept_until) == (ALL, (), None)
    assert set(left(owner_engine, subject).values()) == {0}
    assert due(vault.engine, vault.book, date(2040, 1, 1)) == []
    assert done(vault.read(subject, AGENT, "audit")).person == Person()
    assert vault.find(by_number, AGENT, "audit") == []

    assert [what for _, what in erasures_of(vault.engine, vault.book, subject)] == [
        list(AT_ONCE), list(ALL)
    ]  # fmt: skip


def test_the_log_says_so_and_not_of_whom(
    vault: Vault, ledger: Ledger, listed: ErasureList, subject: UUID
) -> None:
    """In the person's own stream and on each of the cases, by one command, provably."""
    first = paid_up(ledger, subject, "K1", date(2026, 6, 15))
    second = paid_up(ledger, subject, "K2", date(2025, 3, 15))
    stranger = paid_up(ledger, uuid4(), "K3")
    before = ledger.recorder.head().position
    done(erased(vault, ledger, listed, subject))

    (entry,) = listed.entries()
    stream = erasures_of_subject(subject)
    (event,) = said_of(ledger, stream)
    assert event == SubjectErased(
        value_date=ASKED_ON,
        erasure=str(entry.erasure),
        subject=str(subject),
        legal_basis="asked_by_the_person",
        erased=AT_ONCE,
        kept=("identity",),
        kept_until=date(2031, 12, 31),
    )
    assert said_of(ledger, first) == said_of(ledger, second) == [event]
    assert said_of(ledger, stranger) == []
    assert ledger.recorder.head().position == before + 3
    payloads = [e.payload for e in ledger.recorder.read_log(before, 10)]
    assert {e.actor for e in ledger.recorder.read_log(before, 10)} == {AGENT.actor}
    assert not [text for text in payloads if "Generert" in text or "30108299920" in text]

    def view(known_at: int | None = None) -> Any:
        case = ledger.case(first, known_at=known_at)
        view = case_view("book", case, on=ASKED_ON, rules=ledger.rules, known_at=known_at)
        return msgspec.to_builtins(view)

    assert view(before)["debtor_erased"] is None, "as it was known then"
    assert view()["debtor_erased"] == {
        "on": "2026-08-01",
        "kept_until": "2031-12-31",
        "text": {"nb": "slettet person", "en": "erased subject"},
    }
    Projector(ledger.engine).rebuild()
    with ledger.engine.connect() as connection:
        for stream in (first, second):
            line = trail_of(connection, "book", stream)[-1]
            assert line.line_nb.startswith("Personopplysninger slettet, fordi personen ba om det")
            assert line.line_en.endswith("kept until 2031-12-31 (Bookkeeping Act section 13)")
    verified = verify(ledger.engine, "book")
    assert verified.ok
    assert verified.streams == {"cases": 3, "subjects": 1}


def test_erasing_puts_off_no_later_erasing(
    vault: Vault, ledger: Ledger, listed: ErasureList, subject: UUID
) -> None:
    """What the books need is kept for years after the case was closed, not after the erasure."""
    paid_up(ledger, subject, "K1", date(2025, 12, 30))
    assert done(erased(vault, ledger, listed, subject)).kept_until == date(2030, 12, 31)
    assert done(erased(vault, ledger, listed, subject)).kept_until == date(2030, 12, 31)
    gone = done(erased(vault, ledger, listed, subject, date(2031, 1, 1)))
    assert (gone.kept, gone.repeated) == ((), False)
    last = said_of(ledger, erasures_of_subject(subject))[-1]
    assert (last.erased, last.kept, last.kept_until) == (ALL, (), None)


def test_twice_is_once(vault: Vault, ledger: Ledger, listed: ErasureList, subject: UUID) -> None:
    first = done(erased(vault, ledger, listed, subject))
    assert (first.erased, first.repeated) == (ALL, False)
    again = done(erased(vault, ledger, listed, subject))
    assert (again.erased, again.repeated) == (ALL, True)
    assert len(list(listed.entries())) == 1
    assert len(erasures_of(vault.engine, vault.book, subject)) == 1
    assert len(said_of(ledger, erasures_of_subject(subject))) == 1


def test_who_has_nothing_to_erase_is_erased_all_the_same(
    vault: Vault, ledger: Ledger, listed: ErasureList
) -> None:
    subject = done(vault.add(Person(), AGENT.actor, TODAY))
    assert not done(erased(vault, ledger, listed, subject)).repeated
    assert done(vault.read(subject, AGENT, "audit")).erased_at == NOW
    assert done(erased(vault, ledger, listed, subject)).repeated


def test_nothing_goes_while_a_claim_is_pursued(
    vault: Vault, ledger: Ledger, listed: ErasureList, subject: UUID
) -> None:
    paid_up(ledger, subject, "K1")
    owing(ledger, subject, "K2")
    assert refused(erased(vault, ledger, listed, subject)) == "claim_pursued"
    assert not listed.path.exists()
    assert done(vault.read(subject, AGENT, "audit")).person.phone


def test_nothing_goes_under_a_legal_hold(
    vault: Vault, ledger: Ledger, listed: ErasureList, subject: UUID
) -> None:
    hold = done(vault.place_hold(subject, "court_case", AGENT.actor))
    refusal = erased(vault, ledger, listed, subject)
    assert refused(refusal) == "legal_hold"
    assert isinstance(refusal, Refusal)
    assert refusal.facts == {"reason": "court_case"}
    assert not listed.path.exists()
    assert [(h.hold, h.reason) for h in vault.holds(subject)] == [(hold, "court_case")]
    assert vault.release_hold(subject, hold, CLEARED.actor)
    assert not vault.release_hold(subject, hold, CLEARED.actor)
    assert vault.holds(subject) == []
    assert done(erased(vault, ledger, listed, subject)).erased == ALL


def test_nothing_is_added_to_who_was_erased(
    vault: Vault, ledger: Ledger, listed: ErasureList, subject: UUID
) -> None:
    """So that the list can be replayed at any time without hitting what came later."""
    done(erased(vault, ledger, listed, subject))
    assert refused(vault.change(subject, {"phone": "22334455"}, AGENT, TODAY)) == "subject_erased"
    assert refused(vault.write_note(subject, "Ringte", AGENT.actor)) == "subject_erased"
    assert refused(vault.authorise(subject, HOLDER, AGENT.actor)) == "subject_erased"


def test_who_is_not_there(vault: Vault, ledger: Ledger, listed: ErasureList) -> None:
    assert refused(erased(vault, ledger, listed, uuid4())) == "unknown_subject"
    assert not listed.path.exists()


def test_the_list_tells_nothing_of_the_person(
    vault: Vault, ledger: Ledger, listed: ErasureList, subject: UUID
) -> None:
    done(erased(vault, ledger, listed, subject))
    (entry,) = listed.entries()
    assert (entry.subject, entry.book, entry.retentions) == (subject, "book", ALL)
    text = listed.path.read_text()
    assert "Generert" not in text
    assert listed.path.stat().st_mode & 0o077 == 0


def test_killed_after_the_list_was_written(
    vault: Vault, ledger: Ledger, listed: ErasureList, subject: UUID, owner_engine: Engine
) -> None:
    with owner_engine.begin() as connection:
        connection.execute(text("ALTER TABLE people.erasures ADD CHECK (actor <> 'agent:17')"))
    with pytest.raises(Exception, match="violates check"):
        erased(vault, ledger, listed, subject)
    assert left(owner_engine, subject)["data_keys"] == 4
    assert [entry.subject for entry in outstanding(vault.engine, listed)] == [subject]
    assert len(said_of(ledger, erasures_of_subject(subject))) == 1
    with owner_engine.begin() as connection:
        connection.execute(text("ALTER TABLE people.erasures DROP CONSTRAINT erasures_actor_check"))
    assert [entry.subject for entry in again(vault, ledger, listed)] == [subject]
    assert set(left(owner_engine, subject).values()) == {0}
    assert len(said_of(ledger, erasures_of_subject(subject))) == 1, (
        "the retry has not said it twice"
    )
    assert outstanding(vault.engine, listed) == []
    assert again(vault, ledger, listed) == ()


def test_killed_before_the_log_knew(
    vault: Vault,
    ledger: Ledger,
    listed: ErasureList,
    subject: UUID,
    owner_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = paid_up(ledger, subject, "K1")

    def power_cut(*_: object) -> bool:
        raise ConnectionError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr(erasure, "record_erasure", power_cut)
        with pytest.raises(ConnectionError):
            erased(vault, ledger, listed, subject)
    assert left(owner_engine, subject)["data_keys"] == 4
    assert said_of(ledger, case) == []
    assert [entry.subject for entry in outstanding(vault.engine, listed)] == [subject]
    replayed = replay(vault.engine, ledger.engine, listed)
    assert len(replayed.erased) == len(replayed.recorded) == 1
    assert left(owner_engine, subject)["data_keys"] == 1
    assert len(said_of(ledger, case)) == 1
    assert verify(ledger.engine, "book").ok


def test_erasures_from_before_the_log_knew_of_them(
    vault: Vault,
    ledger: Ledger,
    listed: ErasureList,
    subject: UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Made by a program that recorded none: nothing is outstanding, and a replay records it."""
    case = paid_up(ledger, subject, "K1")
    with monkeypatch.context() as patched:
        patched.setattr(erasure, "record_erasure", lambda *_: True)
        done(erased(vault, ledger, listed, subject))
    assert outstanding(vault.engine, listed) == []
    replayed = replay(vault.engine, ledger.engine, listed)
    assert (replayed.erased, len(replayed.recorded)) == ((), 1)
    assert said_of(ledger, case)[0].value_date == ASKED_ON, "the day on which it was done"
    assert replay(vault.engine, ledger.engine, listed).recorded == ()


def test_a_backup_from_before_is_erased_again(
    vault: Vault, ledger: Ledger, listed: ErasureList, subject: UUID, owner_engine: Engine
) -> None:
    other = done(vault.add(HIDDEN, AGENT.actor, TODAY))
    tables = (*ERASABLE, "subjects")
    with owner_engine.begin() as connection:
        for table in tables:
            connection.execute(text(f"CREATE TABLE backup_{table} AS TABLE people.{table}"))
    done(erased(vault, ledger, listed, subject))
    with owner_engine.begin() as connection:
        for table in (*ERASABLE, "erasures", "subjects"):
            connection.execute(text(f"ALTER TABLE people.{table} DISABLE TRIGGER ALL"))
            connection.execute(text(f"DELETE FROM people.{table}"))
            connection.execute(text(f"ALTER TABLE people.{table} ENABLE TRIGGER ALL"))
        for table in tables:
            connection.execute(text(f"INSERT INTO people.{table} SELECT * FROM backup_{table}"))
    assert done(vault.read(subject, AGENT, "audit")).person.name == GENERATED.name, "it is back"
    assert len(outstanding(vault.engine, listed)) == 1
    assert len(again(vault, ledger, listed)) == 1
    view = done(vault.read(subject, AGENT, "audit"))
    assert (view.person, view.erased_at) == (Person(), NOW)
    assert set(left(owner_engine, subject).values()) == {0}
    assert done(vault.read(other, CLEARED, "audit")).person == HIDDEN
    assert again(vault, ledger, listed) == ()


def test_a_backup_from_before_the_subject_was_known(
    vault: Vault, ledger: Ledger, listed: ErasureList, subject: UUID, tmp_path: Path
) -> None:
    done(erased(vault, ledger, listed, subject))
    stranger = ErasureList(tmp_path / "other.jsonl")
    stranger.path.write_text(listed.path.read_text().replace(str(subject), str(uuid4())))
    assert outstanding(vault.engine, stranger) == []
    assert again(vault, ledger, stranger) == ()


def test_a_torn_line_is_passed_over_and_a_broken_one_is_not(
    vault: Vault, ledger: Ledger, listed: ErasureList, subject: UUID
) -> None:
    assert list(listed.entries()) == []
    done(erased(vault, ledger, listed, subject))
    whole = listed.path.read_bytes()
    listed.path.write_bytes(whole + whole[:40])
    assert len(list(listed.entries())) == 1
    other = done(vault.add(HIDDEN, AGENT.actor, TODAY))
    done(erased(vault, ledger, listed, other))
    assert [entry.subject for entry in listed.entries()] == [subject, other]
    listed.path.write_bytes(whole.replace(b'"at"', b'"ta"') + whole)
    with pytest.raises(ErasureListDamaged, match="line 1 can't be read"):
        list(listed.entries())


PEOPLE = 6


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32), shredded=st.sets(st.integers(0, PEOPLE - 1)))
def test_whoever_is_erased_everything_still_reads(
    vault: Vault, ledger: Ledger, listed: ErasureList, seed: int, shredded: set[int]
) -> None:
    """Any subset of subjects: no view fails, the books balance, and the others are untouched."""
    chance = random.Random(seed)
    people = [done(vault.add(GENERATED, AGENT.actor, TODAY)) for _ in range(PEOPLE)]
    cases = {}
    for number, subject in enumerate(people):
        if chance.random() < 0.7:
            done(vault.write_note(subject, "Ringte", AGENT.actor))
        if chance.random() < 0.5:
            done(vault.authorise(subject, HOLDER, AGENT.actor))
        if chance.random() < 0.7:
            cases[number] = paid_up(ledger, subject, f"{subject}"[:8])
    Projector(ledger.engine).catch_up("book")
    before = balances(ledger)
    when = chance.choice([ASKED_ON, date(2032, 1, 1)])
    for number in shredded:
        done(erased(vault, ledger, listed, people[number], when))

    Projector(ledger.engine).rebuild()
    assert balances(ledger) == before
    assert verify(ledger.engine, "book").ok
    for number, subject in enumerate(people):
        view = done(vault.read(subject, AGENT, "answer_caller"))
        assert (view.person == Person()) == (number in shredded)
        assert (view.erased_at is not None) == (number in shredded)
        for language in ("nb", "en"):
            assert done(access_report(vault, ledger, subject, AGENT, language, TODAY)).sections
        done(vault.notes(subject, AGENT, "audit"))
        done(vault.authorisations(subject, AGENT, "audit"))
        with ledger.engine.connect() as connection:
            found = cases_of(connection, "book", str(subject))
        assert found == ([cases[number]] if number in cases else [])
    assert outstanding(vault.engine, listed) == []


def balances(ledger: Ledger) -> dict[str, int]:
    with ledger.engine.connect() as connection:
        totals = trial_balance(connection, "book")
    assert sum(totals.values()) == 0
    return totals
