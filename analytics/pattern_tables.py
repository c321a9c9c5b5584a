"""From prices on sessions to the tables of chart patterns: what each window shows, each pattern, and what chance shows.

Belongs here: bars, tables and what needs computing again. What a pattern is belongs to patterns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.bootstrap import block_length, percentile_interval, resampled_positions
from analytics.frames import null_for_nan
from analytics.long_bias import seeded
from analytics.patterns import POINTS, Floats, Found, Ints, Rule, count, find, first_of_each_head, outcomes

INTERVALS = ("daily", "weekly")
_DATES = [f"e{k}_date" for k in range(1, POINTS + 1)]
_CLOSES = [f"e{k}_close" for k in range(1, POINTS + 1)]
_PLACE = [("symbol", pa.string()), ("bar_interval", pa.string())]
_SHAPE = [*((name, pa.date32()) for name in _DATES), *((name, pa.float64()) for name in _CLOSES)]
SCANS = pa.schema(
    [
        *_PLACE,
        ("session_date", pa.date32()),
        ("is_pattern", pa.bool_()),
        ("bandwidth_bars", pa.float64()),
        *_SHAPE,
        ("inputs_hash", pa.string()),
        ("params_hash", pa.string()),
    ]
)
PATTERNS = pa.schema(
    [
        *_PLACE,
        ("head_date", pa.date32()),
        *_SHAPE,
        ("bandwidth_bars", pa.float64()),
        ("confirmed_date", pa.date32()),
        ("confirmed_at", pa.timestamp("us", tz="UTC")),
        ("status", pa.string()),
        ("breakout_date", pa.date32()),
        ("target", pa.float64()),
        ("target_date", pa.date32()),
        ("failed_date", pa.date32()),
        ("params_hash", pa.string()),
    ]
)
CHANCE = pa.schema(
    [
        *_PLACE,
        ("as_of_date", pa.date32()),
        ("bars", pa.int64()),
        ("detections", pa.int64()),
        ("detections_per_1000", pa.float64()),
        ("chance_per_1000", pa.float64()),
        ("chance_low", pa.float64()),
        ("chance_high", pa.float64()),
        ("p_value", pa.float64()),
        ("recent_bars", pa.int64()),
        ("recent_breakouts", pa.int64()),
        ("chance_breakouts", pa.list_(pa.float64())),
        ("block_bars", pa.int64()),
        ("reason", pa.string()),
        ("inputs_hash", pa.string()),
        ("params_hash", pa.string()),
    ]
)


@dataclass(frozen=True)
class Chance:
    """How bootstrapped paths are drawn; part of the dbt var `chart_patterns`. `bars`: length of a path per interval."""

    symbols: tuple[str, ...]
    bars: Mapping[str, int]
    recent_bars: int
    draws: int
    confidence: float


@dataclass(frozen=True)
class Bars:
    """Closes of one symbol in order of time, (n,) each; NaN is a missing close. `hashes` are of all bars so far."""

    symbol: str
    interval: str
    dates: pd.DatetimeIndex
    close_at: pd.Series
    closes: Floats
    totals: Any

    def window_hashes(self, length: int) -> list[str]:
        """A hash of the `length` bars up to each bar: equal hashes, equal windows."""
        ends = np.arange(1, len(self.totals))
        return [f"{value:016x}" for value in self.totals[ends] - self.totals[np.maximum(ends - length, 0)]]


def bars_of(sessions: pd.DataFrame, prices: pd.DataFrame, symbol: str, interval: str) -> Bars:
    """Bars of a symbol from its first price on: `sessions` are the rows of int_xnys_sessions in order, `prices` those
    of int_session_prices at the session's close. A week's bar is the close of its last session."""
    mine = prices[prices["series"] == symbol].set_index("session_date")["price"]
    grid = sessions[sessions["is_week_end"]] if interval == "weekly" else sessions
    grid = grid[grid["session_date"] >= (mine.index.min() if len(mine) else pd.Timestamp.max)]
    dates = pd.DatetimeIndex(grid["session_date"])
    closes = mine.reindex(dates).to_numpy(dtype=float)
    rows = pd.util.hash_pandas_object(pd.DataFrame({"date": dates, "close": closes}), index=False)
    totals = np.concatenate([np.zeros(1, np.uint64), np.cumsum(rows.to_numpy(np.uint64), dtype=np.uint64)])
    return Bars(symbol, interval, dates, grid["close_at"].reset_index(drop=True), closes, totals)


def scan_table(every: Sequence[Bars], stored: pd.DataFrame | None, rule: Rule, params_hash: str) -> pa.Table:
    """What every window shows that is not stored with the same closes; `stored` has the keys and hashes of the rows
    there are."""
    parts = []
    for bars in every:
        hashes = np.array(bars.window_hashes(rule.window), dtype=object)
        ends = np.arange(rule.window - 1, len(bars.closes))
        if stored is not None:
            mine = stored[(stored["symbol"] == bars.symbol) & (stored["bar_interval"] == bars.interval)]
            known = mine[mine["params_hash"] == params_hash].set_index("session_date")["inputs_hash"]
            ends = ends[known.reindex(bars.dates[ends]).to_numpy() != hashes[ends]]
        if len(ends):
            parts.append(_scans(bars, ends, rule, hashes, params_hash))
    return null_for_nan(pa.concat_tables(parts).combine_chunks()) if parts else SCANS.empty_table()


def _scans(bars: Bars, ends: Ints, rule: Rule, hashes: Any, params_hash: str) -> pa.Table:
    found = find(bars.closes, ends, rule)
    frame = pd.DataFrame({"session_date": bars.dates[ends].date, "inputs_hash": hashes[ends]})
    row = np.searchsorted(ends, found.end)
    shown = pd.DataFrame({"bandwidth_bars": found.bandwidth, **_points(bars, found.points)}, index=row)
    frame = frame.join(shown)
    frame["is_pattern"] = frame["bandwidth_bars"].notna()
    frame = frame.assign(symbol=bars.symbol, bar_interval=bars.interval, params_hash=params_hash)
    return pa.Table.from_pandas(frame[SCANS.names], schema=SCANS, preserve_index=False)


def _points(bars: Bars, points: Ints) -> dict[str, Any]:
    days = np.array(bars.dates.date, dtype=object)
    dates = {name: days[points[:, k]] for k, name in enumerate(_DATES)}
    return dates | {name: bars.closes[points[:, k]] for k, name in enumerate(_CLOSES)}


def pattern_table(every: Sequence[Bars], scans: pd.DataFrame, rule: Rule, params_hash: str) -> pa.Table:
    """Each pattern once, at the first window that shows its head, and what became of it; `scans` has the rows of the
    scans that show one."""
    parts = []
    for bars in every:
        mine = scans[(scans["symbol"] == bars.symbol) & (scans["bar_interval"] == bars.interval)].sort_values(
            "session_date"
        )
        if mine.empty:
            continue
        at = {name: bars.dates.get_indexer(pd.DatetimeIndex(mine[name])) for name in ("session_date", *_DATES)}
        points = np.stack([at[name] for name in _DATES], axis=1).astype(np.int64)
        found = Found(at["session_date"].astype(np.int64), mine["bandwidth_bars"].to_numpy(float), points)
        parts.append(_patterns(bars, first_of_each_head(found), rule, params_hash))
    return null_for_nan(pa.concat_tables(parts).combine_chunks()) if parts else PATTERNS.empty_table()


def _patterns(bars: Bars, found: Found, rule: Rule, params_hash: str) -> pa.Table:
    closes = np.broadcast_to(bars.closes, (len(found.end), len(bars.closes)))
    decided = outcomes(closes, found.end, found.points, rule)
    days = np.array(bars.dates.date, dtype=object)

    def day(after: Ints) -> list[Any]:
        return [days[end + bar] if bar >= 0 else None for end, bar in zip(found.end, after, strict=True)]

    columns = {
        "symbol": [bars.symbol] * len(found.end),
        "bar_interval": [bars.interval] * len(found.end),
        "head_date": days[found.points[:, 2]],
        **_points(bars, found.points),
        "bandwidth_bars": found.bandwidth,
        "confirmed_date": days[found.end],
        "confirmed_at": bars.close_at.iloc[found.end].dt.tz_convert("UTC"),
        "status": decided.status,
        "breakout_date": day(decided.breakout),
        "target": decided.target,
        "target_date": day(decided.reached),
        "failed_date": day(decided.failed),
        "params_hash": [params_hash] * len(found.end),
    }
    return pa.table([pa.array(columns[name], PATTERNS.field(name).type) for name in PATTERNS.names], schema=PATTERNS)


def chance_table(
    every: Sequence[Bars], stored: pd.DataFrame | None, rule: Rule, chance: Chance, params_hash: str
) -> pa.Table:
    """What bootstrapped paths show, for the newest whole month, unless it is stored from the same closes.

    A path has the log returns of the trailing bars in blocks of random length (Politis & Romano 1994), so it keeps
    their size and short memory and has no pattern by intent.
    """
    rows = []
    for bars in every:
        at = _last_month_end(bars.dates)
        if bars.symbol not in chance.symbols or at is None:
            continue
        key = {"symbol": bars.symbol, "bar_interval": bars.interval, "as_of_date": bars.dates[at].date()}
        length = chance.bars[bars.interval]
        inputs_hash = bars.window_hashes(length + 1)[at]
        if stored is None or not _is_stored(stored, key, inputs_hash, params_hash):
            closes = bars.closes[max(at - length, 0) : at + 1]
            hashes = {"inputs_hash": inputs_hash, "params_hash": params_hash}
            rows.append({**key, **_chance(closes, length, rule, chance, str(key)), **hashes})
    return null_for_nan(pa.Table.from_pylist(rows, CHANCE)) if rows else CHANCE.empty_table()


def _chance(closes: Floats, length: int, rule: Rule, chance: Chance, name: str) -> dict[str, Any]:
    if len(closes) <= length or not np.isfinite(closes).all():
        return {"reason": f"{max(int(np.isfinite(closes).sum()) - 1, 0)} of {length} bars with a return"}
    returns = np.diff(np.log(closes))
    block = block_length(returns)
    at = resampled_positions(length, block, chance.draws, seeded("chart_patterns", name, rule, chance))
    drawn = count(np.exp(np.cumsum(returns[at], axis=1)), rule, chance.recent_bars)
    real = count(closes[None, 1:], rule, chance.recent_bars)
    low, high = percentile_interval(drawn.patterns.astype(float), chance.confidence)
    at_least = (1 + int((drawn.patterns >= real.patterns[0]).sum())) / (1 + chance.draws)
    shares = [
        (1 + int((drawn.recent_breakouts >= k).sum())) / (1 + chance.draws)
        for k in range(int(drawn.recent_breakouts.max()) + 2)
    ]
    thousand = 1000 / length
    return {
        "bars": length,
        "detections": int(real.patterns[0]),
        "detections_per_1000": float(real.patterns[0]) * thousand,
        "chance_per_1000": float(drawn.patterns.mean()) * thousand,
        "chance_low": low * thousand,
        "chance_high": high * thousand,
        "p_value": at_least,
        "recent_bars": chance.recent_bars,
        "recent_breakouts": int(real.recent_breakouts[0]),
        "chance_breakouts": shares,
        "block_bars": block,
        "reason": "",
    }


def _last_month_end(dates: pd.DatetimeIndex) -> int | None:
    """The last bar that is followed by a bar of a later month."""
    months = dates.to_period("M")
    ends = np.flatnonzero(months[:-1] != months[1:])
    return int(ends[-1]) if len(ends) else None


def _is_stored(stored: pd.DataFrame, key: dict[str, Any], inputs_hash: str, params_hash: str) -> bool:
    same = (stored["inputs_hash"] == inputs_hash) & (stored["params_hash"] == params_hash)
    for name, value in key.items():
        same &= stored[name] == (pd.Timestamp(value) if name == "as_of_date" else value)
    return bool(same.any())
