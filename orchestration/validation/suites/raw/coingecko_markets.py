"""The night's snapshot of coins by cap. It cannot be fetched again later."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, between, filled, measured, never, positive

SUITE = Suite(
    "raw",
    "coingecko_markets",
    key=("snapshot_date", "coin_id"),
    slice=NewBatches(),
    expectations=(
        filled("symbol", why="contracts are matched by symbol", quarantine=True),
        filled("current_price", why="a dead listing has no price", severity="warning"),
        between("current_price", 0, None, why="a price is not negative", quarantine=True),
        between("market_cap", 0, None, why="a cap is not negative; zero means unknown there", quarantine=True),
        between("total_volume", 0, None, why="volume is counted from zero", quarantine=True),
        positive("market_cap_rank", why="ranks count from one", quarantine=True),
        never(
            "updated_in_the_future",
            "last_updated > _known_at + interval 1 hour",
            why="a price is of a moment before it was asked for; clocks differ by less than an hour",
            quarantine=True,
        ),
        measured(
            "ranks_missing",
            "select max(market_cap_rank) - count(distinct market_cap_rank) from {table} where snapshot_date = {night}",
            None,
            25,
            why="ranks follow each other; a page that ended early leaves a hole before the next one",
        ),
        measured(
            "days_since_newest_snapshot",
            "select {night} - max(snapshot_date) from {table}",
            None,
            0,
            why="a snapshot that is missed is gone",
        ),
    ),
)
