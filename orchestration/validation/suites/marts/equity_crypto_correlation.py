"""Do small caps and crypto move together?"""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, never, one_of
from orchestration.validation.suites.shared import correlation_rules

SUITE = Suite(
    "marts",
    "equity_crypto_correlation",
    key=("session_date", "equity_symbol", "crypto_series", "window_sessions", "method"),
    slice=ChangedDays("session_date"),
    expectations=(
        *correlation_rules(),
        one_of("alignment", "session_close", "utc_close", why="the two alignments"),
        never("session_after_the_night", "session_date > {night}", why="a night knows no later session"),
    ),
)
