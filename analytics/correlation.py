"""Correlation of two return series, with an interval that knows about autocorrelation.

Belongs here: statistics of windows. Which windows and which sessions are looked at is said in equity_crypto.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import stats

Series = NDArray[np.float64]
Windows = NDArray[np.float64]  # (k, w): one window a row, oldest value first, NaN missing
Mask = NDArray[np.bool_]
Method = Literal["pearson", "spearman", "winsorised", "ewma"]
_FEWEST = 4  # Fisher's standard error is 1/sqrt(n - 3)
_RANK_VARIANCE = 1.06  # of the z of a rank correlation (Fieller, Hartley & Pearson 1957)
_CONSTANT = 1e-12  # spread relative to size below which a series has none


class Interval(NamedTuple):
    """A correlation with its interval; `n_eff` is the number of independent pairs that n dependent ones are worth."""

    correlation: float
    low: float
    high: float
    n: int
    n_eff: float


class Correlations(NamedTuple):
    """Correlations of many windows, all of shape (k,); NaN where a window has too few pairs or no spread."""

    correlation: Series
    low: Series
    high: Series
    n: NDArray[np.int64]
    n_eff: Series
    partial: Series
    incremental_r2: Series


@dataclass(frozen=True)
class Shape:
    """confidence: of the interval. decay: of ewma weights, per session. winsor_share: cut at each end of a window."""

    confidence: float = 0.95
    decay: float = 0.94
    winsor_share: float = 0.01


def pearson_interval(x: Series, y: Series, confidence: float = 0.95) -> Interval:
    """Pearson correlation of two series of shape (n,) with a Fisher-z interval on `n_eff` pairs.

    `n_eff = n (1 − φx φy) / (1 + φx φy)`, φ the lag-1 autocorrelations, and never more than n.
    Raises `ValueError` for fewer than 4 pairs, unequal lengths or missing values.
    """
    _check(x, y)
    found = correlate(x[None], y[None], np.full((1, len(x)), np.nan), shape=Shape(confidence))
    return Interval(
        float(found.correlation[0]), float(found.low[0]), float(found.high[0]), len(x), float(found.n_eff[0])
    )


def partial_correlation(x: Series, y: Series, control: Series) -> float:
    """Correlation of x and y, all of shape (n,), after a linear fit on `control` is taken out of both."""
    _check(x, y)
    _check(x, control)
    return float(correlate(x[None], y[None], control[None]).partial[0])


def correlate(
    x: Windows,
    y: Windows,
    control: Windows,
    method: Method = "pearson",
    *,
    fewest: int | NDArray[np.int64] = _FEWEST,
    shape: Shape | None = None,
) -> Correlations:
    """Correlation of x and y in each window, its Fisher-z interval on `n_eff` pairs, and what a control leaves of it.

    Pairs with a missing side are left out; windows with fewer than `fewest` pairs, in all or per window, are NaN. The
    partial correlation is the one left after a linear fit on `control` is taken out of both; the incremental R² is what
    x adds to the variance of y that `control` explains alone.
    winsorised: values beyond the outer quantiles of their window are set to them. ewma: weights decay
    towards the past, and n_eff starts from their effective number (Kish 1965).
    """
    shape = shape or Shape()
    both = np.isfinite(x) & np.isfinite(y)
    n = both.sum(axis=1)
    weights = shape.decay ** np.arange(x.shape[1] - 1, -1, -1.0) if method == "ewma" else np.ones(x.shape[1])
    zx, zy = (_scores(series, both, method, weights, shape.winsor_share) for series in (x, y))
    fewest = np.maximum(fewest, _FEWEST)
    r = np.where(n >= fewest, _products(zx, zy), np.nan)
    n_eff = _effective(x, y, both, weights) if method == "ewma" else _autocorrelated(n.astype(np.float64), zx, zy)
    low, high = _fisher(r, n_eff, shape.confidence, _RANK_VARIANCE if method == "spearman" else 1.0)
    three = both & np.isfinite(control)
    if not np.array_equal(three, both):
        zx, zy = (_scores(series, three, method, weights, shape.winsor_share) for series in (x, y))
    zc = _scores(control, three, method, weights, shape.winsor_share)
    enough = (three.sum(axis=1) >= fewest) & np.isfinite(r)
    partial = np.where(enough, _partial(zx, zy, zc), np.nan)
    incremental = partial**2 * (1 - _products(zy, zc) ** 2)
    return Correlations(r, low, high, n, np.where(np.isfinite(r), n_eff, np.nan), partial, incremental)


def windows_at(series: Series, ends: NDArray[np.int64], window: int) -> Windows:
    """The `window` values up to and including each position of `ends`; NaN before the first value."""
    padded = np.concatenate([np.full(window - 1, np.nan), series])
    view: Windows = sliding_window_view(padded, window)[ends]
    return view


def weeks_at(
    series: Series, week_ends: NDArray[np.int64], ends: NDArray[np.int64], window: int
) -> tuple[Windows, NDArray[np.int64]]:
    """The returns of whole weeks inside the `window` sessions up to each position of `ends`, and how many those are.

    series: (n,), the return of a week at its last session. week_ends: positions of those sessions. A week is inside
    when the session it starts from is: its return then uses only sessions of the window.
    """
    newest = np.searchsorted(week_ends, ends, side="right") - 1
    oldest = np.searchsorted(week_ends, ends - window, side="left") + 1
    count = np.maximum(newest - oldest + 1, 0)
    at = newest[:, None] - np.arange(max(int(count.max(initial=0)), 2) - 1, -1, -1)[None]
    inside = (at >= oldest[:, None]) & (at >= 0)
    values = np.where(inside, series[week_ends[np.maximum(at, 0)]] if len(week_ends) else np.nan, np.nan)
    return values, count.astype(np.int64)


def _scores(values: Windows, mask: Mask, method: Method, weights: Series, winsor_share: float) -> Windows:
    """Each window centred and scaled to norm 1 under the weights; 0 where masked, NaN where it has no spread."""
    if method == "spearman":
        # What is left out sorts behind everything, so that the others are ranked among themselves.
        values = stats.rankdata(np.where(mask, values, np.inf), axis=1)
    elif method == "winsorised":
        values = _winsorised(values, mask, winsor_share)
    kept = np.where(mask, values, 0.0)
    weight = mask * weights
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (weight * kept).sum(axis=1) / weight.sum(axis=1)
        centred = (kept - mean[:, None]) * np.sqrt(weight)
        norm = np.sqrt((centred * centred).sum(axis=1))
        size = np.sqrt((weight * kept * kept).sum(axis=1))
        norm[~(norm > _CONSTANT * size)] = np.nan
        scores: Windows = centred / norm[:, None]
    return scores


def _winsorised(values: Windows, mask: Mask, share: float) -> Windows:
    ordered = np.sort(np.where(mask, values, np.inf), axis=1)
    last = np.maximum(mask.sum(axis=1) - 1, 0)
    low, high = (_quantile(ordered, last, q)[:, None] for q in (share, 1 - share))
    return np.clip(values, low, high)


def _quantile(ordered: Windows, last: NDArray[np.int64], q: float) -> Series:
    position = q * last
    below = np.floor(position).astype(np.int64)
    rows = np.arange(len(ordered))
    lower, upper = ordered[rows, below], ordered[rows, np.minimum(below + 1, last)]
    # An empty window is infinite at both ends.
    step = np.subtract(upper, lower, out=np.zeros_like(lower), where=np.isfinite(upper))
    quantile: Series = lower + (position - below) * step
    return quantile


def _products(zx: Windows, zy: Windows) -> Series:
    products: Series = np.clip(np.einsum("kw,kw->k", zx, zy), -1.0, 1.0)
    return products


def _partial(zx: Windows, zy: Windows, zc: Windows) -> Series:
    xy, xc, yc = _products(zx, zy), _products(zx, zc), _products(zy, zc)
    left = (1 - xc * xc) * (1 - yc * yc)
    with np.errstate(invalid="ignore", divide="ignore"):
        partial: Series = np.where(left > _CONSTANT, np.clip((xy - xc * yc) / np.sqrt(left), -1.0, 1.0), np.nan)
    return partial


def _autocorrelated(n: Series, zx: Windows, zy: Windows) -> Series:
    product = _products(zx[:, 1:], zx[:, :-1]) * _products(zy[:, 1:], zy[:, :-1])
    return np.minimum(n, n * (1 - product) / (1 + product))


def _effective(x: Windows, y: Windows, both: Mask, weights: Series) -> Series:
    weight = both * weights
    with np.errstate(invalid="ignore", divide="ignore"):
        kish = weight.sum(axis=1) ** 2 / (weight * weight).sum(axis=1)
    plain = np.ones_like(weights)
    return _autocorrelated(kish, *(_scores(series, both, "pearson", plain, 0.0) for series in (x, y)))


def _fisher(r: Series, n_eff: Series, confidence: float, variance: float) -> tuple[Series, Series]:
    half = float(stats.norm.ppf((1 + confidence) / 2)) * np.sqrt(variance / np.maximum(n_eff - 3, 1.0))
    with np.errstate(divide="ignore"):
        centre = np.arctanh(r)
    return np.tanh(centre - half), np.tanh(centre + half)


def volatility_adjusted(correlation: Series, variance_ratio: Series) -> Series:
    """What a correlation would be had the first series moved as much as in a reference period.

    ρ* = ρ / √(1 + δ (1 − ρ²)), δ = variance_ratio − 1, the variance in the window over that of the reference. A
    correlation rises with the variance of what drives it, although the link stays the same. Source: Forbes & Rigobon
    2002.
    """
    with np.errstate(invalid="ignore"):
        adjusted: Series = correlation / np.sqrt(1 + (variance_ratio - 1) * (1 - correlation**2))
    return adjusted


def window_variances(windows: Windows, min_coverage: float) -> Series:
    """Sample variance of what is there in each window; NaN where too little is."""
    there = np.isfinite(windows)
    count = there.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(there, windows, 0.0).sum(axis=1) / count
        squares = np.where(there, windows - mean[:, None], 0.0) ** 2
        variance: Series = squares.sum(axis=1) / (count - 1)
    return np.where(count >= max(min_coverage * windows.shape[1], 2), variance, np.nan)


def fisher_p(correlation: float, n_eff: float, conditioned: int = 0) -> float:
    """Two-sided p of no correlation, by Fisher's z on `n_eff` pairs; `conditioned` is the number of controls."""
    z = float(np.arctanh(correlation)) * float(np.sqrt(max(n_eff - 3 - conditioned, 1.0)))
    return float(2 * stats.norm.sf(abs(z)))


def _check(x: Series, y: Series) -> None:
    if len(x) != len(y) or len(x) < _FEWEST:
        raise ValueError(f"two series of equal length, at least {_FEWEST}, are needed, not {len(x)} and {len(y)}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("a series has missing values: a window with gaps is judged by its coverage first")
