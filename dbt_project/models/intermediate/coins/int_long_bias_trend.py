"""Does the long bias rise as caps fall? One row per date and ratio kind; only dates with newer input are computed."""

import hashlib
import json

import pyarrow as pa

from analytics.frames import null_for_nan, stale_dates
from analytics.long_bias import seeded
from analytics.trend_tests import jonckheere_terpstra, trend

TIERS = {"mega": 0, "large": 1, "mid": 2, "small": 3, "micro": 4}
SCHEMA = pa.schema(
    [
        ("date", pa.date32()),
        ("ratio_kind", pa.string()),
        ("n", pa.int64()),
        ("spearman_rho", pa.float64()),
        ("spearman_p", pa.float64()),
        ("kendall_tau", pa.float64()),
        ("theil_sen_slope", pa.float64()),
        ("jt_statistic", pa.float64()),
        ("jt_expected", pa.float64()),
        ("jt_p_value", pa.float64()),
        ("reason", pa.string()),
        ("params_hash", pa.string()),
        ("_batch_id", pa.int64()),
    ]
)


def model(dbt, session):
    dbt.config(
        materialized="incremental", incremental_strategy="delete+insert", unique_key="date", on_schema_change="fail"
    )
    params = dbt.config.get("params")
    rule, params_hash = json.loads(params), hashlib.md5(params.encode(), usedforsecurity=False).hexdigest()
    coins = dbt.ref("int_coin_long_bias").order("date, ratio_kind, coin_id").df()
    if dbt.is_incremental:
        stored = session.sql(f"select date, params_hash, _batch_id from {dbt.this}").df()  # noqa: S608 - a name
        coins = coins[coins["date"].isin(stale_dates(coins, stored, params_hash))]
    batches = coins.groupby("date")["_batch_id"].max()
    rows = []
    for (date, kind), day in coins.groupby(["date", "ratio_kind"], sort=True):
        row = {"date": date.date(), "ratio_kind": kind, "n": len(day), "reason": ""}
        if len(day) < rule["min_coins"]:
            row["reason"] = f"{len(day)} of at least {rule['min_coins']} coins"
        else:
            y, tiers = day["log_ratio"].to_numpy(), day["cap_tier"].map(TIERS).to_numpy()
            rng = seeded("long_bias_trend", date.date(), kind, params)
            ordered = jonckheere_terpstra(y, tiers, rng, rule["permutations"])
            row |= trend(day["log_cap"].to_numpy(), y)._asdict()
            row |= {"jt_statistic": ordered.statistic, "jt_expected": ordered.expected, "jt_p_value": ordered.p_value}
        rows.append({**row, "params_hash": params_hash, "_batch_id": int(batches[date])})
    return null_for_nan(pa.Table.from_pylist(rows, SCHEMA))
