"""Accumulation or distribution per date, exchange and token. Computed anew every run, a second for all tokens: a state
remembers earlier days, so one restated day can change the days after it. No day uses a later one."""

import hashlib
import json

from analytics.netflow import Thresholds
from analytics.netflow_tables import states_table


def model(dbt, session):
    dbt.config(materialized="table")
    params = dbt.config.get("params")
    params_hash = hashlib.md5(params.encode(), usedforsecurity=False).hexdigest()
    flows = dbt.ref("int_netflow_scaled").order("exchange, symbol, date").df()
    return states_table(flows, Thresholds(**json.loads(params)), params_hash)
