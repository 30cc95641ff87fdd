"""One readable line for each event: the audit trail's wording.

Lines hold amounts, dates, numbers and codes; nothing personal, since events hold nothing
personal.
"""

from collections.abc import Callable
from typing import Any, Final

from ledger.domain import events as e
from ledger.domain.events import Event
from ledger.wording.events import claims, follow_up, money_moved, records
from ledger.wording.events.phrases import Lines


def lines(event: Event, currency: str) -> Lines:
    """What happened, in one line of Norwegian and one of English."""
    return _LINES[type(event)](event, currency)


_LINES: Final[dict[type[Event], Callable[[Any, str], Lines]]] = {
    e.CaseOpened: claims.opened,
    e.ChargeRegistered: claims.charge,
    e.ChargeSentToTerminal: claims.sent_to_terminal,
    e.TerminalAttemptRecorded: claims.attempt,
    e.TerminalPaymentReceived: claims.paid_at_terminal,
    e.InvoiceIssued: claims.invoice,
    e.InvoiceDelivered: claims.delivered,
    e.DeliveryFailed: claims.not_delivered,
    e.DueDateMoved: claims.due_date_moved,
    e.FeeCharged: claims.fee,
    e.FeeWaived: claims.waived,
    e.InterestFixed: claims.interest,
    e.InterestLowered: claims.interest_lowered,
    e.InterestPaused: claims.interest_paused,
    e.ReminderSent: follow_up.letter,
    e.LetterVoided: follow_up.voided,
    e.PaymentReceived: money_moved.payment,
    e.PaymentReportedByClinic: money_moved.paid_to_clinic,
    e.PaymentReversed: money_moved.reversed_payment,
    e.OverpaymentRefunded: money_moved.refunded,
    e.CorrectionRecorded: money_moved.correction,
    e.DisputeRaised: follow_up.dispute,
    e.DisputeReferred: follow_up.referred,
    e.DisputeAnswered: follow_up.answered,
    e.DisputeAnswerNotified: follow_up.notified,
    e.Credited: claims.credited,
    e.WrittenOff: claims.written_off,
    e.HandedOver: follow_up.handed_over,
    e.CaseClosed: follow_up.closed,
    e.CaseReopened: follow_up.reopened,
    e.DeferralGranted: follow_up.deferral,
    e.InstalmentPlanAgreed: follow_up.plan_agreed,
    e.InstalmentPlanBroken: follow_up.plan_broken,
    e.InstalmentPlanCompleted: follow_up.plan_completed,
    e.SettlementAgreed: follow_up.settlement,
    e.SettlementLapsed: follow_up.settlement_lapsed,
    e.DebtAcknowledged: follow_up.acknowledged,
    e.CircumstanceRegistered: records.circumstance,
    e.CircumstanceEnded: records.circumstance_ended,
    e.HoldPlaced: records.hold,
    e.HoldReleased: records.hold_released,
    e.AuthorisationRegistered: records.authorisation,
    e.AuthorisationRevoked: records.authorisation_revoked,
    e.ContactRecorded: records.contact,
    e.DisclosureRefused: records.refused_disclosure,
    e.ContactPreferenceSet: records.preference,
    e.CallbackRequested: records.callback_requested,
    e.CallbackMade: records.callback_made,
    e.NoteTaken: records.note,
    e.ClinicAsked: records.clinic_asked,
    e.ClinicReplied: records.clinic_replied,
    e.LegalDecisionRequested: follow_up.legal_decision,
    e.ClinicDecided: follow_up.clinic_decided,
    e.LegalStepFiled: follow_up.filed,
    e.EnforcementResultRecorded: follow_up.legal_result,
    e.EgenandelPaymentReported: records.egenandel,
    e.TaskRaised: records.task,
    e.TaskDone: records.task_done,
    e.ApprovalRequested: records.approval,
    e.ApprovalGiven: records.approved,
    e.ApprovalDeclined: records.approval_declined,
    e.SubjectErased: records.erased,
    e.CommandRefused: records.refused,
    e.ClinicRegistered: records.clinic,
    e.ClinicPolicySet: records.policy,
    e.ClinicAccountChanged: records.account,
    e.ReceiptRegistered: money_moved.receipt,
    e.ReceiptMatched: money_moved.matched,
    e.ReceiptUnmatched: money_moved.unmatched,
    e.ReceiptQueued: money_moved.queued,
    e.ReceiptReturned: money_moved.returned,
    e.ClientFundsRemitted: money_moved.remitted,
}
