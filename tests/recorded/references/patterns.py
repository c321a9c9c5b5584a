"""Chart patterns: every window of a year looked through by hand, as the paper says it, one bar at a time."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from arch.bootstrap import StationaryBootstrap, optimal_block_length
from scipy.signal import argrelextrema

from tests.end_to_end.whole_nights import Place
from tests.recorded.references.prices import EXACT, NIGHT, levels

_WINDOW, _LOOKBACK, _WATCHED = 38, 35, 63
_BANDWIDTHS = (1.0, 1.4, 2.0, 2.8, 4.0)
_PATHS = 100


def check_chart_patterns(place: Place) -> None:
    """Points, breakouts, targets and fates of the Russell 2000's daily patterns of the year before the night."""
    close = np.exp(levels(place)["^RUT"].dropna())
    ours = place.published("""
        select * from marts.chart_patterns where symbol = '^RUT' and bar_interval = 'daily'""").set_index("head_date")
    found: dict[int, tuple[int, list[int]]] = {}
    for end in range(len(close) - 310, len(close)):
        points = _pattern(close.to_numpy()[end - _WINDOW + 1 : end + 1])
        if points is not None:
            found.setdefault(points[2] + end - _WINDOW + 1, (end, [point + end - _WINDOW + 1 for point in points]))
    # A head near the start may have been shown by a window before it.
    year = {head: one for head, one in found.items() if head >= len(close) - 250}
    assert len(year) >= 4
    days = close.index
    mine = ours[(ours.index >= days[-250]) & (ours["confirmed_date"] <= NIGHT)]
    assert sorted(mine.index) == [days[head] for head in sorted(year)]
    for head, (end, points) in year.items():
        row = mine.loc[days[head]]
        assert row["confirmed_date"] == days[end]
        assert [row[f"e{k}_date"] for k in range(1, 6)] == [days[point] for point in points]
        np.testing.assert_allclose(
            row[[f"e{k}_close" for k in range(1, 6)]].astype(float), close.iloc[points], rtol=EXACT
        )
        told = _fate(close.to_numpy(), end, points)
        for name in ("breakout_date", "target_date", "failed_date"):
            expected = days[told[name]] if told[name] is not None else pd.NaT
            # What was decided after the night is not looked at here.
            known = row[name] if pd.notna(row[name]) and row[name] <= NIGHT else pd.NaT
            assert known == expected or (pd.isna(known) and pd.isna(expected)), (days[head], name)
        if told["breakout_date"] is not None:
            np.testing.assert_allclose(row["target"], told["target"], rtol=EXACT)


def check_pattern_chance(place: Place) -> None:
    """How often paths of resampled returns show as much: arch draws them, and each is looked through as the closes."""
    ours = place.published(
        "select * from marts.chart_pattern_chance where symbol = '^RUT'", f"{NIGHT:%Y-%m-%d}"
    ).set_index("bar_interval")
    daily = levels(place)["^RUT"].dropna()
    for interval, close in (("daily", daily), ("weekly", daily.groupby(daily.index.to_period("W")).tail(1))):
        row = ours.loc[interval]
        bars = int(row["bars"])
        closes = np.exp(close.loc[: row["as_of_date"]].to_numpy()[-bars - 1 :])
        returns = np.diff(np.log(closes))
        assert row["block_bars"] == max(np.ceil(optimal_block_length(returns)["stationary"].iloc[0]), 1)
        assert (row["detections"], row["recent_breakouts"]) == tuple(_counted(closes[1:]))
        bootstrap = StationaryBootstrap(row["block_bars"], returns, seed=1).bootstrap(_PATHS)
        found, broken = np.array([_counted(np.exp(np.cumsum(path))) for (path,), _ in bootstrap]).T
        assert row["detections_per_1000"] == row["detections"] * 1000 / bars
        # Both are drawn: 1,999 paths there, fewer here; four standard errors of the difference.
        error = 4 * np.sqrt(1 / 1999 + 1 / _PATHS)
        assert abs(row["chance_per_1000"] - found.mean() * 1000 / bars) <= error * found.std() * 1000 / bars
        shares = [(row["p_value"], found >= row["detections"])]
        shares += [(share, broken >= at) for at, share in enumerate(row["chance_breakouts"]) if at in (1, 2)]
        for told, hits in shares:
            assert abs(told - hits.mean()) <= error * np.sqrt(max(told * (1 - told), 1 / _PATHS)), interval


