"""Exchange netflow to accumulation and distribution: robust z, its smoothing, and the state with hysteresis.

What belongs here: arithmetic on one token's daily netflow. Where flows come from, and which are internal, does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]
State = Literal["ACCUMULATION", "DISTRIBUTION", "NEUTRAL", "UNKNOWN"]
_BP = 1e4


@dataclass(frozen=True)
class Thresholds:
    """When a state is entered and left. z is dimensionless, sums are basis points of supply, the rest are days."""

    z_window: int = 90
    min_points: int = 60
    mad_floor_share: float = 0.25
    enter_z: float = 1.0
    leave_z: float = 0.25
    days: int = 14
    same_sign_days: int = 9
    min_sum_bp: float = 5.0
    opposite_days: int = 3
    min_coverage: float = 0.8


@dataclass(frozen=True)
class Judged:
    """One token's days: every array has one entry per day. Sums are in basis points of supply, z is dimensionless."""

    netflow_bp: Floats
    z_score: Floats
    ema_z: Floats
    sum_bp: Floats
    coverage: Floats
    state: list[State]
    reason: list[str]
    days_in_state: list[int]


def judge(netflow: Floats, supply: Floats, blocked: list[str], rule: Thresholds | None = None) -> Judged:
    """The state of each calendar day of one token, in words and numbers; a day uses nothing later than itself.

    netflow: (n,), native units, positive arrives at the exchange, NaN unknown. supply: (n,), native units, NaN unknown.
    blocked: n reasons that forbid a judgement (migration, changed labels), "" when there is none.
    z is taken of native units: a step in the supply is not a flow.
    """
    rule = rule or Thresholds()
    netflow_bp = netflow / supply * _BP
    z = robust_z(netflow, rule.z_window, rule.min_points, mad_floor_share=rule.mad_floor_share)
    ema_z = ema(z)
    # Days before the first are not known: of a token's second day two of fourteen are.
    coverage = np.isfinite(_trailing(netflow, rule.days)).sum(axis=1) / rule.days
    known_bp = np.nan_to_num(_trailing(netflow_bp, rule.days)).sum(axis=1)
    sum_bp = np.where(np.isfinite(_trailing(netflow_bp, rule.days)).any(axis=1), known_bp, np.nan)
    found = Judged(netflow_bp, z, ema_z, sum_bp, coverage, states(netflow_bp, ema_z, blocked, rule), [], [])
    found.reason.extend(_reason(found, t, blocked[t], bool(np.isfinite(netflow[t])), rule) for t in range(len(netflow)))
    found.days_in_state.extend(_days_in_state(found.state))
    return found


def judge_by_method(
    netflow: Floats, supply: Floats, blocked: list[str], method: list[str], rule: Thresholds | None = None
) -> Judged:
    """`judge` where days were measured in several ways: each day is judged beside the days of its own way alone.

    Two ways of measuring differ in level, and a change of level is no flow: the days of the others count as not known.
    method: n names. The other arguments and the result are those of `judge`.
    """
    ways = list(dict.fromkeys(method))
    if len(ways) <= 1:
        return judge(netflow, supply, blocked, rule)
    own = {way: np.array([name == way for name in method]) for way in ways}
    parts = {way: judge(np.where(own[way], netflow, np.nan), supply, blocked, rule) for way in ways}
    state = [parts[way].state[t] for t, way in enumerate(method)]

    def of_own_day(name: str) -> Floats:
        return np.select([own[way] for way in ways], [getattr(parts[way], name) for way in ways])

    return Judged(
        netflow / supply * _BP,
        of_own_day("z_score"),
        of_own_day("ema_z"),
        of_own_day("sum_bp"),
        of_own_day("coverage"),
        state,
        [parts[way].reason[t] for t, way in enumerate(method)],
        _days_in_state(state),
    )


def states_under(
    netflow: Floats, supply: Floats, blocked: list[str], method: list[str], rules: Sequence[Thresholds]
) -> list[list[State]]:
    """The states of `judge_by_method` under several rules, a list of n for each; z is the same for all of them.

    The arguments are those of `judge_by_method`. Raises ValueError when two rules make z of something else.
    """
    if len({(rule.z_window, rule.min_points, rule.mad_floor_share) for rule in rules}) > 1:
        raise ValueError("rules that are compared must make z of the same days")
    found: list[list[State]] = [["UNKNOWN"] * len(netflow) for _ in rules]
    for way in dict.fromkeys(method):
        own = np.array([name == way for name in method])
        flow = np.where(own, netflow, np.nan)
        z = robust_z(flow, rules[0].z_window, rules[0].min_points, mad_floor_share=rules[0].mad_floor_share)
        flow_bp, smooth_z = flow / supply * _BP, ema(z)
        for rule, told in zip(rules, found, strict=True):
            judged = states(flow_bp, smooth_z, blocked, rule)
            for t in np.flatnonzero(own):
                told[t] = judged[t]
    return found


