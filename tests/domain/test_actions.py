"""What is offered is what is carried out; what is refused says from when it no longer is."""

import random
from datetime import date, timedelta
from uuid import UUID

import pytest

from ledger.domain import commands as c
from ledger.domain.actions import allowed_actions, candidates, equal_instalments, next_step
from ledger.domain.case import Case
from ledger.domain.commands import Command
from ledger.domain.decisions import decide
from ledger.domain.due import agenda
from ledger.domain.events import Instalment, InvoiceLine
from ledger.domain.policy import ClinicPolicy
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Rules
from ledger.rules import load

RULES = Rules(rates=load())
ISSUED = date(2026, 3, 2)
DUE = date(2026, 3, 16)


def after(*commands: Command, case: Case | None = None, by: str = "agent:a1") -> Case:
    """A case on which this was asked and carried out."""
    found = case or Case(UUID(int=1))
    for command in commands:
        decision = decide(found, command, RULES, command.on, actor=by)
        assert not isinstance(decision, Refusal), (command, decision)
        for event in decision:
            found.apply(event)
    return found


def k1(patient: str = "adult") -> Case:
    """The claim of 413.00 that the scenarios of the domain are about, delivered."""
    return after(
        c.OpenCase(on=ISSUED, reference="2026-1", creditor="clinic-1", debtor="subject-1"),
        c.IssueInvoice(
            on=ISSUED,
            invoice="K1",
            lines=(InvoiceLine(1, "consultation", 230_00), InvoiceLine(2, "lab", 183_00)),
            due_date=DUE,
            kid="0010017",
            patient="minor" if patient == "minor" else "adult",
        ),
        c.ConfirmDelivery(on=date(2026, 3, 4), invoice="K1", channel="post"),
    )


def offered(case: Case, on: date) -> dict[str, date | bool | None]:
    """Each action: ``True`` where it is allowed, else the day from which on, if there is one."""
    return {a.name: a.allowed or a.earliest for a in allowed_actions(case, on, RULES)}


def walk(case: Case, since: date, rules: Rules = RULES) -> list[tuple[str, str]]:
    """What the clock does by itself, and when, until people must decide."""
    steps = []
    while (step := next_step(case, since, rules)) is not None and step.on is not None:
        command = step.make(step.on)
        assert not isinstance(command, Refusal), (step, command)
        decision = decide(case, command, rules, step.on, actor="system:clock")
        assert not isinstance(decision, Refusal), (step, decision)
        for event in decision:
            case.apply(event)
        steps.append((step.name, step.on.isoformat()))
        since = step.on
    return steps


def test_a_reminder_may_go_out_after_the_due_date_and_cost_something_two_weeks_later() -> None:
    found = offered(k1(), DUE)
    assert found["reminder"] == date(2026, 3, 17)
    assert found["reminder_with_fee"] == date(2026, 3, 30)
    assert offered(k1(), date(2026, 3, 30))["reminder_with_fee"] is True


def test_what_can_be_done_about_an_unpaid_invoice() -> None:
    assert set(offered(k1(), date(2026, 3, 30))) == {
        *("reminder", "reminder_with_fee", "collection_notice", "collection_notice_with_fee"),
        *("payment_demand", "payment_demand_with_fee", "request_legal_decision"),
        *("file_conciliation", "file_enforcement"),
        *("grant_deferral", "agree_instalment_plan", "agree_settlement", "acknowledge_debt"),
        *("receive_payment", "credit", "write_off", "close_case"),
        *("raise_dispute", "place_hold", "ask_clinic"),
    }


def test_what_is_open_is_offered_by_its_name() -> None:
    """A dispute to refer and to answer, a hold to lift, a question, fees to give up."""
    case = k1()
    walk(case, date(2026, 3, 4))  # until the clinic is asked
    case = after(
        c.AskClinic(on=date(2026, 7, 21), question="Q1", topic="basis"),
        c.PlaceHold(
            on=date(2026, 7, 21), hold="H1", kind="payment_claimed", review_on=date(2026, 7, 28)
        ),
        c.RaiseDispute(on=date(2026, 7, 21), dispute="D1", category="never_visited"),
        case=case,
    )
    found = offered(case, date(2026, 7, 22))
    assert {
        *("claim_heavy_fee", "waive_fees", "release_hold:H1", "reply_from_clinic:Q1"),
        *("refer_dispute:D1", "answer_dispute:D1"),
        *("decide_as_clinic:credit", "decide_as_clinic:conciliation"),
        *("decide_as_clinic:enforcement",),
    } <= set(found)
    assert "request_legal_decision" not in found
    case = after(
        c.ReferDispute(on=date(2026, 7, 22), dispute="D1", referred_to="clinic-1"), case=case
    )
    found = offered(case, date(2026, 7, 23))
    assert "refer_dispute:D1" not in found
    assert "answer_dispute:D1" in found


