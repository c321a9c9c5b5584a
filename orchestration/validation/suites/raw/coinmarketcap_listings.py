"""The coins of past days by rank, as the website lists them. Rows are dropped there without being replaced."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, between, measured, positive

SUITE = Suite(
    "raw",
    "coinmarketcap_listings",
    key=("date", "cmc_id"),
    slice=NewBatches(),
    expectations=(
        between("price_usd", 0, None, why="a price is not negative", quarantine=True),
        between("market_cap_usd", 0, None, why="a cap is not negative; zero means unknown there", quarantine=True),
        between("circulating_supply", 0, None, why="coins are counted from zero", quarantine=True),
        positive("cmc_rank", why="ranks count from one", quarantine=True),
        measured(
            "largest_share_of_ranks_missing",
            "select max(missing) from (select 1 - count(*) / max(cmc_rank) as missing from {slice} group by date)",
            None,
            0.1,
            why="rows are dropped without being replaced: some are usual, many make a poor day",
        ),
        measured(
            "shortest_listing_beside_the_longest",
            "select min(last) filter (date in (select date from {slice})) / max(last) "
            "from (select date, max(cmc_rank) as last from {table} group by date)",
            0.9,
            None,
            why="every day is asked for equally many; an answer that stops early looks like success",
        ),
    ),
)
