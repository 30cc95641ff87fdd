"""Opening a case, claiming an amount in writing, and whether it arrived."""

from datetime import timedelta
from typing import Final

from ledger.domain import accrual
from ledger.domain.case import Case
from ledger.domain.commands import (
    ConfirmDelivery,
    CorrectDueDate,
    IssueInvoice,
    OpenCase,
    RecordDeliveryFailure,
)
from ledger.domain.decisions.closing import closed_if_settled
from ledger.domain.decisions.fees import given_back, resting_on, voided
from ledger.domain.decisions.standing import INSOLVENCY, one_person_only
from ledger.domain.events import (
    CaseClosed,
    CaseOpened,
    DeliveryFailed,
    DueDateMoved,
    Event,
    FeeCharged,
    HoldPlaced,
    InvoiceDelivered,
    InvoiceIssued,
)
from ledger.domain.identifiers import is_kid
from ledger.domain.money import MINOR_DIGITS
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Setting

ADDRESS_REVIEW_DAYS: Final = 14
"""When somebody looks whether a new address was found."""


def open_case(case: Case, command: OpenCase, setting: Setting) -> list[Event] | Refusal:
    """One case for each creditor and debtor, in one currency, until it has gone further.

    All claims of one creditor on one debtor are collected together (Finanstilsynet 1/2018): a new
    one belongs to the case that stands where it would stand. What insolvency covers stays apart.
    """
    if command.currency not in MINOR_DIGITS:
        return Refusal("wrong_currency", {"currency": command.currency})
    for other in setting.related:
        insolvent = any(kind in other.circumstances for kind in INSOLVENCY)
        early = other.stage in {"new", "charged", "invoiced"}
        if other.state == "open" and early and not insolvent:
            facts = {"reference": other.reference}
            return Refusal("split_case", facts, None, "Finanstilsynet rundskriv 1/2018")
    return [
        CaseOpened(
            value_date=command.on,
            reference=command.reference,
            creditor=command.creditor,
            debtor=command.debtor,
            currency=command.currency,
            debtor_role=command.debtor_role,
        )
    ]


def issue_invoice(case: Case, command: IssueInvoice, setting: Setting) -> list[Event] | Refusal:
    """An invoice may claim a charge once, and only what of it is still owed."""
    if command.invoice in case.invoices:
        return Refusal("duplicate_invoice", {"invoice": command.invoice})
    if not command.lines or not any(line.amount for line in command.lines):
        return Refusal("amount_missing")
    if command.kid is not None and not is_kid(command.kid):
        return Refusal("invalid_kid", {"kid": command.kid})
    if command.due_date < command.on:
        return Refusal(
            "date_out_of_range",
            {"date": command.due_date.isoformat(), "from": command.on.isoformat()},
        )
    refusal = _charges_refused(case, command)
    if refusal is not None:
        return refusal
    numbers = [line.line for line in command.lines]
    if len(set(numbers)) != len(numbers):
        return Refusal("duplicate_reference", {"kind": "line", "name": str(max(numbers))})
    late = command.late or _comes_late(command, setting)
    refusal = _for_the_young(case, command) or _fee_barred(case, command, setting, late=late)
    if refusal is not None:
        return refusal
    issued = InvoiceIssued(
        value_date=command.on,
        invoice=command.invoice,
        lines=command.lines,
        due_date=command.due_date,
        kid=command.kid,
        service_date=command.service_date,
        patient=command.patient,
        late=late,
    )
    if not command.invoicing_fee:
        return [issued]
    fee = FeeCharged(
        value_date=command.on,
        component="invoicing_fee",
        amount=command.invoicing_fee,
        claim=command.invoice,
        rule="FAL-2-4",
        letter=None,
    )
    return [issued, fee]


def _charges_refused(case: Case, command: IssueInvoice) -> Refusal | None:
    """A charge is claimed once, as far as the terminal did not get it."""
    claimed: set[str] = set()
    for line in command.lines:
        if line.charge is None:
            continue
        charge = case.charges.get(line.charge)
        if charge is None:
            return Refusal("unknown_charge", {"charge": line.charge})
        if charge.invoice is not None or line.charge in claimed:
            return Refusal("duplicate_charge", {"charge": line.charge, "invoice": charge.invoice})
        if charge.paid_at is not None:
            facts = {"charge": line.charge, "at": charge.paid_at.isoformat()}
            return Refusal("already_paid", facts)
        owed = case.owed.get(("charge", line.charge), 0)
        if line.amount != owed:
            return Refusal(
                "more_than_owed", {"charge": line.charge, "amount": line.amount, "owed": owed}
            )
        claimed.add(line.charge)
    return None


def _comes_late(command: IssueInvoice, setting: Setting) -> bool:
    if command.service_date is None:
        return False
    allowed = timedelta(days=setting.rules.policy.late_invoice_days)
    return command.on > command.service_date + allowed


