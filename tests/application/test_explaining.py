"""Explanations of recorded cases as plain data: they tell what was known, and what counted."""

import json
from datetime import date
from uuid import UUID, uuid4

import pytest

from ledger.application.explaining import explanation_view, guides_view, plan_view
from ledger.application.ledger import Ledger
from ledger.domain.conversations import conversations
from ledger.domain.explanation import explain
from ledger.domain.plans import PlanSimulation, simulate_plan
from ledger.wording.commands import COMMANDS
from tests.domain.told import K1_REMINDED, SPLIT, day, paid
from tests.orders import give

pytestmark = [pytest.mark.database]

ON = day("2026-04-27")


@pytest.fixture
def case(ledger: Ledger) -> UUID:
    """No. 15: opened, invoiced, delivered, reminded with a fee, paid in part."""
    case = uuid4()
    give(ledger, case, *K1_REMINDED, paid("bank-1", 200_00, on="2026-04-27"))
    return case


def test_what_is_stored_explains_the_balance(ledger: Ledger, case: UUID) -> None:
    view = explanation_view(ledger.book, explain(ledger.history(case), ON, ledger.rules))
    assert (view["book"], view["owed"], view["to_pay"]) == ("book", 256_70, 256_70)
    positions = {c["position"] for item in view["items"] for c in item["contributions"]}
    assert positions == {2, 5, 6, 7}
    recorded = {e.position: e.event.name for e in ledger.history(case)}
    assert [recorded[p] for p in sorted(positions)] == [
        "invoice_issued", "fee_charged", "interest_fixed", "payment_received"
    ]  # fmt: skip
    assert set(view["text"]) == {"nb", "en"}
    assert json.loads(json.dumps(view))["owed"] == 256_70, "plain data"


@pytest.mark.parametrize(
    ("known_at", "effective_on", "owed"),
    [(5, None, 451_00), (7, "2026-03-29", 413_00), (7, None, 256_70)],
)
def test_the_explanation_is_of_the_moment_that_is_asked_about(
    ledger: Ledger, case: UUID, known_at: int, effective_on: str | None, owed: int
) -> None:
    entries = ledger.history(case, known_at=known_at)
    on: date | None = None if effective_on is None else day(effective_on)
    if on is not None:
        entries = [entry for entry in entries if entry.event.value_date <= on]
    explanation = explain(entries, ON, ledger.rules)
    balance = ledger.case(case, known_at=known_at, effective_on=on).outstanding
    assert explanation.owed == balance == owed


def test_one_component_alone(ledger: Ledger, case: UUID) -> None:
    explanation = explain(ledger.history(case), ON, ledger.rules)
    view = explanation_view(ledger.book, explanation, component="reminder_fee")
    assert {item["component"] for item in view["items"]} == {"reminder_fee"}
    assert view["interest"] == []
    assert len(view["text"]["nb"]) == 3


def test_a_plan_as_plain_data(ledger: Ledger, case: UUID) -> None:
    now = ledger.case(case)
    plan = simulate_plan(now, ON, ledger.rules, first=day("2026-06-01"), instalments=3)
    assert isinstance(plan, PlanSimulation)
    view = plan_view(ledger.book, now, plan)
    assert sum(row["amount"] for row in view["instalments"]) == view["owed"] == 256_70
    assert view["dearer_by"] == view["total"] - view["owed"] == view["interest"] > 0
    assert view["cost_must_be_told"] is False
    assert json.loads(json.dumps(view))["on"] == "2026-04-27"


def test_guides_as_plain_data(ledger: Ledger) -> None:
    case = uuid4()
    give(ledger, case, *SPLIT)
    now = ledger.case(case)
    guides = conversations(now, day("2026-05-10"), ledger.rules)
    view = guides_view(ledger.book, now, day("2026-05-10"), guides)
    topics = [guide["topic"] for guide in view["guides"]]
    assert topics[:2] == ["third_party", "terminal_split"]
    split = view["guides"][1]
    assert split["say"][0]["facts"]["paid_at"] == "2026-05-04T08:42:00Z"
    assert split["say"][0]["text"]["nb"].endswith(
        "nådde terminalen kl. 10:40 og ble betalt kl. 10:42."
    )
    assert split["commands"][0] == {
        "command": "RecordContact",
        "text": {"nb": COMMANDS["RecordContact"][0], "en": COMMANDS["RecordContact"][1]},
    }
    assert json.loads(json.dumps(view)) == view
