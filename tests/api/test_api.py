"""The API from outside: answers, refusals, and whatever callers may send by mistake."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from ledger.application.ledger import Ledger
from tests.api.conftest import problem
from tests.orders import fill

pytestmark = pytest.mark.database

CASE = "/v1/books/book/cases/1001"
PAYMENT: dict[str, Any] = {
    "payment": "bank-1",
    "amount": {"amount": 200_00, "currency": "NOK"},
    "value_date": "2026-03-10",
}


def pay(client: TestClient, key: str = "key-1", body: Any = None, **more: Any) -> Any:
    headers = {"Idempotency-Key": key} | more.pop("headers", {})
    return client.post(f"{CASE}/payments", json=body or PAYMENT, headers=headers, **more)


def test_health(client: TestClient) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}
    assert client.get("/health/ready").json() == {"status": "ok"}
    assert client.get("/v1/books/book/health").json()["position"] == 2
    assert client.get("/v1/books/book/ready").status_code == 200
    problem(client.get("/v1/books/nobook/health"), 404, "book_not_found")
    problem(
        client.get("/v1/books/book/health", headers={"Authorization": ""}), 401, "token_missing"
    )


def test_a_case_by_number_and_id(client: TestClient) -> None:
    by_number = client.get(CASE).json()
    assert by_number["balance"] == {"principal": 413_00}
    assert by_number["outstanding"] == 413_00
    assert client.get(f"/v1/books/book/cases/{by_number['case']}").json() == by_number


def test_a_payment_and_the_case_before_it(client: TestClient) -> None:
    paid = pay(client)
    assert paid.status_code == 201
    assert paid.json()["case"]["outstanding"] == 213_00
    assert [event["type"] for event in paid.json()["events"]] == ["payment_received"]
    assert client.get(CASE, params={"position": 2}).json()["outstanding"] == 413_00
    assert client.get(CASE, params={"effective_on": "2026-03-09"}).json()["outstanding"] == 413_00
    assert client.get(CASE).json()["outstanding"] == 213_00
    events = client.get(f"{CASE}/events").json()["events"]
    assert [event["position"] for event in events] == [1, 2, 3]
    problem(client.get(CASE, params={"position": 999}), 404, "not_known")
    problem(client.get(CASE, params={"known_at": "2999-01-01T00:00:00Z"}), 404, "not_known")
    problem(
        client.get(CASE, params={"known_at": "2020-01-01T00:00:00Z", "position": 1}),
        400,
        "two_moments",
    )


def test_the_same_key_again(client: TestClient) -> None:
    first, again = pay(client), pay(client)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    other = PAYMENT | {"amount": {"amount": 1, "currency": "NOK"}}
    problem(pay(client, body=other), 422, "command_id_reused")
    problem(pay(client, key="key-2"), 409, "duplicate_receipt")
    assert client.get(CASE).json()["outstanding"] == 213_00


def test_64_callers_with_one_key(client: TestClient) -> None:
    with ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(lambda _: pay(client), range(64)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert client.get("/v1/books/book/health").json()["position"] == 3


def test_refusals_speak_both_languages(client: TestClient) -> None:
    pay(client)
    nb = pay(client, key="2", headers={"Accept-Language": "nb-NO"})
    assert problem(nb, 409, "duplicate_receipt")["detail"].endswith("er bokført fra før.")
    en = pay(client, key="2", headers={"Accept-Language": "en"})
    assert "has been recorded already" in problem(en, 409, "duplicate_receipt")["detail"]


@pytest.mark.parametrize(
    "change",
    [
        {"amount": {"amount": amount, "currency": "NOK"}}
        for amount in (-1, 1.5, "100", 10**16, 2**63, 2**70, True, None)
    ]
    + [{"value_date": when} for when in ("0000-01-01", "2026-02-30", 20260504, "04.05.2026", None)]
    + [{"payment": name} for name in ("", "a\x00b", "a\nb", "x" * 101, 7, None)]
    + [{"unknown": 1}, {"order": "mine"}, {"amount": 100}, {"amount": {}}],
)
def test_what_can_not_be_used(client: TestClient, change: dict[str, Any]) -> None:
    found = problem(pay(client, body=PAYMENT | change), 422, "invalid_request")
    assert found["errors"]
    assert client.get("/v1/books/book/health").json()["position"] == 2


def test_nothing_is_no_payment(client: TestClient) -> None:
    nothing = PAYMENT | {"amount": {"amount": 0, "currency": "NOK"}}
    problem(pay(client, body=nothing), 409, "amount_missing")


@pytest.mark.parametrize("when", ["0001-01-01", "9999-12-31", "2999-01-01"])
def test_dates_out_of_range(client: TestClient, when: str) -> None:
    problem(pay(client, body=PAYMENT | {"value_date": when}), 409, "date_out_of_range")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"payment": "\\ud800", "amount": {"amount": 1, "currency": "NOK"}}',
        b'{"amount": NaN}',
        b"[" * 10_000,
        b'{"payment": "' + b"x" * (10 * 2**20) + b'"}',
        b"null",
        b"[]",
    ],
)
def test_bodies_that_are_none(client: TestClient, body: bytes) -> None:
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    answer = client.post(f"{CASE}/payments", content=body, headers=headers)
    assert answer.status_code in {400, 413, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) < 5_000


def test_the_other_mistakes(client: TestClient) -> None:
    problem(client.post(f"{CASE}/payments", json=PAYMENT), 400, "idempotency_key_missing")
    euro = PAYMENT | {"amount": {"amount": 1, "currency": "EUR"}}
    problem(pay(client, body=euro), 422, "wrong_currency")
    problem(client.get("/v1/books/book/cases/none"), 404, "case_not_found")
    problem(client.get("/nowhere"), 404, "no_such_page")
    refused = client.delete(CASE)
    problem(refused, 405, "method_not_allowed")
    assert refused.headers["Allow"] == "GET"
    for when in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1793", "x"):
        problem(client.get(CASE, params={"known_at": when}), 422, "invalid_request")
    problem(client.get(CASE, params={"known_at": "0001-01-01T00:00:00Z"}), 404, "not_known")


def test_without_a_database_it_says_so(database_url: str) -> None:
    gone = database_url.replace("caseledger_test", "no_such_database")
    with TestClient(create_app(gone), raise_server_exceptions=False) as client:
        assert client.get("/health/live").status_code == 200
        answer = client.get("/health/ready")
        problem(answer, 503, "database_unavailable")
        assert int(answer.headers["Retry-After"]) > 0


def test_many_cases_are_told_apart(client: TestClient, ledger: Ledger) -> None:
    fill(ledger, 5, first=2000)
    assert client.get(CASE).json()["reference"] == "1001"
