"""What chance alone would give for each streak."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never

SUITE = suite(
    "intermediate",
    "int_equity_streak_chance",
    ChangedDays("session_date"),
    (never("more_wins_than_sessions", "wins > sessions or wins < 0", why="a part is not more than the whole"),),
)
