"""Exchange netflow to accumulation and distribution: robust z, its smoothing, and the state with hysteresis.

What belongs here: arithmetic on one token's daily netflow. Where flows come from, and which are internal, does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
State = Literal["ACCUMULATION", "DISTRIBUTION", "NEUTRAL", "UNKNOWN"]


@dataclass(frozen=True)
class Thresholds:
    """When a state is entered and left. z is dimensionless, sums are basis points of supply, the rest are days."""

    enter_z: float = 1.0
    leave_z: float = 0.25
    days: int = 14
    same_sign_days: int = 9
    min_sum_bp: float = 5.0
    opposite_days: int = 3
    min_coverage: float = 0.8


def robust_z(x: Floats, window: int = 90, min_points: int = 60, mad_floor: float = 1e-9, clip: float = 5.0) -> Floats:
    """(x_t - median) / max(1.4826 MAD, floor) over the `window` days before t, t itself excluded, clipped to ±clip.

    x: shape (n,), any unit, NaN is a missing day. Returns (n,), dimensionless, NaN below `min_points` earlier points.
    Raises ValueError when mad_floor is not positive. Source: Rousseeuw & Croux 1993 (the MAD as a scale).
    """
    if mad_floor <= 0:
        raise ValueError("mad_floor must be positive")
    z = np.full(len(x), np.nan)
    for t in range(len(x)):
        past = x[max(0, t - window) : t]
        past = past[np.isfinite(past)]
        if len(past) < min_points or not np.isfinite(x[t]):
            continue
        median = np.median(past)
        scale = max(1.4826 * float(np.median(np.abs(past - median))), mad_floor)
        z[t] = np.clip((x[t] - median) / scale, -clip, clip)
    return z


def ema(x: Floats, span: int = 7) -> Floats:
    """Exponential average, weight 2 / (span + 1), started at the first value; a missing day is NaN and keeps the level.

    x: shape (n,). Returns (n,), the unit of x.
    """
    out = np.full(len(x), np.nan)
    weight, level = 2.0 / (span + 1), np.nan
    for t, value in enumerate(x):
        if np.isfinite(value):
            level = value if np.isnan(level) else level + weight * (value - level)
            out[t] = level
    return out


def states(netflow_bp: Floats, smooth_z: Floats, blocked: list[str], rule: Thresholds | None = None) -> list[State]:
    """The state of each day; uses nothing later than that day.

    netflow_bp: (n,), basis points of circulating supply, positive arrives at the exchange, NaN missing.
    smooth_z: (n,), `ema(robust_z(...))`. blocked: n reasons (migration, label jump, chain), "" when there is none.
    A blocked, thinly covered or unscored day is UNKNOWN, and the state starts again from NEUTRAL after it.
    Raises ValueError when the lengths differ.
    """
    rule = rule or Thresholds()
    if not len(netflow_bp) == len(smooth_z) == len(blocked):
        raise ValueError("netflow, z and reasons must have the same length")
    out: list[State] = []
    side = 0
    for t in range(len(netflow_bp)):
        last = netflow_bp[max(0, t - rule.days + 1) : t + 1]
        covered = np.isfinite(last).sum() / rule.days >= rule.min_coverage
        if blocked[t] or not covered or np.isnan(smooth_z[t]):
            side = 0
            out.append("UNKNOWN")
            continue
        recent = last[-rule.opposite_days :]
        if side and (smooth_z[t] * side < rule.leave_z or bool(np.all(recent * side < 0))):
            side = 0
        if side == 0:
            side = _entered(last, float(smooth_z[t]), rule)
        out.append("DISTRIBUTION" if side > 0 else "ACCUMULATION" if side < 0 else "NEUTRAL")
    return out


def _entered(last: Floats, z: float, rule: Thresholds) -> int:
    for side in (-1, 1):
        many = int(np.sum(last * side > 0)) >= rule.same_sign_days
        large = float(np.nansum(last)) * side >= rule.min_sum_bp
        opposite = bool(np.all(last[-rule.opposite_days :] * side < 0))
        if z * side >= rule.enter_z and many and large and not opposite:
            return side
    return 0
