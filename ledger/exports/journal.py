"""The journal and the trial balance, from the log itself: no read model has a part in them.

Debits are positive in ``amount_minor``, which counts minor units (øre, cent) and is exact;
``debit`` and ``credit`` are the same in the currency's own unit. Each event's lines come to zero,
and so do all accounts together.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO, Final

from ledger.domain.accounts import postings
from ledger.domain.money import MINOR_DIGITS
from ledger.exports.reading import Reading
from ledger.files.sheets import Cell, Sheet, write_csv, write_xlsx
from ledger.proof.notes import Note
from ledger.wording.amounts import Language
from ledger.wording.events import lines

JOURNAL: Final = (
    "position",
    "line",
    "recorded_at_utc",
    "value_date",
    "case",
    "clinic",
    "event",
    "text",
    "account",
    "claim",
    "debit",
    "credit",
    "currency",
    "amount_minor",
    "actor",
    "channel",
    "stream",
)
TRIAL_BALANCE: Final = ("account", "debit", "credit", "currency", "amount_minor")
TOTAL: Final = "total"


def journal(reading: Reading, language: Language) -> Sheet:
    """A row for each posting, in order of position."""
    return Sheet("Journal", JOURNAL, _journal_rows(reading, language))


def trial_balance(reading: Reading) -> Sheet:
    """A row for each account that moved, and the total, which is zero."""
    return Sheet("Trial balance", TRIAL_BALANCE, _balance_rows(reading))


def as_csv(file: BinaryIO, sheet: Sheet, reading: Reading, note: Note) -> None:
    """Write the table alone, as CSV has place for no more."""
    write_csv(file, sheet)


def as_xlsx(file: BinaryIO, sheet: Sheet, reading: Reading, note: Note) -> None:
    """Write the table, and a sheet that says of what it is."""
    about = [
        ("Book", reading.book),
        ("Clinic", reading.clinic or "all"),
        ("First position", f"{reading.first:,}"),
        ("Last position", f"{reading.last:,}"),
        ("Currency", reading.currency),
        ("debit, credit", f"in {reading.currency}"),
        ("amount_minor", f"in minor units of {reading.currency}; debit positive, credit negative"),
        ("Checkpoint", str(note)),
    ]
    write_xlsx(file, [sheet], about)


def _journal_rows(reading: Reading, language: Language) -> Iterator[tuple[Cell, ...]]:
    currency = reading.currency
    for entry, of in reading.by_position():
        moved = postings(entry.event)
        if not moved:
            continue
        nb, en = lines(entry.event, currency)
        for number, (account, amount, claim) in enumerate(moved, start=1):
            yield (
                entry.position,
                number,
                entry.recorded_at,
                entry.event.value_date,
                of.case,
                of.clinic,
                entry.event.name,
                nb if language == "nb" else en,
                account,
                claim,
                *_sides(amount, currency),
                entry.actor,
                entry.channel,
                entry.stream,
            )


def _balance_rows(reading: Reading) -> Iterator[tuple[Cell, ...]]:
    totals: dict[str, int] = {}
    for entry, _ in reading.by_position():
        for account, amount, _ in postings(entry.event):
            totals[account] = totals.get(account, 0) + amount
    for account, amount in sorted(totals.items()):
        yield account, *_sides(amount, reading.currency)
    debit = sum(amount for amount in totals.values() if amount > 0)
    both = _major(debit, reading.currency)
    yield TOTAL, both, both, reading.currency, sum(totals.values())


def _sides(amount: int, currency: str) -> tuple[Cell, Cell, Cell, Cell]:
    side = _major(abs(amount), currency)
    return (side, None, currency, amount) if amount >= 0 else (None, side, currency, amount)


def _major(amount: int, currency: str) -> Decimal:
    digits = MINOR_DIGITS[currency]
    return Decimal(amount).scaleb(-digits).quantize(Decimal(1).scaleb(-digits))
