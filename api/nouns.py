"""What can be asked of a case, a clinic or a bank receipt, each under a plain noun.

A new command is one line here: the route, its body, its place in the OpenAPI document and who may
use it follow from the line.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Final, Literal
from uuid import UUID

from ledger.access.callers import Role
from ledger.domain import commands as c
from ledger.domain.commands import Command
from ledger.domain.remittance import remittances_of

STAFF: Final[frozenset[Role]] = frozenset({"agent", "senior"})
SENIORS: Final[frozenset[Role]] = frozenset({"senior"})
MACHINES: Final[frozenset[Role]] = frozenset({"system"})
DESK: Final[frozenset[Role]] = STAFF | MACHINES
"""Who works on cases, and the machines that work for them."""
SOURCES: Final[frozenset[Role]] = DESK | {"clinic"}
"""Who knows what happened at a clinic."""
JUDGES: Final[frozenset[Role]] = STAFF | {"clinic"}
"""Who decides about the claim itself."""

Of = Literal["case", "clinic", "receipt"]
"""What a command is asked of."""


class Noun:
    """One command under ``…/cases/{case}/<path>``, or of a clinic or receipt likewise."""

    def __init__(
        self,
        path: str,
        command: type[Command],
        roles: frozenset[Role],
        *,
        of: Of = "case",
        decides: bool = False,
        opens: bool = False,
        beside: Callable[[UUID], UUID] | None = None,
    ) -> None:
        self.path = path
        self.command = command
        self.roles = roles
        self.of: Of = of
        self.decides = decides
        """Whether it is a decision that rests on what its giver has seen, so that it must name
        the version. What merely reports a fact is recorded whatever came before."""
        self.opens = opens
        """Whether it makes what it is about, and so stands under the book."""
        self.beside = beside
        """Of what is recorded in a stream beside that of the clinic or receipt: which one."""

    @cached_property
    def operation(self) -> str:
        """The operation id: ``cases.receivePayment``."""
        name = self.command.__name__
        return f"{self.of}s.{name[0].lower()}{name[1:]}"

    @cached_property
    def template(self) -> str:
        """Where it stands under the book: ``/cases/{case}/payments``."""
        return f"/{self.path}" if self.opens else f"/{self.of}s/{{{self.of}}}/{self.path}"


NOUNS: Final[tuple[Noun, ...]] = (
    Noun("cases", c.OpenCase, DESK, opens=True),
    Noun("histories", c.ImportHistory, MACHINES | {"operator"}, opens=True),
    # At the clinic, and the invoice
    Noun("charges", c.RegisterCharge, SOURCES),
    Noun("terminal-charges", c.SendChargeToTerminal, SOURCES),
    Noun("terminal-attempts", c.RecordTerminalAttempt, SOURCES),
    Noun("invoices", c.IssueInvoice, DESK),
    Noun("deliveries", c.ConfirmDelivery, DESK),
    Noun("delivery-failures", c.RecordDeliveryFailure, DESK),
    Noun("due-date-corrections", c.CorrectDueDate, STAFF, decides=True),
    # The ladder and its costs
    Noun("reminders", c.SendReminder, DESK, decides=True),
    Noun("letter-voidings", c.VoidLetter, STAFF, decides=True),
    Noun("fees", c.ChargeFee, DESK, decides=True),
    Noun("heavy-fees", c.ClaimHeavyFee, DESK, decides=True),
    Noun("fee-waivers", c.WaiveFees, STAFF, decides=True),
    Noun("fee-reclaims", c.ReclaimFee, STAFF, decides=True),
    # Money
    Noun("payments", c.ReceivePayment, DESK),
    Noun("direct-payments", c.ReportDirectPayment, SOURCES),
    Noun("payment-reversals", c.ReversePayment, DESK),
    Noun("refunds", c.RefundOverpayment, DESK, decides=True),
    Noun("egenandel-reports", c.ReportEgenandelPayment, DESK),
    # Objections, and giving up
    Noun("disputes", c.RaiseDispute, SOURCES),
    Noun("dispute-referrals", c.ReferDispute, DESK, decides=True),
    Noun("dispute-answers", c.AnswerDispute, JUDGES, decides=True),
    Noun("dispute-answer-notices", c.NotifyDisputeAnswer, DESK),
    Noun("credits", c.Credit, JUDGES, decides=True),
    Noun("write-offs", c.WriteOff, STAFF, decides=True),
    Noun("hand-overs", c.HandOver, DESK, decides=True),
    Noun("closings", c.CloseCase, DESK, decides=True),
    Noun("reopenings", c.ReopenCase, STAFF, decides=True),
    # Agreements
    Noun("deferrals", c.GrantDeferral, STAFF, decides=True),
    Noun("instalment-plans", c.AgreeInstalmentPlan, STAFF, decides=True),
    Noun("plan-breaches", c.BreakInstalmentPlan, DESK, decides=True),
    Noun("settlements", c.AgreeSettlement, JUDGES, decides=True),
    Noun("settlement-lapses", c.LapseSettlement, DESK, decides=True),
    Noun("acknowledgements", c.AcknowledgeDebt, STAFF),
    # The debtor, and who calls
    Noun("circumstances", c.RegisterCircumstance, DESK),
    Noun("circumstance-ends", c.EndCircumstance, DESK),
    Noun("holds", c.PlaceHold, DESK),
    Noun("hold-releases", c.ReleaseHold, DESK, decides=True),
    Noun("authorisations", c.RegisterAuthorisation, STAFF),
    Noun("authorisation-revocations", c.RevokeAuthorisation, STAFF),
    Noun("contacts", c.RecordContact, STAFF),
    Noun("disclosure-refusals", c.RefuseDisclosure, STAFF),
    Noun("contact-preferences", c.SetContactPreference, STAFF),
    Noun("callback-requests", c.RequestCallback, STAFF),
    Noun("callbacks", c.MakeCallback, STAFF),
    Noun("notes", c.TakeNote, STAFF),
    # The clinic's say, and the courts
    Noun("clinic-questions", c.AskClinic, DESK),
    Noun("clinic-replies", c.ReplyFromClinic, JUDGES),
    Noun("legal-decision-requests", c.RequestLegalDecision, DESK, decides=True),
    Noun("clinic-decisions", c.DecideAsClinic, SENIORS | {"clinic"}, decides=True),
    Noun("legal-steps", c.FileLegalStep, STAFF, decides=True),
    Noun("enforcement-results", c.RecordEnforcementResult, DESK),
    # Work, and what takes two people
    Noun("tasks", c.RaiseTask, DESK),
    Noun("task-completions", c.DoTask, DESK),
    Noun("approval-requests", c.RequestApproval, STAFF),
    Noun("approvals", c.Approve, SENIORS, decides=True),
    Noun("approval-declines", c.Decline, SENIORS, decides=True),
    # Clinics and the bank
    Noun("clinics", c.RegisterClinic, SENIORS | {"operator"}, of="clinic", opens=True),
    Noun("policies", c.SetClinicPolicy, SENIORS, of="clinic", decides=True),
    Noun("account-changes", c.ChangeClinicAccount, SENIORS, of="clinic", decides=True),
    Noun("remittances", c.Remit, SENIORS | {"operator"}, of="clinic", beside=remittances_of),
    Noun("receipts", c.RegisterReceipt, MACHINES, of="receipt", opens=True),
    Noun("matches", c.MatchReceipt, DESK, of="receipt", decides=True),
    Noun("returns", c.ReturnReceipt, DESK, of="receipt", decides=True),
)
"""Every command that can be given over HTTP."""
