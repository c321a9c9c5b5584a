"""Long bias per date, ratio kind and group of coins: tiers by rank, and quintiles of the day's caps.

Only dates whose input is newer than the stored rows are computed.
"""

import hashlib
import json

import numpy as np
import pyarrow as pa

from analytics.frames import counted, null_for_nan, stale_dates
from analytics.long_bias import bias, seeded

TIERS = ("mega", "large", "mid", "small", "micro")
SCHEMA = pa.schema(
    [
        ("date", pa.date32()),
        ("ratio_kind", pa.string()),
        ("cap_tier", pa.string()),
        ("n", pa.int64()),
        ("median_ratio", pa.float64()),
        ("share_above_1", pa.float64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
        ("iqr", pa.float64()),
        ("reason", pa.string()),
        ("providers", pa.string()),
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
        ratios, providers = day["ratio"].to_numpy(), day["provider"].to_numpy()
        for tier, group in groups(day["cap_tier"].to_numpy(), day["cap_rank"].to_numpy(), rule["quintiles"]):
            rng = seeded("cap_tier_long_bias", date.date(), kind, tier, params)
            found = bias(ratios[group], rng, rule["min_coins"], rule["draws"], rule["confidence"])
            keys = {"date": date.date(), "ratio_kind": kind, "cap_tier": tier}
            origin = {
                "providers": counted(providers[group]),
                "params_hash": params_hash,
                "_batch_id": int(batches[date]),
            }
            rows.append({**keys, **found._asdict(), **origin})
    return null_for_nan(pa.Table.from_pylist(rows, SCHEMA))


def groups(tiers, ranks, quintiles):
    """Which coins of one day and ratio are in each tier, in each fifth by cap, the largest first, and in all."""
    place = np.argsort(np.argsort(ranks, kind="stable")) * quintiles // len(ranks)
    yield from ((tier, tiers == tier) for tier in TIERS)
    yield from ((f"quintile_{number + 1}", place == number) for number in range(quintiles))
    yield "all", np.full(len(ranks), True)
