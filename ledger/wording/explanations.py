"""An explanation as sentences that an agent reads out: what is owed and why, in plain words.

The sentences speak to the debtor. They hold amounts, dates, times and what lines are called; how
much of that may be said depends on who is listening, so whoever asks for a text says what may be
disclosed: lines to the patient, the balance to a holder of an authorisation for payment, nothing
to anybody else.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from ledger.domain.events import Component, Disclosed, LineCategory, Part
from ledger.domain.explanation import (
    Contribution,
    Explanation,
    InvoiceInterest,
    Item,
    Paid,
    Stretch,
)
from ledger.domain.visits import Visited, split
from ledger.wording.amounts import Language, day, money

_OSLO: Final = ZoneInfo("Europe/Oslo")

Lines = tuple[str, str]
"""The sentence in Norwegian and in English."""
Sentence = tuple[frozenset[Component], Lines]
"""A sentence and the components that it is about; none for what concerns the whole case."""

NOTHING_DISCLOSED: Final[Lines] = (
    "Vi kan verken bekrefte eller avkrefte om det finnes en sak.",
    "We can neither confirm nor deny that there is a case.",
)

THE_COMPONENT: Final[dict[Component, Lines]] = {
    "charge": ("det som ikke er fakturert ennå", "what has not been invoiced yet"),
    "principal": ("selve regningen", "the bill itself"),
    "invoicing_fee": ("fakturagebyret", "the invoicing fee"),
    "postage_fee": ("portoen", "the postage"),
    "penalty": ("tilleggsgebyret", "the penalty"),
    "reminder_fee": ("purregebyret", "the reminder fee"),
    "demand_fee": ("gebyret for betalingsoppfordringen", "the fee for the payment demand"),
    "collection_fee": ("inkassosalæret", "the collection fee"),
    "collection_fee_vat": ("merverdiavgiften på inkassosalæret", "the VAT on the collection fee"),
    "plan_supplement": ("tillegget for avdragsordningen", "the instalment plan supplement"),
    "plan_supplement_vat": (
        "merverdiavgiften på tillegget for avdragsordningen",
        "the VAT on the instalment plan supplement",
    ),
    "court_fee": ("rettsgebyret", "the court fee"),
    "drafting_fee": ("skrivesalæret", "the drafting fee"),
    "interest": ("renten", "the interest"),
}
"""(nb, en) by component, as it is said and not as it is booked."""

THE_LINE: Final[dict[LineCategory, tuple[str, str, str]]] = {
    "consultation": ("konsultasjonen", "den", "the consultation"),
    "lab": ("laboratorieprøven", "den", "the laboratory test"),
    "material": ("materiellet", "det", "the material"),
    "certificate": ("attesten", "den", "the certificate"),
    "record_copy": ("journalkopien", "den", "the copy of the record"),
    "no_show": ("gebyret for ikke møtt", "det", "the no-show fee"),
    "expedition": ("ekspedisjonsgebyret", "det", "the expedition fee"),
    "vaccine_generic": ("vaksinen", "den", "the vaccine"),
    "dental_work": ("tannbehandlingen", "den", "the dental work"),
    "other": ("posten", "den", "the item"),
}
"""The name with its article in Norwegian, what it is called after that, and the English name."""

LAWS: Final[dict[str, Lines]] = {
    "INKF-1-2": ("inkassoforskriften § 1-2", "section 1-2 of the Debt Collection Regulation"),
    "INKF-2-2": ("inkassoforskriften § 2-2", "section 2-2 of the Debt Collection Regulation"),
    "INKF-2-3": ("inkassoforskriften § 2-3", "section 2-3 of the Debt Collection Regulation"),
    "INKF-2-4": ("inkassoforskriften § 2-4", "section 2-4 of the Debt Collection Regulation"),
    "RGL-1": ("rettsgebyrloven § 1", "section 1 of the Court Fees Act"),
    "RGL-7": ("rettsgebyrloven § 7", "section 7 of the Court Fees Act"),
    "RGL-14": ("rettsgebyrloven § 14", "section 14 of the Court Fees Act"),
    "drafting-fee": (
        "inkassoforskriften kapittel 2",
        "chapter 2 of the Debt Collection Regulation",
    ),
    "FAL-2-4": ("finansavtaleloven § 2-4", "section 2-4 of the Financial Contracts Act"),
}
"""What the law is called that a rule's name stands for; the name may go on with a date."""

