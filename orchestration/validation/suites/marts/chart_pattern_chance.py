"""What chance alone shows of chart patterns."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never

SUITE = suite(
    "marts",
    "chart_pattern_chance",
    ChangedDays("as_of_date"),
    (
        never("nothing_without_reason", "p_value is null and coalesce(reason, '') = ''", why="a null says why"),
        never("interval_backwards", "chance_low > chance_high", why="an interval has a lower and an upper end"),
        never("drawn_after_the_night", "as_of_date > {night}", why="a night knows no later session"),
    ),
)
