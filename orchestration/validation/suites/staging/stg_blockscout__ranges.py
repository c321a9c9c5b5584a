"""What was asked of the indexer, by day, leg and contract."""

from __future__ import annotations

from orchestration.validation.rules import Suite, TouchedBy
from orchestration.validation.suites.deliveries import staged_range_rules

SUITE = Suite(
    "staging",
    "stg_blockscout__ranges",
    key=("day", "leg", "contract", "from_block"),
    slice=TouchedBy("blockscout_ranges", column="day", raw_column="day"),
    expectations=staged_range_rules(),
)
