"""People over HTTP: found by who they are, read for a purpose, and told who looked."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.limits import Rates
from ledger.application.ledger import Ledger
from ledger.people.erasure import erase
from ledger.people.erasure_list import ErasureList
from ledger.people.keys import KeyFile
from ledger.people.vault import Vault
from ledger.projections.engine import Projector
from tests.api.conftest import ISSUER, Login, bearer, problem
from tests.orders import TODAY, opening, order, receipt
from tests.people.persons import AGENT, GENERATED, HIDDEN, done, paid_up

pytestmark = pytest.mark.database

BOOK: Final = "/v1/books/book"
SEARCHES: Final = f"{BOOK}/case-searches"
PERSON: Final[dict[str, Any]] = json.loads(msgspec.json.encode(GENERATED))
CALLER: Final = {"Ledger-Purpose": "answer_caller"}
NAMED: Final = {
    "by": "name_and_birth_date",
    "name": "Generert Testperson",
    "birth_date": "1982-10-30",
}
WAYS: Final = (
    NAMED,
    {**NAMED, "name": "TESTPERSON,  generert"},
    {"by": "phone", "phone": "22334455"},
    {"by": "phone", "phone": "+47 22 33 44 55"},
    {"by": "national_identity_number", "national_identity_number": "30108299920"},
)


@pytest.fixture
def vault(app: FastAPI) -> Vault:
    """The vault that the server looks into."""
    found: Vault = app.state.vaults.vault("book")
    return found


@pytest.fixture
def agent(login: Login, ledger: Ledger) -> TestClient:
    """An agent on an empty book."""
    Projector(ledger.engine).catch_up("book")
    return login("agent")


def registered(client: TestClient, person: dict[str, Any], key: str | None = None) -> Any:
    headers = {"Idempotency-Key": key or str(uuid4())}
    return client.post(f"{BOOK}/people", json=person, headers=headers)


def owes(ledger: Ledger, subject: UUID | str, *references: str, clinic: str = "clinic-1") -> None:
    """Open cases on which a subject owes, as the lists show them too."""
    for reference in references:
        opened = opening(reference).__replace__(creditor=clinic, debtor=str(subject))
        receipt(ledger.execute(order(opened)))
    Projector(ledger.engine).catch_up("book")


def found(client: TestClient, debtor: dict[str, str], **more: Any) -> list[str]:
    answer = client.post(SEARCHES, json={"debtor": debtor, **more}, headers=CALLER)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return [case["reference"] for case in answer.json()["cases"]]


def test_who_calls_is_found_and_told_who_looked(
    agent: TestClient, login: Login, ledger: Ledger
) -> None:
    answer = registered(agent, PERSON)
    assert answer.status_code == 201, answer.text
    subject = answer.json()["subject"]
    opened = agent.post(
        f"{BOOK}/cases",
        json={
            "value_date": "2026-03-02", "reference": "1001", "creditor": "clinic-1",
            "debtor": subject,
        },
        headers={"Idempotency-Key": "open"},
    )  # fmt: skip
    assert opened.status_code == 201, opened.text
    Projector(ledger.engine).catch_up("book")
    assert [found(agent, way) for way in WAYS] == [["1001"]] * len(WAYS)
    for nobody in ({**NAMED, "birth_date": "1982-10-31"}, {"by": "phone", "phone": "99887766"}):
        assert found(agent, nobody) == []

    debtor = agent.get(f"{BOOK}/cases/1001/debtor", headers=CALLER)
    assert debtor.headers["Cache-Control"] == "no-store"
    assert debtor.json() == {
        "subject": subject,
        "person": {**PERSON, "national_identity_number": "30108299920"},
        "erased_at": None,
        "kept_until": None,
        "withheld": None,
        "unreadable": [],
    }
    auditor = login("auditor")
    audited = auditor.get(f"{BOOK}/cases/1001/debtor", headers={"Ledger-Purpose": "audit"})
    assert audited.status_code == 200
    looks = auditor.get(f"{BOOK}/cases/1001/debtor/reads").json()["reads"]
    actor = agent.get(f"{BOOK}/cases/1001/events").json()["events"][0]["actor"]
    assert [(look["actor"].split(":")[0], look["purpose"]) for look in looks] == [
        *[("agent", "answer_caller")] * (len(WAYS) + 1),
        ("auditor", "audit"),
    ]
    assert {look["actor"] for look in looks[:-1]} == {actor}
    assert looks[0]["what"] == ["search:name_and_birth_date"]
    assert "phone" in looks[-1]["what"]

    nb = {"Accept-Language": "nb"}
    report = agent.get(f"{BOOK}/cases/1001/debtor/access-report", headers=nb)
    assert report.headers["Content-Language"] == "nb"
    said = "\n".join(line for part in report.json()["sections"] for line in part["lines"])
    assert "Generert Testperson" in said
    assert actor in said and looks[-1]["actor"] in said
    assert "1001" in said


def test_a_registration_is_done_once(agent: TestClient, login: Login, vault: Vault) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: registered(agent, PERSON, "key"), range(16)))
    assert {answer.status_code for answer in answers} == {201}
    (subject,) = {answer.json()["subject"] for answer in answers}
    assert UUID(subject).version == 4
    other = registered(agent, {**PERSON, "phone": "99887766"}, "key")
    assert problem(other, 422, "command_id_reused")["facts"] == {"command_id": "key"}
    assert registered(login("senior"), PERSON, "key").json()["subject"] != subject
    assert registered(agent, PERSON, "key2").json()["subject"] != subject
    done(vault.change(UUID(subject), {"phone": "99887766"}, AGENT, TODAY))
    assert registered(agent, PERSON, "key").json()["subject"] == subject
    seen = done(vault.read(UUID(subject), AGENT, "support")).person
    assert seen.phone == "99887766", "sent again, it takes nothing back"
    missing = agent.post(f"{BOOK}/people", json=PERSON)
    problem(missing, 400, "idempotency_key_missing")


def test_each_look_has_a_purpose_of_the_role(
    agent: TestClient, login: Login, ledger: Ledger, vault: Vault
) -> None:
    subject = done(vault.add(GENERATED, "agent:1", TODAY))
    owes(ledger, subject, "1001")
    debtor = f"{BOOK}/cases/1001/debtor"
    problem(agent.get(debtor), 400, "purpose_missing")
    problem(agent.post(SEARCHES, json={"debtor": NAMED}), 400, "purpose_missing")
    problem(agent.get(debtor, headers={"Ledger-Purpose": "curious"}), 422, "invalid_request")
    for role, purpose in (
        ("agent", "audit"), ("senior", "audit"), ("auditor", "answer_caller"),
        ("clinic", "legal_step"), ("clinic", "audit"),
    ):  # fmt: skip
        client = login(role)
        headers = {"Ledger-Purpose": purpose, "Accept-Language": "en"}
        told = problem(client.get(debtor, headers=headers), 403, "purpose_not_permitted")
        assert role in told["detail"] and purpose in told["detail"]
    assert vault.reads(subject) == []


def test_a_clinic_finds_its_own_and_learns_nothing_of_others(
    login: Login, ledger: Ledger, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also with every check of the application switched off."""
    own, both, foreign = (done(vault.add(GENERATED, "agent:1", TODAY)) for _ in range(3))
    owes(ledger, own, "1001")
    owes(ledger, both, "1002")
    owes(ledger, both, "2002", clinic="clinic-2")
    owes(ledger, foreign, "2001", clinic="clinic-2")
    clinic, stranger = login("clinic", clinic="clinic-1"), login("clinic", clinic="clinic-3")
    for _ in range(2):
        assert [found(clinic, way) for way in WAYS] == [["1001", "1002"]] * len(WAYS)
        nobody = clinic.post(
            SEARCHES, json={"debtor": {**NAMED, "birth_date": "1999-01-01"}}, headers=CALLER
        )
        unseen = stranger.post(SEARCHES, json={"debtor": NAMED}, headers=CALLER)
        assert unseen.json() == nobody.json()
        problem(clinic.get(f"{BOOK}/cases/2001/debtor", headers=CALLER), 404, "case_not_found")
        assert vault.reads(foreign) == []
        assert clinic.get(f"{BOOK}/cases/1002/debtor", headers=CALLER).status_code == 200
        monkeypatch.setattr("api.access.may_see", lambda caller, case: True)
        monkeypatch.setattr("api.people.clinic_asked_for", lambda caller, wanted: wanted)
    assert {read.actor.split(":")[0] for read in vault.reads(own)} == {"clinic"}
    assert found(login("senior"), NAMED) == ["1001", "1002", "2002", "2001"]


