"""One refusal for each code: what had happened, and what was asked."""

from typing import Final

from ledger.domain.commands import Claimed, Command, FeeAddedUpTo, ImportHistory, Paid, PastEvent
from ledger.domain.events import Event
from ledger.domain.refusals import Code, Refusal
from tests.scenarios import facts
from tests.scenarios.asked import (
    answer_dispute,
    charge_fee,
    close_case,
    credit,
    issue_invoice,
    open_case,
    raise_dispute,
    receive_payment,
    register_charge,
    send_charge_to_terminal,
    send_reminder,
    tap,
)
from tests.scenarios.facts import K1, day, line, part

CHARGED: Final = (
    facts.case_opened(),
    facts.charge_registered("lab", 183_00, at="2026-03-02 10:50"),
    facts.charge_sent_to_terminal("lab", at="2026-03-02 10:51"),
)
PAID_AT_TERMINAL: Final = (
    *CHARGED,
    facts.terminal_payment_received(
        "T1", 183_00, part("charge", 183_00, "lab"), at="2026-03-02 10:52"
    ),
)
DISPUTED: Final = (*K1, facts.dispute_raised("D1", on="2026-04-05"))
ANSWERED: Final = (*DISPUTED, facts.dispute_answered("D1", "rejected", on="2026-04-24"))


def past(*events: PastEvent) -> ImportHistory:
    """A history from another system."""
    return ImportHistory(
        on=day("2026-06-01"),
        source="old-system",
        reference="F-17",
        creditor="clinic-10001",
        currency="NOK",
        events=events,  # type: ignore[arg-type]
    )


OF_THE_DOMAIN: Final[dict[Code, tuple[tuple[Event, ...], Command]]] = {
    "already_answered": (ANSWERED, answer_dispute("D1", "upheld", on="2026-05-01")),
    "already_open": (K1, open_case()),
    "already_paid": (
        PAID_AT_TERMINAL,
        issue_invoice("K1", line("lab", 183_00, "lab"), on="2026-03-03", due="2026-03-17"),
    ),
    "amount_missing": (K1, receive_payment("bank-1", 0, on="2026-03-13")),
    "amount_too_large": (K1, charge_fee("penalty", 10_000_000_000_000_00, on="2026-04-01")),
    "case_closed": (
        (*K1, facts.case_closed("recalled", on="2026-04-01")),
        raise_dispute("D1", on="2026-04-02"),
    ),
    "case_not_open": ((), receive_payment("bank-1", 413_00, on="2026-03-13")),
    "date_out_of_range": (K1, receive_payment("bank-1", 413_00, on="2027-01-01")),
    "duplicate_charge": (CHARGED, register_charge("lab", 183_00, at="2026-03-02 10:55")),
    "duplicate_dispute": (DISPUTED, raise_dispute("D1", on="2026-04-06")),
    "duplicate_invoice": (
        K1,
        issue_invoice("K1", line("lab", 183_00), on="2026-03-03", due="2026-03-17"),
    ),
    "duplicate_receipt": (
        (*K1, facts.payment_received("bank-1", 1_00, part("principal", 1_00), on="2026-03-13")),
        receive_payment("bank-1", 1_00, on="2026-03-13"),
    ),
    "history_without_claim": ((), past(Paid(on=day("2025-01-02"), amount=35_00))),
    "invalid_kid": (
        K1,
        issue_invoice("K2", line("lab", 1_00), on="2026-03-03", due="2026-03-17", kid="0010018"),
    ),
    "more_than_owed": (K1, credit("C1", part("principal", 413_01, "K1"), on="2026-03-10")),
    "not_on_terminal": (CHARGED, tap("T1", 413_00, at="2026-03-02 10:52")),
    "nothing_owed": (
        (facts.case_opened(),),
        send_reminder("R1", on="2026-03-30", deadline="2026-04-13"),
    ),
    "still_owed": (K1, close_case("paid", on="2026-04-01")),
    "total_below_claim": (
        (),
        past(
            Claimed(on=day("2025-01-02"), amount=35_00),
            FeeAddedUpTo(on=day("2025-03-02"), component="penalty", total=34_00),
        ),
    ),
    "unknown_charge": (K1, send_charge_to_terminal("lab", at="2026-03-02 10:51")),
    "unknown_dispute": (K1, answer_dispute("D1", "upheld", on="2026-04-05")),
    "unknown_invoice": (K1, charge_fee("reminder_fee", 38_00, on="2026-03-30", claim="K2")),
    "wrong_currency": ((), open_case(currency="XXX")),
}
"""What the domain refuses, by code."""

OF_THE_APPLICATION: Final = (
    Refusal("command_id_reused", {"command_id": "01890a5d-ac96-774b-bcce-b302099a8057"}),
    Refusal("name_taken", {"kind": "kid", "name": "0010017", "case": "01890a5d-ac96-774b"}),
    Refusal("version_conflict", {"expected": 3, "actual": 4}),
)
"""What only those refuse who know other cases and commands (``ledger/application/batch.py``)."""
