"""The long bias of the altcoins as a whole, each day against the days before it."""

import hashlib
import json

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.bias_forward import bias_z
from analytics.frames import null_for_nan

SCHEMA = pa.schema(
    [
        ("date", pa.date32()),
        ("n", pa.int64()),
        ("median_ratio", pa.float64()),
        ("bias_z", pa.float64()),
        ("reason", pa.string()),
        ("params_hash", pa.string()),
    ]
)


def model(dbt, session):
    dbt.config(materialized="table")
    params = dbt.config.get("params")
    rule, night = json.loads(params), dbt.config.get("night")
    rows = dbt.ref("int_coin_long_bias").filter(
        f"date <= date '{night}' and ratio_kind = '{rule['account_kind']}' and coin_id <> 'bitcoin'"
    )
    by_day = rows.aggregate("date, count(*) as n, median(ratio) as median_ratio").order("date").df()
    if by_day.empty:
        return SCHEMA.empty_table()
    by_day.loc[by_day["n"] < rule["min_coins"], "median_ratio"] = np.nan
    days = pd.date_range(by_day["date"].min(), by_day["date"].max(), unit="us")
    medians = by_day.set_index("date")["median_ratio"].reindex(days).to_numpy(dtype=float)
    z = bias_z(np.log(medians)[:, None], rule["z_window"], rule["min_points"])[:, 0]
    at = days.get_indexer(pd.DatetimeIndex(by_day["date"]))
    few = by_day["n"] < rule["min_coins"]
    frame = by_day.assign(bias_z=z[at], date=by_day["date"].dt.date)
    frame["reason"] = np.select(
        [few, frame["bias_z"].isna()],
        [f"less than {rule['min_coins']} altcoins", f"less than {rule['min_points']} days before it"],
        "",
    )
    frame["params_hash"] = hashlib.md5(params.encode(), usedforsecurity=False).hexdigest()
    return null_for_nan(pa.Table.from_pandas(frame[SCHEMA.names], schema=SCHEMA, preserve_index=False))
