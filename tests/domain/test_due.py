"""What falls due on a case, and when."""

from datetime import UTC, date, datetime
from uuid import UUID

import msgspec

from ledger.domain import commands as c
from ledger.domain.case import Case
from ledger.domain.commands import Command
from ledger.domain.due import Due, agenda, carried_out
from ledger.domain.events import Instalment, InvoiceLine, Part
from ledger.domain.policy import ClinicPolicy
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Rules
from tests.domain.test_actions import RULES, after, k1
from tests.scenarios.facts import K1, case_opened
from tests.scenarios.story import given


def due(case: Case, rules: Rules = RULES) -> dict[str, str]:
    """The first day of each item."""
    return {item.name: item.due_on.isoformat() for item in agenda(case, case.latest, rules)}


def done(item: Due, day: date, case: Case) -> Case:
    """The case after an item was carried out on a day."""
    command = item.make(day)
    assert not isinstance(command, Refusal)
    return after(command, case=case)


def test_the_next_letter_and_the_warnings_before_limitation() -> None:
    assert due(k1()) == {
        "step:reminder": "2026-03-30",
        "task:limitation_warning:K1:2029-03-16-90": "2028-12-16",
        "task:limitation_warning:K1:2029-03-16-60": "2029-01-15",
        "task:limitation_warning:K1:2029-03-16-30": "2029-02-14",
    }


def test_an_instalment_that_does_not_come() -> None:
    plan = tuple(Instalment(date(2026, month, 1), 100_00) for month in (6, 7, 8, 9))
    case = after(
        c.AgreeInstalmentPlan(on=date(2026, 5, 15), plan="P1", instalments=plan), case=k1()
    )
    assert due(case)["plan_broken:P1"] == "2026-06-05"
    case = after(c.ReceivePayment(on=date(2026, 6, 1), payment="B1", amount=100_00), case=case)
    assert due(case)["plan_broken:P1"] == "2026-07-05"
    case = after(c.BreakInstalmentPlan(on=date(2026, 7, 5), plan="P1"), case=case)
    assert due(case)["task:plan_broken:P1:2026-07-05"] == "2026-07-05"


def test_answers_that_are_late() -> None:
    case = after(
        c.RaiseDispute(on=date(2026, 4, 5), dispute="D1", category="never_visited"), case=k1()
    )
    assert due(case)["task:answer_overdue:D1:2026-04-13"] == "2026-04-13"
    case = after(
        c.ReferDispute(on=date(2026, 4, 6), dispute="D1", referred_to="clinic-1"), case=case
    )
    assert due(case)["task:clinic_answer_overdue:D1:2026-04-21"] == "2026-04-21"


def test_a_task_that_was_raised_is_not_raised_again() -> None:
    case = after(c.GrantDeferral(on=date(2026, 3, 13), until=date(2026, 4, 15)), case=k1())
    item = next(d for d in agenda(case, case.latest, RULES) if "deferral_ended" in d.name)
    assert (item.due_on, item.for_people) == (date(2026, 4, 16), True)
    case = done(item, item.due_on, case)
    assert item.name not in due(case)


def with_a_share(*more: Command) -> Case:
    """A consultation of 230.00 that counts towards the frikort, and material that does not."""
    return after(
        c.OpenCase(on=date(2026, 3, 2), reference="2026-2", creditor="clinic-1"),
        c.IssueInvoice(
            on=date(2026, 3, 2),
            invoice="K2",
            lines=(
                InvoiceLine(1, "consultation", 230_00, egenandel=True),
                InvoiceLine(2, "material", 138_00),
            ),
            due_date=date(2026, 3, 16),
        ),
        *more,
    )


def test_the_clinic_is_told_when_the_patients_share_is_paid() -> None:
    case = with_a_share(c.ReceivePayment(on=date(2026, 3, 10), payment="B1", amount=100_00))
    assert "egenandel:K2" not in due(case)
    case = after(c.ReceivePayment(on=date(2026, 3, 12), payment="B2", amount=130_00), case=case)
    assert due(case)["egenandel:K2"] == "2026-03-12"


def test_a_share_that_was_credited_is_not_reported_whatever_else_is_paid() -> None:
    share = (Part("principal", 230_00, "K2", 1),)
    case = with_a_share(
        c.Credit(on=date(2026, 3, 9), credit_note="C1", reason="charged_in_error", parts=share),
        c.ReceivePayment(on=date(2026, 3, 10), payment="B1", amount=100_00),
    )
    assert "egenandel:K2" not in due(case)


def test_a_share_is_reported_from_the_day_on_which_the_last_of_it_was_paid() -> None:
    case = with_a_share(
        c.ReceivePayment(on=date(2026, 3, 10), payment="B1", amount=230_00),
        c.ReceivePayment(on=date(2026, 3, 14), payment="B2", amount=100_00),
    )
    assert due(case)["egenandel:K2"] == "2026-03-10"
    item = next(item for item in agenda(case, case.latest, RULES) if item.name == "egenandel:K2")
    assert item.make(date(2026, 3, 15)) == c.ReportEgenandelPayment(
        on=date(2026, 3, 15), invoice="K2"
    )
    assert "egenandel:K2" not in due(done(item, date(2026, 3, 15), case))


