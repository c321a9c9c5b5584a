"""How often chance alone gives a streak as long as each session's, shuffling the wins of the year up to it."""

import hashlib
import json

import numpy as np
import pyarrow as pa

from analytics.streaks import chance_of_streaks

SCHEMA = pa.schema(
    [
        ("session_date", pa.date32()),
        ("sessions", pa.int64()),
        ("wins", pa.int64()),
        ("p_value", pa.float64()),
        ("fair_coin_p", pa.float64()),
        ("params_hash", pa.string()),
    ]
)


def model(dbt, session):
    params = dbt.config.get("params")
    rule = json.loads(params)
    streaks = dbt.ref("int_equity_streaks").order("session_date").df()
    excess = streaks["excess_return"].to_numpy(dtype=np.float64)
    length = streaks["streak_length"].fillna(0).to_numpy(dtype=np.int64)
    chance = chance_of_streaks(excess, length, rule["chance_sessions"], rule["min_coverage"])
    columns = {
        "session_date": streaks["session_date"].dt.date,
        "sessions": chance.sessions,
        "wins": chance.wins,
        "p_value": pa.array(chance.p_value, from_pandas=True),
        "fair_coin_p": pa.array(chance.fair_coin_p, from_pandas=True),
        "params_hash": [hashlib.md5(params.encode(), usedforsecurity=False).hexdigest()] * len(streaks),
    }
    return pa.table(columns, schema=SCHEMA)
