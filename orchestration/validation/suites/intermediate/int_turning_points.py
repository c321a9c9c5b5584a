"""Turning points compared at month-ends, as computed; the mart copies what changed."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite
from orchestration.validation.suites.shared import turning_rules

SUITE = Suite(
    "intermediate",
    "int_turning_points",
    key=("as_of_date", "equity_symbol", "crypto_series", "k_sessions", "tolerance_sessions"),
    slice=ChangedDays("as_of_date"),
    expectations=turning_rules(),
)
