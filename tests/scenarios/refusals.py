"""One refusal for each code: what had happened, what was asked, and until when it is refused."""

from typing import Any, Final

import msgspec

from ledger.domain.commands import (
    Claimed,
    Command,
    FeeAddedUpTo,
    ImportHistory,
    Paid,
    PastEvent,
)
from ledger.domain.events import (
    ApprovalRequested,
    AuthorisationRegistered,
    CircumstanceRegistered,
    ClinicDecided,
    DeferralGranted,
    Event,
    HoldPlaced,
    Instalment,
    InstalmentPlanAgreed,
    InstalmentPlanBroken,
    LegalDecisionRequested,
    LetterVoided,
    OverpaymentRefunded,
    PaymentReversed,
    SettlementAgreed,
)
from ledger.domain.policy import ClinicPolicy
from ledger.domain.refusals import Code, Refusal
from ledger.domain.rules import Rules
from ledger.domain.screening import NOTE_MAX_CHARS
from tests.scenarios import facts
from tests.scenarios.asked import (
    STATEMENTS_OF_2026,
    agree_plan,
    answer,
    approve,
    break_plan,
    call,
    charge_fee,
    choose,
    claim_heavy_fee,
    close_case,
    credit,
    demand,
    file,
    issue_invoice,
    note,
    notify,
    object_to,
    open_case,
    pay,
    refund,
    register_charge,
    release,
    remind,
    reopen,
    report_egenandel,
    reverse,
    send_charge_to_terminal,
    tap,
    void,
    warn,
    write_off,
)
from tests.scenarios.facts import (
    K1,
    K1_DEMANDED,
    K1_NOTICED,
    K1_REMINDED,
    day,
    line,
    part,
    principal,
)
from tests.scenarios.story import RULES, under_the_new_act


class Refused(msgspec.Struct, frozen=True):
    """A command that is refused, and what the refusal says."""

    happened: tuple[Event, ...]
    asked: Command
    facts: dict[str, Any] = {}
    source: str | None = None
    earliest: str | None = None
    """The first day on which this reason is gone."""
    rules: Rules = RULES
    by: str = "agent:a1"


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


def circumstance(kind: Any, since: str) -> Event:
    """Something about the debtor, from a day on."""
    return CircumstanceRegistered(
        value_date=day(since), circumstance=kind, since=day(since), contact=None
    )


