"""Each day of OTHERS against Bitcoin with the support and the cycle as they were known that day."""

import hashlib
import json

from analytics.cycle_tables import CycleRule, daily_table
from analytics.cycles import ZoneRule


def model(dbt, session):
    dbt.config(materialized="table")
    params = dbt.config.get("params")
    values = json.loads(params)
    rows = dbt.ref("int_others_btc").df()
    params_hash = hashlib.md5(params.encode(), usedforsecurity=False).hexdigest()
    return daily_table(rows, ZoneRule.of(values["zone"]), CycleRule.of(values["cycle"]), params_hash)
