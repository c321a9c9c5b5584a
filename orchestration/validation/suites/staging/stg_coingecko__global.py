"""The total cap as CoinGecko gave it on each night."""

from __future__ import annotations

from orchestration.validation.rules import Suite, TouchedBy, between, never, positive

SUITE = Suite(
    "staging",
    "stg_coingecko__global",
    key=("snapshot_date",),
    slice=TouchedBy("coingecko_global", column="snapshot_date", raw_column="snapshot_date"),
    expectations=(
        positive("total_cap_usd", why="its logarithm is taken; unknown is null"),
        between("btc_dominance_pct", 0, 100, why="a share in percent"),
        never("date_after_the_night", "snapshot_date > {night}", why="a night knows no later day"),
    ),
)
