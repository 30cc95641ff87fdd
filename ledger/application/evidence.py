"""Evidence of a case, with what the ledger has to say about it beside what the log proves.

The explanation and the rules that it rests on are made from the very entries that the evidence
holds, so that whoever checks it can hold the one against the other.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from ledger.application.applied_rules import applied_rules
from ledger.application.explaining import explanation_view
from ledger.application.ledger import Ledger
from ledger.domain.case import Case
from ledger.domain.explanation import explain
from ledger.domain.recorded import Recorded
from ledger.proof.evidence import Document, make_evidence
from ledger.proof.notes import Note
from ledger.proof.signer import Signer
from ledger.proof.witnesses import RemoteWitness


def case_evidence(
    ledger: Ledger,
    case: UUID,
    signer: Signer,
    *,
    earlier: Sequence[Note] = (),
    witnesses: Sequence[RemoteWitness] = (),
    subject: Mapping[str, Any] | None = None,
) -> Document:
    """The evidence of a case, explained as of today.

    ``subject`` is what the vault tells of the debtor, where the reader may see it. Raises what
    ``make_evidence`` raises.
    """

    def explained(entries: Sequence[Recorded]) -> Document:
        folded = Case.fold(case, entries)
        rules = ledger.rules_of(folded.creditor)
        explanation = explain(entries, ledger.today(), rules)
        return {
            "explanation": explanation_view(ledger.book, explanation),
            "rules": applied_rules(folded, explanation, rules),
        }

    return make_evidence(
        ledger.engine,
        ledger.book,
        case,
        signer,
        earlier=earlier,
        witnesses=witnesses,
        explained=explained,
        subject=subject,
    )
