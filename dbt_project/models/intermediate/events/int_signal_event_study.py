"""The night's event study of every signal on the altcoins, beside sessions without an event."""

import hashlib
import json
from datetime import date

import pandas as pd

from analytics.event_study import Rule
from analytics.event_tables import Setting, study_table


def model(dbt, session):
    dbt.config(materialized="table")
    params, night = dbt.config.get("params"), date.fromisoformat(dbt.config.get("night"))
    values = json.loads(params)
    calendar = dbt.ref("int_xnys_sessions").order("session_date").df()
    days = pd.DatetimeIndex(calendar["session_date"])
    prices = dbt.ref("int_session_prices").filter("series in ('total_cap', 'total_ex_btc')").df()
    events = dbt.ref("int_signal_events").df()
    params_hash = hashlib.md5(params.encode(), usedforsecurity=False).hexdigest()
    setting = Setting(Rule.of(values), night, params_hash)
    return study_table(days, prices, events, tuple(values["signals"]), setting)
