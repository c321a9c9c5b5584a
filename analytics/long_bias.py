"""Long bias of one group of coins: how far the long/short ratio is from 1, and how sure that is.

What belongs here: statistics over coins of one day. Which coins count, and what a tier is, does not.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]


class Bias(NamedTuple):
    """Ratios of one group. The interval is NaN, and the reason not empty, where there are too few coins."""

    n: int
    median_ratio: float
    share_above_1: float
    ci_low: float
    ci_high: float
    iqr: float
    reason: str


class Share(NamedTuple):
    """A share with its Wilson interval and the exact probability of at least as many under `null`."""

    share: float
    low: float
    high: float
    p_value: float


def seeded(*parts: object) -> np.random.Generator:
    """A generator whose draws depend on the given parts only (mart, date, parameters), on every machine."""
    text = "|".join(str(part) for part in parts)
    return np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big"))


def bias(ratios: Floats, rng: np.random.Generator, min_coins: int = 5, draws: int = 1999, level: float = 0.95) -> Bias:
    """Median, share above 1, interquartile range and the bootstrap interval of the median of ratios (n,), all > 0."""
    n = len(ratios)
    if n == 0:
        return Bias(0, np.nan, np.nan, np.nan, np.nan, np.nan, "no coin with a ratio and a cap this day")
    low, high, reason = np.nan, np.nan, ""
    if n < min_coins:
        reason = f"{n} of at least {min_coins} coins: no interval"
    else:
        tail = (1 - level) / 2
        low, high = np.quantile(bootstrap_medians(ratios, rng, draws), [tail, 1 - tail])
    lower, median, upper = np.quantile(ratios, [0.25, 0.5, 0.75])
    above = float(np.mean(ratios > 1))
    return Bias(n, float(median), above, float(low), float(high), float(upper - lower), reason)


def bootstrap_medians(x: Floats, rng: np.random.Generator, draws: int) -> Floats:
    """Medians of `draws` resamples of x, shape (n,), drawn from their exact distribution without resampling.

    The k-th smallest of n resampled indices is the floor of n times the k-th smallest of n uniforms, which is Beta(k,
    n - k + 1); the next one follows from it. So a median costs two draws, not n. Source: Efron 1979; David & Nagaraja.
    """
    ordered = np.sort(x)
    n = len(ordered)
    lower_rank = (n + 1) // 2
    lower = rng.beta(lower_rank, n - lower_rank + 1, draws)
    upper = lower if n % 2 else lower + (1 - lower) * rng.beta(1, n - lower_rank, draws)
    at_lower, at_upper = (np.minimum((u * n).astype(np.int64), n - 1) for u in (lower, upper))
    medians: Floats = (ordered[at_lower] + ordered[at_upper]) / 2
    return medians


def share_above(above: int, n: int, null: float = 0.5, level: float = 0.95) -> Share:
    """The share above/n, n ≥ 1, with its Wilson interval; p is exact and one-sided (more than `null`)."""
    test = stats.binomtest(above, n, null, alternative="greater")
    interval = stats.binomtest(above, n, null).proportion_ci(level, method="wilson")
    return Share(above / n, float(interval.low), float(interval.high), float(test.pvalue))
