"""The payment terminal at the clinic: what it got, what it missed, what can still be invoiced."""

from tests.scenarios import facts
from tests.scenarios.asked import (
    credit,
    issue_invoice,
    pay,
    register_charge,
    send_charge_to_terminal,
    tap,
    waive,
)
from tests.scenarios.facts import line, moment, part
from tests.scenarios.story import given

SPLIT = (
    facts.case_opened(on="2026-05-04"),
    facts.charge_registered("consultation", 230_00, at="2026-05-04 10:38"),
    facts.charge_sent_to_terminal("consultation", at="2026-05-04 10:40"),
    facts.terminal_payment_received(
        "T1", 230_00, part("charge", 230_00, "consultation"), at="2026-05-04 10:42"
    ),
    facts.charge_registered("lab", 183_00, at="2026-05-04 10:50", category="lab"),
)
"""The consultation was paid at the terminal; the laboratory never reached it (no. 17)."""


def test_a_charge_is_owed_as_soon_as_it_is_registered() -> None:
    (
        given(facts.case_opened(on="2026-05-04"))
        .when(register_charge("consultation", 230_00, at="2026-05-04 10:38"))
        .then(facts.charge_registered("consultation", 230_00, at="2026-05-04 10:38"))
        .owed(charge=230_00)
        .at_stage("charged")
    )


def test_a_charge_is_registered_once() -> None:
    (
        given(*SPLIT)
        .when(register_charge("lab", 183_00, at="2026-05-04 10:51", category="lab"))
        .refused("duplicate_charge", charge="lab")
    )


def test_a_charge_reaches_the_terminal_after_it_was_registered() -> None:
    (
        given(facts.case_opened(on="2026-05-04"))
        .when(send_charge_to_terminal("consultation", at="2026-05-04 10:40"))
        .refused("unknown_charge", charge="consultation")
        .when(register_charge("consultation", 230_00, at="2026-05-04 10:38"))
        .then(facts.charge_registered("consultation", 230_00, at="2026-05-04 10:38"))
        .when(send_charge_to_terminal("consultation", at="2026-05-04 10:40"))
        .then(facts.charge_sent_to_terminal("consultation", at="2026-05-04 10:40"))
        .owed(charge=230_00)
    )


def test_what_is_paid_at_the_terminal_is_no_longer_owed() -> None:
    """It went to the clinic's own account, and is no money of ours."""
    story = (
        given(*SPLIT[:3])
        .when(tap("T1", 230_00, at="2026-05-04 10:42"))
        .then(
            facts.terminal_payment_received(
                "T1", 230_00, part("charge", 230_00, "consultation"), at="2026-05-04 10:42"
            )
        )
        .owed()
    )
    assert story.case.accounts[("receivable.charge", "consultation")] == 0
    assert not any(account.startswith("bank.") for account, _ in story.case.accounts)


def test_of_a_split_charge_the_invoice_claims_only_what_the_terminal_missed() -> None:
    story = (
        given(*SPLIT)
        .owed(charge=183_00)
        .when(issue_invoice("K17", line("lab", 183_00, "lab"), on="2026-05-06", due="2026-05-20"))
        .then(
            facts.invoice_issued(
                "K17", line("lab", 183_00, "lab"), on="2026-05-06", due="2026-05-20"
            )
        )
        .owed(principal=183_00)
        .at_stage("invoiced")
    )
    consultation, lab = story.case.charges["consultation"], story.case.charges["lab"]
    assert consultation.sent_at == moment("2026-05-04 10:40")
    assert consultation.paid_at == moment("2026-05-04 10:42")
    assert lab.registered_at == moment("2026-05-04 10:50")
    assert lab.sent_at is None
    assert lab.invoice == "K17"


def test_what_was_paid_at_the_terminal_is_never_invoiced() -> None:
    story = given(*SPLIT)
    story.when(
        issue_invoice(
            "K17", line("consultation", 230_00, "consultation"), on="2026-05-06", due="2026-05-20"
        )
    ).refused("already_paid", charge="consultation", at="2026-05-04T08:42:00+00:00")
    story.when(
        issue_invoice(
            "K17",
            line("lab", 183_00, "lab"),
            line("consultation", 230_00, "consultation"),
            on="2026-05-06",
            due="2026-05-20",
        )
    ).refused("already_paid", charge="consultation", at="2026-05-04T08:42:00+00:00")
    story.owed(charge=183_00)


def test_a_second_invoice_for_a_charge_is_refused() -> None:
    invoiced = facts.invoice_issued(
        "K17", line("lab", 183_00, "lab"), on="2026-05-06", due="2026-05-20"
    )
    (
        given(*SPLIT, invoiced)
        .when(issue_invoice("K18", line("lab", 183_00, "lab"), on="2026-05-07", due="2026-05-21"))
        .refused("duplicate_charge", charge="lab", invoice="K17")
        .owed(principal=183_00)
    )


