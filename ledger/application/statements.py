"""What a clinic is told of a remittance: claimed, paid, retained and net, case by case."""

from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from ledger.application.ledger import Ledger
from ledger.domain.case import Case
from ledger.domain.events import ClientFundsRemitted
from ledger.domain.recorded import Recorded
from ledger.domain.remittance import PAY_OUT_WITHIN


class RemittanceNotFound(Exception):
    """The book has no such remittance."""

    def __init__(self, remittance: str, book: str) -> None:
        super().__init__(f"book {book!r} has no remittance {remittance!r}")


def remittance_statement(ledger: Ledger, remittance: str) -> dict[str, Any]:
    """The statement (inkassoloven § 15) as plain data; amounts are minor units.

    Each case is shown as it stood when the remittance was made. Raises ``RemittanceNotFound``.
    """
    entry, event = _find(ledger, remittance)
    cases = _as_known_at(ledger, [UUID(line.case) for line in event.lines], entry.position)
    lines = []
    for line in event.lines:
        case = cases[line.case]
        due = line.received_on and line.received_on + PAY_OUT_WITHIN
        lines.append(
            {
                "case": line.case,
                "reference": line.reference,
                "claimed": claimed(case),
                "outstanding": case.outstanding,
                "paid": line.amount + line.retained,
                "principal": line.principal,
                "interest": line.interest,
                "costs": line.costs,
                "retained": line.retained,
                "net": line.amount,
                "received_on": line.received_on and line.received_on.isoformat(),
                "pay_out_by": due and due.isoformat(),
            }
        )
    return {
        "book": ledger.book,
        "position": entry.position,
        "remittance": event.remittance,
        "clinic": event.clinic,
        "account": event.account,
        "paid_on": event.value_date.isoformat(),
        "until": event.until.isoformat(),
        "claimed": sum(line["claimed"] for line in lines),
        "paid": event.amount + event.retained,
        "retained": event.retained,
        "net": event.amount,
        "lines": lines,
    }


def claimed(case: Case) -> int:
    """What is owed on a case and what was paid of it, in minor units: credits are left out."""
    paid = (part.amount for p in case.payments.values() if not p.reversed for part in p.parts)
    return case.outstanding + sum(paid)


def _find(ledger: Ledger, remittance: str) -> tuple[Recorded, ClientFundsRemitted]:
    stream = ledger.recorder.stream_named("remittance", remittance)
    if stream is not None:
        for entry in map(ledger.mapper.recorded, ledger.recorder.read_stream(stream)):
            event = entry.event
            if isinstance(event, ClientFundsRemitted) and event.remittance == remittance:
                return entry, event
    raise RemittanceNotFound(remittance, ledger.book)


def _as_known_at(ledger: Ledger, ids: list[UUID], position: int) -> dict[str, Case]:
    entries = map(ledger.mapper.recorded, ledger.recorder.read_streams(ids))
    return {
        stream: Case.fold(UUID(stream), (e for e in found if e.position <= position))
        for stream, found in groupby(entries, attrgetter("stream"))
    }