def _for_the_young(case: Case, command: IssueInvoice) -> Refusal | None:
    """A patient under 16 pays no egenandel; material and the like may be claimed."""
    if command.patient != "under_16":
        return None
    for line in command.lines:
        if line.egenandel and line.amount:
            return Refusal("under_16_egenandel", {"line": line.line}, None, "helsenorge.no")
    return None


def _fee_barred(
    case: Case, command: IssueInvoice, setting: Setting, *, late: bool
) -> Refusal | None:
    if not command.invoicing_fee:
        return None
    if late:
        facts = {"invoice": command.invoice}
        return Refusal("late_first_invoice_fee", facts, None, "2026 act § 18 (6)")
    if command.patient != "adult" and case.debtor_role == "patient":
        source = "LOVA 2006/01456, 22.08.2017; 2026 act § 18 (5)"
        return Refusal("minor_no_costs", {"invoice": command.invoice}, None, source)
    most = setting.rules.policy.invoicing_fee_most
    if command.invoicing_fee > most:
        facts_of_fee = {"amount": command.invoicing_fee, "most": most}
        return Refusal("fee_above_max", facts_of_fee, None, "finansavtaleloven § 2-4 (1)")
    return None


def confirm_delivery(
    case: Case, command: ConfirmDelivery, setting: Setting
) -> list[Event] | Refusal:
    """Evidence of delivery is recorded each time that there is some."""
    if command.invoice not in case.invoices:
        return Refusal("unknown_invoice", {"invoice": command.invoice})
    return [
        InvoiceDelivered(value_date=command.on, invoice=command.invoice, channel=command.channel)
    ]


def record_delivery_failure(
    case: Case, command: RecordDeliveryFailure, setting: Setting
) -> list[Event] | Refusal:
    """What did not arrive has no effect: fees fall away, and an address is looked for.

    A claim that did not arrive never fell due (FinKN 2017-492): letters about it were free.
    """
    if command.subject not in case.invoices and command.subject not in case.letters:
        return Refusal("unknown_reference", {"kind": "letter", "name": command.subject})
    events: list[Event] = [
        DeliveryFailed(value_date=command.on, subject=command.subject, channel=command.channel)
    ]
    letter = case.letters.get(command.subject)
    if letter is not None and not letter.void:
        _, *later = resting_on(case, command.subject)
        events += voided(case, command.on, later, "not_delivered", "not_delivered")
        events += given_back(case.after(events), command.on, [command.subject], "not_delivered")
    elif letter is None:
        about = [name for name, sent in case.letters.items() if command.subject in sent.invoices]
        events += given_back(case, command.on, about, "not_delivered")
    if len(events) > 1:
        events = closed_if_settled(case, events, "paid")
    if isinstance(events[-1], CaseClosed):
        return events
    if case.state == "open" and all(
        hold.kind != "address_unknown" for hold in case.placed_holds.values()
    ):
        review = command.on + timedelta(days=ADDRESS_REVIEW_DAYS)
        events.append(
            HoldPlaced(
                value_date=command.on,
                hold=f"address-{command.subject}",
                kind="address_unknown",
                until=None,
                review_on=review,
            )
        )
    return events


def correct_due_date(
    case: Case, command: CorrectDueDate, setting: Setting
) -> list[Event] | Refusal:
    """A due date that was recorded wrong is put right by two people.

    Letters that were sent before it are void, and so are those whose fee came too early.
    """
    invoice = case.invoices.get(command.invoice)
    if invoice is None:
        return Refusal("unknown_invoice", {"invoice": command.invoice})
    if command.due_date < invoice.issued_on:
        facts = {"date": command.due_date.isoformat(), "from": invoice.issued_on.isoformat()}
        return Refusal("date_out_of_range", facts)
    refusal = one_person_only(setting)
    if refusal is not None:
        return refusal
    moved = DueDateMoved(
        value_date=command.on,
        invoice=command.invoice,
        due_date=command.due_date,
        corrects=invoice.version,
    )
    events: list[Event] = [moved]
    too_early = _sent_before(case, command, setting)
    if too_early:
        events += voided(case, command.on, too_early, "wrong_date", "letter_void")
    events += accrual.lowered(case.after(events), command.on, setting.rules)
    return closed_if_settled(case, events, "paid") if len(events) > 1 else events


def _sent_before(case: Case, command: CorrectDueDate, setting: Setting) -> list[str]:
    """The letters that could not have been sent, or not with a fee, if the date had been known."""
    found: list[str] = []
    for name, letter in case.letters.items():
        if letter.void or command.invoice not in letter.invoices or name in found:
            continue
        days = 0
        if case.fee_of(name, "reminder_fee"):
            days = setting.rules.rates.regime(letter.sent_on).fee_days_after_due - 1
        if letter.sent_on <= command.due_date + timedelta(days=days):
            found += [n for n in resting_on(case, name) if n not in found]
    return found
