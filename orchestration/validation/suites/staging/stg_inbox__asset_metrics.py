"""Asset metrics of dropped files, none after the night."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy, never

SUITE = suite(
    "staging",
    "stg_inbox__asset_metrics",
    TouchedBy("inbox_asset_metrics", column="date", raw_column="date"),
    (never("date_after_the_night", "date > {night}", why="a night knows no later day"),),
)
