"""Funding settlements of the archive's months."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, one_of
from orchestration.validation.suites.shared import settlement_rules

SUITE = Suite(
    "raw",
    "binance_vision_funding",
    key=("symbol", "funding_minute"),
    slice=NewBatches(),
    expectations=(
        *settlement_rules("last_funding_rate", "symbol"),
        one_of("funding_interval_hours", 1, 2, 4, 8, why="the intervals a venue settles at", severity="warning"),
    ),
)
