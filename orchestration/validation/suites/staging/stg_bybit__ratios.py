"""Ratios of accounts by the hour; what is not positive is null by now."""

from __future__ import annotations

from orchestration.validation.rules import Suite, TouchedBy, positive

SUITE = Suite(
    "staging",
    "stg_bybit__ratios",
    key=("contract", "ratio_kind", "labelled_at"),
    slice=TouchedBy("bybit_account_ratio", column="labelled_at", raw_column="timestamp"),
    expectations=(positive("ratio", why="its logarithm is taken"),),
)
