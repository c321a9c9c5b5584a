"""Does one quantity fall or rise along another? Rank correlations, slopes, ordered groups, and their mean over time.

What belongs here: tests on arrays of one day or one series of daily coefficients. Their verdicts do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.integrate import quad
from scipy.linalg import toeplitz
from scipy.optimize import brentq
from statsmodels.regression.linear_model import OLS

Floats = NDArray[np.float64]
Ints = NDArray[np.int_]
MOST_KEPT = 0.97  # of a day's value that the next one may keep: beyond it the error is a guess (Andrews & Monahan 1992)
MOST_DAYS = 200  # of a series whose fixed-b law is computed as it is: the time grows with the third power


class Trend(NamedTuple):
    """How y moves with x: rank correlations with a two-sided p, and the median of all pairwise slopes (y per x)."""

    spearman_rho: float
    spearman_p: float
    kendall_tau: float
    theil_sen_slope: float


class Ordered(NamedTuple):
    """Jonckheere's statistic (pairs in order, ties count half), its mean under no trend, and the one-sided p."""

    statistic: float
    expected: float
    p_value: float


class Mean(NamedTuple):
    """A mean of dependent daily values: interval and two-sided p with Newey-West errors, and the days it is worth."""

    mean: float
    low: float
    high: float
    p_value: float
    n: int
    n_eff: float


def trend(x: Floats, y: Floats) -> Trend:
    """Spearman, Kendall's tau-b and the Theil-Sen slope of y (n,) on x (n,). Raises ValueError below 3 pairs."""
    if len(x) != len(y) or len(x) < 3:  # noqa: PLR2004 - a rank correlation of two pairs is always ±1
        raise ValueError("a trend needs at least three pairs")
    rho, p = stats.spearmanr(x, y)
    tau = stats.kendalltau(x, y, variant="b").statistic
    return Trend(float(rho), float(p), float(tau), float(stats.theilslopes(y, x).slope))


def jonckheere_terpstra(y: Floats, group: Ints, rng: np.random.Generator, permutations: int = 1999) -> Ordered:
    """Does y rise from group to group? Permutation test against no difference between the groups.

    y: (n,), group: (n,) integers in the order the alternative claims. p = (1 + permutations at least as large) /
    (1 + B), NaN when fewer than two groups have members. Source: Jonckheere 1954, Terpstra 1952.
    """
    _, codes = np.unique(group, return_inverse=True)
    groups = int(codes.max()) + 1 if len(codes) else 0
    if groups < 2:  # noqa: PLR2004 - one group has no order
        return Ordered(np.nan, np.nan, np.nan)
    order = np.argsort(y, kind="stable")
    labels = codes[order].astype(np.int8)
    _, first, size = np.unique(y[order], return_index=True, return_counts=True)
    start, end = np.repeat(first, size), np.repeat(first + size, size)
    shuffled = rng.permuted(np.tile(labels, (permutations, 1)), axis=1)
    drawn = _pairs_in_order(np.vstack([labels, shuffled]), groups, start, end)
    sizes = np.bincount(codes)
    expected = float(len(y) ** 2 - np.sum(sizes**2)) / 4
    p = (1 + int(np.sum(drawn[1:] >= drawn[0]))) / (1 + permutations)
    return Ordered(float(drawn[0]), expected, p)


def _pairs_in_order(labels: NDArray[np.int8], groups: int, start: Ints, end: Ints) -> Floats:
    """Pairs whose values and groups are in the same order, half a pair for equal values.

    labels: (B, n), groups of the values in rising order; equal values occupy start[i] … end[i]-1. Returns (B,).
    """
    rows, n = labels.shape
    total = np.zeros(rows)
    below = np.zeros((rows, n + 1), dtype=np.int32)  # below[:, i]: members of lower groups among the first i values
    for later in range(1, groups):
        np.cumsum(labels < later, axis=1, out=below[:, 1:])
        passed = below[:, start] + below[:, end]  # twice (lower values) plus the equal ones
        total += np.where(labels == later, passed, 0).sum(axis=1) / 2
    return total


