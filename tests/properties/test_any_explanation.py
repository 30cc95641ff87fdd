"""Whatever happened to a case, its explanation adds up: now, as once known, and as in effect."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ledger.domain import accrual
from ledger.domain import commands as c
from ledger.domain.accounts import COMPONENT_OF, postings
from ledger.domain.allocation import all_of
from ledger.domain.case import Case
from ledger.domain.commands import Command
from ledger.domain.conversations import conversations
from ledger.domain.decisions import decide
from ledger.domain.events import InterestSegment, InvoiceLine, Part
from ledger.domain.explanation import Stretch, explain
from ledger.domain.interest import rounded
from ledger.domain.plans import PlanSimulation, simulate_plan
from ledger.domain.recorded import Recorded
from ledger.domain.refusals import Refusal
from ledger.wording.conversations import guide_text
from ledger.wording.explanations import explanation_text
from tests.domain.told import CLINIC, ID, RULES, TODAY, numbered

BEGIN: Final = date(2025, 2, 3)
happened: Counter[str] = Counter()
checked: Counter[str] = Counter()


class Asking:
    """What is asked next of a case, from what it holds and a few drawn numbers."""

    def __init__(self, case: Case, on: date, number: int, share: int, flag: bool) -> None:
        self.case = case
        self.on = on
        self.name = f"N{number}"
        self.share = share
        self.flag = flag

    def invoice(self) -> Command | None:
        lines = [
            InvoiceLine(1, "consultation", 179_00 + self.share, egenandel=True),
            InvoiceLine(2, "material", 138_00 * self.share),
        ]
        unclaimed = next(
            (n for n, charge in self.case.charges.items() if charge.invoice is None), None
        )
        if unclaimed is not None and (left := self.case.owed.get(("charge", unclaimed), 0)):
            lines.append(InvoiceLine(3, "lab", left, unclaimed))
        return c.IssueInvoice(
            on=self.on,
            invoice=self.name,
            lines=tuple(lines),
            due_date=self.on + timedelta(days=14),
            invoicing_fee=25_00 if self.flag else 0,
        )

    def deliver(self) -> Command | None:
        waiting = [n for n, i in self.case.invoices.items() if i.delivered_on is None]
        if not waiting:
            return None
        return c.ConfirmDelivery(on=self.on, invoice=waiting[0], channel="post")

    def charge(self) -> Command | None:
        at = datetime(self.on.year, self.on.month, self.on.day, 9, tzinfo=UTC)
        return c.RegisterCharge(on=self.on, charge=self.name, category="lab", amount=94_00, at=at)

    def tap(self) -> Command | None:
        at = datetime(self.on.year, self.on.month, self.on.day, 8, tzinfo=UTC)
        return c.RecordTerminalAttempt(
            on=self.on, payment=self.name, amount=0, result="approved", at=at
        )

    def remind(self) -> Command | None:
        fee = 35_00 if self.flag else 0
        deadline = self.on + timedelta(days=14)
        return c.SendReminder(
            on=self.on,
            letter=self.name,
            kind="reminder" if self.share % 2 else "collection_notice",
            channel="post",
            deadline=deadline,
            fee=fee,
        )

    def demand(self) -> Command | None:
        deadlines = [n.deadline for n in self.case.letters_of("collection_notice") if n.deadline]
        if not deadlines:
            return None
        on = max(self.on, min(deadlines) + timedelta(days=4))
        return c.SendReminder(
            on=on,
            letter=self.name,
            kind="payment_demand",
            channel="post",
            deadline=on + timedelta(days=14),
            fee=175_00,
        )

    def void(self) -> Command | None:
        for name, letter in self.case.letters.items():
            if not letter.void:
                return c.VoidLetter(on=self.on, letter=name, reason="wrong_content")
        return None

    def pay(self) -> Command | None:
        amount = self.case.outstanding * self.share // 3
        ordered = self.on - timedelta(days=3 * self.share) if self.flag else None
        return c.ReceivePayment(on=self.on, payment=self.name, amount=amount, ordered_on=ordered)

    def pay_the_clinic(self) -> Command | None:
        amount = self.case.outstanding * self.share // 5
        return c.ReportDirectPayment(on=self.on, payment=self.name, amount=amount)

    def bounce(self) -> Command | None:
        for name, payment in self.case.payments.items():
            if not payment.directly and not payment.reversed:
                return c.ReversePayment(on=self.on, payment=name, reason="returned_by_bank")
        return None

    def refund(self) -> Command | None:
        return c.RefundOverpayment(
            on=self.on, refund=self.name, amount=min(self.case.overpaid, 500_00)
        )

    def credit(self) -> Command | None:
        for name, invoice in self.case.invoices.items():
            for line, owed in invoice.lines_owed.items():
                if owed:
                    amount = max(1, owed * self.share // 4)
                    return c.Credit(
                        on=self.on,
                        credit_note=self.name,
                        reason="goodwill",
                        parts=(Part("principal", min(owed, amount), name, line),),
                        never_owed=self.flag,
                    )
        return None

    def waive(self) -> Command | None:
        costs = [p for p in all_of(self.case.owed) if p.component not in {"principal", "charge"}]
        if not costs:
            return None
        return c.WaiveFees(on=self.on, parts=tuple(costs[: self.share]), reason="goodwill")

    def object(self) -> Command | None:
        return c.RaiseDispute(on=self.on, dispute=self.name, category="service")

    def answer(self) -> Command | None:
        for name, dispute in self.case.disputes.items():
            if dispute.answered_on is None:
                return c.AnswerDispute(
                    on=self.on, dispute=name, outcome="rejected", decided_by=CLINIC
                )
        return None

    def defer(self) -> Command | None:
        return c.GrantDeferral(on=self.on, until=self.on + timedelta(days=20 * self.share))

    def go_bankrupt(self) -> Command | None:
        return c.RegisterCircumstance(on=self.on, circumstance="bankruptcy", since=self.on)

    def recover(self) -> Command | None:
        known = self.case.circumstances.get("bankruptcy")
        on = self.on if known is None else max(self.on, known.since)
        return c.EndCircumstance(on=on, circumstance="bankruptcy")

    def write_off(self) -> Command | None:
        return c.WriteOff(on=self.on, reason="uncollectable")


ASKED: Final[dict[str, Callable[[Asking], Command | None]]] = {
    name: make for name, make in vars(Asking).items() if not name.startswith("_")
}
OFTEN: Final = ("invoice", "deliver", "remind", "remind", "demand", "pay", "pay", "credit", "waive")
STEPS: Final = st.lists(
    st.tuples(
        st.sampled_from([*OFTEN, *ASKED]),
        st.integers(0, 30),
        st.integers(1, 4),
        st.booleans(),
    ),
    min_size=8,
    max_size=24,
)

COLLECTED: Final = [
    ("remind", 30, 2, True),
    ("demand", 30, 1, False),
    ("pay", 5, 4, True),
    ("refund", 1, 1, False),
]
"""Up to the payment demand, and then paid by an order from before the letters: chance seldom goes
that far."""


def lived(steps: list[tuple[str, int, int, bool]]) -> list[Recorded]:
    """The entries of a case to which these things were done, as far as they were not refused."""
    case = Case(ID)
    events: list[Any] = []
    on = BEGIN
    opening = c.OpenCase(on=on, reference="2026-1", creditor=CLINIC, debtor="subject-1")
    asked: list[tuple[str, Command | None]] = [("open", opening)]
    asked.append(("invoice", Asking(case, on, 0, 2, flag=False).invoice()))
    asked.append(("deliver", c.ConfirmDelivery(on=on, invoice="N0", channel="post")))
    for number in range(len(steps) + 3):
        if number < 3:
            name, command = asked[number]
        else:
            name, days, share, flag = steps[number - 3]
            on = min(TODAY, on + timedelta(days=days))
            # What comes in late counts from an earlier day than what was recorded before it.
            counts = max(BEGIN, on - timedelta(days=40)) if flag and share == 4 else on
            command = ASKED[name](Asking(case, counts, number, share, flag))
        if command is None:
            continue
        answer = decide(case, command, RULES, TODAY, actor="clinic:c1")
        if isinstance(answer, Refusal):
            continue
        happened[name] += 1
        for event in answer:
            case.apply(event)
            events.append(event)
    return numbered(events)


def adds_up(entries: list[Recorded], on: date, *, complete: bool) -> None:
    """The explanation of these entries is the balance that they lead to, to the øre."""
    case = Case.fold(ID, entries)
    x = explain(entries, on, RULES)
    contributed: dict[tuple[str, str | None], int] = {}
    for item in x.items:
        assert item.amount == sum(c.amount for c in item.contributions)
        key = (item.component, item.claim)
        contributed[key] = contributed.get(key, 0) + item.amount
    posted: dict[tuple[str, str | None], int] = {}
    for entry in entries:
        for posting in postings(entry.event):
            if posting.account in COMPONENT_OF:
                key = (COMPONENT_OF[posting.account], posting.claim)
                posted[key] = posted.get(key, 0) + posting.amount
    assert {k: v for k, v in contributed.items() if v} == {k: v for k, v in posted.items() if v}
    assert {k: v for k, v in contributed.items() if v} == case.owed
    for item in x.items:
        if item.component == "principal" and item.line is not None and complete:
            assert item.amount == case.invoices[item.claim or ""].lines_owed[item.line]
    assert sum(one.amount for one in x.overpayments) == x.overpaid == case.overpaid
    assert x.to_pay == case.outstanding + sum(accrual.running(case, on, RULES).values())
    for one in x.interest:
        invoice = case.invoices[one.claim]
        run = accrual.run_until(case, one.claim, on, RULES)
        assert of(one.stretches) == run.segments
        assert sum(s.amount for s in one.stretches) == rounded(run.segments) == run.amount
        assert one.running == max(0, run.amount - invoice.interest_fixed)
        assert one.fixed == invoice.interest_fixed
        if complete:
            assert rounded(of(one.fixed_stretches)) == one.fixed
        checked["running"] += one.running > 0
        checked["fixed"] += one.fixed > 0
    for text in (*explanation_text(x, "nb"), *explanation_text(x, "en")):
        assert not set("?{}") & set(text), text
    checked["overpaid"] += x.overpaid > 0
    checked["fees"] += any(
        c.source for item in x.items for c in item.contributions if c.what == "charged"
    )
    checked["freed"] += any(
        c.what.startswith("freed") for item in x.items for c in item.contributions
    )


def of(stretches: tuple[Stretch, ...]) -> tuple[InterestSegment, ...]:
    return tuple(
        InterestSegment(s.after, s.until, s.days, s.principal, s.rate_bp) for s in stretches
    )


def test_every_explanation_adds_up() -> None:
    happened.clear()
    checked.clear()

    @settings(
        max_examples=150,
        derandomize=True,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(STEPS, st.integers(0, 700), st.integers(0, 60))
    @example(steps=COLLECTED, days=700, cut=7)
    @example(steps=COLLECTED, days=50, cut=9)
    def any_history(steps: list[tuple[str, int, int, bool]], days: int, cut: int) -> None:
        entries = lived(steps)
        on = min(TODAY, BEGIN + timedelta(days=days))
        adds_up(entries, on, complete=True)
        adds_up(entries[:cut], on, complete=True)
        in_effect = [entry for entry in entries if entry.event.value_date <= on]
        adds_up(in_effect, on, complete=False)

    any_history()
    assert set(happened) == {"open", *ASKED}, set(ASKED) - set(happened)
    assert all(checked[what] > 20 for what in ("running", "fixed", "overpaid", "fees")), checked
    assert checked["freed"], checked


def test_every_guide_has_its_words_and_every_plan_adds_up() -> None:
    plans = 0

    @settings(
        max_examples=100,
        derandomize=True,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(STEPS, st.integers(1, 12), st.integers(0, 90))
    def any_history(steps: list[tuple[str, int, int, bool]], count: int, days: int) -> None:
        nonlocal plans
        entries = lived(steps)
        case = Case.fold(ID, entries)
        on = max(BEGIN, case.latest)
        for guide in conversations(case, on, RULES):
            for text in (*guide_text(guide, "nb", "NOK"), *guide_text(guide, "en", "NOK")):
                assert not set("?{}") & set(text), text
        first = on + timedelta(days=days)
        plan = simulate_plan(case, on, RULES, first=first, instalments=count)
        if isinstance(plan, PlanSimulation):
            plans += 1
            asked = sum(row.amount for row in plan.instalments)
            assert asked + plan.interest == plan.total
            assert plan.total == plan.owed + plan.supplement + plan.supplement_vat + plan.interest
            assert 0 <= plan.interest_estimated <= plan.interest
            assert all(RULES.rates.is_bank_day(row.due) for row in plan.instalments)

    any_history()
    assert plans > 20
