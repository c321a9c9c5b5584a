"""Turning points of equities and crypto compared: which pairs and dates, and which need computing again.

Belongs here: from a table of returns to a table of matches. The statistics are in turning_points and matching.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.correlation import Series
from analytics.frames import null_for_nan
from analytics.market import (
    ALIGNMENTS,
    CRYPTO,
    EQUITIES,
    EQUITY_ALIGNMENT,
    Market,
    aligned,
    input_hashes,
    market,
    stale,
)
from analytics.matching import (
    Concordance,
    concordance,
    exceedance,
    match_share,
    matched,
    shifted_concordances,
    shifted_shares,
)
from analytics.turning_points import PEAK, Pivot, PivotRule, alternating, extremes, states, trailing_spread

Known = tuple[list[Pivot], Series]
MATCH = pa.struct(
    [
        ("kind", pa.string()),
        ("equity_date", pa.date32()),
        ("crypto_date", pa.date32()),
        ("lead_sessions", pa.int32()),
        ("confirmed_date", pa.date32()),
    ]
)
SCHEMA = pa.schema(
    [
        ("as_of_date", pa.date32()),
        ("equity_symbol", pa.string()),
        ("crypto_series", pa.string()),
        ("k_sessions", pa.int32()),
        ("tolerance_sessions", pa.int32()),
        ("equity_pivots", pa.int64()),
        ("crypto_pivots", pa.int64()),
        ("n", pa.int64()),
        ("matches", pa.int64()),
        ("match_share", pa.float64()),
        ("null_share_mean", pa.float64()),
        ("null_share_p95", pa.float64()),
        ("p_value", pa.float64()),
        ("leads", pa.list_(pa.int32())),
        ("lead_median", pa.float64()),
        ("concordance", pa.float64()),
        ("concordance_expected", pa.float64()),
        ("concordance_p", pa.float64()),
        ("concordance_hac_p", pa.float64()),
        ("concordance_sessions", pa.int64()),
        ("window_from", pa.date32()),
        ("alignment", pa.string()),
        ("reason", pa.string()),
        ("provider", pa.string()),
        ("inputs_hash", pa.string()),
        ("params_hash", pa.string()),
        ("matched_pivots", pa.list_(MATCH)),
    ]
)


@dataclass(frozen=True)
class Rule:
    """What counts as a turning point and how they are compared; the fields are the dbt var `turning_points`."""

    window_sessions: int
    k_sessions: tuple[int, ...]
    tolerances: tuple[int, ...]
    min_phase: int
    min_amplitude: float
    spreads: float
    spread_sessions: int
    min_coverage: float
    min_pivots: int
    hac_lags: int

    def __post_init__(self) -> None:
        if max(self.tolerances) >= self.min_phase:
            raise ValueError(
                f"a tolerance of {max(self.tolerances)} sessions lets one pivot match two: keep it below min_phase, "
                f"{self.min_phase}"
            )

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Rule:
        return cls(**{**values, "k_sessions": tuple(values["k_sessions"]), "tolerances": tuple(values["tolerances"])})

    @property
    def needed(self) -> int:
        return int(np.ceil(self.min_coverage * self.window_sessions))

    def pivots(self, k: int) -> PivotRule:
        return PivotRule(k, self.min_phase, self.min_amplitude, self.spreads)


class Paths:
    """The pivots of every series as they were known at any session; extremes are looked for once a series."""

    def __init__(self, whole: Market, rule: Rule) -> None:
        self._whole, self._rule = whole, rule
        self._prepared = cache(self._prepare)
        self.known = cache(self._known)

    def _prepare(self, name: str, alignment: str, k: int) -> tuple[Series, Series, list[tuple[int, int]]]:
        series, rule = self._whole.of(name, alignment), self._rule
        spread = trailing_spread(series.session, rule.spread_sessions, rule.min_coverage)
        return series.level, spread, extremes(series.level, k)

    def _known(self, name: str, alignment: str, k: int, end: int) -> Known:
        """The pivots and phases confirmed by session `end`, from the beginning of the series."""
        level, spread, candidates = self._prepared(name, alignment, k)
        confirmed = [candidate for candidate in candidates if candidate[0] + k <= end]
        found = alternating(confirmed, level, spread, self._rule.pivots(k))
        return found, states(found, end + 1)


def turning_table(
    sessions: pd.DataFrame, returns: pd.DataFrame, stored: pd.DataFrame | None, rule: Rule, params_hash: str
) -> pa.Table:
    """Matches of every pair, k and tolerance on month-ends and the last session, where not stored as they are.

    `stored` has as_of_date, inputs_hash and params_hash of the rows there are; None computes all dates.
    """
    whole = market(sessions, returns)
    # Pivots hang on the pivots before them, so the inputs of a date are all of its past.
    hashes = input_hashes(whole.sessions, returns, len(whole.sessions))
    dates = whole.as_of[whole.as_of >= whole.first_crypto]
    paths = Paths(whole, rule)
    rows = [
        {**row, "inputs_hash": hashes[end], "params_hash": params_hash}
        for end in stale(dates, whole.sessions, hashes, stored, params_hash)
        for row in _rows(whole, paths, int(end), rule)
    ]
    return null_for_nan(pa.Table.from_pylist(rows, SCHEMA))


def _rows(whole: Market, paths: Paths, end: int, rule: Rule) -> Iterator[dict[str, Any]]:
    start = max(end - rule.window_sessions + 1, 0)
    dates = {"as_of_date": whole.sessions[end].date(), "window_from": whole.sessions[start].date()}
    for crypto in CRYPTO:
        _, covered, _ = aligned(whole, crypto, np.array([end]), rule.window_sessions, rule.needed)
        alignment = ALIGNMENTS[0] if covered[0] else ALIGNMENTS[1]
        coins = whole.of(crypto, alignment)
        for equity in EQUITIES:
            shares = whole.of(equity, EQUITY_ALIGNMENT)
            both = np.isfinite(shares.level[start : end + 1]) & np.isfinite(coins.level[start : end + 1])
            labels = {**dates, "equity_symbol": equity, "crypto_series": crypto}
            labels |= {"alignment": alignment, "provider": coins.provider}
            for k in rule.k_sessions:
                sides = (paths.known(equity, EQUITY_ALIGNMENT, k, end), paths.known(crypto, alignment, k, end))
                for row in _compared(whole, sides, start, int(both.sum()), rule):
                    yield {**labels, "k_sessions": k, **row}


def _compared(
    whole: Market, sides: tuple[Known, Known], start: int, prices: int, rule: Rule
) -> Iterator[dict[str, Any]]:
    """One row a tolerance; phases are compared once for all of them."""
    first, second = ([pivot for pivot in found if pivot.position >= start] for found, _ in sides)
    counts = {"equity_pivots": len(first), "crypto_pivots": len(second), "n": len(first) + len(second)}
    reason = _untold(min(len(first), len(second)), prices, rule)
    if reason:
        yield from (
            {**counts, "tolerance_sessions": tolerance, "reason": reason, "leads": [], "matched_pivots": []}
            for tolerance in rule.tolerances
        )
        return
    chances = shifted_shares(first, second, start, rule.window_sessions, rule.tolerances)
    phases = _phases(sides[0][1][start:], sides[1][1][start:], rule)
    for tolerance, chance in zip(rule.tolerances, chances, strict=True):
        pairs = matched(first, second, tolerance)
        share = match_share(len(pairs), len(first), len(second))
        leads = [crypto.position - equity.position for equity, crypto in pairs]
        yield {
            **counts,
            **phases,
            "tolerance_sessions": tolerance,
            "matches": len(pairs),
            "match_share": share,
            "null_share_mean": float(chance.mean()),
            "null_share_p95": float(np.quantile(chance, 0.95)),
            "p_value": exceedance(share, chance),
            "leads": leads,
            "lead_median": float(np.median(leads)) if leads else None,
            "reason": "",
            "matched_pivots": [_match(whole, equity, crypto) for equity, crypto in pairs],
        }


def _phases(first: Series, second: Series, rule: Rule) -> dict[str, Any]:
    found: Concordance = concordance(first, second, rule.hac_lags)
    return {
        "concordance": found.value,
        "concordance_expected": found.expected,
        "concordance_p": exceedance(found.value, shifted_concordances(first, second)),
        "concordance_hac_p": found.hac_p,
        "concordance_sessions": found.n,
    }


def _match(whole: Market, equity: Pivot, crypto: Pivot) -> dict[str, Any]:
    return {
        "kind": "high" if equity.kind == PEAK else "low",
        "equity_date": whole.sessions[equity.position].date(),
        "crypto_date": whole.sessions[crypto.position].date(),
        "lead_sessions": crypto.position - equity.position,
        "confirmed_date": whole.sessions[max(equity.confirmed_at, crypto.confirmed_at)].date(),
    }


def _untold(fewest: int, prices: int, rule: Rule) -> str:
    if prices < rule.needed:
        return f"{prices} of at least {rule.needed} prices" if prices else "no data"
    return f"{fewest} of at least {rule.min_pivots} turning points" if fewest < rule.min_pivots else ""
