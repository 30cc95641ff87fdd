"""Notes on cases over HTTP: kept, told for a purpose that is recorded, and in no log."""

import logging
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from ledger.application.ledger import Ledger
from ledger.people.vault import Vault
from tests.api.conftest import ISSUER, Login, bearer, problem
from tests.orders import TODAY
from tests.people.persons import AGENT, GENERATED, done, owing
from tests.proof.test_evidence import verifier

pytestmark = pytest.mark.database

CASE: Final = "/v1/books/book/cases/K1"
CALLER: Final = {"Ledger-Purpose": "answer_caller"}
SAID: Final = "Avtalt nedbetaling, hilsen Testspurv"


@pytest.fixture
def vault(app: FastAPI) -> Vault:
    """The vault that the server looks into."""
    found: Vault = app.state.vaults.vault("book")
    return found


@pytest.fixture
def subject(vault: Vault, ledger: Ledger) -> UUID:
    """Somebody who owes on K1."""
    subject = done(vault.add(GENERATED, AGENT.actor, TODAY))
    owing(ledger, subject, "K1")
    return subject


def take(client: TestClient, said: str, name: str = "N1", key: str | None = None) -> Any:
    return client.post(
        f"{CASE}/notes",
        json={"note": name, "text": said, "value_date": "2026-06-20"},
        headers={"Idempotency-Key": key or str(uuid4()), "If-Match": "*"},
    )


def test_a_note_may_be_as_long_as_the_rules_say(login: Login, subject: UUID) -> None:
    agent = login("agent")
    assert take(agent, "Ringte.\n" * 60).status_code == 201
    problem(take(agent, "Ringte. " * 70, "N2"), 409, "note_too_long")


def test_a_note_is_kept_and_told(
    login: Login, vault: Vault, subject: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    agent = login("agent")
    first = take(agent, SAID, key="once")
    assert first.status_code == 201, first.text
    assert "Testspurv" not in first.text, "what was recorded is that there is one"
    again = take(agent, SAID, key="once")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    problem(take(agent, "Noe annet", key="once"), 422, "command_id_reused")
    problem(take(agent, "Deprimert, F32.1, Testdue", "N2"), 409, "sensitive_text")

    told = agent.get(f"{CASE}/notes", headers=CALLER)
    assert told.status_code == 200, told.text
    (note,) = told.json()["notes"]
    assert (note["note"], note["text"], note["on"]) == ("N1", SAID, "2026-06-20")
    assert told.headers["Cache-Control"] == "no-store"
    last = vault.reads(subject)[-1]
    assert (last.purpose, last.what) == ("answer_caller", ("notes",))
    problem(agent.get(f"{CASE}/notes"), 400, "purpose_missing")
    problem(login("clinic").get(f"{CASE}/notes", headers=CALLER), 403, "not_permitted")
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert "Testspurv" not in said
    assert "Testdue" not in said


def test_notes_among_many_commands(login: Login, vault: Vault, subject: UUID) -> None:
    items = [
        {
            "noun": "notes",
            "key": f"note-{number}",
            "case": "K1",
            "command": {"note": name, "text": said, "value_date": "2026-06-20"},
        }
        for number, (name, said) in enumerate(
            (("N1", "Første"), ("N1", "Samme navn"), ("N2", "Andre"))
        )
    ]
    agent = login("agent")
    answer = agent.post("/v1/books/book/commands", json={"commands": items})
    assert [one["status"] for one in answer.json()["results"]] == [201, 409, 201]
    told = agent.get(f"{CASE}/notes", headers=CALLER).json()["notes"]
    assert [one["text"] for one in told] == ["Første", "Andre"]


def test_without_keys_no_note_is_taken(database_url: str, ledger: Ledger, subject: UUID) -> None:
    """Better refused than said to be kept: and nothing of it is recorded."""
    with TestClient(create_app(database_url, ISSUER.tokens())) as server:
        server.headers["Authorization"] = bearer("agent")
        before = ledger.recorder.head().position
        problem(take(server, SAID), 503, "vault_closed")
        assert ledger.recorder.head().position == before


def test_evidence_with_who_it_is(login: Login, vault: Vault, subject: UUID) -> None:
    agent = login("agent")
    plain = agent.get(f"{CASE}/evidence")
    assert plain.json()["subject"] is None
    assert plain.json()["explanation"]["owed"] == 413_00
    with_person = agent.get(f"{CASE}/evidence", headers={"Ledger-Purpose": "legal_step"})
    assert with_person.json()["subject"]["person"]["name"] == "Generert Testperson"
    assert verifier.verify(with_person.content)
    assert vault.reads(subject)[-1].purpose == "legal_step"
    refused = agent.get(f"{CASE}/evidence", headers={"Ledger-Purpose": "audit"})
    problem(refused, 403, "purpose_not_permitted")
