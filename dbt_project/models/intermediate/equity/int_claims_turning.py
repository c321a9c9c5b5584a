"""What the night's data say about C4 (turning points, lead and lag): one row per measure."""

import json
from datetime import date

from analytics.claims import claim_table
from analytics.turning_claims import Rule, mirrored


def model(dbt, session):
    dbt.config(materialized="table")
    params, night = dbt.config.get("params"), date.fromisoformat(dbt.config.get("night"))
    turning = dbt.ref("int_turning_points").filter(f"as_of_date <= date '{night}'")
    lags = dbt.ref("int_equity_crypto_lead_lag").filter(f"as_of_date <= date '{night}'")
    newest = [rows.filter(f"as_of_date >= date '{night}' - 40").df() for rows in (turning, lags)]
    findings = mirrored(*newest, Rule.of(json.loads(params)))
    return claim_table(findings, night, dbt.config.get("as_of"), params)