def newey_west_mean(values: Floats, lags: int, level: float = 0.95) -> Mean:
    """The mean of daily coefficients (n,) whose neighbours are alike (Fama & MacBeth 1973, Newey & West 1987).

    Where a day keeps some of the day before, that is taken out before the error is estimated and put back into it
    (Andrews & Monahan 1992); `_kept` says how much. The error itself is estimated from few independent days, so
    interval and p are of the law of Kiefer and Vogelsang (2005), where the lags are a fixed share of the days. 0 lags
    say that days are independent: Student's t. n_eff is how many independent days would give the same standard error.
    Raises ValueError below 3 values and for values that are not finite.
    """
    if len(values) < 3:  # noqa: PLR2004 - two values have no autocorrelation
        raise ValueError("a mean over time needs at least three values")
    if not np.isfinite(values).all():
        raise ValueError("a mean over time needs known values: leave out the days without one")
    moves = np.ptp(values) > 0  # or the rounding of the mean would pass for an error
    mean, kept = float(values.mean()), _kept(values) if lags and moves else 0.0
    steps = values[1:] - kept * values[:-1] if kept else values
    fit = OLS(steps, np.ones(len(steps))).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True})
    error = float(fit.bse[0]) * np.sqrt(len(steps) / len(values)) / (1 - kept) if moves else 0.0
    n, bandwidth = _comparable(len(values), lags)
    half = _fixed_b_quantile(n, bandwidth, level) * error
    p = _fixed_b_p(abs(mean) / error, n, bandwidth) if error > 0 else float(mean == 0)
    n_eff = float(np.var(values, ddof=1)) / error**2 if error > 0 else float(len(values))
    return Mean(mean, mean - half, mean + half, p, len(values), min(n_eff, float(len(values))))


def _kept(values: Floats) -> float:
    """The share of a day's distance from the mean (n,) that the next day keeps, between 0 and MOST_KEPT.

    The lag-1 regression finds too little in few days, by (1 + 3φ) / n (Marriott & Pope 1954), which is added. A series
    that swings back is left as it is: that makes an error smaller, never a finding of nothing.
    """
    rest = values - values.mean()
    spread = float(rest[:-1] @ rest[:-1])
    if spread == 0:
        return 0.0
    slope = float(rest[1:] @ rest[:-1]) / spread
    return float(np.clip(slope + (1 + 3 * slope) / len(values), 0, MOST_KEPT))


def _comparable(n: int, lags: int) -> tuple[int, float]:
    """At most MOST_DAYS days, and the bandwidth (lags + 1) that is the same share of them.

    The law of many days depends on that share alone: with 20 lags, p from 0.03 down to 0.0002 of 300 to 1,000 days are
    met within 1 %.
    """
    days = min(n, MOST_DAYS)
    return days, max((lags + 1) / n * days, 1.0)


def _fixed_b_p(ratio: float, n: int, bandwidth: float) -> float:
    """P(|mean / Newey-West error| > ratio) for n independent normal values: exact, so it needs no draws.

    The squared mean is chi-squared, the squared error an independent sum of chi-squares with the weights of
    `_error_weights`. Given the error it is erfc, as Craig (1991) writes it an integral of exponentials of the squared
    error, whose expectations are known. With a bandwidth of 1 (no lags) this is Student's t.
    """
    scaled = ratio**2 * _error_weights(n, bandwidth)

    def given(angle: float) -> float:
        return float(np.exp(-0.5 * np.log1p(scaled / np.sin(angle) ** 2).sum()))

    return min(2 / np.pi * float(quad(given, 0, np.pi / 2, epsabs=0, epsrel=1e-8, limit=200)[0]), 1.0)


@lru_cache(maxsize=64)
def _fixed_b_quantile(n: int, bandwidth: float, level: float) -> float:
    """The ratio of mean to error that |ratio| stays below with probability `level`."""
    return float(brentq(lambda ratio: _fixed_b_p(ratio, n, bandwidth) - (1 - level), 0, 1e6, xtol=1e-6))


@lru_cache(maxsize=64)
def _error_weights(n: int, bandwidth: float) -> Floats:
    """Weights (n,) of the chi-squares whose sum is the squared Newey-West error, in variances of the mean."""
    bartlett = toeplitz(np.clip(1 - np.arange(n) / bandwidth, 0, None))
    centred = bartlett - bartlett.mean(axis=0) - bartlett.mean(axis=1)[:, None] + bartlett.mean()
    weights: Floats = np.clip(np.linalg.eigvalsh(centred), 0, None) / (n - 1)
    weights.flags.writeable = False  # every caller gets the same array
    return weights


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted for the tests in their family; NaN (not tested) stays and does not count. Source: Holm 1979."""
    p = np.asarray(p_values, dtype=float)
    adjusted = np.full(len(p), np.nan)
    tested = np.flatnonzero(np.isfinite(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    factors = len(order) - np.arange(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1.0)
    return [float(value) for value in adjusted]