def _counted(closes: np.ndarray) -> list[int]:
    """Patterns with a head of their own in a path, and breakouts of them in its last bars."""
    heads: dict[int, tuple[int, list[int]]] = {}
    for end in range(_WINDOW - 1, len(closes)):
        points = _pattern(closes[end - _WINDOW + 1 : end + 1])
        if points is not None:
            heads.setdefault(points[2] + end - _WINDOW + 1, (end, [point + end - _WINDOW + 1 for point in points]))
    broken = [_fate(closes, end, points)["breakout_date"] for end, points in heads.values()]
    return [len(heads), sum(bar is not None and bar >= len(closes) - _WATCHED for bar in broken)]


@cache
def _weights(bars: int, bandwidth: float, *, left_out: bool) -> np.ndarray:
    """Row by row what Nadaraya and Watson's regression on the bar number gives each bar, itself or not."""
    apart = np.subtract.outer(np.arange(bars), np.arange(bars)) / bandwidth
    weights = np.exp(-(apart**2) / 2) * (1 - np.eye(bars) * left_out)
    return weights / weights.sum(axis=1, keepdims=True)


def _smooth(closes: np.ndarray, bandwidth: float, *, left_out: bool) -> np.ndarray:
    return _weights(len(closes), bandwidth, left_out=left_out) @ closes


def _pattern(closes: np.ndarray) -> list[int] | None:
    """Bars of E1 … E5 in a window, or None."""
    errors = [((closes - _smooth(closes, width, left_out=True)) ** 2).sum() for width in _BANDWIDTHS]
    curve = _smooth(closes, 0.3 * _BANDWIDTHS[int(np.argmin(errors))], left_out=False)
    turns = sorted([*argrelextrema(curve, np.less)[0], *argrelextrema(curve, np.greater)[0]])
    last = [int(turn) for turn in turns if turn < _LOOKBACK][-5:]
    if len(last) < 5 or curve[last[-1]] > curve[last[-1] - 1]:
        return None
    points = []
    for k, turn in enumerate(last):
        near = range(turn - 1, turn + 2)
        points.append(min(near, key=lambda bar: closes[bar]) if k % 2 == 0 else max(near, key=lambda bar: closes[bar]))
    e = closes[points]
    alike = all(abs(a - b) <= 0.015 * (a + b) / 2 for a, b in ((e[0], e[4]), (e[1], e[3])))
    in_order = all(before < after for before, after in pairwise(points))
    return points if alike and in_order and e[2] < min(e[0], e[4]) else None


def _fate(close: np.ndarray, end: int, points: list[int]) -> dict[str, Any]:
    """Breakout, target and failure in the order of the bars, as far as they go."""
    told: dict[str, Any] = {"breakout_date": None, "target_date": None, "failed_date": None, "target": None}
    _, e2, e3, e4, e5 = points
    slope = (close[e4] - close[e2]) / (e4 - e2)
    for bar in range(end + 1, min(end + _WATCHED, len(close) - 1) + 1):
        if close[bar] < close[e5]:
            return told | {"failed_date": bar}
        line = close[e2] + slope * (bar - e2)
        if close[bar] > 1.005 * line:
            told |= {"breakout_date": bar, "target": line + (close[e2] + slope * (e3 - e2) - close[e3])}
            break
    if told["breakout_date"] is None:
        return told
    # A close that breaks out can be at the target at once.
    for bar in range(told["breakout_date"], min(told["breakout_date"] + _WATCHED, len(close) - 1) + 1):
        if close[bar] >= told["target"]:
            return told | {"target_date": bar}
        if close[bar] < close[e5]:
            return told | {"failed_date": bar}
    return told
