"""Coin snapshots with unknowns as null."""

from __future__ import annotations

from orchestration.validation.rules import Suite, TouchedBy, filled, never, positive

SUITE = Suite(
    "staging",
    "stg_coingecko__markets",
    key=("snapshot_date", "coin_id"),
    slice=TouchedBy("coingecko_markets", column="snapshot_date", raw_column="snapshot_date"),
    expectations=(
        positive("price_usd", why="unknown is null"),
        positive("market_cap_usd", why="unknown is null; its logarithm is taken"),
        positive("circulating_supply", why="unknown is null; flows are divided by it"),
        filled("symbol", why="contracts are matched by symbol"),
        never("symbol_not_upper_case", "symbol <> upper(symbol)", why="tickers are compared in upper case"),
        never(
            "cap_is_not_price_times_supply",
            "abs(market_cap_usd / (price_usd * circulating_supply) - 1) > 0.2",
            why="cap, price and supply of one snapshot belong together",
            severity="info",
        ),
    ),
)
