"""Agreements: more time, instalments, less than the whole."""

from datetime import timedelta

import msgspec

from ledger.domain import commands as c
from ledger.domain.events import Instalment
from ledger.simulation.life import Life, People
from ledger.simulation.stories.beginnings import USUAL_CLINIC, claim_a_visit, owed


def deferral(me: People) -> Life:
    """Calls before the due date, gets a month, and pays."""
    amount = claim_a_visit(me)
    yield me.rng.randint(5, 12)
    me.call("deferral")
    me.ask(c.GrantDeferral(on=me.day, until=me.day + timedelta(days=30)))
    yield 20
    me.ask(
        c.SendReminder(
            on=me.day, letter=f"{me.reference}-X1", kind="reminder", channel="post", fee=38_00
        )
    )
    yield me.rng.randint(5, 9)
    me.pay(amount)


def deferral_not_kept(me: People) -> Life:
    """Gets a month, and does not pay then."""
    claim_a_visit(me)
    yield 10
    me.call("deferral")
    me.ask(c.GrantDeferral(on=me.day, until=me.day + timedelta(days=25)))
    case = yield 75
    if case.state == "open":
        me.pay(owed(case))


def plan_that_is_kept(me: People) -> Life:
    """Four instalments, all paid."""
    me.open()
    me.invoice(("dental_work", 2_400_00))
    yield 10
    me.call("instalment_plan")
    days = [me.day + timedelta(days=30 * n) for n in range(1, 5)]
    plan = tuple(Instalment(day, 600_00) for day in days)
    me.ask(c.AgreeInstalmentPlan(on=me.day, plan="P1", instalments=plan))
    me.ask(c.AgreeInstalmentPlan(on=me.day, plan="P2", instalments=plan))
    for _ in days:
        case = yield 30
        if case.state == "open":
            me.pay(600_00)
    case = yield 3
    if case.state == "open" and case.outstanding:
        me.pay(owed(case))


def plan_that_is_broken(me: People) -> Life:
    """The second of five instalments does not come, and somebody can't wait for it to be late.

    Each morning he tries to break the plan and to go on; on the day that he may, nothing goes
    further before the debtor has been warned.
    """
    me.open()
    me.invoice(("dental_work", 6_000_00))
    yield 10
    days = [me.day + timedelta(days=30 * n) for n in range(1, 6)]
    plan = tuple(Instalment(day, 1_000_00) for day in days)
    me.call("instalment_plan")
    me.ask(c.AgreeInstalmentPlan(on=me.day, plan="P1", instalments=plan, supplement=1_000_00))
    me.ask(c.AgreeInstalmentPlan(on=me.day, plan="P1", instalments=plan))
    yield 30
    me.pay(1_000_00)
    case = yield (days[1] - me.day).days
    while "P1" in case.plans and case.plans["P1"].active:
        me.ask(c.BreakInstalmentPlan(on=me.day, plan="P1"))
        me.ask(
            c.SendReminder(
                on=me.day,
                letter=f"{me.reference}-X{me.day}",
                kind="collection_notice",
                channel="post",
                deadline=me.day + timedelta(days=14),
            )
        )
        case = yield 1
    case = yield 60
    if case.state == "open":
        me.pay(owed(case))


def plan_after_the_demand(me: People) -> Life:
    """Calls when payment is demanded; the plan costs something, which must be said first."""
    me.clinic = USUAL_CLINIC
    me.open()
    me.invoice(("dental_work", 6_000_00))
    case = yield 50
    while case.state == "open" and not case.letters_of("payment_demand"):
        case = yield 10
    me.call("instalment_plan")
    days = [me.day + timedelta(days=30 * n) for n in range(1, 7)]
    untold = c.AgreeInstalmentPlan(
        on=me.day,
        plan="P1",
        instalments=tuple(Instalment(day, 1_000_00) for day in days),
        supplement=100_00,
    )
    me.ask(untold)
    me.ask(msgspec.structs.replace(untold, cost_informed=True))
    for _ in days:
        case = yield 30
        if case.state == "open":
            me.pay(1_000_00)
    case = yield 3
    if case.state == "open" and case.outstanding:
        me.pay(owed(case))


def settlement_that_lapses(me: People) -> Life:
    """Less than the whole was agreed, and not paid; then all is owed as before."""
    me.open()
    me.invoice(("dental_work", 2_300_00))
    yield 20
    me.ask(
        c.AgreeSettlement(
            on=me.day,
            settlement="S1",
            amount=1_500_00,
            pay_by=me.day + timedelta(days=20),
            agreed_by=me.clinic,
        )
    )
    me.ask(c.LapseSettlement(on=me.day, settlement="S1"))
    case = yield 60
    if case.state == "open":
        me.pay(owed(case))
