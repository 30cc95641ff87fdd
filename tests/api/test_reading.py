"""Reading over HTTP: lists and their cursors, positions, versions, languages, limits."""

import json
import resource
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.limits import MAX_BODY_BYTES, Rates
from ledger.application.ledger import Ledger
from ledger.projections.engine import Projector
from tests.api.conftest import Login, bearer, problem
from tests.api.server import listening
from tests.orders import fill, give, opening, order, payment, receipt

pytestmark = pytest.mark.database

CASES = "/v1/books/book/cases"


def listed(client: Any, **asked: Any) -> list[str]:
    """The numbers of all cases of a list, page by page."""
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get(CASES, params={**asked, **cursor}).json()
        found += [case["reference"] for case in page["cases"]]
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


@pytest.fixture
def agent(login: Login, ledger: Ledger) -> TestClient:
    """Twenty cases of clinic-1, and two of clinic-2."""
    fill(ledger, 20)
    for number in ("x1", "x2"):
        receipt(ledger.execute(order(opening(number).__replace__(creditor="clinic-2"))))
    Projector(ledger.engine).catch_up("book")
    return login("agent")


def test_lists(agent: TestClient, login: Login, ledger: Ledger) -> None:
    everything = [f"case-{number}" for number in range(1, 21)] + ["x1", "x2"]
    for limit in (1, 3, 22, 200):
        assert listed(agent, limit=limit) == everything
    assert listed(agent, clinic="clinic-2") == ["x1", "x2"]
    assert listed(agent, reference="case-7") == ["case-7"]
    assert listed(agent, invoice="case-7-1") == ["case-7"]
    kid = ledger.case(ledger.find("case-7")).invoices["case-7-1"].kid
    assert listed(agent, kid=kid) == ["case-7"]
    assert listed(agent, kid="nothing") == []
    assert listed(agent, state="closed") == [f"case-{number}" for number in (4, 8, 12, 16, 20)]
    assert listed(agent, hold="dispute") == [f"case-{number}" for number in (1, 5, 9, 13, 17)]
    assert listed(agent, stage="new") == ["x1", "x2"]
    assert listed(agent, due_before="2026-04-01") == []
    assert len(listed(agent, due_before="2026-04-02")) == 20
    clinic = login("clinic", clinic="clinic-2")
    assert listed(clinic) == listed(clinic, clinic="clinic-2") == ["x1", "x2"]
    assert listed(clinic, clinic="clinic-1") == listed(clinic, reference="case-7") == []


def test_a_line_is_what_the_case_says(agent: TestClient) -> None:
    for line in agent.get(CASES).json()["cases"]:
        case = agent.get(f"{CASES}/{line['reference']}").json()
        if case["stage"] == "overdue":  # which depends on the day, and a list has none
            case["stage"] = "invoiced"
        same = set(line) & set(case)
        assert {name: line[name] for name in same} == {name: case[name] for name in same}
        balance = agent.get(f"{CASES}/{line['reference']}/balance").json()
        assert balance["outstanding"] == line["outstanding"]


def test_cursors_are_of_one_list(agent: TestClient, login: Login, ledger: Ledger) -> None:
    cursor = agent.get(CASES, params={"limit": 1}).json()["next"]
    for params in ({"state": "open"}, {"clinic": "clinic-1"}):
        refused = agent.get(CASES, params={"cursor": cursor, **params})
        problem(refused, 400, "invalid_cursor")
    for changed in (cursor[:-1], "x" + cursor, "x", "a.b", "WzEse31d", "\x00", "é"):
        problem(agent.get(CASES, params={"cursor": changed}), 400, "invalid_cursor")
    problem(login("clinic").get(CASES, params={"cursor": cursor}), 400, "invalid_cursor")
    Ledger(ledger.engine, "other").recorder.create_book("NOK")
    other = login("agent", "other").get("/v1/books/other/cases", params={"cursor": cursor})
    problem(other, 400, "invalid_cursor")


def test_a_caller_reads_what_he_wrote(agent: TestClient, ledger: Ledger) -> None:
    """The list waits for the position that the command's answer named."""
    paid = agent.post(
        f"{CASES}/x1/payments",
        json={
            "value_date": "2026-03-10",
            "payment": "p",
            "amount": {"amount": 5, "currency": "NOK"},
        },
        headers={"Idempotency-Key": "p"},
    )
    position = paid.headers["Ledger-Position"]
    later = threading.Timer(0.3, lambda: Projector(ledger.engine).catch_up("book"))
    later.start()
    headers = {"Ledger-Min-Position": position}
    page = agent.get(CASES, params={"reference": "x1"}, headers=headers)
    later.join()
    assert page.json()["cases"][0]["overpaid"] == 5
    assert int(page.headers["Ledger-Position"]) >= int(position)


