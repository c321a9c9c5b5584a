"""Turning points compared at month-ends and the last session; only dates with a changed past are computed."""

from analytics.incremental import parameters, stored_windows
from analytics.turning_table import Rule, turning_table


def model(dbt, session):
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="as_of_date",
        on_schema_change="fail",
    )
    params = dbt.config.get("params")
    values, params_hash = parameters(params)
    sessions = dbt.ref("int_xnys_sessions").order("session_date").df()
    returns = dbt.ref("int_session_returns").df()
    stored = stored_windows(dbt, session, "as_of_date")
    return turning_table(sessions, returns, stored, Rule.of(values), params_hash)
