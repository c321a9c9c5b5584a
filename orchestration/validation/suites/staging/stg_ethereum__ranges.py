"""What was asked of the chain, by day, leg and contract."""

from __future__ import annotations

from orchestration.validation.rules import Suite, TouchedBy
from orchestration.validation.suites.deliveries import staged_range_rules

SUITE = Suite(
    "staging",
    "stg_ethereum__ranges",
    key=("day", "leg", "contract", "from_block"),
    slice=TouchedBy("ethereum_ranges", column="day", raw_column="day"),
    expectations=staged_range_rules(),
)
