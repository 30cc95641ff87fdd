"""Lines of events about what is claimed: visits, invoices, fees, interest, credits."""

from ledger.domain import events as e
from ledger.wording.closed_lists import (
    CHANNELS,
    CREDIT_REASONS,
    DEBTOR_ROLES,
    LINES,
    PATIENT_AGES,
    PAUSE_REASONS,
    TERMINAL_RESULTS,
    WAIVER_REASONS,
    WRITE_OFF_REASONS,
    words,
)
from ledger.wording.components import COMPONENTS
from ledger.wording.events.phrases import NONE, Lines, because, clock, day, freed, money, parts


def opened(event: e.CaseOpened, currency: str) -> Lines:
    role_nb, role_en = NONE
    if event.debtor_role != "patient":
        nb, en = DEBTOR_ROLES[event.debtor_role]
        role_nb, role_en = f"; skyldner er {nb}", f"; the debtor is {en}"
    return (
        f"Sak {event.reference} opprettet for kreditor {event.creditor}{role_nb}",
        f"Case {event.reference} opened for creditor {event.creditor}{role_en}",
    )


def charge(event: e.ChargeRegistered, currency: str) -> Lines:
    (nb, en), at = money(event.amount, currency), clock(event.at)
    what_nb, what_en = words(LINES, event.category)
    return (
        f"Belastning {event.charge} ({what_nb}) på {nb} registrert kl. {at}",
        f"Charge {event.charge} ({what_en}) of {en} registered at {at}",
    )


def sent_to_terminal(event: e.ChargeSentToTerminal, currency: str) -> Lines:
    at = clock(event.at)
    return (
        f"Belastning {event.charge} nådde betalingsterminalen kl. {at}",
        f"Charge {event.charge} reached the payment terminal at {at}",
    )


def attempt(event: e.TerminalAttemptRecorded, currency: str) -> Lines:
    (shown_nb, shown_en), at = money(event.amount, currency), clock(event.at)
    nb, en = TERMINAL_RESULTS[event.result]
    return (
        f"Terminalen viste {shown_nb} kl. {at}: {nb}, ingen betaling",
        f"The terminal showed {shown_en} at {at}: {en}, no payment",
    )


def paid_at_terminal(event: e.TerminalPaymentReceived, currency: str) -> Lines:
    (nb, en), at = money(event.amount, currency), clock(event.at)
    for_nb = for_en = ""
    if event.parts:
        names = ", ".join(part.claim or "" for part in event.parts)
        for_nb, for_en = f" for {names}", f" for {names}"
    return (
        f"Betalt {nb} i terminalen kl. {at}{for_nb}",
        f"Paid {en} at the terminal at {at}{for_en}",
    )


def invoice(event: e.InvoiceIssued, currency: str) -> Lines:
    amount_nb, amount_en = money(sum(line.amount for line in event.lines), currency)
    nb = f"Faktura {event.invoice} på {amount_nb} utstedt"
    en = f"Invoice {event.invoice} of {amount_en} issued"
    if event.due_date is not None:
        due_nb, due_en = day(event.due_date)
        nb, en = f"{nb}, forfall {due_nb}", f"{en}, due {due_en}"
    if event.service_date is not None:
        visit_nb, visit_en = day(event.service_date)
        nb, en = f"{nb}, behandlingsdato {visit_nb}", f"{en}, visit on {visit_en}"
    if event.patient != "adult":
        age_nb, age_en = PATIENT_AGES[event.patient]
        nb, en = f"{nb}, pasienten er {age_nb}", f"{en}, the patient is {age_en}"
    if event.late:
        nb, en = (
            f"{nb}, sendt for sent og derfor uten gebyr",
            f"{en}, sent late and so without a fee",
        )
    return nb, en


def delivered(event: e.InvoiceDelivered, currency: str) -> Lines:
    nb, en = CHANNELS[event.channel]
    return f"Faktura {event.invoice} levert ({nb})", f"Invoice {event.invoice} delivered ({en})"


def not_delivered(event: e.DeliveryFailed, currency: str) -> Lines:
    nb, en = CHANNELS[event.channel]
    return f"{event.subject} kom ikke fram ({nb})", f"{event.subject} was not delivered ({en})"


