"""What many stories begin with, and what they ask of a case."""

from ledger.domain.case import Case
from ledger.domain.events import Part
from ledger.simulation.life import People

SENIOR = "senior:s1"
USUAL_CLINIC = "clinic-fjord"
"""Its letters go out by themselves, and cost what the law allows."""


def visit_cost(me: People) -> int:
    """What a visit costs, in øre."""
    return me.rng.choice((179_00, 230_00, 280_00, 413_00, 512_00, 690_00, 1_240_00))


def claim_a_visit(me: People) -> int:
    """Open the case and claim a visit; returns what was claimed."""
    amount = visit_cost(me)
    me.open()
    me.invoice(("consultation", amount))
    return amount


def owed(case: Case) -> int:
    """What a letter or the agent on the phone would say today, without interest still running."""
    return case.outstanding


def fees(case: Case) -> tuple[Part, ...]:
    return tuple(
        Part(component, amount, claim)
        for (component, claim), amount in case.owed.items()
        if component not in {"principal", "charge", "interest"}
    )
