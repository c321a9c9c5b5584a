"""What the night's data say about C9 and C10, and what followed the signals of C1, C2, C6 and C9."""

import json
from datetime import date

from analytics import cycle_claims, pattern_claims
from analytics.claims import claim_table


def model(dbt, session):
    dbt.config(materialized="table")
    params, night = dbt.config.get("params"), date.fromisoformat(dbt.config.get("night"))
    rules = json.loads(params)
    patterns = dbt.ref("int_chart_patterns").df()
    chance = dbt.ref("int_chart_pattern_chance").df()
    sessions = dbt.ref("int_xnys_sessions").order("session_date").df()
    study = dbt.ref("int_signal_event_study").df()
    daily = dbt.ref("int_others_btc_cycles").df()
    gains = dbt.ref("int_others_btc_cycle_gains").df()
    forecasts = dbt.ref("int_forecasts").df()
    of_patterns = pattern_claims.Rule.of(rules["claims_patterns"])
    of_cycles = cycle_claims.Rule.of(rules["claims_cycles"])
    findings = [
        *pattern_claims.chart_pattern(patterns, chance, sessions, night, of_patterns),
        *pattern_claims.after_signals(study, of_patterns),
        *cycle_claims.cycles_and_projection(daily, gains, night, of_cycles),
        cycle_claims.unscorable(forecasts),
    ]
    return claim_table(findings, night, dbt.config.get("as_of"), params)
