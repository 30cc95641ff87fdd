"""A case as plain data: what the API, the pages and the command line show of it.

Dates, instants and ids stand in it as such: ``msgspec`` writes them as RFC 3339 has them.
"""

from datetime import date, datetime
from typing import Any

import msgspec

from ledger.domain import accrual
from ledger.domain.case import Case, Erased, Invoice
from ledger.domain.rate_missing import RateMissing
from ledger.domain.recorded import Recorded
from ledger.domain.rules import Rules
from ledger.wording.events import lines
from ledger.wording.people import ERASED


def case_view(
    book: str,
    case: Case,
    *,
    on: date,
    rules: Rules,
    known_at: int | datetime | None = None,
    effective_on: date | None = None,
) -> dict[str, Any]:
    """The state of a case on a day. Amounts are minor units of ``currency``.

    ``on`` is the day for what depends on one: holds, being overdue, interest still running.
    """
    day = effective_on or on
    holds = case.holds_on(day)
    return {
        "book": book,
        "case": case.id,
        "reference": case.reference,
        "creditor": case.creditor,
        "debtor": case.debtor,
        "debtor_role": case.debtor_role,
        "debtor_erased": _erased(case.debtor_erased),
        "currency": case.currency,
        "state": case.state,
        "stage": case.stage_on(day),
        "holds": sorted(holds),
        "hold_ends": dict(sorted(holds.items())),
        "close_reason": case.close_reason,
        "balance": dict(sorted(case.balance.items())),
        "outstanding": case.outstanding,
        "overpaid": case.overpaid,
        "on": day,
        "interest_running": _running(case, day, rules),
        "invoices": [_invoice(name, invoice) for name, invoice in case.invoices.items()],
        "charges": [
            {
                "charge": name,
                "category": charge.category,
                "amount": charge.amount,
                "registered_at": charge.registered_at,
                "sent_to_terminal_at": charge.sent_at,
                "paid_at": charge.paid_at,
                "invoice": charge.invoice,
            }
            for name, charge in case.charges.items()
        ],
        "letters": [
            {
                "letter": name,
                "kind": letter.kind,
                "sent_on": letter.sent_on,
                "deadline": letter.deadline,
                "channel": letter.channel,
                "fee": case.fee_of(name),
                "void": letter.void,
            }
            for name, letter in case.letters.items()
        ],
        "payments": [
            {
                "payment": name,
                "amount": payment.amount,
                "value_date": payment.value_date,
                "overpaid": payment.overpaid,
                "reversed": payment.reversed,
            }
            for name, payment in case.payments.items()
        ],
        "disputes": [
            {
                "dispute": name,
                "category": dispute.category,
                "raised_on": dispute.raised_on,
                "referred_on": dispute.referred_on,
                "answered_on": dispute.answered_on,
                "outcome": dispute.outcome,
            }
            for name, dispute in case.disputes.items()
        ],
        "plans": [
            {
                "plan": name,
                "instalments": [
                    {"due": instalment.due, "amount": instalment.amount}
                    for instalment in plan.instalments
                ],
                "paid": plan.paid,
                "broken_on": plan.broken_on,
                "completed_on": plan.completed_on,
            }
            for name, plan in case.plans.items()
        ],
        "circumstances": {kind: known.since for kind, known in sorted(case.circumstances.items())},
        "authorisations": [
            {
                "authorisation": name,
                "scope": known.scope,
                "valid_from": known.valid_from,
                "valid_to": known.valid_to,
                "valid": known.holds_on(day),
            }
            for name, known in case.authorisations.items()
        ],
        "contact_channel": case.contact_channel,
        "tasks": [
            {"task": name, "kind": task.kind, "due_on": task.due_on}
            for name, task in case.tasks.items()
            if not task.done
        ],
        "approvals": [
            {
                "approval": name,
                "action": approval.action.get("type"),
                "requested_by": approval.requested_by,
                "outcome": approval.outcome,
            }
            for name, approval in case.approvals.items()
        ],
        "legal_decision_awaited": case.legal_reason,
        "version": case.version,
        "known_at": known_at,
        "effective_on": effective_on,
    }


def _erased(erased: Erased | None) -> dict[str, Any] | None:
    if erased is None:
        return None
    return {
        "on": erased.on,
        "kept_until": erased.kept_until,
        "text": dict(zip(("nb", "en"), ERASED, strict=True)),
    }


def _invoice(name: str, invoice: Invoice) -> dict[str, Any]:
    return {
        "invoice": name,
        "issued_on": invoice.issued_on,
        "due_date": invoice.due_date,
        "kid": invoice.kid,
        "principal": invoice.principal,
        "delivered_on": invoice.delivered_on,
        "service_date": invoice.service_date,
        "lines": [
            {
                "line": line.line,
                "category": line.category,
                "amount": line.amount,
                "egenandel": line.egenandel,
                "owed": invoice.lines_owed[line.line],
            }
            for line in invoice.lines
        ],
    }


def _running(case: Case, day: date, rules: Rules) -> int | None:
    """Interest that has run up to a day and was not fixed; ``None`` where no rate is known."""
    try:
        return sum(accrual.running(case, day, rules).values())
    except RateMissing:
        return None


def entry_view(entry: Recorded, currency: str) -> dict[str, Any]:
    """One entry of a case's history, with its line in Norwegian and English."""
    nb, en = lines(entry.event, currency)
    return {
        "position": entry.position,
        "version": entry.version,
        "type": entry.event.name,
        "value_date": entry.event.value_date,
        "recorded_at": entry.recorded_at,
        "actor": entry.actor,
        "channel": entry.channel,
        "command_id": entry.command_id,
        "data": msgspec.to_builtins(entry.event),
        "line": {"nb": nb, "en": en},
    }