def test_one_invoice_claims_a_charge_once() -> None:
    (
        given(*SPLIT)
        .when(
            issue_invoice(
                "K17",
                line("lab", 183_00, "lab"),
                line("lab", 183_00, "lab"),
                on="2026-05-06",
                due="2026-05-20",
            )
        )
        .refused("duplicate_charge", charge="lab", invoice=None)
    )


def test_an_invoice_claims_neither_more_nor_less_than_the_charge() -> None:
    story = given(*SPLIT)
    story.when(
        issue_invoice("K17", line("lab", 184_00, "lab"), on="2026-05-06", due="2026-05-20")
    ).refused("more_than_owed", charge="lab", amount=184_00, owed=183_00)
    story.when(
        issue_invoice("K17", line("lab", 182_00, "lab"), on="2026-05-06", due="2026-05-20")
    ).refused("more_than_owed", charge="lab", amount=182_00, owed=183_00)
    story.when(
        issue_invoice("K17", line("lab", 183_00, "x-ray"), on="2026-05-06", due="2026-05-20")
    ).refused("unknown_charge", charge="x-ray")


def test_of_a_charge_that_was_paid_in_part_the_rest_is_invoiced() -> None:
    """The patient transferred 100.00 to the client account before there was an invoice."""
    (
        given(*SPLIT)
        .when(pay(100_00, on="2026-05-05"))
        .then(
            facts.payment_received("bank-1", 100_00, part("charge", 100_00, "lab"), on="2026-05-05")
        )
        .when(issue_invoice("K17", line("lab", 183_00, "lab"), on="2026-05-06", due="2026-05-20"))
        .refused("more_than_owed", charge="lab", amount=183_00, owed=83_00)
        .when(issue_invoice("K17", line("lab", 83_00, "lab"), on="2026-05-06", due="2026-05-20"))
        .then(
            facts.invoice_issued(
                "K17", line("lab", 83_00, "lab"), on="2026-05-06", due="2026-05-20"
            )
        )
        .owed(principal=83_00)
    )


def test_a_charge_that_was_credited_is_neither_invoiced_nor_paid_at_the_terminal() -> None:
    story = given(
        *SPLIT,
        facts.charge_sent_to_terminal("lab", at="2026-05-04 10:55"),
        facts.charge_registered("material", 50_00, at="2026-05-04 10:56", category="material"),
    )
    story.when(credit(part("charge", 183_00, "lab"), on="2026-05-05")).then(
        facts.credited("C1", part("charge", 183_00, "lab"), on="2026-05-05")
    )
    story.when(
        issue_invoice("K17", line("lab", 183_00, "lab"), on="2026-05-06", due="2026-05-20")
    ).refused("more_than_owed", charge="lab", amount=183_00, owed=0)
    story.when(tap("T2", 183_00, at="2026-05-06 09:00")).refused(
        "not_on_terminal", amount=183_00, on_terminal=0
    )
    story.owed(charge=50_00)


def test_an_amount_that_was_not_on_the_screen_is_no_payment_of_these_charges() -> None:
    story = given(*SPLIT[:3])
    story.when(tap("T1", 413_00, at="2026-05-04 10:42")).refused(
        "not_on_terminal", amount=413_00, on_terminal=230_00
    )
    story.when(tap("T1", 230_00, at="2026-05-04 10:39")).refused(
        "not_on_terminal", amount=230_00, on_terminal=0
    )
    story.owed(charge=230_00)


def test_all_that_stood_on_the_screen_is_paid_together() -> None:
    (
        given(*SPLIT[:3])
        .when(register_charge("lab", 183_00, at="2026-05-04 10:41", category="lab"))
        .then(
            facts.charge_registered("lab", 183_00, at="2026-05-04 10:41", category="lab"),
        )
        .when(send_charge_to_terminal("lab", at="2026-05-04 10:42"))
        .then(facts.charge_sent_to_terminal("lab", at="2026-05-04 10:42"))
        .when(tap("T1", 413_00, at="2026-05-04 10:42"))
        .then(
            facts.terminal_payment_received(
                "T1",
                413_00,
                part("charge", 230_00, "consultation"),
                part("charge", 183_00, "lab"),
                at="2026-05-04 10:42",
            )
        )
        .owed()
    )


def test_a_receipt_of_the_terminal_counts_once() -> None:
    (
        given(*SPLIT, facts.charge_sent_to_terminal("lab", at="2026-05-04 10:55"))
        .when(tap("T1", 183_00, at="2026-05-04 10:56"))
        .refused("duplicate_receipt", payment="T1")
        .owed(charge=183_00)
    )


