"""The total cap's opt-in history."""

from __future__ import annotations

from orchestration.validation.rules import Suite, TouchedBy, between, never, positive

SUITE = Suite(
    "staging",
    "stg_coinmarketcap__total_cap",
    key=("date",),
    slice=TouchedBy("coinmarketcap_total", column="date", raw_column="date"),
    expectations=(
        positive("total_cap_usd", why="its logarithm is taken; unknown is null"),
        between("btc_dominance_pct", 0, 100, why="a share in percent"),
        never("altcoins_above_total", "altcoin_cap_usd > total_cap_usd", why="altcoins are a part of the total"),
        never("date_after_the_night", "date > {night}", why="a night knows no later day"),
    ),
)