BECAUSE: Final[dict[str, Lines]] = {
    "good_faith_terminal": (
        "fordi du handlet i god tro ved terminalen",
        "because you acted in good faith at the terminal",
    ),
    "goodwill": ("for å komme deg i møte", "as a gesture of goodwill"),
    "paid_in_time": ("fordi du betalte i tide", "because you paid in time"),
    "paid_before_letter": (
        "fordi du hadde betalt før brevet ble sendt",
        "because you had paid before the letter was sent",
    ),
    "dispute_upheld": ("fordi du fikk medhold", "because your objection was upheld"),
    "letter_void": ("fordi brevet var feil", "because the letter was wrong"),
    "not_delivered": ("fordi brevet ikke kom fram", "because the letter did not arrive"),
    "cap_lowered": (
        "fordi det var høyere enn satsen den dagen du betalte",
        "because it was above the rate on the day on which you paid",
    ),
    "settlement": ("etter avtalen", "as agreed"),
    "clinic_decision": ("etter klinikkens avgjørelse", "by the clinic's decision"),
    "charged_in_error": ("fordi det var krevd ved en feil", "because it was charged in error"),
    "small_remainder": ("fordi resten er liten", "because the rest is small"),
    "uncollectable": ("fordi det ikke kan kreves inn", "because it can't be collected"),
    "time_barred": ("fordi kravet er foreldet", "because the claim is time-barred"),
    "estate_insolvent": (
        "fordi dødsboet ikke har midler",
        "because the estate has no means",
    ),
    "recalled": ("fordi kravet er trukket", "because the claim was withdrawn"),
}
"""Why something was given up, as the end of a sentence."""

ORDERS: Final[dict[str, Lines]] = {
    "costs_interest_principal": (
        "gebyrer først, så renter, så selve regningen",
        "fees first, then interest, then the bill itself",
    ),
    "principal_interest_costs": (
        "selve regningen først, så renter, så gebyrer",
        "the bill itself first, then interest, then fees",
    ),
}


def explanation_text(
    explanation: Explanation,
    language: Language,
    *,
    component: Component | None = None,
    disclosed: Disclosed = "lines",
) -> list[str]:
    """The explanation as sentences, all of it or what concerns one component."""
    if disclosed == "nothing":
        found: list[Lines] = [NOTHING_DISCLOSED]
    elif explanation.state == "unknown":
        found = [("Saken var ikke opprettet da.", "The case had not been opened then.")]
    else:
        sentences = [*_sentences(explanation, lines=disclosed == "lines")]
        found = [words for about, words in sentences if component is None or component in about]
        if component is not None:
            found.insert(0, _owed_of(explanation, component))
    return [words[0 if language == "nb" else 1] for words in found]


def _sentences(x: Explanation, *, lines: bool) -> Iterator[Sentence]:
    yield _ABOUT_ALL, _to_pay(x)
    if lines:
        for words in _at_terminal(x):
            yield frozenset({"charge", "principal"}), words
    for words in _invoices(x, lines=lines):
        yield _PRINCIPAL, words
    yield from _fees(x)
    for one in x.interest:
        yield _INTEREST, _interest(x, one)
    yield from _payments(x)
    yield from _given_up(x)
    yield from _overpaid(x)
    if lines:
        for words in _misunderstandings(x):
            yield _PRINCIPAL, words
    if x.open_disputes:
        yield (
            _ABOUT_ALL,
            (
                "Du har sagt deg uenig, og saken står stille til du har fått svar.",
                "You have objected, and the case stands still until you have an answer.",
            ),
        )


