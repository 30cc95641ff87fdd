"""What somebody must look at, and telling the clinic of a share that was paid."""

from ledger.domain.events import EgenandelPaymentReported, TaskDone, TaskRaised
from tests.scenarios import facts
from tests.scenarios.asked import credit, do_task, pay, raise_task, report_egenandel
from tests.scenarios.facts import K1, day, line, part
from tests.scenarios.story import Story, given


def two_shares() -> Story:
    """Two consultations that count towards the frikort, and material that does not."""
    return given(
        facts.case_opened(),
        facts.invoice_issued(
            "K2",
            line("consultation", 179_00, egenandel=True),
            line("lab", 63_00, egenandel=True),
            line("material", 138_00),
            on="2026-03-02",
            due="2026-03-16",
        ),
    )


def test_a_task_is_raised_once_and_done_once() -> None:
    (
        given(*K1)
        .when(do_task(on="2026-03-20"))
        .refused("unknown_reference", kind="task", name="T1")
        .when(raise_task("hold_review", on="2026-03-20"))
        .then(
            TaskRaised(
                value_date=day("2026-03-20"),
                task="T1",
                kind="hold_review",
                due_on=day("2026-03-20"),
                subject=None,
            )
        )
        .when(raise_task("hold_review", on="2026-03-21"))
        .refused("duplicate_reference", kind="task", name="T1")
        .when(do_task(on="2026-03-22"))
        .then(TaskDone(value_date=day("2026-03-22"), task="T1"))
        .when(do_task(on="2026-03-23"))
        .refused("already_decided", name="T1")
        .when(raise_task("hold_review", on="2026-03-24"))
        .refused("duplicate_reference")
    )


def test_shares_are_reported_when_the_last_of_them_is_paid() -> None:
    """242.00 of shares; what is paid on the material later does not change the day."""
    (
        two_shares()
        .when(report_egenandel("K7", on="2026-03-10"))
        .refused("unknown_invoice", invoice="K7")
        .when(pay(241_99, on="2026-03-10"))
        .done()
        .when(report_egenandel("K2", on="2026-03-11"))
        .refused("not_paid", invoice="K2")
        .when(pay(1_01, on="2026-03-12", name="bank-2"))
        .done()
        .when(pay(37_00, on="2026-03-14", name="bank-3"))
        .done()
        .when(report_egenandel("K2", on="2026-03-15"))
        .then(
            EgenandelPaymentReported(
                value_date=day("2026-03-15"),
                invoice="K2",
                lines=(1, 2),
                amount=242_00,
                paid_on=day("2026-03-12"),
            )
        )
    )


def test_a_share_that_was_credited_does_not_count_towards_the_frikort() -> None:
    (
        two_shares()
        .when(credit(part("principal", 63_00, "K2", 2), on="2026-03-05"))
        .done()
        .when(pay(179_00, on="2026-03-10"))
        .done()
        .when(report_egenandel("K2", on="2026-03-11"))
        .done()
        .recorded(EgenandelPaymentReported, lines=(1,), amount=179_00)
    )


def test_only_money_pays_a_share() -> None:
    (
        two_shares()
        .when(
            credit(
                part("principal", 179_00, "K2", 1),
                part("principal", 63_00, "K2", 2),
                on="2026-03-05",
            )
        )
        .done()
        .when(pay(100_00, on="2026-03-10"))
        .done()
        .when(report_egenandel("K2", on="2026-03-11"))
        .refused("not_paid", invoice="K2")
    )
