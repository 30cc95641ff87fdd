"""Talking with people: who may be told what, when they may be called, what they asked.

That somebody is a patient of a named clinic is confidential by itself: a third party without
authorisation is told neither that a case exists nor that it does not.
"""

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ledger.domain.case import Case
from ledger.domain.commands import (
    AskClinic,
    MakeCallback,
    RecordContact,
    RefuseDisclosure,
    RegisterAuthorisation,
    ReplyFromClinic,
    RequestCallback,
    RevokeAuthorisation,
    SetContactPreference,
    TakeNote,
)
from ledger.domain.events import (
    AuthorisationRegistered,
    AuthorisationRevoked,
    CallbackMade,
    CallbackRequested,
    ClinicAsked,
    ClinicReplied,
    ContactPreferenceSet,
    ContactRecorded,
    DisclosureRefused,
    Event,
    NoteTaken,
)
from ledger.domain.refusals import Refusal
from ledger.domain.rules import Setting
from ledger.domain.screening import refuse_text

OSLO: Final = ZoneInfo("Europe/Oslo")
_DAYS_AHEAD: Final = 14
"""No stretch of days without contact hours is as long, Easter and Christmas included."""


def record_contact(case: Case, command: RecordContact, setting: Setting) -> list[Event] | Refusal:
    """Somebody called or wrote. Calls and messages of ours keep to the hours of the law."""
    if command.contact in case.contacts:
        return Refusal("duplicate_reference", {"kind": "contact", "name": command.contact})
    refusal = None
    if command.direction == "outgoing" and command.channel in {"phone", "sms"}:
        refusal = _outside_hours(command.at, setting)
    refusal = refusal or _not_to_be_told(case, command)
    if refusal is not None:
        return refusal
    return [
        ContactRecorded(
            value_date=command.on,
            contact=command.contact,
            direction=command.direction,
            channel=command.channel,
            caller=command.caller,
            topic=command.topic,
            disclosed=command.disclosed,
            outcome=command.outcome,
            at=command.at,
            authorisation=command.authorisation,
        )
    ]


def _outside_hours(at: datetime, setting: Setting) -> Refusal | None:
    local = at.astimezone(OSLO)
    regime = setting.rules.rates.regime(local.date())
    if regime.may_contact(local.replace(tzinfo=None)):
        return None
    days = (local.date() + timedelta(days=ahead) for ahead in range(_DAYS_AHEAD))
    earliest = next((day for day in days if _opens_after(day, local, setting)), None)
    facts = {"at": f"{local:%Y-%m-%d %H:%M}"}
    return Refusal("contact_hours", facts, earliest, regime.source("contact_hours"))


def _opens_after(day: date, local: datetime, setting: Setting) -> bool:
    """Whether there is an hour on the day, not before the given time, at which one may call."""
    regime = setting.rules.rates.regime(day)
    hours = (datetime.combine(day, time(hour)) for hour in range(24))
    return any(at >= local.replace(tzinfo=None) and regime.may_contact(at) for at in hours)


def _not_to_be_told(case: Case, command: RecordContact) -> Refusal | None:
    """What a third party may be told, by the authorisation that he has on the day."""
    if command.caller in {"debtor", "clinic"} or command.disclosed == "nothing":
        return None
    if command.caller == "guardian" and case.debtor_role == "guardian":
        return None
    if command.patient_present:
        return None
    known = case.authorisations.get(command.authorisation or "")
    wanted = {"payment", "basis"} if command.disclosed == "balance" else {"basis"}
    if known is None or not known.holds_on(command.on) or known.scope not in wanted:
        facts = {"disclosed": command.disclosed}
        begins = None
        if known is not None and known.scope in wanted and known.holds_on(known.valid_from):
            begins = known.valid_from if known.valid_from > command.on else None
        return Refusal("no_authority", facts, begins, "founding document; hpl. § 21, INKL § 28")
    return None


