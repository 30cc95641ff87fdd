"""Answers that are made from the domain's structs: whole, typed, and told what they are."""

import json
from datetime import date
from typing import Annotated, Any, Literal

import msgspec
import pytest
from fastapi import FastAPI

from api.structs import answer_of
from ledger.application.explaining import explanation_view
from ledger.application.ledger import Ledger
from ledger.domain.commands import ConfirmDelivery, SendReminder
from ledger.domain.explanation import explain
from tests.api.conftest import Login
from tests.orders import TODAY, give, invoiced_case, payment

UNTYPED = {
    "data": "what an event holds differs by its type",
    "body": "the body of a command differs by its noun",
    "facts": "a refusal's facts differ by its code",
}


class Inner(msgspec.Struct):
    """Inside."""

    amount: Annotated[int, msgspec.Meta(ge=0)]
    """In minor
    units."""
    on: date | None = None


class Outer(msgspec.Struct):
    """Around it."""

    kind: Literal["one", "two"]
    inner: tuple[Inner, ...]


class Open(msgspec.Struct):
    """With something that has no type."""

    anything: dict[str, Any]


def test_a_struct_becomes_a_model() -> None:
    schema = answer_of(Outer).model_json_schema()
    assert schema["description"] == "Around it."
    assert schema["required"] == ["kind", "inner"]
    inner = schema["$defs"]["InnerState"]
    assert inner["properties"]["amount"]["type"] == "integer"
    assert inner["properties"]["amount"]["description"] == "In minor units."
    assert inner["required"] == ["amount", "on"], "an answer leaves nothing out"
    told = msgspec.to_builtins(Outer("one", (Inner(1),)))
    assert answer_of(Outer).model_validate(told).model_dump() == {
        "kind": "one",
        "inner": [{"amount": 1, "on": None}],
    }
    with pytest.raises(TypeError, match="no form in an answer"):
        answer_of(Open)


def test_every_answer_is_typed(app: FastAPI) -> None:
    """No object without properties in a good answer, but for what can have none."""
    document = app.openapi()
    schemas = document["components"]["schemas"]
    seen: set[str] = set()
    untyped: set[str] = set()

    def look(schema: dict[str, Any], name: str) -> None:
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            if name not in seen:
                seen.add(name)
                look(schemas[name], name)
            return
        if not schema or schema.get("additionalProperties") is True:
            untyped.add(name)
        for property, of in schema.get("properties", {}).items():
            look(of, property)
        for of in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
            look(of, name)
        for inside in ("items", "additionalProperties"):
            if isinstance(schema.get(inside), dict):
                look(schema[inside], name)

    for path, item in document["paths"].items():
        for operation in item.values():
            for status, answer in operation["responses"].items():
                if status in {"200", "201"} and path.startswith("/v1"):
                    for content in answer["content"].values():
                        look(content.get("schema", {}), operation["operationId"])
    assert untyped == {*UNTYPED, "cases.evidence", "feed.stream", "events"}
    assert {"ExplainedCase", "ContributionState", "StretchState", "ClinicPolicyState"} <= seen


@pytest.mark.database
def test_an_explanation_is_what_the_command_prints(login: Login, ledger: Ledger) -> None:
    case = invoiced_case(ledger, "1001")
    reminder = SendReminder(
        on=date(2026, 4, 20), letter="1001-R1", kind="reminder", channel="post", fee=38_00
    )
    delivered = ConfirmDelivery(on=date(2026, 3, 4), invoice="1001-1", channel="post")
    give(ledger, case, delivered, reminder, payment("p1", 100_00, date(2026, 5, 4)))
    explained = explain(ledger.history(case), TODAY, ledger.rules_of("clinic-1"))
    printed = json.loads(msgspec.json.encode(explanation_view("book", explained)))
    agent = login("agent")
    told = agent.get("/v1/books/book/cases/1001/explanation", params={"on": TODAY.isoformat()})
    assert told.status_code == 200, told.text
    assert told.json() == printed
    assert {item["component"] for item in printed["items"]} >= {"principal", "reminder_fee"}
    assert printed["interest"][0]["stretches"]
    one = agent.get("/v1/books/book/cases/1001/explanation", params={"component": "principal"})
    assert {item["component"] for item in one.json()["items"]} == {"principal"}


@pytest.mark.database
def test_a_policy_is_what_differs(login: Login, ledger: Ledger) -> None:
    senior = login("senior")
    name = "/v1/books/book/clinics/clinic-1"
    body = {"value_date": "2026-03-01", "clinic": "clinic-1", "organisation_number": "974760673"}
    made = senior.post(
        "/v1/books/book/clinics", json={**body, "trade_name": "Klinikk", "account": "86011117947"},
        headers={"Idempotency-Key": "c"},
    )  # fmt: skip
    assert made.status_code == 201, made.text
    assert senior.get(name).json()["policy"] == {}
    policy = {"value_date": "2026-03-02", "policy": {"grace_days": 5}}
    headers = {"Idempotency-Key": "p", "If-Match": "*"}
    assert senior.post(f"{name}/policies", json=policy, headers=headers).status_code == 201
    assert senior.get(name).json()["policy"] == {"grace_days": 5}
