"""A case as plain data: what the API, the pages and the command line show of it."""

from datetime import date, datetime
from typing import Any

import msgspec

from ledger.domain.case import Case
from ledger.domain.recorded import Recorded
from ledger.wording.events import lines


def case_view(
    book: str,
    case: Case,
    *,
    known_at: int | datetime | None = None,
    effective_on: date | None = None,
) -> dict[str, Any]:
    """The state of a case. Amounts are minor units of ``currency``; dates are ISO 8601."""
    return {
        "book": book,
        "case": str(case.id),
        "reference": case.reference,
        "creditor": case.creditor,
        "debtor": case.debtor,
        "currency": case.currency,
        "state": case.state,
        "stage": case.stage,
        "holds": sorted(case.holds),
        "close_reason": case.close_reason,
        "balance": dict(sorted(case.balance.items())),
        "outstanding": case.outstanding,
        "overpaid": case.overpaid,
        "invoices": [
            {
                "invoice": name,
                "issued_on": _iso(invoice.issued_on),
                "due_date": _iso(invoice.due_date),
                "kid": invoice.kid,
                "principal": invoice.principal,
                "delivered_on": _iso(invoice.delivered_on),
            }
            for name, invoice in case.invoices.items()
        ],
        "charges": [
            {
                "charge": name,
                "category": charge.category,
                "amount": charge.amount,
                "registered_at": _iso(charge.registered_at),
                "sent_to_terminal_at": _iso(charge.sent_at),
                "paid_at": _iso(charge.paid_at),
                "invoice": charge.invoice,
            }
            for name, charge in case.charges.items()
        ],
        "disputes": [
            {
                "dispute": name,
                "raised_on": _iso(dispute.raised_on),
                "referred_on": _iso(dispute.referred_on),
                "answered_on": _iso(dispute.answered_on),
                "outcome": dispute.outcome,
            }
            for name, dispute in case.disputes.items()
        ],
        "version": case.version,
        "known_at": known_at if isinstance(known_at, int) else _iso(known_at),
        "effective_on": _iso(effective_on),
    }


def entry_view(entry: Recorded, currency: str) -> dict[str, Any]:
    """One entry of a case's history, with its line in Norwegian and English."""
    nb, en = lines(entry.event, currency)
    return {
        "position": entry.position,
        "version": entry.version,
        "type": entry.event.name,
        "value_date": entry.event.value_date.isoformat(),
        "recorded_at": entry.recorded_at.isoformat(),
        "actor": entry.actor,
        "channel": entry.channel,
        "command_id": entry.command_id,
        "data": msgspec.to_builtins(entry.event),
        "line": {"nb": nb, "en": en},
    }


def _iso(when: date | datetime | None) -> str | None:
    return None if when is None else when.isoformat()
