"""Lines of events about following a claim up: letters, disputes, agreements, legal steps."""

from ledger.domain import events as e
from ledger.wording.closed_lists import (
    ACKNOWLEDGEMENTS,
    CHANNELS,
    CLINIC_CHOICES,
    CLOSE_REASONS,
    DISPUTES,
    ENFORCEMENT_OUTCOMES,
    INSTANCES,
    LEGAL_REASONS,
    LEGAL_STEPS,
    LETTERS,
    OUTCOMES,
    REOPEN_REASONS,
    SENDERS,
    VOID_REASONS,
    words,
)
from ledger.wording.events.phrases import NONE, Lines, code, count, day, money


def letter(event: e.ReminderSent, currency: str) -> Lines:
    (nb, en), (via_nb, via_en) = LETTERS[event.kind], CHANNELS[event.channel]
    from_nb, from_en = SENDERS[event.sender]
    nb = f"{nb.capitalize()} {event.letter} sendt av {from_nb} ({via_nb})"
    en = f"{en.capitalize()} {event.letter} sent by {from_en} ({via_en})"
    if event.invoices:
        names = ", ".join(event.invoices)
        nb, en = f"{nb} for {names}", f"{en} for {names}"
    if event.asked:
        asked_nb, asked_en = money(sum(part.amount for part in event.asked), currency)
        nb, en = f"{nb}, til sammen {asked_nb}", f"{en}, {asked_en} in all"
    if event.deadline is not None:
        until_nb, until_en = day(event.deadline)
        nb, en = f"{nb}, frist {until_nb}", f"{en}, deadline {until_en}"
    if event.regime is not None:
        nb, en = f"{nb} (inkassoloven {event.regime})", f"{en} (act of {event.regime})"
    return nb, en


def voided(event: e.LetterVoided, currency: str) -> Lines:
    nb, en = VOID_REASONS[event.reason]
    return (
        f"Brev {event.letter} er ugyldig: {nb} (retter hendelse {event.corrects})",
        f"Letter {event.letter} is void: {en} (corrects event {event.corrects})",
    )


def dispute(event: e.DisputeRaised, currency: str) -> Lines:
    (what_nb, what_en), (nb, en) = words(DISPUTES, event.category), code(event.code)
    if event.hold_until is not None:
        until_nb, until_en = day(event.hold_until)
        nb, en = f"{nb}, sperre til og med {until_nb}", f"{en}, on hold until {until_en}"
    return (
        f"Innsigelse {event.dispute} mottatt: {what_nb}{nb}",
        f"Dispute {event.dispute} raised: {what_en}{en}",
    )


def referred(event: e.DisputeReferred, currency: str) -> Lines:
    (to_nb, to_en), (nb, en) = words(INSTANCES, event.referred_to), code(event.code)
    return (
        f"Innsigelse {event.dispute} oversendt til {to_nb}{nb}",
        f"Dispute {event.dispute} referred to {to_en}{en}",
    )


def answered(event: e.DisputeAnswered, currency: str) -> Lines:
    (nb, en), (by_nb, by_en) = OUTCOMES[event.outcome], words(INSTANCES, event.decided_by)
    code_nb, code_en = code(event.code)
    if event.obviously_groundless:
        nb, en = f"{nb}, åpenbart grunnløs", f"{en}, obviously groundless"
    return (
        f"Innsigelse {event.dispute} avgjort av {by_nb}: {nb}{code_nb}",
        f"Dispute {event.dispute} decided by {by_en}: {en}{code_en}",
    )


def notified(event: e.DisputeAnswerNotified, currency: str) -> Lines:
    nb, en = code(event.code)
    return (
        f"Svar på innsigelse {event.dispute} meddelt skyldneren{nb}",
        f"Debtor told of the answer to dispute {event.dispute}{en}",
    )


def handed_over(event: e.HandedOver, currency: str) -> Lines:
    nb, en = money(event.outstanding, currency)
    to_nb = to_en = "" if event.recipient == "not_stated" else f" ({event.recipient})"
    return (
        f"Oversendt til inkasso{to_nb} med {nb} utestående",
        f"Handed over for collection{to_en}, {en} outstanding",
    )


def closed(event: e.CaseClosed, currency: str) -> Lines:
    nb, en = CLOSE_REASONS[event.reason]
    return f"Saken er avsluttet: {nb}", f"Case closed: {en}"


def reopened(event: e.CaseReopened, currency: str) -> Lines:
    nb, en = REOPEN_REASONS[event.reason]
    return f"Saken er gjenåpnet: {nb}", f"Case reopened: {en}"


