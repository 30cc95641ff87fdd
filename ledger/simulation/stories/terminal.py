"""What happens at the payment terminal, and what frikort covers."""

from ledger.domain import commands as c
from ledger.domain.events import InvoiceLine
from ledger.simulation.life import Life, People
from ledger.simulation.stories.beginnings import fees, owed


def split_at_the_terminal(me: People) -> Life:
    """The consultation reached the terminal and was paid; the laboratory charge never did."""
    me.open()
    me.charge("consultation", 230_00, "10:38")
    me.to_terminal("consultation", "10:40")
    me.tap(230_00, "10:42")
    me.charge("lab", 183_00, "10:50")
    yield 2
    me.invoice(InvoiceLine(1, "lab", 183_00, "lab", egenandel=True))
    case = yield me.rng.randint(15, 40)
    if case.state != "open":
        return
    me.call("terminal_split")
    me.object_to("terminal_split")
    case = yield 1
    me.answer("rejected", by="agent:a1", referred=False)
    me.ask(c.NotifyDisputeAnswer(on=me.day, dispute="D1"))
    charged = fees(case)
    if charged:
        me.ask(c.WaiveFees(on=me.day, parts=charged, reason="good_faith_terminal"))
    case = yield 6
    me.pay(owed(case))


def tapped_too_early(me: People) -> Life:
    """The screen said zero, and the charge came five minutes later."""
    me.open()
    me.tap(0, "10:31")
    me.charge("consultation", 413_00, "10:36")
    yield 3
    me.invoice(InvoiceLine(1, "consultation", 413_00, "consultation", egenandel=True))
    me.tap(413_00, "16:00")
    case = yield me.rng.randint(10, 35)
    me.call("terminal_zero")
    me.object_to("terminal_showed_zero")
    case = yield 2
    me.answer("rejected", by="agent:a2", referred=False)
    charged = fees(case)
    if charged:
        me.ask(c.WaiveFees(on=me.day, parts=charged, reason="good_faith_terminal"))
    case = yield 8
    if case.state == "open":
        me.pay(owed(case))


def frikort_and_material(me: People) -> Life:
    """A frikort does not cover material."""
    me.open()
    me.invoice(
        InvoiceLine(1, "consultation", 0, egenandel=True), InvoiceLine(2, "material", 138_00)
    )
    case = yield me.rng.randint(6, 12)
    me.call("frikort", disclosed="lines")
    me.object_to("misunderstanding_frikort")
    case = yield 1
    me.answer("rejected", by="agent:a1", referred=False)
    case = yield 5
    me.pay(owed(case))
