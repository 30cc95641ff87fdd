"""Something that is not as it must be."""

from collections.abc import Callable
from typing import Any

import msgspec


class Difference(msgspec.Struct, frozen=True, omit_defaults=True):
    """What verification found, and where."""

    what: str
    position: int | None = None
    """The first entry that is concerned, where that can be told."""
    case: str | None = None
    expected: Any = None
    found: Any = None

    def comes_before(self, other: "Difference") -> bool:
        """Whether it is at a lower position; at any position rather than at none."""
        if self.position is None or other.position is None:
            return self.position is not None and other.position is None
        return self.position < other.position


Report = Callable[[Difference], None]
"""Takes note of a difference."""
