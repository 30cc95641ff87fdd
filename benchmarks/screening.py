"""How well notes are screened: ``python -m benchmarks.screening [NOTES] [SEED]``.

Half of the notes have a national identity number or a health code planted in them, in one of
eleven disguises. What is missed for good stands behind a word that calls it something else
(konto, KID, faktura, skjema), which numbers and codes of that shape can't be told from.
"""

import sys
from time import perf_counter

from tests.people.screening import measure

NOTES, SEED = 20_000, 2026


def main() -> None:
    """Print the shares."""
    given = [int(argument) for argument in sys.argv[1:]]
    notes, seed = (*given, *(NOTES, SEED)[len(given) :])
    began = perf_counter()
    found = measure(notes, seed)
    seconds = perf_counter() - began
    print(f"{notes:,} notes of seed {seed} in {seconds:.1f} s")
    print(f"caught of what was planted: {found.caught:.2%}")
    print(f"harmless ones refused: {found.refused_in_vain:.2%}")
    for group, share in found.caught_by_disguise.items():
        print(f"  {group:<42} {share:7.2%}")


if __name__ == "__main__":
    main()
