"""Wishes that the rules know better than, and cases that somebody must look at first."""

from datetime import date, timedelta
from uuid import UUID, uuid5

import msgspec

from ledger.application.orders import Order
from ledger.domain import commands as c
from ledger.domain.events import HoldKind, InvoiceLine, Part
from ledger.domain.money import MAX_AMOUNT
from ledger.domain.policy import ClinicPolicy
from ledger.simulation.life import ACCOUNT, Life, People
from ledger.simulation.stories.beginnings import SENIOR, USUAL_CLINIC, claim_a_visit, owed

NEW_ACT: date = date(2027, 1, 4)
"""A Monday on which the simulated world has the new act."""


def how_old(me: People) -> Life:
    """The clinic wrote that the patient is an adult, and somebody doubts it."""
    return _looked_at(me, "minor_review")


def which_law(me: People) -> Life:
    """A claim of a kind that nobody has read the rules for."""
    return _looked_at(me, "regime_unreviewed")


def whose_claim(me: People) -> Life:
    """The clinic was sold, they say."""
    return _looked_at(me, "creditor_change")


def which_person(me: People) -> Life:
    """Another person of the same name calls."""
    return _looked_at(me, "identity_doubt")


def _looked_at(me: People, doubt: HoldKind) -> Life:
    """Nothing goes out until somebody has looked."""
    claim_a_visit(me)
    yield 20
    hold = c.PlaceHold(on=me.day, hold="H1", kind=doubt, review_on=me.day + timedelta(days=10))
    me.ask(hold)
    me.ask(hold)
    yield 15
    me.ask(c.ReleaseHold(on=me.day, hold="H1"))
    case = yield 20
    if case.state == "open":
        me.pay(owed(case))


def three_fees(me: People) -> Life:
    """Two letters with a fee, and a third within six months."""
    me.clinic = USUAL_CLINIC
    me.open()
    me.invoice(("consultation", 690_00))
    for wait, kind in ((30, "reminder"), (20, "collection_notice"), (25, "reminder")):
        yield wait
        me.ask(
            c.SendReminder(
                on=me.day,
                letter=f"{me.reference}-T{wait}",
                kind="reminder" if kind == "reminder" else "collection_notice",
                channel="post",
                deadline=me.day + timedelta(days=14),
                fee=35_00,
            )
        )
    case = yield 30
    if case.state == "open":
        me.pay(owed(case))


def sends_its_own_notice(me: People) -> Life:
    """A clinic that does as it always did, on the first Monday under the new act.

    Nor does a reminder go out: nobody has confirmed yet how the act is read.
    """
    claim_a_visit(me)
    yield max(20, (NEW_ACT - me.day).days)
    for sender in ("clinic", "agency"):
        me.ask(
            c.SendReminder(
                on=me.day,
                letter=f"{me.reference}-O{sender}",
                kind="collection_notice",
                channel="post",
                deadline=me.day + timedelta(days=14),
                sender="clinic" if sender == "clinic" else "agency",
            )
        )
    me.ask(c.SendReminder(on=me.day, letter=f"{me.reference}-O", kind="reminder", channel="post"))


def next_to_nothing(me: People) -> Life:
    """Thirty kroner: nobody is written to about that, and it is no small remainder either."""
    me.open()
    me.invoice(("expedition", 30_00))
    yield 40
    me.ask(c.SendReminder(on=me.day, letter=f"{me.reference}-S", kind="reminder", channel="post"))
    me.ask(c.WriteOff(on=me.day, reason="small_remainder"))
    me.ask(c.WriteOff(on=me.day, reason="uncollectable"))


