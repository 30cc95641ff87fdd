"""What each refusal says beside its words: its facts by name, and what it rests on.

The facts are what a program reads; the sources are what a lawyer does. A code may have several of
each, one for every rule that gives it. ``None`` among the sources: it rests on no law but on the
case itself, such as a name that is taken.
"""

from typing import Final, NamedTuple

from ledger.domain.refusals import Code, Refusal
from ledger.wording.closed_lists import KINDS


class Grounds(NamedTuple):
    """The facts, each set as its names with spaces between; and the sources."""

    facts: tuple[str, ...] = ("",)
    sources: tuple[str | None, ...] = (None,)


OF_A_TABLE: Final = ("",)
"""The source stands beside the rate, in ``ledger/rules/tables``."""

GROUNDS: Final[dict[Code, Grounds]] = {
    "already_answered": Grounds(("dispute on",)),
    "already_decided": Grounds(("name",)),
    "already_matched": Grounds(("name",)),
    "already_open": Grounds(("reference",)),
    "already_paid": Grounds(("at charge",)),
    "already_refunded": Grounds(("amount owed",)),
    "already_reversed": Grounds(("name",)),
    "amount_missing": Grounds(),
    "amount_too_large": Grounds(("most",)),
    "approval_needed": Grounds(("", "limit"), ("policy: four eyes",)),
    "bankruptcy": Grounds(("since",), ("konkursloven; individual collection stops",)),
    "case_closed": Grounds(("reason",)),
    "case_not_closed": Grounds(),
    "case_not_open": Grounds(),
    "claim_pursued": Grounds(("reference",), ("GDPR art. 17(3)(e)",)),
    "command_id_reused": Grounds(("command_id",)),
    "contact_hours": Grounds(("at",), sources=OF_A_TABLE),
    "date_out_of_range": Grounds(("date event", "date from")),
    "deadline_missing": Grounds(sources=("INKL §§ 9, 10",)),
    "deadline_too_short": Grounds(("deadline shortest",), (None, "INKL §§ 9, 10")),
    "debt_settlement": Grounds(("since",), ("gjeldsordningsloven; collection stops",)),
    "deferral_active": Grounds(("until",), ("god inkassoskikk, INKL § 8",)),
    "demand_expired": Grounds(("demanded",), ("INKL § 11",)),
    "disputed": Grounds(
        ("", "answered", "dispute"),
        (
            "2026 act § 18 (3)",
            "INKL § 17 (2)",
            "INKL § 8",
            "INKL § 8, § 17 (2)",
            "INKL § 8: time to take an answer in",
        ),
    ),
    "duplicate_charge": Grounds(("charge", "charge invoice")),
    "duplicate_dispute": Grounds(("dispute",)),
    "duplicate_invoice": Grounds(("invoice",)),
    "duplicate_receipt": Grounds(("payment",)),
    "duplicate_reference": Grounds(("kind name",)),
    "duplicate_source_line": Grounds(("source_line",)),
    "estate": Grounds(sources=("domain policy: nothing goes to the deceased",)),
    "fee_above_max": Grounds(("amount most",), sources=OF_A_TABLE),
    "fee_count_exceeded": Grounds(("count last",), ("INKF § 1-3",)),
    "fee_not_allowed": Grounds(
        ("component",),
        (
            None,
            "INKF § 2-4",
            "INKL § 17 (1)",
            "Prop. 3 L (2025-2026) 13.4.4",
            "policy of the clinic",
        ),
    ),
    "fee_too_early": Grounds(("due_date",), ("INKF § 1-2",)),
    "heavy_and_light": Grounds(("charged",), ("INKF § 2-3",)),
    "heavy_too_early": Grounds(("deadline",), ("INKF § 2-3",)),
    "history_without_claim": Grounds(("reference",)),
    "instalment_plan_active": Grounds(
        ("", "due"),
        ("god inkassoskikk, INKL § 8", "one plan at a time", "the plan is the agreement"),
    ),
    "invalid_account": Grounds(("account",)),
    "invalid_kid": Grounds(("kid",)),
    "invalid_national_identity_number": Grounds(),
    "invalid_organisation_number": Grounds(("number",), ("enhetsregisterloven",)),
    "late_first_invoice_fee": Grounds(("invoice",), ("2026 act § 18 (6)",)),
    "legal_hold": Grounds(("reason",), ("GDPR art. 17(3)(e)",)),
    "legal_without_clinic": Grounds(sources=("founding document: the clinic decides",)),
    "minor_no_costs": Grounds(("invoice",), ("LOVA 2006/01456, 22.08.2017; 2026 act § 18 (5)",)),
    "more_than_owed": Grounds(("amount charge owed", "amount component owed", "amount owed")),
    "name_taken": Grounds(("case kind name",)),
    "negative_component": Grounds(("amount component owed",), ("invariant: nothing below zero",)),
    "no_authority": Grounds(
        ("disclosed", "scope"),
        ("founding document; hpl. § 21, INKL § 28", "helsepersonelloven § 21"),
    ),
    "no_decision_pending": Grounds(("", "dispute")),
    "no_valid_demand": Grounds(
        sources=(
            "INKF § 2-3",
            "INKF § 2-4: on top of a collection fee",
            "INKL § 10",
            "INKL §§ 10, 11",
        )
    ),
    "no_valid_notice": Grounds(sources=("INKL § 9, § 17 (4)",)),
    "not_delivered": Grounds(("invoice",), ("INKL § 3 a, FinKN 2017-492",)),
    "not_on_terminal": Grounds(("amount on_terminal",)),
    "not_overdue": Grounds(("due_date",), ("INKL § 9, INKF § 1-2",)),
    "not_paid": Grounds(("invoice",)),
    "note_too_long": Grounds(("max",)),
    "nothing_owed": Grounds(),
    "nothing_to_remit": Grounds(("amount clinic until",)),
    "notice_incomplete": Grounds(("missing",), ("2026 act § 20",)),
    "on_hold": Grounds(("hold",), ("god inkassoskikk, INKL § 8",)),
    "over_allocation": Grounds(("amount parts",), ("invariant: parts sum to the payment",)),
    "own_notice_new_regime": Grounds(sources=OF_A_TABLE),
    "plan_cost_uninformed": Grounds(sources=("LOVA 96/928",)),
    "plan_kept": Grounds(("", "due"), (None, "INKL § 8")),
    "plan_warning_missing": Grounds(sources=("god inkassoskikk, INKL § 8",)),
    "prior_deadline_open": Grounds(("deadline",), ("INKL §§ 9, 10",)),
    "protected_address": Grounds(
        ("channel", "protection"), ("Folkeregisteret", "folkeregisterloven")
    ),
    "rates_missing": Grounds(("date table",), (None, "policy: no rate is guessed")),
    "regime_not_reviewed": Grounds(
        ("date reviewed_through",), ("policy: no fee or letter under unread law",)
    ),
    "second_fee_no_deadline": Grounds(("sent",), ("INKF § 1-3",)),
    "self_approval": Grounds(sources=("policy: four eyes",)),
    "senior_needed": Grounds(("role",), ("policy: four eyes",)),
    "sensitive_text": Grounds(("kind",), ("helsepersonelloven § 21; GDPR art. 9",)),
    "settlement_active": Grounds(("until",), (None, "INKL § 8", "god inkassoskikk, INKL § 8")),
    "small_remainder": Grounds(("most outstanding",), ("policy of the clinic",)),
    "split_case": Grounds(("reference",), ("Finanstilsynet rundskriv 1/2018",)),
    "still_owed": Grounds(("outstanding",), (None, "foreldelsesloven §§ 2, 3")),
    "subject_erased": Grounds(),
    "time_barred": Grounds(("invoice limit",), ("foreldelsesloven §§ 2, 3",)),
    "too_small": Grounds(("least outstanding",), ("policy of the clinic",)),
    "total_below_claim": Grounds(("claimed total",)),
    "under_16_egenandel": Grounds(("line",), ("helsenorge.no",)),
    "unknown_charge": Grounds(("charge",)),
    "unknown_clinic": Grounds(("clinic",)),
    "unknown_dispute": Grounds(("dispute",)),
    "unknown_invoice": Grounds(("invoice",)),
    "unknown_reference": Grounds(("kind name",)),
    "unknown_subject": Grounds(("subject",)),
    "vat_on_fee": Grounds(sources=("mval. § 4-1 (2)",)),
    "version_conflict": Grounds(("actual expected",)),
    "wrong_currency": Grounds(("currency",)),
}


def grounded(refusal: Refusal) -> None:
    """The refusal has the facts and one of the sources of its code."""
    grounds = GROUNDS[refusal.code]
    assert " ".join(sorted(refusal.facts)) in grounds.facts, refusal
    assert refusal.facts.get("name") != "None", refusal
    if refusal.code in {"duplicate_reference", "unknown_reference"}:
        assert refusal.facts["kind"] in KINDS, refusal
    if grounds.sources == OF_A_TABLE:
        assert refusal.source, refusal
    else:
        assert refusal.source in grounds.sources, refusal
