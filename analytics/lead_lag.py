"""Who leads: cross-correlations of two return series at many lags, and what the largest of them is by chance.

Belongs here: the statistic and its null. Which pairs and dates are looked at is said in lead_lag_table.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from statsmodels.regression.linear_model import OLS

from analytics.correlation import Series, Windows

_CONSTANT = 1e-12  # spread relative to size below which a series has none


class Crossed(NamedTuple):
    """Cross-correlations at lags −K … K, both (2K+1,); NaN where a series does not move."""

    correlation: Series
    n: NDArray[np.int64]


def autoregression(x: Series, max_order: int) -> Series:
    """Constant and coefficients of the AR(p) of x (n,), p ≤ `max_order` by BIC on the common sample.

    Rows with a missing value (NaN) among x_t … x_{t−max_order} are left out. Raises `ValueError` when fewer than
    twice as many rows as coefficients are left. The same as statsmodels' AutoReg with `hold_back=max_order`.
    """
    lagged = np.column_stack([x[max_order - lag : len(x) - lag] for lag in range(max_order + 1)])
    rows = lagged[np.isfinite(lagged).all(axis=1)]
    if len(rows) < 2 * (max_order + 1):
        raise ValueError(f"{len(rows)} whole rows are too few for an autoregression of order {max_order}")
    target, design = rows[:, 0], np.column_stack([np.ones(len(rows)), rows[:, 1:]])
    fits = [OLS(target, design[:, : order + 1]).fit() for order in range(max_order + 1)]
    best: Series = np.asarray(min(fits, key=lambda fit: fit.bic).params)
    return best


def whitened(x: Series, coefficients: Series) -> Series:
    """What an autoregression does not explain of x (n,); NaN where x or a value it needs is missing.

    Two series through the filter that whitens one of them are prewhitened (Box & Jenkins 1970).
    """
    order = len(coefficients) - 1
    residuals = np.full(len(x), np.nan)
    explained = coefficients[0] + sum(coefficients[lag] * x[order - lag : len(x) - lag] for lag in range(1, order + 1))
    residuals[order:] = x[order:] - explained
    return residuals


def cross_correlations(x: Series, y: Series, max_lag: int) -> Crossed:
    """corr(x_t, y_{t+k}) for k = −max_lag … max_lag: k > 0 when x leads. Both (n,), NaN missing.

    Both are centred and scaled once, over all that is there; each lag averages the pairs it has, as statsmodels' `ccf`.
    """
    lags = _shifted(_standardised(x), max_lag)
    zy = _standardised(y)
    n = (np.isfinite(lags) & np.isfinite(zy)[:, None]).sum(axis=0)
    total = np.nan_to_num(zy) @ np.nan_to_num(lags)
    moves = np.isfinite(zy).any() and np.isfinite(lags).any()
    correlation = np.divide(total, n, out=np.full(len(n), np.nan), where=(n > 0) & moves)
    return Crossed(correlation, n.astype(np.int64))


def largest_by_chance(x: Windows, y: Series, max_lag: int, positions: NDArray[np.int64]) -> NDArray[np.float64]:
    """max over lags of |corr(x_t, y*_{t+k})| for each series of x and each resample y* of y.

    x: (m, n), y: (n,), NaN missing; positions: (draws, n) of a stationary bootstrap. Returns (m, draws). y* keeps the
    dependence of y on its own past and loses any link with x; its gaps are resampled with it. Single precision: these
    are ranks of noise, and the products are what costs.
    """
    drawn = _resampled(_standardised(y), positions)
    lags = np.hstack([_shifted(_standardised(series), max_lag) for series in x])
    pairs = (np.isfinite(lags) & np.isfinite(y)[:, None]).sum(axis=0).astype(np.float32)
    products = np.abs(drawn @ np.nan_to_num(lags / pairs).astype(np.float32))
    largest: NDArray[np.float64] = products.reshape(len(positions), len(x), -1).max(axis=2).T.astype(np.float64)
    return largest


def _resampled(scores: Series, positions: NDArray[np.int64]) -> NDArray[np.float32]:
    """Resamples of a standardised series, standardised again, 0 where missing; shape of `positions`."""
    present = np.isfinite(scores).astype(np.float32)
    drawn = np.nan_to_num(scores).astype(np.float32)[positions]
    if present.all():
        drawn -= drawn.mean(axis=1, keepdims=True)
        count = np.float32(len(scores))
    else:
        there = present[positions]
        count = there.sum(axis=1, keepdims=True)
        drawn -= drawn.sum(axis=1, keepdims=True) / count * there
    drawn /= np.sqrt(np.einsum("dn,dn->d", drawn, drawn)[:, None] / count)
    return drawn


def _standardised(x: Series) -> Series:
    """Centred, scaled to variance 1 over what is there; all NaN where it does not move."""
    there = x[np.isfinite(x)]
    if len(there) == 0 or not there.std() > _CONSTANT * np.abs(there).max():
        return np.full(len(x), np.nan)
    scores: Series = (x - there.mean()) / there.std()
    return scores


def _shifted(x: Series, max_lag: int) -> Windows:
    """Column k of shape (n, 2·max_lag+1) holds x_{t−k}, k from −max_lag to max_lag; NaN beyond the ends."""
    padded = np.concatenate([np.full(max_lag, np.nan), x, np.full(max_lag, np.nan)])
    return np.column_stack([padded[max_lag - lag : max_lag - lag + len(x)] for lag in range(-max_lag, max_lag + 1)])