def fat_fingers(me: People) -> Life:
    """Everything typed twice, on the wrong day, in the wrong currency, for the wrong case."""
    me.ask(c.AcknowledgeDebt(on=me.day, how="by_phone"))
    me.ask(
        c.OpenCase(on=me.day, reference=me.reference, creditor=me.clinic, currency="XXX"),
    )
    me.open()
    me.ask(c.SendReminder(on=me.day, letter=f"{me.reference}-E", kind="reminder", channel="post"))
    me.charge("lab", 183_00, "10:50")
    me.charge("lab", 183_00, "10:55")
    me.to_terminal("lab", "11:00")
    me.to_terminal("nothing", "11:00")
    me.tap(183_00, "11:02")
    me.invoice(InvoiceLine(1, "lab", 183_00, "lab"))
    me.invoice(("certificate", 480_00))
    case = yield 3
    name = f"{me.reference}-2"
    me.ask(c.ReopenCase(on=me.day, reason="other"))
    me.ask(
        c.DecideAsClinic(on=me.day, choice="credit", decided_by=me.clinic), f"clinic:{me.clinic}"
    )
    me.ask(c.RaiseDispute(on=me.day, dispute="D1", category="other"))
    me.ask(c.RaiseDispute(on=me.day, dispute="D1", category="other"))
    me.answer("rejected", by="agent:a1", referred=False)
    me.answer("rejected", by="agent:a1", referred=False)
    me.ask(c.GrantDeferral(on=me.day + timedelta(days=1), until=me.day + timedelta(days=9)))
    me.ask(
        c.SendReminder(
            on=me.day, letter=f"{me.reference}-F", kind="collection_notice", channel="post"
        )
    )
    parts = (Part("principal", 1_00, name),)
    for _ in range(2):
        me.ask(c.ReceivePayment(on=me.day, payment="twice", amount=1_00, parts=parts))
    me.ask(c.ReceivePayment(on=me.day, payment="nothing", amount=0))
    yield 20
    me.ask(
        c.SendReminder(
            on=me.day, letter=f"{me.reference}-G", kind="collection_notice", channel="post"
        )
    )
    _to_others(me)
    case = yield 30
    if case.state == "open":
        me.pay(owed(case), invoice=2)


def _to_others(me: People) -> None:
    """What is asked of a new case, an old history, a clinic or the application itself."""
    stranger, clinic_to_be = uuid5(me.case, "stranger"), uuid5(me.case, "clinic")
    open_again = c.OpenCase(on=me.day, reference=me.reference, creditor=me.clinic)
    history = c.ImportHistory(
        on=me.day,
        source="old",
        reference=f"{me.reference}-old",
        creditor=me.clinic,
        currency="NOK",
        events=(c.Paid(on=me.day, amount=35_00),),
    )
    falling = msgspec.structs.replace(
        history,
        events=(
            c.Claimed(on=me.day, amount=35_00),
            c.FeeAddedUpTo(on=me.day, component="penalty", total=34_00),
        ),
    )
    me.ask_another(stranger, open_again)
    me.ask_another(stranger, history)
    me.ask_another(stranger, falling)
    clinic = c.RegisterClinic(
        on=me.day, clinic="x", organisation_number="999000003", trade_name="x", account=ACCOUNT
    )
    me.ask_another(clinic_to_be, clinic)
    account = msgspec.structs.replace(
        clinic, organisation_number="999000002", account="15032080118"
    )
    me.ask_another(clinic_to_be, account)
    me.ask_another(clinic_to_be, c.SetClinicPolicy(on=me.day, policy=ClinicPolicy()))
    huge = InvoiceLine(1, "other", MAX_AMOUNT)
    due = me.day + timedelta(days=14)
    me.ask(c.IssueInvoice(on=me.day, invoice="huge", lines=(huge,), due_date=due))
    me.ask(c.SetContactPreference(on=me.day, channel="email"))
    me.orders.append(msgspec.structs.replace(me.orders[-1], command=open_again))
    stale = c.AcknowledgeDebt(on=me.day, how="in_writing")
    me.orders.append(
        Order(
            case=me.case,
            command=stale,
            command_id=uuid5(UUID(int=me.serial), "stale"),
            actor=SENIOR,
            channel="page",
            expected_version=1,
        )
    )


def refunded_and_returned(me: People) -> Life:
    """Paid too much, paid back, and then the bank takes the payment back."""
    amount = claim_a_visit(me)
    yield 8
    me.pay(amount + 100_00)
    yield 2
    me.ask(c.RefundOverpayment(on=me.day, refund=f"{me.reference}-R", amount=100_00))
    yield 2
    me.ask(
        c.ReversePayment(on=me.day, payment=f"{me.reference}-B1", reason="returned_by_bank"),
        "system:bank",
        "bank",
    )