def test_pages_of_a_search(agent: TestClient, ledger: Ledger, vault: Vault) -> None:
    subject = done(vault.add(GENERATED, "agent:1", TODAY))
    paid_up(ledger, subject, "c0")
    for number in range(1, 6):
        owes(ledger, subject, f"c{number}", clinic=f"clinic-{number}")
    seen: list[str] = []
    asked: dict[str, Any] = {"debtor": NAMED, "limit": 2}
    while True:
        page = agent.post(SEARCHES, json=asked, headers=CALLER).json()
        seen += [case["reference"] for case in page["cases"]]
        if page["next"] is None:
            break
        asked["cursor"] = page["next"]
    assert seen == [f"c{number}" for number in range(6)]
    assert found(agent, NAMED, state="closed") == ["c0"]
    elsewhere = {**asked, "debtor": {"by": "phone", "phone": "99887766"}}
    problem(agent.post(SEARCHES, json=elsewhere, headers=CALLER), 400, "invalid_cursor")


def test_corrections(agent: TestClient, login: Login, ledger: Ledger, vault: Vault) -> None:
    subject = done(vault.add(GENERATED, "agent:1", TODAY))
    owes(ledger, subject, "1001")
    debtor = f"{BOOK}/cases/1001/debtor"
    changed = agent.patch(debtor, json={"phone": "99 88 77 66", "email": None, "addresses": []})
    assert changed.json() == {
        "subject": str(subject),
        "changed": ["addresses", "phone", "email"],
    }
    person = agent.get(debtor, headers=CALLER).json()["person"]
    assert (person["phone"], person["email"], person["addresses"]) == ("99 88 77 66", None, [])
    assert person["name"] == PERSON["name"]
    assert found(agent, {"by": "phone", "phone": "99887766"}) == ["1001"]
    assert found(agent, {"by": "phone", "phone": "22334455"}) == []
    assert vault.reads(subject)[0].purpose == "correct_data"
    problem(agent.patch(debtor, json={}), 422, "invalid_request")
    problem(agent.patch(debtor, json={"shoe_size": 43}), 422, "invalid_request")
    wrong = agent.patch(debtor, json={"national_identity_number": "30108299921"})
    problem(wrong, 422, "invalid_national_identity_number")
    problem(login("clinic").patch(debtor, json={"phone": "99887766"}), 403, "not_permitted")


