"""The long cycles of OTHERS against Bitcoin under every setting of the turning-point rule."""

import hashlib
import json

from analytics.cycle_tables import CycleRule, gains_table


def model(dbt, session):
    dbt.config(materialized="table")
    params = dbt.config.get("params")
    values = json.loads(params)
    rows = dbt.ref("int_others_btc").df()
    params_hash = hashlib.md5(params.encode(), usedforsecurity=False).hexdigest()
    return gains_table(rows, CycleRule.of(values["cycle"]), params_hash)
