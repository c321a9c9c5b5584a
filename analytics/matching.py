"""Do two paths turn together? Matched turning points, concordance of phases, and what shifted paths give by chance.

Belongs here: statistics of two sets of pivots. What a pivot is, is said in turning_points.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from statsmodels.regression.linear_model import OLS

from analytics.correlation import Series
from analytics.turning_points import Pivot

_FEWEST_STATES = 30  # common sessions below which phases say nothing


class Concordance(NamedTuple):
    """Share of sessions in the same phase, what independent phases as long as these give, and the one-sided HAC p."""

    value: float
    expected: float
    hac_p: float
    n: int


def matched(first: Sequence[Pivot], second: Sequence[Pivot], tolerance: int) -> list[tuple[Pivot, Pivot]]:
    """As many one-to-one pairs of pivots of one kind as there can be, each within `tolerance` sessions; in order.

    Highs match highs only, lows lows. Walking both in time and pairing the earliest that fit is optimal on a line.
    """
    pairs = []
    for kind in {pivot.kind for pivot in first}:
        left, right = ([pivot for pivot in side if pivot.kind == kind] for side in (first, second))
        i = j = 0
        while i < len(left) and j < len(right):
            apart = right[j].position - left[i].position
            if abs(apart) <= tolerance:
                pairs.append((left[i], right[j]))
                i, j = i + 1, j + 1
            elif apart > 0:
                i += 1
            else:
                j += 1
    return sorted(pairs)


def match_share(pairs: int, first: int, second: int) -> float:
    """Matched pivots over all pivots of both paths; NaN without pivots."""
    return 2 * pairs / (first + second) if first + second else np.nan


def shifted_shares(
    first: Sequence[Pivot], second: Sequence[Pivot], start: int, window: int, tolerances: Sequence[int]
) -> NDArray[np.float64]:
    """Match shares when the second path's pivots are shifted around the window by 1 … window−1, (tolerances, shifts).

    Positions are counted from `start`. Every shift is taken, none is drawn, near ones too: leaving them out would break
    the symmetry that makes the p-value exact. A pivot of the first path has a match when any of the second is near:
    that is one-to-one as long as pivots of one kind are more than twice the tolerance apart.
    """
    by = np.arange(1, window)
    counts = np.zeros((len(tolerances), len(by)))
    for kind in {pivot.kind for pivot in first}:
        left, right = (
            np.array([pivot.position - start for pivot in side if pivot.kind == kind]) for side in (first, second)
        )
        if len(right):
            moved = (right[None, :] + by[:, None]) % window
            nearest = np.abs(left[None, :, None] - moved[:, None, :]).min(axis=2)
            counts += np.array([(nearest <= tolerance).sum(axis=1) for tolerance in tolerances])
    total = len(first) + len(second)
    return 2 * counts / total if total else np.full_like(counts, np.nan)


def concordance(first: Series, second: Series, lags: int) -> Concordance:
    """Harding & Pagan's concordance of two phase states (n,), 1 rising, 0 falling, NaN unknown, and its test.

    Under independence the regression of one state on the other has slope 0; its t uses Newey-West errors with `lags`,
    because phases last. p is one-sided: more concordant than independent. NaN where one of them never changes.
    Source: Harding & Pagan 2006.
    """
    common = np.isfinite(first) & np.isfinite(second)
    x, y = first[common], second[common]
    n = len(x)
    if n < _FEWEST_STATES or np.ptp(x) == 0 or np.ptp(y) == 0:
        return Concordance(np.nan, np.nan, np.nan, n)
    value = float(np.mean(x * y + (1 - x) * (1 - y)))
    expected = float(x.mean() * y.mean() + (1 - x.mean()) * (1 - y.mean()))
    fit = OLS(y, np.column_stack([np.ones(n), x])).fit(cov_type="HAC", cov_kwds={"maxlags": min(lags, n // 3)})
    return Concordance(value, expected, float(stats.norm.sf(fit.tvalues[1])), n)


def shifted_concordances(first: Series, second: Series) -> NDArray[np.float64]:
    """Concordance for every circular shift of the second state in their common span; empty where that is too short."""
    common = np.isfinite(first) & np.isfinite(second)
    x, y = 2 * first[common] - 1, 2 * second[common] - 1
    if len(x) < _FEWEST_STATES:
        return np.empty(0)
    products = np.fft.irfft(np.fft.rfft(x) * np.fft.rfft(y).conj(), len(x))[1:]
    shares: NDArray[np.float64] = (1 + np.round(products) / len(x)) / 2
    return shares


def exceedance(value: float, chance: NDArray[np.float64]) -> float:
    """P(chance ≥ value), the value itself among the chances; NaN without either."""
    if not len(chance) or not np.isfinite(value):
        return np.nan
    return float((1 + (chance >= value - 1e-12).sum()) / (1 + len(chance)))
