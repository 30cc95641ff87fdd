"""Lines of events about the debtor's situation, contact, tasks, approvals and clinics.

Who speaks, holds or signs is personal, and stands in no line.
"""

from collections.abc import Sequence

from ledger.domain import events as e
from ledger.domain.personal import Retention
from ledger.domain.refusals import Refusal
from ledger.wording.closed_lists import (
    ANSWERS,
    CALLERS,
    CIRCUMSTANCES,
    CONTACT_CHANNELS,
    CONTACT_OUTCOMES,
    DIRECTIONS,
    DISCLOSED,
    HOLDS,
    SCOPES,
    TASKS,
    TOPICS,
    VERIFIED_BY,
    words,
)
from ledger.wording.commands import COMMANDS
from ledger.wording.events.phrases import NONE, Lines, day, moment, money, numbers
from ledger.wording.people import LEGAL_BASES, RETENTIONS
from ledger.wording.policy import policy_text
from ledger.wording.refusals import TEXTS, refusal_text


def circumstance(event: e.CircumstanceRegistered, currency: str) -> Lines:
    (nb, en), (day_nb, day_en) = CIRCUMSTANCES[event.circumstance], day(event.since)
    return f"Registrert: {nb} fra {day_nb}", f"Registered: {en} since {day_en}"


def circumstance_ended(event: e.CircumstanceEnded, currency: str) -> Lines:
    nb, en = CIRCUMSTANCES[event.circumstance]
    return f"Gjelder ikke lenger: {nb}", f"No longer holds: {en}"


def hold(event: e.HoldPlaced, currency: str) -> Lines:
    (nb, en), (look_nb, look_en) = HOLDS[event.kind], day(event.review_on)
    until_nb, until_en = NONE
    if event.until is not None:
        last_nb, last_en = day(event.until)
        until_nb, until_en = f" til og med {last_nb}", f" until {last_en}"
    return (
        f"Sperre {event.hold} lagt inn ({nb}){until_nb}, vurderes {look_nb}",
        f"Hold {event.hold} placed ({en}){until_en}, to be reviewed on {look_en}",
    )


def hold_released(event: e.HoldReleased, currency: str) -> Lines:
    return f"Sperre {event.hold} opphevet", f"Hold {event.hold} released"


def authorisation(event: e.AuthorisationRegistered, currency: str) -> Lines:
    (nb, en), (by_nb, by_en) = SCOPES[event.scope], VERIFIED_BY[event.verified_by]
    from_nb, from_en = day(event.valid_from)
    to_nb, to_en = NONE
    if event.valid_to is not None:
        last_nb, last_en = day(event.valid_to)
        to_nb, to_en = f" til {last_nb}", f" to {last_en}"
    return (
        f"Fullmakt {event.authorisation} registrert for {nb}, gyldig fra {from_nb}{to_nb} "
        f"(bekreftet: {by_nb})",
        f"Authorisation {event.authorisation} registered for {en}, valid from {from_en}{to_en} "
        f"(verified by: {by_en})",
    )


def authorisation_revoked(event: e.AuthorisationRevoked, currency: str) -> Lines:
    return (
        f"Fullmakt {event.authorisation} tilbakekalt",
        f"Authorisation {event.authorisation} revoked",
    )


def contact(event: e.ContactRecorded, currency: str) -> Lines:
    said = zip(
        DIRECTIONS[event.direction],
        CONTACT_CHANNELS[event.channel],
        CALLERS[event.caller],
        TOPICS[event.topic],
        DISCLOSED[event.disclosed],
        CONTACT_OUTCOMES[event.outcome],
        strict=True,
    )
    nb, en = (
        f"{direction} {event.contact} ({channel}, {who}): {topic}; {told}; {outcome}"
        for direction, channel, who, topic, told, outcome in said
    )
    return nb, en


def refused_disclosure(event: e.DisclosureRefused, currency: str) -> Lines:
    nb, en = CONTACT_CHANNELS[event.channel]
    form_nb, form_en = NONE
    if event.form_sent:
        form_nb = "; fullmaktsskjema sendt til pasienten"
        form_en = "; authorisation form sent to the patient"
    return (
        f"Tredjepart fikk ingen opplysninger ({event.contact}, {nb}){form_nb}",
        f"A third party was told nothing ({event.contact}, {en}){form_en}",
    )


def preference(event: e.ContactPreferenceSet, currency: str) -> Lines:
    nb, en = CONTACT_CHANNELS[event.channel]
    return f"Ønsket kontaktkanal: {nb}", f"Preferred contact channel: {en}"


def callback_requested(event: e.CallbackRequested, currency: str) -> Lines:
    nb, en = moment(event.at)
    return (
        f"Tilbakeringing {event.callback} ønsket {nb}",
        f"Callback {event.callback} requested for {en}",
    )


def callback_made(event: e.CallbackMade, currency: str) -> Lines:
    nb, en = moment(event.at)
    got_nb, got_en = ("fikk svar", "reached") if event.reached else ("ikke svar", "not reached")
    return (
        f"Tilbakeringing {event.callback} foretatt {nb}: {got_nb}",
        f"Callback {event.callback} made on {en}: {got_en}",
    )


