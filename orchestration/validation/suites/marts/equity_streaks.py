"""How long has the small-cap index beaten the market?"""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, between, never
from orchestration.validation.suites.shared import streak_rules

SUITE = Suite(
    "marts",
    "equity_streaks",
    key=("session_date",),
    slice=ChangedDays("session_date"),
    expectations=(
        *streak_rules(),
        between("p_value", 0, 1, why="a probability"),
        never("more_wins_than_sessions", "wins > sessions or wins < 0", why="a part is not more than the whole"),
        never("session_after_the_night", "session_date > {night}", why="a night knows no later session"),
    ),
)
