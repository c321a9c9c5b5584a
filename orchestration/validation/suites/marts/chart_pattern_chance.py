"""What chance alone shows of chart patterns."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, never
from orchestration.validation.suites.shared_patterns import pattern_chance_rules

SUITE = Suite(
    "marts",
    "chart_pattern_chance",
    key=("symbol", "bar_interval", "as_of_date"),
    slice=ChangedDays("as_of_date"),
    expectations=(
        *pattern_chance_rules(),
        never("drawn_after_the_night", "as_of_date > {night}", why="a night knows no later session"),
    ),
)
