"""Do turning points of equities and crypto mirror each other?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never
from orchestration.validation.suites.shared import turning_rules

SUITE = suite(
    "marts",
    "turning_point_matches",
    ChangedDays("as_of_date"),
    (
        *turning_rules(),
        never("date_after_the_night", "as_of_date > {night}", why="a night knows no later session"),
    ),
)
