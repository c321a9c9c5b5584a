"""Who leads, equities or crypto?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never
from orchestration.validation.suites.shared import lead_lag_rules

SUITE = suite(
    "marts",
    "equity_crypto_lead_lag",
    ChangedDays("as_of_date"),
    (
        *lead_lag_rules(),
        never("date_after_the_night", "as_of_date > {night}", why="a night knows no later session"),
    ),
)
