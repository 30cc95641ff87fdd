"""What does each side say of the client funds at the end of a day?"""

from datetime import date
from typing import Final

from sqlalchemy import Connection, text

from ledger.domain.accounts import CLIENT_FUNDS, OVERPAYMENT
from ledger.domain.reconciliation import (
    ClientBalance,
    Reconciliation,
    Unidentified,
    reconcile,
)
from ledger.projections.client_funds import held
from ledger.projections.receipts import unidentified

_ACCOUNTS: Final = """
    SELECT account, sum(amount)::bigint FROM projections.journal
    WHERE book = :book AND value_date <= :until GROUP BY account
"""
_OVERPAID: Final = """
    SELECT coalesce(-sum(amount), 0)::bigint FROM projections.journal
    WHERE book = :book AND value_date <= :until AND account = :account
"""
_WITHOUT_RECEIPT: Final = """
    SELECT coalesce(sum(amount), 0)::bigint
    FROM projections.journal JOIN projections.audit_trail USING (book, position)
    WHERE book = :book AND journal.value_date <= :until AND account = :account
      AND event IN ('payment_received', 'payment_reversed')
"""


def reconciliation(
    connection: Connection, book: str, until: date, bank: int | None = None
) -> Reconciliation:
    """The client funds of a book as they are known now for the end of a day.

    ``bank`` is what the bank statement says then, in minor units. Everything is read in the
    connection's transaction: let it be one snapshot.
    """
    of_day = {"book": book, "until": until}
    accounts = {name: amount for name, amount in connection.execute(text(_ACCOUNTS), of_day)}
    overpaid = connection.execute(text(_OVERPAID), {**of_day, "account": OVERPAYMENT}).scalar_one()
    without = connection.execute(
        text(_WITHOUT_RECEIPT), {**of_day, "account": CLIENT_FUNDS}
    ).scalar_one()
    clients: dict[str, ClientBalance] = {}
    for row in held(connection, book, until=until):
        late = row.pay_out_by is not None and row.pay_out_by < until
        before = clients.get(row.clinic)
        clients[row.clinic] = ClientBalance(
            clinic=row.clinic,
            amount=row.creditors + (before.amount if before else 0),
            retained=row.retained + (before.retained if before else 0),
            overdue=(row.creditors if late else 0) + (before.overdue if before else 0),
        )
    waiting = [
        Unidentified(
            receipt=row.receipt,
            amount=row.amount,
            booked_on=row.booked_on,
            age_days=(until - row.booked_on).days,
            reason=row.reason,
        )
        for row in unidentified(connection, book, until)
    ]
    return reconcile(until, accounts, list(clients.values()), overpaid, waiting, without, bank)
