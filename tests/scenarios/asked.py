"""What is asked of a case, in the same short words as ``tests.scenarios.facts``."""

from typing import Any, Final, Literal

from ledger.domain import commands as c
from ledger.domain.commands import CaseCommand
from ledger.domain.events import (
    AllocationOrder,
    Caller,
    Circumstance,
    ClinicChoice,
    CloseReason,
    ContactChannel,
    CreditReason,
    DebtorRole,
    DeliveryChannel,
    Disclosed,
    DisputeCategory,
    EnforcementOutcome,
    FeeComponent,
    HoldKind,
    Instalment,
    InvoiceLine,
    LegalReason,
    LegalStep,
    LetterKind,
    LineCategory,
    Part,
    PatientAge,
    ReopenReason,
    Sender,
    TaskKind,
    TerminalResult,
    VoidReason,
    WriteOffReason,
)
from tests.scenarios.facts import day, moment, numbered

STATEMENTS_OF_2026: Final = (
    "label_inkassovarsel",
    "deadline",
    "collection_follows",
    "invoice_number",
    "invoice_date",
    "original_creditor_if_assigned",
    "estimated_costs",
    "help_with_payment_trouble",
    "how_to_object_and_complain",
)
"""What a collection notice says under the act of 2026 (§ 20)."""


def maybe(text: str | None) -> Any:
    """A business date, if there is one."""
    return None if text is None else day(text)


def open_case(
    on: str = "2026-03-02", *, currency: str = "NOK", role: DebtorRole = "patient"
) -> c.OpenCase:
    """Keep the clinic's claims on a patient together."""
    return c.OpenCase(
        on=day(on),
        reference="2026-1",
        creditor="clinic-10001",
        debtor="subject-1",
        currency=currency,
        debtor_role=role,
    )


def register_charge(
    charge: str, amount: int, *, at: str, category: LineCategory = "consultation"
) -> c.RegisterCharge:
    """A part of the visit costs this much."""
    return c.RegisterCharge(
        on=day(at[:10]), charge=charge, category=category, amount=amount, at=moment(at)
    )


def send_charge_to_terminal(charge: str, *, at: str) -> c.SendChargeToTerminal:
    """The charge has reached the terminal."""
    return c.SendChargeToTerminal(on=day(at[:10]), charge=charge, at=moment(at))


def tap(
    payment: str, amount: int, *, at: str, result: TerminalResult = "approved"
) -> c.RecordTerminalAttempt:
    """The patient uses the terminal."""
    return c.RecordTerminalAttempt(
        on=day(at[:10]), payment=payment, amount=amount, result=result, at=moment(at)
    )


def issue_invoice(
    invoice: str,
    *lines: InvoiceLine,
    on: str,
    due: str,
    kid: str | None = None,
    visit: str | None = None,
    patient: PatientAge = "adult",
    late: bool = False,
    fee: int = 0,
) -> c.IssueInvoice:
    """Claim an amount in writing."""
    return c.IssueInvoice(
        on=day(on),
        invoice=invoice,
        lines=numbered(lines),
        due_date=day(due),
        kid=kid,
        service_date=maybe(visit),
        patient=patient,
        late=late,
        invoicing_fee=fee,
    )


def confirm_delivery(
    invoice: str, *, on: str, channel: DeliveryChannel = "post"
) -> c.ConfirmDelivery:
    """The invoice has arrived."""
    return c.ConfirmDelivery(on=day(on), invoice=invoice, channel=channel)


def delivery_fails(subject: str, *, on: str) -> c.RecordDeliveryFailure:
    """An invoice or a letter comes back."""
    return c.RecordDeliveryFailure(on=day(on), subject=subject, channel="post")


def correct_due_date(invoice: str, due: str, *, on: str) -> c.CorrectDueDate:
    """Another due date stands on the invoice than in the ledger."""
    return c.CorrectDueDate(on=day(on), invoice=invoice, due_date=day(due))