def given_back(amount: int) -> tuple[Event, ...]:
    """K1 paid with too much, and the rest sent back."""
    return (
        *K1,
        facts.payment_received(
            "bank-1", 413_00 + amount, *principal(413_00), on="2026-03-13", overpaid=amount
        ),
        facts.case_closed("paid", on="2026-03-13"),
        OverpaymentRefunded(value_date=day("2026-03-14"), refund="refund-1", amount=amount),
    )


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
PAID: Final = (
    *K1,
    facts.payment_received("bank-1", 413_00, *principal(413_00), on="2026-03-13"),
    facts.case_closed("paid", on="2026-03-13"),
)
DISPUTED: Final = (*K1, facts.dispute_raised("O1", on="2026-04-05"))
ANSWERED: Final = (*DISPUTED, facts.dispute_answered("O1", "rejected", on="2026-04-24"))
MINORS: Final = (
    facts.case_opened(),
    facts.invoice_issued(
        "K1", line("lab", 413_00), on="2026-03-02", due="2026-03-16", patient="minor"
    ),
    facts.invoice_delivered("K1", on="2026-03-04"),
)
LATE: Final = (
    facts.case_opened(),
    facts.invoice_issued("K1", line("lab", 413_00), on="2026-03-02", due="2026-03-16", late=True),
    facts.invoice_delivered("K1", on="2026-03-04"),
)
OLD: Final = (
    facts.case_opened(on="2023-03-02"),
    facts.invoice_issued("K1", line("lab", 413_00), on="2023-03-02", due="2023-03-16"),
    facts.invoice_delivered("K1", on="2023-03-04"),
    facts.reminder_sent("N1", kind="collection_notice", on="2023-04-17", deadline="2023-05-02"),
)
ASKED_CLINIC: Final = (
    *K1_DEMANDED,
    LegalDecisionRequested(
        value_date=day("2026-06-24"),
        reason="unpaid",
        outstanding=723_38,
        cost=928_00,
        recommended="credit",
    ),
)
CHOSEN: Final = (
    *ASKED_CLINIC,
    ClinicDecided(value_date=day("2026-06-25"), choice="enforcement", decided_by="clinic-10001"),
)
PLAN: Final = InstalmentPlanAgreed(
    value_date=day("2026-05-15"),
    plan="P1",
    instalments=(Instalment(day("2026-06-01"), 300_00), Instalment(day("2026-07-01"), 113_00)),
    cost_informed=False,
)
BROKEN: Final = (
    *K1_DEMANDED,
    PLAN,
    InstalmentPlanBroken(
        value_date=day("2026-06-05"), plan="P1", missed=day("2026-06-01"), missing=300_00
    ),
)
SETTLED: Final = SettlementAgreed(
    value_date=day("2026-06-01"),
    settlement="S1",
    amount=400_00,
    pay_by=day("2026-06-15"),
    agreed_by="clinic-10001",
)
DEFERRED: Final = DeferralGranted(value_date=day("2026-03-20"), until=day("2026-04-15"), moved=())
WAITING: Final = ApprovalRequested(
    value_date=day("2026-03-20"),
    approval="V1",
    action=msgspec.to_builtins(write_off(on="2026-03-20")),
    requested_by="agent:a1",
)
HELD: Final = HoldPlaced(
    value_date=day("2026-03-20"),
    hold="H1",
    kind="payment_claimed",
    until=day("2026-04-03"),
    review_on=day("2026-03-27"),
)
R1_VOID: Final = LetterVoided(
    value_date=day("2026-05-01"), letter="R1", corrects=4, reason="wrong_content"
)
MOTHERS: Final = AuthorisationRegistered(
    value_date=day("2026-04-01"),
    authorisation="A1",
    holder="subject-2",
    scope="payment",
    valid_from=day("2026-04-10"),
    valid_to=None,
    verified_by="signed_form",
)
FOUR_EYES: Final = "policy: four eyes"
POLICY: Final = "policy of the clinic"
SMALL_FEE_SOURCE: Final = RULES.rates.small_fee_max(day("2026-03-30"), day("2026-03-16")).source
FIVE: Final = tuple((f"2026-{month:02d}-01", 80_00) for month in range(6, 11))
NEXT_DUE: Final[dict[str, Any]] = {"on": "2026-03-03", "due": "2026-03-17"}