_ABOUT_ALL: Final[frozenset[Component]] = frozenset()
_PRINCIPAL: Final[frozenset[Component]] = frozenset({"principal"})
_INTEREST: Final[frozenset[Component]] = frozenset({"interest"})


# ------------------------------------------------------------------------------ what is owed


def _to_pay(x: Explanation) -> Lines:
    nb_day, en_day = day(x.on, "nb"), day(x.on, "en")
    if x.to_pay <= 0:
        return (
            f"Per {nb_day} er det ingenting å betale.",
            f"As of {en_day} there is nothing to pay.",
        )
    owed: dict[Component, int] = {}
    for item in x.items:
        owed[item.component] = owed.get(item.component, 0) + item.amount
    if x.running:
        owed["interest"] = owed.get("interest", 0) + x.running
    shares = [(component, amount) for component, amount in owed.items() if amount]
    nb_sum, en_sum = _money(x.to_pay, x.currency)
    nb = f"Per {nb_day} er det {nb_sum} å betale"
    en = f"As of {en_day} there is {en_sum} to pay"
    if len(shares) > 1:
        nb_parts, en_parts = _shares(shares, x.currency)
        return f"{nb}: {nb_parts}.", f"{en}: {en_parts}."
    nb_what, en_what = THE_COMPONENT[shares[0][0]]
    return f"{nb}, og det er {nb_what}.", f"{en}, which is {en_what}."


def _owed_of(x: Explanation, component: Component) -> Lines:
    amount = sum(item.amount for item in x.items if item.component == component)
    if component == "interest":
        amount += x.running
    nb, en = THE_COMPONENT[component]
    if not amount:
        return f"Av {nb} er det ingenting å betale.", f"Of {en} there is nothing to pay."
    nb_sum, en_sum = _money(amount, x.currency)
    return f"Av {nb} er det {nb_sum} å betale.", f"Of {en} there is {en_sum} to pay."


# ------------------------------------------------------------------------------ the terminal


def _at_terminal(x: Explanation) -> Iterator[Lines]:
    """Only what was split or tapped too early needs telling, with both times."""
    if split(x.charges):
        yield from _split(x)
    for charge in x.charges:
        if charge.unpaid == "approved_before_the_charge" and charge.zero_at is not None:
            nb_zero, en_zero = _money(0, x.currency)
            nb_sum, en_sum = _money(charge.amount, x.currency)
            nb_name, _, en_name = THE_LINE[charge.category]
            zero, charged = _clock(charge.zero_at), _clock(charge.registered_at)
            yield (
                f"Kl. {zero} viste terminalen {nb_zero}. {_first(nb_name)} på {nb_sum} ble"
                f" registrert kl. {charged}, så terminalen hadde ikke noe å ta betalt for ennå.",
                f"At {zero} the terminal showed {en_zero}. {_first(en_name)} of {en_sum} was"
                f" registered at {charged}, so the terminal had nothing to charge yet.",
            )


def _split(x: Explanation) -> Iterator[Lines]:
    missed = [charge for charge in x.charges if charge.unpaid == "not_on_terminal"]
    for charge in x.charges:
        nb_sum, en_sum = _money(charge.amount, x.currency)
        nb_name, _, en_name = THE_LINE[charge.category]
        nb, en = f"{_first(nb_name)} på {nb_sum}", f"{_first(en_name)} of {en_sum}"
        if charge.paid_at is not None:
            shown, paid = _clock(charge.sent_at or charge.registered_at), _clock(charge.paid_at)
            yield (
                f"{nb} nådde terminalen kl. {shown} og ble betalt kl. {paid}.",
                f"{en} reached the terminal at {shown} and was paid at {paid}.",
            )
        elif charge.unpaid == "not_on_terminal":
            at = _clock(charge.registered_at)
            nb_rest, en_rest = _only_that(charge) if len(missed) == 1 else ("", "")
            yield (
                f"{nb} ble registrert kl. {at} og nådde aldri terminalen{nb_rest}.",
                f"{en} was registered at {at} and never reached the terminal{en_rest}.",
            )
    if len(missed) > 1 and all(charge.invoice is not None for charge in missed):
        yield (
            "Fakturaen gjelder bare det som aldri nådde terminalen.",
            "The invoice is only for what never reached the terminal.",
        )


