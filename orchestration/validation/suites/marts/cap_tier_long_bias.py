"""Long bias per day, ratio kind and cap tier."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, measured, never
from orchestration.validation.suites.shared import long_bias_rules

SUITE = suite(
    "marts",
    "cap_tier_long_bias",
    ChangedDays("date"),
    (
        *long_bias_rules(),
        never("date_after_the_night", "date > {night}", why="a night knows no later day"),
        measured(
            "days_since_newest_date",
            "select {night} - max(date) from {table}",
            None,
            2,
            why="ratios and caps come every day",
        ),
    ),
)
