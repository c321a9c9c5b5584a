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
        for tier, group in groups(day, rule["quintiles"]):
            ratios = group["ratio"].to_numpy()
            rng = seeded("cap_tier_long_bias", date.date(), kind, tier, params)
            found = bias(ratios, rng, rule["min_coins"], rule["draws"], rule["confidence"])
            keys = {"date": date.date(), "ratio_kind": kind, "cap_tier": tier}
            origin = {
                "providers": counted(group["provider"]),
                "params_hash": params_hash,
                "_batch_id": int(batches[date]),
            }
            rows.append({**keys, **found._asdict(), **origin})
    return null_for_nan(pa.Table.from_pylist(rows, SCHEMA))


def groups(day, quintiles):
    """The coins of one day and ratio in each tier, in each fifth of them by cap, the largest first, and all of them."""
    by_cap = day.sort_values("cap_rank")
    place = np.arange(len(by_cap)) * quintiles // max(len(by_cap), 1)
    yield from ((tier, day[day["cap_tier"] == tier]) for tier in TIERS)
    yield from ((f"quintile_{number + 1}", by_cap[place == number]) for number in range(quintiles))
    yield "all", day
