"""The night's snapshot of coins by cap. It cannot be fetched again later."""

from __future__ import annotations

from ingestion.sources.coingecko.models import MARKETS
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.rules import filled, measured, never
from orchestration.validation.suites.history import no_unit_jump

SUITE = raw_suite(
    MARKETS,
    no_unit_jump("current_price", "coin_id", "snapshot_date", set_aside=False),
    no_unit_jump("market_cap", "coin_id", "snapshot_date", set_aside=False),
    filled("current_price", why="a dead listing has no price", severity="warning"),
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
)