OF_THE_DOMAIN: Final[dict[Code, Refused]] = {
    "already_answered": Refused(
        ANSWERED, answer("upheld", on="2026-05-01"), {"dispute": "O1", "on": "2026-04-24"}
    ),
    "already_decided": Refused(
        (*K1_REMINDED, R1_VOID), void("R1", on="2026-05-02"), {"name": "R1"}
    ),
    "already_open": Refused(K1, open_case(), {"reference": "2026-1"}),
    "already_paid": Refused(
        PAID_AT_TERMINAL,
        issue_invoice("K1", line("lab", 183_00, "lab"), **NEXT_DUE),
        {"charge": "lab", "at": "2026-03-02T09:52:00+00:00"},
    ),
    "already_refunded": Refused(
        given_back(87_00), reverse(on="2026-03-20"), {"amount": 87_00, "owed": 0}
    ),
    "already_reversed": Refused(
        (
            *K1,
            facts.payment_received("bank-1", 1_00, *principal(1_00), on="2026-03-13"),
            PaymentReversed(
                value_date=day("2026-03-14"),
                payment="bank-1",
                amount=1_00,
                parts=principal(1_00),
                overpaid=0,
                paid_on=day("2026-03-13"),
                reason="returned_by_bank",
                corrects=4,
            ),
        ),
        reverse(on="2026-03-15"),
        {"name": "bank-1"},
    ),
    "amount_missing": Refused(K1, pay(0, on="2026-03-13")),
    "amount_too_large": Refused(
        K1,
        issue_invoice("K2", line("lab", 10_000_000_000_000_00), **NEXT_DUE),
        {"most": 10_000_000_000_000_00},
    ),
    "approval_needed": Refused(
        (
            *K1,
            facts.payment_received(
                "bank-1", 2_913_00, *principal(413_00), on="2026-03-13", overpaid=2_500_00
            ),
        ),
        refund(2_500_00, on="2026-03-14"),
        {"limit": 2_000_00},
        FOUR_EYES,
    ),
    "bankruptcy": Refused(
        (*K1, circumstance("bankruptcy", "2026-03-20")),
        remind(on="2026-03-30"),
        {"since": "2026-03-20"},
        "konkursloven; individual collection stops",
    ),
    "case_closed": Refused(PAID, object_to(on="2026-04-02"), {"reason": "paid"}),
    "case_not_closed": Refused(K1, reopen(on="2026-04-02")),
    "case_not_open": Refused((), pay(413_00, on="2026-03-13")),
    "contact_hours": Refused(
        K1,
        call(at="2026-05-16 15:30", direction="outgoing"),
        {"at": "2026-05-16 15:30"},
        "NYINKL § 15 (2), as policy",
        "2026-05-18",
    ),
    "date_out_of_range": Refused(
        K1,
        pay(413_00, on="2027-01-01"),
        {"date": "2027-01-01", "from": "1990-01-01"},
        None,
        "2027-01-01",
    ),
    "deadline_missing": Refused(K1, notify(on="2026-03-30"), {}, "INKL §§ 9, 10"),
    "deadline_too_short": Refused(
        K1,
        notify(on="2026-04-17", deadline="2026-04-30"),
        {"deadline": "2026-04-30", "shortest": "2026-05-01"},
        "INKL §§ 9, 10",
    ),
    "debt_settlement": Refused(
        (*K1, circumstance("debt_settlement", "2026-03-20")),
        remind(on="2026-03-30"),
        {"since": "2026-03-20"},
        "gjeldsordningsloven; collection stops",
    ),
    "deferral_active": Refused(
        (*K1, DEFERRED),
        remind(on="2026-04-01"),
        {"until": "2026-04-15"},
        "god inkassoskikk, INKL § 8",
        "2026-04-16",
    ),
    "demand_expired": Refused(
        CHOSEN, file("enforcement", on="2026-11-09"), {"demanded": "2026-05-08"}, "INKL § 11"
    ),
    "disputed": Refused(
        ANSWERED,
        remind(on="2026-05-01", fee=38_00),
        {"answered": "2026-04-24"},
        "INKL § 8: time to take an answer in",
        "2026-05-08",
    ),
    "duplicate_charge": Refused(
        CHARGED, register_charge("lab", 183_00, at="2026-03-02 10:55"), {"charge": "lab"}
    ),
    "duplicate_dispute": Refused(DISPUTED, object_to(on="2026-04-06"), {"dispute": "O1"}),
    "duplicate_invoice": Refused(
        K1, issue_invoice("K1", line("lab", 183_00), **NEXT_DUE), {"invoice": "K1"}
    ),
    "duplicate_receipt": Refused(
        (*K1, facts.payment_received("bank-1", 1_00, *principal(1_00), on="2026-03-13")),
        pay(1_00, on="2026-03-13"),
        {"payment": "bank-1"},
    ),
    "duplicate_reference": Refused(
        K1_REMINDED, remind("R1", on="2026-04-17"), {"kind": "letter", "name": "R1"}
    ),
    "estate": Refused(
        (*K1, circumstance("estate", "2026-03-20")),
        remind(on="2026-03-30"),
        {},
        "domain policy: nothing goes to the deceased",
    ),
    "fee_above_max": Refused(
        K1, remind(on="2026-03-30", fee=39_00), {"amount": 39_00, "most": 38_00}, SMALL_FEE_SOURCE
    ),
    "fee_count_exceeded": Refused(
        K1_NOTICED,
        remind("R2", on="2026-05-08", fee=38_00),
        {"count": 2, "last": "2026-04-17"},
        "INKF § 1-3",
        "2026-10-18",
    ),
    "fee_not_allowed": Refused(
        BROKEN,
        warn(on="2026-06-06", deadline="2026-06-22", fee=38_00),
        {"component": "reminder_fee"},
        "INKL § 17 (1)",
    ),
    "fee_too_early": Refused(
        K1,
        remind(on="2026-03-29", fee=38_00),
        {"due_date": "2026-03-16"},
        "INKF § 1-2",
        "2026-03-30",
    ),
    "heavy_and_light": Refused(
        K1_DEMANDED,
        claim_heavy_fee(on="2026-06-20", replaces_light=False),
        {"charged": 234_38},
        "INKF § 2-3",
    ),
    "heavy_too_early": Refused(
        K1_DEMANDED,
        claim_heavy_fee(on="2026-06-19"),
        {"deadline": "2026-05-22"},
        "INKF § 2-3",
        "2026-06-20",
    ),
    "history_without_claim": Refused(
        (), past(Paid(on=day("2025-01-02"), amount=35_00)), {"reference": "F-17"}
    ),
    "instalment_plan_active": Refused(
        (*K1_DEMANDED, PLAN),
        claim_heavy_fee(on="2026-06-20"),
        {"due": "2026-06-01"},
        "god inkassoskikk, INKL § 8",
    ),
    "invalid_kid": Refused(
        K1, issue_invoice("K2", line("lab", 1_00), kid="0010018", **NEXT_DUE), {"kid": "0010018"}
    ),
    "late_first_invoice_fee": Refused(
        LATE, remind(on="2026-03-30", fee=38_00), {"invoice": "K1"}, "2026 act § 18 (6)"
    ),
    "legal_without_clinic": Refused(
        K1_DEMANDED,
        file("enforcement", on="2026-06-25"),
        {},
        "founding document: the clinic decides",
    ),
    "minor_no_costs": Refused(
        MINORS,
        remind(on="2026-03-30", fee=38_00),
        {"invoice": "K1"},
        "LOVA 2006/01456, 22.08.2017; 2026 act § 18 (5)",
    ),
    "more_than_owed": Refused(
        K1,
        credit(part("principal", 413_01, "K1"), on="2026-03-10"),
        {"component": "principal", "amount": 413_01, "owed": 413_00},
    ),
    "negative_component": Refused(
        K1,
        pay(38_00, part("reminder_fee", 38_00, "K1"), on="2026-03-13"),
        {"component": "reminder_fee", "amount": 38_00, "owed": 0},
        "invariant: nothing below zero",
    ),
    "no_authority": Refused(
        (*K1, MOTHERS),
        call(at="2026-04-09 10:00", caller="third_party", disclosed="balance", authorisation="A1"),
        {"disclosed": "balance"},
        "founding document; hpl. § 21, INKL § 28",
        "2026-04-10",
    ),
    "no_decision_pending": Refused(K1_DEMANDED, choose("credit", on="2026-06-25")),
    "no_valid_demand": Refused(K1, claim_heavy_fee(on="2026-06-20"), {}, "INKF § 2-3"),
    "no_valid_notice": Refused(
        K1_REMINDED, demand(on="2026-05-08", deadline="2026-05-22"), {}, "INKL § 9, § 17 (4)"
    ),
    "not_delivered": Refused(
        (*K1[:-1], facts.invoice_delivered("K1", on="2026-04-20")),
        remind(on="2026-04-19", fee=38_00),
        {"invoice": "K1"},
        "INKL § 3 a, FinKN 2017-492",
        "2026-04-20",
    ),
    "not_on_terminal": Refused(
        CHARGED, tap("T1", 413_00, at="2026-03-02 10:52"), {"amount": 413_00, "on_terminal": 183_00}
    ),
    "not_overdue": Refused(
        K1,
        remind(on="2026-03-16"),
        {"due_date": "2026-03-16"},
        "INKL § 9, INKF § 1-2",
        "2026-03-17",
    ),
    "not_paid": Refused(K1, report_egenandel(on="2026-03-20"), {"invoice": "K1"}),
    "note_too_long": Refused(K1, note("Ringte. " * 70, on="2026-04-10"), {"max": NOTE_MAX_CHARS}),
    "nothing_owed": Refused((facts.case_opened(),), remind(on="2026-03-30")),
    "notice_incomplete": Refused(
        K1,
        notify(
            on="2027-01-04",
            deadline="2027-01-18",
            says=tuple(s for s in STATEMENTS_OF_2026 if s != "invoice_date"),
        ),
        {"missing": "invoice_date"},
        "2026 act § 20",
        rules=under_the_new_act(),
    ),
    "on_hold": Refused(
        (*K1, HELD),
        remind(on="2026-03-30"),
        {"hold": "payment_claimed"},
        "god inkassoskikk, INKL § 8",
        "2026-04-04",
    ),
    "over_allocation": Refused(
        K1,
        pay(2_00, part("principal", 1_00, "K1"), on="2026-03-13"),
        {"amount": 2_00, "parts": 1_00},
        "invariant: parts sum to the payment",
    ),
    "own_notice_new_regime": Refused(
        K1,
        notify(on="2027-01-04", deadline="2027-01-18", sender="clinic"),
        {},
        "NYINKL § 20",
        rules=under_the_new_act(),
    ),
    "plan_cost_uninformed": Refused(
        K1_DEMANDED,
        agree_plan(*FIVE, on="2026-05-15", supplement=100_00),
        {},
        "LOVA 96/928",
    ),
    "plan_kept": Refused(
        (*K1_DEMANDED, PLAN),
        break_plan(on="2026-06-04"),
        {"due": "2026-06-01"},
        "INKL § 8",
        "2026-06-05",
    ),
    "plan_warning_missing": Refused(
        BROKEN, claim_heavy_fee(on="2026-06-20"), {}, "god inkassoskikk, INKL § 8"
    ),
    "prior_deadline_open": Refused(
        K1_NOTICED,
        demand(on="2026-05-07", deadline="2026-05-22"),
        {"deadline": "2026-05-04"},
        "INKL §§ 9, 10",
        "2026-05-08",
    ),
    "protected_address": Refused(
        (*K1, circumstance("protected_address", "2026-03-20")),
        remind(on="2026-03-30"),
        {"channel": "post"},
        "folkeregisterloven",
    ),
    "rates_missing": Refused(
        K1,
        remind(on="2027-01-04", fee=38_00),
        {"table": "collection_rate", "date": "2027-01-04"},
        "policy: no rate is guessed",
        rules=under_the_new_act(),
    ),
    "regime_not_reviewed": Refused(
        K1,
        remind(on="2027-01-04"),
        {"date": "2027-01-04", "reviewed_through": "2026-12-31"},
        "policy: no fee or letter under unread law",
    ),
    "second_fee_no_deadline": Refused(
        K1_REMINDED,
        notify(on="2026-04-16", deadline="2026-05-04", fee=38_00),
        {"sent": "2026-03-30"},
        "INKF § 1-3",
        "2026-04-17",
    ),
    "self_approval": Refused(
        (*K1, WAITING), approve(on="2026-03-21"), {}, FOUR_EYES, by="senior:a1"
    ),
    "senior_needed": Refused(
        (*K1, WAITING), approve(on="2026-03-21"), {"role": "agent"}, FOUR_EYES, by="agent:a2"
    ),
    "sensitive_text": Refused(
        K1,
        note("F32.1, deprimert", on="2026-04-10"),
        {"kind": "diagnosis_code"},
        "helsepersonelloven § 21; GDPR art. 9",
    ),
    "settlement_active": Refused(
        (*K1_DEMANDED, SETTLED),
        demand("D2", on="2026-06-18", deadline="2026-07-02"),
        {"until": "2026-06-15"},
        "god inkassoskikk, INKL § 8",
        "2026-06-19",
    ),
    "small_remainder": Refused(
        K1,
        write_off(on="2026-04-10", reason="small_remainder"),
        {"outstanding": 413_00, "most": 10_00},
        POLICY,
    ),
    "still_owed": Refused(
        OLD,
        close_case("time_barred", on="2026-03-16"),
        {"outstanding": 413_00},
        "foreldelsesloven §§ 2, 3",
        "2026-03-17",
    ),
    "time_barred": Refused(
        OLD,
        demand(on="2026-03-17", deadline="2026-04-15"),
        {"invoice": "K1", "limit": "2026-03-16"},
        "foreldelsesloven §§ 2, 3",
    ),
    "too_small": Refused(
        K1,
        remind(on="2026-03-30"),
        {"outstanding": 413_00, "least": 500_00},
        POLICY,
        rules=Rules(rates=RULES.rates, policy=ClinicPolicy(smallest_letter=500_00)),
    ),
    "total_below_claim": Refused(
        (),
        past(
            Claimed(on=day("2025-01-02"), amount=35_00),
            FeeAddedUpTo(on=day("2025-03-02"), component="penalty", total=34_00),
        ),
        {"total": 34_00, "claimed": 35_00},
    ),
    "under_16_egenandel": Refused(
        K1,
        issue_invoice(
            "K2", line("consultation", 1_00, egenandel=True), patient="under_16", **NEXT_DUE
        ),
        {"line": 1},
        "helsenorge.no",
    ),
    "unknown_charge": Refused(
        K1, send_charge_to_terminal("lab", at="2026-03-02 10:51"), {"charge": "lab"}
    ),
    "unknown_dispute": Refused(K1, answer("upheld", on="2026-04-05"), {"dispute": "O1"}),
    "unknown_invoice": Refused(
        K1, charge_fee("court_fee", 1_00, on="2026-03-30", claim="K2"), {"invoice": "K2"}
    ),
    "unknown_reference": Refused(K1, release(on="2026-03-30"), {"kind": "hold", "name": "H1"}),
    "vat_on_fee": Refused(
        K1, remind(on="2026-03-30", fee=38_00, fee_vat=9_50), {}, "mval. § 4-1 (2)"
    ),
    "wrong_currency": Refused((), open_case(currency="XXX"), {"currency": "XXX"}),
}
"""What the domain refuses of a case, by code."""

OF_OTHER_STREAMS: Final = frozenset(
    {
        "already_matched",
        "invalid_account",
        "invalid_organisation_number",
        "nothing_to_remit",
        "unknown_clinic",
    }
)
"""Refused of clinics, receipts and remittances (tests/domain, tests/scenarios/test_receipts.py)."""
OF_RELATED_CASES: Final = frozenset({"split_case"})
"""Refused on account of another case: tests/scenarios/test_invoicing.py."""

OF_THE_APPLICATION: Final = (
    Refusal("command_id_reused", {"command_id": "01890a5d-ac96-774b-bcce-b302099a8057"}),
    Refusal("duplicate_source_line", {"source_line": "sha256-1"}),
    Refusal("name_taken", {"kind": "kid", "name": "0010017", "case": "01890a5d-ac96-774b"}),
    Refusal("version_conflict", {"expected": 3, "actual": 4}),
)
"""What only those refuse who know other cases, streams and commands."""
