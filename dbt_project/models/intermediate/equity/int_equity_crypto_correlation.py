"""Rolling correlations of equities with crypto. Only sessions whose window of returns changed are computed again."""

import hashlib
import json

from analytics.equity_crypto import Rule, correlation_table


def model(dbt, session):
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="session_date",
        on_schema_change="fail",
    )
    params = dbt.config.get("params")
    sessions = dbt.ref("int_xnys_sessions").order("session_date").df()
    returns = dbt.ref("int_session_returns").df()
    stored = None
    if dbt.is_incremental:
        stored = (
            session.table(str(dbt.this))
            .aggregate("session_date, max(inputs_hash) as inputs_hash, max(params_hash) as params_hash")
            .df()
        )
    params_hash = hashlib.md5(params.encode(), usedforsecurity=False).hexdigest()
    return correlation_table(sessions, returns, stored, Rule.of(json.loads(params)), params_hash)
