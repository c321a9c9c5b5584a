"""The total cap's opt-in history."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy, never

SUITE = suite(
    "staging",
    "stg_coinmarketcap__total_cap",
    TouchedBy("coinmarketcap_total", column="date", raw_column="date"),
    (
        never("altcoins_above_total", "altcoin_cap_usd > total_cap_usd", why="altcoins are a part of the total"),
        never("date_after_the_night", "date > {night}", why="a night knows no later day"),
    ),
)