def test_a_protected_address_is_not_shown_nor_replaced(
    agent: TestClient, ledger: Ledger, vault: Vault
) -> None:
    subject = done(vault.add(HIDDEN, "agent:1", TODAY))
    owes(ledger, subject, "1001")
    debtor = f"{BOOK}/cases/1001/debtor"
    told = agent.get(debtor, headers={**CALLER, "Accept-Language": "nb"})
    assert told.json()["withheld"]["code"] == "protected_address"
    assert told.json()["person"]["addresses"] == []
    report = agent.get(f"{debtor}/access-report")
    moved = agent.patch(debtor, json={"addresses": [{"lines": ["Ny vei 1"]}]})
    problem(moved, 409, "protected_address")
    assert agent.patch(debtor, json={"phone": "99887766"}).status_code == 200
    for answer in (told, report, moved):
        assert "Hemmelig" not in answer.text


def test_what_was_erased(
    agent: TestClient, login: Login, ledger: Ledger, vault: Vault, tmp_path: Path
) -> None:
    subject = UUID(registered(agent, PERSON, "key").json()["subject"])
    paid_up(ledger, subject, "1001")
    Projector(ledger.engine).catch_up("book")
    gone = erase(
        vault.engine, ledger, ErasureList(tmp_path / "erasures.jsonl"), subject, [],
        legal_basis="asked_by_the_person", actor="operator:1",
        now=datetime(2026, 8, 1, tzinfo=UTC), today=date(2026, 8, 1),
    )  # fmt: skip
    done(gone)
    seen = agent.get(f"{BOOK}/cases/1001/debtor", headers=CALLER).json()
    assert seen["erased_at"] is not None
    assert seen["person"] == {**dict.fromkeys(PERSON), "addresses": []}
    assert [found(agent, way) for way in WAYS] == [[]] * len(WAYS)
    problem(
        agent.patch(f"{BOOK}/cases/1001/debtor", json={"phone": "99887766"}), 409, "subject_erased"
    )
    again = registered(agent, {"name": "Generert Testperson"}, "key")
    assert again.json()["subject"] == str(subject), "and it takes nothing in"
    assert agent.get(f"{BOOK}/cases/1001/debtor", headers=CALLER).json() == seen


