"""Single pairs of turning points, as they were known at each date."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never

SUITE = suite(
    "intermediate",
    "int_turning_matches",
    ChangedDays("as_of_date"),
    (
        never(
            "apart_more_than_allowed", "abs(lead_sessions) > tolerance_sessions", why="a pair is within its tolerance"
        ),
        never("known_before_it_was_confirmed", "confirmed_date > as_of_date", why="a date knows no later session"),
        never(
            "lead_against_the_dates",
            "sign(lead_sessions) <> sign(crypto_date - equity_date)",
            why="a lead counts the sessions between the two dates",
        ),
        never(
            "crypto_pivot_matched_twice",
            "(as_of_date, equity_symbol, crypto_series, k_sessions, tolerance_sessions, crypto_date) in (select "
            "(as_of_date, equity_symbol, crypto_series, k_sessions, tolerance_sessions, crypto_date) from {slice} "
            "group by all having count(*) > 1)",
            why="matches are one-to-one",
        ),
    ),
)
