"""Lead and lag of equities and crypto: which pairs and dates, the band beside them, and which need computing again.

Belongs here: from a table of returns to a table of cross-correlations. The statistics are in lead_lag.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from analytics.bootstrap import block_length, resampled_positions
from analytics.correlation import Series, windows_at
from analytics.frames import null_for_nan
from analytics.lead_lag import autoregression, cross_correlations, largest_by_chance, whitened
from analytics.long_bias import seeded
from analytics.market import (
    CRYPTO,
    EQUITIES,
    EQUITY_ALIGNMENT,
    Market,
    aligned_windows,
    input_hashes,
    market,
    stale,
)

SCHEMA = pa.schema(
    [
        ("as_of_date", pa.date32()),
        ("equity_symbol", pa.string()),
        ("crypto_series", pa.string()),
        ("lag_sessions", pa.int32()),
        ("correlation", pa.float64()),
        ("band_low", pa.float64()),
        ("band_high", pa.float64()),
        ("p_value", pa.float64()),
        ("n", pa.int64()),
        ("window_from", pa.date32()),
        ("alignment", pa.string()),
        ("reason", pa.string()),
        ("provider", pa.string()),
        ("inputs_hash", pa.string()),
        ("params_hash", pa.string()),
    ]
)


@dataclass(frozen=True)
class Rule:
    """How windows are formed and judged; the fields are the dbt var `lead_lag`."""

    window_sessions: int
    max_lag: int
    max_order: int
    min_coverage: float
    draws: int
    confidence: float

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Rule:
        return cls(**values)

    @property
    def needed(self) -> int:
        return int(np.ceil(self.min_coverage * self.window_sessions))


def lead_lag_table(
    sessions: pd.DataFrame, returns: pd.DataFrame, stored: pd.DataFrame | None, rule: Rule, params_hash: str
) -> pa.Table:
    """Cross-correlations of every pair at every lag, on month-ends and the last session, where not stored as they are.

    `stored` has as_of_date, inputs_hash and params_hash of the rows there are; None computes all dates.
    """
    whole = market(sessions, returns)
    hashes = input_hashes(whole.sessions, returns, rule.window_sessions)
    dates = whole.as_of[whole.as_of >= whole.first_crypto]
    rows = [
        {**row, "inputs_hash": hashes[end], "params_hash": params_hash}
        for end in stale(dates, whole.sessions, hashes, stored, params_hash)
        for row in _rows(whole, int(end), rule)
    ]
    return null_for_nan(pa.Table.from_pylist(rows, SCHEMA))


def _rows(whole: Market, end: int, rule: Rule) -> Iterator[dict[str, Any]]:
    at, window, day = np.array([end]), rule.window_sessions, whole.sessions[end].date()
    start = whole.sessions[max(end - window + 1, 0)].date()
    shares = {name: windows_at(whole.of(name, EQUITY_ALIGNMENT).session, at, window)[0] for name in EQUITIES}
    coins = {name: aligned_windows(whole, name, at, window, rule.needed) for name in CRYPTO}
    filters = {
        name: autoregression(values[0], rule.max_order)
        for name, (values, _, _) in coins.items()
        if np.isfinite(values).sum() >= rule.needed
    }
    # One set of resamples for all pairs of a date, in blocks long enough for every crypto series.
    white = {name: whitened(coins[name][0][0], coefficients) for name, coefficients in filters.items()}
    rng = seeded("equity_crypto_lead_lag", day, rule)
    block = block_length(*(series[np.isfinite(series)] for series in white.values())) if white else 1
    positions = resampled_positions(window, block, rule.draws if white else 0, rng)
    for name, (values, alignment, provider) in coins.items():
        labels = {"as_of_date": day, "crypto_series": name, "window_from": start}
        labels |= {"alignment": str(alignment[0]), "provider": provider}
        for equity, row in _lags(shares, values[0], filters.get(name), positions, rule):
            yield {**labels, "equity_symbol": equity, **row}


def _lags(
    shares: Mapping[str, Series],
    coins: Series,
    coefficients: Series | None,
    positions: NDArray[np.int64],
    rule: Rule,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """One row a lag for each equity; rows without a correlation say why.

    The filter is the crypto series' own, so that one set of its resamples serves all equities.
    """
    lags = range(-rule.max_lag, rule.max_lag + 1)
    untold = {equity: _untold(series, coins, rule) for equity, series in shares.items()}
    for equity, reason in untold.items():
        if reason:
            pairs = int((np.isfinite(shares[equity]) & np.isfinite(coins)).sum())
            yield from ((equity, {"lag_sessions": lag, "n": pairs, "reason": reason}) for lag in lags)
    told = [equity for equity, reason in untold.items() if not reason]
    if not told or coefficients is None:
        return
    y, x = whitened(coins, coefficients), np.array([whitened(shares[equity], coefficients) for equity in told])
    chance = largest_by_chance(x, y, rule.max_lag, positions)
    for equity, series, largest in zip(told, x, chance, strict=True):
        crossed = cross_correlations(series, y, rule.max_lag)
        band = float(np.quantile(largest, rule.confidence))
        for lag, correlation, n in zip(lags, crossed.correlation, crossed.n, strict=True):
            as_large = int((largest >= abs(correlation)).sum())
            row = {"lag_sessions": lag, "correlation": float(correlation), "n": int(n), "reason": ""}
            row |= {"band_low": -band, "band_high": band, "p_value": (1 + as_large) / (1 + rule.draws)}
            yield equity, row


def _untold(x: Series, y: Series, rule: Rule) -> str:
    pairs = int((np.isfinite(x) & np.isfinite(y)).sum())
    if pairs < rule.needed:
        return f"{pairs} of at least {rule.needed} returns" if pairs else "no data"
    return "a series does not move" if not (np.nanstd(x) > 0 and np.nanstd(y) > 0) else ""
