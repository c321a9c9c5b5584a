"""What chance alone shows of chart patterns."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never
from orchestration.validation.suites.shared_patterns import pattern_chance_rules

SUITE = suite(
    "marts",
    "chart_pattern_chance",
    ChangedDays("as_of_date"),
    (
        *pattern_chance_rules(),
        never("drawn_after_the_night", "as_of_date > {night}", why="a night knows no later session"),
    ),
)