def test_what_has_not_been_reached_is_said(
    agent: TestClient, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.positions.WAIT_SECONDS", 0.1)
    beyond = {"Ledger-Min-Position": str(ledger.recorder.head().position + 2)}
    receipt(ledger.execute(order(opening("not in the lists yet"))))
    last = {"Ledger-Min-Position": str(ledger.recorder.head().position)}
    problem(agent.get(CASES, headers=last), 412, "position_not_reached")
    assert agent.get(f"{CASES}/x1", headers=last).status_code == 200
    for path in ("", "/x1", "/x1/events", "/x1/balance"):
        answer = agent.get(CASES + path, headers=beyond)
        problem(answer, 412, "position_not_reached")
        assert int(answer.headers["Retry-After"]) > 0
    assert agent.get(f"{CASES}/x1", headers={"Ledger-Min-Position": "1"}).status_code == 200
    problem(agent.get(f"{CASES}/x1", headers={"Ledger-Min-Position": "x"}), 422, "invalid_request")


def test_versions(agent: TestClient, ledger: Ledger) -> None:
    first = agent.get(f"{CASES}/case-1")
    assert first.headers["ETag"] == f'"v{first.json()["version"]}"'
    same = agent.get(f"{CASES}/case-1", headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    give(ledger, ledger.find("case-1"), payment("more", 1))
    changed = agent.get(f"{CASES}/case-1", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert "ETag" not in agent.get(f"{CASES}/case-1", params={"position": 3}).headers


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("nb", "nb"),
        ("no", "nb"),
        ("nn-NO", "nb"),
        ("nb-NO,nb;q=0.9,en;q=0.8", "nb"),
        ("en;q=0.3, nb;q=0.9", "nb"),
        ("en, nb;q=0.9", "en"),
        ("de, nb;q=0.1", "nb"),
        ("de", "en"),
        ("*", "en"),
        ("nb;q=x", "en"),
        ("", "en"),
        ("," * 5000, "en"),
    ],
)
def test_problems_speak_the_callers_language(agent: TestClient, wanted: str, language: str) -> None:
    answer = agent.get(f"{CASES}/none", headers={"Accept-Language": wanted})
    title = problem(answer, 404, "case_not_found")["title"]
    assert title == {"nb": "Ukjent sak", "en": "No such case"}[language]
    assert answer.headers["Content-Language"] == language


def test_requests_have_names(agent: TestClient) -> None:
    mine = agent.get(f"{CASES}/x1", headers={"X-Request-Id": "mine-17"})
    assert mine.headers["X-Request-Id"] == "mine-17"
    for wrong in ("", "a b", "x" * 65, "<x>"):
        other = agent.get(f"{CASES}/x1", headers={"X-Request-Id": wrong})
        assert other.headers["X-Request-Id"] not in {"", wrong}


def test_a_failure_has_a_name_and_no_traceback(
    agent: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("api.cases.state_of", broken)
    answer = agent.get(f"{CASES}/x1")
    problem(answer, 500, "unexpected")
    assert "secret" not in answer.text


def test_whoever_comes_too_often_is_told_when_to_come_again(
    app: FastAPI, login: Login, agent: TestClient
) -> None:
    app.state.doorkeeper.rates = Rates("5/minute")
    answers = [agent.get(f"{CASES}/x1") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    problem(answers[-1], 429, "too_many_requests")
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 120
    assert login("senior").get(f"{CASES}/x1").status_code == 200
    strangers = {agent.get(CASES, headers={"Authorization": "Bearer x"}).status_code
                 for _ in range(305)}  # fmt: skip
    assert strangers == {401, 429}


def test_large_bodies_leave_memory_flat(app: FastAPI, agent: TestClient) -> None:
    """Ten of 10 MB at once, to a server that listens: refused while they are read."""
    body = b'{"payment": "' + b"x" * (10 * 2**20) + b'"}'

    def post(address: str, chunked: bool) -> tuple[int, str]:
        # A client that makes no copy of what it sends: the memory that is measured is ours too.
        client = HTTPConnection(address.removeprefix("http://"), timeout=30)
        pieces: Any = (body[at : at + 65536] for at in range(0, len(body), 65536))
        try:
            client.request(
                "POST",
                f"{CASES}/x1/payments",
                pieces if chunked else body,
                {
                    "Authorization": bearer("agent"),
                    "Idempotency-Key": "k",
                    "Content-Type": "application/json",
                },
                encode_chunked=chunked,
            )
            answer = client.getresponse()
            return answer.status, json.load(answer)["code"]
        except (ConnectionError, HTTPException):  # it answered and hung up before all was sent
            return 413, "body_too_large"
        finally:
            client.close()

    with listening(app) as address:
        assert post(address, chunked=False) == (413, "body_too_large")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with ThreadPoolExecutor(10) as pool:
            told = list(pool.map(lambda n: post(address, chunked=n % 2 == 0), range(10)))
        grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert set(told) == {(413, "body_too_large")}
    print("GROWN", grown_kb)
    assert grown_kb < 10 * 1024 + 10 * MAX_BODY_BYTES // 1024


def test_reads_do_not_wait_for_writers(agent: TestClient, ledger: Ledger) -> None:
    case = ledger.find("x1")
    with ledger.recorder.append():
        began = time.monotonic()
        assert agent.get(f"{CASES}/{case}").status_code == 200
        assert time.monotonic() - began < 15  # a reader that waited would give up after 30
