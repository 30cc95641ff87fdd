"""Why the balance is what it is: events, rules and interest, on the scenarios' amounts."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from ledger.domain import commands as c
from ledger.domain.accounts import COMPONENT_OF, postings
from ledger.domain.events import FeeCharged, InterestSegment, InvoiceLine, Part
from ledger.domain.explanation import Explanation, explain
from ledger.domain.interest import rounded
from ledger.domain.recorded import Recorded
from tests.domain import told as t
from tests.domain.told import K1, K1_REMINDED, RULES, day, folded, numbered, told


def explained(entries: list[Recorded], on: str) -> Explanation:
    """The explanation, after seeing that it explains the balance to the øre."""
    explanation = explain(entries, day(on), RULES)
    case = folded(entries)
    posted = sum(
        posting.amount
        for entry in entries
        for posting in postings(entry.event)
        if posting.account in COMPONENT_OF
    )
    contributed = sum(c.amount for item in explanation.items for c in item.contributions)
    assert contributed == explanation.owed == case.outstanding == posted
    assert sum(o.amount for o in explanation.overpayments) == explanation.overpaid == case.overpaid
    for one in explanation.interest:
        assert sum(s.amount for s in one.stretches) == one.fixed + one.running
    return explanation


@dataclass(frozen=True)
class Moved:
    """A contribution in short."""

    version: int
    what: str
    amount: int


def moved(explanation: Explanation, component: str, line: int | None = None) -> list[Moved]:
    return [
        Moved(c.version, c.what, c.amount)
        for item in explanation.items
        if item.component == component and line in {None, item.line}
        for c in item.contributions
    ]


def test_a_part_payment_is_explained_component_by_component() -> None:
    """No. 15: 200.00 pays 38.00, 5.70 and 156.30; of the principal 256.70 is left."""
    entries = told(*K1_REMINDED, t.paid("bank-1", 200_00, on="2026-04-27"))
    x = explained(entries, "2026-04-27")
    assert (x.owed, x.running, x.to_pay) == (256_70, 0, 256_70)
    assert moved(x, "reminder_fee") == [Moved(5, "charged", 38_00), Moved(7, "paid", -38_00)]
    assert moved(x, "interest") == [Moved(6, "interest_fixed", 5_70), Moved(7, "paid", -5_70)]
    assert moved(x, "principal", 1) == [
        Moved(2, "invoiced", 230_00),
        Moved(7, "paid", -156_30),
    ]
    assert moved(x, "principal", 2) == [Moved(2, "invoiced", 183_00)]
    fee = next(c for item in x.items for c in item.contributions if c.what == "charged")
    assert (fee.rule, fee.subject, fee.value_date) == ("INKF-1-2/2026", "R1", day("2026-03-30"))
    assert fee.source is not None
    assert "FOR-2020-06-19-1248" in fee.source
    (payment,) = x.payments
    assert (payment.amount, payment.order) == (200_00, "costs_interest_principal")
    assert {(p.component, p.amount) for p in payment.parts} == {
        ("reminder_fee", 38_00),
        ("interest", 5_70),
        ("principal", 156_30),
    }


def test_interest_is_explained_day_by_day_and_rate_by_rate() -> None:
    """No. 14: 106 days at 12.00 and 15 days at 12.25 make 16.47."""
    x = explained(told(*K1), "2026-07-15")
    (one,) = x.interest
    assert (one.fixed, one.running, one.running_until) == (0, 16_47, day("2026-07-15"))
    first, second = one.stretches
    assert (first.days, first.rate_bp, first.principal) == (106, 12_00, 413_00)
    assert (second.days, second.rate_bp, second.principal) == (15, 12_25, 413_00)
    assert first.amount + second.amount == 16_47
    assert (first.rule, first.source) == ("FRL-3/2026-01-01", "FOR-2025-12-18-2658")
    assert (second.rule, second.source) == ("FRL-3/2026-07-01", "FOR-2026-06-25-1372")
    assert (x.owed, x.to_pay) == (413_00, 429_47)


@pytest.mark.parametrize(
    ("principal", "due", "on", "amounts"),
    [
        (1_000_00, "2025-12-01", "2026-01-31", 20_26),
        (10_000_00, "2026-06-30", "2026-07-01", 3_36),
        (10_000_00, "2026-06-29", "2026-06-30", 3_29),
        (2_500_00, "2024-02-15", "2024-03-15", 24_83),
    ],
)
def test_interest_over_a_change_of_rate_and_a_leap_day(
    principal: int, due: str, on: str, amounts: int
) -> None:
    line = InvoiceLine(1, "dental_work", principal)
    entries = told(t.opened("2024-01-02"), *t.invoiced("K", line, on="2024-01-02", due=due))
    x = explained(entries, on)
    (one,) = x.interest
    assert one.running == amounts == sum(stretch.amount for stretch in one.stretches)


def test_what_was_fixed_stands_apart_from_what_still_runs() -> None:
    entries = told(*K1_REMINDED, t.paid("bank-1", 200_00, on="2026-04-27"))
    (one,) = explained(entries, "2026-05-27").interest
    assert (one.fixed, one.fixed_until) == (5_70, day("2026-04-27"))
    assert [(s.days, s.principal) for s in one.fixed_stretches] == [(42, 413_00)]
    assert [(s.days, s.principal) for s in one.stretches] == [(42, 413_00), (30, 256_70)]
    segments = [
        InterestSegment(s.after, s.until, s.days, s.principal, s.rate_bp) for s in one.stretches
    ]
    assert one.fixed + one.running == rounded(segments) == 8_23


def test_a_day_whose_rate_is_not_known_is_not_counted() -> None:
    x = explained(told(*K1), "2027-02-01")
    (one,) = x.interest
    assert one.rate_missing_from == day("2027-01-01")
    assert one.running_until == day("2026-12-31")
    assert explained(told(*K1), "2026-12-31").running == x.running > 0


def test_of_a_split_charge_both_times_are_told() -> None:
    """No. 17."""
    x = explained(told(*t.SPLIT), "2026-05-10")
    visit, lab = x.charges
    assert (visit.sent_at, visit.paid_at, visit.unpaid) == (
        t.moment("2026-05-04 10:40"),
        t.moment("2026-05-04 10:42"),
        None,
    )
    assert (lab.registered_at, lab.sent_at, lab.invoice, lab.unpaid) == (
        t.moment("2026-05-04 10:50"),
        None,
        "K17",
        "not_on_terminal",
    )
    assert x.owed == 183_00
    assert moved(x, "charge") == [
        Moved(5, "registered", 183_00),
        Moved(6, "invoiced", -183_00),
        Moved(2, "registered", 230_00),
        Moved(4, "paid_at_terminal", -230_00),
    ]


def test_zero_on_the_screen_came_before_the_charge() -> None:
    """No. 18."""
    (charge,) = explained(told(*t.TAPPED_TOO_EARLY), "2026-05-10").charges
    assert charge.unpaid == "approved_before_the_charge"
    assert charge.zero_at == t.moment("2026-05-04 10:31")
    assert charge.registered_at == t.moment("2026-05-04 10:36")


def test_a_zero_of_another_day_explains_nothing() -> None:
    entries = told(
        t.opened("2026-05-04"),
        t.tapped("T1", 0, at="2026-05-03 10:31"),
        t.charged("visit", 413_00, at="2026-05-04 10:36"),
    )
    (charge,) = explained(entries, "2026-05-10").charges
    assert (charge.unpaid, charge.zero_at) == ("not_on_terminal", None)


def test_a_frikort_leaves_the_material() -> None:
    """No. 19."""
    x = explained(told(*t.FRIKORT), "2026-05-10")
    assert [(i.category, i.amount) for i in x.items] == [("consultation", 0), ("material", 138_00)]


def test_a_share_that_was_never_owed_takes_its_interest_and_fee_along() -> None:
    """No. 20: of 317.00 the clinic credits 179.00; 138.00 and its interest are left."""
    entries = told(
        *t.IN_SPITE_OF_FRIKORT,
        c.RaiseDispute(on=day("2026-04-10"), dispute="D1", category="wrong_amount"),
        c.AnswerDispute(
            on=day("2026-04-15"),
            dispute="D1",
            outcome="partly_upheld",
            decided_by=t.CLINIC,
            credit=(Part("principal", 179_00, "K20", 1),),
        ),
    )
    x = explained(entries, "2026-04-15")
    assert x.owed == 138_00
    assert moved(x, "principal", 1)[-1].what == "credited"
    assert [(m.what, m.amount) for m in moved(x, "reminder_fee")] == [
        ("charged", 38_00),
        ("waived", -38_00),
    ]
    (one,) = x.interest
    # 138.00 at 12 % for the 30 days from 16 March to 15 April.
    assert (one.fixed, one.running) == (0, 1_36)
    assert [(s.days, s.principal) for s in one.stretches] == [(30, 138_00)]


def test_interest_that_was_paid_and_never_ran_pays_the_claim_instead() -> None:
    entries = told(
        *K1,
        t.paid("bank-1", 100_00, on="2026-04-15"),
        c.Credit(
            on=day("2026-04-20"),
            credit_note="C1",
            reason="charged_in_error",
            parts=(Part("principal", 183_00, "K1", 2),),
            never_owed=True,
        ),
    )
    x = explained(entries, "2026-04-20")
    # 30 days on 413.00 were 4.07, on 230.00 they are 2.27: 1.80 pays the consultation.
    assert [(m.what, m.amount) for m in moved(x, "interest")] == [
        ("interest_fixed", 4_07),
        ("paid", -4_07),
    ]
    assert ("freed_by_interest", -1_80) in {(m.what, m.amount) for m in moved(x, "principal", 1)}
    assert x.interest[0].fixed == 2_27


def test_what_was_paid_too_much_is_the_debtors() -> None:
    """No. 24: 456.70 was owed and 500.00 came in."""
    entries = told(
        *K1_REMINDED,
        t.paid("bank-1", 500_00, on="2026-04-27"),
        c.RefundOverpayment(on=day("2026-05-04"), refund="U1", amount=13_30),
    )
    x = explained(entries, "2026-05-04")
    assert (x.owed, x.to_pay, x.overpaid) == (0, 0, 30_00)
    assert [(o.what, o.amount) for o in x.overpayments] == [("paid", 43_30), ("refunded", -13_30)]


def test_a_payment_that_the_bank_took_back() -> None:
    entries = told(
        *K1,
        t.paid("bank-1", 413_00, on="2026-03-13"),
        c.ReversePayment(on=day("2026-03-18"), payment="bank-1", reason="returned_by_bank"),
    )
    x = explained(entries, "2026-03-18")
    assert x.owed == 413_00
    assert [p.reversed for p in x.payments] == [True]
    assert [m.what for m in moved(x, "principal", 2)] == ["invoiced", "paid", "payment_reversed"]


def test_only_what_was_known_is_explained() -> None:
    """No. 45: as known before the payment came in, and as it is in effect on a date."""
    entries = told(*K1_REMINDED, t.paid("bank-1", 200_00, on="2026-04-27"))
    before = explained([e for e in entries if e.position <= 10], "2026-04-27")
    assert (before.owed, before.running, before.position) == (451_00, 5_70, 10)
    assert before.payments == ()
    in_effect = [e for e in entries if e.event.value_date <= day("2026-03-29")]
    assert explained(in_effect, "2026-03-29").owed == 413_00
    assert explained([], "2026-03-29").state == "unknown"


def test_imported_fees_have_no_rule_to_show() -> None:
    entries = told(*K1)
    fee = FeeCharged(
        value_date=day("2026-04-01"),
        component="penalty",
        amount=10_00,
        claim="K1",
        rule="imported",
        letter=None,
    )
    x = explained(numbered([*(e.event for e in entries), fee]), "2026-03-10")
    (charged,) = [c for i in x.items for c in i.contributions if c.what == "charged"]
    assert (charged.rule, charged.source) == ("imported", None)


def test_every_rule_that_a_decision_names_has_its_source() -> None:
    rates = RULES.rates
    on, due = date(2026, 6, 1), date(2026, 3, 16)
    looked_up: list[Any] = [
        rates.small_fee_max(on, due),
        rates.own_demand_fee_max(on, due),
        rates.collection_fee_cap(413_00, due, on, heavy=False, vat_deductible=False),
        rates.collection_fee_cap(413_00, due, on, heavy=True, vat_deductible=False),
        rates.plan_supplement_cap(on, vat_deductible=False),
        rates.interest_rate(on),
        rates.court_fee("conciliation", on),
        rates.court_fee("attachment", on),
        rates.drafting_fee(on),
    ]
    for found in looked_up:
        assert rates.source_of(found.rule) == found.source, found
    assert rates.source_of("INKF-1-2/1999") is None