def remind(
    letter: str = "R1",
    *,
    on: str,
    deadline: str | None = None,
    fee: int = 0,
    fee_vat: int | None = None,
    kind: LetterKind = "reminder",
    channel: DeliveryChannel = "post",
    sender: Sender = "agency",
    says: tuple[str, ...] = (),
) -> c.SendReminder:
    """Send a letter of the collection ladder; a reminder, unless said otherwise."""
    return c.SendReminder(
        on=day(on),
        letter=letter,
        kind=kind,
        channel=channel,
        deadline=maybe(deadline),
        fee=fee,
        fee_vat=fee_vat,
        sender=sender,
        statements=says,
    )


def notify(letter: str = "N1", **more: Any) -> c.SendReminder:
    """Send a collection notice."""
    return remind(letter, kind="collection_notice", **more)


def demand(letter: str = "D1", **more: Any) -> c.SendReminder:
    """Send a payment demand."""
    return remind(letter, kind="payment_demand", **more)


def warn(letter: str = "W1", **more: Any) -> c.SendReminder:
    """Warn that a plan was broken."""
    return remind(letter, kind="plan_warning", **more)


def claim_heavy_fee(
    *, on: str, amount: int | None = None, replaces_light: bool = True
) -> c.ClaimHeavyFee:
    """Double the collection fee."""
    return c.ClaimHeavyFee(on=day(on), amount=amount, replaces_light=replaces_light)


def charge_fee(
    component: FeeComponent, amount: int, *, on: str, claim: str | None = None
) -> c.ChargeFee:
    """Add a cost that no letter carries."""
    return c.ChargeFee(on=day(on), component=component, amount=amount, claim=claim)


def waive(
    *parts: Part, on: str, reason: Literal["good_faith_terminal", "goodwill"] = "goodwill"
) -> c.WaiveFees:
    """Give costs up."""
    return c.WaiveFees(on=day(on), parts=parts, reason=reason)


def reclaim(letter: str, *, on: str) -> c.ReclaimFee:
    """Claim a fee again."""
    return c.ReclaimFee(on=day(on), letter=letter)


def void(letter: str, *, on: str, reason: VoidReason = "wrong_content") -> c.VoidLetter:
    """A letter was wrong."""
    return c.VoidLetter(on=day(on), letter=letter, reason=reason)


def pay(
    amount: int,
    *parts: Part,
    on: str,
    name: str = "bank-1",
    order: AllocationOrder | None = None,
    invoice: str | None = None,
    ordered: str | None = None,
    receipt: str | None = None,
) -> c.ReceivePayment:
    """Money comes in on the client account."""
    return c.ReceivePayment(
        on=day(on),
        payment=name,
        amount=amount,
        order=order,
        invoice=invoice,
        parts=parts,
        ordered_on=maybe(ordered),
        receipt=receipt,
    )


def paid_at_clinic(amount: int, *, on: str, name: str = "direct-1") -> c.ReportDirectPayment:
    """The clinic says that it was paid."""
    return c.ReportDirectPayment(on=day(on), payment=name, amount=amount)


def reverse(
    payment: str = "bank-1",
    *,
    on: str,
    reason: Literal["returned_by_bank", "wrong_case", "recorded_in_error"] = "returned_by_bank",
) -> c.ReversePayment:
    """A payment is taken back."""
    return c.ReversePayment(on=day(on), payment=payment, reason=reason)


def refund(amount: int, *, on: str, name: str = "refund-1") -> c.RefundOverpayment:
    """Pay back what was paid too much."""
    return c.RefundOverpayment(on=day(on), refund=name, amount=amount)


def object_to(
    dispute: str = "O1", *, on: str, category: DisputeCategory = "never_visited"
) -> c.RaiseDispute:
    """The debtor objects."""
    return c.RaiseDispute(on=day(on), dispute=dispute, category=category)


def refer(dispute: str = "O1", *, on: str, to: str = "clinic-10001") -> c.ReferDispute:
    """Pass the objection on."""
    return c.ReferDispute(on=day(on), dispute=dispute, referred_to=to)


def answer(
    outcome: Literal["upheld", "partly_upheld", "rejected"],
    *credit: Part,
    on: str,
    dispute: str = "O1",
    by: str = "clinic-10001",
    groundless: bool = False,
) -> c.AnswerDispute:
    """Decide the objection."""
    return c.AnswerDispute(
        on=day(on),
        dispute=dispute,
        outcome=outcome,
        decided_by=by,
        credit=credit,
        obviously_groundless=groundless,
    )