def refuse_disclosure(
    case: Case, command: RefuseDisclosure, setting: Setting
) -> list[Event] | Refusal:
    """Tell nothing, and send the patient the form."""
    if command.contact in case.contacts:
        return Refusal("duplicate_reference", {"kind": "contact", "name": command.contact})
    return [
        DisclosureRefused(
            value_date=command.on,
            contact=command.contact,
            channel=command.channel,
            form_sent=command.form_sent,
        )
    ]


def register_authorisation(
    case: Case, command: RegisterAuthorisation, setting: Setting
) -> list[Event] | Refusal:
    """Who may ask and answer for the patient, about what, from when until when."""
    if command.authorisation in case.authorisations:
        facts = {"kind": "authorisation", "name": command.authorisation}
        return Refusal("duplicate_reference", facts)
    if command.valid_to is not None and command.valid_to < command.valid_from:
        facts = {"date": command.valid_to.isoformat(), "from": command.valid_from.isoformat()}
        return Refusal("date_out_of_range", facts)
    return [
        AuthorisationRegistered(
            value_date=command.on,
            authorisation=command.authorisation,
            holder=command.holder,
            scope=command.scope,
            valid_from=command.valid_from,
            valid_to=command.valid_to,
            verified_by=command.verified_by,
        )
    ]


def revoke_authorisation(
    case: Case, command: RevokeAuthorisation, setting: Setting
) -> list[Event] | Refusal:
    """The patient takes it back."""
    known = case.authorisations.get(command.authorisation)
    if known is None or known.revoked_on is not None:
        facts = {"kind": "authorisation", "name": command.authorisation}
        return Refusal("unknown_reference", facts)
    return [AuthorisationRevoked(value_date=command.on, authorisation=command.authorisation)]


def set_contact_preference(
    case: Case, command: SetContactPreference, setting: Setting
) -> list[Event] | Refusal:
    """Whoever asks to be called is called."""
    return [ContactPreferenceSet(value_date=command.on, channel=command.channel)]


def request_callback(
    case: Case, command: RequestCallback, setting: Setting
) -> list[Event] | Refusal:
    """A time is agreed at which one may call."""
    if command.callback in case.callbacks:
        return Refusal("duplicate_reference", {"kind": "callback", "name": command.callback})
    refusal = _outside_hours(command.at, setting)
    if refusal is not None:
        return refusal
    return [CallbackRequested(value_date=command.on, callback=command.callback, at=command.at)]


def make_callback(case: Case, command: MakeCallback, setting: Setting) -> list[Event] | Refusal:
    """We call back, within the hours of the law."""
    if command.callback not in case.callbacks:
        return Refusal("unknown_reference", {"kind": "callback", "name": command.callback})
    refusal = _outside_hours(command.at, setting)
    if refusal is not None:
        return refusal
    return [
        CallbackMade(
            value_date=command.on,
            callback=command.callback,
            reached=command.reached,
            at=command.at,
        )
    ]


def take_note(case: Case, command: TakeNote, setting: Setting) -> list[Event] | Refusal:
    """An immutable log cannot unsay a text: what must not be in it is refused before.

    The text itself is kept by whoever carries the command out, with the subject's key.
    """
    if command.note in case.notes:
        return Refusal("duplicate_reference", {"kind": "note", "name": command.note})
    refusal = refuse_text(command.text)
    if refusal is not None:
        return refusal
    return [NoteTaken(value_date=command.on, note=command.note)]


def ask_clinic(case: Case, command: AskClinic, setting: Setting) -> list[Event] | Refusal:
    """Questions about the basis are the clinic's; the case waits for the answer."""
    if command.question in case.questions:
        return Refusal("duplicate_reference", {"kind": "question", "name": command.question})
    return [ClinicAsked(value_date=command.on, question=command.question, topic=command.topic)]


def reply_from_clinic(
    case: Case, command: ReplyFromClinic, setting: Setting
) -> list[Event] | Refusal:
    """The clinic has answered."""
    if command.question not in case.questions:
        return Refusal("unknown_reference", {"kind": "question", "name": command.question})
    return [ClinicReplied(value_date=command.on, question=command.question, answer=command.answer)]
