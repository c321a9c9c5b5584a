"""What chance alone would give for each streak."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, between, never

SUITE = Suite(
    "intermediate",
    "int_equity_streak_chance",
    key=("session_date",),
    slice=ChangedDays("session_date"),
    expectations=(
        between("p_value", 0, 1, why="a probability"),
        never("more_wins_than_sessions", "wins > sessions or wins < 0", why="a part is not more than the whole"),
    ),
)