def due_date_moved(event: e.DueDateMoved, currency: str) -> Lines:
    nb, en = day(event.due_date)
    why_nb, why_en = NONE
    if event.corrects is not None:
        why_nb = f" (retter hendelse {event.corrects})"
        why_en = f" (corrects event {event.corrects})"
    return (
        f"Faktura {event.invoice} har fått ny forfallsdato {nb}{why_nb}",
        f"Invoice {event.invoice} has a new due date, {en}{why_en}",
    )


def fee(event: e.FeeCharged, currency: str) -> Lines:
    nb, en = COMPONENTS[event.component]
    amount_nb, amount_en = money(event.amount, currency)
    for_nb = for_en = "" if event.claim is None else f" ({event.claim})"
    if event.letter is not None:
        for_nb, for_en = f"{for_nb} for brev {event.letter}", f"{for_en} for letter {event.letter}"
    if event.heavy:
        for_nb, for_en = f"{for_nb}, nå tungt salær", f"{for_en}, now a heavy fee"
    again_nb, again_en = (" på nytt", " again") if event.again else NONE
    if event.rule == "imported":
        rule_nb, rule_en = " (importert)", " (imported)"
    else:
        rule_nb, rule_en = f", etter {event.rule}", f", under {event.rule}"
    return (
        f"Belastet{again_nb} {nb} på {amount_nb}{for_nb}{rule_nb}",
        f"Charged{again_en} {en} of {amount_en}{for_en}{rule_en}",
    )


def waived(event: e.FeeWaived, currency: str) -> Lines:
    nb, en = parts((*event.parts, *event.returned), currency)
    why_nb, why_en = words(WAIVER_REASONS, event.reason)
    if event.letter is not None:
        nb, en = f"{nb} for brev {event.letter}", f"{en} for letter {event.letter}"
    back_nb, back_en = NONE
    if event.returned:
        paid_nb, paid_en = money(sum(part.amount for part in event.returned), currency)
        back_nb, back_en = f"; herav allerede betalt {paid_nb}", f"; {paid_en} of it paid already"
    freed_nb, freed_en = freed(event.moved, event.overpaid, currency)
    of_nb, of_en = because(event.payment)
    return (
        f"Frafalt {nb} ({why_nb}){back_nb}{freed_nb}{of_nb}",
        f"Waived {en} ({why_en}){back_en}{freed_en}{of_en}",
    )


def interest(event: e.InterestFixed, currency: str) -> Lines:
    (nb, en), (day_nb, day_en) = money(event.amount, currency), day(event.until)
    return (
        f"Forsinkelsesrente på {nb} av {event.claim} beregnet til og med {day_nb}",
        f"Late interest of {en} on {event.claim} fixed up to {day_en}",
    )


def interest_lowered(event: e.InterestLowered, currency: str) -> Lines:
    lowered = event.unpaid + sum(part.amount for part in event.moved) + event.overpaid
    (nb, en), (day_nb, day_en) = money(lowered, currency), day(event.until)
    freed_nb, freed_en = freed(event.moved, event.overpaid, currency)
    return (
        f"Forsinkelsesrente av {event.claim} til og med {day_nb} satt ned med {nb}{freed_nb}",
        f"Late interest on {event.claim} up to {day_en} lowered by {en}{freed_en}",
    )


def interest_paused(event: e.InterestPaused, currency: str) -> Lines:
    (from_nb, from_en), (to_nb, to_en) = day(event.first_day), day(event.last_day)
    nb, en = PAUSE_REASONS[event.reason]
    return (
        f"Ingen rente fra og med {from_nb} til og med {to_nb} ({nb})",
        f"No interest from {from_en} to {to_en}, both included ({en})",
    )


def credited(event: e.Credited, currency: str) -> Lines:
    nb, en = parts(event.parts, currency)
    why_nb, why_en = CREDIT_REASONS[event.reason]
    if event.never_owed:
        why_nb, why_en = f"{why_nb}; aldri skyldt", f"{why_en}; never owed"
    of_nb, of_en = because(event.payment)
    return (
        f"Kreditnota {event.credit_note}: {nb} ({why_nb}){of_nb}",
        f"Credit note {event.credit_note}: {en} ({why_en}){of_en}",
    )


def written_off(event: e.WrittenOff, currency: str) -> Lines:
    nb, en = parts(event.parts, currency)
    why_nb, why_en = WRITE_OFF_REASONS[event.reason]
    of_nb, of_en = because(event.payment)
    return f"Avskrevet {nb} ({why_nb}){of_nb}", f"Written off: {en} ({why_en}){of_en}"
