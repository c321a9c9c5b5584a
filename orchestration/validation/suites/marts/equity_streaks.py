"""How long has the small-cap index beaten the market?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never
from orchestration.validation.suites.shared import streak_rules

SUITE = suite(
    "marts",
    "equity_streaks",
    ChangedDays("session_date"),
    (
        *streak_rules(),
        never("more_wins_than_sessions", "wins > sessions or wins < 0", why="a part is not more than the whole"),
        never("session_after_the_night", "session_date > {night}", why="a night knows no later session"),
    ),
)
