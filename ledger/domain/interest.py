"""Late interest (forsinkelsesrente): simple, on principal alone, actual/365 in leap years too.

Forsinkelsesrenteloven gives a fixed percentage a year, without interest on interest; a new rate
holds for old claims from its first day (§ 3). Interest runs for each day after the due date up to
and including the day of payment.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

import msgspec

from ledger.domain.events import InterestSegment

DAYS_A_YEAR: Final = 365
_PARTS: Final = 10_000 * DAYS_A_YEAR
"""What an øre at one basis point for one day is divided by."""

_DAY: Final = timedelta(days=1)


class Interest(msgspec.Struct, frozen=True):
    """Interest in øre, and the stretches of days that it was computed from, oldest first."""

    segments: tuple[InterestSegment, ...]
    amount: int


def interest(
    steps: Sequence[tuple[date, int]],
    due: date,
    until: date,
    rate_of: Callable[[date], int],
    pauses: Sequence[tuple[date, date]] = (),
) -> Interest:
    """Interest for each day after ``due``, up to and including ``until``.

    ``steps`` are changes of principal in øre, in any order: what was claimed is positive, what was
    paid or credited negative. A step counts from the day after its date, so that the day of a
    payment still bears interest on what was paid. ``rate_of`` gives the rate of a day in basis
    points; it is asked once for each stretch that bears interest, and may change on 1 January and
    1 July only. ``pauses`` are first and last days between which none runs; they may overlap.

    The sum is exact and is rounded once, half up. What ``rate_of`` raises goes on to the caller.
    """
    changes = sorted(steps)
    paused = _joined(pauses)
    segments: list[InterestSegment] = []
    principal = next_change = next_pause = 0
    for after, last in pairwise(_cuts(changes, paused, due, until)):
        while next_change < len(changes) and changes[next_change][0] <= after:
            principal += changes[next_change][1]
            next_change += 1
        while next_pause < len(paused) and paused[next_pause][1] <= after:
            next_pause += 1
        if principal <= 0 or (next_pause < len(paused) and paused[next_pause][0] <= after + _DAY):
            continue
        rate_bp = rate_of(after + _DAY)
        goes_on = segments and _goes_on(segments[-1], after, principal, rate_bp)
        begin = segments.pop().after if goes_on else after
        segments.append(InterestSegment(begin, last, (last - begin).days, principal, rate_bp))
    return Interest(tuple(segments), rounded(segments))


def rounded(segments: Sequence[InterestSegment]) -> int:
    """The interest of segments together, in øre, rounded half up once."""
    exact = sum(s.principal * s.rate_bp * s.days for s in segments)
    return (2 * exact + _PARTS) // (2 * _PARTS)


def _goes_on(segment: InterestSegment, after: date, principal: int, rate_bp: int) -> bool:
    return (segment.until, segment.principal, segment.rate_bp) == (after, principal, rate_bp)


def _cuts(
    changes: Sequence[tuple[date, int]],
    paused: Sequence[tuple[date, date]],
    due: date,
    until: date,
) -> list[date]:
    """The last days of stretches in which nothing changes, beginning with ``due`` itself."""
    if until <= due:
        return []
    ends = {on for on, _ in changes}
    for first, last in paused:
        ends.add(last)
        if first > due:  # and so has a day before it
            ends.add(first - _DAY)
    for year in range(due.year, until.year + 1):
        ends.update((date(year, 6, 30), date(year, 12, 31)))
    return [due, *sorted(end for end in ends if due < end < until), until]


def _joined(pauses: Sequence[tuple[date, date]]) -> list[tuple[date, date]]:
    joined: list[tuple[date, date]] = []
    for first, last in sorted(pauses):
        if last < first:
            raise ValueError(f"a pause from {first} ends before it begins: {last}")
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined
