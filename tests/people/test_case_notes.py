"""Notes on cases: the log holds that one was taken, the vault what it says, until it is erased."""

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

from ledger.application.ledger import Ledger
from ledger.application.orders import Order
from ledger.domain.commands import TakeNote
from ledger.domain.events import NoteTaken
from ledger.domain.refusals import Refusal
from ledger.people.case_notes import VaultTexts, notes_on
from ledger.people.cases import involvements
from ledger.people.erasure import erase
from ledger.people.erasure_list import ErasureList
from ledger.people.vault import Vault
from ledger.projections.engine import Projector
from ledger.projections.refusals import refusals_in
from ledger.projections.verification import verify
from tests.orders import TODAY, order, receipt, refusal
from tests.people.persons import AGENT, ASKED_ON, GENERATED, NOW, done, owing, paid_up

pytestmark = [pytest.mark.database]

SAID = "Lover betaling mandag, ring Testkanari"
ON = date(2026, 6, 20)


@pytest.fixture
def noting(ledger: Ledger, vault: Vault) -> Ledger:
    """The ledger, with somewhere to keep what notes say."""
    return Ledger(ledger.engine, "book", today=lambda: TODAY, texts=VaultTexts(lambda: vault))


@pytest.fixture
def subject(vault: Vault) -> UUID:
    return done(vault.add(GENERATED, AGENT.actor, TODAY))


@pytest.fixture
def case(ledger: Ledger, subject: UUID) -> UUID:
    return owing(ledger, subject, "K1")


def taken(case: UUID, said: str = SAID, name: str = "N1", id: UUID | None = None) -> Order:
    return order(TakeNote(on=ON, note=name, text=said), case, command_id=id)


def texts(vault: Vault, ledger: Ledger, case: UUID) -> list[tuple[str, str | None]]:
    found = done(notes_on(vault, ledger, case, AGENT, "answer_caller"))
    return [(one.note, one.text) for one in found]


def kept(owner_engine: Engine) -> int:
    with owner_engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM people.notes")).scalar_one())


def everything_stored(owner_engine: Engine) -> str:
    """All rows of all tables, as text."""
    with owner_engine.connect() as connection:
        tables = connection.execute(
            text(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
                " WHERE schemaname IN ('ledger', 'people', 'projections')"
            )
        ).scalars()
        return "\n".join(
            str(row)
            for table in list(tables)
            for row in connection.execute(text(f"SELECT t::text FROM {table} AS t")).scalars()
        )


def test_the_text_is_in_the_vault_and_nowhere_else(
    vault: Vault, noting: Ledger, case: UUID, subject: UUID, owner_engine: Engine
) -> None:
    done_as = receipt(noting.execute(taken(case)))
    (entry,) = noting.entries(done_as)
    assert entry.event == NoteTaken(value_date=ON, note="N1"), "a reference, and no text"
    assert texts(vault, noting, case) == [("N1", SAID)]
    last = vault.reads(subject)[-1]
    assert (last.actor, last.purpose, last.what) == (AGENT.actor, "answer_caller", ("notes",))
    Projector(noting.engine).catch_up("book")
    stored = everything_stored(owner_engine)
    assert "note_taken" in stored
    assert "Lover" not in stored
    assert "Testkanari" not in stored
    (one,) = done(notes_on(vault, noting, case, AGENT, "audit"))
    assert "Testkanari" not in repr(one)


def test_no_hash_of_the_text_stays_either() -> None:
    """From the hash of a short text the text can be guessed, and the log is for good."""
    case, id = uuid4(), uuid4()
    assert taken(case, "ja", id=id).content_hash() == taken(case, "nei", id=id).content_hash()
    assert taken(case, name="N1").content_hash() != taken(case, name="N2").content_hash()


def test_once_however_often_it_is_sent(
    vault: Vault, noting: Ledger, case: UUID, owner_engine: Engine
) -> None:
    id = uuid4()
    assert not receipt(noting.execute(taken(case, id=id))).repeated
    assert receipt(noting.execute(taken(case, id=id))).repeated
    assert kept(owner_engine) == 1
    assert refusal(noting.execute(taken(case, "Noe annet", id=id))).code == "command_id_reused"
    assert texts(vault, noting, case) == [("N1", SAID)]


