"""Inverse heads and shoulders in kernel-smoothed closes (Lo, Mamaysky & Wang 2000).

Belongs here: from closes to the patterns in them and what became of each. Nothing looks past the window it judges; a
pattern is known at the end of the window that shows it first, and its outcome at the close that decides it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# E1 … E5: shoulder, neckline, head, neckline, shoulder.
POINTS = 5
_CHUNK = 4_000


@dataclass(frozen=True)
class Rule:
    """What a pattern is; the fields are part of the dbt var `chart_patterns`. Lengths are bars, the rest are shares.

    lookback: bars in which all five extrema lie (38 − 3 = 35 in the paper); lag: bars after the last of them before it
    counts. bandwidths: the grid of the cross-validation, in bars. bandwidth_scale: 0.3 in the paper, because the
    cross-validated one smooths away what a chart reader sees.
    """

    lookback: int
    lag: int
    bandwidths: tuple[float, ...]
    bandwidth_scale: float
    tolerance: float
    breakout_margin: float
    watch_bars: int

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Rule:
        return cls(
            **{name: values[name] for name in cls.__dataclass_fields__} | {"bandwidths": tuple(values["bandwidths"])}
        )

    @property
    def window(self) -> int:
        """Bars of one window."""
        return self.lookback + self.lag


class Found(NamedTuple):
    """Windows that show a pattern: their last bar (m,), the bandwidth used in bars (m,), bars of E1 … E5 (m, 5)."""

    end: Ints
    bandwidth: Floats
    points: Ints


class Outcomes(NamedTuple):
    """What became of patterns, (m,) each: bars after their end at which it was decided (−1: not), and their targets.

    status: waiting, breakout, target_reached, failed, or expired when nothing was decided in time.
    """

    breakout: Ints
    reached: Ints
    failed: Ints
    target: Floats
    status: NDArray[np.str_]


class Counts(NamedTuple):
    """Per path (draws,): patterns in it, and breakouts of patterns in its last bars."""

    patterns: Ints
    recent_breakouts: Ints


def kernel(length: int, bandwidth: float) -> Floats:
    """Gaussian weights of every bar for every bar, (length, length), not normalised."""
    at = np.arange(length)
    weights: Floats = np.exp(-0.5 * ((at[:, None] - at) / bandwidth) ** 2)
    return weights


def cross_validated(windows: Floats, bandwidths: tuple[float, ...]) -> Ints:
    """Index of the bandwidth with the smallest leave-one-out squared error, per window of (m, length) closes.

    The regression is Nadaraya and Watson's, on the bar number. One matrix serves all windows, for bars are equidistant.
    """
    errors = np.empty((len(bandwidths), len(windows)))
    for at, bandwidth in enumerate(bandwidths):
        weights = kernel(windows.shape[1], bandwidth)
        np.fill_diagonal(weights, 0.0)
        left_out = weights / weights.sum(axis=1, keepdims=True)
        errors[at] = ((windows - windows @ left_out.T) ** 2).sum(axis=1)
    best: Ints = np.argmin(errors, axis=0)
    return best


def smoothed(windows: Floats, chosen: Ints, bandwidths: tuple[float, ...]) -> Floats:
    """Kernel regression of every window (m, length) under its bandwidth `bandwidths[chosen]`."""
    out = np.empty_like(windows)
    for at in np.unique(chosen):
        weights = kernel(windows.shape[1], bandwidths[at])
        mine = chosen == at
        out[mine] = windows[mine] @ (weights / weights.sum(axis=1, keepdims=True)).T
    return out


def find(closes: Floats, ends: Ints, rule: Rule) -> Found:
    """The windows of `closes` (n,) with their last bar in `ends` that show the pattern; a missing close shows none.

    The last extremum that is `lag` bars old must be E5: the pattern is judged when it is complete and not again while
    later extrema hide it.
    """
    ends = ends[ends >= rule.window - 1]
    if not len(ends):
        return Found(np.empty(0, np.int64), np.empty(0), np.empty((0, POINTS), np.int64))
    windows = sliding_window_view(closes, rule.window)
    parts = []
    for start in range(0, len(ends), _CHUNK):
        mine = ends[start : start + _CHUNK]
        found = _of_windows(windows[mine - (rule.window - 1)], rule)
        end = mine[found.end]
        parts.append(Found(end, found.bandwidth, found.points + (end - (rule.window - 1))[:, None]))
    return Found(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def count(paths: Floats, rule: Rule, recent_bars: int) -> Counts:
    """Patterns with a head of their own in each path of (draws, n) closes, and breakouts in its last `recent_bars`."""
    draws, n = paths.shape
    each = n - rule.window + 1
    if each < 1:
        return Counts(*np.zeros((2, draws), dtype=np.int64))
    at_once = max(_CHUNK // each, 1)
    parts = [_of_paths(paths[start : start + at_once], start, rule) for start in range(0, draws, at_once)]
    path, end, points = (np.concatenate(column) for column in zip(*parts, strict=True))
    _, first = np.unique(path * n + points[:, 2], return_index=True)
    path, end, points = path[first], end[first], points[first]
    late = end >= n - recent_bars - rule.watch_bars
    found = outcomes(paths[path[late]], end[late], points[late], rule)
    broken = (found.breakout >= 0) & (end[late] + found.breakout >= n - recent_bars)
    return Counts(np.bincount(path, minlength=draws), np.bincount(path[late][broken], minlength=draws))


def first_of_each_head(found: Found) -> Found:
    """Of the windows that show the same head the first one: what is known stays known."""
    _, first = np.unique(found.points[:, 2], return_index=True)
    first = np.sort(first)
    return Found(found.end[first], found.bandwidth[first], found.points[first])


def outcomes(closes: Floats, end: Ints, points: Ints, rule: Rule) -> Outcomes:
    """What became of m patterns: closes (m, n) so far, `end` (m,) the bar at which each was known, points (m, 5).

    The neckline is the line through E2 and E4. Breakout: the first close after `end` above it by the margin. The target
    is the neckline at the breakout plus the head's distance below it. Failed: a close below E5 before the breakout, or
    after it before the target. A pattern waits `watch_bars` for its breakout, a breakout as long for its target.
    """
    m, n = closes.shape
    e = np.take_along_axis(closes, points, axis=1)
    slope = (e[:, 3] - e[:, 1]) / (points[:, 3] - points[:, 1])

    def neckline(bar: Ints) -> Floats:
        away: Ints = bar - points[:, 1].reshape(-1, *[1] * (bar.ndim - 1))
        line: Floats = e[:, 1].reshape(-1, *[1] * (bar.ndim - 1)) + slope.reshape(-1, *[1] * (bar.ndim - 1)) * away
        return line

    def first(flags: NDArray[np.bool_], start: Ints, known: NDArray[np.bool_]) -> Ints:
        """The first flagged bar after `start`, in time, counted from `end`; −1 where there is none."""
        bars = np.arange(n)
        inside = flags & (bars > start[:, None]) & (bars <= (start + rule.watch_bars)[:, None]) & known[:, None]
        return np.where(inside.any(axis=1), np.argmax(inside, axis=1) - end, -1)

    everyone = np.ones(m, dtype=bool)
    bars = np.broadcast_to(np.arange(n), (m, n))
    broken = first(closes > neckline(bars) * (1 + rule.breakout_margin), end, everyone)
    below = closes < e[:, 4:]
    failed = first(below, end, everyone)
    gone = (failed >= 0) & ((broken < 0) | (failed < broken))
    broken = np.where(gone, -1, broken)
    out = broken >= 0
    at = np.where(out, end + broken, end)
    target = np.where(out, neckline(at) + neckline(points[:, 2]) - e[:, 2], np.nan)
    with np.errstate(invalid="ignore"):
        reached = first(closes >= target[:, None], at - 1, out)
    later = first(below, at, out)
    lost = out & (later >= 0) & ((reached < 0) | (later < reached))
    reached = np.where(lost, -1, reached)
    failed = np.where(gone, failed, np.where(lost, later, -1))
    over = n - 1 - end >= rule.watch_bars
    status = np.select(
        [failed >= 0, reached >= 0, out, over], ["failed", "target_reached", "breakout", "expired"], "waiting"
    )
    return Outcomes(broken, reached, failed, target, status)


def _of_paths(paths: Floats, first_path: int, rule: Rule) -> tuple[Ints, Ints, Ints]:
    """Path, last bar and bars of E1 … E5 of every window of (m, n) closes that shows the pattern."""
    each = paths.shape[1] - rule.window + 1
    windows = sliding_window_view(paths, rule.window, axis=1).reshape(-1, rule.window)
    found = _of_windows(windows, rule)
    path, start = np.divmod(found.end, each)
    return path + first_path, start + rule.window - 1, found.points + start[:, None]


def _of_windows(windows: Floats, rule: Rule) -> Found:
    """The windows (m, window) that show the pattern: `end` is their row here, `points` are bars inside the window."""
    whole = np.flatnonzero(np.isfinite(windows).all(axis=1))
    kept = windows[whole]
    chosen = cross_validated(kept, rule.bandwidths)
    scaled = tuple(bandwidth * rule.bandwidth_scale for bandwidth in rule.bandwidths)
    at, enough = _last_extrema(smoothed(kept, chosen, scaled), rule)
    whole, kept, used = whole[enough], kept[enough], np.array(scaled)[chosen[enough]]
    at = _in_prices(kept, at)
    shown = _is_pattern(np.take_along_axis(kept, at, axis=1), rule) & (np.diff(at, axis=1) > 0).all(axis=1)
    return Found(whole[shown], used[shown], at[shown])


def _last_extrema(curve: Floats, rule: Rule) -> tuple[Ints, NDArray[np.bool_]]:
    """Bars of the last five extrema that are at least `lag` bars old, where the last one is a minimum."""
    step = np.sign(np.diff(curve, axis=1))
    turns = step[:, :-1] * step[:, 1:] < 0
    turns = turns[:, : rule.lookback - 1]  # item i is bar i + 1
    from_end = np.cumsum(turns[:, ::-1], axis=1)[:, ::-1]
    rows = np.arange(len(curve))
    last = np.argmax(turns & (from_end == 1), axis=1)
    enough = (from_end[:, 0] >= POINTS) & (step[rows, last] < 0)
    picked = [np.argmax(turns[enough] & (from_end[enough] == POINTS - k), axis=1) + 1 for k in range(POINTS)]
    return np.stack(picked, axis=1), enough


def _in_prices(windows: Floats, at: Ints) -> Ints:
    """The extreme closes beside the extrema of the smooth curve, at most one bar away; minima first."""
    out = np.empty_like(at)
    around = np.array([-1, 0, 1])
    for k in range(POINTS):
        near = at[:, k : k + 1] + around
        closes = np.take_along_axis(windows, near, axis=1)
        best = np.argmin(closes, axis=1) if k % 2 == 0 else np.argmax(closes, axis=1)
        out[:, k] = near[np.arange(len(near)), best]
    return out


def _is_pattern(e: Floats, rule: Rule) -> NDArray[np.bool_]:
    """Whether closes E1 … E5, shape (m, 5), are an inverse head and shoulders.

    The paper lets each of a pair lie within the tolerance of their mean; here their distance is, which is half as much.
    """
    level: NDArray[np.bool_] = _alike(e[:, 0], e[:, 4], rule) & _alike(e[:, 1], e[:, 3], rule)
    return level & (e[:, 2] < e[:, 0]) & (e[:, 2] < e[:, 4])


def _alike(left: Floats, right: Floats, rule: Rule) -> NDArray[np.bool_]:
    return np.abs(left - right) <= rule.tolerance * (left + right) / 2
