"""Windows that were looked at, and what they show."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never

SUITE = suite(
    "intermediate",
    "int_pattern_scans",
    ChangedDays("session_date"),
    (
        never(
            "pattern_without_its_points",
            "is_pattern <> (e1_close is not null and e5_close is not null and bandwidth_bars is not null)",
            why="a pattern is its five points",
        ),
        never("point_after_the_window", "e5_date >= session_date", why="a window shows only what lies in it"),
    ),
)
