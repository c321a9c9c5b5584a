"""Cboe's daily bars, none after the night."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy
from orchestration.validation.suites.deliveries import staged_close_rules

SUITE = suite(
    "staging",
    "stg_cboe__equity_bars",
    TouchedBy("cboe_bars", column="session_date", raw_column="session_date"),
    staged_close_rules("^GSPC", "IWM", "SPY"),
)
