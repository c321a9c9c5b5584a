"""Contract days that the indexer answered in place of the node."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite
from orchestration.validation.suites.deliveries import raw_range_rules

SUITE = Suite(
    "raw",
    "blockscout_ranges",
    key=("day", "leg", "contract", "from_block"),
    slice=NewBatches(),
    expectations=raw_range_rules(),
)
