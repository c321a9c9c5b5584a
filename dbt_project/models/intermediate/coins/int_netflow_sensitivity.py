"""The states of every token under each combination of thresholds around those of int_netflow_states."""

import hashlib
import json

from analytics.netflow import Thresholds
from analytics.netflow_tables import sensitivity_table


def model(dbt, session):
    dbt.config(materialized="table")
    params = dbt.config.get("params")
    values = json.loads(params)
    params_hash = hashlib.md5(params.encode(), usedforsecurity=False).hexdigest()
    flows = dbt.ref("int_netflow_scaled").order("exchange, symbol, date").df()
    return sensitivity_table(flows, Thresholds(**values["states"]), values["grid"], params_hash)
