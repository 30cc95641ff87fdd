"""Read models: one module each, with its question, its table, its fold and its queries.

All of it can be dropped and rebuilt from the log at any time.
"""

from typing import Final

from ledger.projections.audit_trail import AuditTrail
from ledger.projections.balances import Balances
from ledger.projections.client_funds import ClientFunds
from ledger.projections.debtors import Debtors
from ledger.projections.due_work import DueWork
from ledger.projections.journal import Journal
from ledger.projections.projection import Projection
from ledger.projections.receipts import Receipts
from ledger.projections.refusals import Refusals
from ledger.projections.worklist import Worklist

PROJECTIONS: Final[tuple[Projection, ...]] = (
    Balances(),
    Journal(),
    AuditTrail(),
    DueWork(),
    ClientFunds(),
    Receipts(),
    Refusals(),
    Debtors(),
    Worklist(),
)
"""Every read model there is."""
