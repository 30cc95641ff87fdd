"""Lines of events about money that came in, went back or was paid out."""

from ledger.domain import events as e
from ledger.wording.closed_lists import (
    ALLOCATION_ORDERS,
    CORRECTION_REASONS,
    DESIGNATIONS,
    QUEUE_REASONS,
    REVERSAL_REASONS,
)
from ledger.wording.events.phrases import NONE, Lines, count, day, freed, money, numbers, parts


def payment(event: e.PaymentReceived, currency: str) -> Lines:
    amount_nb, amount_en = money(event.amount, currency)
    nb, en = parts(event.parts, currency)
    over_nb, over_en = freed((), event.overpaid, currency)
    how_nb, how_en = _how(event)
    if event.ordered_on is not None:
        on_nb, on_en = day(event.ordered_on)
        how_nb, how_en = f"{how_nb}; betalingsoppdrag {on_nb}", f"{how_en}; ordered on {on_en}"
    return (
        f"Innbetaling på {amount_nb} dekker {nb}{over_nb} ({how_nb})",
        f"Payment of {amount_en} covers {en}{over_en} ({how_en})",
    )


def paid_to_clinic(event: e.PaymentReportedByClinic, currency: str) -> Lines:
    amount_nb, amount_en = money(event.amount, currency)
    nb, en = parts(event.parts, currency)
    if event.excess:
        over_nb, over_en = money(event.excess, currency)
        nb = f"{nb}; {over_nb} for mye, som klinikken betaler tilbake"
        en = f"{en}; {over_en} too much, for the clinic to pay back"
    how_nb, how_en = _how(event)
    return (
        f"Betalt {amount_nb} direkte til klinikken, dekker {nb} ({how_nb})",
        f"Paid {amount_en} directly to the clinic, covers {en} ({how_en})",
    )


def reversed_payment(event: e.PaymentReversed, currency: str) -> Lines:
    amount_nb, amount_en = money(event.amount, currency)
    paid_nb, paid_en = day(event.paid_on)
    why_nb, why_en = REVERSAL_REASONS[event.reason]
    to_nb, to_en = (" til klinikken", " to the clinic") if event.directly else NONE
    nb, en = parts((*event.parts, *event.moved), currency)
    if event.restored:
        again_nb, again_en = parts(event.restored, currency)
        nb, en = f"{nb}; kreves igjen: {again_nb}", f"{en}; claimed again: {again_en}"
    if event.overpaid:
        over_nb, over_en = money(event.overpaid, currency)
        nb = f"{nb}; overbetalingen på {over_nb} bortfaller"
        en = f"{en}; the overpayment of {over_en} falls away"
    return (
        f"Betaling {event.payment} på {amount_nb} av {paid_nb}{to_nb} tilbakeført ({why_nb}; "
        f"retter hendelse {event.corrects}); skyldes på nytt: {nb}",
        f"Payment {event.payment} of {amount_en} from {paid_en}{to_en} reversed ({why_en}; "
        f"corrects event {event.corrects}); owed again: {en}",
    )


def refunded(event: e.OverpaymentRefunded, currency: str) -> Lines:
    nb, en = money(event.amount, currency)
    return (
        f"Overbetaling på {nb} tilbakebetalt ({event.refund})",
        f"Overpayment of {en} refunded ({event.refund})",
    )


def correction(event: e.CorrectionRecorded, currency: str) -> Lines:
    nb, en = CORRECTION_REASONS[event.reason]
    of_nb, of_en = numbers(event.corrects, ("hendelse", "event"), ("hendelsene", "events"))
    return (
        f"Retting av følgene av {of_nb}: {nb}",
        f"Correction of what followed from {of_en}: {en}",
    )


def receipt(event: e.ReceiptRegistered, currency: str) -> Lines:
    nb, en = money(event.amount, currency)
    booked_nb, booked_en = day(event.booked_on)
    kid_nb = "uten KID" if event.kid is None else f"KID {event.kid}"
    kid_en = "without KID" if event.kid is None else f"KID {event.kid}"
    return (
        f"Bankinnbetaling {event.receipt} på {nb} bokført {booked_nb} på klientkonto, {kid_nb}",
        f"Receipt {event.receipt} of {en} booked on the client account on {booked_en}, {kid_en}",
    )


def matched(event: e.ReceiptMatched, currency: str) -> Lines:
    return (
        f"Bankinnbetaling {event.receipt} plassert på sak {event.reference}",
        f"Receipt {event.receipt} matched to case {event.reference}",
    )


def unmatched(event: e.ReceiptUnmatched, currency: str) -> Lines:
    nb, en = money(event.amount, currency)
    return (
        f"Bankinnbetaling {event.receipt} på {nb} fjernet fra saken igjen",
        f"Receipt {event.receipt} of {en} taken off its case again",
    )


def queued(event: e.ReceiptQueued, currency: str) -> Lines:
    nb, en = QUEUE_REASONS[event.reason]
    return (
        f"Bankinnbetaling {event.receipt} venter på avklaring: {nb}",
        f"Receipt {event.receipt} waits to be identified: {en}",
    )


def returned(event: e.ReceiptReturned, currency: str) -> Lines:
    nb, en = money(event.amount, currency)
    return (
        f"Bankinnbetaling {event.receipt} på {nb} returnert til betaleren",
        f"Receipt {event.receipt} of {en} returned to the payer",
    )


def remitted(event: e.ClientFundsRemitted, currency: str) -> Lines:
    nb, en = money(event.amount, currency)
    kept_nb, kept_en = money(event.retained, currency)
    until_nb, until_en = day(event.until)
    from_nb, from_en = count(len(event.lines), ("sak", "case"), ("saker", "cases"))
    return (
        f"Remittering {event.remittance}: {nb} utbetalt til {event.clinic} fra {from_nb}, "
        f"innbetalt til og med {until_nb}; {kept_nb} beholdt i salær",
        f"Remittance {event.remittance}: {en} paid out to {event.clinic} from {from_en}, "
        f"received up to {until_en}; {kept_en} retained in fees",
    )


def _how(event: e.PaymentReceived | e.PaymentReportedByClinic) -> Lines:
    """What decided what the money pays: the debtor's choice, or else the order."""
    if event.designation != "none":
        return DESIGNATIONS[event.designation]
    return ALLOCATION_ORDERS[event.order]
