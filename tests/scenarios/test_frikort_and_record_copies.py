"""What patients in good faith object to: a frikort, a record copy, a visit that never was."""

from ledger.domain.events import Credited, FeeWaived
from tests.scenarios import facts
from tests.scenarios.asked import answer, credit, object_to, pay, refer, remind, report_egenandel
from tests.scenarios.facts import line, part
from tests.scenarios.story import given

MATERIAL = (
    facts.case_opened(),
    facts.invoice_issued(
        "K1",
        line("consultation", 0, egenandel=True),
        line("material", 138_00),
        on="2026-03-02",
        due="2026-03-16",
    ),
    facts.invoice_delivered("K1", on="2026-03-04"),
)


def test_a_frikort_does_not_cover_materials() -> None:
    """Held no longer than its answer takes; without a fee while it has none."""
    (
        given(*MATERIAL)
        .when(object_to(on="2026-03-24", category="misunderstanding_frikort"))
        .then(
            facts.dispute_raised(
                "O1", on="2026-03-24", category="misunderstanding_frikort", until="2026-03-31"
            )
        )
        .when(remind(on="2026-03-31"))
        .refused("disputed", earliest="2026-04-01")
        .held(on="2026-04-01")
        .when(remind(on="2026-04-01", fee=38_00))
        .refused("disputed", dispute="O1")
        .allowed(remind(on="2026-04-01"))
        .when(answer("rejected", on="2026-04-01"))
        .done()
        .owed(principal=138_00)
        .when(remind(on="2026-04-14", fee=38_00))
        .refused("disputed", earliest="2026-04-15", answered="2026-04-01")
        .allowed(remind(on="2026-04-15", fee=38_00))
    )


BILLED = (
    facts.case_opened(),
    facts.invoice_issued(
        "K1",
        line("consultation", 179_00, egenandel=True),
        line("material", 138_00),
        on="2026-03-02",
        due="2026-03-16",
    ),
    facts.invoice_delivered("K1", on="2026-03-04"),
    facts.reminder_sent("R1", on="2026-03-30", deadline="2026-04-13"),
    facts.fee_charged("reminder_fee", 38_00, on="2026-03-30", claim="K1", letter="R1"),
)


def test_a_share_that_was_billed_in_spite_of_a_frikort_is_credited() -> None:
    (
        given(*BILLED)
        .when(object_to(on="2026-04-05", category="misunderstanding_frikort"))
        .done()
        .when(refer(on="2026-04-06"))
        .done()
        .when(
            answer("partly_upheld", part("principal", 179_00, "K1", 1), on="2026-04-15"),
            by="clinic:c1",
        )
        .then(
            facts.dispute_answered("O1", "partly_upheld", on="2026-04-15"),
            facts.credited(
                "O1",
                part("principal", 179_00, "K1", 1),
                on="2026-04-15",
                reason="dispute_upheld",
                never_owed=True,
            ),
            facts.fee_waived(
                part("reminder_fee", 38_00, "K1"),
                on="2026-04-15",
                reason="dispute_upheld",
                letter="R1",
            ),
        )
        .owed(principal=138_00)
        .lines_owed("K1", 0, 138_00)
        .interest("K1", 1_36, on="2026-04-15")
    )


def test_a_share_that_was_credited_is_not_reported_as_paid() -> None:
    (
        given(*BILLED)
        .when(credit(part("principal", 179_00, "K1", 1), on="2026-04-15", never_owed=True))
        .done()
        .when(pay(138_00, on="2026-04-16", order="principal_interest_costs"))
        .done()
        .when(report_egenandel(on="2026-04-17"))
        .refused("not_paid", invoice="K1")
    )


def test_an_answer_in_part_names_what_is_given_up() -> None:
    (
        given(*BILLED, facts.dispute_raised("O1", on="2026-04-05"))
        .when(answer("partly_upheld", on="2026-04-15"))
        .refused("amount_missing")
        .when(answer("partly_upheld", part("principal", 179_01, "K1", 1), on="2026-04-15"))
        .refused("more_than_owed", owed=179_00)
    )


def test_a_fee_that_was_paid_goes_to_the_claim_when_there_was_reason_to_object() -> None:
    """38.00 of fee and 2.71 of interest had been paid: they pay what is left."""
    (
        given(*BILLED)
        .when(pay(40_71, on="2026-04-11", order="costs_interest_principal"))
        .done()
        .owed(principal=317_00)
        .when(object_to(on="2026-04-12"))
        .done()
        .when(answer("partly_upheld", part("principal", 179_00, "K1", 1), on="2026-04-15"))
        .done()
        .recorded(
            FeeWaived,
            reason="dispute_upheld",
            returned=(part("reminder_fee", 38_00, "K1"),),
            moved=(part("principal", 38_00, "K1", 2),),
        )
        .owed(principal=138_00 - 38_00 - 1_53)
    )


COPY = (
    facts.case_opened(),
    facts.invoice_issued("K1", line("record_copy", 250_00), on="2026-03-02", due="2026-03-16"),
    facts.invoice_delivered("K1", on="2026-03-04"),
)


def test_a_record_copy_for_a_patient_who_says_that_he_never_was_there() -> None:
    """The clinic is asked; while it is silent nothing costs anything; then it credits."""
    (
        given(*COPY)
        .when(object_to(on="2026-03-20"))
        .done()
        .held("dispute", on="2026-03-20")
        .when(refer(on="2026-03-20"))
        .done()
        .when(remind(on="2026-04-20", fee=38_00))
        .refused("disputed", earliest=None)
        .when(answer("upheld", on="2026-04-21"), by="clinic:c1")
        .done()
        .recorded(Credited, never_owed=True, reason="dispute_upheld")
        .owed()
        .closed("credited")
        .running(0, on="2026-12-31")
    )


def test_in_the_clinics_silence_two_others_must_agree_to_reject() -> None:
    (
        given(*COPY)
        .when(object_to(on="2026-03-20"))
        .done()
        .when(refer(on="2026-03-20"))
        .done()
        .when(answer("rejected", on="2026-04-10", by="agent-1"))
        .refused("approval_needed")
        .allowed(answer("rejected", on="2026-04-10", by="clinic-10001"))
        .allowed(answer("rejected", on="2026-04-10", by="c1"), by="clinic:c1")
    )
