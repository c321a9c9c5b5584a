"""What the night's data say about C1, C2 and C3: one row per claim and measure."""

import hashlib
import json
from dataclasses import asdict
from datetime import date, datetime

import pandas as pd
import pyarrow as pa

from analytics.equity_claims import Rule, Sessions, breakout, correlation, streak
from analytics.frames import null_for_nan

STATEMENTS = {
    "C1": "the Russell 2000 is at an all-time high in January 2026, up 7 % in the first 15 days of the year",
    "C2": "it is the longest run of beating the S&P 500 since 2017",
    "C3": "the Russell 2000 and total crypto market cap are strongly correlated",
}
SCHEMA = pa.schema(
    [
        ("claim_id", pa.string()),
        ("evaluation_date", pa.date32()),
        ("statement", pa.string()),
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
        ("p_value", pa.float64()),
        ("null_value", pa.float64()),
        ("n", pa.int64()),
        ("n_eff", pa.float64()),
        ("verdict", pa.string()),
        ("reason", pa.string()),
        ("as_of", pa.timestamp("us", tz="UTC")),
        ("method", pa.string()),
        ("params_hash", pa.string()),
        ("family_tests", pa.int32()),
    ]
)


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
    common = {
        "evaluation_date": night,
        "as_of": datetime.fromisoformat(dbt.config.get("as_of")),
        "params_hash": hashlib.md5(params.encode(), usedforsecurity=False).hexdigest(),
    }
    rows = [{**asdict(finding), **common, "statement": STATEMENTS[finding.claim_id]} for finding in findings]
    return null_for_nan(pa.Table.from_pylist(rows, SCHEMA))


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
