"""People who object, and clinics that answer or are silent."""

from datetime import timedelta

from ledger.domain import commands as c
from ledger.domain.events import InvoiceLine, Part
from ledger.simulation.life import Life, People
from ledger.simulation.stories.beginnings import SENIOR, owed


def billed_in_spite_of_frikort(me: People) -> Life:
    """The clinic credits the share; the material stands, and the fee falls away."""
    me.open()
    name = me.invoice(
        InvoiceLine(1, "consultation", 179_00, egenandel=True), InvoiceLine(2, "material", 138_00)
    )
    case = yield 31
    me.object_to("wrong_amount")
    me.ask(c.ReferDispute(on=me.day, dispute="D1", referred_to=me.clinic))
    case = yield me.rng.randint(2, 8)
    me.ask(
        c.AnswerDispute(
            on=me.day,
            dispute="D1",
            outcome="partly_upheld",
            decided_by=me.clinic,
            credit=(Part("principal", 179_00, name, 1),),
        ),
        f"clinic:{me.clinic}",
    )
    case = yield 10
    me.pay(owed(case))


def record_copy(me: People) -> Life:
    """A copy of the record, to someone who never visited: the clinic credits it."""
    me.open()
    me.invoice(("record_copy", 250_00))
    yield 9
    me.call("record_copy", outcome="referred_to_clinic", disclosed="lines")
    me.object_to("never_visited")
    me.ask(c.ReferDispute(on=me.day, dispute="D1", referred_to=me.clinic))
    me.ask(c.AskClinic(on=me.day, question="Q1", topic="record_copy"))
    yield me.rng.choice((7, 20))
    me.ask(c.ReplyFromClinic(on=me.day, question="Q1", answer="will_credit"), f"clinic:{me.clinic}")
    me.answer("upheld")


def disputed_and_silent(me: People) -> Life:
    """The clinic says nothing for weeks; two others reject what it should have decided."""
    me.open()
    me.invoice(("certificate", me.rng.choice((480_00, 910_00))))
    case = yield 20
    me.object_to("service")
    me.ask(c.ReferDispute(on=me.day, dispute="D1", referred_to=me.clinic))
    case = yield 30
    reject = c.AnswerDispute(on=me.day, dispute="D1", outcome="rejected", decided_by="agency")
    me.ask(reject)
    me.ask(c.RequestApproval(on=me.day, approval="A1", action=reject))
    me.ask(c.Approve(on=me.day, approval="A1"), "senior:a1")
    me.ask(c.Approve(on=me.day, approval="A1"), "agent:a9")
    case = yield 1
    me.ask(c.Approve(on=me.day, approval="A1"), SENIOR)
    me.ask(c.Approve(on=me.day, approval="A1"), SENIOR)
    case = yield 60
    if case.state == "open":
        me.pay(owed(case))


def small_and_disputed(me: People) -> Life:
    """The clinic maintains it; the court fee is more than twenty times the claim: it credits."""
    me.open()
    me.invoice(("material", 94_00))
    yield 18
    me.object_to("wrong_amount")
    me.ask(c.ReferDispute(on=me.day, dispute="D1", referred_to=me.clinic))
    me.ask(
        c.SendReminder(
            on=me.day, letter=f"{me.reference}-X1", kind="reminder", channel="post", fee=38_00
        )
    )
    yield 9
    me.ask(c.RequestLegalDecision(on=me.day, reason="disputed"))
    me.ask(c.FileLegalStep(on=me.day, filing=f"{me.reference}-F1", step="conciliation"))
    yield 4
    me.answer("rejected")
    me.ask(
        c.DecideAsClinic(on=me.day, choice="credit", decided_by=me.clinic), f"clinic:{me.clinic}"
    )
    me.ask(
        c.DecideAsClinic(on=me.day, choice="credit", decided_by=me.clinic), f"clinic:{me.clinic}"
    )


def to_the_conciliation_board(me: People) -> Life:
    """A larger claim that the patient goes on to dispute."""
    me.open()
    me.invoice(("dental_work", 9_400_00))
    yield 25
    me.object_to("service")
    me.ask(c.ReferDispute(on=me.day, dispute="D1", referred_to=me.clinic))
    case = yield 10
    while case.legal_reason is None and case.state == "open":
        # Refused as long as nobody knows what the board charges.
        me.ask(c.RequestLegalDecision(on=me.day, reason="disputed"))
        case = yield 30
    me.ask(
        c.DecideAsClinic(on=me.day, choice="conciliation", decided_by=me.clinic),
        f"clinic:{me.clinic}",
    )
    yield 3
    me.ask(c.FileLegalStep(on=me.day, filing=f"{me.reference}-F1", step="conciliation"))
    me.ask(c.ChargeFee(on=me.day, component="court_fee", amount=2_071_00))
    me.ask(c.ChargeFee(on=me.day, component="court_fee", amount=2_071_00))
    yield 90
    me.ask(c.RecordEnforcementResult(on=me.day, filing=f"{me.reference}-F1", outcome="judgment"))
    me.answer("rejected")
    me.ask(
        c.AgreeSettlement(
            on=me.day,
            settlement="S1",
            amount=8_000_00,
            pay_by=me.day + timedelta(days=30),
            agreed_by=me.clinic,
        )
    )
    yield 20
    me.pay(8_000_00)
