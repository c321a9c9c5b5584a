"""Turning points compared at month-ends and the last session; only dates with a changed past are computed."""

import hashlib
import json

from analytics.turning_table import Rule, turning_table


def model(dbt, session):
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="as_of_date",
        on_schema_change="fail",
    )
    params = dbt.config.get("params")
    sessions = dbt.ref("int_xnys_sessions").order("session_date").df()
    returns = dbt.ref("int_session_returns").df()
    stored = None
    if dbt.is_incremental:
        stored = (
            session.table(str(dbt.this))
            .aggregate("as_of_date, max(inputs_hash) as inputs_hash, max(params_hash) as params_hash")
            .df()
        )
    params_hash = hashlib.md5(params.encode(), usedforsecurity=False).hexdigest()
    return turning_table(sessions, returns, stored, Rule.of(json.loads(params)), params_hash)
