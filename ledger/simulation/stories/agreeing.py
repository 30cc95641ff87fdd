"""Agreements: more time, instalments, less than the whole."""

from datetime import timedelta

from ledger.domain import commands as c
from ledger.domain.events import Instalment
from ledger.simulation.life import Life, People
from ledger.simulation.stories.beginnings import claim_a_visit, owed


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
    """Five instalments with a supplement; the second does not come."""
    me.open()
    me.invoice(("dental_work", 6_000_00))
    yield 16
    days = [me.day + timedelta(days=30 * n) for n in range(1, 6)]
    plan = tuple(Instalment(day, 1_000_00) for day in days)
    me.call("instalment_plan")
    ask = c.AgreeInstalmentPlan(on=me.day, plan="P1", instalments=plan, supplement=1_000_00)
    me.ask(ask)
    me.ask(
        c.AgreeInstalmentPlan(
            on=me.day, plan="P1", instalments=plan, supplement=1_000_00, cost_informed=True
        )
    )
    me.ask(c.BreakInstalmentPlan(on=me.day, plan="P1"))
    yield 30
    me.pay(1_000_00)
    case = yield 45
    for kind in ("collection_notice", "payment_demand"):
        me.ask(
            c.SendReminder(
                on=me.day,
                letter=f"{me.reference}-X{kind}",
                kind="collection_notice" if kind == "collection_notice" else "payment_demand",
                channel="post",
                deadline=me.day + timedelta(days=14),
            )
        )
    case = yield 60
    if case.state == "open":
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
