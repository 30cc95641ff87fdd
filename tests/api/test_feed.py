"""The feed: every position once, in order, however often a consumer is cut off."""

import json
import os
import random
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from ledger.application.ledger import Ledger
from tests.api.conftest import Login, bearer, problem
from tests.api.server import listening
from tests.orders import OPENED, fill, give, opening, order, payment, receipt

pytestmark = pytest.mark.database

FEED = "/v1/books/book/feed"
RESUMED = int(os.environ.get("CASELEDGER_TEST_RESUMES", "15"))
"""How often the consumer is cut off; `make fuzz` says 100."""


def events_of(response: httpx2.Response) -> Iterator[dict[str, str]]:
    """Server-sent events as they come: the fields of each."""
    fields: dict[str, str] = {}
    for line in response.iter_lines():
        if not line:
            if fields:
                yield fields
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value


def pages(client: Any, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = 0
    while True:
        page = client.get(FEED, params={"after": after, **asked}).json()
        found += page["events"]
        if page["next"] == page["head"]:
            return found
        assert page["next"] > after
        after = page["next"]


def test_pages_hold_every_position_once(login: Login, ledger: Ledger) -> None:
    fill(ledger, 20)
    head = ledger.recorder.head().position
    for limit in (1, 7, 1000):
        found = pages(login("auditor"), limit=limit)
        assert [event["id"] for event in found] == [str(n) for n in range(1, head + 1)]
    event = found[0]
    assert (event["specversion"], event["source"]) == ("1.0", "/v1/books/book")
    assert event["type"] == "no.caseledger.case_opened.v1"
    assert event["subject"] == f"cases/{ledger.find('case-1')}"
    assert int(event["sequence"]) == event["data"]["position"] == 1
    assert login("auditor").get(FEED, params={"after": head}).json()["events"] == []
    beyond = login("auditor").get(FEED, params={"after": head + 5}).json()
    assert (beyond["events"], beyond["next"]) == ([], head + 5)


def test_by_type_and_clinic(login: Login, ledger: Ledger, monkeypatch: Any) -> None:
    fill(ledger, 12)
    for number in ("x1", "x2"):
        opened = opening(number).__replace__(creditor="clinic-2")
        case = receipt(ledger.execute(order(opened))).case
        give(ledger, case, payment("p", 5_00))
    monkeypatch.setattr("ledger.feed.pages.WINDOW", 10)  # pages that nothing passes, too
    paid = pages(login("senior"), type="payment_received", limit=5)
    assert {event["data"]["type"] for event in paid} == {"payment_received"}
    assert len(paid) == 17
    theirs = pages(login("senior"), clinic="clinic-2", type=["payment_received", "case_opened"])
    assert [event["data"]["type"] for event in theirs] == ["case_opened", "payment_received"] * 2
    own = pages(login("clinic", clinic="clinic-2"))
    assert [event["id"] for event in own] == [event["id"] for event in theirs]
    assert pages(login("clinic", clinic="clinic-2"), clinic="clinic-1") == []
    problem(login("senior").get(FEED, params={"type": "nothing"}), 422, "invalid_request")
    problem(login("agent").get(FEED), 403, "not_permitted")


def test_a_consumer_that_is_cut_off_again_and_again(app: FastAPI, ledger: Ledger) -> None:
    """Cut off and resumed while others write: every position once, in order."""
    case = fill(ledger, 1)[0]
    chance = random.Random(17)
    stop = threading.Event()

    def write(writer: int) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            give(ledger, case, payment(f"{writer}-{number}", 1, OPENED))
            time.sleep(0.005)

    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(3)]
    for writer in writers:
        writer.start()
    seen: list[int] = []
    try:
        with listening(app) as address:
            for _ in range(RESUMED + 1):
                headers = {"Authorization": bearer("system")}
                if seen:
                    headers["Last-Event-ID"] = str(seen[-1])
                take = chance.randrange(1, 30)
                with httpx2.stream(
                    "GET", f"{address}{FEED}/stream", headers=headers, timeout=20
                ) as response:
                    assert response.status_code == 200
                    assert response.headers["content-type"].startswith("text/event-stream")
                    for event in events_of(response):
                        told = json.loads(event["data"])
                        assert event["id"] == told["id"]
                        assert event["event"] == told["type"]
                        seen.append(int(event["id"]))
                        take -= 1
                        if take == 0:
                            break
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert seen == list(range(1, len(seen) + 1))
    assert len(seen) > RESUMED


def test_a_stream_ends_with_the_server(app: FastAPI, ledger: Ledger) -> None:
    fill(ledger, 1)
    began = time.monotonic()
    with listening(app) as address:
        client = httpx2.Client(headers={"Authorization": bearer("auditor")}, timeout=20)
        with client.stream("GET", f"{address}{FEED}/stream") as response:
            events = events_of(response)
            assert next(events)["id"] == "1"
            app.state.streams.ending.set()
            assert [event["id"] for event in events][-1] == str(ledger.recorder.head().position)
        began = time.monotonic()
    assert time.monotonic() - began < 4
    assert app.state.streams.open == 0


def test_what_can_not_be_streamed(app: FastAPI, login: Login, ledger: Ledger) -> None:
    stream = f"{FEED}/stream"
    problem(login("agent").get(stream), 403, "not_permitted")
    problem(login("auditor", "other").get(stream), 404, "book_not_found")
    found = login("auditor").get(stream, headers={"Last-Event-ID": "x"})
    problem(found, 422, "invalid_request")
    app.state.streams.open = 10_000
    problem(login("auditor").get(stream), 503, "too_many_streams")
