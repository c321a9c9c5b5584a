"""Long bias per day, ratio kind and cap tier."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, measured, never

SUITE = suite(
    "marts",
    "cap_tier_long_bias",
    ChangedDays("date"),
    (
        never("interval_backwards", "ci_low > ci_high", why="an interval has a lower and an upper end"),
        never(
            "median_outside_its_interval",
            "median_ratio < ci_low or median_ratio > ci_high",
            why="a bootstrap interval of a median holds it nearly always",
            severity="warning",
        ),
        never("coins_of_nobody", "n > 0 and coalesce(providers, '') = ''", why="every ratio says who gave it"),
        never("value_of_no_coins", "n = 0 and median_ratio is not null", why="no coins have no median"),
        never("nothing_without_reason", "ci_low is null and coalesce(reason, '') = ''", why="a null says why"),
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