def test_overpaid_money_waits_to_be_paid_back_on_a_closed_case_too() -> None:
    case = after(c.ReceivePayment(on=date(2026, 3, 10), payment="B1", amount=500_00), case=k1())
    assert case.state == "closed"
    assert list(due(case)) == ["task:refund_due:8700:2026-03-10"]
    case = after(c.ReceivePayment(on=date(2026, 3, 12), payment="B2", amount=1), case=case)
    assert list(due(case)) == ["task:refund_due:8701:2026-03-12"]
    bounced = c.ReversePayment(on=date(2026, 3, 13), payment="B2", reason="returned_by_bank")
    assert list(due(after(bounced, case=case))) == ["task:refund_due:8700:2026-03-10"]


def test_somebody_looks_at_a_hold_and_calls_back_on_the_day_that_was_said() -> None:
    hold = c.PlaceHold(
        on=date(2026, 3, 20), hold="H1", kind="payment_claimed", review_on=date(2026, 3, 27)
    )
    called = c.RequestCallback(
        on=date(2026, 3, 20), callback="B1", at=datetime(2026, 3, 23, 9, tzinfo=UTC)
    )
    found = due(after(hold, called, case=k1()))
    assert found["task:hold_review:H1:2026-03-27"] == "2026-03-27"
    assert found["task:callback_due:B1:2026-03-23"] == "2026-03-23"
    case = after(hold, called, case=k1())
    item = next(item for item in agenda(case, case.latest, RULES) if "hold_review" in item.name)
    assert item.make(date(2026, 3, 28)) == c.RaiseTask(
        on=date(2026, 3, 28),
        task="hold_review:H1:2026-03-27",
        kind="hold_review",
        due_on=date(2026, 3, 27),
        subject="H1",
    )


def test_a_settlement_that_is_not_paid_ends_after_its_grace_and_is_looked_at() -> None:
    agreed = c.AgreeSettlement(
        on=date(2026, 3, 20),
        settlement="S1",
        amount=300_00,
        pay_by=date(2026, 4, 1),
        agreed_by="clinic-1",
    )
    case = after(agreed, case=k1())
    assert due(case)["settlement:S1"] == "2026-04-05"
    item = next(item for item in agenda(case, case.latest, RULES) if item.name == "settlement:S1")
    case = done(item, item.due_on, case)
    found = due(case)
    assert "settlement:S1" not in found
    assert found["task:settlement_missed:S1:2026-04-05"] == "2026-04-05"


def test_what_the_clinic_was_asked_is_late_after_two_weeks() -> None:
    case = after(c.AskClinic(on=date(2026, 4, 6), question="Q1", topic="basis"), case=k1())
    assert due(case)["task:clinic_answer_overdue:Q1:2026-04-21"] == "2026-04-21"
    reply = c.ReplyFromClinic(on=date(2026, 4, 7), question="Q1", answer="claim_stands")
    assert not [name for name in due(after(reply, case=case)) if "answer_overdue" in name]


def test_a_dispute_that_was_answered_is_never_late() -> None:
    case = after(
        c.RaiseDispute(on=date(2026, 4, 5), dispute="D1", category="never_visited"),
        c.AnswerDispute(
            on=date(2026, 4, 6), dispute="D1", outcome="rejected", decided_by="clinic-1"
        ),
        case=k1(),
    )
    assert not [name for name in due(case) if "answer_overdue" in name]


def test_nothing_is_due_where_no_case_is() -> None:
    assert agenda(Case(UUID(int=1)), date(2026, 3, 4), RULES) == []


def test_limitation_is_warned_of_while_the_claim_is_owed_and_its_due_date_is_known() -> None:
    paid = after(c.ReceivePayment(on=date(2026, 3, 10), payment="B1", amount=500_00), case=k1())
    assert not [name for name in due(paid) if "limitation" in name]
    undated = given(case_opened(), msgspec.structs.replace(K1[1], due_date=None, kid=None)).case
    assert due(undated) == {}


def test_a_clinic_may_want_its_letters_proposed() -> None:
    rules = Rules(rates=RULES.rates, policy=ClinicPolicy(letters="proposed"))
    letter, *others = agenda(k1(), date(2026, 3, 4), rules)
    assert not carried_out(letter, rules)
    assert all(carried_out(other, rules) for other in others)


def test_a_share_that_was_credited_is_not_reported_as_paid() -> None:
    case = after(
        c.OpenCase(on=date(2026, 3, 2), reference="2026-3", creditor="clinic-1"),
        c.IssueInvoice(
            on=date(2026, 3, 2),
            invoice="K3",
            lines=(
                InvoiceLine(1, "consultation", 230_00, egenandel=True),
                InvoiceLine(2, "material", 138_00),
            ),
            due_date=date(2026, 3, 16),
        ),
        c.Credit(
            on=date(2026, 3, 5),
            credit_note="KN1",
            reason="charged_in_error",
            parts=(Part("principal", 230_00, "K3", 1),),
        ),
        c.ReceivePayment(on=date(2026, 3, 10), payment="B1", amount=138_00),
    )
    assert "egenandel:K3" not in due(case)
