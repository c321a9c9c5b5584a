"""Windows that were looked at, and what they show."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, filled, never, one_of

SUITE = Suite(
    "intermediate",
    "int_pattern_scans",
    key=("symbol", "bar_interval", "session_date"),
    slice=ChangedDays("session_date"),
    expectations=(
        one_of("bar_interval", "daily", "weekly", why="the two kinds of bars"),
        filled("is_pattern", why="a window was looked at or is not here"),
        never(
            "pattern_without_its_points",
            "is_pattern <> (e1_close is not null and e5_close is not null and bandwidth_bars is not null)",
            why="a pattern is its five points",
        ),
        never("point_after_the_window", "e5_date >= session_date", why="a window shows only what lies in it"),
    ),
)
