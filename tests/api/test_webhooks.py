"""Webhooks: signed, tried again, dead in the end, and sent once more by hand."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier

from ledger.application.ledger import Ledger
from ledger.feed.webhooks import RETRY_AFTER, Deliverer, Delivering
from tests.api.conftest import Login, problem
from tests.orders import fill, give, opening, order, payment, receipt
from tests.waiting import eventually

pytestmark = pytest.mark.database

HOOKS = "/v1/books/book/webhooks"


class Receiver:
    """An address that takes what comes, or answers with what it is told to."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[tuple[dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((dict(self.headers), body))
                self.send_response(outer.status)
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def positions(self, secret: str) -> list[int]:
        """The positions that came, each verified as its receiver would."""
        found = []
        for headers, body in self.got:
            event = Verifier(secret).verify(body, headers)
            assert headers["webhook-id"] == f"book.{event['id']}"
            found.append(int(event["id"]))
        return found

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 6, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


def subscribed(login: Login, url: str, **more: Any) -> dict[str, Any]:
    made = login("operator").post(HOOKS, json={"url": url, "after": 0, **more})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's own deliverer stands still, so that a test's is the only one."""
    monkeypatch.setattr(Delivering, "_run", lambda self: None)


def test_all_of_it_arrives_signed_and_in_order(
    quiet: None, login: Login, ledger: Ledger, receiver: Receiver
) -> None:
    fill(ledger, 30)
    hook = subscribed(login, receiver.url)
    deliverer = Deliverer(ledger.engine)
    while deliverer.deliver():
        pass
    head = ledger.recorder.head().position
    assert receiver.positions(hook["secret"]) == list(range(1, head + 1))
    (listed,) = login("auditor").get(HOOKS).json()
    assert listed["position"] == head
    assert "secret" not in listed


def test_by_type_and_clinic(quiet: None, login: Login, ledger: Ledger, receiver: Receiver) -> None:
    fill(ledger, 5)
    case = receipt(ledger.execute(order(opening("x").__replace__(creditor="clinic-2")))).case
    give(ledger, case, payment("p", 1))
    hook = subscribed(login, receiver.url, types=["payment_received"], clinic="clinic-2")
    Deliverer(ledger.engine).deliver()
    assert receiver.positions(hook["secret"]) == [ledger.recorder.head().position]


def test_what_fails_is_tried_again_and_holds_nothing_up(
    quiet: None, login: Login, ledger: Ledger, receiver: Receiver
) -> None:
    fill(ledger, 1)
    head = ledger.recorder.head().position
    hook = subscribed(login, receiver.url)
    clock = Clock()
    deliverer = Deliverer(ledger.engine, now=clock)
    receiver.status = 500
    for _ in range(head + 2):
        deliverer.deliver()
    failures = login("operator").get(f"{HOOKS}/{hook['webhook']}/failures").json()
    assert [failure["position"] for failure in failures] == list(range(1, head + 1))
    assert {failure["status"] for failure in failures} == {500}
    receiver.got.clear()
    receiver.status = 204
    clock.now += RETRY_AFTER[0]
    deliverer.deliver()
    assert sorted(receiver.positions(hook["secret"])) == list(range(1, head + 1))
    assert login("operator").get(f"{HOOKS}/{hook['webhook']}/failures").json() == []


@pytest.mark.parametrize("status", [500, 302, 404])
def test_what_never_arrives_is_dead_and_can_be_sent_by_hand(
    quiet: None, login: Login, ledger: Ledger, receiver: Receiver, status: int
) -> None:
    receipt(ledger.execute(order(opening("1"))))
    hook = subscribed(login, receiver.url)
    clock = Clock()
    deliverer = Deliverer(ledger.engine, now=clock)
    receiver.status = status
    deliverer.deliver()
    for wait in RETRY_AFTER:
        deliverer.deliver()  # too early
        clock.now += wait
        deliverer.deliver()
    assert len(receiver.got) == len(RETRY_AFTER) + 1
    clock.now += timedelta(days=30)
    deliverer.deliver()
    assert len(receiver.got) == len(RETRY_AFTER) + 1
    operator = login("operator")
    (dead,) = operator.get(f"{HOOKS}/{hook['webhook']}/failures").json()
    assert (dead["next_attempt_at"], dead["status"]) == (None, status)
    receiver.status = 200
    again = f"{HOOKS}/{hook['webhook']}/failures/{dead['position']}/redelivery"
    assert operator.post(again).status_code == 202
    Deliverer(ledger.engine).deliver()
    assert operator.get(f"{HOOKS}/{hook['webhook']}/failures").json() == []
    problem(operator.post(again), 404, "delivery_not_found")


def test_an_address_that_is_gone_or_out_of_reach(
    quiet: None, login: Login, ledger: Ledger, receiver: Receiver
) -> None:
    fill(ledger, 1)
    gone = subscribed(login, receiver.url)
    away = subscribed(login, "http://127.0.0.1:9/none")
    receiver.status = 410
    deliverer = Deliverer(ledger.engine)
    for _ in range(3):
        deliverer.deliver()
    assert len(receiver.got) == 1
    states = {hook["webhook"]: hook for hook in login("operator").get(HOOKS).json()}
    assert states[gone["webhook"]]["ended_at"] is not None
    assert states[away["webhook"]]["ended_at"] is None
    errors = login("operator").get(f"{HOOKS}/{away['webhook']}/failures").json()
    assert "ConnectError" in errors[0]["error"]


def test_two_servers_deliver_each_entry_once(
    quiet: None, login: Login, ledger: Ledger, receiver: Receiver
) -> None:
    fill(ledger, 20)
    hook = subscribed(login, receiver.url)
    with Delivering(Deliverer(ledger.engine)), Delivering(Deliverer(ledger.engine)):
        threads = [threading.Thread(target=Deliverer(ledger.engine).deliver) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    while Deliverer(ledger.engine).deliver():
        pass
    positions = receiver.positions(hook["secret"])
    assert positions == list(range(1, ledger.recorder.head().position + 1))


def test_the_server_delivers_by_itself_until_it_is_ended(
    login: Login, ledger: Ledger, receiver: Receiver
) -> None:
    hook = subscribed(login, receiver.url)
    fill(ledger, 2)
    head = ledger.recorder.head().position
    eventually(lambda: len(receiver.got) == head)
    assert receiver.positions(hook["secret"]) == list(range(1, head + 1))
    assert login("operator").delete(f"{HOOKS}/{hook['webhook']}").status_code == 204
    problem(login("operator").delete(f"{HOOKS}/{hook['webhook']}"), 404, "webhook_not_found")


@pytest.mark.parametrize(
    "url",
    ["http://clinic.example/", "ftp://clinic.example/", "https://", "https://[::1", "file:///etc/",
     "https://a b/", "https://x:0/", "http://127.0.0.1.evil.example/", "javascript:alert(1)//"],
)  # fmt: skip
def test_what_is_no_address(login: Login, url: str) -> None:
    problem(login("operator").post(HOOKS, json={"url": url}), 422, "invalid_request")
