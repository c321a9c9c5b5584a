"""Coins against their own past."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never

SUITE = suite(
    "intermediate",
    "int_coin_bias",
    ChangedDays("date"),
    (
        never(
            "nothing_without_reason", "is_crowded_retail is null and coalesce(reason, '') = ''", why="a null says why"
        ),
        never(
            "crowd_that_is_not_high",
            "is_crowded_retail and (account_percentile <= 0.9 or position_ratio > 1)",
            why="a crowd is long while positions are not",
        ),
    ),
)
