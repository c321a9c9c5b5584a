"""Daily asset metrics, one row per asset, date and metric."""

from __future__ import annotations

from orchestration.validation.rules import Suite, TouchedBy, between, never

SUITE = Suite(
    "staging",
    "stg_coinmetrics__asset_metrics",
    key=("asset", "date", "metric"),
    slice=TouchedBy("coinmetrics_asset_metrics", column="date", raw_column="date"),
    expectations=(
        between("value", 0, None, why="prices, caps, supplies and gross flows are not negative"),
        never("asset_not_lower_case", "asset <> lower(asset)", why="assets are joined in lower case"),
        never("date_after_the_night", "date > {night}", why="a night knows no later day"),
    ),
)
