"""Nasdaq's daily bars of two funds, none after the night."""

from __future__ import annotations

from orchestration.validation.rules import Suite, TouchedBy
from orchestration.validation.suites.deliveries import staged_close_rules

SUITE = Suite(
    "staging",
    "stg_nasdaq__equity_bars",
    key=("symbol", "session_date"),
    slice=TouchedBy("nasdaq_bars", column="session_date", raw_column="session_date"),
    expectations=staged_close_rules("IWM", "SPY"),
)
