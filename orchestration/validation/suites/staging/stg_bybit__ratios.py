"""Ratios of accounts by the hour; what is not positive is null by now."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy

SUITE = suite(
    "staging", "stg_bybit__ratios", TouchedBy("bybit_account_ratio", column="labelled_at", raw_column="timestamp"), ()
)
