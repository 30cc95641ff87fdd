"""When a debtor may be called: Monday to Friday 8 to 21, Saturday 9 to 15, not on holidays."""

import pytest

from tests.scenarios.asked import ask_callback, ask_clinic, call, call_back, clinic_replies, prefer
from tests.scenarios.facts import K1
from tests.scenarios.story import given


@pytest.mark.parametrize(
    ("at", "earliest"),
    [
        ("2026-05-16 15:30", "2026-05-18"),
        ("2026-05-16 15:00", "2026-05-18"),
        ("2026-05-16 08:59", "2026-05-16"),
        ("2026-05-17 12:00", "2026-05-18"),
        ("2026-05-14 12:00", "2026-05-15"),
        ("2026-05-15 21:00", "2026-05-16"),
        ("2026-05-15 07:59", "2026-05-15"),
        ("2026-12-24 21:30", "2026-12-28"),
    ],
)
def test_nobody_is_called_outside_the_hours(at: str, earliest: str) -> None:
    story = given(*K1)
    for channel in ("phone", "sms"):
        story.when(call(at=at, direction="outgoing", channel=channel)).refused(
            "contact_hours", earliest=earliest, at=at
        )
    story.allowed(call(at=at, direction="incoming"))
    story.allowed(call(at=at, direction="outgoing", channel="email"))


@pytest.mark.parametrize("at", ["2026-05-16 09:00", "2026-05-16 14:59", "2026-05-15 20:59"])
def test_within_the_hours_one_may_call(at: str) -> None:
    given(*K1).allowed(call(at=at, direction="outgoing"))


def test_a_call_back_is_promised_and_made_within_the_hours() -> None:
    (
        given(*K1)
        .when(ask_callback(on="2026-05-15", at="2026-05-16 15:30"))
        .refused("contact_hours", earliest="2026-05-18")
        .when(ask_callback(on="2026-05-15", at="2026-05-18 10:00"))
        .done()
        .when(ask_callback(on="2026-05-15", at="2026-05-18 11:00"))
        .refused("duplicate_reference", kind="callback", name="B1")
        .when(call_back(at="2026-05-18 21:00"))
        .refused("contact_hours", earliest="2026-05-19")
        .when(call_back(at="2026-05-18 10:00", reached=False))
        .done()
        .when(call_back(at="2026-05-18 14:00"))
        .done()
        .when(call_back(at="2026-05-18 15:00"))
        .refused("unknown_reference", kind="callback", name="B1")
    )


def test_a_question_to_the_clinic_holds_the_case_until_it_is_answered() -> None:
    (
        given(*K1)
        .when(ask_clinic(on="2026-04-10"))
        .done()
        .held("clinic_query", on="2026-04-10")
        .when(ask_clinic(on="2026-04-11"))
        .refused("duplicate_reference", kind="question", name="Q1")
        .when(clinic_replies(on="2026-04-12"))
        .done()
        .held(on="2026-04-12")
        .when(clinic_replies(on="2026-04-13"))
        .refused("unknown_reference", kind="question", name="Q1")
    )


def test_a_debtor_says_how_he_wants_to_be_reached() -> None:
    story = given(*K1).when(prefer("sms", on="2026-04-10")).done()
    assert story.case.contact_channel == "sms"
