"""Opening a case, claiming an amount in writing, and evidence that the claim arrived."""

from typing import Any
from uuid import uuid4

from ledger.domain.case import Case
from ledger.domain.decisions import decide
from ledger.domain.events import FeeCharged, InvoiceIssued
from ledger.domain.refusals import Refusal
from tests.scenarios import facts
from tests.scenarios.asked import confirm_delivery, issue_invoice, know, open_case, pay, remind
from tests.scenarios.facts import K1, K1_NOTICED, line
from tests.scenarios.story import RULES, given


def test_a_case_is_opened() -> None:
    (
        given()
        .when(open_case(on="2026-03-02"))
        .then(facts.case_opened(on="2026-03-02"))
        .at_stage("new")
        .owed()
    )


def test_a_case_is_opened_once() -> None:
    (
        given(facts.case_opened(on="2026-03-02"))
        .when(open_case(on="2026-03-03"))
        .refused("already_open", reference="2026-1")
    )


def test_a_book_is_kept_in_a_currency_that_we_know() -> None:
    given().when(open_case(currency="XXX")).refused("wrong_currency", currency="XXX")


def test_nothing_can_be_done_before_the_case_is_opened() -> None:
    (
        given()
        .when(issue_invoice("K1", line("lab", 183_00), on="2026-03-02", due="2026-03-16"))
        .refused("case_not_open")
    )


def test_the_invoice_k1_claims_413_kroner() -> None:
    (
        given(facts.case_opened(on="2026-03-02"))
        .when(
            issue_invoice(
                "K1",
                line("consultation", 230_00),
                line("lab", 183_00),
                on="2026-03-02",
                due="2026-03-16",
                kid="0010017",
            )
        )
        .then(
            facts.invoice_issued(
                "K1",
                line("consultation", 230_00),
                line("lab", 183_00),
                on="2026-03-02",
                due="2026-03-16",
                kid="0010017",
            )
        )
        .owed(principal=413_00)
        .at_stage("invoiced")
    )


def test_an_invoice_number_is_used_once() -> None:
    (
        given(*K1)
        .when(issue_invoice("K1", line("lab", 183_00), on="2026-03-03", due="2026-03-17"))
        .refused("duplicate_invoice", invoice="K1")
        .owed(principal=413_00)
    )


def test_a_case_may_hold_several_invoices() -> None:
    (
        given(*K1)
        .when(issue_invoice("K2", line("lab", 94_00), on="2026-04-02", due="2026-04-16"))
        .then(facts.invoice_issued("K2", line("lab", 94_00), on="2026-04-02", due="2026-04-16"))
        .owed(principal=507_00)
    )


def test_an_invoice_of_nothing_is_refused() -> None:
    case = given(facts.case_opened())
    case.when(issue_invoice("K1", on="2026-03-02", due="2026-03-16")).refused("amount_missing")
    case.when(
        issue_invoice("K1", line("consultation", 0), on="2026-03-02", due="2026-03-16")
    ).refused("amount_missing")


def test_a_line_of_zero_stands_beside_one_that_costs_something() -> None:
    """A frikort covers the patient's share, and not the material (domain.md 7.4, no. 19)."""
    lines = line("consultation", 0), line("material", 138_00)
    (
        given(facts.case_opened())
        .when(issue_invoice("K1", *lines, on="2026-03-02", due="2026-03-16"))
        .then(facts.invoice_issued("K1", *lines, on="2026-03-02", due="2026-03-16"))
        .owed(principal=138_00)
    )


def test_a_kid_with_a_wrong_check_digit_is_refused() -> None:
    (
        given(facts.case_opened())
        .when(
            issue_invoice(
                "K1", line("lab", 183_00), on="2026-03-02", due="2026-03-16", kid="0010018"
            )
        )
        .refused("invalid_kid", kid="0010018")
    )


def test_an_invoice_can_fall_due_on_the_day_of_issue_but_not_before() -> None:
    case = given(facts.case_opened())
    case.when(issue_invoice("K1", line("lab", 183_00), on="2026-03-02", due="2026-03-01")).refused(
        "date_out_of_range", **{"date": "2026-03-01", "from": "2026-03-02"}
    )
    case.when(issue_invoice("K1", line("lab", 183_00), on="2026-03-02", due="2026-03-02")).then(
        facts.invoice_issued("K1", line("lab", 183_00), on="2026-03-02", due="2026-03-02")
    )


def test_nothing_is_recorded_before_its_day_has_come() -> None:
    (
        given(facts.case_opened(), today="2026-03-15")
        .when(issue_invoice("K1", line("lab", 183_00), on="2026-03-16", due="2026-03-30"))
        .refused(
            "date_out_of_range",
            earliest="2026-03-16",
            **{"date": "2026-03-16", "from": "1990-01-01"},
        )
    )
    (
        given(facts.case_opened(), today="2026-03-16")
        .when(issue_invoice("K1", line("lab", 183_00), on="2026-03-16", due="2026-03-30"))
        .then(facts.invoice_issued("K1", line("lab", 183_00), on="2026-03-16", due="2026-03-30"))
    )


