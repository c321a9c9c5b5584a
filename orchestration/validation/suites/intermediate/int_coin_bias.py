"""Coins against their own past."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, between, never, positive

SUITE = Suite(
    "intermediate",
    "int_coin_bias",
    key=(
        "date",
        "coin_id",
    ),
    slice=ChangedDays("date"),
    expectations=(
        between("account_percentile", 0, 1, why="a share"),
        positive("account_ratio", why="a ratio is above zero"),
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
