"""What follows an event: cumulative abnormal returns beside those of days that had none (MacKinlay 1997).

Belongs here: arithmetic on one return series on one grid of sessions. Which events there are, and of what, does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Model = Literal["market_model", "mean_adjusted"]
MODELS: tuple[Model, ...] = ("market_model", "mean_adjusted")
TERCILES = 3


@dataclass(frozen=True)
class Rule:
    """Windows in sessions and how chance is drawn; the dbt var `event_study`.

    The model is estimated on the sessions from `estimation_from` to `estimation_to` before the event, both included.
    """

    horizons: tuple[int, ...]
    estimation_from: int
    estimation_to: int
    min_coverage: float
    volatility_sessions: int
    draws: int
    alpha: float
    power: float

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Rule:
        return cls(
            **{**{name: values[name] for name in cls.__dataclass_fields__}, "horizons": tuple(values["horizons"])}
        )


class Cars(NamedTuple):
    """Cumulative abnormal returns after each session, (n,), over a horizon in sessions; NaN where one is missing."""

    values: Floats
    horizon: int


class Study(NamedTuple):
    """One signal over one horizon. CARs are log returns; NaN where nothing was measured.

    base_rate and base_share_positive are those of the pseudo-events: sessions of the same volatility tercile.
    """

    measured: int
    mean_car: float
    share_positive: float
    base_rate: float
    base_share_positive: float
    p_value: float
    minimum_detectable: float


def estimated(asset: Floats, market: Floats, rule: Rule) -> dict[Model, tuple[Floats, Floats]]:
    """Intercept and slope (n,) of `asset` (n,) on `market` (n,) as estimated before each session; NaN where the
    estimation window is not covered. The mean-adjusted model has the slope 0."""
    known = np.isfinite(asset) & np.isfinite(market)
    x, y = np.where(known, market, 0.0), np.where(known, asset, 0.0)
    n, sx, sy, sxy, sxx = (_trailing_sum(values, rule) for values in (known.astype(float), x, y, x * y, x * x))
    length = rule.estimation_from - rule.estimation_to + 1
    with np.errstate(invalid="ignore", divide="ignore"):
        covered = n >= rule.min_coverage * length
        slope = np.where(covered, (sxy - sx * sy / n) / (sxx - sx * sx / n), np.nan)
        mean = np.where(covered, sy / n, np.nan)
        return {
            "market_model": (mean - slope * sx / n, slope),
            "mean_adjusted": (mean, np.where(covered, 0.0, np.nan)),
        }


def _trailing_sum(values: Floats, rule: Rule) -> Floats:
    """Sum over the estimation window of each session; NaN before the first whole one."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    at = np.arange(len(values))
    first, last = at - rule.estimation_from, at - rule.estimation_to
    whole = first >= 0
    return np.where(whole, total[np.maximum(last, 0) + 1] - total[np.maximum(first, 0)], np.nan)


def abnormal(asset: Floats, market: Floats, model: tuple[Floats, Floats], horizon: int) -> Cars:
    """Cumulative abnormal returns of the `horizon` sessions after each session, itself excluded, from log levels (n,).

    Only the levels at both ends are needed: a session without a price inside the horizon costs nothing.
    """
    n = len(asset)
    out = np.full(n, np.nan)
    if n > horizon:
        intercept, slope = (part[: n - horizon] for part in model)
        moved, market_moved = (level[horizon:] - level[: n - horizon] for level in (asset, market))
        out[: n - horizon] = moved - horizon * intercept - slope * market_moved
    return Cars(out, horizon)


def declustered(events: Ints, horizon: int) -> Ints:
    """The events (m,), in order, without those that lie within the horizon of the last one kept."""
    kept: list[int] = []
    for event in np.sort(events).tolist():
        if not kept or event - kept[-1] > horizon:
            kept.append(event)
    return np.array(kept, dtype=np.int64)


def volatility_terciles(asset: Floats, sessions: int) -> Ints:
    """Tercile 0 … 2 of the trailing standard deviation of each session's return (n,); −1 where it is not known."""
    out = np.full(len(asset), -1, dtype=np.int64)
    if len(asset) >= sessions:
        spread = np.full(len(asset), np.nan)
        windows = np.lib.stride_tricks.sliding_window_view(asset, sessions)
        spread[sessions - 1 :] = windows.std(axis=1)
        known = np.isfinite(spread)
        if known.any():
            bounds = np.quantile(spread[known], [1 / TERCILES, 2 / TERCILES])
            out[known] = np.searchsorted(bounds, spread[known])
    return out


def pseudo_events(events: Ints, terciles: Ints, horizon: int, draws: int, rng: np.random.Generator) -> Ints:
    """Random sessions in the place of `events` (m,), shape (draws, m): of the same tercile and more than a horizon
    apart, as the events are. `terciles` (n,) are −1 where a session cannot be drawn.

    Each draw lays a grid of horizon + 1 sessions from a random start and picks among its sessions, without replacement
    as long as there are enough.
    """
    step = horizon + 1
    out = np.empty((draws, len(events)), dtype=np.int64)
    start = rng.integers(0, step, draws)
    wanted = [(np.flatnonzero(terciles[events] == one), np.flatnonzero(terciles == one)) for one in range(TERCILES)]
    for offset in range(step):
        rows = np.flatnonzero(start == offset)
        for places, candidates in wanted:
            if not len(places) or not len(rows):
                continue
            mine = candidates[candidates % step == offset]
            if len(mine) < len(places):
                pool = mine if len(mine) else candidates
                picked = rng.choice(pool, (len(rows), len(places)))
            else:
                order = np.argsort(rng.random((len(rows), len(mine))), axis=1)[:, : len(places)]
                picked = mine[order]
            out[np.ix_(rows, places)] = picked
    return out


def study(cars: Cars, events: Ints, terciles: Ints, rule: Rule, rng: np.random.Generator) -> Study:
    """Mean CAR of de-clustered `events` (m,) beside pseudo-events; p is two-sided around the mean of those."""
    car = cars.values
    groups = np.where(np.isfinite(car), terciles, -1)
    measured = events[groups[events] >= 0]
    if not len(measured):
        return Study(0, *[np.nan] * 6)
    at = pseudo_events(measured, groups, cars.horizon, rule.draws, rng)
    means = car[at].mean(axis=1)
    centre, mean = float(means.mean()), float(car[measured].mean())
    extreme = int((np.abs(means - centre) >= abs(mean - centre) - 1e-15).sum())
    z = float(stats.norm.ppf(1 - rule.alpha / 2) + stats.norm.ppf(rule.power))
    return Study(
        measured=len(measured),
        mean_car=mean,
        share_positive=float((car[measured] > 0).mean()),
        base_rate=centre,
        base_share_positive=float((car[at] > 0).mean()),
        p_value=(1 + extreme) / (1 + rule.draws),
        minimum_detectable=z * float(means.std(ddof=1)),
    )
