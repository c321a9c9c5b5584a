"""Funding settlements, for months that Binance lacks."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite
from orchestration.validation.suites.shared import settlement_rules

SUITE = Suite(
    "raw",
    "bybit_funding",
    key=("contract", "funding_minute"),
    slice=NewBatches(),
    expectations=settlement_rules(),
)
