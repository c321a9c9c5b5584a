"""Is the small-cap index at an all-time high?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, measured, never
from orchestration.validation.suites.shared import breakout_rules

SUITE = suite(
    "marts",
    "equity_breakout",
    ChangedDays("session_date"),
    (
        *breakout_rules(),
        never("session_after_the_night", "session_date > {night}", why="a night knows no later session"),
        measured(
            "days_since_newest_session",
            "select {night} - max(session_date) from {table}",
            None,
            5,
            why="the longest closure of XNYS in a normal year is four days",
        ),
    ),
)
