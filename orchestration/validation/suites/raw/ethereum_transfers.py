"""ERC-20 transfers to or from labelled exchange wallets. Amounts are uint256 in decimal digits, kept as text."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite
from orchestration.validation.suites.deliveries import raw_transfer_rules

SUITE = Suite(
    "raw",
    "ethereum_transfers",
    key=("transaction_hash", "log_index"),
    slice=NewBatches(),
    expectations=raw_transfer_rules(),
)
