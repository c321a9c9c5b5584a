"""Daily equity bars that tell January 2026: the small caps' breakout and their streak against the large caps.

Belongs here: ^RUT, ^GSPC and their two funds, and the dates planted in them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import exchange_calendars
import numpy as np
from numpy.typing import NDArray

from ingestion.sandbox.generator.size import LAST_DAY, YEAR_END, Size
from ingestion.sandbox.generator.tables import Floats

YTD_14_JANUARY, YTD_15_JANUARY = 0.0683, 0.0775
STREAK_FIRST, STREAK_LAST = np.datetime64("2026-01-02"), np.datetime64("2026-01-22")
EARLIER_RUN = 9
_LONGEST_BY_CHANCE = 7
_SESSIONS_FROM_PEAK_TO_YEAR_END = 70
_PEAK_ABOVE_YEAR_END = 1.035
_FRESH_AFTER_SESSIONS = 60
# An inverse head and shoulders below the old peak: sessions before the year's end, log price against its level there.
# The first is where the fall to the first shoulder begins, the last five are E1 … E5.
_PATTERN = ((31, -0.005), (25, -0.045), (20, 0.002), (14, -0.085), (8, 0.0), (4, -0.047))
_KNOWN_AFTER_SESSIONS = 3
_BREAKOUT_MARGIN = 0.005
_YEAR_END_LEVEL = {"^RUT": 2481.91, "^GSPC": 6845.5}
_START_LEVEL = 1850.0
_FUNDS = {"IWM": ("^RUT", 0.09934), "SPY": ("^GSPC", 0.0996)}
_VOLATILITY = 0.0125
_EXCESS_DRIFT = -0.0004  # large caps led until the story begins
_VOLUME = {"^RUT": 0.0, "^GSPC": 4.6e9, "IWM": 3.2e7, "SPY": 7.5e7}


@dataclass(frozen=True)
class Equities:
    """Sessions, their closing hours (hours since the first day 00:00 UTC), closes per symbol, and what was planted."""

    sessions: NDArray[np.datetime64]
    close_hours: NDArray[np.int64]
    closes: dict[str, Floats]
    truth: dict[str, Any] = field(default_factory=dict)


def make(size: Size, rng: np.random.Generator, *, null: bool) -> Equities:
    """Closes of all symbols."""
    sessions, hours = _calendar(size)
    count = len(sessions)
    year_end = int(np.searchsorted(sessions, np.datetime64(YEAR_END), side="right")) - 1
    small_caps = rng.normal(0.0004, _VOLATILITY, count)
    excess = rng.normal(0.0 if null else _EXCESS_DRIFT, 0.007, count)
    truth: dict[str, Any] = {}
    if not null:
        small_caps = _with_breakout(small_caps, year_end, rng)
        excess = _with_streaks(excess, sessions, truth)
    small_caps[0] = excess[0] = 0.0
    rut = _levels(small_caps, year_end, _YEAR_END_LEVEL["^RUT"])
    gspc = _levels(small_caps - excess, year_end, _YEAR_END_LEVEL["^GSPC"])
    closes = {"^RUT": np.round(rut, 4), "^GSPC": np.round(gspc, 4)}
    for fund, (index, ratio) in _FUNDS.items():
        closes[fund] = np.round(closes[index] * ratio * np.exp(rng.normal(0, 1e-4, count)), 4)
    if not null:
        truth["pattern"] = _pattern_truth(closes["^RUT"], sessions, year_end)
    truth |= _record(closes["^RUT"], sessions, year_end)
    return Equities(sessions, hours, closes, truth)


def bars(equities: Equities, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """One row group per symbol."""
    count = len(equities.sessions)
    for symbol, close in equities.closes.items():
        before = np.concatenate([close[:1], close[:-1]])
        opened = np.round(before * np.exp(rng.normal(0, 0.002, count)), 4)
        high = np.round(np.maximum(opened, close) * (1 + np.abs(rng.normal(0, 0.003, count))), 4)
        low = np.round(np.minimum(opened, close) * (1 - np.abs(rng.normal(0, 0.003, count))), 4)
        volume = np.round(_VOLUME[symbol] * np.exp(rng.normal(0, 0.25, count)))
        yield {
            "symbol": [symbol] * count,
            "session_date": equities.sessions,
            "open": opened,
            "high": high,
            "low": low,
            "close": close,
            "volume": volume,
        }


def _calendar(size: Size) -> tuple[NDArray[np.datetime64], NDArray[np.int64]]:
    calendar = exchange_calendars.get_calendar("XNYS", start=str(size.first_day), end=str(LAST_DAY))
    sessions = calendar.sessions.to_numpy().astype("datetime64[D]")
    closes = calendar.closes.dt.tz_convert(None).to_numpy()
    hours = (closes - np.datetime64(size.first_day)) // np.timedelta64(1, "h")
    return sessions, hours.astype(np.int64)


def _with_breakout(returns: Floats, year_end: int, rng: np.random.Generator) -> Floats:
    """A peak, 70 sessions below it, and a January that passes it on the planted path."""
    out = returns.copy()
    peak = year_end - _SESSIONS_FROM_PEAK_TO_YEAR_END
    top = np.log(_YEAR_END_LEVEL["^RUT"] * _PEAK_ABOVE_YEAR_END)
    out[1 : peak + 1] += (top - np.log(_START_LEVEL) - out[1 : peak + 1].sum()) / peak
    out[peak + 1 : year_end + 1] -= (np.log(_PEAK_ABOVE_YEAR_END) + out[peak + 1 : year_end + 1].sum()) / (
        year_end - peak
    )
    path = np.log(_START_LEVEL) + np.concatenate([[0.0], np.cumsum(out[1 : year_end + 1])])
    below = np.arange(year_end + 1) != peak
    # Mirrored at the peak: no close above it, and the size of the returns stays.
    path[below] = top - np.abs(top - path[below]) - 1e-4
    path[year_end] = np.log(_YEAR_END_LEVEL["^RUT"])
    _with_pattern(path, peak, year_end, top, rng)
    out[1 : year_end + 1] = np.diff(path)
    story = slice(year_end + 1, year_end + 10)
    out[story] = rng.normal(0, 0.006, 9)
    out[story] += (np.log1p(YTD_14_JANUARY) - out[story].sum()) / 9
    out[year_end + 10] = np.log1p(YTD_15_JANUARY) - np.log1p(YTD_14_JANUARY)
    return out


def _with_pattern(path: Floats, peak: int, year_end: int, top: float, rng: np.random.Generator) -> None:
    """Log prices from some weeks after the peak to the year's end: five extrema with monotone legs between them."""
    corners = [(year_end - before, path[year_end] + level) for before, level in _PATTERN] + [(year_end, path[year_end])]
    first, level = corners[0]
    between = np.arange(peak + 1, first + 1)
    path[between] += (level - path[first]) * (between - peak) / (first - peak)
    path[between] = top - np.abs(top - path[between]) - 1e-4
    path[first] = level
    for (start, low), (end, high) in pairwise(corners):
        steps = rng.uniform(0.6, 1.4, end - start)
        path[start + 1 : end + 1] = low + (high - low) * np.cumsum(steps) / steps.sum()


