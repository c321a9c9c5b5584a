"""Do small caps and crypto move together?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never
from orchestration.validation.suites.shared import correlation_rules

SUITE = suite(
    "marts",
    "equity_crypto_correlation",
    ChangedDays("session_date"),
    (
        *correlation_rules(),
        never("session_after_the_night", "session_date > {night}", why="a night knows no later session"),
    ),
)
