"""The long bias of a coin against its own past, and what came after it.

Belongs here: z-scores, the crowded flag, and forward volatility and return on days × coins. Which coins count does not.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from analytics.netflow import robust_z

Floats = NDArray[np.float64]


class Slope(NamedTuple):
    """How much an outcome rises per unit of z across the coins of one day, and the mean outcome of the same coins."""

    slope: float
    base: float
    n: int


def bias_z(log_ratios: Floats, window: int, min_points: int) -> Floats:
    """Robust z-scores (days, coins) of log ratios against the `window` days before, the day itself excluded."""
    columns = [robust_z(column, window, min_points, clip=np.inf, mad_floor_share=0.25) for column in log_ratios.T]
    return np.stack(columns, axis=1) if columns else np.empty_like(log_ratios)


def own_percentile(ratios: Floats, days: int, min_coverage: float) -> Floats:
    """Share (days, coins) of the trailing `days`, the day itself included, that are no higher; NaN below coverage."""
    out = np.full(ratios.shape, np.nan)
    for at in range(len(ratios)):
        past = ratios[max(at - days + 1, 0) : at + 1]
        known = np.isfinite(past).sum(axis=0)
        enough = (known >= min_coverage * days) & np.isfinite(ratios[at])
        with np.errstate(invalid="ignore"):
            below = (past <= ratios[at]).sum(axis=0)
        out[at, enough] = below[enough] / known[enough]
    return out


def forward_outcomes(prices: Floats, horizon: int) -> tuple[Floats, Floats]:
    """Realised volatility (root mean square of the daily log returns) and log return of the `horizon` days after each
    day, (days, coins); NaN where one price is missing or not there yet."""
    days, coins = prices.shape
    volatility, returned = np.full((2, days, coins), np.nan)
    if days > horizon:
        steps = np.diff(np.log(prices), axis=0)
        windows = sliding_window_view(steps, horizon, axis=0)
        volatility[: days - horizon] = np.sqrt((windows**2).mean(axis=-1))
        returned[: days - horizon] = windows.sum(axis=-1)
    return volatility, returned


def day_slope(z: Floats, outcome: Floats, min_coins: int) -> Slope | None:
    """Least squares of one day's outcomes (coins,) on z (coins,); None below `min_coins` or without any spread."""
    known = np.isfinite(z) & np.isfinite(outcome)
    x, y = z[known], outcome[known]
    if len(x) < min_coins or np.ptp(x) == 0:
        return None
    centred = x - x.mean()
    return Slope(float(centred @ y / (centred @ centred)), float(y.mean()), len(x))
