"""What takes two people: asked for by one, agreed to by another."""

from ledger.domain.events import ApprovalGiven, OverpaymentRefunded
from tests.scenarios import facts
from tests.scenarios.asked import (
    approve,
    ask_approval,
    close_case,
    decline,
    issue_invoice,
    pay,
    refund,
    reopen,
    write_off,
)
from tests.scenarios.facts import K1, line
from tests.scenarios.story import Story, given

LARGE = refund(2_500_00, on="2026-03-20")


def overpaid() -> Story:
    """K1, on which 2 500.00 were paid too much."""
    return given(*K1).when(pay(2_913_00, on="2026-03-13")).done().overpaid(2_500_00)


def test_nobody_agrees_with_himself_in_whatever_role() -> None:
    (
        overpaid()
        .when(LARGE)
        .refused("approval_needed", limit=2_000_00)
        .when(ask_approval(LARGE))
        .done()
        .when(approve(on="2026-03-21"), by="agent:a1")
        .refused("self_approval")
        .when(approve(on="2026-03-21"), by="senior:a1")
        .refused("self_approval")
        .when(approve(on="2026-03-21"), by="agent:a2")
        .refused("senior_needed", role="agent")
        .when(approve(on="2026-03-21"), by="system:clock")
        .refused("senior_needed", role="system")
        .when(approve(on="2026-03-21"), by="senior:s1")
        .then(
            ApprovalGiven(
                value_date=facts.day("2026-03-21"), approval="V1", approved_by="senior:s1"
            ),
            OverpaymentRefunded(
                value_date=facts.day("2026-03-21"), refund="refund-1", amount=2_500_00
            ),
        )
        .overpaid(0)
        .when(approve(on="2026-03-22"), by="senior:s1")
        .refused("already_decided", name="V1")
    )


def test_a_senior_takes_two_as_well() -> None:
    (
        overpaid()
        .when(LARGE, by="senior:s1")
        .refused("approval_needed")
        .when(ask_approval(LARGE), by="senior:s1")
        .done()
        .when(approve(on="2026-03-21"), by="senior:s1")
        .refused("self_approval")
        .allowed(approve(on="2026-03-21"), by="senior:s2")
    )


def test_what_is_no_longer_possible_is_not_carried_out() -> None:
    (
        overpaid()
        .when(ask_approval(LARGE))
        .done()
        .when(refund(1_000_00, on="2026-03-20", name="refund-2"))
        .done()
        .when(approve(on="2026-03-21"), by="senior:s1")
        .refused("more_than_owed", amount=2_500_00, owed=1_500_00)
        .when(decline(on="2026-03-22"), by="senior:s1")
        .done()
        .when(approve(on="2026-03-23"), by="senior:s1")
        .refused("already_decided", name="V1")
        .overpaid(1_500_00)
    )


def test_what_two_could_not_do_is_not_asked_for() -> None:
    (
        overpaid()
        .when(ask_approval(refund(2_500_01, on="2026-03-20")))
        .refused("more_than_owed")
        .when(ask_approval(LARGE))
        .done()
        .when(ask_approval(LARGE))
        .refused("duplicate_reference", kind="approval", name="V1")
        .when(approve("V7", on="2026-03-21"), by="senior:s1")
        .refused("unknown_reference", kind="approval", name="V7")
    )


def test_more_than_five_hundred_kroner_are_written_off_by_two() -> None:
    for amount, alone in ((500_00, True), (500_01, False)):
        story = given(facts.case_opened()).when(
            issue_invoice("K1", line("other", amount), on="2026-03-02", due="2026-03-16")
        )
        story.done()
        if alone:
            story.allowed(write_off(on="2026-06-01"))
            story.allowed(close_case("recalled", on="2026-06-01"))
        else:
            story.when(write_off(on="2026-06-01")).refused("approval_needed", limit=500_00)
            story.when(close_case("recalled", on="2026-06-01")).refused("approval_needed")
            story.allowed(ask_approval(write_off(on="2026-06-01")))
            story.allowed(close_case("recalled", on="2026-06-01"), by="clinic:c1")


def test_a_closed_case_is_reopened_by_two() -> None:
    (
        given(*K1)
        .when(reopen(on="2026-03-20"))
        .refused("case_not_closed")
        .when(pay(413_00, on="2026-03-13"))
        .done()
        .when(reopen(on="2026-03-20"))
        .refused("approval_needed")
        .when(ask_approval(reopen(on="2026-03-20")))
        .done()
        .when(approve(on="2026-03-21"), by="senior:s1")
        .done()
        .at_stage("invoiced")
    )


def test_an_id_that_holds_a_colon_is_one_person() -> None:
    (
        overpaid()
        .when(ask_approval(LARGE), by="agent:sso:7")
        .done()
        .when(approve(on="2026-03-21"), by="senior:sso:7")
        .refused("self_approval")
        .allowed(approve(on="2026-03-21"), by="senior:other:7")
    )
