"""What the night's data say about C7 (distance from the peak): one row per measure."""

import json
from datetime import date

from analytics.claims import claim_table
from analytics.drawdown_claims import Rule, below_their_peak


def model(dbt, session):
    dbt.config(materialized="table")
    params, night = dbt.config.get("params"), date.fromisoformat(dbt.config.get("night"))
    rows = dbt.ref("int_drawdowns").filter(f"cap_tier = 'all' and date <= date '{night}'").df()
    findings = below_their_peak(rows, night, Rule.of(json.loads(params)))
    return claim_table(findings, night, dbt.config.get("as_of"), params)
