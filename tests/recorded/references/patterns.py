"""Chart patterns: every window of a year looked through by hand, as the paper says it, one bar at a time."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy.signal import argrelextrema

from tests.end_to_end.whole_nights import Place
from tests.recorded.references.prices import EXACT, NIGHT, levels

_WINDOW, _LOOKBACK, _WATCHED = 38, 35, 63
_BANDWIDTHS = (1.0, 1.4, 2.0, 2.8, 4.0)


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


def _smooth(closes: np.ndarray, bandwidth: float, *, left_out: bool) -> np.ndarray:
    """Nadaraya and Watson's regression on the bar number, at every bar; with or without the bar itself."""
    bars = np.arange(len(closes))
    fitted = []
    for bar in bars:
        weights = np.exp(-(((bars - bar) / bandwidth) ** 2) / 2)
        if left_out:
            weights[bar] = 0
        fitted.append(np.average(closes, weights=weights))
    return np.array(fitted)


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
