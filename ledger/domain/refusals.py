"""A refusal is an answer: it says which rule, on what facts, and from when it no longer holds."""

from datetime import date
from typing import Any, Literal

import msgspec

from ledger.domain.rate_missing import RateMissing

Code = Literal[
    "already_answered",
    "already_decided",
    "already_matched",
    "already_open",
    "already_paid",
    "already_refunded",
    "already_reversed",
    "amount_missing",
    "amount_too_large",
    "approval_needed",
    "bankruptcy",
    "case_closed",
    "case_not_closed",
    "case_not_open",
    "claim_pursued",
    "command_id_reused",
    "contact_hours",
    "date_out_of_range",
    "deadline_missing",
    "deadline_too_short",
    "debt_settlement",
    "deferral_active",
    "demand_expired",
    "disputed",
    "duplicate_charge",
    "duplicate_dispute",
    "duplicate_invoice",
    "duplicate_receipt",
    "duplicate_reference",
    "duplicate_source_line",
    "estate",
    "fee_above_max",
    "fee_count_exceeded",
    "fee_not_allowed",
    "fee_too_early",
    "heavy_and_light",
    "heavy_too_early",
    "history_without_claim",
    "instalment_plan_active",
    "invalid_account",
    "invalid_kid",
    "invalid_national_identity_number",
    "invalid_organisation_number",
    "late_first_invoice_fee",
    "legal_hold",
    "legal_without_clinic",
    "minor_no_costs",
    "more_than_owed",
    "name_taken",
    "negative_component",
    "no_authority",
    "no_decision_pending",
    "no_valid_demand",
    "no_valid_notice",
    "not_delivered",
    "not_on_terminal",
    "not_overdue",
    "not_paid",
    "note_too_long",
    "nothing_owed",
    "nothing_to_remit",
    "notice_incomplete",
    "on_hold",
    "over_allocation",
    "own_notice_new_regime",
    "plan_cost_uninformed",
    "plan_kept",
    "plan_warning_missing",
    "prior_deadline_open",
    "protected_address",
    "rates_missing",
    "regime_not_reviewed",
    "second_fee_no_deadline",
    "self_approval",
    "senior_needed",
    "sensitive_text",
    "settlement_active",
    "small_remainder",
    "split_case",
    "still_owed",
    "subject_erased",
    "time_barred",
    "too_small",
    "total_below_claim",
    "under_16_egenandel",
    "unknown_charge",
    "unknown_clinic",
    "unknown_dispute",
    "unknown_invoice",
    "unknown_reference",
    "unknown_subject",
    "vat_on_fee",
    "version_conflict",
    "wrong_currency",
]


class Refusal(msgspec.Struct, frozen=True):
    """Why a command was not carried out. Nothing has been recorded on the case.

    ``facts`` are plain values (amounts in minor units, dates as ISO 8601) that the wording
    of the refusal needs. ``earliest`` is the first date on which the answer changes, where
    time alone changes it. ``source`` is the law, regulation or policy behind the rule.
    """

    code: Code
    facts: dict[str, Any] = {}
    earliest: date | None = None
    source: str | None = None


def missing_rate(missing: RateMissing) -> Refusal:
    """What is answered where a decision needs a rate that no table has."""
    facts = {"table": missing.table, "date": missing.on.isoformat()}
    return Refusal("rates_missing", facts, None, "policy: no rate is guessed")
