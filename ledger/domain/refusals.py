"""A refusal is an answer: it says which rule, on what facts, and from when it no longer holds."""

from datetime import date
from typing import Any, Literal

import msgspec

Code = Literal[
    "already_answered",
    "already_open",
    "already_paid",
    "amount_missing",
    "amount_too_large",
    "case_closed",
    "case_not_open",
    "command_id_reused",
    "date_out_of_range",
    "duplicate_charge",
    "duplicate_dispute",
    "duplicate_invoice",
    "duplicate_receipt",
    "history_without_claim",
    "invalid_kid",
    "more_than_owed",
    "name_taken",
    "not_on_terminal",
    "nothing_owed",
    "still_owed",
    "total_below_claim",
    "unknown_charge",
    "unknown_dispute",
    "unknown_invoice",
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
