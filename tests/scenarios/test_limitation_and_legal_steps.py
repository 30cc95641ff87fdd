"""Limitation, the clinic's choice, and legal steps."""

from typing import Any

import pytest

from ledger.domain.events import (
    ClinicChoice,
    ClinicDecided,
    Credited,
    DisputeAnswered,
    Event,
    FeeCharged,
    LegalDecisionRequested,
    LegalStepFiled,
)
from tests.scenarios import facts
from tests.scenarios.asked import (
    acknowledge,
    answer,
    ask_for_decision,
    charge_fee,
    choose,
    close_case,
    demand,
    file,
    hold,
    object_to,
    pay,
    result,
    reverse,
    write_off,
)
from tests.scenarios.facts import K1, K1_DEMANDED, K1_REMINDED, line
from tests.scenarios.story import given

OLD: tuple[Event, ...] = (
    facts.case_opened(on="2023-03-02"),
    facts.invoice_issued("K1", line("other", 413_00), on="2023-03-02", due="2023-03-16"),
    facts.invoice_delivered("K1", on="2023-03-04"),
    facts.reminder_sent("N1", kind="collection_notice", on="2023-04-17", deadline="2023-05-02"),
)
DEMAND: dict[str, Any] = {"deadline": "2026-04-15"}


def test_three_years_after_the_due_date_a_claim_is_time_barred() -> None:
    (
        given(*OLD)
        .allowed(demand(on="2026-03-16", **DEMAND))
        .when(demand(on="2026-03-17", **DEMAND))
        .refused("time_barred", invoice="K1", limit="2026-03-16")
        .when(close_case("time_barred", on="2026-03-16"))
        .refused("still_owed", earliest="2026-03-17", outstanding=413_00)
        .when(write_off(on="2026-03-16", reason="time_barred"))
        .refused("still_owed", earliest="2026-03-17")
        .when(close_case("time_barred", on="2026-03-17"))
        .done()
        .owed()
        .closed("time_barred")
    )


def test_an_acknowledgement_lets_it_run_anew() -> None:
    (
        given(*OLD)
        .when(acknowledge(on="2026-03-16"))
        .done()
        .allowed(demand(on="2026-03-17", **DEMAND))
        .allowed(demand(on="2026-12-31", deadline="2027-01-14"))
    )


def test_what_is_barred_is_not_revived() -> None:
    (
        given(*OLD)
        .when(acknowledge(on="2026-03-17"))
        .done()
        .when(demand(on="2026-03-18", **DEMAND))
        .refused("time_barred", limit="2026-03-16")
    )


def test_a_part_payment_acknowledges_the_claim_unless_it_bounces() -> None:
    (
        given(*OLD)
        .when(pay(100_00, on="2025-06-01"))
        .done()
        .allowed(demand(on="2026-03-17", **DEMAND))
        .when(reverse(on="2025-06-10"))
        .done()
        .when(demand(on="2026-03-17", **DEMAND))
        .refused("time_barred", limit="2026-03-16")
    )


def test_a_payment_on_one_invoice_leaves_the_others_limitation() -> None:
    second = facts.invoice_issued("K2", line("lab", 94_00), on="2023-03-02", due="2023-03-20")
    noticed = facts.reminder_sent(
        "N2", kind="collection_notice", on="2023-04-18", deadline="2023-05-02", invoices=("K2",)
    )
    (
        given(*OLD, second, noticed)
        .when(pay(10_00, on="2025-06-01", invoice="K1", order="principal_interest_costs"))
        .done()
        .when(demand(on="2026-03-21", **DEMAND))
        .refused("time_barred", invoice="K2", limit="2026-03-20")
    )


def chosen(step: ClinicChoice) -> tuple[Event, ...]:
    """K1, demanded on 8 May, for which the clinic has chosen a step on 25 June."""
    story = (
        given(*K1_DEMANDED)
        .when(ask_for_decision("unpaid", on="2026-06-24"))
        .done()
        .recorded(LegalDecisionRequested, cost=928_00, recommended="credit")
        .at_stage("legal_decision")
    )
    story.when(choose(step, on="2026-06-25")).done()
    return (
        *K1_DEMANDED,
        LegalDecisionRequested(
            value_date=facts.day("2026-06-24"),
            reason="unpaid",
            outstanding=723_38,
            cost=928_00,
            recommended="credit",
        ),
        ClinicDecided(value_date=facts.day("2026-06-25"), choice=step, decided_by="clinic-10001"),
    )


def test_no_legal_step_without_the_clinic() -> None:
    (
        given(*K1_DEMANDED)
        .when(file("enforcement", on="2026-06-25"))
        .refused("legal_without_clinic")
        .when(choose("enforcement", on="2026-06-25"))
        .refused("no_decision_pending")
    )
    (
        given(*chosen("continue"))
        .at_stage("demanded")
        .when(file("enforcement", on="2026-06-26"))
        .refused("legal_without_clinic")
    )


