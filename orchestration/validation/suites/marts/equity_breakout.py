"""Is the small-cap index at an all-time high?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, measured, never

SUITE = suite(
    "marts",
    "equity_breakout",
    ChangedDays("session_date"),
    (
        never("high_below_the_one_before", "is_ath and close <= prior_ath", why="a high is above all earlier closes"),
        never("high_not_said", "not is_ath and close > prior_ath", why="a close above all earlier ones is a high"),
        never("fresh_but_no_high", "is_fresh_ath and not is_ath", why="a fresh high is a high"),
        never("drawdown_at_a_high", "is_ath and drawdown <> 0", why="at a high nothing is lost"),
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
