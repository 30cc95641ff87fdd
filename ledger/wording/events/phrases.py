"""What the lines of events are put together from: (nb, en) of amounts, dates and lists."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from ledger.domain.events import Part
from ledger.wording import amounts
from ledger.wording.components import COMPONENTS

_OSLO: Final = ZoneInfo("Europe/Oslo")

Lines = tuple[str, str]
"""The same in Norwegian and in English."""

NONE: Final[Lines] = ("", "")


def money(amount: int, currency: str) -> Lines:
    """An amount in minor units."""
    return amounts.money(amount, currency, "nb"), amounts.money(amount, currency, "en")


def day(when: date) -> Lines:
    """A date, as each language writes it."""
    return amounts.day(when, "nb"), amounts.day(when, "en")


def clock(at: datetime) -> str:
    """The time of day in Oslo, which both languages write alike."""
    return f"{at.astimezone(_OSLO):%H:%M}"


def moment(at: datetime) -> Lines:
    """A day and a time of day in Oslo."""
    nb, en = day(at.astimezone(_OSLO).date())
    return f"{nb} kl. {clock(at)}", f"{en} at {clock(at)}"


def parts(of: Sequence[Part], currency: str) -> Lines:
    """What an amount falls on, and for which claim and line."""
    if not of:
        return "ingenting", "nothing"
    nb, en = [], []
    for part in of:
        word_nb, word_en = COMPONENTS[part.component]
        amount_nb, amount_en = money(part.amount, currency)
        # In brackets: the number of a claim or line must not read as the start of the amount.
        of_nb, of_en = NONE
        if part.claim is not None:
            of_nb, of_en = f" ({part.claim})", f" ({part.claim})"
        if part.claim is not None and part.line is not None:
            of_nb, of_en = (
                f" ({part.claim}, linje {part.line})",
                f" ({part.claim}, line {part.line})",
            )
        nb.append(f"{word_nb}{of_nb} {amount_nb}")
        en.append(f"{word_en}{of_en} {amount_en}")
    return ", ".join(nb), ", ".join(en)


def count(number: int, one: Lines, many: Lines) -> Lines:
    """A number of things, with the word for one of them or for many."""
    nb, en = one if number == 1 else many
    return f"{number} {nb}", f"{number} {en}"


def numbers(of: Sequence[int], one: Lines, many: Lines) -> Lines:
    """Numbers of lines or events, after the word for one of them or for many."""
    nb, en = one if len(of) == 1 else many
    listed = ", ".join(str(number) for number in of)
    return f"{nb} {listed}", f"{en} {listed}"


def code(of: str | None) -> Lines:
    """The code that a source system used, in brackets."""
    return NONE if of is None else (f" (kode {of})", f" (code {of})")


def because(payment: str | None) -> Lines:
    """The payment that something follows from, where it follows from one."""
    if payment is None:
        return NONE
    return f"; følger av betaling {payment}", f"; follows from payment {payment}"


def freed(moved: Sequence[Part], overpaid: int, currency: str) -> Lines:
    """What became of money that had paid what is no longer owed."""
    nb = en = ""
    if moved:
        moved_nb, moved_en = parts(moved, currency)
        nb, en = f"; omført til {moved_nb}", f"; moved to {moved_en}"
    if overpaid:
        over_nb, over_en = money(overpaid, currency)
        nb, en = f"{nb}; overbetalt {over_nb}", f"{en}; overpaid {over_en}"
    return nb, en
