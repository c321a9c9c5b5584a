"""Transfers of whole contract days, in lower case and with their amounts still exact."""

from __future__ import annotations

from orchestration.validation.rules import Suite, TouchedBy
from orchestration.validation.suites.deliveries import staged_transfer_rules

SUITE = Suite(
    "staging",
    "stg_blockscout__transfers",
    key=("transaction_hash", "log_index"),
    slice=TouchedBy("blockscout_transfers", column="transaction_hash", raw_column="transaction_hash"),
    expectations=staged_transfer_rules(),
)
