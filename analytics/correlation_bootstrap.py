"""Bootstrap intervals of correlations at month-ends and the last session; all pairs share the resamples of a window.

Belongs here: which resamples a date has, and correlations of resamples. Which rows there are is said in equity_crypto.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.bootstrap import block_length, percentile_interval, resampled_positions
from analytics.correlation import Series, windows_at
from analytics.long_bias import seeded
from analytics.market import CRYPTO, EQUITIES, EQUITY_ALIGNMENT, Market, Positions, aligned_windows

Counts = NDArray[np.float64]


class Intervals(NamedTuple):
    """Of one pair, (k,) each, one item per end; NaN where no bootstrap was made. block: mean length in sessions."""

    low: Series
    high: Series
    block: Series


def intervals(
    whole: Market, ends: Positions, window: int, *, needed: int, draws: int, confidence: float, params_hash: str
) -> dict[tuple[str, str], Intervals]:
    """Stationary-bootstrap intervals of pairs (Politis & Romano 1994) at those of `ends` that are as-of dates.

    Days are resampled as a whole, so one set of resamples serves all pairs; its blocks are long enough for every
    series. needed: values that a window must have. The draws hang on date, window and params_hash only.
    """
    found = {
        (equity, crypto): Intervals(*(np.full(len(ends), np.nan) for _ in Intervals._fields))
        for equity in EQUITIES
        for crypto in CRYPTO
    }
    due = np.flatnonzero(np.isin(ends, whole.as_of))
    at = ends[due]
    shares = {name: windows_at(whole.of(name, EQUITY_ALIGNMENT).session, at, window) for name in EQUITIES}
    coins = {name: aligned_windows(whole, name, at, window, needed)[0] for name in CRYPTO}
    for row, position in enumerate(due):
        series = {name: values[row] for name, values in (shares | coins).items()}
        covered = {name for name, values in series.items() if np.isfinite(values).sum() >= needed}
        if not covered:
            continue
        block = block_length(*(series[name][np.isfinite(series[name])] for name in sorted(covered)))
        day = whole.sessions[ends[position]].date()
        rng = seeded("equity_crypto_correlation", day, window, params_hash)
        counts = drawn_counts(resampled_positions(window, block, draws, rng))
        for (equity, crypto), pair in found.items():
            x, y = series[equity], series[crypto]
            if (np.isfinite(x) & np.isfinite(y)).sum() >= needed:
                low, high = percentile_interval(resampled_correlations(x, y, counts), confidence)
                pair.low[position], pair.high[position], pair.block[position] = low, high, block
    return found


def drawn_counts(positions: NDArray[np.int64]) -> Counts:
    """How often each resample drew each position, shape of `positions`."""
    draws, n = positions.shape
    offsets = (np.arange(draws) * n)[:, None]
    return np.bincount((positions + offsets).ravel(), minlength=draws * n).reshape(draws, n).astype(np.float64)


def resampled_correlations(x: Series, y: Series, counts: Counts) -> Series:
    """Pearson correlation of every resample of pairs (n,), NaN missing, from how often it drew each; (draws,)."""
    both = np.isfinite(x) & np.isfinite(y)
    zx, zy = (
        np.where(both, (z - z[both].mean()) / z[both].std(), 0.0) if z[both].std() > 0 else z * np.nan for z in (x, y)
    )
    moments = np.column_stack([both, zx, zy, zx * zx, zy * zy, zx * zy])
    n, sx, sy, sxx, syy, sxy = (counts @ moments).T
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = sxy / n - sx * sy / n**2
        correlation: Series = covariance / np.sqrt((sxx / n - (sx / n) ** 2) * (syy / n - (sy / n) ** 2))
    return np.clip(correlation, -1.0, 1.0)
