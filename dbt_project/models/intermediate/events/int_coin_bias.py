"""The long bias of each coin against its own past, and whether its crowd is long while its money is not."""

import hashlib
import json

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.bias_forward import bias_z, own_percentile
from analytics.frames import null_for_nan

SCHEMA = pa.schema(
    [
        ("date", pa.date32()),
        ("coin_id", pa.string()),
        ("account_ratio", pa.float64()),
        ("position_ratio", pa.float64()),
        ("bias_z", pa.float64()),
        ("account_percentile", pa.float64()),
        ("is_crowded_retail", pa.bool_()),
        ("reason", pa.string()),
        ("params_hash", pa.string()),
    ]
)


def model(dbt, session):
    dbt.config(materialized="table")
    params = dbt.config.get("params")
    rule, night = json.loads(params), dbt.config.get("night")
    rows = dbt.ref("int_coin_long_bias").filter(f"date <= date '{night}'").df()
    if rows.empty:
        return SCHEMA.empty_table()
    days = pd.date_range(rows["date"].min(), rows["date"].max(), unit="us")
    accounts, positions = (wide(rows, kind, days) for kind in (rule["account_kind"], rule["position_kind"]))
    positions = positions.reindex(columns=accounts.columns)
    values = accounts.to_numpy(dtype=float)
    columns = {
        "account_ratio": values,
        "position_ratio": positions.to_numpy(dtype=float),
        "bias_z": bias_z(np.log(values), rule["z_window"], rule["min_points"]),
        "account_percentile": own_percentile(values, rule["year_days"], rule["min_coverage"]),
    }
    frame = pd.DataFrame({name: column.ravel() for name, column in columns.items()})
    frame["date"] = np.repeat(days.date, accounts.shape[1])
    frame["coin_id"] = np.tile(accounts.columns.to_numpy(dtype=object), len(days))
    frame = frame[frame["account_ratio"].notna()]
    judged = frame["account_percentile"].notna() & frame["position_ratio"].notna()
    crowded = (frame["account_percentile"] > rule["crowded_percentile"]) & (frame["position_ratio"] <= 1)
    frame["is_crowded_retail"] = crowded.astype(object).where(judged, None)
    needed = f"less than {rule['min_coverage']:.0%} of {rule['year_days']} days of its own ratio"
    frame["reason"] = np.select(
        [judged, frame["account_percentile"].isna()], ["", needed], "no ratio of positions that day"
    )
    frame["params_hash"] = hashlib.md5(params.encode(), usedforsecurity=False).hexdigest()
    return null_for_nan(pa.Table.from_pandas(frame[SCHEMA.names], schema=SCHEMA, preserve_index=False))


def wide(rows, kind, days):
    """Ratios of one kind, days × coins, NaN where there is none."""
    mine = rows[rows["ratio_kind"] == kind]
    return mine.pivot(index="date", columns="coin_id", values="ratio").reindex(days)
