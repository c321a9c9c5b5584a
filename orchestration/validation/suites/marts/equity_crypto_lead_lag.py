"""Who leads, equities or crypto?"""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, never
from orchestration.validation.suites.shared import lead_lag_rules

SUITE = Suite(
    "marts",
    "equity_crypto_lead_lag",
    key=("as_of_date", "equity_symbol", "crypto_series", "lag_sessions"),
    slice=ChangedDays("as_of_date"),
    expectations=(
        *lead_lag_rules(),
        never("date_after_the_night", "as_of_date > {night}", why="a night knows no later session"),
    ),
)
