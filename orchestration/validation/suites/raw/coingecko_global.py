"""The night's total market cap."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, between, filled, positive

SUITE = Suite(
    "raw",
    "coingecko_global",
    key=("snapshot_date",),
    slice=NewBatches(),
    expectations=(
        filled("total_market_cap_usd", why="it is what this table is for", quarantine=True),
        positive("total_market_cap_usd", why="a total is above zero", quarantine=True),
        between("btc_dominance_pct", 0, 100, why="a share in percent", quarantine=True),
    ),
)
