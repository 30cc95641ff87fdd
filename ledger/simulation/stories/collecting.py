"""Claims that go up the ladder, and those that are too old or came too late."""

from collections.abc import Generator
from datetime import timedelta

from ledger.domain import commands as c
from ledger.domain.case import Case
from ledger.domain.events import EnforcementOutcome, InvoiceLine
from ledger.simulation.life import Life, People
from ledger.simulation.stories.beginnings import SENIOR, USUAL_CLINIC, claim_a_visit, owed


def pays_nothing(me: People) -> Life:
    """The ladder to its end: the enforcement officer finds nothing."""
    me.clinic = USUAL_CLINIC
    yield from _up_the_ladder(me, "nothing_to_attach")


def pays_when_attached(me: People) -> Life:
    """The ladder to its end: the enforcement officer attaches what pays for all."""
    case = yield from _up_the_ladder(me, "attached")
    if case.filings:
        case = yield 30
        me.pay(owed(case))


def _up_the_ladder(me: People, outcome: EnforcementOutcome) -> Generator[int, Case, Case]:
    """The clinic chooses the enforcement officer, and he finds what he finds."""
    me.open()
    me.invoice(("dental_work", me.rng.choice((3_450_00, 5_200_00, 12_800_00))))
    yield from _clinic_chooses_the_officer(me)
    # The demand may be too old by now; a legal step needs a new one, and its deadline.
    _demand_payment(me)
    yield 21
    me.ask(c.FileLegalStep(on=me.day, filing=f"{me.reference}-F1", step="enforcement"))
    me.ask(c.ChargeFee(on=me.day, component="court_fee", amount=928_00))
    me.ask(c.ChargeFee(on=me.day, component="drafting_fee", amount=672_00))
    me.ask(c.ChargeFee(on=me.day, component="penalty", amount=100_00))
    case = yield 60
    if case.filings:
        me.ask(c.RecordEnforcementResult(on=me.day, filing=f"{me.reference}-F1", outcome=outcome))
    return case


def _demand_payment(me: People) -> None:
    """Somebody sends a demand himself, whatever the clock does."""
    me.ask(
        c.SendReminder(
            on=me.day,
            letter=f"{me.reference}-X1",
            kind="payment_demand",
            channel="post",
            deadline=me.day + timedelta(days=14),
        )
    )


def _clinic_chooses_the_officer(me: People, after: int = 5) -> Life:
    """Whoever can't wait for the clinic is refused; and what a step costs must be known first."""
    case = yield 140
    while case.legal_reason is None and case.state == "open":
        me.ask(c.FileLegalStep(on=me.day, filing=f"{me.reference}-F0", step="enforcement"))
        me.ask(c.RequestLegalDecision(on=me.day, reason="unpaid"))
        case = yield 30
    yield after
    me.ask(
        c.DecideAsClinic(on=me.day, choice="enforcement", decided_by=me.clinic),
        f"clinic:{me.clinic}",
    )
    yield 5


def waits_too_long(me: People) -> Life:
    """The clinic lets the choice lie until the demand is too old for a legal step."""
    me.clinic = USUAL_CLINIC
    me.open()
    me.invoice(("dental_work", 4_800_00))
    yield from _clinic_chooses_the_officer(me, after=190)
    me.ask(c.FileLegalStep(on=me.day, filing=f"{me.reference}-F1", step="enforcement"))
    me.ask(c.CloseCase(on=me.day, reason="paid"))
    me.ask(c.CloseCase(on=me.day, reason="recalled"))


def old_claim(me: People) -> Life:
    """A claim from years ago is handed over: too late for a demand."""
    issued = me.day - timedelta(days=3 * 365 + 40)
    me.open(issued)
    me.invoice(("consultation", 413_00), on=issued)
    yield 1
    _demand_payment(me)
    yield 3
    me.ask(c.CloseCase(on=me.day, reason="time_barred"), SENIOR)
    yield 2
    me.ask(c.ReopenCase(on=me.day, reason="wrong_credit"))


def nearly_too_old(me: People) -> Life:
    """A claim that is time-barred in a few months: somebody is warned, and it is acknowledged."""
    issued = me.day - timedelta(days=3 * 365 - 100)
    me.open(issued)
    me.invoice(("consultation", 690_00), on=issued)
    yield 45
    me.ask(c.CloseCase(on=me.day, reason="time_barred"), SENIOR)
    me.ask(c.AcknowledgeDebt(on=me.day, how="in_writing"))
    case = yield 20
    if case.state == "open":
        me.pay(owed(case))


def came_months_late(me: People) -> Life:
    """The invoice came months after the visit, by somebody's error: it carries no fee."""
    me.open()
    visited = me.day - timedelta(days=90)
    me.invoice(("consultation", 230_00), visited=visited, fee=45_00)
    me.invoice(("consultation", 230_00), visited=visited)
    case = yield 35
    me.ask(
        c.SendReminder(
            on=me.day, letter=f"{me.reference}-X1", kind="reminder", channel="post", fee=38_00
        )
    )
    case = yield 10
    if case.state == "open":
        me.pay(owed(case), invoice=2)


