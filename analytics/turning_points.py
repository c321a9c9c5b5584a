"""Turning points of a price path: local highs and lows that alternate, last and matter, with the day they are known.

Belongs here: from one path to its pivots and its states. How the pivots of two paths are compared is said in matching.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from analytics.correlation import Series, window_variances, windows_at

PEAK, TROUGH = 1, -1


class Pivot(NamedTuple):
    """A turning point: its position, its kind (PEAK or TROUGH), its log price, and the position that confirms it."""

    position: int
    kind: int
    level: float
    confirmed_at: int


@dataclass(frozen=True)
class PivotRule:
    """k: sessions on both sides that an extreme stands out from. min_phase: sessions between two pivots.

    min_amplitude: log price between two pivots, and at least `spreads` standard deviations.
    """

    k: int
    min_phase: int = 15
    min_amplitude: float = 0.05
    spreads: float = 2.0


def pivots(level: Series, spread: Series, rule: PivotRule) -> list[Pivot]:
    """The turning points of a log price path (n,), NaN missing, in order; a pivot at t uses nothing after t + k.

    spread: (n,), the standard deviation in log units that the amplitude at t is measured by, known at t; NaN counts as
    none. Highs and lows alternate: of two highs without a low between them the higher one stays. An extreme too near or
    too close in price to the pivot before it is none. Source: Bry & Boschan 1971, without their smoothing.
    """
    return alternating(extremes(level, rule.k), level, spread, rule)


def alternating(candidates: list[tuple[int, int]], level: Series, spread: Series, rule: PivotRule) -> list[Pivot]:
    """The pivots among candidates, (position, kind) in order. The first candidates give the pivots known by then."""
    found: list[Pivot] = []
    for position, kind in candidates:
        new = Pivot(position, kind, float(level[position]), position + rule.k)
        last = found[-1] if found else None
        if last is None:
            found.append(new)
        elif kind == last.kind:
            if kind * (new.level - last.level) > 0:
                found[-1] = new
        elif _is_phase(last, new, float(spread[position]), rule):
            found.append(new)
    return found


def extremes(level: Series, k: int) -> list[tuple[int, int]]:
    """(position, kind) of each value strictly above, or strictly below, all others within k sessions on both sides.

    Missing values (NaN) are not compared with; at least one value must be there on each side.
    """
    if len(level) < 2 * k + 1:
        return []
    found = []
    for kind in (PEAK, TROUGH):
        windows = sliding_window_view(np.where(np.isfinite(level), kind * level, -np.inf), 2 * k + 1)
        before, centre, after = windows[:, :k].max(axis=1), windows[:, k], windows[:, k + 1 :].max(axis=1)
        stands_out = (centre > np.maximum(before, after)) & np.isfinite(before) & np.isfinite(after)
        found += [(int(position) + k, kind) for position in np.flatnonzero(stands_out)]
    return sorted(found)


def states(found: list[Pivot], n: int) -> Series:
    """1 while the path rises from a low to a high, 0 while it falls, NaN before the first and after the last pivot.

    A session belongs to the phase that ends with it. Shape (n,).
    """
    state = np.full(n, np.nan)
    for before, after in pairwise(found):
        state[before.position + 1 : after.position + 1] = float(after.kind == PEAK)
    return state


def trailing_spread(returns: Series, window: int, min_coverage: float) -> Series:
    """Standard deviation of the `window` returns up to each session, (n,); NaN where fewer are there."""
    ends = np.arange(len(returns))
    return np.sqrt(window_variances(windows_at(returns, ends, window), min_coverage))


def _is_phase(last: Pivot, new: Pivot, spread: float, rule: PivotRule) -> bool:
    moved = new.kind * (new.level - last.level)
    needed = max(rule.min_amplitude, rule.spreads * spread if np.isfinite(spread) else 0.0)
    return new.position - last.position >= rule.min_phase and moved >= needed
