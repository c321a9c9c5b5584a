"""All ERC-20 transfers of contract days that the node did not answer. Amounts are uint256 as decimal text."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite
from orchestration.validation.suites.deliveries import raw_transfer_rules

SUITE = Suite(
    "raw",
    "blockscout_transfers",
    key=("transaction_hash", "log_index"),
    slice=NewBatches(),
    expectations=raw_transfer_rules(),
)
