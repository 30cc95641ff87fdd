"""People who pay: in time, late, in parts, too much, to the wrong account."""

from datetime import timedelta

from ledger.domain import commands as c
from ledger.domain.events import Part
from ledger.simulation.life import Life, People
from ledger.simulation.stories.beginnings import SENIOR, claim_a_visit, fees, owed


def pays_in_time(me: People) -> Life:
    """As most do."""
    amount = claim_a_visit(me)
    yield me.rng.randint(3, 14)
    me.pay(amount)


def pays_after_reminder(me: People) -> Life:
    """Forgot it; the reminder helps."""
    claim_a_visit(me)
    case = yield me.rng.randint(32, 40)
    if case.state == "open":
        me.pay(owed(case))


def pays_after_notice(me: People) -> Life:
    """Pays when collection is announced."""
    claim_a_visit(me)
    case = yield me.rng.randint(50, 60)
    if case.state == "open":
        me.pay(owed(case))


def paid_but_booked_late(me: People) -> Life:
    """The order was given to the bank within the notice's deadline, and booked after the demand."""
    claim_a_visit(me)
    case = yield 58
    notices = case.letters_of("collection_notice")
    if not notices or notices[-1].deadline is None:
        return
    deadline, asked = notices[-1].deadline, sum(part.amount for part in notices[-1].asked)
    case = yield max(1, (deadline - me.day).days + 6)
    if case.state == "open":
        me.pay(asked, ordered=deadline)


def partial_payments(me: People) -> Life:
    """Pays what he can, when he can."""
    amount = claim_a_visit(me)
    for _ in range(3):
        case = yield me.rng.randint(12, 25)
        if case.state != "open":
            return
        me.pay(max(1_00, amount // 4))
    case = yield 40
    if case.state == "open":
        me.pay(owed(case))


def small_rest(me: People) -> Life:
    """A few kroner of interest are left, and given up with the payment."""
    amount = claim_a_visit(me)
    yield 25
    me.pay(amount)


def pays_too_much(me: People) -> Life:
    """The rest is the patient's, and goes back; a large one takes two people."""
    amount = claim_a_visit(me)
    more = me.rng.choice((43_30, 2_500_00))
    yield 10
    me.pay(amount + more)
    yield 2
    refund = c.RefundOverpayment(on=me.day, refund=f"{me.reference}-R", amount=more)
    me.ask(refund)
    if more > 2_000_00:
        me.ask(c.RequestApproval(on=me.day, approval="A1", action=refund), "agent:a3")
        me.ask(c.Approve(on=me.day, approval="A1"), "senior:a3")
        yield 1
        me.ask(c.Approve(on=me.day, approval="A1"), SENIOR)
    me.ask(c.RefundOverpayment(on=me.day, refund=f"{me.reference}-R2", amount=more + 1))


def payment_is_returned(me: People) -> Life:
    """The bank takes it back: the case goes on."""
    amount = claim_a_visit(me)
    yield 8
    me.pay(amount)
    yield 6
    me.ask(
        c.ReversePayment(on=me.day, payment=f"{me.reference}-B1", reason="returned_by_bank"),
        "system:bank",
        "bank",
    )
    me.ask(
        c.ReversePayment(on=me.day, payment=f"{me.reference}-B1", reason="returned_by_bank"),
        "system:bank",
        "bank",
    )
    case = yield 25
    if case.state == "open":
        me.pay(owed(case))


def wrong_kid(me: People) -> Life:
    """Typed a wrong number: the money waits until somebody finds out."""
    amount = claim_a_visit(me)
    yield 7
    wrong = me.pay(amount, kid=me.rng.choice(("1234567", "12345674", None)))
    me.pay(amount, kid=None, line=f"{me.reference}-B1")
    yield 4
    me.on_receipt(wrong, c.MatchReceipt(on=me.day, case=me.case))
    me.on_receipt(wrong, c.MatchReceipt(on=me.day, case=me.case))


def pays_after_it_is_closed(me: People) -> Life:
    """Credited by the clinic, and paid all the same: the money goes back."""
    amount = claim_a_visit(me)
    name = f"{me.reference}-1"
    yield 9
    me.ask(
        c.Credit(
            on=me.day,
            credit_note=f"{me.reference}-C",
            reason="charged_in_error",
            parts=(Part("principal", amount, name),),
            never_owed=True,
        ),
        f"clinic:{me.clinic}",
    )
    yield 3
    me.ask(c.GrantDeferral(on=me.day, until=me.day + timedelta(days=9)))
    stray = me.pay(amount)
    yield 5
    me.on_receipt(stray, c.ReturnReceipt(on=me.day))


def names_what_he_pays(me: People) -> Life:
    """Says what he pays: first more than he pays, then what is not owed, then rightly."""
    me.open()
    name = me.invoice(("consultation", 500_00))
    yield 20
    for part, amount in ((300_00, 200_00), (600_00, 600_00), (200_00, 200_00)):
        me.ask(
            c.ReceivePayment(
                on=me.day,
                payment=f"{me.reference}-P{part}-{amount}",
                amount=amount,
                parts=(Part("principal", part, name),),
            ),
            "system:bank",
        )
    case = yield 8
    me.pay(owed(case))


def says_it_is_paid(me: People) -> Life:
    """Held while the bank is asked; it was paid to the clinic."""
    amount = claim_a_visit(me)
    yield 33
    me.call("payment")
    me.ask(
        c.PlaceHold(
            on=me.day,
            hold="H1",
            kind="payment_claimed",
            review_on=me.day + timedelta(days=7),
            until=me.day + timedelta(days=21),
        )
    )
    me.ask(
        c.SendReminder(
            on=me.day,
            letter=f"{me.reference}-X1",
            kind="collection_notice",
            channel="post",
            deadline=me.day + timedelta(days=14),
        )
    )
    case = yield 9
    me.ask(
        c.ReportDirectPayment(on=me.day, payment=f"{me.reference}-clinic", amount=amount),
        f"clinic:{me.clinic}",
    )
    me.ask(c.ReleaseHold(on=me.day, hold="H1"))
    case = yield 2
    if case.state == "open":
        me.ask(c.WaiveFees(on=me.day, parts=fees(case), reason="goodwill"))
    case = yield 2
    if case.state == "open":
        me.pay(owed(case))


def comes_again(me: People) -> Life:
    """A second visit to the same clinic: it belongs to the open case."""
    claim_a_visit(me)
    yield 6
    me.ask(
        c.OpenCase(on=me.day, reference=f"{me.reference}-b", creditor=me.clinic, debtor=me.debtor)
    )
    other = People(me.serial + 900_000, 0, me.clinic, me.rng)
    other.day = me.day
    other.debtor = me.debtor
    other.open()
    me.orders += other.orders
    me.invoice(("lab", 183_00))
    case = yield 40
    if case.state == "open":
        me.pay(owed(case), invoice=2)
