"""Every operation by every role, on own and others' cases, in own and others' books.

The table is made from the OpenAPI document, so that an operation can't be forgotten. For clinics
it is tried a second time with the application's own checks switched off: what is left is the
database.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final, NamedTuple, get_args
from uuid import uuid4

import msgspec
import pytest
from fastapi import FastAPI

from api.access import OPERATIONS
from ledger.access import keys
from ledger.access.callers import Role
from ledger.application.ledger import Ledger
from ledger.projections.engine import Projector
from tests.api.conftest import Login
from tests.orders import TODAY, give, invoice, opening, order, payment, receipt
from tests.people.persons import GENERATED

pytestmark = pytest.mark.database

ROLES: Final[tuple[Role, ...]] = get_args(Role)
# Letters that no digest or UUID has, so that one of those can't be taken for a foreign case.
OWN, FOREIGN, NONE = "own-1001", "foreign-2001", "nobody-9999"


class Tried(NamedTuple):
    """One operation of the document, as a request."""

    operation: str
    method: str
    path: str
    body: Any
    by_case: bool

    def send(self, client: Any, book: str, case: str, by: Role = "clinic") -> Any:
        path = (
            self.path.replace("{book}", book)
            .replace("{case}", case)
            .replace("{webhook}", str(uuid4()))
            .replace("{position}", "1")
        )
        headers = {"Idempotency-Key": str(uuid4()), "If-Match": "*"}
        headers["Ledger-Purpose"] = "audit" if by == "auditor" else "answer_caller"
        json = None if self.body is None else {"json": self.body}
        return client.request(self.method, path, headers=headers, **(json or {}))


@pytest.fixture
def world(app: FastAPI, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Tried]]:
    """Two books; in the first a case of clinic-1 and one of clinic-2, whose debtors have the same
    name, date of birth and phone.
    """
    other = Ledger(ledger.engine, "other")
    other.recorder.create_book("NOK")
    vault = app.state.vaults.vault("book")
    for number, clinic in ((OWN, "clinic-1"), (FOREIGN, "clinic-2")):
        email = f"{clinic}@example.invalid"
        debtor = vault.add(msgspec.structs.replace(GENERATED, email=email), "agent:1", TODAY)
        opened = opening(number).__replace__(creditor=clinic, debtor=str(debtor))
        case = receipt(ledger.execute(order(opened))).case
        give(ledger, case, invoice(f"{number}-1", 900_00), payment(f"bank-{number}", 1_00))
    receipt(other.execute(order(opening(OWN))))
    for book in ("book", "other"):
        Projector(ledger.engine).catch_up(book)
    monkeypatch.setattr("api.feed.STREAM_SECONDS", 0.05)
    document = app.openapi()
    tried = [
        Tried(o["operationId"], method, path, _example(document, o), "{case}" in path)
        for path, item in document["paths"].items()
        for method, o in item.items()
        if "security" in o
    ]
    assert {t.operation for t in tried} == set(OPERATIONS)
    yield tried


def _example(document: dict[str, Any], operation: dict[str, Any]) -> Any:
    if "requestBody" not in operation:
        return None
    content = operation["requestBody"]["content"]["application/json"]
    if "example" in content:
        return content["example"]
    name = content["schema"]["$ref"].rpartition("/")[2]
    return document["components"]["schemas"][name]["examples"][0]


def told(response: Any) -> tuple[int, Any]:
    """All that a caller can tell answers apart by, but for the request's own number."""
    body = response.json()
    body.pop("instance", None)
    headers = {k: v for k, v in response.headers.items() if k not in {"x-request-id", "date"}}
    return response.status_code, (body, headers)


