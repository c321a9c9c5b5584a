"""Each pattern once, as it was first known, with its outcome so far."""

import hashlib
import json

from analytics.pattern_tables import INTERVALS, bars_of, pattern_table
from analytics.patterns import Rule


def model(dbt, session):
    dbt.config(materialized="table")
    params = dbt.config.get("params")
    values = json.loads(params)
    sessions = dbt.ref("int_xnys_sessions").order("session_date").df()
    prices = dbt.ref("int_session_prices").filter("alignment = 'session_close'").df()
    scans = dbt.ref("int_pattern_scans").filter("is_pattern").df()
    every = [bars_of(sessions, prices, symbol, interval) for symbol in values["symbols"] for interval in INTERVALS]
    params_hash = hashlib.md5(params.encode(), usedforsecurity=False).hexdigest()
    return pattern_table(every, scans, Rule.of(values), params_hash)
