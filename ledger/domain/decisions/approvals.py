"""What takes two people: asked for by one, agreed to by another (four eyes)."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from ledger.domain.case import Case
from ledger.domain.commands import Approve, CaseCommand, Command, Decline, RequestApproval
from ledger.domain.events import (
    ApprovalDeclined,
    ApprovalGiven,
    ApprovalRequested,
    Event,
)
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Setting

Decide = Callable[[Case, Command, Setting], list[Event] | Refusal]

SECOND_SIGNERS: Final = frozenset({"senior"})
"""Whose agreement counts: the professionally responsible person, or whom he has delegated it to."""


def request_approval(
    case: Case, command: RequestApproval, setting: Setting, decide: Decide
) -> list[Event] | Refusal:
    """Ask for something; what would be refused to two people as well is refused at once."""
    if command.approval in case.approvals:
        return Refusal("duplicate_reference", {"kind": "approval", "name": command.approval})
    outcome = decide(case, command.action, msgspec.structs.replace(setting, approved=True))
    if isinstance(outcome, Refusal):
        return outcome
    # Through JSON, so that it is just what will be read from the log: lists, and no tuples.
    action: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(command.action))
    return [
        ApprovalRequested(
            value_date=command.on,
            approval=command.approval,
            action=action,
            requested_by=setting.actor,
        )
    ]


def approve(
    case: Case, command: Approve, setting: Setting, decide: Decide
) -> list[Event] | Refusal:
    """The second person agrees, and what was asked for is carried out as things are now."""
    refusal = _not_pending(case, command.approval)
    if refusal is not None:
        return refusal
    approval = case.approvals[command.approval]
    if approval.requested_by.partition(":")[2] == setting.person:
        return Refusal("self_approval", {}, None, "policy: four eyes")
    if setting.role not in SECOND_SIGNERS:
        return Refusal("senior_needed", {"role": setting.role}, None, "policy: four eyes")
    asked: Command = msgspec.convert(approval.action, CaseCommand)
    action = msgspec.structs.replace(asked, on=command.on)
    outcome = decide(case, action, msgspec.structs.replace(setting, approved=True))
    if isinstance(outcome, Refusal):
        return outcome
    given = ApprovalGiven(
        value_date=command.on, approval=command.approval, approved_by=setting.actor
    )
    return [given, *outcome]


def decline(case: Case, command: Decline, setting: Setting) -> list[Event] | Refusal:
    """The second person does not agree."""
    refusal = _not_pending(case, command.approval)
    if refusal is not None:
        return refusal
    return [
        ApprovalDeclined(
            value_date=command.on, approval=command.approval, declined_by=setting.actor
        )
    ]


def _not_pending(case: Case, name: str) -> Refusal | None:
    approval = case.approvals.get(name)
    if approval is None:
        return Refusal("unknown_reference", {"kind": "approval", "name": name})
    if approval.outcome != "pending":
        return Refusal("already_decided", {"name": name})
    return None
