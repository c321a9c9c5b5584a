"""How many patterns paths without any show; one set of paths per symbol, kind of bar and month."""

import hashlib
import json

from analytics.pattern_tables import INTERVALS, Chance, bars_of, chance_table
from analytics.patterns import Rule


def model(dbt, session):
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key=["symbol", "bar_interval", "as_of_date"],
        on_schema_change="fail",
    )
    params = dbt.config.get("params")
    values = json.loads(params)
    chance = Chance(**{**values["chance"], "symbols": tuple(values["chance"]["symbols"])})
    sessions = dbt.ref("int_xnys_sessions").order("session_date").df()
    prices = dbt.ref("int_session_prices").filter("alignment = 'session_close'").df()
    every = [bars_of(sessions, prices, symbol, interval) for symbol in chance.symbols for interval in INTERVALS]
    stored = None
    if dbt.is_incremental:
        stored = session.sql(
            f"select symbol, bar_interval, as_of_date, inputs_hash, params_hash from {dbt.this}"  # noqa: S608
        ).df()
    params_hash = hashlib.md5(params.encode(), usedforsecurity=False).hexdigest()
    return chance_table(every, stored, Rule.of(values), chance, params_hash)
