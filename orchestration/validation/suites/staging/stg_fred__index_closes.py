"""FRED's closes of the S&P 500, none after the night."""

from __future__ import annotations

from orchestration.validation.rules import Suite, TouchedBy
from orchestration.validation.suites.deliveries import staged_close_rules

SUITE = Suite(
    "staging",
    "stg_fred__index_closes",
    key=("symbol", "session_date"),
    slice=TouchedBy("fred_closes", column="session_date", raw_column="session_date"),
    expectations=staged_close_rules("^GSPC"),
)
