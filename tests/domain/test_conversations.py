"""Which conversations fit a case: the founding document's, and what may follow from each."""

import msgspec
import pytest

from ledger.domain import commands as c
from ledger.domain.case import Case
from ledger.domain.commands import Command
from ledger.domain.conversations import Guide, Say, Spoken, Topic, conversations
from ledger.domain.decisions import COMMANDS
from ledger.domain.events import InvoiceLine
from ledger.domain.policy import ClinicPolicy
from tests.domain import told as t
from tests.domain.told import RULES, day, folded, told


def guided(*commands: Command, on: str = "2026-05-10") -> dict[Topic, Guide]:
    return {guide.topic: guide for guide in conversations(folded(told(*commands)), day(on), RULES)}


def said(guide: Guide, say: Say) -> list[Spoken]:
    return [spoken for spoken in guide.say if spoken.say == say]


def test_a_case_that_is_not_there_has_the_guide_that_tells_nothing() -> None:
    (guide,) = conversations(Case(t.ID), day("2026-05-10"), RULES)
    assert guide.topic == "third_party"
    assert "confirm_the_case" in guide.must_not


def test_an_ordinary_bill_has_no_misunderstanding() -> None:
    line = InvoiceLine(1, "certificate", 480_00)
    commands = (t.opened(), *t.invoiced("K", line, on="2026-05-04", due="2026-05-18"))
    assert set(guided(*commands)) == {"third_party", "cannot_pay", "basis"}


def test_wherever_a_share_was_billed_the_patient_may_have_had_a_frikort() -> None:
    assert set(guided(*t.K1)) == {"third_party", "cannot_pay", "basis", "frikort"}


def test_a_split_charge_is_told_with_its_times() -> None:
    guide = guided(*t.SPLIT)["terminal_split"]
    (paid,) = said(guide, "paid_this_at_terminal")
    assert paid.facts == {
        "category": "consultation",
        "amount": 230_00,
        "shown_at": t.moment("2026-05-04 10:40"),
        "paid_at": t.moment("2026-05-04 10:42"),
    }
    (missed,) = said(guide, "missed_by_terminal")
    assert missed.facts["registered_at"] == t.moment("2026-05-04 10:50")
    assert said(guide, "invoice_for_missing_only")
    assert "blame_the_patient" in guide.must_not


def test_fees_of_a_patient_in_good_faith_may_be_waived_where_there_are_any() -> None:
    assert "WaiveFees" not in guided(*t.SPLIT)["terminal_split"].commands
    reminder = t.reminded("R17", 38_00, on="2026-06-05", deadline="2026-06-19")
    guide = guided(*t.SPLIT, reminder, on="2026-06-08")["terminal_split"]
    assert "WaiveFees" in guide.commands
    assert said(guide, "fees_may_be_waived")[0].facts == {"amount": 38_00}


def test_zero_on_the_screen() -> None:
    guide = guided(*t.TAPPED_TOO_EARLY)["terminal_zero"]
    (zero,) = said(guide, "zero_before_charge")
    assert zero.facts == {
        "at": t.moment("2026-05-04 10:31"),
        "amount": 413_00,
        "charged_at": t.moment("2026-05-04 10:36"),
    }


def test_a_frikort_does_not_cover_material() -> None:
    guide = guided(*t.FRIKORT)["frikort"]
    assert [s.facts for s in said(guide, "frikort_not_this")] == [
        {"category": "material", "amount": 138_00}
    ]
    assert not said(guide, "frikort_egenandel_credited"), "the share is nothing"
    assert {"say_why_treated", "ask_why_treated"} <= set(guide.must_not)


def test_a_share_that_was_billed_goes_by_the_clinics_policy() -> None:
    case = folded(told(*t.IN_SPITE_OF_FRIKORT))
    on = day("2026-05-10")
    by_policy = {}
    for policy in (ClinicPolicy(), ClinicPolicy(frikort_billed_in_error="pay_and_refund")):
        rules = msgspec.structs.replace(RULES, policy=policy)
        guide = next(g for g in conversations(case, on, rules) if g.topic == "frikort")
        by_policy[policy.frikort_billed_in_error] = {spoken.say for spoken in guide.say}
    assert "frikort_egenandel_credited" in by_policy["credit"]
    assert "frikort_egenandel_refunded" in by_policy["pay_and_refund"]


def test_a_record_copy_is_the_clinics_to_explain() -> None:
    """No. 21."""
    line = InvoiceLine(1, "record_copy", 250_00)
    guide = guided(t.opened(), *t.invoiced("K21", line, on="2026-05-04", due="2026-05-18"))[
        "record_copy"
    ]
    assert said(guide, "record_copy_costs")[0].facts == {"amount": 250_00}
    assert {"AskClinic", "RaiseDispute"} <= set(guide.commands)
    assert {"decide_the_basis", "promise_credit"} <= set(guide.must_not)


