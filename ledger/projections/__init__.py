"""Read models: one module each, with its question, its table, its fold and its queries.

All of it can be dropped and rebuilt from the log at any time.
"""

from typing import Final

from ledger.projections.audit_trail import AuditTrail
from ledger.projections.balances import Balances
from ledger.projections.journal import Journal
from ledger.projections.projection import Projection

PROJECTIONS: Final[tuple[Projection, ...]] = (Balances(), Journal(), AuditTrail())
"""Every read model there is."""
