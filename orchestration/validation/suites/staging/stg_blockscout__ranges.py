"""What was asked of the indexer, by day, leg and contract."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy
from orchestration.validation.suites.deliveries import staged_range_rules

SUITE = suite(
    "staging",
    "stg_blockscout__ranges",
    TouchedBy("blockscout_ranges", column="day", raw_column="day"),
    staged_range_rules(),
)
