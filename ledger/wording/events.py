"""One readable line for each event: the audit trail's wording.

Lines hold amounts, dates, numbers and codes; nothing personal, since events hold nothing
personal.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from ledger.domain import events as e
from ledger.domain.events import Event, Part
from ledger.wording.amounts import day, money
from ledger.wording.components import (
    CHANNELS,
    CLOSE_REASONS,
    COMPONENTS,
    CREDIT_REASONS,
    LETTERS,
    OUTCOMES,
    TERMINAL_RESULTS,
    WRITE_OFF_REASONS,
)

_OSLO: Final = ZoneInfo("Europe/Oslo")

Lines = tuple[str, str]
"""The line in Norwegian and in English."""


def lines(event: Event, currency: str) -> Lines:
    """What happened, in one line of Norwegian and one of English."""
    return _LINES[type(event)](event, currency)


def _parts(parts: Sequence[Part], currency: str) -> Lines:
    if not parts:
        return "ingenting", "nothing"
    nb = ", ".join(f"{COMPONENTS[p.component][0]} {money(p.amount, currency, 'nb')}" for p in parts)
    en = ", ".join(f"{COMPONENTS[p.component][1]} {money(p.amount, currency, 'en')}" for p in parts)
    return nb, en


def _clock(at: datetime) -> str:
    return f"{at.astimezone(_OSLO):%H:%M}"


def _code(code: str | None) -> Lines:
    return ("", "") if code is None else (f" (kode {code})", f" (code {code})")


def _opened(event: e.CaseOpened, currency: str) -> Lines:
    return (
        f"Sak {event.reference} opprettet for kreditor {event.creditor}",
        f"Case {event.reference} opened for creditor {event.creditor}",
    )


def _charge(event: e.ChargeRegistered, currency: str) -> Lines:
    at = _clock(event.at)
    return (
        f"Belastning {event.charge} på {money(event.amount, currency, 'nb')} registrert kl. {at}",
        f"Charge {event.charge} of {money(event.amount, currency, 'en')} registered at {at}",
    )


def _sent_to_terminal(event: e.ChargeSentToTerminal, currency: str) -> Lines:
    at = _clock(event.at)
    return (
        f"Belastning {event.charge} nådde betalingsterminalen kl. {at}",
        f"Charge {event.charge} reached the payment terminal at {at}",
    )


def _attempt(event: e.TerminalAttemptRecorded, currency: str) -> Lines:
    at = _clock(event.at)
    nb, en = TERMINAL_RESULTS[event.result]
    return (
        f"Terminalen viste {money(event.amount, currency, 'nb')} kl. {at}: {nb}, ingen betaling",
        f"The terminal showed {money(event.amount, currency, 'en')} at {at}: {en}, no payment",
    )


def _paid_at_terminal(event: e.TerminalPaymentReceived, currency: str) -> Lines:
    at = _clock(event.at)
    names = ", ".join(part.claim or "" for part in event.parts)
    return (
        f"Betalt {money(event.amount, currency, 'nb')} i terminalen kl. {at} for {names}",
        f"Paid {money(event.amount, currency, 'en')} at the terminal at {at} for {names}",
    )


def _invoice(event: e.InvoiceIssued, currency: str) -> Lines:
    amount = sum(line.amount for line in event.lines)
    due_nb = due_en = ""
    if event.due_date is not None:
        due_nb = f", forfall {day(event.due_date, 'nb')}"
        due_en = f", due {day(event.due_date, 'en')}"
    return (
        f"Faktura {event.invoice} på {money(amount, currency, 'nb')} utstedt{due_nb}",
        f"Invoice {event.invoice} of {money(amount, currency, 'en')} issued{due_en}",
    )


def _delivered(event: e.InvoiceDelivered, currency: str) -> Lines:
    nb, en = CHANNELS[event.channel]
    return (
        f"Faktura {event.invoice} levert ({nb})",
        f"Invoice {event.invoice} delivered ({en})",
    )


def _fee(event: e.FeeCharged, currency: str) -> Lines:
    nb, en = COMPONENTS[event.component]
    return (
        f"Belastet {nb} {money(event.amount, currency, 'nb')} ({event.rule})",
        f"Charged {en} {money(event.amount, currency, 'en')} ({event.rule})",
    )


def _waived(event: e.FeeWaived, currency: str) -> Lines:
    nb, en = _parts(event.parts, currency)
    return f"Frafalt {nb} ({event.reason})", f"Waived {en} ({event.reason})"


def _interest(event: e.InterestFixed, currency: str) -> Lines:
    return (
        f"Forsinkelsesrente {money(event.amount, currency, 'nb')} til {day(event.until, 'nb')}",
        f"Late interest {money(event.amount, currency, 'en')} until {day(event.until, 'en')}",
    )


def _letter(event: e.ReminderSent, currency: str) -> Lines:
    nb, en = LETTERS[event.kind]
    deadline_nb = deadline_en = ""
    if event.deadline is not None:
        deadline_nb = f", frist {day(event.deadline, 'nb')}"
        deadline_en = f", deadline {day(event.deadline, 'en')}"
    channel_nb, channel_en = CHANNELS[event.channel]
    return (
        f"{nb} sendt ({channel_nb}){deadline_nb}",
        f"{en} sent ({channel_en}){deadline_en}",
    )


def _payment(event: e.PaymentReceived, currency: str) -> Lines:
    nb, en = _parts(event.parts, currency)
    over_nb = over_en = ""
    if event.overpaid:
        over_nb = f"; overbetalt {money(event.overpaid, currency, 'nb')}"
        over_en = f"; overpaid {money(event.overpaid, currency, 'en')}"
    return (
        f"Innbetalt {money(event.amount, currency, 'nb')}: {nb}{over_nb}",
        f"Payment of {money(event.amount, currency, 'en')}: {en}{over_en}",
    )


def _dispute(event: e.DisputeRaised, currency: str) -> Lines:
    nb, en = _code(event.code)
    return (
        f"Innsigelse {event.dispute} mottatt: {event.category}{nb}",
        f"Dispute {event.dispute} raised: {event.category}{en}",
    )


def _referred(event: e.DisputeReferred, currency: str) -> Lines:
    nb, en = _code(event.code)
    return (
        f"Innsigelse {event.dispute} oversendt til {event.referred_to}{nb}",
        f"Dispute {event.dispute} referred to {event.referred_to}{en}",
    )


def _answered(event: e.DisputeAnswered, currency: str) -> Lines:
    nb, en = OUTCOMES[event.outcome]
    code_nb, code_en = _code(event.code)
    return (
        f"Innsigelse {event.dispute} avgjort av {event.decided_by}: {nb}{code_nb}",
        f"Dispute {event.dispute} answered by {event.decided_by}: {en}{code_en}",
    )


def _notified(event: e.DisputeAnswerNotified, currency: str) -> Lines:
    nb, en = _code(event.code)
    return (
        f"Svar på innsigelse {event.dispute} meddelt{nb}",
        f"Answer to dispute {event.dispute} notified{en}",
    )


def _credited(event: e.Credited, currency: str) -> Lines:
    nb, en = _parts(event.parts, currency)
    why_nb, why_en = CREDIT_REASONS[event.reason]
    return (
        f"Kreditnota {event.credit_note}: {nb} ({why_nb})",
        f"Credit note {event.credit_note}: {en} ({why_en})",
    )


def _written_off(event: e.WrittenOff, currency: str) -> Lines:
    nb, en = _parts(event.parts, currency)
    why_nb, why_en = WRITE_OFF_REASONS[event.reason]
    return f"Avskrevet {nb} ({why_nb})", f"Written off: {en} ({why_en})"


def _handed_over(event: e.HandedOver, currency: str) -> Lines:
    return (
        f"Oversendt til inkasso ({event.recipient}) med {money(event.outstanding, currency, 'nb')}",
        f"Handed over for collection ({event.recipient}), "
        f"{money(event.outstanding, currency, 'en')} outstanding",
    )


def _closed(event: e.CaseClosed, currency: str) -> Lines:
    nb, en = CLOSE_REASONS[event.reason]
    return f"Saken er avsluttet: {nb}", f"Case closed: {en}"


_LINES: Final[dict[type[Event], Callable[[Any, str], Lines]]] = {
    e.CaseOpened: _opened,
    e.ChargeRegistered: _charge,
    e.ChargeSentToTerminal: _sent_to_terminal,
    e.TerminalAttemptRecorded: _attempt,
    e.TerminalPaymentReceived: _paid_at_terminal,
    e.InvoiceIssued: _invoice,
    e.InvoiceDelivered: _delivered,
    e.FeeCharged: _fee,
    e.FeeWaived: _waived,
    e.InterestFixed: _interest,
    e.ReminderSent: _letter,
    e.PaymentReceived: _payment,
    e.DisputeRaised: _dispute,
    e.DisputeReferred: _referred,
    e.DisputeAnswered: _answered,
    e.DisputeAnswerNotified: _notified,
    e.Credited: _credited,
    e.WrittenOff: _written_off,
    e.HandedOver: _handed_over,
    e.CaseClosed: _closed,
}