def _only_that(charge: Visited) -> Lines:
    _, it, _ = THE_LINE[charge.category]
    if charge.invoice is None:
        return f"; {it} er ikke fakturert ennå", "; it has not been invoiced yet"
    return f"; fakturaen gjelder bare {it}", "; the invoice is for that alone"


# ------------------------------------------------------------------------ invoices and fees


def _invoices(x: Explanation, *, lines: bool) -> Iterator[Lines]:
    for invoice in x.invoices:
        total = sum(line.amount for line in invoice.lines)
        nb_sum, en_sum = _money(total, x.currency)
        nb, en = (
            f"Faktura {invoice.invoice} er på {nb_sum}",
            f"Invoice {invoice.invoice} is {en_sum}",
        )
        if lines:
            named = [(THE_LINE[line.category], line.amount) for line in invoice.lines]
            nb_lines = _listed([f"{n[0]} {_money(a, x.currency)[0]}" for n, a in named], "og")
            en_lines = _listed([f"{n[2]} {_money(a, x.currency)[1]}" for n, a in named], "and")
            nb, en = f"{nb}: {nb_lines}", f"{en}: {en_lines}"
        if invoice.due_date is None:
            yield f"{nb}.", f"{en}."
        elif invoice.due_date < x.on:
            yield (
                f"{nb}. Den forfalt {day(invoice.due_date, 'nb')}.",
                f"{en}. It fell due on {day(invoice.due_date, 'en')}.",
            )
        else:
            yield (
                f"{nb}. Den forfaller {day(invoice.due_date, 'nb')}.",
                f"{en}. It falls due on {day(invoice.due_date, 'en')}.",
            )


def _fees(x: Explanation) -> Iterator[Sentence]:
    for item, charged in _contributions(x, "charged"):
        nb_what, en_what = THE_COMPONENT[item.component]
        nb_sum, en_sum = _money(charged.amount, x.currency)
        nb_law, en_law = _law(charged)
        yield (
            frozenset({item.component}),
            (
                f"{_first(nb_what)} på {nb_sum} kom til {day(charged.value_date, 'nb')}{nb_law}.",
                f"{_first(en_what)} of {en_sum} was added on"
                f" {day(charged.value_date, 'en')}{en_law}.",
            ),
        )


def _law(charged: Contribution) -> Lines:
    """The law behind a fee; history from elsewhere does not tell."""
    name = (charged.rule or "").partition("/")[0].removesuffix("-before-2020-10")
    if name in LAWS:
        nb, en = LAWS[name]
    elif charged.source is not None:
        nb = en = charged.source
    else:
        return (
            " i systemet som saken kom fra",
            " in the system that the case came from",
        )
    return f" etter {nb}", f" under {en}"


# ---------------------------------------------------------------------------------- interest


def _interest(x: Explanation, one: InvoiceInterest) -> Lines:
    total = one.fixed + one.running
    shown = one.stretches if sum(s.amount for s in one.stretches) == total else one.fixed_stretches
    nb_sum, en_sum = _money(total, x.currency)
    nb, en = (
        f"Renten på faktura {one.claim} er {nb_sum}",
        f"The interest on {one.claim} is {en_sum}",
    )
    if shown:
        nb_days = _listed([_stretch(s, x.currency)[0] for s in shown], "og")
        en_days = _listed([_stretch(s, x.currency)[1] for s in shown], "and")
        nb, en = f"{nb}: {nb_days}", f"{en}: {en_days}"
    if one.fixed and one.running and one.fixed_until is not None:
        fixed, running = _money(one.fixed, x.currency), _money(one.running, x.currency)
        nb += (
            f"; {fixed[0]} av den er lagt til fram til {day(one.fixed_until, 'nb')},"
            f" og {running[0]} har løpt siden"
        )
        en += (
            f"; {fixed[1]} of it was added up to {day(one.fixed_until, 'en')},"
            f" and {running[1]} has run since"
        )
    if one.rate_missing_from is not None:
        nb += f"; fra {day(one.rate_missing_from, 'nb')} er satsen ikke kjent ennå"
        en += f"; from {day(one.rate_missing_from, 'en')} the rate is not known yet"
    return f"{nb}.", f"{en}."