def test_several_reasons_are_waited_for_one_after_the_other() -> None:
    case = after(c.GrantDeferral(on=date(2026, 3, 13), until=date(2026, 4, 15)), case=k1())
    assert offered(case, date(2026, 3, 30))["reminder"] == date(2026, 4, 16)
    assert offered(case, date(2026, 3, 30))["reminder_with_fee"] == date(2026, 4, 29)


def test_what_time_does_not_change_has_no_date() -> None:
    case = after(
        c.RaiseDispute(on=date(2026, 4, 5), dispute="D1", category="never_visited"), case=k1()
    )
    found = offered(case, date(2026, 4, 17))
    assert found["collection_notice"] is None
    assert found["answer_dispute:D1"] is True


def test_the_ladder_by_itself() -> None:
    assert walk(k1(), date(2026, 3, 4)) == [
        ("reminder", "2026-03-30"),  # due + 14, with a fee; the deadline is 13 April
        ("collection_notice", "2026-04-17"),  # deadline + 3 days of grace + 1; until 4 May
        ("payment_demand", "2026-05-08"),  # until 22 May
        ("claim_heavy_fee", "2026-06-20"),  # deadline + 28 days + 1
        ("request_legal_decision", "2026-07-20"),  # and a month later the clinic is asked
    ]


def test_the_ladder_costs_what_the_law_allows() -> None:
    case = k1()
    walk(case, date(2026, 3, 4))
    assert case.balance == {
        "principal": 413_00,
        "reminder_fee": 76_00,
        "collection_fee": 375_00,
        "collection_fee_vat": 93_75,
    }


def test_in_another_currency_the_letter_goes_out_without_a_fee() -> None:
    """Fees are set in kroner; nothing is converted."""
    euros = after(
        c.OpenCase(on=ISSUED, reference="2026-2", creditor="clinic-1", currency="EUR"),
        c.IssueInvoice(
            on=ISSUED, invoice="K2", lines=(InvoiceLine(1, "lab", 413_00),), due_date=DUE
        ),
        c.ConfirmDelivery(on=date(2026, 3, 4), invoice="K2", channel="post"),
    )
    assert "reminder_with_fee" not in offered(euros, date(2026, 3, 30))
    walk(euros, date(2026, 3, 4))
    assert euros.balance == {"principal": 413_00}


def test_a_protected_address_gets_its_letters_in_the_digital_mailbox() -> None:
    case = after(
        c.RegisterCircumstance(
            on=date(2026, 3, 5), circumstance="protected_address", since=date(2026, 3, 5)
        ),
        case=k1(),
    )
    walk(case, date(2026, 3, 5))
    assert {letter.channel for letter in case.letters.values()} == {"digital_mailbox"}


def test_an_amount_in_equal_parts_of_a_month_each() -> None:
    parts = equal_instalments(413_02, date(2026, 1, 31))
    assert [(part.due.isoformat(), part.amount) for part in parts] == [
        ("2026-02-28", 103_25),
        ("2026-03-31", 103_25),
        ("2026-04-30", 103_25),
        ("2026-05-31", 103_27),
    ]
    assert [part.amount for part in equal_instalments(2, date(2026, 1, 31))] == [1, 1]


def test_a_minor_is_written_to_and_pays_nothing_more() -> None:
    case = k1("minor")
    assert [name for name, _ in walk(case, date(2026, 3, 4))] == [
        "reminder", "collection_notice", "payment_demand", "request_legal_decision"
    ]  # fmt: skip
    assert case.balance == {"principal": 413_00}


def test_a_clinic_that_charges_no_reminder_fees() -> None:
    case = k1()
    rules = Rules(rates=RULES.rates, policy=ClinicPolicy(charges_reminder_fees=False))
    walk(case, date(2026, 3, 4), rules)
    assert "reminder_fee" not in case.balance


def test_a_hold_without_an_end_is_what_the_next_step_waits_for() -> None:
    case = after(
        c.PlaceHold(
            on=date(2026, 3, 20), hold="H1", kind="payment_claimed", review_on=date(2026, 3, 27)
        ),
        case=k1(),
    )
    step = next_step(case, date(2026, 3, 20), RULES)
    assert step is not None
    assert (step.on, step.waits_for and step.waits_for.code) == (None, "on_hold")


def test_after_a_broken_plan_the_debtor_is_warned_first() -> None:
    plan = tuple(Instalment(date(2026, month, 1), 100_00) for month in (4, 5, 6, 7))
    case = after(
        c.AgreeInstalmentPlan(on=date(2026, 3, 20), plan="P1", instalments=plan),
        c.BreakInstalmentPlan(on=date(2026, 4, 5), plan="P1"),
        case=k1(),
    )
    assert [name for name, _ in walk(case, date(2026, 4, 5))][:3] == [
        "plan_warning", "reminder", "collection_notice"
    ]  # fmt: skip


