"""Rolling correlations of equities with crypto: which pairs, windows and sessions, and which need computing again.

Belongs here: from a table of returns to a table of correlations. The statistics are in correlation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from analytics.correlation import (
    Correlations,
    Method,
    Series,
    Shape,
    correlate,
    volatility_adjusted,
    weeks_at,
    window_variances,
    windows_at,
)
from analytics.correlation_bootstrap import Intervals, intervals
from analytics.frames import null_for_nan
from analytics.market import (
    EQUITY_ALIGNMENT,
    Market,
    Positions,
    Returns,
    aligned,
    aligned_windows,
    input_hashes,
    market,
    stale,
)

METHODS: tuple[Method, ...] = ("pearson", "spearman", "winsorised", "ewma")
SCHEMA = pa.schema(
    [
        ("session_date", pa.date32()),
        ("equity_symbol", pa.string()),
        ("crypto_series", pa.string()),
        ("window_sessions", pa.int32()),
        ("method", pa.string()),
        ("correlation", pa.float64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
        ("n", pa.int64()),
        ("n_eff", pa.float64()),
        ("partial_correlation", pa.float64()),
        ("incremental_r2", pa.float64()),
        ("bootstrap_low", pa.float64()),
        ("bootstrap_high", pa.float64()),
        ("bootstrap_block", pa.float64()),
        ("volatility_adjusted", pa.float64()),
        ("variance_ratio", pa.float64()),
        ("alignment", pa.string()),
        ("reason", pa.string()),
        ("provider", pa.string()),
        ("inputs_hash", pa.string()),
        ("params_hash", pa.string()),
    ]
)


@dataclass(frozen=True)
class Rule:
    """How windows are formed and judged; the fields are the dbt var `correlation`."""

    windows: tuple[int, ...]
    control: str
    min_coverage: float
    min_pairs: int
    confidence: float
    ewma_decay: float
    winsor_share: float
    draws: int
    reference_sessions: int

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Rule:
        return cls(**{**values, "windows": tuple(values["windows"])})


def correlation_table(
    sessions: pd.DataFrame, returns: pd.DataFrame, stored: pd.DataFrame | None, rule: Rule, params_hash: str
) -> pa.Table:
    """Correlations of every pair, window and method on the sessions whose inputs or parameters are not the stored ones.

    `stored` has session_date, inputs_hash and params_hash of the rows there are; None computes all sessions.
    """
    whole = market(sessions, returns)
    hashes = input_hashes(whole.sessions, returns, max(*rule.windows, rule.reference_sessions))
    every = np.arange(whole.first_crypto, len(whole.sessions))
    ends = stale(every, whole.sessions, hashes, stored, params_hash)
    if not len(ends):
        return SCHEMA.empty_table()
    days = pa.array(whole.sessions[ends].date, pa.date32())
    parts = []
    for labels, values in _blocks(whole, ends, rule, params_hash):
        constant = {**labels, "params_hash": params_hash}
        columns = {
            name: pa.repeat(pa.scalar(value, SCHEMA.field(name).type), len(ends)) for name, value in constant.items()
        }
        columns |= {"session_date": days, "inputs_hash": pa.array(hashes[ends]), **values}
        parts.append(pa.table([columns[name] for name in SCHEMA.names], schema=SCHEMA))
    return null_for_nan(pa.concat_tables(parts).combine_chunks())


def _blocks(
    whole: Market, ends: Positions, rule: Rule, params_hash: str
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for window in rule.windows:
        needed = int(np.ceil(rule.min_coverage * window))
        resampled = intervals(
            whole,
            ends,
            window,
            needed=max(needed, rule.min_pairs),
            draws=rule.draws,
            confidence=rule.confidence,
            params_hash=params_hash,
        )
        for pair, interval in resampled.items():
            ratio = _variance_ratio(whole, pair[0], ends, window, rule)
            labels = {"equity_symbol": pair[0], "crypto_series": pair[1], "window_sessions": window}
            for method, provider, values in _window_blocks(whole, pair, ends, window, rule):
                extra = _pearson_only(values["correlation"], ratio, interval)
                columns = values | (extra if method == "pearson" else dict.fromkeys(extra, _nulls(len(ends))))
                yield {**labels, "method": method, "provider": provider}, columns


def _pearson_only(correlations: pa.Array, ratio: Series, interval: Intervals) -> dict[str, Any]:
    """The bootstrap interval, and what the correlation would be at the equity's variance of the reference period."""
    values = correlations.to_numpy(zero_copy_only=False)
    return {
        "bootstrap_low": pa.array(interval.low),
        "bootstrap_high": pa.array(interval.high),
        "bootstrap_block": pa.array(interval.block),
        "volatility_adjusted": pa.array(volatility_adjusted(values, ratio)),
        "variance_ratio": pa.array(np.where(np.isfinite(values), ratio, np.nan)),
    }


