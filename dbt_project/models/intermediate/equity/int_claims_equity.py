"""What the night's data say about C1, C2 and C3: one row per claim and measure."""

import json
from datetime import date

import pandas as pd

from analytics.claims import claim_table
from analytics.equity_claims import Rule, Sessions, breakout, correlation, streak


def model(dbt, session):
    dbt.config(materialized="table")
    params, night = dbt.config.get("params"), date.fromisoformat(dbt.config.get("night"))
    rule = Rule.of(json.loads(params))
    rut = dbt.ref("int_equity_breakout").filter("symbol = '^RUT'").order("session_date").df()
    streaks = dbt.ref("int_equity_streaks").order("session_date").df()
    chances = dbt.ref("int_equity_streak_chance").df()[["session_date", "sessions", "wins", "p_value"]]
    calendar = dbt.ref("int_xnys_sessions").order("session_date").df()["session_date"]
    returns = dbt.ref("int_session_returns").df()
    findings = [
        *breakout(rut, night, rule),
        *streak(streaks.merge(chances, on="session_date", how="left"), night, rule),
        *correlation(on_sessions(pd.DatetimeIndex(calendar), returns), night, rule),
    ]
    return claim_table(findings, night, dbt.config.get("as_of"), params)


def on_sessions(days, returns):
    """Total cap has only UTC closes; the three series on all sessions, missing where nobody delivered."""

    def column(series, alignment, name):
        rows = returns[(returns["series"] == series) & (returns["alignment"] == alignment)]
        return rows.set_index("session_date")[name].reindex(days).to_numpy(dtype=float)

    return Sessions(
        days,
        small=column("^RUT", "session_close", "log_return"),
        large=column("^GSPC", "session_close", "log_return"),
        crypto=column("total_cap", "utc_close", "log_return"),
        small_level=column("^RUT", "session_close", "log_price"),
        crypto_level=column("total_cap", "utc_close", "log_price"),
    )
