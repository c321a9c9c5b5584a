"""Cboe's closes of two indices, none after the night."""

from __future__ import annotations

from orchestration.validation.rules import Suite, TouchedBy
from orchestration.validation.suites.deliveries import staged_close_rules

SUITE = Suite(
    "staging",
    "stg_cboe__index_closes",
    key=("symbol", "session_date"),
    slice=TouchedBy("cboe_closes", column="session_date", raw_column="session_date"),
    expectations=staged_close_rules("^RUT", "^GSPC"),
)