def test_what_is_refused_leaves_no_text(
    vault: Vault, noting: Ledger, case: UUID, owner_engine: Engine
) -> None:
    receipt(noting.execute(taken(case)))
    assert refusal(noting.execute(taken(case, "En til"))).code == "duplicate_reference"
    assert refusal(noting.execute(taken(case, "F32.1, deprimert", "N2"))).code == "sensitive_text"
    assert refusal(noting.execute(taken(uuid4(), name="N3"))).code == "case_not_open"
    assert refusal(noting.execute(taken(case, "Ringte. " * 70, "N4"))).code == "note_too_long"
    assert kept(owner_engine) == 1
    assert texts(vault, noting, case) == [("N1", SAID)]
    Projector(noting.engine).catch_up("book")
    with noting.engine.connect() as connection:
        refused = [row.code for row in refusals_in(connection, "book")]
    assert refused == ["duplicate_reference", "sensitive_text", "note_too_long"], (
        "for the auditors, without text"
    )
    assert "deprimert" not in everything_stored(owner_engine)


def test_a_debtor_whom_the_vault_does_not_know(
    ledger: Ledger, noting: Ledger, owner_engine: Engine
) -> None:
    """There is no key to keep the text under: better refused than said to be kept."""
    case = owing(ledger, uuid4(), "K9")
    assert refusal(noting.execute(taken(case))).code == "unknown_subject"
    assert kept(owner_engine) == 0


def test_many_at_once(vault: Vault, noting: Ledger, case: UUID, owner_engine: Engine) -> None:
    outcomes = noting.execute_many(
        [
            taken(case, "Første", "N1"),
            taken(uuid4(), "Ingen sak", "N2"),
            taken(case, "Samme navn", "N1"),
            taken(case, "Andre", "N3"),
        ]
    )
    assert [isinstance(outcome, Refusal) for outcome in outcomes] == [False, True, True, False]
    assert texts(vault, noting, case) == [("N1", "Første"), ("N3", "Andre")]
    assert kept(owner_engine) == 2


def test_killed_between_the_text_and_the_event(
    vault: Vault,
    noting: Ledger,
    case: UUID,
    owner_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = taken(case)

    def power_cut(*_: object) -> Any:
        raise ConnectionError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr(noting._group, "submit", power_cut)
        with pytest.raises(ConnectionError):
            noting.execute(asked)
    assert kept(owner_engine) == 1
    assert texts(vault, noting, case) == [], "no event says so yet"
    assert not receipt(noting.execute(asked)).repeated
    assert texts(vault, noting, case) == [("N1", SAID)]
    assert kept(owner_engine) == 1


def test_events_from_before_texts_were_kept(vault: Vault, ledger: Ledger, case: UUID) -> None:
    receipt(ledger.execute(taken(case)))
    assert texts(vault, ledger, case) == [("N1", None)]


def test_erased_with_the_contact_data(
    vault: Vault, noting: Ledger, subject: UUID, owner_engine: Engine, tmp_path: Path
) -> None:
    """At once, though who the books are about is kept for years; the event stays, and proves it."""
    case = paid_up(noting, subject, "K1", ON)
    asked = taken(case)
    receipt(noting.execute(asked))
    outcome = done(
        erase(
            vault.engine, noting, ErasureList(tmp_path / "list.jsonl"), subject,
            involvements(noting, subject), legal_basis="asked_by_the_person",
            actor=AGENT.actor, now=NOW, today=ASKED_ON,
        )
    )  # fmt: skip
    assert "notes" in outcome.erased
    assert outcome.kept == ("identity",)
    assert kept(owner_engine) == 0
    assert texts(vault, noting, case) == [("N1", None)]
    assert receipt(noting.execute(asked)).repeated, "answered as it was the first time"
    assert refusal(noting.execute(taken(case, name="N2"))).code == "subject_erased"
    assert kept(owner_engine) == 0
    Projector(noting.engine).rebuild()
    assert verify(noting.engine, "book").ok