def _pattern_truth(close: Floats, sessions: NDArray[np.datetime64], year_end: int) -> dict[str, Any]:
    """The planted extrema, the session at whose close they can be known, and the breakout in the finished closes."""
    at = [year_end - before for before, _ in _PATTERN[1:]]
    known = at[-1] + _KNOWN_AFTER_SESSIONS
    bars = np.arange(len(close))
    neckline = close[at[1]] + (close[at[3]] - close[at[1]]) / (at[3] - at[1]) * (bars - at[1])
    broken = np.flatnonzero((close > neckline * (1 + _BREAKOUT_MARGIN)) & (bars > known))
    return {
        "symbol": "^RUT",
        "bar_interval": "daily",
        "extrema": [str(sessions[position]) for position in at],
        "confirmed": str(sessions[known]),
        "breakout": str(sessions[broken[0]]),
    }


def _with_streaks(excess: Floats, sessions: NDArray[np.datetime64], truth: dict[str, Any]) -> Floats:
    """No long run by chance, one run of exactly 9 before, and the run of January 2026."""
    out = np.where(excess == 0, 1e-4, excess)
    run = 0
    for position in range(len(out)):
        run = run + 1 if out[position] > 0 else 0
        if run > _LONGEST_BY_CHANCE:
            out[position], run = -out[position], 0
    first, last = (int(np.searchsorted(sessions, day)) for day in (STREAK_FIRST, STREAK_LAST))
    earlier_end = len(out) // 3
    _run(out, earlier_end - EARLIER_RUN + 1, earlier_end)
    _run(out, first, last)
    truth["streak"] = {
        "first_session": str(sessions[first]),
        "last_session": str(sessions[last]),
        "length_on_2026_01_14": 9,
        "length_on_2026_01_22": 14,
        "earlier_run_length": EARLIER_RUN,
        "earlier_run_end": str(sessions[earlier_end]),
    }
    return out


def _run(excess: Floats, first: int, last: int) -> None:
    """A run of wins exactly from `first` to `last`; a win is large enough to survive the rounding of prices."""
    excess[first : last + 1] = np.maximum(np.abs(excess[first : last + 1]), 5e-4)
    for position in (first - 1, last + 1):
        excess[position] = -max(abs(float(excess[position])), 5e-4)


def _levels(returns: Floats, anchor: int, level: float) -> Floats:
    path = np.cumsum(returns)
    levels: Floats = level * np.exp(path - path[anchor])
    return levels


def _record(close: Floats, sessions: NDArray[np.datetime64], year_end: int) -> dict[str, Any]:
    """What the finished ^RUT closes say: every fresh all-time high, and the returns of the year."""
    high, since, fresh = float(close[0]), 0, []
    for position in range(1, len(close)):
        since += 1
        if close[position] > high:
            if since >= _FRESH_AFTER_SESSIONS:
                fresh.append(str(sessions[position]))
            high, since = float(close[position]), 0
    at = {day: int(np.searchsorted(sessions, np.datetime64(day))) for day in ("2026-01-14", "2026-01-15")}
    return {
        "fresh_all_time_highs": fresh,
        "fresh_after_sessions": _FRESH_AFTER_SESSIONS,
        "ytd_return": {day: float(close[position] / close[year_end] - 1) for day, position in at.items()},
    }
