"""The event study of the night: every signal, horizon and model on the altcoins' returns.

Belongs here: from tables of returns and events to the table of the mart. The arithmetic is in event_study.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.event_study import (
    MODELS,
    Cars,
    Floats,
    Ints,
    Rule,
    Study,
    abnormal,
    declustered,
    estimated,
    study,
    volatility_terciles,
)
from analytics.frames import null_for_nan
from analytics.long_bias import seeded
from analytics.trend_tests import holm

SCHEMA = pa.schema(
    [
        ("evaluation_date", pa.date32()),
        ("signal", pa.string()),
        ("horizon_sessions", pa.int32()),
        ("model", pa.string()),
        ("n_events", pa.int64()),
        ("n_measured", pa.int64()),
        ("n_pending", pa.int64()),
        ("mean_car", pa.float64()),
        ("share_positive", pa.float64()),
        ("base_rate", pa.float64()),
        ("base_share_positive", pa.float64()),
        ("p_value", pa.float64()),
        ("p_holm", pa.float64()),
        ("family_tests", pa.int32()),
        ("minimum_detectable", pa.float64()),
        ("first_event", pa.date32()),
        ("last_event", pa.date32()),
        ("reason", pa.string()),
        ("params_hash", pa.string()),
    ]
)


@dataclass(frozen=True)
class Setting:
    """When and how a study is made."""

    rule: Rule
    night: date
    params_hash: str


def altcoins_and_bitcoin(days: pd.DatetimeIndex, prices: pd.DataFrame) -> tuple[Floats, Floats]:
    """Log levels (n,) on sessions of all crypto but Bitcoin and of Bitcoin's cap, both from one provider's total.

    `prices` has the rows of int_session_prices for total_cap and total_ex_btc.
    """
    caps = prices.pivot_table(index="session_date", columns="series", values="price").reindex(days)
    missing = pd.Series(np.nan, index=days)
    total, others = (caps.get(name, missing).to_numpy(float) for name in ("total_cap", "total_ex_btc"))
    bitcoin = np.where(total > others, total - others, np.nan)
    return np.log(others), np.log(bitcoin)


def returns_of(levels: Floats) -> Floats:
    """Log returns (n,) between consecutive sessions of log levels (n,); the first is NaN."""
    return np.concatenate([np.full(min(len(levels), 1), np.nan), np.diff(levels)])


def study_table(
    days: pd.DatetimeIndex, prices: pd.DataFrame, events: pd.DataFrame, signals: tuple[str, ...], setting: Setting
) -> pa.Table:
    """Every signal of `signals` over every horizon, in both models, with the events known by the night.

    `events` has signal and session_date. Holm's family is all signals and horizons of one model.
    """
    rule, night = setting.rule, setting.night
    asset, market = altcoins_and_bitcoin(days, prices)
    returns = returns_of(asset)
    models = estimated(returns, returns_of(market), rule)
    terciles = volatility_terciles(returns, rule.volatility_sessions)
    rows: list[dict[str, Any]] = []
    for signal in signals:
        # An event between two sessions belongs to the next one.
        at = np.unique(days.searchsorted(pd.DatetimeIndex(events.loc[events["signal"] == signal, "session_date"])))
        at = at[at < len(days)]
        for horizon in rule.horizons:
            kept = declustered(at, horizon)
            for model in MODELS:
                cars = abnormal(asset, market, models[model], horizon)
                rng = seeded("signal_event_study", night, signal, horizon, model, rule)
                found = study(cars, kept, terciles, rule, rng)
                pending = int((kept + horizon >= len(days)).sum())
                row = {"signal": signal, "horizon_sessions": horizon, "model": model, **_columns(found)}
                counts = {"n_events": len(kept), "n_pending": pending, "reason": _reason(found, len(kept), pending)}
                dates = {"first_event": days[kept[0]].date(), "last_event": days[kept[-1]].date()} if len(kept) else {}
                rows.append({**row, **counts, **dates, "evaluation_date": night, "params_hash": setting.params_hash})
    for model in MODELS:
        family = [row for row in rows if row["model"] == model]
        tests = sum(np.isfinite(row["p_value"]) for row in family)
        for row, p in zip(family, holm([row["p_value"] for row in family]), strict=True):
            row |= {"p_holm": p, "family_tests": tests}
    return null_for_nan(pa.Table.from_pylist(rows, SCHEMA))


def record_so_far(cars: Cars, events: Ints) -> dict[str, Any]:
    """What was known on each session (n,) of the events before it: only horizons that were over then count.

    Events are de-clustered as they come. The base rate is the mean over all sessions whose horizon was over.
    """
    car, n = cars.values, len(cars.values)
    kept = np.zeros(n, dtype=bool)
    kept[declustered(events, cars.horizon)] = True
    # What happened on session s is known on s + horizon.
    over = np.concatenate([np.full(min(cars.horizon, n), np.nan), car])[:n]
    was_event = np.concatenate([np.zeros(min(cars.horizon, n), dtype=bool), kept])[:n]
    known = np.isfinite(over)
    columns: dict[str, Any] = {}
    for prefix, counts in (("record", known & was_event), ("record_base", known)):
        number = np.cumsum(counts)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.cumsum(np.where(counts, over, 0.0)) / number
            positive = np.cumsum(counts & (over > 0)) / number
        columns["record_mean_car" if prefix == "record" else "record_base_rate"] = mean
        columns[f"{prefix}_share_positive"] = positive
        if prefix == "record":
            columns["record_events"] = number
    return columns


def _columns(found: Study) -> dict[str, Any]:
    values = found._asdict()
    return {"n_measured": values.pop("measured"), **values}


def _reason(found: Study, events: int, pending: int) -> str:
    if found.measured:
        return ""
    if not events:
        return "no event"
    over = events - pending
    text = f"none of {events} events can be measured: {pending} are not over"
    return text + (f", {over} lack the returns around them" if over else "")
