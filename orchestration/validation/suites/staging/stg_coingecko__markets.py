"""Coin snapshots with unknowns as null."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy, never

SUITE = suite(
    "staging",
    "stg_coingecko__markets",
    TouchedBy("coingecko_markets", column="snapshot_date", raw_column="snapshot_date"),
    (
        never("symbol_not_upper_case", "symbol <> upper(symbol)", why="tickers are compared in upper case"),
        never(
            "cap_is_not_price_times_supply",
            "abs(market_cap_usd / (price_usd * circulating_supply) - 1) > 0.2",
            why="cap, price and supply of one snapshot belong together",
            severity="info",
        ),
    ),
)
