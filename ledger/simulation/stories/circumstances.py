"""What the debtor's life does to a case: age, death, insolvency, others who speak for him."""

from datetime import date, timedelta

from ledger.domain import commands as c
from ledger.simulation.life import Life, People
from ledger.simulation.stories.beginnings import SENIOR, claim_a_visit, owed


def minor(me: People) -> Life:
    """Seventeen, came alone: the claim stands, and costs nothing more, ever."""
    me.open()
    me.invoice(("consultation", 230_00), patient="minor", fee=45_00)
    me.invoice(("consultation", 230_00), patient="minor")
    case = yield 40
    me.ask(
        c.SendReminder(
            on=me.day, letter=f"{me.reference}-X1", kind="reminder", channel="post", fee=38_00
        )
    )
    me.call("balance", caller="third_party")
    me.ask(c.RefuseDisclosure(on=me.day, contact=f"{me.reference}-third", channel="phone"))
    case = yield 10
    if case.state == "open":
        me.pay(owed(case))


def under_sixteen(me: People) -> Life:
    """Fifteen: no egenandel; material is claimed from the guardian who came along."""
    me.open(guardian=True)
    me.invoice(("consultation", 230_00), patient="under_16")
    me.invoice(("material", 97_00), patient="under_16")
    case = yield 30
    me.pay(owed(case) or 97_00, invoice=2)


def third_party(me: People) -> Life:
    """A spouse calls; then with an authorisation for payment; then about the lines."""
    claim_a_visit(me)
    yield 12
    me.call("balance", caller="third_party", outcome="open")
    me.ask(c.RefuseDisclosure(on=me.day, contact=f"{me.reference}-refused", channel="phone"))
    yield 6
    me.ask(
        c.RegisterAuthorisation(
            on=me.day,
            authorisation="F1",
            holder=f"holder-{me.serial}",
            scope="payment",
            valid_from=me.day,
            valid_to=me.day + timedelta(days=90),
            verified_by="signed_form",
        )
    )
    case = yield 1
    me.call("balance", caller="third_party", authorisation="F1")
    me.call("basis", caller="third_party", authorisation="F1", disclosed="lines")
    me.ask(c.RevokeAuthorisation(on=me.day, authorisation="F1"))
    case = yield 3
    if case.state == "open":
        me.pay(owed(case))


def wants_to_be_called(me: People) -> Life:
    """Writes, wants a call, and is called back within the hours of the law."""
    claim_a_visit(me)
    yield 8
    me.ask(c.SetContactPreference(on=me.day, channel="phone"))
    me.ask(c.RequestCallback(on=me.day, callback="C0", at=me.at("22:30")))
    me.ask(c.RequestCallback(on=me.day, callback="C1", at=me.at("12:00", _weekday(me.day, 1))))
    me.ask(c.TakeNote(on=me.day, note="N1", text="Vil bli ringt opp igjen om betaling"))
    me.ask(c.TakeNote(on=me.day, note="N2", text="Pasienten har diagnose F32.1"))
    me.ask(c.TakeNote(on=me.day, note="N3", text="Forteller hele historien. " * 30))
    yield (_weekday(me.day, 1) - me.day).days
    me.ask(c.MakeCallback(on=me.day, callback="C1", reached=True, at=me.at("12:05")))
    me.call("balance", direction="outgoing", clock="21:45")
    case = yield 5
    if case.state == "open":
        me.pay(owed(case))


def _weekday(day: date, ahead: int) -> date:
    """A day so far ahead, or the next Tuesday after it."""
    found = day + timedelta(days=ahead)
    while found.weekday() != 1:
        found += timedelta(days=1)
    return found


def dies(me: People) -> Life:
    """Letters stop, and the estate pays."""
    claim_a_visit(me)
    yield 25
    _died(me)
    me.ask(c.SendReminder(on=me.day, letter=f"{me.reference}-X1", kind="reminder", channel="post"))
    case = yield 70
    me.pay(owed(case))


def dies_insolvent(me: People) -> Life:
    """The estate has nothing; so much is given up by two people only."""
    me.open()
    me.invoice(("dental_work", 3_800_00))
    yield 25
    _died(me)
    yield 70
    insolvent = c.CloseCase(on=me.day, reason="estate_insolvent")
    me.ask(insolvent, SENIOR)
    me.ask(c.RequestApproval(on=me.day, approval="E", action=insolvent))
    yield 2
    me.ask(c.Approve(on=me.day, approval="E"), SENIOR)


def _died(me: People) -> None:
    me.ask(
        c.RegisterCircumstance(on=me.day, circumstance="estate", since=me.day - timedelta(days=4)),
        "system:register",
    )


def goes_bankrupt(me: People) -> Life:
    """What is older is stopped; a new visit is not covered."""
    claim_a_visit(me)
    yield 40
    me.ask(
        c.RegisterCircumstance(on=me.day, circumstance="bankruptcy", since=me.day),
        "system:register",
    )
    yield 3
    me.ask(c.SendReminder(on=me.day, letter=f"{me.reference}-X1", kind="reminder", channel="post"))
    yield 120
    me.ask(c.WriteOff(on=me.day, reason="uncollectable"), SENIOR)
    me.ask(
        c.RequestApproval(
            on=me.day, approval="W", action=c.WriteOff(on=me.day, reason="uncollectable")
        )
    )
    me.ask(c.Approve(on=me.day, approval="W"), SENIOR)


def settles_debts(me: People) -> Life:
    """Debt settlement: nothing is collected while it runs."""
    claim_a_visit(me)
    yield 45
    me.ask(
        c.RegisterCircumstance(on=me.day, circumstance="debt_settlement", since=me.day),
        "system:register",
    )
    me.ask(c.SendReminder(on=me.day, letter=f"{me.reference}-X1", kind="reminder", channel="post"))
    yield 200
    me.ask(c.EndCircumstance(on=me.day, circumstance="debt_settlement"))
    case = yield 40
    if case.state == "open":
        me.pay(owed(case))


def protected_address(me: People) -> Life:
    """Only what reaches the person without an address may be used."""
    claim_a_visit(me)
    yield 2
    me.ask(
        c.RegisterCircumstance(on=me.day, circumstance="protected_address", since=me.day),
        "system:register",
    )
    yield 30
    me.ask(c.SendReminder(on=me.day, letter=f"{me.reference}-X1", kind="reminder", channel="post"))
    case = yield 20
    if case.state == "open":
        me.pay(owed(case))
