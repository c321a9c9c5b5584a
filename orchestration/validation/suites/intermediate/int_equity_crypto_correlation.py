"""Rolling correlations, as computed; the mart copies what changed."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite
from orchestration.validation.suites.shared import correlation_rules

SUITE = Suite(
    "intermediate",
    "int_equity_crypto_correlation",
    key=("session_date", "equity_symbol", "crypto_series", "window_sessions", "method"),
    slice=ChangedDays("session_date"),
    expectations=correlation_rules(),
)
