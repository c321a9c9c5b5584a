"""Do small caps and crypto move together?"""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, never
from orchestration.validation.suites.shared import correlation_rules

SUITE = Suite(
    "marts",
    "equity_crypto_correlation",
    key=("session_date", "equity_symbol", "crypto_series", "window_sessions", "method"),
    slice=ChangedDays("session_date"),
    expectations=(
        *correlation_rules(),
        never("session_after_the_night", "session_date > {night}", why="a night knows no later session"),
    ),
)
