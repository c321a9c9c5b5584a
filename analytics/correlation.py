"""Correlation of two return series, with an interval that knows about autocorrelation.

Belongs here: statistics of one window. Which windows and which sessions are the mart's business.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Series = NDArray[np.float64]
_FEWEST = 4  # Fisher's standard error is 1/sqrt(n - 3)


class Interval(NamedTuple):
    """A correlation with its interval; `n_eff` is the number of independent pairs that n dependent ones are worth."""

    correlation: float
    low: float
    high: float
    n: int
    n_eff: float


def pearson_interval(x: Series, y: Series, confidence: float = 0.95) -> Interval:
    """Pearson correlation of two series of shape (n,) with a Fisher-z interval on `n_eff` pairs.

    `n_eff = n (1 − φx φy) / (1 + φx φy)`, φ the lag-1 autocorrelations, and never more than n.
    Raises `ValueError` for fewer than 4 pairs, unequal lengths or missing values.
    """
    _check(x, y)
    correlation = float(np.corrcoef(x, y)[0, 1])
    product = _lag_one(x) * _lag_one(y)
    n_eff = min(float(len(x)), len(x) * (1 - product) / (1 + product))
    half = float(stats.norm.ppf((1 + confidence) / 2)) / np.sqrt(max(n_eff - 3, 1.0))
    centre = np.arctanh(correlation)
    return Interval(correlation, float(np.tanh(centre - half)), float(np.tanh(centre + half)), len(x), n_eff)


def partial_correlation(x: Series, y: Series, control: Series) -> float:
    """Correlation of x and y, all of shape (n,), after a linear fit on `control` is taken out of both."""
    _check(x, y)
    _check(x, control)
    design = np.column_stack([np.ones_like(control), control])
    left, right = (series - design @ np.linalg.lstsq(design, series, rcond=None)[0] for series in (x, y))
    return float(np.corrcoef(left, right)[0, 1])


def _lag_one(series: Series) -> float:
    centred = series - series.mean()
    return float(centred[1:] @ centred[:-1] / (centred @ centred))


def _check(x: Series, y: Series) -> None:
    if len(x) != len(y) or len(x) < _FEWEST:
        raise ValueError(f"two series of equal length, at least {_FEWEST}, are needed, not {len(x)} and {len(y)}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("a series has missing values: a window with gaps is judged by its coverage first")