def test_what_was_invoiced_is_no_longer_on_the_screen() -> None:
    (
        given(*SPLIT)
        .when(send_charge_to_terminal("lab", at="2026-05-04 10:55"))
        .then(facts.charge_sent_to_terminal("lab", at="2026-05-04 10:55"))
        .when(issue_invoice("K17", line("lab", 183_00, "lab"), on="2026-05-06", due="2026-05-20"))
        .then(
            facts.invoice_issued(
                "K17", line("lab", 183_00, "lab"), on="2026-05-06", due="2026-05-20"
            )
        )
        .when(tap("T2", 183_00, at="2026-05-06 12:00"))
        .refused("not_on_terminal", amount=183_00, on_terminal=0)
        .owed(principal=183_00)
    )


def test_tapped_too_early_is_an_attempt_and_no_payment() -> None:
    """At 10:31 the terminal showed 0.00; the charge came at 10:36 (no. 18)."""
    (
        given(facts.case_opened(on="2026-05-04"))
        .when(tap("T1", 0, at="2026-05-04 10:31"))
        .then(facts.terminal_attempt_recorded(0, at="2026-05-04 10:31"))
        .when(register_charge("visit", 413_00, at="2026-05-04 10:36"))
        .then(facts.charge_registered("visit", 413_00, at="2026-05-04 10:36"))
        .owed(charge=413_00)
        .disputed(False)
        .when(
            issue_invoice(
                "K18", line("consultation", 413_00, "visit"), on="2026-05-07", due="2026-05-21"
            )
        )
        .then(
            facts.invoice_issued(
                "K18", line("consultation", 413_00, "visit"), on="2026-05-07", due="2026-05-21"
            )
        )
        .owed(principal=413_00)
    )


def test_a_receipt_of_an_attempt_can_still_become_one_of_a_payment() -> None:
    (
        given(*SPLIT[:3])
        .when(tap("T1", 230_00, at="2026-05-04 10:41", result="declined"))
        .then(facts.terminal_attempt_recorded(230_00, at="2026-05-04 10:41", result="declined"))
        .when(tap("T1", 230_00, at="2026-05-04 10:41", result="cancelled"))
        .then(facts.terminal_attempt_recorded(230_00, at="2026-05-04 10:41", result="cancelled"))
        .owed(charge=230_00)
        .when(tap("T1", 230_00, at="2026-05-04 10:42"))
        .then(
            facts.terminal_payment_received(
                "T1", 230_00, part("charge", 230_00, "consultation"), at="2026-05-04 10:42"
            )
        )
        .owed()
    )


def test_a_visit_that_costs_nothing_is_paid_with_what_it_stands_beside() -> None:
    story = given(
        facts.case_opened(on="2026-05-04"),
        facts.charge_registered("consultation", 0, at="2026-05-04 10:38"),
        facts.charge_registered("material", 138_00, at="2026-05-04 10:38", category="material"),
        facts.charge_sent_to_terminal("consultation", at="2026-05-04 10:40"),
        facts.charge_sent_to_terminal("material", at="2026-05-04 10:40"),
    )
    story.when(tap("T1", 138_00, at="2026-05-04 10:42")).then(
        facts.terminal_payment_received(
            "T1",
            138_00,
            part("charge", 0, "consultation"),
            part("charge", 138_00, "material"),
            at="2026-05-04 10:42",
        )
    )
    assert story.case.charges["consultation"].paid_at == moment("2026-05-04 10:42")


def test_the_fee_of_an_invoice_for_a_split_charge_can_be_given_up() -> None:
    """The patient paid what he was shown: an agent waives the invoicing fee."""
    (
        given(*SPLIT)
        .when(
            issue_invoice(
                "K17", line("lab", 183_00, "lab"), on="2026-05-06", due="2026-05-20", fee=45_00
            )
        )
        .done()
        .owed(principal=183_00, invoicing_fee=45_00)
        .when(
            waive(
                part("invoicing_fee", 45_00, "K17"), on="2026-05-10", reason="good_faith_terminal"
            )
        )
        .then(
            facts.fee_waived(
                part("invoicing_fee", 45_00, "K17"), on="2026-05-10", reason="good_faith_terminal"
            )
        )
        .owed(principal=183_00)
        .when(waive(part("invoicing_fee", 1, "K17"), on="2026-05-10"))
        .refused("more_than_owed", owed=0)
        .when(waive(part("principal", 183_00, "K17"), on="2026-05-10"))
        .refused("fee_not_allowed", component="principal")
        .when(waive(on="2026-05-10"))
        .refused("amount_missing")
    )
