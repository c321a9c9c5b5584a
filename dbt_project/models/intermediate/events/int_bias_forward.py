"""Per day, across coins: how volatility and return of the days that follow rise with the long bias."""

import hashlib
import json

import pandas as pd
import pyarrow as pa

from analytics.bias_forward import day_slope, forward_outcomes

SCHEMA = pa.schema(
    [
        ("date", pa.date32()),
        ("outcome", pa.string()),
        ("horizon_days", pa.int32()),
        ("slope", pa.float64()),
        ("base", pa.float64()),
        ("n", pa.int64()),
        ("params_hash", pa.string()),
    ]
)


def model(dbt, session):
    dbt.config(materialized="table")
    params = dbt.config.get("params")
    rule, night = json.loads(params), dbt.config.get("night")
    params_hash = hashlib.md5(params.encode(), usedforsecurity=False).hexdigest()
    bias = dbt.ref("int_coin_bias").filter("bias_z is not null and coin_id <> 'bitcoin'").df()
    if bias.empty:
        return SCHEMA.empty_table()
    first = bias["date"].min().date()
    caps = dbt.ref("int_coin_caps").filter(f"date >= date '{first}' and date <= date '{night}'")
    prices = caps.filter("price_usd > 0").project("date, coin_id, price_usd").df()
    days = pd.date_range(first, prices["date"].max(), unit="us")
    z = bias.pivot(index="date", columns="coin_id", values="bias_z").reindex(days)
    prices = prices.pivot(index="date", columns="coin_id", values="price_usd").reindex(index=days, columns=z.columns)
    rows = []
    for horizon in rule["horizon_days"]:
        found = forward_outcomes(prices.to_numpy(dtype=float), horizon)
        for outcome, values in zip(("volatility", "return"), found, strict=True):
            for day, scores, outcomes in zip(days, z.to_numpy(dtype=float), values, strict=True):
                slope = day_slope(scores, outcomes, rule["min_coins"])
                if slope is not None:
                    rows.append({"date": day.date(), "outcome": outcome, "horizon_days": horizon, **slope._asdict()})
    return pa.Table.from_pylist([{**row, "params_hash": params_hash} for row in rows], SCHEMA)
