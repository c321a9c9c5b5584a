"""Daily bars of dropped files, none after the night. A close is missing where a file has an adjusted one only."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy
from orchestration.validation.suites.deliveries import staged_close_rules

SUITE = suite(
    "staging",
    "stg_inbox__equity_bars",
    TouchedBy("inbox_equity_bars", column="session_date", raw_column="session_date"),
    tuple(rule for rule in staged_close_rules("^RUT", "^GSPC", "IWM", "SPY") if rule.name != "close_to_not_be_null"),
)
