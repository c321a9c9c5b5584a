"""Transfers of whole contract days, in lower case and with their amounts still exact."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy

SUITE = suite(
    "staging",
    "stg_blockscout__transfers",
    TouchedBy("blockscout_transfers", column="transaction_hash", raw_column="transaction_hash"),
)
