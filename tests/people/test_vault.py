"""What goes into the vault comes out for those who may see it, and each look is on record."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import Engine, text

from ledger.domain.personal import Person, Reader
from ledger.people.keys import KeyFile, NoKeys
from ledger.people.schema import metadata
from ledger.people.sealing import CannotOpen
from ledger.people.vault import Vault
from tests.orders import TODAY
from tests.people.persons import AGENT, CLEARED, GENERATED, HIDDEN, HOLDER, done, refused

pytestmark = [pytest.mark.database]


def added(vault: Vault, person: Person = GENERATED) -> UUID:
    return done(vault.add(person, AGENT.actor, TODAY))


def test_a_person_comes_back_as_given(vault: Vault) -> None:
    subject = added(vault)
    view = done(vault.read(subject, AGENT, "answer_caller"))
    expected = msgspec.structs.replace(GENERATED, national_identity_number="30108299920")
    assert view.person == expected
    assert (view.erased_at, view.withheld, view.unreadable) == (None, None, ())
    assert subject.version == 4, "an id that tells nothing, not even when it was given"


def test_under_a_key_a_person_is_taken_in_once(vault: Vault) -> None:
    add = vault.add
    subject = done(add(GENERATED, AGENT.actor, TODAY, "key"))
    assert done(add(GENERATED, AGENT.actor, TODAY, "key")) == subject
    assert refused(add(HIDDEN, AGENT.actor, TODAY, "key")) == "command_id_reused"
    assert done(add(GENERATED, "agent:18", TODAY, "key")) != subject
    assert done(vault.read(subject, AGENT, "audit")).person.name == GENERATED.name
    done(vault.change(subject, {"phone": "99887766"}, AGENT, TODAY))
    assert done(add(GENERATED, AGENT.actor, TODAY, "key")) == subject
    assert refused(add(HIDDEN, AGENT.actor, TODAY, "key")) == "command_id_reused"


def test_a_search_tells_of_those_alone_of_whom_the_reader_may_know(vault: Vault) -> None:
    known, unknown = added(vault), added(vault)
    asked = []

    def among(found: Sequence[UUID]) -> set[UUID]:
        asked.append(list(found))
        return {known}

    for phone, found in (("22334455", [known]), ("99887766", [])):
        assert vault.find(vault.search.phone(phone), AGENT, "support", among) == found
    assert asked == [[known, unknown], []], "asked as often, whether there is somebody or not"
    assert [len(vault.reads(subject)) for subject in (known, unknown)] == [1, 0]


def test_another_program_with_the_same_keys_reads_it(vault: Vault, keys: KeyFile) -> None:
    subject = added(vault)
    other = Vault(vault.engine, vault.book, KeyFile(keys.path))
    assert done(other.read(subject, AGENT, "audit")).person.name == GENERATED.name
    assert other.find(other.search.phone("22334455"), AGENT, "support") == [subject]


def test_nothing_of_it_stands_in_the_database(vault: Vault, owner_engine: Engine) -> None:
    subject = added(vault)
    done(vault.write_note(subject, "Ringer tilbake mandag", AGENT.actor))
    done(vault.authorise(subject, HOLDER, AGENT.actor))
    stored = everything(owner_engine)
    assert len(stored) > 2_000
    for plain in ("Generert", "30108299920", "22334455", "Oppdiktet", "mandag", "Fullmektig"):
        assert plain not in stored
        assert plain.encode().hex() not in stored


def everything(owner_engine: Engine) -> str:
    """All rows of the vault, as text."""
    with owner_engine.connect() as connection:
        return "\n".join(
            str(row)
            for table in metadata.tables
            for row in connection.execute(text(f"SELECT t::text FROM {table} t")).scalars()
        )


def test_a_wrong_number_is_refused(vault: Vault) -> None:
    wrong = Person(national_identity_number="30108299921")
    assert refused(vault.add(wrong, AGENT.actor, TODAY)) == "invalid_national_identity_number"
    later = Person(national_identity_number="30108299939")
    assert refused(vault.add(later, AGENT.actor, TODAY)) == "invalid_national_identity_number"
    done(vault.add(later, AGENT.actor, date(2032, 1, 1)))
    subject = added(vault)
    asked = vault.change(subject, {"national_identity_number": "1"}, AGENT, TODAY)
    assert refused(asked) == "invalid_national_identity_number"


def test_a_change_replaces_what_was_there(vault: Vault) -> None:
    subject = added(vault)
    seen = vault.change(subject, {"phone": "99887766", "email": None}, AGENT, TODAY)
    assert (done(seen).person.phone, done(seen).person.email) == ("99887766", None)
    person = done(vault.read(subject, AGENT, "audit")).person
    assert (person.phone, person.email, person.name) == ("99887766", None, GENERATED.name)
    assert vault.find(vault.search.phone("22334455"), AGENT, "audit") == []
    assert vault.find(vault.search.phone("99 88 77 66"), AGENT, "audit") == [subject]
    done(vault.change(subject, {"phone": "22334455"}, AGENT, TODAY))
    assert done(vault.read(subject, AGENT, "audit")).person.phone == "22334455"


def test_an_address_changes_and_goes(vault: Vault) -> None:
    subject = added(vault)
    moved = {"addresses": HIDDEN.addresses, "birth_date": date(1982, 10, 29)}
    done(vault.change(subject, moved, AGENT, TODAY))  # type: ignore[arg-type]
    person = done(vault.read(subject, CLEARED, "audit")).person
    assert person.addresses == HIDDEN.addresses
    named = vault.search.name_and_birth_date("Generert Testperson", date(1982, 10, 29))
    assert vault.find(named, AGENT, "audit") == [subject]
    unseen = vault.change(subject, {"addresses": ()}, AGENT, TODAY)
    assert refused(unseen) == "protected_address", "nor replaced by who may not see it"
    assert vault.reads(subject)[-1].refused == "protected_address"
    done(vault.change(subject, {"addresses": ()}, CLEARED, TODAY))
    assert done(vault.read(subject, CLEARED, "audit")).person.addresses == ()


def test_an_older_value_can_not_be_put_back(vault: Vault, owner_engine: Engine) -> None:
    subject = added(vault)
    query = text("SELECT sealed FROM people.fields WHERE subject = :subject AND field = 'phone'")
    put = text(
        "UPDATE people.fields SET sealed = :sealed WHERE subject = :subject AND field = 'phone'"
    )
    with owner_engine.begin() as connection:
        old = connection.execute(query, {"subject": subject}).scalar_one()
    done(vault.change(subject, {"phone": "99887766"}, AGENT, TODAY))
    with owner_engine.begin() as connection:
        connection.execute(put, {"sealed": old, "subject": subject})
    with pytest.raises(CannotOpen, match="altered or moved"):
        vault.read(subject, AGENT, "audit")


def test_nor_can_a_value_be_moved_to_another(vault: Vault, owner_engine: Engine) -> None:
    one, two = added(vault), added(vault, HIDDEN)
    swap = text(
        "UPDATE people.fields a SET sealed = b.sealed FROM people.fields b"
        " WHERE a.field = 'name' AND b.field = 'name' AND a.subject <> b.subject"
    )
    with owner_engine.begin() as connection:
        assert connection.execute(swap).rowcount == 2
    for subject in (one, two):
        with pytest.raises(CannotOpen):
            vault.read(subject, AGENT, "audit")


def test_who_is_looked_for_is_found(vault: Vault) -> None:
    subject, hidden = added(vault), added(vault, HIDDEN)
    search = vault.search
    assert vault.find(search.number("30108299920"), AGENT, "answer_caller") == [subject]
    assert vault.find(search.phone("+47 22334455"), AGENT, "answer_caller") == [subject]
    named = search.name_and_birth_date("generert testperson", date(1982, 10, 30))
    assert vault.find(named, AGENT, "answer_caller") == [subject]
    named = search.name_and_birth_date("Skjermet Testperson", date(1990, 1, 2))
    assert vault.find(named, AGENT, "answer_caller") == [hidden]
    assert vault.find(search.number("02013299997"), AGENT, "answer_caller") == []
    assert [read.what for read in vault.reads(hidden)] == [("search:name_and_birth_date",)]


def test_two_of_one_phone_are_both_found(vault: Vault) -> None:
    both = [added(vault, Person(name=name, phone="22334455")) for name in ("A", "B")]
    assert vault.find(vault.search.phone("22334455"), AGENT, "support") == both


def test_scenario_34_a_protected_address(vault: Vault) -> None:
    subject = added(vault, HIDDEN)
    view = done(vault.read(subject, AGENT, "answer_caller"))
    assert view.person.addresses == ()
    assert view.withheld is not None
    assert view.withheld.code == "protected_address"
    assert "Hemmelig" not in str(msgspec.to_builtins(view))
    seen = done(vault.read(subject, CLEARED, "send_letter"))
    assert (seen.person, seen.withheld) == (HIDDEN, None)
    changed = done(vault.change(subject, {"phone": "22334455"}, AGENT, TODAY))
    assert "Hemmelig" not in str(msgspec.to_builtins(changed))
    assert "Hemmelig" in str(msgspec.to_builtins(HIDDEN))
    first, second, _ = vault.reads(subject)
    assert (first.actor, first.refused) == ("agent:17", "protected_address")
    assert "addresses" not in first.what
    assert (second.actor, second.refused) == ("agent:18", None)
    assert "addresses" in second.what


def test_scenario_30_a_caller_who_is_not_the_patient(vault: Vault) -> None:
    subject = added(vault)
    ask = vault.tell_third_party
    assert refused(ask(subject, "payment", AGENT, date(2026, 6, 1))) == "no_authority"
    held = done(vault.authorise(subject, HOLDER, AGENT.actor))
    assert ask(subject, "payment", AGENT, date(2026, 12, 31)) is None
    assert refused(ask(subject, "basis", AGENT, date(2026, 12, 31))) == "no_authority"
    assert refused(ask(subject, "payment", AGENT, date(2027, 1, 1))) == "no_authority"
    vault.revoke(subject, held)
    assert refused(ask(subject, "payment", AGENT, date(2026, 12, 31))) == "no_authority"
    assert done(vault.authorisations(subject, AGENT, "audit")) == []
    refusals = [read.refused for read in vault.reads(subject)]
    assert refusals == ["no_authority", None, "no_authority", "no_authority", "no_authority", None]


def test_nobody_is_told_whether_there_is_such_a_person(vault: Vault) -> None:
    known, unknown = added(vault), uuid4()
    answers = [vault.tell_third_party(s, "payment", AGENT, TODAY) for s in (known, unknown)]
    assert answers[0] == answers[1]


def test_scenario_31_a_note_that_says_too_much(vault: Vault, owner_engine: Engine) -> None:
    subject = added(vault)
    refusal = vault.write_note(subject, "F32.1, deprimert", AGENT.actor)
    assert refused(refusal) == "sensitive_text"
    assert "F32" not in str(refusal)
    assert refused(vault.write_note(subject, "a" * 501, AGENT.actor)) == "note_too_long"
    ill = msgspec.structs.replace(HOLDER, relation="psykolog")
    assert refused(vault.authorise(subject, ill, AGENT.actor)) == "sensitive_text"
    with owner_engine.connect() as connection:
        for table in ("notes", "authorisations", "reads"):
            count = connection.execute(text(f"SELECT count(*) FROM people.{table}")).scalar_one()
            assert count == 0, table


def test_what_an_error_may_show_tells_nothing(vault: Vault) -> None:
    subject = added(vault)
    done(vault.write_note(subject, "Ringte mandag", AGENT.actor))
    view = done(vault.read(subject, AGENT, "audit"))
    shown = repr([view, done(vault.notes(subject, AGENT, "audit")), HOLDER, *HIDDEN.addresses])
    assert str(subject) in shown
    for word in ("Generert", "30108299920", "mandag", "Fullmektig", "Hemmelig"):
        assert word not in shown


def test_notes_are_read_in_order(vault: Vault) -> None:
    subject = added(vault)
    texts = ["Ringte, avtalt utsettelse", "Betaler 27.04.2026"]
    for note in texts:
        done(vault.write_note(subject, note, AGENT.actor))
    notes = done(vault.notes(subject, CLEARED, "answer_caller"))
    assert [note.text for note in notes] == texts
    assert {note.written_by for note in notes} == {"agent:17"}
    assert [(r.actor, r.what) for r in vault.reads(subject)] == [("agent:18", ("notes",))]


def test_each_read_is_on_record_with_who_when_why_and_what(vault: Vault) -> None:
    subject, other = added(vault), added(vault)
    vault.read(subject, AGENT, "answer_caller")
    vault.read(other, AGENT, "audit")
    (read,) = vault.reads(subject)
    assert (read.actor, read.purpose, read.refused) == ("agent:17", "answer_caller", None)
    assert set(read.what) == {
        "name", "birth_date", "national_identity_number", "addresses", "phone", "email",
        "language", "preferred_channel",
    }  # fmt: skip


def test_without_a_record_there_is_no_read(vault: Vault, owner_engine: Engine) -> None:
    subject = added(vault)
    with owner_engine.begin() as connection:
        connection.execute(text("ALTER TABLE people.reads ADD CHECK (actor <> 'agent:17')"))
    with pytest.raises(Exception, match="violates check"):
        vault.read(subject, AGENT, "audit")
    assert done(vault.read(subject, Reader("agent:19"), "audit")).person.name


def test_who_is_not_there(vault: Vault) -> None:
    nobody = uuid4()
    for answer in (
        vault.read(nobody, AGENT, "audit"),
        vault.change(nobody, {"phone": "22334455"}, AGENT, TODAY),
        vault.write_note(nobody, "Ringte", AGENT.actor),
        vault.notes(nobody, AGENT, "audit"),
        vault.authorise(nobody, HOLDER, AGENT.actor),
        vault.authorisations(nobody, AGENT, "audit"),
        vault.revoke(nobody, uuid4()),
        vault.place_hold(nobody, "complaint", AGENT.actor),
    ):
        assert refused(answer) == "unknown_subject"
    assert vault.reads(nobody) == []


def test_books_know_nothing_of_each_other(vault: Vault, keys: KeyFile) -> None:
    subject = added(vault)
    other = Vault(vault.engine, "other", keys)
    assert refused(other.read(subject, AGENT, "audit")) == "unknown_subject"
    assert other.find(other.search.phone("22334455"), AGENT, "audit") == []


def test_a_key_that_is_gone_makes_data_unreadable_and_no_error(
    vault: Vault, keys: KeyFile, tmp_path: Path
) -> None:
    subject = added(vault)
    done(vault.write_note(subject, "Ringte", AGENT.actor))
    keys.path.unlink()
    keys.make(TODAY)
    with pytest.raises(NoKeys, match="restore the key file"):
        _ = Vault(vault.engine, vault.book, keys).search
    view = done(vault.read(subject, AGENT, "answer_caller"))
    assert view.person == Person()
    assert set(view.unreadable) == {"identity", "contact"}
    assert [note.text for note in done(vault.notes(subject, AGENT, "audit"))] == [None]
    with pytest.raises(NoKeys):
        vault.change(subject, {"phone": "99887766"}, AGENT, TODAY)
    with pytest.raises(NoKeys):
        vault.write_note(subject, "Ringte igjen", AGENT.actor)
