"""The sessions of the New York exchanges, to which everything is aligned."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import Whole, measured, never

SUITE = suite(
    "intermediate",
    "int_xnys_sessions",
    Whole(),
    (
        never(
            "close_at_an_impossible_hour",
            # 16:00 New York is 20:00 or 21:00 UTC, 13:00 on half days 17:00 or 18:00.
            "extract(hour from close_at at time zone 'UTC') not in (17, 18, 20, 21) "
            "and session_date > date '1990-01-01'",
            why="a session closes at 16:00 or 13:00 in New York",
            severity="warning",
        ),
        never(
            "close_on_another_day",
            "(close_at at time zone 'UTC')::date <> session_date",
            why="New York closes by 21:00",
        ),
        never("session_on_a_weekend", "isodow(session_date) > 5", why="XNYS has no weekend session"),
        never("session_after_the_night", "session_date > {night}", why="a night knows no later session"),
        measured(
            "longest_gap_in_days",
            "select max(gap) from (select session_date - lag(session_date) over (order by session_date) as gap "
            "from {table} where session_date > date '2002-01-01')",
            None,
            5,
            why="since September 2001 no closure was longer than five days",
        ),
    ),
)
