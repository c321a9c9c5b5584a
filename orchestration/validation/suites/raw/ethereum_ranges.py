"""What was asked of the chain and answered: the difference between no transfers and not fetched."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite
from orchestration.validation.suites.deliveries import raw_range_rules

SUITE = Suite(
    "raw",
    "ethereum_ranges",
    key=("day", "leg", "contract", "from_block"),
    slice=NewBatches(),
    expectations=raw_range_rules(),
)
