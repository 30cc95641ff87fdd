"""Which part of a debt a payment pays.

No statute orders a voluntary part payment: the debtor may choose, else the creditor does
(Lovavdelingen 1998/11444). The customary order is costs, interest, principal. The order that
was used is recorded with each payment.
"""

from collections.abc import Iterable, Mapping
from typing import Final, get_args

from ledger.domain.case import Case
from ledger.domain.events import AllocationOrder, Component, FeeComponent, Part

_COSTS: Final[tuple[Component, ...]] = get_args(FeeComponent)
_INTEREST: Final[tuple[Component, ...]] = ("interest",)
_PRINCIPAL: Final[tuple[Component, ...]] = ("principal", "charge")

SEQUENCE: Final[dict[AllocationOrder, tuple[Component, ...]]] = {
    "costs_interest_principal": _COSTS + _INTEREST + _PRINCIPAL,
    "principal_interest_costs": _PRINCIPAL + _INTEREST + _COSTS,
}

Owed = Mapping[tuple[Component, str | None], int]


def allocate(
    amount: int, owed: Owed, order: AllocationOrder, oldest_first: Iterable[str | None]
) -> tuple[tuple[Part, ...], int]:
    """Share an amount out over what is owed; returns the parts and what is left over.

    Amounts are in minor units. Within one component the claims are paid in the order given
    by ``oldest_first``; costs of the case as a whole (claim ``None``) come before those of a
    single claim. The parts and the rest always sum to ``amount``.
    """
    rank = {claim: place for place, claim in enumerate((None, *oldest_first))}
    last = len(rank)
    by_component: dict[Component, list[tuple[int, str | None, int]]] = {}
    for (component, claim), due in owed.items():
        if due > 0:
            by_component.setdefault(component, []).append((rank.get(claim, last), claim, due))
    parts: list[Part] = []
    rest = amount
    for component in SEQUENCE[order]:
        if component not in by_component:
            continue
        for _, claim, due in sorted(by_component[component], key=lambda c: (c[0], c[1] or "")):
            if not rest:
                break
            taken = min(rest, due)
            parts.append(Part(component, taken, claim))
            rest -= taken
    return tuple(parts), rest


def all_of(owed: Owed) -> tuple[Part, ...]:
    """Everything that is owed, as parts: what a full credit or write-off gives up."""
    return tuple(Part(component, due, claim) for (component, claim), due in owed.items() if due > 0)


def by_line(case: Case, parts: Iterable[Part]) -> tuple[Part, ...]:
    """The same parts, with those of the principal shared out over the lines of their invoice.

    The patient's share comes first: the clinic has to report it when it is paid, and it counts
    towards the frikort only then.
    """
    parts = tuple(parts)
    left: dict[tuple[str, int], int] = {}
    for part in parts:
        invoice = case.invoices.get(part.claim or "") if part.component == "principal" else None
        if invoice is not None and part.line in invoice.lines_owed:
            key = (part.claim or "", part.line)
            left[key] = left.get(key, invoice.lines_owed[part.line]) - part.amount
    found: list[Part] = []
    for part in parts:
        invoice = case.invoices.get(part.claim or "") if part.component == "principal" else None
        if invoice is None or part.line is not None:
            found.append(part)
            continue
        rest = part.amount
        for line in sorted(invoice.lines, key=lambda line: (not line.egenandel, line.line)):
            key = (part.claim or "", line.line)
            open_amount = left.setdefault(key, invoice.lines_owed[line.line])
            taken = min(rest, open_amount)
            if taken > 0:
                left[key] -= taken
                rest -= taken
                found.append(Part("principal", taken, part.claim, line.line))
        if rest:
            found.append(Part("principal", rest, part.claim))
    return tuple(found)
