"""What was asked of the chain, by day, leg and contract."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy
from orchestration.validation.suites.deliveries import staged_range_rules

SUITE = suite(
    "staging",
    "stg_ethereum__ranges",
    TouchedBy("ethereum_ranges", column="day", raw_column="day"),
    staged_range_rules(),
)
