"""Do small caps and crypto move together?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never

SUITE = suite(
    "marts",
    "equity_crypto_correlation",
    ChangedDays("session_date"),
    (
        never(
            "bootstrap_far_from_fisher",
            "abs(bootstrap_low - ci_low) > 0.5 or abs(bootstrap_high - ci_high) > 0.5",
            why="two intervals of one correlation are alike",
            severity="warning",
        ),
        never(
            "correlation_outside_its_interval",
            "correlation < ci_low or correlation > ci_high",
            why="an interval holds its estimate",
            severity="warning",
        ),
        never("interval_backwards", "ci_low > ci_high", why="an interval has a lower and an upper end"),
        never(
            "worth_more_than_there_are", "n_eff > n + 1e-9", why="dependent pairs are not worth more than independent"
        ),
        never("nothing_without_reason", "correlation is null and coalesce(reason, '') = ''", why="a null says why"),
        never("session_after_the_night", "session_date > {night}", why="a night knows no later session"),
    ),
)