def test_a_fault_repeats_nothing_of_a_person(agent: TestClient) -> None:
    secret = "Hemmeligsen"
    for path, body in (
        ("people", {"name": secret + "\n"}),
        ("people", {"birth_date": secret, "phone": secret, "email": secret, "language": secret}),
        ("people", {"addresses": [{"lines": [secret], "protection": secret}]}),
        ("people", {"national_identity_number": secret}),
        ("case-searches", {"debtor": {"by": "phone", "phone": secret}}),
        ("case-searches", {"debtor": {"by": "name_and_birth_date", "name": secret}}),
        ("case-searches", {"debtor": {**WAYS[4], "national_identity_number": secret}}),
    ):
        headers = {"Idempotency-Key": str(uuid4()), **CALLER}
        answer = agent.post(f"{BOOK}/{path}", json=body, headers=headers)
        assert answer.status_code == 422, answer.text
        assert secret not in answer.text


def test_a_debtor_of_whom_nothing_is_kept(agent: TestClient, ledger: Ledger) -> None:
    owes(ledger, "subject-of-another-system", "1001")
    owes(ledger, uuid4(), "1002")
    for reference in ("1001", "1002"):
        for path in ("", "/access-report"):
            answer = agent.get(f"{BOOK}/cases/{reference}/debtor{path}", headers=CALLER)
            problem(answer, 404, "debtor_not_registered")


def test_whoever_looks_too_often_is_told_when_to_come_again(
    app: FastAPI, agent: TestClient
) -> None:
    app.state.doorkeeper.rates = Rates(look_rate="5/minute")
    answers = [
        agent.post(SEARCHES, json={"debtor": NAMED}, headers=CALLER).status_code for _ in range(7)
    ]
    assert answers == [200] * 5 + [429] * 2
    refused = agent.get(f"{BOOK}/cases/1001/debtor", headers=CALLER)
    problem(refused, 429, "too_many_requests")
    assert int(refused.headers["Retry-After"]) > 0
    assert registered(agent, PERSON).status_code == 201, "which is no look"


def test_without_the_keys_there_is_no_vault(
    database_url: str, agent: TestClient, vault: Vault
) -> None:
    registered(agent, PERSON)
    assert isinstance(vault.keys, KeyFile)
    vault.keys.path.unlink()
    for keys in (None, vault.keys):
        server = create_app(database_url, ISSUER.tokens(), people_keys=keys)
        with TestClient(server, headers={"Authorization": bearer("agent")}) as client:
            problem(registered(client, PERSON), 503, "vault_closed")
            asked = client.post(SEARCHES, json={"debtor": NAMED}, headers=CALLER)
            problem(asked, 503, "vault_closed")
            assert "people.json" not in asked.text
            assert client.get(f"{BOOK}/cases").status_code == 200