def robust_z(
    x: Floats,
    window: int = 90,
    min_points: int = 60,
    *,
    mad_floor: float = 1e-9,
    clip: float = 5.0,
    mad_floor_share: float = 0.0,
) -> Floats:
    """(x_t - median) / scale over the `window` days before t, t itself excluded, clipped to ±clip.

    scale = max(1.4826 MAD, mad_floor, mad_floor_share · mean absolute deviation): where most days are alike the MAD is
    nearly zero and any flow would look extreme; the second floor moves with the series, the first only avoids 0/0.
    x: shape (n,), any unit, NaN is a missing day. Returns (n,), dimensionless, NaN below `min_points` earlier points.
    Raises ValueError when mad_floor is not positive. Source: Rousseeuw & Croux 1993 (the MAD as a scale).
    """
    if mad_floor <= 0:
        raise ValueError("mad_floor must be positive")
    past = _trailing(np.concatenate([[np.nan], x[:-1]]), window) if len(x) else np.empty((0, window))
    count = np.isfinite(past).sum(axis=1)
    median = _row_medians(past, count)
    deviation = np.abs(past - median[:, None])
    mean_deviation = np.nan_to_num(deviation).sum(axis=1) / np.maximum(count, 1)
    spread = np.maximum(1.4826 * _row_medians(deviation, count), mad_floor_share * mean_deviation)
    z = np.clip((x - median) / np.maximum(spread, mad_floor), -clip, clip)
    return np.where(count >= min_points, z, np.nan)


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
    last = _trailing(netflow_bp, rule.days)
    covered = np.isfinite(last).sum(axis=1) / rule.days >= rule.min_coverage
    total = np.nan_to_num(last).sum(axis=1)
    # by side: -1 flows out, +1 flows in
    same = {side: (last * side > 0).sum(axis=1) for side in (-1, 1)}
    opposite = {side: np.all(last[:, -rule.opposite_days :] * side < 0, axis=1) for side in (-1, 1)}
    out: list[State] = []
    held = 0
    for t in range(len(netflow_bp)):
        z = smooth_z[t]
        if blocked[t] or not covered[t] or np.isnan(z):
            held = 0
            out.append("UNKNOWN")
            continue
        if held and (z * held < rule.leave_z or opposite[held][t]):
            held = 0
        if held == 0:
            for side in (-1, 1):
                enough = same[side][t] >= rule.same_sign_days and total[t] * side >= rule.min_sum_bp
                if z * side >= rule.enter_z and enough and not opposite[side][t]:
                    held = side
        out.append("DISTRIBUTION" if held > 0 else "ACCUMULATION" if held < 0 else "NEUTRAL")
    return out


def changed_labels(labels: list[str | None], window: int) -> NDArray[np.bool_]:
    """Whether the `window` days up to each day have more than one vintage of wallet labels; None is a day not asked."""
    codes: dict[str, int] = {}
    coded = np.array(
        [np.nan if label is None else codes.setdefault(label, len(codes)) for label in labels], dtype=float
    )
    last = _trailing(coded, window)
    known = np.isfinite(last)
    lowest = np.where(known, last, np.inf).min(axis=1, initial=np.inf)
    highest = np.where(known, last, -np.inf).max(axis=1, initial=-np.inf)
    changed: NDArray[np.bool_] = highest > lowest
    return changed


def _reason(found: Judged, t: int, blocked: str, known: bool, rule: Thresholds) -> str:
    if found.state[t] != "UNKNOWN":
        return f"smoothed z {found.ema_z[t]:+.2f}, {found.sum_bp[t]:+.1f} bp of supply in {rule.days} days"
    why = (
        (bool(blocked), blocked),
        (bool(found.coverage[t] < rule.min_coverage), f"coverage below {rule.min_coverage:.0%}"),
        (not known, "no netflow this day"),
        (bool(np.isnan(found.ema_z[t])), "too little history"),
    )
    return next((text for holds, text in why if holds), "no supply")


def _days_in_state(state: list[State]) -> list[int]:
    days: list[int] = []
    for t, now in enumerate(state):
        days.append(days[-1] + 1 if t and state[t - 1] == now else 1)
    return days


def _trailing(x: Floats, window: int) -> Floats:
    """Row t holds the `window` values up to t, NaN before the first. Returns (n, window)."""
    if not len(x):
        return np.empty((0, window))
    padded = np.concatenate([np.full(window - 1, np.nan), x])
    view: Floats = sliding_window_view(padded, window)
    return view


def _row_medians(rows: Floats, count: NDArray[np.int_]) -> Floats:
    """The median of the first `count` values of each row once sorted; NaN sorts last. nanmedian is 50 times slower."""
    if not len(rows):
        return np.empty(0)
    ordered = np.sort(rows, axis=1)
    at = np.arange(len(rows))
    low, high = np.maximum(count - 1, 0) // 2, count // 2
    middle: Floats = (ordered[at, low] + ordered[at, high]) / 2
    return middle
