"""How long has the small-cap index beaten the market?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never

SUITE = suite(
    "marts",
    "equity_streaks",
    ChangedDays("session_date"),
    (
        never(
            "streak_without_excess",
            "streak_length > 0 and (excess_return is null or excess_return <= 0)",
            why="every session of a streak beat the market; a tie breaks it",
        ),
        never("excess_without_streak", "excess_return > 0 and streak_length = 0", why="one session is a streak of one"),
        never(
            "longer_streak_in_the_future",
            "last_longer_or_equal_date >= session_date",
            why="a session is compared with the past only",
        ),
        never("more_wins_than_sessions", "wins > sessions or wins < 0", why="a part is not more than the whole"),
        never("session_after_the_night", "session_date > {night}", why="a night knows no later session"),
    ),
)
