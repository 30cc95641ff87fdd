"""Commands over HTTP: once for each key, against the version that was seen, or only tried."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ledger.application.ledger import Ledger
from tests.api.conftest import Login, problem

pytestmark = pytest.mark.database

BOOK = "/v1/books/book"
CASE = f"{BOOK}/cases/1001"
NOK = {"currency": "NOK"}
OPENING: dict[str, Any] = {
    "value_date": "2026-03-02",
    "reference": "5001",
    "creditor": "clinic-1",
    "debtor": "subject-1",
}
CREDIT: dict[str, Any] = {
    "value_date": "2026-03-10",
    "credit_note": "C1",
    "reason": "goodwill",
    "parts": [{"component": "principal", "amount": {"amount": 13_00, **NOK}, "claim": "1001-1"}],
}
PAYMENT: dict[str, Any] = {
    "value_date": "2026-03-10",
    "payment": "bank-1",
    "amount": {"amount": 1_00, **NOK},
}


def give(client: TestClient, noun: str, body: Any, key: str = "k", **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(f"{CASE}/{noun}", json=body, headers={"Idempotency-Key": key} | named)


def test_a_case_from_opening_to_closing(login: Login, ledger: Ledger) -> None:
    client = login("senior")
    headers = {"Idempotency-Key": "open-5001"}
    opened = client.post(f"{BOOK}/cases", json=OPENING, headers=headers)
    assert opened.status_code == 201, opened.text
    assert opened.headers["ETag"] == '"v1"'
    assert client.post(f"{BOOK}/cases", json=OPENING, headers=headers).json() == opened.json()
    case = opened.json()["case"]["case"]
    lines = [{"line": 1, "category": "lab", "amount": {"amount": 183_00, **NOK}}]
    steps: list[tuple[str, dict[str, Any]]] = [
        ("invoices", {"invoice": "I1", "lines": lines, "due_date": "2026-04-02"}),
        ("deliveries", {"invoice": "I1", "channel": "post"}),
        ("reminders", {"letter": "R1", "kind": "reminder", "channel": "post"}),
        ("payments", {"payment": "p1", "amount": {"amount": 100_00, **NOK}}),
        ("disputes", {"dispute": "D1", "category": "never_visited"}),
        ("dispute-answers", {"dispute": "D1", "outcome": "upheld", "decided_by": "clinic"}),
    ]
    version = 1
    for number, (noun, body) in enumerate(steps):
        given = client.post(
            f"{BOOK}/cases/{case}/{noun}",
            json={"value_date": f"2026-04-{number + 1:02}", **body},
            headers={"Idempotency-Key": f"5001-{number}", "If-Match": f'"v{version}"'},
        )
        assert given.status_code == 201, given.text
        version = given.json()["case"]["version"]
        assert given.headers["ETag"] == f'"v{version}"'
        assert int(given.headers["Ledger-Position"]) == ledger.recorder.head().position
    state = client.get(f"{BOOK}/cases/5001").json()
    assert (state["state"], state["outstanding"], state["close_reason"]) == (
        "closed",
        0,
        "credited",
    )
    actors = {entry.actor for entry in ledger.history(ledger.find("5001"))}
    assert actors == {"senior:local"}


def test_a_decision_names_the_version_that_it_rests_on(client: TestClient) -> None:
    problem(give(client, "credits", CREDIT), 428, "version_missing")
    for wrong in ("v2", '"2"', 'W/"v2"', '"v02"', '"v2", "v3"', '"v99999999999"'):
        problem(give(client, "credits", CREDIT, If_Match=wrong), 422, "invalid_request")
    assert give(client, "credits", CREDIT, If_Match='"v2"').status_code == 201
    again = give(client, "credits", CREDIT, If_Match='"v2"')
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    late = give(client, "write-offs", {"value_date": "2026-03-10", "reason": "uncollectable"},
                key="k2", If_Match='"v2"')  # fmt: skip
    found = problem(late, 412, "version_conflict")
    assert [event["type"] for event in found["events"]] == ["credited"]
    assert found["events"][0]["version"] == 3
    anyhow = {"value_date": "2026-03-10", "reason": "uncollectable"}
    assert give(client, "write-offs", anyhow, key="k3", If_Match="*").status_code == 201


def test_two_agents_at_once(login: Login, client: TestClient) -> None:
    """One is recorded; the other is shown what came first."""
    both = Barrier(2)

    def act(number: int) -> Any:
        agent = login("agent")
        both.wait()
        body = CREDIT | {"credit_note": f"C{number}"}
        return give(agent, "credits", body, key=f"agent-{number}", If_Match='"v2"')

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(act, range(2)), key=lambda answer: answer.status_code)
    assert answers[0].status_code == 201
    found = problem(answers[1], 412, "version_conflict")
    assert [event["command_id"] for event in found["events"]] == [answers[0].json()["command_id"]]


def test_a_fact_is_recorded_whatever_came_before(client: TestClient) -> None:
    assert give(client, "payments", PAYMENT).status_code == 201
    stale = give(client, "payments", PAYMENT | {"payment": "2"}, key="2", If_Match='"v2"')
    problem(stale, 412, "version_conflict")


@pytest.mark.parametrize(
    "how", [{"params": {"dry_run": "true"}}, {"headers": {"Prefer": "dry-run"}}]
)
def test_a_dry_run_records_nothing(client: TestClient, ledger: Ledger, how: Any) -> None:
    def try_out(body: Any, noun: str = "payments") -> Any:
        headers = {"Idempotency-Key": "k", "If-Match": "*"} | how.get("headers", {})
        return client.post(f"{CASE}/{noun}", json=body, headers=headers, params=how.get("params"))

    tried = try_out(PAYMENT)
    assert tried.status_code == 200
    assert tried.json()["dry_run"] is True
    assert [event["type"] for event in tried.json()["events"]] == ["payment_received"]
    assert tried.json()["case"]["outstanding"] == 412_00
    closing = {"value_date": "2026-03-10", "reason": "paid"}
    problem(try_out(closing, "closings"), 409, "still_owed")
    assert ledger.recorder.head().position == 2
    assert give(client, "payments", PAYMENT).json()["events"] != []  # the key is still free
    assert try_out(PAYMENT).json()["events"][0]["position"] == 3  # what it recorded then


def test_keys_are_each_callers_own(login: Login, client: TestClient) -> None:
    assert give(client, "payments", PAYMENT, key="1").status_code == 201
    other = login("system")
    assert give(other, "payments", PAYMENT | {"payment": "2"}, key="1").status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "ø", "x" * 201, "a\tb"])
def test_what_is_no_key(client: TestClient, key: str) -> None:
    answer = client.post(
        f"{CASE}/payments", json=PAYMENT, headers=[(b"Idempotency-Key", key.encode("latin-1"))]
    )
    assert answer.status_code in {400, 422}
    assert answer.json()["code"] in {"idempotency_key_missing", "invalid_request"}


def item(noun: str, command: Any, key: str, case: str = "1001", **more: Any) -> dict[str, Any]:
    return {"noun": noun, "command": command, "key": key, "case": case, **more}


def test_many_commands_each_with_its_own_result(client: TestClient, ledger: Ledger) -> None:
    batch = {
        "commands": [
            item("payments", PAYMENT, "1"),
            item("payments", PAYMENT, "2"),
            item("payments", PAYMENT | {"payment": "other"}, "3", case="none"),
            item("payments", PAYMENT | {"payment": "3"}, "1"),
            item("payments", PAYMENT | {"amount": {"amount": 1, "currency": "EUR"}}, "4"),
            item("credits", CREDIT, "5", version=2),
            item("credits", CREDIT, "6", version=None),
            {"noun": "cases", "command": OPENING, "key": "7"},
            item("payments", PAYMENT, "1"),
        ]
    }
    first = client.post(f"{BOOK}/commands", json=batch)
    assert first.status_code == 200, first.text
    results = first.json()["results"]
    told = [(r["status"], (r["problem"] or {}).get("code")) for r in results]
    assert told == [
        (201, None),
        (409, "duplicate_receipt"),
        (404, "case_not_found"),
        (422, "command_id_reused"),
        (422, "wrong_currency"),
        (412, "version_conflict"),
        (201, None),
        (201, None),
        (201, None),
    ]
    assert results[0]["recorded"] == results[8]["recorded"]
    position = ledger.recorder.head().position
    again = client.post(f"{BOOK}/commands", json=batch).json()["results"]
    assert [r["status"] for r in again] == [r["status"] for r in results]
    assert ledger.recorder.head().position == position


def test_a_batch_is_answered_briefly_where_that_is_asked_for(
    client: TestClient, ledger: Ledger
) -> None:
    batch = {
        "commands": [
            item("payments", PAYMENT, "1"),
            item("payments", PAYMENT, "2"),
            item("payments", PAYMENT, "1"),
        ]
    }
    brief = {"Prefer": "return=minimal"}
    answer = client.post(f"{BOOK}/commands", json=batch, headers=brief)
    assert answer.headers["Preference-Applied"] == "return=minimal"
    first, refused, repeated = answer.json()["results"]
    entry = ledger.recorder.read_log(2, 1)[0]
    done = {"command_id": entry.command_id, "position": entry.position}
    assert first["recorded"] == repeated["recorded"] == done
    assert refused["problem"]["code"] == "duplicate_receipt"
    in_full = client.post(f"{BOOK}/commands", json=batch)
    assert "Preference-Applied" not in in_full.headers
    assert in_full.json()["results"][0]["recorded"]["events"][0]["position"] == entry.position


def test_a_batch_can_be_tried(client: TestClient, ledger: Ledger) -> None:
    batch = {"commands": [item("payments", PAYMENT, "1")]}
    tried = client.post(f"{BOOK}/commands", json=batch, params={"dry_run": "true"}).json()
    assert tried["results"][0]["status"] == 200
    assert tried["results"][0]["recorded"]["dry_run"] is True
    assert ledger.recorder.head().position == 2


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


@pytest.mark.parametrize(
    "batch",
    [
        {},
        {"commands": []},
        {"commands": [{}]},
        {"commands": [item("nothing", PAYMENT, "1")]},
        {"commands": [without(item("payments", PAYMENT, "1"), "case")]},
        {"commands": [item("credits", CREDIT, "1")]},
        {"commands": [item("payments", PAYMENT, "1", more=1)]},
        {"commands": [item("payments", PAYMENT, "1")] * 101},
        {"commands": [item("payments", PAYMENT, "")]},
    ],
)
def test_batches_that_are_none(client: TestClient, batch: Any) -> None:
    problem(client.post(f"{BOOK}/commands", json=batch), 422, "invalid_request")


Change = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.mark.parametrize(
    ("noun", "change"),
    [
        ("credits", {"parts": [{"component": "principal", "amount": 1}]}),
        ("credits", {"parts": [{"component": "x", "amount": {"amount": 1, **NOK}}]}),
        ("credits", {"parts": "all"}),
        ("credits", {"reason": "because"}),
        ("credits", {"parts": [{**CREDIT["parts"][0], "unknown": 1}]}),
        ("invoices", {"due_date": "0001-01-01"}),
        ("invoices", {"due_date": "9999-12-31"}),
        ("invoices", {"kid": "1\x00"}),
        ("invoices", {"kid": "1" * 101}),
        ("charges", {"at": "0001-01-01T00:00:00+14:00"}),
        ("charges", {"at": "2026-05-04T10:00:00"}),
        ("charges", {"at": 1777888999}),
    ],
)
def test_fields_that_can_not_be_used(client: TestClient, noun: str, change: Any) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "credits": CREDIT,
        "invoices": {
            "value_date": "2026-03-10",
            "invoice": "I9",
            "due_date": "2026-06-01",
            "lines": [{"line": 1, "category": "lab", "amount": {"amount": 1, **NOK}}],
        },
        "charges": {
            "value_date": "2026-03-10",
            "charge": "c",
            "category": "lab",
            "amount": {"amount": 1, **NOK},
            "at": "2026-05-04T10:00:00+02:00",
        },
    }
    good = give(client, noun, bodies[noun], If_Match="*")
    assert good.status_code == 201, good.text
    found = problem(give(client, noun, bodies[noun] | change, If_Match="*"), 422, "invalid_request")
    assert found["errors"][0]["pointer"].startswith(f"/{next(iter(change))}")