def _variance_ratio(whole: Market, equity: str, ends: Positions, window: int, rule: Rule) -> Series:
    """Variance of the equity in the window over that of the reference period; NaN where either is not covered."""
    moves = whole.of(equity, EQUITY_ALIGNMENT).session
    inside, around = (
        window_variances(windows_at(moves, ends, length), rule.min_coverage)
        for length in (window, rule.reference_sessions)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio: Series = inside / around
    return ratio


def _nulls(count: int) -> pa.Array:
    return pa.nulls(count, pa.float64())


def _window_blocks(
    whole: Market, pair: tuple[str, str], ends: Positions, window: int, rule: Rule
) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    equity, crypto = pair
    stocks = whole.of(equity, EQUITY_ALIGNMENT)
    control = _control(whole, equity, rule)
    partial = "it is its own control" if equity == rule.control else f"{rule.control} is missing or explains everything"
    needed = int(np.ceil(rule.min_coverage * window))
    x, c = windows_at(stocks.session, ends, window), windows_at(control.session, ends, window)
    y, alignment, provider = aligned_windows(whole, crypto, ends, window, needed)
    shape = Shape(rule.confidence, rule.ewma_decay, rule.winsor_share)
    for method in METHODS:
        found = correlate(x, y, c, method, fewest=max(needed, rule.min_pairs), shape=shape)
        reasons = _reasons(found, np.full(len(ends), max(needed, rule.min_pairs)), "returns", partial)
        yield method, provider, _columns(found, alignment, reasons)
    xw, weeks = weeks_at(stocks.week, whole.week_ends, ends, window)
    cw, _ = weeks_at(control.week, whole.week_ends, ends, window)
    coins, covered, _ = aligned(whole, crypto, ends, window, needed)
    yw = np.where(covered[:, None], *(weeks_at(one.week, whole.week_ends, ends, window)[0] for one in coins))
    # A window holds two weeks fewer than its fifth at most: its ends lie inside weeks, and holidays shorten some.
    expected = np.maximum(weeks, window // 5 - 2)
    fewest = np.maximum(np.ceil(rule.min_coverage * expected), rule.min_pairs).astype(np.int64)
    found = correlate(xw, yw, cw, fewest=fewest, shape=shape)
    reasons = _reasons(found, fewest, "whole weeks", partial)
    yield "weekly", provider, _columns(found, alignment, reasons)


def _control(whole: Market, equity: str, rule: Rule) -> Returns:
    nothing = np.full(len(whole.sessions), np.nan)
    return (
        Returns(nothing, nothing, nothing, None) if equity == rule.control else whole.of(rule.control, EQUITY_ALIGNMENT)
    )


def _reasons(found: Correlations, fewest: Positions, unit: str, partial: str) -> pa.Array:
    """Why a value is null, row by row; `partial` is the sentence for one that lacks only its partial correlation."""
    counts = zip(found.n.tolist(), fewest.tolist(), strict=True)
    missing = [_too_few(n, least, unit) for n, least in counts]
    known, whole = np.isfinite(found.correlation), np.isfinite(found.partial)
    return pa.array(
        np.select([whole, known], ["", f"no partial correlation: {partial}"], np.array(missing, dtype=object))
    )


@cache
def _too_few(n: int, least: int, unit: str) -> str:
    if n == 0:
        return "no data"
    return f"{n} of at least {least} {unit}" if n < least else "a series does not move"


def _columns(found: Correlations, alignment: NDArray[np.str_], reasons: pa.Array) -> dict[str, Any]:
    return {
        "correlation": pa.array(found.correlation),
        "ci_low": pa.array(found.low),
        "ci_high": pa.array(found.high),
        "n": pa.array(found.n.astype(np.int64)),
        "n_eff": pa.array(found.n_eff),
        "partial_correlation": pa.array(found.partial),
        "incremental_r2": pa.array(found.incremental_r2),
        "alignment": pa.array(alignment),
        "reason": reasons,
    }