def test_the_clinic_is_asked_after_a_demand() -> None:
    given(*K1_REMINDED).when(ask_for_decision("unpaid", on="2026-06-24")).refused("no_valid_demand")
    given(*K1_REMINDED).when(ask_for_decision("disputed", on="2026-06-24")).refused(
        "unknown_dispute"
    )


def test_a_legal_step_is_taken_within_six_months_of_the_demand() -> None:
    (
        given(*chosen("enforcement"))
        .when(file("enforcement", on="2026-11-09"))
        .refused("demand_expired", demanded="2026-05-08")
        .when(file("enforcement", on="2026-11-08"))
        .done()
        .recorded(LegalStepFiled, step="enforcement", outstanding=723_38)
        .at_stage("enforcement")
        .when(file("enforcement", on="2026-11-08"))
        .refused("duplicate_reference", kind="filing", name="F1")
        .when(file("enforcement", on="2026-11-08", name="F2"))
        .refused("legal_without_clinic")
    )


def test_a_legal_step_waits_for_the_demands_deadline() -> None:
    facts_so_far = (
        *K1_DEMANDED,
        LegalDecisionRequested(
            value_date=facts.day("2026-05-09"),
            reason="unpaid",
            outstanding=723_38,
            cost=928_00,
            recommended="credit",
        ),
        ClinicDecided(
            value_date=facts.day("2026-05-10"), choice="enforcement", decided_by="clinic-10001"
        ),
    )
    (
        given(*facts_so_far)
        .when(file("enforcement", on="2026-05-25"))
        .refused("prior_deadline_open", earliest="2026-05-26", deadline="2026-05-22")
        .allowed(file("enforcement", on="2026-05-26"))
    )


def test_a_barred_claim_is_not_taken_to_court() -> None:
    story = given(
        *OLD,
        facts.reminder_sent("D1", kind="payment_demand", on="2026-01-15", deadline="2026-01-29"),
        LegalDecisionRequested(
            value_date=facts.day("2026-03-01"),
            reason="unpaid",
            outstanding=413_00,
            cost=928_00,
            recommended="credit",
        ),
        ClinicDecided(
            value_date=facts.day("2026-03-02"), choice="enforcement", decided_by="clinic-10001"
        ),
    )
    (
        story.allowed(file("enforcement", on="2026-03-16"))
        .when(file("enforcement", on="2026-03-17"))
        .refused("time_barred")
        .when(file("enforcement", on="2026-03-16"))
        .done()
        .when(result("nothing_to_attach", on="2026-06-01"))
        .done()
        .at_stage("surveillance")
        .when(result("attached", on="2026-06-02"))
        .refused("already_decided", name="F1")
        .when(result("attached", on="2026-06-02", name="F2"))
        .refused("unknown_reference", kind="filing", name="F2")
        .when(close_case("time_barred", on="2026-12-31"))
        .refused("still_owed", earliest="2029-06-02")
    )


def test_after_a_judgment_limitation_is_ten_years() -> None:
    (
        given(*chosen("conciliation"))
        .when(file("conciliation", on="2026-07-01"))
        .done()
        .when(result("judgment", on="2026-09-01"))
        .done()
        .when(close_case("time_barred", on="2026-12-31"))
        .refused("still_owed", earliest="2036-09-02")
    )


def test_a_step_that_ends_without_a_decision_leaves_a_year() -> None:
    (
        given(*chosen("conciliation"))
        .when(file("conciliation", on="2026-07-01"))
        .done()
        .when(result("dismissed", on="2026-09-01"))
        .done()
        .when(close_case("time_barred", on="2026-12-31"))
        .refused("still_owed", earliest="2029-03-17")
    )


def test_court_fees_follow_a_step_at_their_rate() -> None:
    (
        given(*chosen("enforcement"))
        .when(charge_fee("court_fee", 928_00, on="2026-07-01"))
        .refused("legal_without_clinic")
        .when(file("enforcement", on="2026-07-01"))
        .done()
        .when(charge_fee("court_fee", 928_01, on="2026-07-01"))
        .refused("fee_above_max", most=928_00)
        .when(charge_fee("court_fee", 0, on="2026-07-01"))
        .refused("amount_missing")
        .when(charge_fee("court_fee", 928_00, on="2026-07-01"))
        .done()
        .recorded(FeeCharged, component="court_fee", claim=None)
        .when(charge_fee("court_fee", 1, on="2026-07-02"))
        .refused("fee_above_max")
        .when(charge_fee("drafting_fee", 672_00, on="2026-07-01", claim="K1"))
        .done()
        .when(charge_fee("penalty", 1_00, on="2026-07-01"))
        .refused("fee_not_allowed", component="penalty")
        .when(charge_fee("court_fee", 1_00, on="2026-07-01", claim="K7"))
        .refused("unknown_invoice", invoice="K7")
    )