def mail_comes_back(me: People) -> Life:
    """An address is looked for; nothing costs anything until the invoice has arrived."""
    me.open()
    name = me.invoice(("consultation", 280_00), delivered=False)
    yield 5
    me.ask(
        c.RecordDeliveryFailure(on=me.day, subject=name, channel="post"), "system:post", "letter"
    )
    yield 30
    me.ask(c.ReleaseHold(on=me.day, hold=f"address-{name}"))
    me.ask(
        c.SendReminder(
            on=me.day, letter=f"{me.reference}-X1", kind="reminder", channel="post", fee=38_00
        )
    )
    me.ask(c.ConfirmDelivery(on=me.day, invoice=name, channel="digital_mailbox"), "system:post")
    case = yield 20
    if case.state == "open":
        me.pay(owed(case))


def wrong_letter(me: People) -> Life:
    """A notice was sent with a wrong content: what rested on it falls away."""
    claim_a_visit(me)
    case = yield 75
    for name, letter in case.letters.items():
        if letter.kind == "collection_notice":
            me.ask(c.VoidLetter(on=me.day, letter=name, reason="wrong_content"))
            me.ask(c.ReclaimFee(on=me.day, letter=name))
            break
    case = yield 30
    if case.state == "open":
        me.pay(owed(case))


def clumsy_agent(me: People) -> Life:
    """Somebody new tries what the rules know better."""
    me.clinic = USUAL_CLINIC
    me.open()
    name = me.invoice(("consultation", 512_00))
    me.ask(c.OpenCase(on=me.day, reference=f"{me.reference}-again", creditor=me.clinic))
    me.ask(
        c.IssueInvoice(
            on=me.day,
            invoice=name,
            lines=(InvoiceLine(1, "lab", 10_00),),
            due_date=me.day + timedelta(days=14),
        )
    )
    me.ask(
        c.IssueInvoice(
            on=me.day,
            invoice=f"{name}-x",
            lines=(InvoiceLine(1, "lab", 10_00, "nothing"),),
            due_date=me.day + timedelta(days=14),
            kid="0010018",
        )
    )
    for on, kind, fee, days in (
        (14, "reminder", 0, 14),
        (1, "payment_demand", 0, 14),
        (8, "reminder", 38_00, 14),
        (6, "reminder", 39_00, 14),
        (1, "reminder", 35_00, 5),
        (8, "collection_notice", 35_00, 14),
        (1, "collection_notice", 0, 13),
        (1, "collection_notice", 0, 14),
        (3, "payment_demand", 0, 14),
    ):
        yield on
        letter = f"{me.reference}-X{me._asked}"
        me.ask(
            c.SendReminder(
                on=me.day,
                letter=letter,
                kind=kind,  # type: ignore[arg-type]
                channel="post",
                deadline=me.day + timedelta(days=days),
                fee=fee,
            )
        )
    me.ask(
        c.SendReminder(
            on=me.day, letter=f"{me.reference}-Y1", kind="reminder", channel="post", fee=35_00,
            fee_vat=8_75,
        )
    )  # fmt: skip
    me.ask(
        c.SendReminder(
            on=me.day, letter=f"{me.reference}-Y2", kind="payment_demand", channel="post"
        )
    )
    me.ask(c.ClaimHeavyFee(on=me.day))
    me.ask(c.VoidLetter(on=me.day, letter="nothing", reason="wrong_date"))
    me.ask(c.AnswerDispute(on=me.day, dispute="D9", outcome="rejected", decided_by="agency"))
    me.ask(c.ReportEgenandelPayment(on=me.day, invoice=name))
    me.ask(c.RaiseTask(on=me.day, task="T", kind="hold_review", due_on=me.day))
    me.ask(c.DoTask(on=me.day, task="T"))
    me.ask(c.DoTask(on=me.day, task="T"))
    case = yield 40
    me.ask(c.ClaimHeavyFee(on=me.day, replaces_light=False))
    me.ask(c.ClaimHeavyFee(on=me.day))
    case = yield 30
    for dispute in case.disputes:
        me.answer("rejected", dispute)
    if case.state == "open":
        me.pay(owed(case))


def passed_on(me: People) -> Life:
    """The clinic has somebody else collect it."""
    claim_a_visit(me)
    case = yield 60
    if case.state == "open":
        me.ask(c.HandOver(on=me.day, recipient="another-agency"), f"clinic:{me.clinic}")
    case = yield 60
    if case.state == "open":
        me.pay(owed(case))


def taken_back(me: People) -> Life:
    """The clinic wants its claim back: what it sent us is its own, however large."""
    me.open()
    me.invoice(("dental_work", me.rng.choice((650_00, 3_900_00))))
    case = yield me.rng.randint(20, 70)
    if case.state == "open":
        me.ask(c.CloseCase(on=me.day, reason="recalled"))
        me.ask(c.CloseCase(on=me.day, reason="recalled"), f"clinic:{me.clinic}", "page")
