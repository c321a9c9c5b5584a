"""What each window of closes shows; only windows with other closes than the stored ones are scanned."""

import hashlib
import json

from analytics.pattern_tables import INTERVALS, bars_of, scan_table
from analytics.patterns import Rule


def model(dbt, session):
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key=["symbol", "bar_interval", "session_date"],
        on_schema_change="fail",
    )
    params = dbt.config.get("params")
    values = json.loads(params)
    sessions = dbt.ref("int_xnys_sessions").order("session_date").df()
    prices = dbt.ref("int_session_prices").filter("alignment = 'session_close'").df()
    every = [bars_of(sessions, prices, symbol, interval) for symbol in values["symbols"] for interval in INTERVALS]
    stored = None
    if dbt.is_incremental:
        stored = session.sql(
            f"select symbol, bar_interval, session_date, inputs_hash, params_hash from {dbt.this}"  # noqa: S608
        ).df()
    params_hash = hashlib.md5(params.encode(), usedforsecurity=False).hexdigest()
    return scan_table(every, stored, Rule.of(values), params_hash)
