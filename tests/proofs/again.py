"""Numbers of the marts that nothing else computes twice, made again by pandas from what they are made of.

Belongs here: one function a number, on the whole project built over a generated market, which has what the recorded one
lacks: daily caps, ratios, transfers of tokens. All agree to 1e-9.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from tests.proofs.correlation import VARS

Query = Callable[[str], pd.DataFrame]
Check = Callable[[Query], None]
EXACT = {"rtol": 1e-9, "atol": 1e-9}


def composite(query: Query) -> None:
    """rotation_signal: seven scores from prices, patterns, caps, ratios and states, and their weighted mean."""
    rule = VARS["rotation_signal"]
    ours = query("select * from marts.rotation_signal order by session_date").set_index("session_date")
    prices = query("""select session_date, series, price from intermediate.int_session_prices
        where series in ('^RUT', '^GSPC', 'total_cap')""")
    close = prices.pivot(index="session_date", columns="series", values="price").reindex(ours.index)
    moves = np.log(close).diff()
    rut = close["^RUT"]
    excess = moves["^RUT"] - moves["^GSPC"]
    recent = excess.rolling(21, min_periods=rule["min_recent_sessions"])
    spread = excess.rolling(252, min_periods=rule["min_sessions"]).std()
    scores = {
        "breakout": 1 - 2 * (1 - rut / rut.cummax()) / rule["drawdown_scale"],
        "strength": recent.sum() / (spread * np.sqrt(recent.count())) / rule["z_scale"],
        "correlation": _correlations(moves["^RUT"], moves["total_cap"], 63) / rule["correlation_scale"],
        "pattern": _standing(query, ours.index, rule["pattern_days"]),
        "others_btc": _moved(query, rule["others_days"]).reindex(ours.index) / rule["others_scale"],
        "long_bias": -_bias(query).reindex(ours.index) / rule["z_scale"],
        "netflow": _accumulating(query, rule["min_tokens"]).reindex(ours.index),
    }
    table = pd.DataFrame(scores).clip(-1, 1)
    weights = pd.Series(rule["weights"])
    assert table.notna().any().all()
    for name in weights.index:
        np.testing.assert_allclose(ours[f"{name}_score"], table[name], **EXACT, err_msg=name)
    known = table.notna().astype(float) @ weights
    told = (table.fillna(0) @ weights / known).where(known >= rule["min_coverage"] * weights.sum())
    np.testing.assert_allclose(ours["composite"], told, **EXACT)
    np.testing.assert_allclose(ours["coverage"], known / weights.sum(), **EXACT)
    crossed = (told >= rule["threshold"]) & (told.shift() < rule["threshold"])
    assert ours["is_event"].tolist() == crossed.tolist()
    assert crossed.any()


def _correlations(x: pd.Series, y: pd.Series, window: int) -> pd.Series:
    both = pd.concat([x, y], axis=1)
    found = pd.Series(np.nan, both.index)
    for end in range(1, len(both) + 1):
        pairs = both.iloc[max(end - window, 0) : end].dropna()
        if len(pairs) >= VARS["correlation"]["min_coverage"] * window:
            found.iloc[end - 1] = np.corrcoef(pairs.T)[0, 1]
    return found


def _standing(query: Query, sessions: pd.Index, days: int) -> pd.Series:
    scanned = query("select session_date from intermediate.int_pattern_scans where symbol = '^RUT' "
                    "and bar_interval = 'daily'")["session_date"]  # fmt: skip
    patterns = query("""select breakout_date, failed_date from marts.chart_patterns
        where symbol = '^RUT' and bar_interval = 'daily' and breakout_date is not null""")
    found = pd.Series(0.0, sessions).where(sessions.isin(scanned))
    for pattern in patterns.itertuples():
        last = pattern.breakout_date + pd.Timedelta(days=days)
        until = last if pd.isna(pattern.failed_date) else min(last, pattern.failed_date)
        found[(sessions >= pattern.breakout_date) & (sessions < until)] = 1.0
    return found


def _moved(query: Query, days: int) -> pd.Series:
    ratio = query("""select date, ratio from intermediate.int_others_btc
        where membership = 'chain_linked' and denominator = 'btc_price'""").set_index("date")["ratio"]
    return np.log(ratio / ratio.shift(freq=f"{days}D"))


def _bias(query: Query) -> pd.Series:
    return query("select date, bias_z from intermediate.int_altcoin_bias").set_index("date")["bias_z"]


def _accumulating(query: Query, fewest: int) -> pd.Series:
    states = query("select date, state from marts.accumulation_distribution where exchange = 'binance'")
    signs = states["state"].map({"ACCUMULATION": 1.0, "DISTRIBUTION": -1.0, "NEUTRAL": 0.0})
    by_day = signs.groupby(states["date"])
    return by_day.mean().where(by_day.count() >= fewest)


def netflow_z(query: Query) -> None:
    """accumulation_distribution: robust z from a table of the days before, its average, and the sum of 14 days."""
    rule = VARS["netflow_states"]
    ours = query("select * from marts.accumulation_distribution order by date")
    flows = query("select date, exchange, symbol, netflow, circulating_supply from intermediate.int_netflow_scaled")
    assert len(ours) > 500
    for key, mine in ours.groupby(["exchange", "symbol"]):
        days = pd.date_range(mine["date"].iloc[0], mine["date"].iloc[-1])
        token = flows[(flows["exchange"] == key[0]) & (flows["symbol"] == key[1])].set_index("date").reindex(days)
        z = _robust_z(token["netflow"], rule)
        share = token["netflow"] / token["circulating_supply"] * 1e4
        told = pd.DataFrame({
            "netflow_bp_supply": share,
            "z_score": z,
            "ema7_z": z.dropna().ewm(span=7, adjust=False).mean().reindex(days),
            "sum14_bp": share.rolling(rule["days"], min_periods=1).sum(),
            "coverage": token["netflow"].notna().rolling(rule["days"], min_periods=1).sum() / rule["days"],
        })  # fmt: skip
        for name, numbers in told.items():
            np.testing.assert_allclose(mine[name], numbers, **EXACT, err_msg=f"{name} of {key}")
    assert ours["z_score"].notna().sum() > 100


def _robust_z(flow: pd.Series, rule: dict[str, Any]) -> pd.Series:
    """A column for each of the days before."""
    before = pd.concat([flow.shift(lag) for lag in range(1, rule["z_window"] + 1)], axis=1)
    median = before.median(axis=1)
    apart = before.sub(median, axis=0).abs()
    scale = np.maximum(1.4826 * apart.median(axis=1), rule["mad_floor_share"] * apart.mean(axis=1)).clip(lower=1e-9)
    return ((flow - median) / scale).clip(-5, 5).where(before.count(axis=1) >= rule["min_points"])


def base_rates(query: Query) -> None:
    """forecast_ledger: how often the asset rose as much in as many days before, span by span, and what became of it."""
    ours = query("select * from marts.forecast_ledger where horizon_days is not null")
    levels = query("select asset, date, level from intermediate.int_forecast_levels order by date")
    night = levels["date"].max()
    assert (ours["base_spans"] > 0).any()
    for row in ours.itertuples():
        level = levels[levels["asset"] == row.asset].set_index("date")["level"]
        made, horizon = pd.Timestamp(row.made_at.date()), pd.Timedelta(days=row.horizon_days)
        before, after = level[:made], level[made : min(made + horizon, night)]
        after = after[after.index > made]
        rises = [
            before[day + pd.Timedelta(days=1) : day + horizon].max() / start - 1
            for day, start in before.items()
            if day + horizon <= made
        ]
        known = np.array([rise for rise in rises if not np.isnan(rise)])
        assert (0 if pd.isna(row.base_spans) else row.base_spans) == len(known), row.forecast_id
        if len(known):
            assert abs(row.base_rate - (known >= row.target_return).mean()) <= EXACT["atol"], row.forecast_id
        if len(after) and len(before):
            assert abs(row.best_return - (after.max() / before.iloc[-1] - 1)) <= EXACT["atol"], row.forecast_id
        if row.status in ("came_true", "failed"):
            came_true = after.max() >= before.iloc[-1] * (1 + row.target_return)
            assert row.status == ("came_true" if came_true else "failed")
            expected = ((1 - row.base_rate) if came_true else row.base_rate) ** 2
            assert abs(row.base_brier_score - expected) <= EXACT["atol"], row.forecast_id


CHECKS: tuple[Check, ...] = (composite, netflow_z, base_rates)
