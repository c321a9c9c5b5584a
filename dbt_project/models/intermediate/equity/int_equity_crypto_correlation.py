"""Rolling correlations of equities with crypto. Only sessions whose window of returns changed are computed again."""

from analytics.equity_crypto import Rule, correlation_table
from analytics.incremental import parameters, stored_windows


def model(dbt, session):
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="session_date",
        on_schema_change="fail",
    )
    params = dbt.config.get("params")
    values, params_hash = parameters(params)
    sessions = dbt.ref("int_xnys_sessions").order("session_date").df()
    returns = dbt.ref("int_session_returns").df()
    stored = stored_windows(dbt, session, "session_date")
    return correlation_table(sessions, returns, stored, Rule.of(values), params_hash)
