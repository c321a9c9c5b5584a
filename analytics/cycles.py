"""Support zones, long cycles and what is drawn from them, on one ratio of two markets.

Belongs here: rules on arrays of dated log ratios. Every rule is causal: what it says of a day uses that day and earlier
ones, and a point that is only known later carries the day on which it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class ZoneRule:
    """A support zone; part of the dbt var `others_btc`. Shares and days."""

    pivot_days: int
    lows: int
    width: float
    min_coverage: float

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> ZoneRule:
        return cls(**{name: values[name] for name in cls.__dataclass_fields__})


@dataclass
class Zone:
    """A cluster of pivot lows, frozen when the last of them was known; log ratio. Touches are out of sample.

    broken: the day that closed below it, −1 while it holds. held: touches after which the ratio rose by the zone's own
    width above it before it closed below it.
    """

    since: int
    low: float
    high: float
    pivots: tuple[int, ...]
    touches: list[int] = field(default_factory=list)
    held: int = 0
    broken: int = -1


class Cycle(NamedTuple):
    """A rise from trough to peak: positions, where each was known, and peak / trough − 1."""

    trough: int
    peak: int
    trough_known: int
    peak_known: int
    gain: float


class Extrapolated(NamedTuple):
    """The next gain by four rules, and the interval of one more draw from the logs of the gains; as shares."""

    mean: float
    linear: float
    percent_ratio: float
    log_step: float
    centre: float
    low: float
    high: float


def pivot_lows(values: Floats, k: int, min_coverage: float = 1.0) -> Ints:
    """Positions lower than every other known value within ±k, with enough known ones on either side; known at + k."""
    found = []
    for at in range(k, len(values) - k):
        sides = values[at - k : at], values[at + 1 : at + k + 1]
        known = [side[np.isfinite(side)] for side in sides]
        if all(len(side) >= min_coverage * k for side in known) and values[at] < min(side.min() for side in known):
            found.append(at)
    return np.array(found, dtype=np.int64)


def support_zones(values: Floats, rule: ZoneRule) -> list[Zone]:
    """Zones of one series of daily log ratios (n,), oldest first; NaN is a missing day.

    A new low that with earlier ones outside every zone still holding makes a cluster of at least `lows` within `width`
    establishes a zone; the cluster with the most lows counts. A touch enters an unbroken zone from above.
    """
    width = float(np.log1p(rule.width))
    zones: list[Zone] = []
    free: list[int] = []
    known = {int(at) + rule.pivot_days: int(at) for at in pivot_lows(values, rule.pivot_days, rule.min_coverage)}
    before = np.nan
    for day, value in enumerate(values):
        if np.isfinite(value):
            for zone in zones:
                _follow(zone, day, before, float(value), width)
            before = float(value)
        if day in known:
            free.append(known[day])
            cluster = _cluster(values, free, width)
            if len(cluster) >= rule.lows:
                levels = values[list(cluster)]
                zones.append(Zone(day, float(levels.min()), float(levels.max()), cluster))
                free = [at for at in free if at not in cluster]
    return zones


def _follow(zone: Zone, day: int, before: float, value: float, width: float) -> None:
    if zone.broken >= 0:
        return
    if zone.touches and len(zone.touches) > zone.held and value >= zone.high + width:
        zone.held = len(zone.touches)
    if value < zone.low:
        zone.broken = day
    elif before > zone.high >= value:
        zone.touches.append(day)


def _cluster(values: Floats, lows: Sequence[int], width: float) -> tuple[int, ...]:
    """The most lows that lie within `width` of each other and include the newest one."""
    newest = lows[-1]
    starts = [at for at in lows if values[newest] - width <= values[at] <= values[newest]]
    groups = [tuple(at for at in lows if 0 <= values[at] - values[start] <= width) for start in starts]
    return max(groups, key=len)


def cycles(days: Ints, values: Floats, amplitude: float, min_days: int) -> list[Cycle]:
    """Rises of at least `amplitude` (1.0 is 100 %) in log ratios (n,) on day numbers (n,); the last may lack its peak.

    Troughs and peaks alternate, each at least `min_days` after the one before. A trough is the lowest value since the
    last peak; it is known once the ratio is `amplitude` above it at least `min_days` later. Peaks mirrored (a fall that
    undoes such a rise). A cycle whose peak is not known yet has peak −1 and the gain so far.
    """
    step = float(np.log1p(amplitude))
    found: list[Cycle] = []
    trough, trough_known, last_turn, candidate, rising = -1, -1, -(10**9), -1, False
    for at in np.flatnonzero(np.isfinite(values)).tolist():
        sign = 1.0 if rising else -1.0
        if days[at] - last_turn >= min_days and (candidate < 0 or sign * (values[at] - values[candidate]) > 0):
            candidate = at
        if candidate < 0 or days[at] - days[candidate] < min_days or sign * (values[candidate] - values[at]) < step:
            continue
        if rising:
            gain = float(np.expm1(values[candidate] - values[trough]))
            found.append(Cycle(trough, candidate, trough_known, at, gain))
        else:
            trough, trough_known = candidate, at
        last_turn = int(days[candidate])
        since = np.arange(candidate, at + 1)
        since = since[(days[since] - last_turn >= min_days) & np.isfinite(values[since])]
        rising = not rising
        best = (np.argmax if rising else np.argmin)(values[since])
        candidate = int(since[int(best)])
    if rising:
        found.append(Cycle(trough, -1, trough_known, -1, float(np.expm1(values[candidate] - values[trough]))))
    return found


def extrapolate(gains: Sequence[float], confidence: float = 0.95) -> Extrapolated:
    """What follows from the gains of past cycles, oldest first, as shares (4.23 is 423 %).

    mean of them; linear: the last step added again; percent_ratio: the ratio of the last two repeated; log_step: the
    same on 1 + gain. The interval is Student's for one more draw from normal logs of 1 + gain. Raises ValueError below
    two gains.
    """
    if len(gains) < 2:  # noqa: PLR2004 - one gain has no step and no spread
        raise ValueError("an extrapolation needs at least two gains")
    before, last = gains[-2:]
    logs = np.log1p(np.asarray(gains, dtype=float))
    n = len(logs)
    half = float(stats.t(n - 1).ppf((1 + confidence) / 2)) * float(logs.std(ddof=1)) * np.sqrt(1 + 1 / n)
    centre = float(logs.mean())
    return Extrapolated(
        mean=float(np.mean(gains)),
        linear=last + (last - before),
        percent_ratio=last * last / before,
        log_step=(1 + last) ** 2 / (1 + before) - 1,
        centre=float(np.expm1(centre)),
        low=float(np.expm1(centre - half)),
        high=float(np.expm1(centre + half)),
    )