def test_a_clinic_that_credits_ends_the_case() -> None:
    (
        given(*K1_DEMANDED)
        .when(ask_for_decision("unpaid", on="2026-06-24"))
        .done()
        .when(choose("credit", on="2026-06-25"))
        .done()
        .recorded(Credited, reason="clinic_decision", never_owed=False)
        .owed()
        .overpaid(0)
        .closed("credited")
    )


def test_the_clinic_is_asked_about_kroner_and_about_what_nobody_objects_to() -> None:
    """Court fees are known in kroner only; a hold comes before a legal step."""
    (
        given(facts.case_opened(currency="EUR"), *K1_DEMANDED[1:])
        .when(ask_for_decision("unpaid", on="2026-06-24"))
        .refused("rates_missing", table="court_fees", date="2026-06-24")
    )
    (
        given(*K1_DEMANDED)
        .when(hold("payment_claimed", on="2026-06-23", review="2026-06-30"))
        .done()
        .when(ask_for_decision("unpaid", on="2026-06-24"))
        .refused("on_hold", hold="payment_claimed")
        .when(ask_for_decision("disputed", on="2026-06-24"))
        .refused("unknown_dispute", dispute="-")
    )


def test_a_clinic_is_asked_once() -> None:
    (
        given(*K1_DEMANDED)
        .when(ask_for_decision("unpaid", on="2026-06-24"))
        .done()
        .when(ask_for_decision("unpaid", on="2026-06-24"))
        .refused("already_decided", name="legal_decision")
    )


@pytest.mark.parametrize(
    ("principal", "recommended"), [(928_00, "credit"), (928_01, "enforcement")]
)
def test_what_costs_more_to_pursue_than_it_brings_is_best_credited(
    principal: int, recommended: str
) -> None:
    """An attachment costs 928.00 in the first half of 2026."""
    (
        given(
            facts.case_opened(),
            facts.invoice_issued("K1", line("lab", principal), on="2026-03-02", due="2026-03-16"),
            *K1_DEMANDED[2:],
        )
        .when(ask_for_decision("unpaid", on="2026-06-24"))
        .done()
        .recorded(LegalDecisionRequested, cost=928_00, recommended=recommended)
    )


def test_a_disputed_claim_goes_to_the_conciliation_board_without_a_demand() -> None:
    (
        given(*K1)
        .when(object_to(on="2026-04-01"))
        .done()
        .when(ask_for_decision("disputed", on="2026-04-20"))
        .done()
        .when(choose("conciliation", on="2026-04-21"))
        .done()
        .when(file("enforcement", on="2026-04-22"))
        .refused("legal_without_clinic")
        .when(file("conciliation", on="2026-04-22"))
        .then(
            LegalStepFiled(
                value_date=facts.day("2026-04-22"),
                filing="F1",
                step="conciliation",
                outstanding=413_00,
            )
        )
        .when(file("conciliation", on="2026-04-23"))
        .refused("duplicate_reference", kind="filing", name="F1")
        .when(result("judgment", on="2026-06-01", name="F2"))
        .refused("unknown_reference", kind="filing", name="F2")
        .when(result("judgment", on="2026-06-01"))
        .done()
        .when(result("dismissed", on="2026-06-02"))
        .refused("already_decided", name="F1")
    )


def test_a_credit_by_the_clinic_answers_what_the_debtor_objected_to() -> None:
    """What was answered before keeps its answer."""
    (
        given(*K1)
        .when(object_to("O1", on="2026-04-01"))
        .done()
        .when(answer("rejected", on="2026-04-02"))
        .done()
        .when(object_to("O2", on="2026-04-03"))
        .done()
        .when(ask_for_decision("disputed", on="2026-04-20"))
        .done()
        .when(choose("credit", on="2026-04-21"))
        .done()
        .recorded(DisputeAnswered, dispute="O2", outcome="upheld", decided_by="clinic-10001")
        .recorded(Credited, reason="clinic_decision", never_owed=True)
        .closed("credited")
    )


def test_a_clinic_may_credit_what_is_left_when_only_costs_are() -> None:
    (
        given(*K1_DEMANDED)
        .when(pay(413_00, on="2026-06-01", order="principal_interest_costs"))
        .done()
        .when(ask_for_decision("unpaid", on="2026-06-24"))
        .done()
        .when(choose("credit", on="2026-06-25"))
        .done()
        .not_recorded(Credited, DisputeAnswered)
        .closed("credited")
    )


def test_court_fees_are_charged_under_law_that_somebody_has_read() -> None:
    (
        given(*chosen("enforcement"), today="2027-12-31")
        .when(file("enforcement", on="2026-07-01"))
        .done()
        .when(charge_fee("court_fee", 1_00, on="2027-01-04"))
        .refused("regime_not_reviewed", date="2027-01-04")
        .when(charge_fee("drafting_fee", 100_00, on="2026-07-02", claim="K1"))
        .done()
        .recorded(FeeCharged, component="drafting_fee", claim="K1")
        .when(charge_fee("drafting_fee", 572_01, on="2026-07-02", claim="K1"))
        .refused("fee_above_max", amount=672_01, most=672_00)
    )