def test_a_date_in_another_century_was_typed_wrong() -> None:
    """No later day changes this answer: it has no earliest date."""
    given().when(open_case(on="1989-12-31")).refused(
        "date_out_of_range", **{"date": "1989-12-31", "from": "1990-01-01"}
    )
    given().when(open_case(on="1990-01-01")).then(facts.case_opened(on="1990-01-01"))


def test_evidence_of_delivery_is_recorded_whenever_there_is_some() -> None:
    story = (
        given(*K1[:-1])
        .when(confirm_delivery("K1", on="2026-03-04"))
        .then(facts.invoice_delivered("K1", on="2026-03-04"))
        .when(confirm_delivery("K1", on="2026-03-06", channel="digital_mailbox"))
        .then(facts.invoice_delivered("K1", on="2026-03-06", channel="digital_mailbox"))
        .owed(principal=413_00)
        .at_stage("invoiced")
    )
    assert story.case.invoices["K1"].delivered_on == facts.day("2026-03-06")


def test_only_an_invoice_of_the_case_can_be_delivered() -> None:
    given(*K1).when(confirm_delivery("K2", on="2026-03-04")).refused(
        "unknown_invoice", invoice="K2"
    )


def test_a_case_can_owe_ten_trillion_kroner_and_no_more() -> None:
    """The event that gives the whole debt up must still be able to state it."""
    most = 10_000_000_000_000_00
    (
        given(facts.case_opened())
        .when(issue_invoice("K1", line("lab", most), on="2026-03-02", due="2026-03-16"))
        .then(facts.invoice_issued("K1", line("lab", most), on="2026-03-02", due="2026-03-16"))
        .when(issue_invoice("K2", line("lab", 1), on="2026-03-02", due="2026-03-16"))
        .refused("amount_too_large", most=most)
    )
    (
        given(facts.case_opened())
        .when(
            issue_invoice(
                "K1", line("lab", most), line("lab", 1), on="2026-03-02", due="2026-03-16"
            )
        )
        .refused("amount_too_large", most=most)
    )


def test_an_invoice_that_comes_late_by_error_carries_no_fee() -> None:
    """The visit was on 20 March, the first invoice came on 15 June."""
    late: dict[str, Any] = {"on": "2026-06-15", "due": "2026-06-29", "visit": "2026-03-20"}
    (
        given(facts.case_opened(on="2026-03-20"))
        .when(issue_invoice("K1", line("lab", 183_00), fee=45_00, **late))
        .refused("late_first_invoice_fee", invoice="K1")
        .when(issue_invoice("K1", line("lab", 183_00), **late))
        .done()
        .recorded(InvoiceIssued, late=True, service_date=facts.day("2026-03-20"))
        .when(confirm_delivery("K1", on="2026-06-17"))
        .done()
        .when(remind(on="2026-07-13", fee=38_00))
        .refused("late_first_invoice_fee")
        .allowed(remind(on="2026-07-13"))
    )


def test_sixty_days_after_the_visit_an_invoice_is_not_late_yet() -> None:
    for on, late in (("2026-05-19", False), ("2026-05-20", True)):
        (
            given(facts.case_opened(on="2026-03-20"))
            .when(issue_invoice("K1", line("lab", 9), on=on, due="2026-06-29", visit="2026-03-20"))
            .done()
            .recorded(InvoiceIssued, late=late)
        )
    (
        given(facts.case_opened())
        .when(
            issue_invoice(
                "K1", line("lab", 9_00), on="2026-03-02", due="2026-03-16", late=True, fee=1
            )
        )
        .refused("late_first_invoice_fee")
    )


def test_an_invoice_costs_at_most_what_it_costs_the_clinic() -> None:
    (
        given(facts.case_opened())
        .when(issue_invoice("K1", line("lab", 9_00), on="2026-03-02", due="2026-03-16", fee=45_01))
        .refused("fee_above_max", amount=45_01, most=45_00)
        .when(issue_invoice("K1", line("lab", 9_00), on="2026-03-02", due="2026-03-16", fee=45_00))
        .done()
        .recorded(FeeCharged, component="invoicing_fee", rule="FAL-2-4", claim="K1")
    )


def test_a_date_that_no_calendar_reaches_was_typed_wrong() -> None:
    (
        given(facts.case_opened())
        .when(issue_invoice("K1", line("lab", 9_00), on="2026-03-02", due="2101-01-01"))
        .refused("date_out_of_range")
        .when(
            issue_invoice(
                "K1", line("lab", 9_00), on="2026-03-02", due="2026-03-16", visit="0026-03-02"
            )
        )
        .refused("date_out_of_range")
    )


def test_a_claim_belongs_to_the_case_that_stands_where_it_would_stand() -> None:
    """Finanstilsynet 1/2018: what one clinic claims of one debtor is collected together."""
    today = facts.day("2026-12-31")
    new = Case(uuid4())
    early = given(*K1).case
    assert decide(new, open_case(), RULES, today, related=[early]) == Refusal(
        "split_case", {"reference": "2026-1"}, None, "Finanstilsynet rundskriv 1/2018"
    )
    for other in (
        given(*K1_NOTICED).case,
        given(*K1).when(know("bankruptcy", on="2026-03-20")).done().case,
        given(*K1).when(pay(413_00, on="2026-03-13")).done().case,
    ):
        assert isinstance(decide(new, open_case(), RULES, today, related=[other]), list)
