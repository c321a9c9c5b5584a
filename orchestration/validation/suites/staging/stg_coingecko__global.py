"""The total cap as CoinGecko gave it on each night."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy, never

SUITE = suite(
    "staging",
    "stg_coingecko__global",
    TouchedBy("coingecko_global", column="snapshot_date", raw_column="snapshot_date"),
    (never("date_after_the_night", "snapshot_date > {night}", why="a night knows no later day"),),
)
