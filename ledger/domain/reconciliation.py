"""Client funds, reconciled in four ways (Finanstilsynet's circular 7/2013; at least monthly).

(1) what the bank says is on the client account, (2) what the ledger says, (3) to whom the ledger
says that it belongs, (4) the sub-ledgers: clinic by clinic, debtors' overpayments, receipts of
which nobody knows yet what they are for. All four are to be the same.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from ledger.domain.accounts import (
    CLIENT_FUNDS,
    OVERPAYMENT,
    OWED_TO_AGENCY,
    OWED_TO_CREDITOR,
    UNIDENTIFIED,
)

LIABILITIES: Final = (OWED_TO_CREDITOR, OWED_TO_AGENCY, OVERPAYMENT, UNIDENTIFIED)


class ClientBalance(msgspec.Struct, frozen=True, kw_only=True):
    """What is held for one clinic, in minor units."""

    clinic: str
    amount: int
    retained: int
    """Our remuneration out of its cases that is still in the client account."""
    overdue: int = 0
    """What of the amount should have been paid out already."""


class Unidentified(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt of which nobody knows what it is for."""

    receipt: str
    amount: int
    booked_on: date
    age_days: int
    reason: str | None


class Explanation(msgspec.Struct, frozen=True):
    """Two of the four figures and why they may differ; zero where they agree."""

    between: str
    difference: int
    because: str | None = None


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """The four figures at the end of a day, in minor units, and what is between them."""

    until: date
    bank: int | None
    """What the bank statement says, if somebody has said it."""
    ledger: int
    liabilities: dict[str, int]
    clients: tuple[ClientBalance, ...]
    overpaid: int
    unidentified: tuple[Unidentified, ...]
    without_receipt: int
    """What was recorded as received without a receipt from the bank: the ledger has it, and no
    bank statement that was read here shows it."""

    @property
    def liability(self) -> int:
        """What the ledger owes to others and to ourselves out of the client account."""
        return sum(self.liabilities.values())

    @property
    def subledgers(self) -> int:
        """The sub-ledgers together."""
        held = sum(client.amount + client.retained for client in self.clients)
        return held + self.overpaid + sum(receipt.amount for receipt in self.unidentified)

    @property
    def negative(self) -> tuple[ClientBalance, ...]:
        """Clinics that got more than was received for them: other clients' money."""
        return tuple(client for client in self.clients if client.amount < 0)

    @property
    def agrees(self) -> bool:
        """Whether all figures that are known are the same, and no client's is below zero."""
        return not self.negative and all(not found.difference for found in self.differences)

    @property
    def differences(self) -> tuple[Explanation, ...]:
        """The difference between each figure and the next."""
        found = [
            Explanation("ledger - liability", self.ledger - self.liability),
            Explanation("liability - subledgers", self.liability - self.subledgers),
        ]
        if self.bank is not None:
            by = self.bank - self.ledger
            known = by and by == -self.without_receipt
            why = "payments that were recorded without a receipt from the bank" if known else None
            found.insert(0, Explanation("bank - ledger", by, why))
        return tuple(found)


def reconcile(
    until: date,
    accounts: Mapping[str, int],
    clients: Sequence[ClientBalance],
    overpaid: int,
    unidentified: Sequence[Unidentified],
    without_receipt: int,
    bank: int | None,
) -> Reconciliation:
    """Put the figures beside each other. ``accounts`` are sums of postings, debit positive."""
    return Reconciliation(
        until=until,
        bank=bank,
        ledger=accounts.get(CLIENT_FUNDS, 0),
        liabilities={name: -accounts.get(name, 0) for name in LIABILITIES},
        clients=tuple(clients),
        overpaid=overpaid,
        unidentified=tuple(unidentified),
        without_receipt=without_receipt,
    )