def tell_answer(dispute: str = "O1", *, on: str) -> c.NotifyDisputeAnswer:
    """Tell the debtor."""
    return c.NotifyDisputeAnswer(on=day(on), dispute=dispute)


def credit(
    *parts: Part,
    on: str,
    name: str = "C1",
    reason: CreditReason = "clinic_decision",
    never_owed: bool = False,
) -> c.Credit:
    """Give up parts of the claim."""
    return c.Credit(on=day(on), credit_note=name, reason=reason, parts=parts, never_owed=never_owed)


def write_off(*, on: str, reason: WriteOffReason = "uncollectable") -> c.WriteOff:
    """Count what is owed as lost."""
    return c.WriteOff(on=day(on), reason=reason)


def hand_over(*, on: str, to: str = "collection-agency") -> c.HandOver:
    """Pass the case on for collection."""
    return c.HandOver(on=day(on), recipient=to)


def close_case(reason: CloseReason, *, on: str) -> c.CloseCase:
    """End the case."""
    return c.CloseCase(on=day(on), reason=reason)


def reopen(*, on: str, reason: ReopenReason = "other") -> c.ReopenCase:
    """Go on with a closed case."""
    return c.ReopenCase(on=day(on), reason=reason)


def defer(until: str, *, on: str) -> c.GrantDeferral:
    """Give the debtor more time."""
    return c.GrantDeferral(on=day(on), until=day(until))


def agree_plan(
    *instalments: tuple[str, int],
    on: str,
    plan: str = "P1",
    supplement: int = 0,
    informed: bool = False,
) -> c.AgreeInstalmentPlan:
    """Agree on instalments: the day on which each is due, and how much it is."""
    return c.AgreeInstalmentPlan(
        on=day(on),
        plan=plan,
        instalments=tuple(Instalment(day(due), amount) for due, amount in instalments),
        supplement=supplement,
        cost_informed=informed,
    )


def break_plan(plan: str = "P1", *, on: str) -> c.BreakInstalmentPlan:
    """An instalment has not come."""
    return c.BreakInstalmentPlan(on=day(on), plan=plan)


def settle(amount: int, *, on: str, by: str, name: str = "S1") -> c.AgreeSettlement:
    """Take less for the whole."""
    return c.AgreeSettlement(
        on=day(on), settlement=name, amount=amount, pay_by=day(by), agreed_by="clinic-10001"
    )


def lapse(settlement: str = "S1", *, on: str) -> c.LapseSettlement:
    """It was not paid."""
    return c.LapseSettlement(on=day(on), settlement=settlement)


def acknowledge(*, on: str) -> c.AcknowledgeDebt:
    """The debtor says that he owes it."""
    return c.AcknowledgeDebt(on=day(on), how="in_writing")


def know(
    circumstance: Circumstance, *, on: str, since: str | None = None, contact: str | None = None
) -> c.RegisterCircumstance:
    """Something about the debtor became known."""
    return c.RegisterCircumstance(
        on=day(on), circumstance=circumstance, since=day(since or on), contact=contact
    )


def end(circumstance: Circumstance, *, on: str) -> c.EndCircumstance:
    """It no longer holds."""
    return c.EndCircumstance(on=day(on), circumstance=circumstance)


def hold(
    kind: HoldKind, *, on: str, review: str, until: str | None = None, name: str = "H1"
) -> c.PlaceHold:
    """Let nothing go out."""
    return c.PlaceHold(on=day(on), hold=name, kind=kind, review_on=day(review), until=maybe(until))


def release(name: str = "H1", *, on: str) -> c.ReleaseHold:
    """The reason is gone."""
    return c.ReleaseHold(on=day(on), hold=name)


def authorise(
    scope: Literal["payment", "basis"], *, on: str, to: str | None = None, name: str = "A1"
) -> c.RegisterAuthorisation:
    """The patient lets another ask for him."""
    return c.RegisterAuthorisation(
        on=day(on),
        authorisation=name,
        holder="subject-2",
        scope=scope,
        valid_from=day(on),
        valid_to=maybe(to),
        verified_by="signed_form",
    )


