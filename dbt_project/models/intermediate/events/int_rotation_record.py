"""How the composite did so far: what followed its events, beside all sessions, as known on each session."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.event_study import Rule, abnormal, estimated
from analytics.event_tables import altcoins_and_bitcoin, record_so_far, returns_of
from analytics.frames import null_for_nan

SCHEMA = pa.schema(
    [
        ("session_date", pa.date32()),
        ("record_events", pa.int64()),
        ("record_mean_car", pa.float64()),
        ("record_share_positive", pa.float64()),
        ("record_base_rate", pa.float64()),
        ("record_base_share_positive", pa.float64()),
    ]
)


def model(dbt, session):
    dbt.config(materialized="table")
    rule = Rule.of(json.loads(dbt.config.get("params")))
    horizon = int(dbt.config.get("horizon"))
    calendar = dbt.ref("int_xnys_sessions").order("session_date").df()
    signals = dbt.ref("int_rotation_components").order("session_date").df()
    prices = dbt.ref("int_session_prices").filter("series in ('total_cap', 'total_ex_btc')").df()
    days = pd.DatetimeIndex(calendar["session_date"])
    asset, market = altcoins_and_bitcoin(days, prices)
    model_before = estimated(returns_of(asset), returns_of(market), rule)["market_model"]
    events = signals.set_index("session_date")["is_event"].reindex(days).fillna(False).to_numpy(dtype=bool)
    record = record_so_far(abnormal(asset, market, model_before, horizon), np.flatnonzero(events))
    table = pa.table({"session_date": pa.array(days.date), **record})
    return null_for_nan(table.select(SCHEMA.names).cast(SCHEMA))
