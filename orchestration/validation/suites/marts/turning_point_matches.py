"""Do turning points of equities and crypto mirror each other?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never

SUITE = suite(
    "marts",
    "turning_point_matches",
    ChangedDays("as_of_date"),
    (
        never(
            "more_matches_than_pivots",
            "matches > least(equity_pivots, crypto_pivots)",
            why="matches are one-to-one",
        ),
        never(
            "share_is_not_matches_over_pivots",
            "abs(match_share - 2.0 * matches / (equity_pivots + crypto_pivots)) > 1e-9",
            why="the share counts matched pivots of both series",
        ),
        never(
            "lead_of_no_match",
            "coalesce(len(leads), 0) <> greatest(coalesce(matches, 0), 0)",
            why="every match has its lead, and nothing else",
        ),
        never("lead_beyond_tolerance", "abs(lead_median) > tolerance_sessions", why="a pair is within its tolerance"),
        never("nothing_without_reason", "match_share is null and coalesce(reason, '') = ''", why="a null says why"),
        never("date_after_the_night", "as_of_date > {night}", why="a night knows no later session"),
    ),
)
