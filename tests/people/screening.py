"""How well notes are screened: what was caught of what was planted, what was refused in vain."""

from collections import Counter
from typing import NamedTuple

from ledger.domain.screening import screen
from tests.people.notes import generated


class Measured(NamedTuple):
    """Shares of 1."""

    caught: float
    refused_in_vain: float
    caught_by_disguise: dict[str, float]
    missed: list[str]
    in_vain: list[str]


def measure(count: int, seed: int) -> Measured:
    """Screen generated notes."""
    planted: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    missed, in_vain, harmless = [], [], 0
    for text, kind, disguise in generated(count, seed):
        found = screen(text) is not None
        if kind is None:
            harmless += 1
            if found:
                in_vain.append(text)
            continue
        group = f"{kind}, {disguise}"
        planted[group] += 1
        caught[group] += found
        if not found:
            missed.append(text)
    return Measured(
        caught=caught.total() / planted.total(),
        refused_in_vain=len(in_vain) / harmless,
        caught_by_disguise={group: caught[group] / planted[group] for group in sorted(planted)},
        missed=missed,
        in_vain=in_vain,
    )
