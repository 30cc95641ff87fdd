"""The fold: a case as it is, as it was known, and as it is in effect on a date."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.case import LADDER, Case, Stage
from ledger.domain.events import Event
from ledger.domain.recorded import Recorded
from tests.domain.samples import EVENTS
from tests.domain.snapshots import snapshot
from tests.scenarios import facts
from tests.scenarios.facts import K1, K1_REMINDED, day, line, part

ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


def recorded(*events: tuple[str, Event]) -> list[Recorded]:
    """Entries of a case's stream, each with the day on which it was recorded."""
    return [
        Recorded(
            position=100 + version,
            stream=str(ID),
            version=version,
            recorded_at=datetime.fromisoformat(f"{on}T12:00:00").replace(tzinfo=UTC),
            actor="agent:test",
            channel="test",
            command_id="01890a5d-ac96-774b-bcce-b302099a8058",
            event=event,
        )
        for version, (on, event) in enumerate(events, start=1)
    ]


def as_known_on(entries: list[Recorded], on: date) -> list[Recorded]:
    return [entry for entry in entries if entry.recorded_at.date() <= on]


def in_effect_on(entries: list[Recorded], on: date) -> list[Recorded]:
    return [entry for entry in entries if entry.event.value_date <= on]


FOUND_LATE = recorded(
    ("2026-03-02", K1[0]),
    ("2026-03-02", K1[1]),
    ("2026-03-30", facts.fee_charged("reminder_fee", 38_00, on="2026-03-30", claim="K1")),
    (
        "2026-05-05",
        facts.payment_received(
            "bank-1",
            413_00,
            part("reminder_fee", 38_00, "K1"),
            part("principal", 375_00, "K1"),
            on="2026-04-10",
        ),
    ),
)
"""No. 45: a payment with the value date 10 April was found on 5 May."""


@pytest.mark.parametrize(
    ("known_on", "effective_on", "owed"),
    [
        ("2026-05-04", "2026-05-04", {"principal": 413_00, "reminder_fee": 38_00}),
        ("2026-05-05", "2026-05-05", {"principal": 38_00}),
        ("2026-05-05", "2026-05-04", {"principal": 38_00}),
        ("2026-05-05", "2026-04-10", {"principal": 38_00}),
        ("2026-05-05", "2026-04-09", {"principal": 413_00, "reminder_fee": 38_00}),
        ("2026-05-05", "2026-03-29", {"principal": 413_00}),
        ("2026-05-05", "2026-03-02", {"principal": 413_00}),
        ("2026-05-05", "2026-03-01", {}),
        ("2026-03-29", "2026-05-05", {"principal": 413_00}),
    ],
)
def test_what_was_known_and_what_counted(
    known_on: str, effective_on: str, owed: dict[str, int]
) -> None:
    entries = in_effect_on(as_known_on(FOUND_LATE, day(known_on)), day(effective_on))
    case = Case.fold(ID, entries)
    assert case.balance == owed
    assert case.outstanding == sum(owed.values())


def test_before_it_was_opened_a_case_is_unknown() -> None:
    case = Case.fold(ID, in_effect_on(FOUND_LATE, day("2026-03-01")))
    assert case.state == "unknown"
    assert case.stage == "new"
    assert case.version == 0
    assert Case.fold(ID, in_effect_on(FOUND_LATE, day("2026-03-02"))).state == "open"


def test_in_effect_on_the_last_day_of_the_calendar_all_counts() -> None:
    assert snapshot(Case.fold(ID, in_effect_on(FOUND_LATE, date.max))) == snapshot(
        Case.fold(ID, FOUND_LATE)
    )


def test_the_version_is_that_of_the_last_entry() -> None:
    assert Case.fold(ID, FOUND_LATE).version == 4
    assert Case.fold(ID, FOUND_LATE[:2]).version == 2
    assert Case.fold(ID, []).version == 0