def deferral(event: e.DeferralGranted, currency: str) -> Lines:
    nb, en = day(event.until)
    moved_nb, moved_en = NONE
    if event.moved:
        names = ", ".join(event.moved)
        moved_nb, moved_en = f"; ny forfallsdato for {names}", f"; new due date for {names}"
    return (
        f"Betalingsutsettelse gitt til og med {nb}{moved_nb}",
        f"Payment deferred until {en}{moved_en}",
    )


def plan_agreed(event: e.InstalmentPlanAgreed, currency: str) -> Lines:
    total_nb, total_en = money(sum(i.amount for i in event.instalments), currency)
    how_nb, how_en = count(
        len(event.instalments), ("avdrag", "instalment"), ("avdrag", "instalments")
    )
    nb = f"Avdragsordning {event.plan} avtalt: {how_nb}, til sammen {total_nb}"
    en = f"Instalment plan {event.plan} agreed: {how_en}, {total_en} in all"
    if event.instalments:
        (first_nb, first_en), (last_nb, last_en) = (
            day(event.instalments[0].due),
            day(event.instalments[-1].due),
        )
        nb = f"{nb}, fra {first_nb} til {last_nb}"
        en = f"{en}, from {first_en} to {last_en}"
    if event.cost_informed:
        nb, en = f"{nb}; skyldneren er opplyst om kostnaden", f"{en}; the debtor was told the cost"
    return nb, en


def plan_broken(event: e.InstalmentPlanBroken, currency: str) -> Lines:
    (nb, en), (day_nb, day_en) = money(event.missing, currency), day(event.missed)
    return (
        f"Avdragsordning {event.plan} misligholdt: {nb} mangler av avdraget med forfall {day_nb}",
        f"Instalment plan {event.plan} broken: {en} missing of the instalment due {day_en}",
    )


def plan_completed(event: e.InstalmentPlanCompleted, currency: str) -> Lines:
    return (
        f"Avdragsordning {event.plan} er fullført",
        f"Instalment plan {event.plan} completed",
    )


def settlement(event: e.SettlementAgreed, currency: str) -> Lines:
    (nb, en), (day_nb, day_en) = money(event.amount, currency), day(event.pay_by)
    return (
        f"Forlik {event.settlement} inngått: {nb} til fullt oppgjør, frist {day_nb}",
        f"Settlement {event.settlement} agreed: {en} for the whole, to be paid by {day_en}",
    )


def settlement_lapsed(event: e.SettlementLapsed, currency: str) -> Lines:
    return (
        f"Forlik {event.settlement} er bortfalt: ikke betalt innen fristen",
        f"Settlement {event.settlement} lapsed: not paid in time",
    )


def acknowledged(event: e.DebtAcknowledged, currency: str) -> Lines:
    nb, en = ACKNOWLEDGEMENTS[event.how]
    return (
        f"Gjelden er erkjent {nb}; ny foreldelsesfrist løper",
        f"Debt acknowledged {en}; limitation runs anew",
    )


def legal_decision(event: e.LegalDecisionRequested, currency: str) -> Lines:
    (nb, en), (cost_nb, cost_en) = money(event.outstanding, currency), money(event.cost, currency)
    why_nb, why_en = LEGAL_REASONS[event.reason]
    best_nb, best_en = CLINIC_CHOICES[event.recommended]
    return (
        f"Klinikken er bedt om en avgjørelse ({why_nb}): {nb} utestående, rettsgebyr {cost_nb}, "
        f"anbefalt {best_nb}",
        f"Clinic asked to decide ({why_en}): {en} outstanding, court fee {cost_en}, "
        f"recommended {best_en}",
    )


def clinic_decided(event: e.ClinicDecided, currency: str) -> Lines:
    nb, en = CLINIC_CHOICES[event.choice]
    return f"Klinikken har valgt {nb}", f"The clinic chose: {en}"


def filed(event: e.LegalStepFiled, currency: str) -> Lines:
    (nb, en), (sum_nb, sum_en) = LEGAL_STEPS[event.step], money(event.outstanding, currency)
    return (
        f"{nb} {event.filing} inngitt for {sum_nb}",
        f"{en} {event.filing} filed for {sum_en}",
    )


def legal_result(event: e.EnforcementResultRecorded, currency: str) -> Lines:
    nb, en = ENFORCEMENT_OUTCOMES[event.outcome]
    return f"Resultat av {event.filing}: {nb}", f"Result of {event.filing}: {en}"
