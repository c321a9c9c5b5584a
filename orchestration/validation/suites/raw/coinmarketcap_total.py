"""The total market cap's history, as the website shows it."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, between, filled, never, positive

SUITE = Suite(
    "raw",
    "coinmarketcap_total",
    key=("date",),
    slice=NewBatches(),
    expectations=(
        filled("total_market_cap_usd", why="it is what this table is for", quarantine=True),
        positive("total_market_cap_usd", why="a total is above zero", quarantine=True),
        between("btc_dominance_pct", 0, 100, why="a share in percent", quarantine=True),
        never(
            "altcoins_above_total",
            "altcoin_market_cap_usd > total_market_cap_usd",
            why="altcoins are a part of the total",
            quarantine=True,
        ),
    ),
)