def test_what_the_case_knows_of_itself() -> None:
    case = Case.fold(ID, FOUND_LATE)
    assert (case.id, case.reference, case.creditor) == (ID, "2026-1", "clinic-10001")
    assert (case.debtor, case.currency, case.opened_on) == ("subject-1", "NOK", day("2026-03-02"))
    invoice = case.invoices["K1"]
    assert invoice.principal == 413_00
    assert (invoice.issued_on, invoice.due_date) == (day("2026-03-02"), day("2026-03-16"))
    assert (invoice.kid, invoice.delivered_on) == ("0010017", None)
    assert case.receipts == {"bank-1"}
    assert [(fee.component, fee.amount, fee.claim) for fee in case.fees] == [
        ("reminder_fee", 38_00, "K1")
    ]


def of(*events: Event) -> Case:
    case = Case(ID)
    for event in events:
        case.apply(event)
    return case


def test_what_is_owed_is_told_by_invoice_and_by_component() -> None:
    second = facts.invoice_issued("K2", line("lab", 94_00), on="2026-04-02", due="2026-04-16")
    case = of(*K1_REMINDED, second, facts.fee_charged("reminder_fee", 38_00, on="2026-04-30"))
    assert case.owed == {
        ("principal", "K1"): 413_00,
        ("principal", "K2"): 94_00,
        ("reminder_fee", "K1"): 38_00,
        ("reminder_fee", None): 38_00,
    }
    assert case.balance == {"principal": 507_00, "reminder_fee": 76_00}
    assert case.outstanding == 583_00


def test_fees_charged_are_remembered_when_they_are_paid_or_waived() -> None:
    fee = facts.fee_charged("reminder_fee", 38_00, on="2026-03-30", claim="K1")
    waived = facts.fee_waived(part("reminder_fee", 38_00, "K1"), on="2026-04-02")
    case = of(*K1, fee, waived, fee)
    assert [fee.amount for fee in case.fees] == [38_00, 38_00]
    assert case.balance == {"principal": 413_00, "reminder_fee": 38_00}


def test_a_case_is_held_while_any_dispute_is_open() -> None:
    case = of(
        *K1,
        facts.dispute_raised("D1", on="2026-04-05"),
        facts.dispute_raised("D2", on="2026-04-06"),
    )
    case.apply(facts.dispute_answered("D1", "rejected", on="2026-04-07"))
    assert case.holds == {"dispute"}
    case.apply(facts.dispute_answered("D2", "partly_upheld", on="2026-04-08"))
    assert case.holds == set()
    case.apply(facts.dispute_answer_notified("D2", on="2026-04-09"))
    assert case.disputes["D2"].raised_on == day("2026-04-06")
    assert case.disputes["D2"].answered_on == day("2026-04-08")
    assert case.disputes["D2"].notified_on == day("2026-04-09")
    assert case.disputes["D2"].outcome == "partly_upheld"
    assert case.disputes["D1"].outcome == "rejected"


def test_a_dispute_may_be_known_by_its_answer_only() -> None:
    case = of(facts.dispute_answered("D1", "not_stated", on="2026-04-07"))
    assert case.disputes["D1"].raised_on == day("2026-04-07")
    assert case.disputes["D1"].answered_on == day("2026-04-07")
    assert case.holds == set()


@pytest.mark.parametrize("at", LADDER)
@pytest.mark.parametrize("to", LADDER)
def test_a_case_climbs_and_never_falls(at: Stage, to: Stage) -> None:
    case = Case(ID)
    case.climb(at)
    case.climb(to)
    assert case.stage == max(at, to, key=LADDER.index)


@given(st.lists(st.sampled_from(EVENTS), max_size=30))
def test_the_fold_never_fails_and_its_sums_agree(events: list[Event]) -> None:
    case = of(*events)
    assert case.outstanding == sum(case.owed.values()) == sum(case.balance.values())
    assert sum(case.accounts.values()) == 0
    assert all(case.owed.values())
