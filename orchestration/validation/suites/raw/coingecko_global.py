"""The night's total market cap."""

from __future__ import annotations

from ingestion.sources.coingecko.models import GLOBAL
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.suites.history import no_future, no_unit_jump, stale

SUITE = raw_suite(
    GLOBAL,
    stale("snapshot", "snapshot_date", 0, why="a snapshot that is missed is gone"),
    no_future("updated_at"),
    no_unit_jump("total_market_cap_usd", "true", "snapshot_date"),
)