def test_who_may_do_what(world: list[Tried], login: Login) -> None:
    """Role x operation x own or other's case x own or other's book."""
    tried = 0
    for role in ROLES:
        client = login(role, clinic="clinic-1" if role == "clinic" else None)
        for request in world:
            permitted = role in OPERATIONS[request.operation]
            none = told(request.send(client, "nobook", OWN, role))
            nobody = told(request.send(client, "book", NONE, role)) if request.by_case else None
            for book in ("book", "other"):
                for case in (OWN, FOREIGN) if request.by_case else (OWN,):
                    answer = request.send(client, book, case, role)
                    what = f"{role} {request.operation} {book} {case}: {answer.text[:300]}"
                    tried += 1
                    code = answer.json().get("code") if answer.status_code >= 400 else None
                    if not permitted:
                        assert (answer.status_code, code) == (403, "not_permitted"), what
                        assert told(answer) == none, what
                    elif book == "other":
                        assert code == "book_not_found", what
                        assert told(answer) == none, what
                    elif role == "clinic" and case == FOREIGN:
                        assert code == "case_not_found", what
                        assert told(answer) == nobody, what
                    else:
                        assert answer.status_code < 500, what
                        assert answer.status_code not in {401, 403}, what
                        assert code not in {"book_not_found", "case_not_found"}, what
                    if role == "clinic":
                        assert_nothing_foreign(answer.text)
    assert tried > 300


def assert_nothing_foreign(text: str) -> None:
    assert "clinic-2" not in text
    assert FOREIGN not in text


def test_the_database_alone_keeps_a_clinic_out(
    world: list[Tried], login: Login, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every check of the application switched off."""
    monkeypatch.setattr("api.access.may_see", lambda caller, case: True)
    monkeypatch.setattr("api.books.may_enter", lambda caller, book: True)
    for module in ("api.cases", "api.feed", "api.people"):
        monkeypatch.setattr(f"{module}.clinic_asked_for", lambda caller, wanted: wanted)
    before = ledger.recorder.head().position
    client = login("clinic", clinic="clinic-1")
    for request in world:
        if "clinic" not in OPERATIONS[request.operation]:
            continue
        none = told(request.send(client, "nobook", OWN))
        answer = request.send(client, "other", OWN)
        assert told(answer) == none, f"{request.operation}: {answer.text[:300]}"
        assert answer.status_code == 404
        if request.by_case:
            nobody = told(request.send(client, "book", NONE))
            foreign = request.send(client, "book", FOREIGN)
            assert told(foreign) == nobody, f"{request.operation}: {foreign.text[:300]}"
            assert foreign.status_code == 404
            by_id = request.send(client, "book", str(ledger.find(FOREIGN)))
            assert told(by_id) == nobody, f"{request.operation}: {by_id.text[:300]}"
        elif request.method == "get":
            asked = client.get(
                request.path.replace("{book}", "book"), params={"clinic": "clinic-2"}
            )
            assert_nothing_foreign(asked.text)
            assert_nothing_foreign(request.send(client, "book", OWN).text)
    assert ledger.recorder.head().position == before


def test_a_batch_is_no_way_around(world: list[Tried], login: Login, ledger: Ledger) -> None:
    client = login("clinic", clinic="clinic-1")
    command = {"value_date": "2026-03-10", "dispute": "D1", "category": "other"}
    raised = [
        {"noun": "disputes", "key": f"k-{case}", "case": case, "command": command}
        for case in (OWN, FOREIGN, NONE)
    ]
    closing = {
        "noun": "closings",
        "key": "k",
        "case": OWN,
        "version": None,
        "command": {"value_date": "2026-03-10", "reason": "paid"},
    }
    answer = client.post("/v1/books/book/commands", json={"commands": [*raised, closing]})
    results = answer.json()["results"]
    assert [result["status"] for result in results] == [201, 404, 404, 403]
    assert results[1]["problem"] == results[2]["problem"]
    assert len(ledger.history(ledger.find(FOREIGN))) == 3


def test_a_key_for_some_operations_only(login: Login, ledger: Ledger) -> None:
    receipt(ledger.execute(order(opening(OWN))))
    key = keys.create(
        ledger.engine,
        "book",
        name="reader",
        role="agent",
        operations=["cases.read"],
        valid_for=timedelta(days=1),
    )
    client = login("agent")
    client.headers["Authorization"] = f"Bearer {key}"
    case = f"/v1/books/book/cases/{OWN}"
    assert client.get(case).status_code == 200
    assert client.get(f"{case}/events").json()["code"] == "not_permitted"
    keys.revoke(ledger.engine, "book", key.split("_")[2])
    assert client.get(case).json()["code"] == "token_refused"
