"""Do turning points of equities and crypto mirror each other?"""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, never
from orchestration.validation.suites.shared import turning_rules

SUITE = Suite(
    "marts",
    "turning_point_matches",
    key=("as_of_date", "equity_symbol", "crypto_series", "k_sessions", "tolerance_sessions"),
    slice=ChangedDays("as_of_date"),
    expectations=(
        *turning_rules(),
        never("date_after_the_night", "as_of_date > {night}", why="a night knows no later session"),
    ),
)