def late_in_the_year() -> Case:
    """A claim that may be reminded of from 28 December 2026, days before the tables end."""
    issued = date(2026, 11, 30)
    return after(
        c.OpenCase(on=issued, reference="2026-9", creditor="clinic-1", debtor="subject-9"),
        c.IssueInvoice(
            on=issued,
            invoice="K9",
            lines=(InvoiceLine(1, "consultation", 230_00),),
            due_date=date(2026, 12, 14),
        ),
        c.ConfirmDelivery(on=date(2026, 12, 2), invoice="K9", channel="post"),
    )


def test_a_letter_whose_price_nobody_knows_yet_waits_for_the_table() -> None:
    case = late_in_the_year()
    step = next_step(case, case.latest, RULES)
    assert step is not None
    assert (step.name, step.on) == ("reminder", date(2026, 12, 28))
    on_its_day = step.make(date(2026, 12, 28))
    assert isinstance(on_its_day, c.SendReminder)
    assert on_its_day.fee == 38_00
    beyond = step.make(date(2027, 1, 4))
    assert isinstance(beyond, Refusal)
    assert (beyond.code, beyond.facts["date"]) == ("rates_missing", "2027-01-04")
    waiting = next_step(case, date(2027, 1, 4), RULES)
    assert waiting is not None
    assert (waiting.on, waiting.waits_for and waiting.waits_for.code) == (None, "rates_missing")


def test_the_clock_asks_again_for_what_no_table_prices_yet() -> None:
    """Court fees are read from 2026 on: what was due before is due until they say what it costs."""
    case = after(
        c.OpenCase(on=date(2025, 3, 3), reference="2025-9", creditor="clinic-1", debtor="s-9"),
        c.IssueInvoice(
            on=date(2025, 3, 3),
            invoice="K9",
            lines=(InvoiceLine(1, "consultation", 2_300_00),),
            due_date=date(2025, 3, 17),
        ),
        c.ConfirmDelivery(on=date(2025, 3, 5), invoice="K9", channel="post"),
    )
    while (step := next_step(case, case.latest, RULES)) is not None and step.on is not None:
        command = step.make(step.on)
        assert isinstance(command, Command)
        case = after(command, case=case)
    assert step is not None
    assert (step.name, step.waits_for and step.waits_for.code) == (
        "request_legal_decision", "rates_missing"
    )  # fmt: skip
    [due] = [due for due in agenda(case, case.latest, RULES) if due.name.startswith("step:")]
    assert (due.name, due.due_on) == ("step:request_legal_decision", step.asked_again_from)
    assert due.due_on.year == 2025
    too_early = due.make(due.due_on)
    assert isinstance(too_early, Refusal)
    assert too_early.code == "rates_missing"
    assert isinstance(due.make(date(2026, 1, 5)), c.RequestLegalDecision)


def test_a_letter_costs_what_it_costs_on_the_day_on_which_it_is_sent() -> None:
    issued = date(2025, 11, 24)
    case = after(
        c.OpenCase(on=issued, reference="2025-9", creditor="clinic-1", debtor="subject-9"),
        c.IssueInvoice(
            on=issued,
            invoice="K9",
            lines=(InvoiceLine(1, "consultation", 230_00),),
            due_date=date(2025, 12, 8),
        ),
        c.ConfirmDelivery(on=date(2025, 11, 26), invoice="K9", channel="post"),
    )
    step = next_step(case, case.latest, RULES)
    assert step is not None
    sent = [step.make(day) for day in (date(2025, 12, 22), date(2026, 1, 5))]
    fees = [RULES.rates.small_fee_max(day, date(2025, 12, 8)).amount for day in
            (date(2025, 12, 22), date(2026, 1, 5))]  # fmt: skip
    assert [isinstance(letter, c.SendReminder) and letter.fee for letter in sent] == fees


def test_nothing_comes_next_on_a_case_that_owes_nothing() -> None:
    case = after(c.ReceivePayment(on=DUE, payment="B1", amount=413_00), case=k1())
    assert next_step(case, DUE, RULES) is None
    assert "reminder" not in offered(case, DUE)
    assert "reopen_case" in offered(case, DUE)


@pytest.mark.parametrize("seed", range(12))
def test_an_allowed_action_is_carried_out_and_a_refused_one_on_its_date(seed: int) -> None:
    rng = random.Random(seed)
    case, today = k1(), date(2026, 3, 5)
    for _ in range(25):
        today += timedelta(days=rng.randrange(25))
        if not RULES.rates.reviewed(today):
            return
        actions = allowed_actions(case, today, RULES)
        for action in actions:
            if action.allowed:
                assert decide(case, action.command, RULES, today) == list(action.events)
            elif action.earliest is not None:
                later = candidates(case, action.earliest, RULES)[action.name]
                assert not isinstance(decide(case, later, RULES, action.earliest), Refusal)
                before = action.earliest - timedelta(days=1)
                sooner = candidates(case, before, RULES)[action.name]
                assert isinstance(decide(case, sooner, RULES, before), Refusal), action
        chosen = rng.choice([action for action in actions if action.allowed])
        for event in chosen.events:
            case.apply(event)
