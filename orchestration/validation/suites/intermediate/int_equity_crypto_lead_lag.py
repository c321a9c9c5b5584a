"""Cross-correlations at month-ends, as computed; the mart copies what changed."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite
from orchestration.validation.suites.shared import lead_lag_rules

SUITE = Suite(
    "intermediate",
    "int_equity_crypto_lead_lag",
    key=("as_of_date", "equity_symbol", "crypto_series", "lag_sessions"),
    slice=ChangedDays("as_of_date"),
    expectations=lead_lag_rules(),
)