def note(event: e.NoteTaken, currency: str) -> Lines:
    return f"Notat {event.note} skrevet", f"Note {event.note} taken"


def clinic_asked(event: e.ClinicAsked, currency: str) -> Lines:
    nb, en = TOPICS[event.topic]
    return (
        f"Spørsmål {event.question} sendt til klinikken: {nb}",
        f"Question {event.question} sent to the clinic: {en}",
    )


def clinic_replied(event: e.ClinicReplied, currency: str) -> Lines:
    nb, en = ANSWERS[event.answer]
    return (
        f"Klinikken har besvart spørsmål {event.question}: {nb}",
        f"The clinic answered question {event.question}: {en}",
    )


def egenandel(event: e.EgenandelPaymentReported, currency: str) -> Lines:
    (nb, en), (day_nb, day_en) = money(event.amount, currency), day(event.paid_on)
    of_nb, of_en = numbers(event.lines, ("linje", "line"), ("linjene", "lines"))
    return (
        f"Egenandel på {nb} på faktura {event.invoice} ({of_nb}), betalt {day_nb}, "
        "meldt til klinikken",
        f"Patient's share of {en} on invoice {event.invoice} ({of_en}), paid on {day_en}, "
        "reported to the clinic",
    )


def task(event: e.TaskRaised, currency: str) -> Lines:
    (nb, en), (due_nb, due_en) = TASKS[event.kind], day(event.due_on)
    about = "" if event.subject is None else f" ({event.subject})"
    return (
        f"Oppgave {event.task}: {nb}{about}, frist {due_nb}",
        f"Task {event.task}: {en}{about}, due on {due_en}",
    )


def task_done(event: e.TaskDone, currency: str) -> Lines:
    return f"Oppgave {event.task} er utført", f"Task {event.task} done"


def approval(event: e.ApprovalRequested, currency: str) -> Lines:
    nb, en = _command(str(event.action.get("type", "")))
    amount = event.action.get("amount")
    if isinstance(amount, int):
        sum_nb, sum_en = money(amount, currency)
        nb, en = f"{nb}, {sum_nb}", f"{en}, {sum_en}"
    return (
        f"Bedt om godkjenning {event.approval} fra en annen person: {nb}",
        f"Approval {event.approval} by a second person asked for: {en}",
    )


def approved(event: e.ApprovalGiven, currency: str) -> Lines:
    return f"Godkjenning {event.approval} gitt", f"Approval {event.approval} given"


def approval_declined(event: e.ApprovalDeclined, currency: str) -> Lines:
    return f"Godkjenning {event.approval} avslått", f"Approval {event.approval} declined"


def erased(event: e.SubjectErased, currency: str) -> Lines:
    (why_nb, why_en), (nb, en) = LEGAL_BASES[event.legal_basis], _retentions(event.erased)
    kept_nb, kept_en = NONE
    if event.kept and event.kept_until is not None:
        (rest_nb, rest_en), (day_nb, day_en) = _retentions(event.kept), day(event.kept_until)
        kept_nb = f"; {rest_nb} beholdes til og med {day_nb} (bokføringsloven § 13)"
        kept_en = f"; {rest_en} kept until {day_en} (Bookkeeping Act section 13)"
    return (
        f"Personopplysninger slettet, fordi {why_nb}: {nb}{kept_nb}",
        f"Personal data erased, because {why_en}: {en}{kept_en}",
    )


def _retentions(of: Sequence[Retention]) -> Lines:
    names = [RETENTIONS[retention] for retention in of]
    return ", ".join(nb for nb, _ in names), ", ".join(en for _, en in names)


def refused(event: e.CommandRefused, currency: str) -> Lines:
    nb, en = _command(event.command)
    if event.code not in TEXTS:
        return f"Avvist: {nb} ({event.code})", f"Refused: {en} ({event.code})"
    refusal = Refusal(event.code, event.facts, event.earliest, event.source)
    return (
        f"Avvist: {nb}. {refusal_text(refusal, 'nb', currency)}",
        f"Refused: {en}. {refusal_text(refusal, 'en', currency)}",
    )


def clinic(event: e.ClinicRegistered, currency: str) -> Lines:
    return (
        f"Klinikk {event.clinic} registrert, org.nr. {event.organisation_number}, "
        f"utbetaling til konto {event.account}",
        f"Clinic {event.clinic} registered, organisation number {event.organisation_number}, "
        f"paid out to account {event.account}",
    )


def policy(event: e.ClinicPolicySet, currency: str) -> Lines:
    return (
        f"Klinikkens retningslinjer satt: {policy_text(event.policy, 'nb', currency)}",
        f"Clinic policy set: {policy_text(event.policy, 'en', currency)}",
    )


def account(event: e.ClinicAccountChanged, currency: str) -> Lines:
    return (
        f"Klinikkens midler utbetales fra nå av til konto {event.account} (godkjent av to)",
        f"The clinic's money is paid out to account {event.account} from now on (approved by two)",
    )


def _command(name: str) -> Lines:
    return words(COMMANDS, name)