def test_who_cannot_pay_is_told_what_there_is_and_what_it_costs() -> None:
    letters = t.demanded(
        on="2026-03-17", deadline="2026-03-31", demand="2026-04-07", until="2026-04-21"
    )
    guide = guided(*t.K1, *letters, on="2026-04-27")["cannot_pay"]
    assert said(guide, "to_pay_today")[0].facts == {"amount": 418_70}
    assert said(guide, "plan_possible")[0].facts == {"count": 4}
    assert said(guide, "plan_costs_more")[0].facts == {"count": 4, "amount": 1_406_25}
    assert {"GrantDeferral", "AgreeInstalmentPlan", "AgreeSettlement"} <= set(guide.commands)
    assert "hide_plan_costs" in guide.must_not


def test_what_has_been_granted_is_told_and_not_offered_again() -> None:
    deferred = guided(
        *t.K1, c.GrantDeferral(on=day("2026-03-10"), until=day("2026-06-01")), on="2026-04-27"
    )["cannot_pay"]
    assert said(deferred, "deferral_runs")[0].facts == {"until": day("2026-06-01")}


def test_interest_is_not_left_out_in_silence() -> None:
    guide = guided(*t.K1, on="2027-02-01")["cannot_pay"]
    assert said(guide, "to_pay_without_interest")
    assert not said(guide, "to_pay_today")


def test_a_disagreement_is_the_clinics_choice_with_its_costs() -> None:
    """No. 23: a small claim is best credited."""
    line = InvoiceLine(1, "consultation", 94_00)
    commands: tuple[Command, ...] = (
        t.opened(),
        *t.invoiced("K23", line, on="2026-03-02", due="2026-03-16"),
        c.RaiseDispute(on=day("2026-03-20"), dispute="D1", category="service"),
    )
    assert "cannot_agree" not in guided(*commands, on="2026-03-21")
    referred = c.ReferDispute(on=day("2026-03-20"), dispute="D1", referred_to=t.CLINIC)
    guide = guided(*commands, referred, on="2026-03-21")["cannot_agree"]
    assert said(guide, "conciliation_costs")[0].facts == {"cost": 2_071_00, "amount": 94_00}
    assert said(guide, "credit_recommended")
    assert "RequestLegalDecision" in guide.commands
    asked = c.RequestLegalDecision(on=day("2026-03-21"), reason="disputed")
    guide = guided(*commands, referred, asked, on="2026-03-22")["cannot_agree"]
    assert guide.commands == ("DecideAsClinic",)


def test_a_large_claim_may_be_worth_the_conciliation_board() -> None:
    line = InvoiceLine(1, "dental_work", 4_800_00)
    guide = guided(
        t.opened(),
        *t.invoiced("K", line, on="2026-03-02", due="2026-03-16"),
        c.RaiseDispute(on=day("2026-03-20"), dispute="D1", category="service"),
        c.ReferDispute(on=day("2026-03-20"), dispute="D1", referred_to=t.CLINIC),
        on="2026-03-21",
    )["cannot_agree"]
    assert said(guide, "conciliation_recommended")
    assert not said(guide, "credit_recommended")


def test_an_authorisation_counts_as_long_as_it_is_valid() -> None:
    """No. 30."""
    authorised = c.RegisterAuthorisation(
        on=day("2026-05-01"),
        authorisation="A1",
        holder="subject-2",
        scope="payment",
        valid_from=day("2026-05-01"),
        valid_to=day("2026-12-31"),
        verified_by="signed_form",
    )
    while_valid = guided(*t.K1, authorised)["third_party"]
    assert said(while_valid, "authorisation_held")[0].facts == {
        "scope": "payment",
        "until": day("2026-12-31"),
    }
    assert not said(guided(*t.K1, authorised, on="2027-01-01")["third_party"], "authorisation_held")


def test_a_minor_an_estate_and_a_protected_address_change_every_guide() -> None:
    issue, delivered = t.invoiced(
        "K28", InvoiceLine(1, "material", 138_00), on="2026-03-02", due="2026-03-16"
    )
    guides = guided(
        t.opened(),
        msgspec.structs.replace(issue, patient="minor"),
        delivered,
        c.RegisterCircumstance(
            on=day("2026-04-01"), circumstance="protected_address", since=day("2026-04-01")
        ),
        c.RegisterCircumstance(
            on=day("2026-04-02"), circumstance="estate", since=day("2026-04-01")
        ),
    )
    for topic, guide in guides.items():
        assert "read_address" in guide.must_not, topic
        if topic != "third_party":
            assert {"guardian", "estate_contact"} <= set(guide.check), topic
            assert "claim_costs_from_minor" in guide.must_not, topic


@pytest.mark.parametrize(
    "commands", [t.K1, t.SPLIT, t.TAPPED_TOO_EARLY, t.FRIKORT, t.IN_SPITE_OF_FRIKORT]
)
def test_every_guide_begins_with_who_is_calling_and_names_real_commands(
    commands: tuple[Command, ...],
) -> None:
    names = {command.__name__ for command in COMMANDS}
    for guide in guided(*commands).values():
        assert guide.check[0] == "who_is_calling"
        assert guide.commands
        assert set(guide.commands) <= names
        assert guide.must_not
        assert guide.say


def test_on_a_closed_case_nothing_is_offered_but_a_note_of_the_call() -> None:
    guides = guided(*t.K1, t.paid("bank-1", 413_00, on="2026-03-10"))
    assert "cannot_pay" not in guides
    assert guides["basis"].commands == ("RecordContact",)