def revoke(name: str = "A1", *, on: str) -> c.RevokeAuthorisation:
    """He takes it back."""
    return c.RevokeAuthorisation(on=day(on), authorisation=name)


def call(
    *,
    at: str,
    name: str = "call-1",
    direction: Literal["incoming", "outgoing"] = "incoming",
    channel: ContactChannel = "phone",
    caller: Caller = "debtor",
    disclosed: Disclosed = "nothing",
    authorisation: str | None = None,
    present: bool = False,
) -> c.RecordContact:
    """Somebody talks or writes to somebody."""
    return c.RecordContact(
        on=day(at[:10]),
        contact=name,
        direction=direction,
        channel=channel,
        caller=caller,
        topic="balance",
        disclosed=disclosed,
        outcome="solved",
        at=moment(at),
        authorisation=authorisation,
        patient_present=present,
    )


def tell_nothing(*, on: str, name: str = "call-1") -> c.RefuseDisclosure:
    """Send the patient the form."""
    return c.RefuseDisclosure(on=day(on), contact=name, channel="phone")


def prefer(channel: ContactChannel, *, on: str) -> c.SetContactPreference:
    """Reach the debtor this way."""
    return c.SetContactPreference(on=day(on), channel=channel)


def ask_callback(*, on: str, at: str, name: str = "B1") -> c.RequestCallback:
    """The debtor wants to be called back."""
    return c.RequestCallback(on=day(on), callback=name, at=moment(at))


def call_back(*, at: str, reached: bool = True, name: str = "B1") -> c.MakeCallback:
    """We call back."""
    return c.MakeCallback(on=day(at[:10]), callback=name, reached=reached, at=moment(at))


def note(text: str, *, on: str, name: str = "note-1") -> c.TakeNote:
    """Keep a text with the case."""
    return c.TakeNote(on=day(on), note=name, text=text)


def ask_clinic(question: str = "Q1", *, on: str) -> c.AskClinic:
    """Ask the clinic for the basis."""
    return c.AskClinic(on=day(on), question=question, topic="basis")


def clinic_replies(question: str = "Q1", *, on: str) -> c.ReplyFromClinic:
    """The clinic answers."""
    return c.ReplyFromClinic(on=day(on), question=question, answer="told_patient")


def ask_for_decision(reason: LegalReason, *, on: str) -> c.RequestLegalDecision:
    """Let the clinic choose."""
    return c.RequestLegalDecision(on=day(on), reason=reason)


def choose(choice: ClinicChoice, *, on: str) -> c.DecideAsClinic:
    """The clinic's choice."""
    return c.DecideAsClinic(on=day(on), choice=choice, decided_by="clinic-10001")


def file(step: LegalStep, *, on: str, name: str = "F1") -> c.FileLegalStep:
    """Take a legal step."""
    return c.FileLegalStep(on=day(on), filing=name, step=step)


def result(outcome: EnforcementOutcome, *, on: str, name: str = "F1") -> c.RecordEnforcementResult:
    """What came of it."""
    return c.RecordEnforcementResult(on=day(on), filing=name, outcome=outcome)


def report_egenandel(invoice: str = "K1", *, on: str) -> c.ReportEgenandelPayment:
    """Tell the clinic that the share is paid."""
    return c.ReportEgenandelPayment(on=day(on), invoice=invoice)


def raise_task(kind: TaskKind, *, on: str, name: str = "T1") -> c.RaiseTask:
    """Somebody must look."""
    return c.RaiseTask(on=day(on), task=name, kind=kind, due_on=day(on))


def do_task(name: str = "T1", *, on: str) -> c.DoTask:
    """Somebody has looked."""
    return c.DoTask(on=day(on), task=name)


def ask_approval(action: CaseCommand, *, name: str = "V1") -> c.RequestApproval:
    """Ask a second person."""
    return c.RequestApproval(on=action.on, approval=name, action=action)


def approve(name: str = "V1", *, on: str) -> c.Approve:
    """Agree."""
    return c.Approve(on=day(on), approval=name)


def decline(name: str = "V1", *, on: str) -> c.Decline:
    """Do not agree."""
    return c.Decline(on=day(on), approval=name)
