"""Transfers of labelled wallets, in lower case and with their amounts still exact."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy

SUITE = suite(
    "staging",
    "stg_ethereum__transfers",
    TouchedBy("ethereum_transfers", column="transaction_hash", raw_column="transaction_hash"),
)