def _stretch(stretch: Stretch, currency: str) -> Lines:
    whole, rest = divmod(stretch.rate_bp, 100)
    nb_sum, en_sum = _money(stretch.principal, currency)
    nb_days = "1 dag" if stretch.days == 1 else f"{stretch.days} dager"
    en_days = "1 day" if stretch.days == 1 else f"{stretch.days} days"
    return (
        f"{nb_days} med {whole},{rest:02d} prosent i året av {nb_sum}",
        f"{en_days} at {whole}.{rest:02d} per cent a year of {en_sum}",
    )


# ------------------------------------------------------------------------------------- money


def _payments(x: Explanation) -> Iterator[Sentence]:
    for paid in x.payments:
        about = frozenset(part.component for part in paid.parts)
        yield about, _payment(x, paid)


def _payment(x: Explanation, paid: Paid) -> Lines:
    nb_sum, en_sum = _money(paid.amount, x.currency)
    nb_day, en_day = day(paid.value_date, "nb"), day(paid.value_date, "en")
    nb_where, en_where = {
        "paid_to_clinic": (" til klinikken", " to the clinic"),
        "paid_at_terminal": (" i terminalen", " at the terminal"),
    }.get(paid.what, ("", ""))
    nb = f"{nb_day} betalte du {nb_sum}{nb_where}"
    en = f"On {en_day} you paid {en_sum}{en_where}"
    shares = [(component, amount) for component, amount in _by_component(paid.parts) if amount]
    if shares and paid.what != "paid_at_terminal":
        nb_parts, en_parts = _shares(shares, x.currency)
        nb, en = f"{nb}; det gikk til {nb_parts}", f"{en}; it went to {en_parts}"
        if len(shares) > 1:
            nb_order, en_order = _order(paid)
            nb, en = f"{nb} ({nb_order})", f"{en} ({en_order})"
    if paid.reversed:
        nb += ". Banken tok betalingen tilbake, så beløpet skyldes igjen"
        en += ". The bank took the payment back, so the amount is owed again"
    return f"{nb}.", f"{en}."


def _order(paid: Paid) -> Lines:
    if paid.designation in {"letter", "parts", "invoice"}:
        return "slik du selv valgte", "as you chose yourself"
    return ORDERS[paid.order or "costs_interest_principal"]


def _given_up(x: Explanation) -> Iterator[Sentence]:
    for item, given in _contributions(
        x, "waived", "credited", "written_off", "interest_lowered", "freed_by_waiver",
        "freed_by_interest",
    ):  # fmt: skip
        nb_what, en_what = THE_COMPONENT[item.component]
        nb_sum, en_sum = _money(-given.amount, x.currency)
        nb_day, en_day = day(given.value_date, "nb"), day(given.value_date, "en")
        nb_why, en_why = BECAUSE.get(given.reason or "", ("", ""))
        nb_end, en_end = (f" {nb_why}" if nb_why else ""), (f" {en_why}" if en_why else "")
        words = {
            "waived": (
                f"{nb_sum} av {nb_what} ble strøket {nb_day}{nb_end}.",
                f"{en_sum} of {en_what} was dropped on {en_day}{en_end}.",
            ),
            "credited": (
                f"Klinikken strøk {nb_sum} av {nb_what} {nb_day}{nb_end}.",
                f"The clinic cancelled {en_sum} of {en_what} on {en_day}{en_end}.",
            ),
            "written_off": (
                f"{nb_sum} av {nb_what} kreves ikke lenger fra {nb_day}{nb_end}.",
                f"{en_sum} of {en_what} is not asked for any more from {en_day}{en_end}.",
            ),
            "interest_lowered": (
                f"Renten ble satt ned med {nb_sum} {nb_day}, fordi den var regnet av for mye.",
                f"The interest was lowered by {en_sum} on {en_day}: it was counted on too much.",
            ),
            "freed_by_waiver": (
                f"{nb_sum} som du hadde betalt i gebyr, dekket i stedet {nb_what} fra {nb_day}.",
                f"{en_sum} that you had paid in fees went to {en_what} instead on {en_day}.",
            ),
            "freed_by_interest": (
                f"{nb_sum} som du hadde betalt i rente, dekket i stedet {nb_what} fra {nb_day}.",
                f"{en_sum} that you had paid in interest went to {en_what} instead on {en_day}.",
            ),
        }[given.what]
        yield frozenset({item.component}), words


