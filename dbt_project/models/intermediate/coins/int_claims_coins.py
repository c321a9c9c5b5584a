"""What the night's data say about C5, C6 and C8: one row per claim and measure."""

import json
from datetime import date

from analytics.claims import claim_table
from analytics.coin_claims import Rule, most_above_1, smaller_is_longer
from analytics.netflow_claims import states_as_claimed


def model(dbt, session):
    dbt.config(materialized="table")
    params, night = dbt.config.get("params"), date.fromisoformat(dbt.config.get("night"))
    rule, up_to = Rule.of(json.loads(params)), f"date <= date '{night}'"
    coins = dbt.ref("int_coin_long_bias").filter(up_to)
    trends = dbt.ref("int_long_bias_trend").filter(up_to).order("date").df()
    states = dbt.ref("int_netflow_states").filter(f"{up_to} and exchange = 'binance'").df()
    forward = dbt.ref("int_bias_forward").filter(up_to).order("date").df()
    crowds = dbt.ref("int_coin_bias").filter(f"date = date '{night}' and coin_id <> 'bitcoin'").df()
    tonight = coins.filter(f"date = date '{night}'").order("ratio_kind, coin_id").df()
    last = coins.aggregate("max(date)").fetchall()[0][0]
    missing = f"no data: no ratio with a cap for {night}" + (f", the last is of {last}" if last else "")
    findings = [
        *most_above_1(tonight, crowds, missing, rule),
        *smaller_is_longer(trends, forward, night, missing, rule),
        *states_as_claimed(states, night),
    ]
    return claim_table(findings, night, dbt.config.get("as_of"), params)