def _overpaid(x: Explanation) -> Iterator[Sentence]:
    for refund in x.overpayments:
        if refund.what == "refunded":
            nb_sum, en_sum = _money(-refund.amount, x.currency)
            yield (
                _ABOUT_ALL,
                (
                    f"{nb_sum} ble betalt tilbake til deg {day(refund.value_date, 'nb')}.",
                    f"{en_sum} was paid back to you on {day(refund.value_date, 'en')}.",
                ),
            )
    if x.overpaid > 0:
        nb_sum, en_sum = _money(x.overpaid, x.currency)
        yield (
            _ABOUT_ALL,
            (
                f"Du har betalt {nb_sum} for mye. Det er dine penger, og du får dem tilbake.",
                f"You have paid {en_sum} too much. It is your money, and you get it back.",
            ),
        )


# -------------------------------------------------------------------------- misunderstandings


def _misunderstandings(x: Explanation) -> Iterator[Lines]:
    """What patients ask about most, where this case gives reason to (founding document)."""
    lines = [line for invoice in x.invoices for line in invoice.lines]
    material = sum(line.amount for line in lines if line.category == "material")
    on_frikort = any(line.egenandel and not line.amount for line in lines)
    if material and (on_frikort or "misunderstanding_frikort" in x.dispute_categories):
        nb_sum, en_sum = _money(material, x.currency)
        yield (
            f"Frikortet dekker egenandelen, men ikke materiell. Materiellet kostet {nb_sum}.",
            "The exemption card covers the patient's share, but not material."
            f" The material cost {en_sum}.",
        )
    if any(line.category == "record_copy" for line in lines):
        yield (
            "Regningen gjelder en kopi av journalen, og kan komme selv om du ikke var på klinikken."
            " Klinikken svarer på spørsmål om hvorfor den ble sendt.",
            "The bill is for a copy of the record, and may come although you were not at the"
            " clinic. The clinic answers questions about why it was sent.",
        )


# ------------------------------------------------------------------------------------- words


def _contributions(x: Explanation, *what: str) -> list[tuple[Item, Contribution]]:
    """Contributions of these kinds with their items, in the order in which they happened."""
    found = [(i, c) for i in x.items for c in i.contributions if c.what in what and c.amount]
    return sorted(found, key=lambda pair: pair[1].version)


def _by_component(parts: Iterable[Part]) -> list[tuple[Component, int]]:
    found: dict[Component, int] = {}
    for part in parts:
        found[part.component] = found.get(part.component, 0) + part.amount
    return list(found.items())


def _shares(shares: Sequence[tuple[Component, int]], currency: str) -> Lines:
    nb = [f"{THE_COMPONENT[name][0]} {_money(amount, currency)[0]}" for name, amount in shares]
    en = [f"{THE_COMPONENT[name][1]} {_money(amount, currency)[1]}" for name, amount in shares]
    return _listed(nb, "og"), _listed(en, "and")


def _listed(words: Sequence[str], last: str) -> str:
    """``a, b og c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def _money(amount: int, currency: str) -> Lines:
    return money(amount, currency, "nb"), money(amount, currency, "en")


def _clock(at: datetime) -> str:
    return f"{at.astimezone(_OSLO):%H:%M}"


def _first(words: str) -> str:
    return words[:1].upper() + words[1:]
